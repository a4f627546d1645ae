"""A small country for tests: four offices, their rules, a calendar with two holidays in it."""

from datetime import date, datetime, time, timedelta, timezone
from typing import Final

from ombudslink.calendar import Calendar
from ombudslink.offices import Body, JointRules, Limit, Mandatory, Office, Policy, Text
from ombudslink.values import ParticipantId, ReferralKind

GENERAL: Final = "general"
CHILDREN: Final = "children"
ENTREPRENEURS: Final = "entrepreneurs"
VULNERABLE: Final = "vulnerable"
OFFICES: Final = (GENERAL, CHILDREN, ENTREPRENEURS, VULNERABLE)
INTAKE: Final = "intake"
REGISTRAR: Final = "routing"
MINISTRY: Final = "ministry"
POLICE: Final = "police"
"""Two government bodies."""
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


INFORMATION_WARNING: Final = moment("2026-03-11 23:59:59")
INFORMATION_END: Final = moment("2026-03-12 23:59:59")
RECOMMENDATION_WARNING: Final = moment("2026-03-17 23:59:59")
RECOMMENDATION_END: Final = moment("2026-03-19 23:59:59")
"""The same for a government body that is addressed on `MONDAY`, with one holiday in it."""
JOINT_WARNING: Final = LEG_WARNING
JOINT_END: Final = LEG_END
"""The same for an office that is invited to an inspection on `MONDAY`."""


def number_in(register: ParticipantId, count: int) -> str:
    """A number in that office's register; who is no office has none of its own."""
    office = POLICY.office(register)
    return f"{office.prefix if office else 'NONE'}-{count}"


def office(id_: ParticipantId, prefix: str, *, general: bool = False) -> Office:
    """An office with a name in three languages and 15 working days to examine."""
    text = _text(id_)
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


def _text(name: str) -> Text:
    return Text(kk=f"{name} (kk)", ru=f"{name} (ru)", en=f"{name} (en)")


def _limit(rule: str, version: int, working_days: int, warn_before: int) -> Limit:
    return Limit(
        rule=rule,
        version=version,
        working_days=working_days,
        warn_before=warn_before,
        basis=_text("test"),
        status="policy",
    )


def _body(id_: ParticipantId, *bodies: str) -> Body:
    return Body(id=id_, name=_text(id_), short_name=_text(id_), bodies=bodies)


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
    leg=_limit("leg", 2, 3, 1),
    information=_limit("information", 3, 7, 1),
    recommendation=_limit("recommendation", 4, 12, 2),
    joint=JointRules(
        answer=_limit("joint", 5, 3, 1),
        consent=True,
        mandatory=(
            Mandatory(office=VULNERABLE, affected=("disability",), basis=_text("disability")),
        ),
    ),
    bodies=(_body(MINISTRY, "school"), _body(POLICE, "police")),
    calendar=CALENDAR,
)
