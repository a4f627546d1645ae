"""With which codes each act of a joint inspection may be refused."""

from collections.abc import Mapping
from typing import Final

from case_tracking.joint.acts import JointAct
from ombudslink import inspection_commands as c
from ombudslink.commands import Command
from ombudslink.web.openapi import BY_REGISTRAR

Codes = tuple[str, ...]

_EVER: Final = (
    *("no_such_inspection", "inspection_ended", "party_left"),
    *("not_entitled", *BY_REGISTRAR),
)
_LETTER: Final = ("holder_unavailable",)
_LEAD: Final = ("not_lead",)
_ASKED: Final = ("already_joined", "report_issued")
_WORK: Final = ("not_joined", "inspection_not_open")
_LEAVING: Final = ("participation_mandatory", "report_issued")

_OF: Final[Mapping[type[Command], Codes]] = {
    c.ProposeInspection: (
        *("no_such_complaint", "not_entitled", "already_proposed", "named_twice"),
        *("unknown_office", "ends_before_start", *_LETTER, *BY_REGISTRAR),
    ),
    c.JoinInspection: _ASKED,
    c.DeclineInspection: (*_ASKED, *_LEAVING),
    c.WithdrawFromInspection: ("not_joined", *_LEAVING),
    c.InviteParty: (
        *(*_LEAD, "complaints_not_answered", "unknown_office", "office_complained_of"),
        *("already_asked", "too_many_offices", "report_issued"),
    ),
    c.OpenInspection: (
        *(*_LEAD, "already_open", "complaints_not_answered", "mandatory_party_missing"),
        *("ground_required", "no_other_party"),
    ),
    c.AssignTask: (*_LEAD, *_WORK, "not_a_party"),
    c.CompleteTask: (*_WORK, *_LETTER, "no_such_task", "not_your_task", "task_done"),
    c.ShareEvidence: (*_WORK, *_LETTER),
    c.DraftFindings: (*_WORK, *_LETTER),
    c.AgreeFindings: (*_WORK, "no_such_finding", "already_voted"),
    c.RecordDissent: (*_WORK, *_LETTER, "no_such_finding", "already_voted"),
    c.IssueReport: (
        *(*_LEAD, *_WORK, *_LETTER, "no_findings", "vote_missing"),
        *("report_outdated", "unknown_addressee", "not_yet"),
    ),
    c.SignReport: (
        *("not_joined", "no_report", "another_report", "already_signed"),
        *("report_differs", "signature_invalid", "not_yet", "no_such_content"),
    ),
    c.SeparateInspection: (*_LEAD, "report_issued"),
    c.CloseInspection: (*_LEAD, "no_report"),
}


def refusals(act: JointAct) -> Codes:
    """The codes of the rules and of what the act needs besides."""
    own = _OF[act.command]
    return own if act.command is c.ProposeInspection else tuple(dict.fromkeys((*_EVER, *own)))
