"""A joint inspection in every named situation, reached by orders alone (see `builders`)."""

from collections.abc import Callable
from datetime import date
from hashlib import sha256
from typing import Any, Final

from ombudslink import inspection_commands as c
from ombudslink.proof.signing import Signer
from ombudslink.testing.builders import Orders, content, order
from ombudslink.testing.country import (
    CHILDREN,
    ENTREPRENEURS,
    GENERAL,
    JOINT_END,
    JOINT_WARNING,
    MINISTRY,
    REGISTRAR,
    VULNERABLE,
)
from ombudslink.testing.spec import steps
from ombudslink.values import ParticipantId

FIRST: Final = "20000000-0000-4000-8000-000000000001"
SECOND: Final = "20000000-0000-4000-8000-000000000002"
"""Two complaints."""
DOCUMENT: Final = sha256(b"a joint report").hexdigest()
"""The digest of a report."""


def proposal(**changes: Any) -> c.ProposeInspection:
    """The children's office proposes to look at two complaints with the entrepreneurs'."""
    fields: dict[str, Any] = {
        "complaints": (FIRST, SECOND),
        "invited": (ENTREPRENEURS,),
        "content": content(20, holder=CHILDREN),
        "starts": date(2026, 3, 9),
        "ends": date(2026, 4, 9),
    }
    return c.ProposeInspection(**(fields | changes))


def entry(
    complaint: str = FIRST,
    custodian: ParticipantId = GENERAL,
    *mandatory: ParticipantId,
    complained_office: ParticipantId | None = None,
) -> c.RecordEntry:
    """That complaint takes part; its custodian must, and so must those."""
    return c.RecordEntry(
        complaint=complaint,
        custodian=custodian,
        mandatory=(custodian, *mandatory),
        complained_office=complained_office,
    )


def proposed(**changes: Any) -> Orders:
    """Proposed; no complaint has answered yet."""
    return (order(proposal(**changes), CHILDREN),)


def answered() -> Orders:
    """Both complaints take part: the general office's, and the lead's that affects a disability."""
    return (
        *proposed(),
        order(entry(FIRST), REGISTRAR),
        order(entry(SECOND, CHILDREN, VULNERABLE), REGISTRAR),
    )


def joined() -> Orders:
    """All that must have joined; the entrepreneurs' office has not answered."""
    join = c.JoinInspection()
    return (*answered(), order(join, GENERAL), order(join, VULNERABLE))


def declined() -> Orders:
    """The entrepreneurs' office, which need not take part, does not."""
    decline = c.DeclineInspection(reason="not-competent")
    return (*answered(), order(decline, ENTREPRENEURS))


def silent() -> Orders:
    """The vulnerable groups' office must take part and did not answer in time."""
    warn = c.WarnParty(office=VULNERABLE, due=JOINT_END)
    expire = c.ExpireInvitation(office=VULNERABLE, due=JOINT_END)
    return (
        *answered(),
        order(c.JoinInspection(), GENERAL),
        order(warn, REGISTRAR, JOINT_WARNING),
        order(expire, REGISTRAR, JOINT_END),
    )


def opened() -> Orders:
    """The children's, the general and the vulnerable groups' office examine together."""
    return (*joined(), order(c.OpenInspection(), CHILDREN))


def tasked() -> Orders:
    """The general office has something to do."""
    assign = c.AssignTask(office=GENERAL, kind="visit", due=date(2026, 3, 20))
    return (*opened(), order(assign, CHILDREN))


def one_left() -> Orders:
    """Open, and only the lead's own complaint still takes part."""
    leaving = c.RecordLeaving(complaint=FIRST, reason="consent_withdrawn")
    return (*opened(), order(leaving, REGISTRAR))


def at_work() -> Orders:
    """A task is done, evidence is there, and one finding is drafted that nobody voted on."""
    complete = c.CompleteTask(task=1, content=content(21, holder=GENERAL))
    share = c.ShareEvidence(kind="document", content=content(22, holder=GENERAL))
    draft = c.DraftFindings(content=content(23, holder=CHILDREN))
    return (
        *tasked(),
        order(complete, GENERAL),
        order(share, GENERAL),
        order(draft, CHILDREN),
    )


def voted() -> Orders:
    """Two parties agree to the finding, and the general office dissents."""
    agree = c.AgreeFindings(finding=1)
    dissent = c.RecordDissent(finding=1, content=content(24, holder=GENERAL))
    return (
        *at_work(),
        order(agree, CHILDREN),
        order(agree, VULNERABLE),
        order(dissent, GENERAL),
    )


def issuing(as_of: int, **changes: Any) -> c.IssueReport:
    """The report that was composed from the history up to there."""
    fields: dict[str, Any] = {
        "content": content(25, holder=CHILDREN),
        "document": DOCUMENT,
        "as_of": as_of,
        "addressees": (MINISTRY,),
    }
    return c.IssueReport(**(fields | changes))


def signing(office: ParticipantId, digest: str = DOCUMENT) -> c.SignReport:
    """That office's own signature."""
    signer = signer_of(office)
    return c.SignReport(digest=digest, key=signer.key_id, signature=signer.sign_report(digest))


def signer_of(office: ParticipantId) -> Signer:
    """With what a participant signs in a test."""
    return Signer(office, sha256(office.encode()).digest())


def reported() -> Orders:
    """The report is issued, and its lead has signed it."""
    past = voted()
    as_of = sum(len(step.events) for step in steps(past))
    return (
        *past,
        order(issuing(as_of), CHILDREN),
        order(signing(CHILDREN), CHILDREN),
    )


def closed() -> Orders:
    """Ended with the report."""
    return (*reported(), order(c.CloseInspection(outcome="reported"), CHILDREN))


def separated() -> Orders:
    """Ended without one."""
    return (*opened(), order(c.SeparateInspection(reason="parties-agreed"), CHILDREN))


INSPECTIONS: Final[dict[str, Callable[[], Orders]]] = {
    "proposed": proposed,
    "answered": answered,
    "declined": declined,
    "joined": joined,
    "silent": silent,
    "opened": opened,
    "tasked": tasked,
    "one left": one_left,
    "at work": at_work,
    "voted": voted,
    "reported": reported,
    "closed": closed,
    "separated": separated,
}
"""An inspection in every named situation."""
