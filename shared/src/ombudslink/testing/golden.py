"""Golden payloads: one real payload of every version of every event and command, kept for ever.

`make contracts` writes those that are missing and never changes one that is there: what was once
written must decode for ever.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from ombudslink import commands as c
from ombudslink import inspection_commands as ic
from ombudslink.commands import COMMANDS, Command
from ombudslink.events import EVENTS, Alternative, Event
from ombudslink.testing.builders import (
    COMPLAINTS,
    INSPECTION,
    REFERRAL_IN,
    Orders,
    asked,
    body_asked,
    consented,
    content,
    disputed,
    entering,
    examined,
    filing,
    followed_up,
    jointly_examined,
    on_hold,
    order,
    received,
    registered,
    requested,
    return_requested,
    routing,
)
from ombudslink.testing.country import (
    CHILDREN,
    ENTREPRENEURS,
    EXAMINATION_END,
    EXAMINATION_WARNING,
    GENERAL,
    HELP,
    INFORMATION_END,
    INTAKE,
    LEG_END,
    LEG_WARNING,
    RECOMMENDATION_END,
    REGISTRAR,
    TRANSFER,
    VULNERABLE,
)
from ombudslink.testing.inspections import (
    FIRST,
    INSPECTIONS,
    SECOND,
    answered,
    entry,
    opened,
    proposed,
    silent,
)
from ombudslink.testing.spec import steps
from ombudslink.values import Channel, Clock, ReferralKind, RejectionReason

Contract = type[Event] | type[Command]
CONTRACTS: Final[Mapping[str, Contract]] = {**EVENTS, **COMMANDS}
"""Type string → class, of everything that has golden payloads."""

_FULL_FILING: Final = filing(
    channel=Channel.PAPER,
    received_by=GENERAL,
    addressed=CHILDREN,
    complained_office=ENTREPRENEURS,
)
_FULL_ROUTING: Final = routing().model_copy(
    update={"alternatives": (Alternative(office=VULNERABLE, rule="disability"),)}
)
_FULL_REJECTION: Final = c.RejectReferral(
    referral=1,
    reason=RejectionReason.SUBJECT_NOT_COMPETENT,
    suggested_office=ENTREPRENEURS,
    suggested_body="akimat",
    remedy="court",
)
_LEG: Final = c.WarnDeadline(clock=Clock.LEG, referral=1, due=LEG_END)
_EXAMINATION: Final = c.WarnDeadline(clock=Clock.EXAMINATION, due=EXAMINATION_END)
_INFORMATION: Final = c.DeclareInformationOverdue(request=1, due=INFORMATION_END)
_RECOMMENDATION: Final = c.DeclareRecommendationOverdue(recommendation=1, due=RECOMMENDATION_END)
_PARTLY: Final = c.RecordRecommendationAnswer(
    recommendation=1, answer="partly_accepted", content=content(11)
)
_LATE_OPENING: Final = ic.OpenInspection(ground="silent-beyond-limit")
_COMPLAINED: Final = entry(FIRST, GENERAL, complained_office=VULNERABLE)
_RELEASE: Final = c.ReleaseInspectionParty(inspection=INSPECTION, office=CHILDREN)
_NO_CONSENT: Final = ic.RecordEntryRefusal(complaint=SECOND, code="consent_missing")
_LEAVING: Final = ic.RecordLeaving(complaint=FIRST, reason="consent_withdrawn")
STORIES: Final[tuple[Orders, ...]] = (
    *(orders() for orders in COMPLAINTS.values()),
    *(orders(kind) for orders in REFERRAL_IN.values() for kind in ReferralKind),
    (order(_FULL_FILING, INTAKE), order(_FULL_ROUTING, REGISTRAR)),
    (*received(TRANSFER), order(_FULL_REJECTION, CHILDREN)),
    (*on_hold(HELP), order(c.ResumeReferral(referral=1), CHILDREN)),
    (
        *return_requested(TRANSFER),
        order(c.RefuseReturn(referral=1, reason="is-competent"), GENERAL),
    ),
    (*disputed(), order(c.DetermineCompetence(office=GENERAL, ground="general"), GENERAL)),
    (*asked(), order(c.ProvideClarification(content=content(5)), INTAKE)),
    (
        *body_asked(),
        order(_INFORMATION, REGISTRAR, INFORMATION_END),
        order(c.RecordInformation(request=1, content=content(10)), GENERAL),
    ),
    (
        *followed_up(),
        order(_RECOMMENDATION, REGISTRAR, RECOMMENDATION_END),
        order(_PARTLY, GENERAL),
    ),
    (*examined(), order(c.ExtendDeadline(working_days=10, ground="complex"), GENERAL)),
    (*requested(TRANSFER), order(_LEG, REGISTRAR, LEG_WARNING)),
    (
        *registered(),
        order(_EXAMINATION, REGISTRAR, EXAMINATION_WARNING),
        order(c.BreachDeadline(due=EXAMINATION_END), REGISTRAR, EXAMINATION_END),
        order(c.RecordNotice(about=1, channel=Channel.PORTAL), INTAKE),
    ),
    (*consented(), order(entering(), REGISTRAR)),
    (
        *jointly_examined(),
        order(_RELEASE, REGISTRAR),
        order(c.WithdrawConsent(purpose="joint_inspection"), INTAKE),
    ),
    *(orders() for orders in INSPECTIONS.values()),
    (*silent(), order(_LATE_OPENING, CHILDREN, LEG_END)),
    (*proposed(), order(_COMPLAINED, REGISTRAR)),
    (*proposed(), order(_NO_CONSENT, REGISTRAR), order(_LEAVING, REGISTRAR)),
    (
        *answered(),
        order(ic.DeclineInspection(reason="not-competent"), ENTREPRENEURS),
        order(ic.InviteParty(office=ENTREPRENEURS, ground="business"), CHILDREN),
    ),
    (*opened(), order(ic.WithdrawFromInspection(reason="conflict-of-interest"), VULNERABLE)),
)
"""Together they lead to every event by every command."""


def examples() -> dict[str, Event | Command]:
    """One event or command of every type, the one that says most."""
    found: dict[str, Event | Command] = {}
    for one in _said_and_happened():
        name = type(one).__name__
        if name not in found or _said(one) > _said(found[name]):
            found[name] = one
    return dict(sorted(found.items()))


def payload(one: Event | Command) -> dict[str, Any]:
    """The data as it is written to the log."""
    return one.model_dump(mode="json")


def read(folder: Path, name: str, version: int) -> dict[str, Any]:
    """The golden payload of that version of a type."""
    data: dict[str, Any] = json.loads(_file(folder, name, version).read_text(encoding="utf-8"))
    return data


def write_missing(folder: Path) -> list[Path]:
    """Write the golden payload of every present version that has none; returns the new files."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, example in examples().items():
        path = _file(folder, name, example.version)
        if not path.exists():
            text = json.dumps(payload(example), indent=2, sort_keys=True, ensure_ascii=False)
            path.write_text(text + "\n", encoding="utf-8")
            written.append(path)
    return written


def _file(folder: Path, name: str, version: int) -> Path:
    return folder / f"{name}.v{version}.json"


def _said_and_happened() -> Iterator[Event | Command]:
    for story in STORIES:
        for step in steps(story):
            yield step.order.command
            yield from step.events


def _said(one: Event | Command) -> int:
    return sum(bool(value) for _, value in one)
