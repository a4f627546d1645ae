"""With which codes each act may be refused; what the description of its operation lists."""

from collections.abc import Mapping
from typing import Final

from case_tracking.acts import OfficeAct
from ombudslink import commands as c
from ombudslink.commands import Command
from ombudslink.web.openapi import BY_REGISTRAR

Codes = tuple[str, ...]

_EVER: Final = ("no_such_complaint", "not_entitled", *BY_REGISTRAR)
_CUSTODIAN: Final = ("not_custodian",)
_OPEN: Final = ("complaint_not_open",)
_SETTLED: Final = ("transfer_pending", "return_pending")
_KEPT: Final = ("not_routed", "transfer_pending", "competence_disputed")
_LEG: Final = ("no_such_referral", "not_your_referral", "referral_not_in_state", *_OPEN)
_OFFICE: Final = ("unknown_office", "office_complained_of")
_SENDING: Final = (
    *_OFFICE,
    *("already_custodian", "already_asked", "officer_required", "hop_limit"),
)
_LETTER: Final = ("holder_unavailable",)
_ALONE: Final = ("under_joint_inspection",)
_BODY: Final = ("unknown_body",)
_REQUEST: Final = ("no_such_request", "already_answered")

_OF: Final[Mapping[type[Command], Codes]] = {
    c.RegisterComplaint: (
        *(*_CUSTODIAN, *_OPEN, *_KEPT),
        *("already_registered", "service_starting"),
    ),
    c.Refer: (*_CUSTODIAN, *_OPEN, *_SETTLED, *_KEPT, *_SENDING, *_ALONE),
    c.AcceptReferral: _LEG,
    c.RejectReferral: (
        *(*_LEG, *_OFFICE),
        *("suggestion_required", "suggests_itself", "remedy_required"),
    ),
    c.RedirectReferral: (*_LEG, *_SENDING, "redirect_to_self", "competence_disputed"),
    c.RevokeReferral: _LEG,
    c.StartReferralWork: (*_LEG, *_CUSTODIAN),
    c.PauseReferral: (*_LEG, *_CUSTODIAN),
    c.ResumeReferral: (*_LEG, *_CUSTODIAN),
    c.RequestReturn: (*_LEG, *_CUSTODIAN, "transfer_pending", "competence_disputed"),
    c.AcceptReturn: _LEG,
    c.RefuseReturn: _LEG,
    c.CompleteReferral: (*_LEG, *_LETTER, "transfer_completes_by_decision"),
    c.DetermineCompetence: (*_OPEN, "no_dispute", "not_arbiter", "only_self_or_custodian"),
    c.DecideAdmissibility: (
        *(*_CUSTODIAN, *_OPEN, *_SETTLED),
        *("already_examined", "remedy_required", *_ALONE),
    ),
    c.StartExamination: (
        *(*_CUSTODIAN, *_OPEN, *_SETTLED),
        *("already_examined", "inadmissible"),
    ),
    c.RequestClarification: (*_CUSTODIAN, *_OPEN, *_LETTER, "clarification_open"),
    c.ExtendDeadline: (
        *(*_CUSTODIAN, *_OPEN),
        *("inadmissible", "no_deadline", "already_extended", "deadline_does_not_stand"),
    ),
    c.IssueDecision: (*_CUSTODIAN, *_SETTLED, *_LETTER, *_ALONE, "not_under_examination"),
    c.CloseComplaint: (*_CUSTODIAN, *_OPEN, *_SETTLED, *_ALONE, "not_answered"),
    c.ReopenComplaint: (*_CUSTODIAN, "complaint_open"),
    c.WithdrawComplaint: (*_CUSTODIAN, *_OPEN),
    c.RecordNotice: ("no_such_version",),
    c.RecordConsent: (*_CUSTODIAN, *_OPEN, "consent_given"),
    c.WithdrawConsent: (*_CUSTODIAN, "no_consent"),
    c.RequestInformation: (
        *(*_CUSTODIAN, *_SETTLED, *_LETTER, *_BODY),
        *("not_under_examination",),
    ),
    c.RecordInformation: (*_CUSTODIAN, *_LETTER, *_REQUEST),
    c.IssueRecommendation: (*_CUSTODIAN, *_LETTER, *_BODY, "no_decision_to_follow"),
    c.RecordRecommendationAnswer: (*_CUSTODIAN, *_LETTER, *_REQUEST),
}


def refusals(act: OfficeAct) -> Codes:
    """The codes of the rules and of what the act needs besides."""
    return *_EVER, *_OF[act.command]
