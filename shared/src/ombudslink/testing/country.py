"""A small country for tests: four offices, their rules, a calendar with two holidays in it."""

from datetime import date, datetime, time, timedelta, timezone
from typing import Final

from ombudslink.calendar import Calendar
from ombudslink.offices import Limit, Office, Policy, Text
from ombudslink.values import ParticipantId, ReferralKind

GENERAL: Final = "general"
CHILDREN: Final = "children"
ENTREPRENEURS: Final = "entrepreneurs"
VULNERABLE: Final = "vulnerable"
OFFICES: Final = (GENERAL, CHILDREN, ENTREPRENEURS, VULNERABLE)
INTAKE: Final = "intake"
REGISTRAR: Final = "routing"
OFFICER: Final = "officer-1"
"""The pseudonym of a person in an office."""

TRANSFER: Final = ReferralKind.TRANSFER
HELP: Final = ReferralKind.REFERRAL

_ZONE: Final = timezone(timedelta(hours=5))
CALENDAR: Final = Calendar(
    utc_offset_minutes=300,
    closes=time(18, 30),
    holidays=frozenset({date(2026, 3, 9), date(2026, 3, 23)}),
    worked=frozenset({date(2026, 3, 28)}),
)


def moment(text: str) -> datetime:
    """An instant from `YYYY-MM-DD HH:MM` (seconds too, if given) on the offices' wall clock."""
    return datetime.fromisoformat(text).replace(tzinfo=_ZONE)


MONDAY: Final = moment("2026-03-02 10:00")
"""When things happen unless a test says otherwise: a working day, the register is open."""
LEG_WARNING: Final = moment("2026-03-04 23:59:59")
LEG_END: Final = moment("2026-03-05 23:59:59")
"""When a referral sent on `MONDAY` is warned about, and when it expires."""
EXAMINATION_WARNING: Final = moment("2026-03-19 23:59:59")
EXAMINATION_END: Final = moment("2026-03-25 23:59:59")
"""The same for a complaint registered on `MONDAY`: 15 working days with two holidays in them."""


def office(id_: ParticipantId, prefix: str, *, general: bool = False) -> Office:
    """An office with a name in three languages and 15 working days to examine."""
    text = Text(kk=f"{id_} (kk)", ru=f"{id_} (ru)", en=f"{id_} (en)")
    limit = Limit(
        rule="examination", version=1, working_days=15, warn_before=3, basis=text, status="law"
    )
    return Office(
        id=id_,
        name=text,
        short_name=text,
        competence=text,
        general=general,
        prefix=prefix,
        examination=limit,
    )


POLICY: Final = Policy(
    country="test",
    version=1,
    offices=(
        office(GENERAL, "GEN", general=True),
        office(CHILDREN, "CHI"),
        office(ENTREPRENEURS, "ENT"),
        office(VULNERABLE, "VUL"),
    ),
    fallback=(GENERAL,),
    arbiter=(GENERAL, CHILDREN),
    hop_limit=3,
    leg=Limit(
        rule="leg",
        version=2,
        working_days=3,
        warn_before=1,
        basis=Text(kk="test (kk)", ru="test (ru)", en="test (en)"),
        status="policy",
    ),
    calendar=CALENDAR,
)
