"""Every act of an office: where it is posted, what is said with it, and the command it becomes.

An act's name is the last part of its path. What a caller may do now is found by deciding each act
on the complaint's state without sending anything; `probes` are the arguments for that.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from case_tracking import inputs as i
from ombudslink import commands as c
from ombudslink.commands import Command, Order, Refused
from ombudslink.complaint import Complaint
from ombudslink.decisions import decide
from ombudslink.entering import JOINT_INSPECTION
from ombudslink.events import ComplaintEvent
from ombudslink.offices import Policy
from ombudslink.values import ContentRef, ParticipantId, RegistrationNumber
from ombudslink.web.contents import LetterKind
from ombudslink.web.inputs import Body

Arguments = Mapping[str, Any]

NO_CONTENT: Final = ContentRef(
    holder="intake", id="00000000-0000-0000-0000-000000000000", digest="0" * 64
)
"""Stands for a text in a decision that is only tried."""
_SOMEBODY: Final = "officer"


@dataclass(frozen=True, slots=True)
class OfficeAct:
    """One act. `letter` says as what its text is kept with the holder of the content."""

    name: str
    summary: str
    body: type[Body]
    command: type[Command]
    probes: tuple[Arguments, ...] = ({},)
    letter: LetterKind | None = None

    @property
    def on_referral(self) -> bool:
        """Whether it is about one of the complaint's referrals."""
        return "referral" in self.command.model_fields

    @property
    def path(self) -> str:
        """Where it is posted, below the complaint."""
        return f"/referrals/{{number}}/{self.name}" if self.on_referral else f"/{self.name}"

    @property
    def operation(self) -> str:
        """What programs call it: the command in small letters."""
        words = re.findall("[A-Z][a-z]*", self.command.__name__)
        return "_".join(words).lower()

    def build(self, **arguments: Any) -> Command:
        """The command with those of the arguments that it has."""
        fields = self.command.model_fields
        return self.command(**{name: said for name, said in arguments.items() if name in fields})


OTHER: Final = {"reason": "other"}
ACTS: Final = (
    OfficeAct(
        "registration",
        "Enter the complaint in the register by hand",
        i.Nothing,
        c.RegisterComplaint,
    ),
    OfficeAct(
        "referrals",
        "Ask another office to take the complaint over, or to help",
        i.Referring,
        c.Refer,
        probes=({"kind": "transfer", **OTHER}, {"kind": "referral", **OTHER}),
    ),
    OfficeAct("acceptance", "Accept a referral", i.Nothing, c.AcceptReferral),
    OfficeAct(
        "rejection",
        "Reject a referral",
        i.Rejecting,
        c.RejectReferral,
        probes=({"reason": "before_court", "remedy": "other"},),
    ),
    OfficeAct(
        "redirection",
        "Point to the office that is competent; the referral goes there at once",
        i.Redirecting,
        c.RedirectReferral,
        probes=(OTHER,),
    ),
    OfficeAct(
        "revocation",
        "Take back a referral that nobody answered",
        i.Revoking,
        c.RevokeReferral,
        probes=(OTHER,),
    ),
    OfficeAct("start", "Begin the work on a referral", i.Nothing, c.StartReferralWork),
    OfficeAct("pause", "Let the work wait", i.Pausing, c.PauseReferral, probes=(OTHER,)),
    OfficeAct("resumption", "Go on with the work", i.Nothing, c.ResumeReferral),
    OfficeAct(
        "return", "Ask to give a referral back", i.AskingReturn, c.RequestReturn, probes=(OTHER,)
    ),
    OfficeAct("return-acceptance", "Take a referral back", i.Nothing, c.AcceptReturn),
    OfficeAct(
        "return-refusal",
        "Do not take a referral back",
        i.RefusingReturn,
        c.RefuseReturn,
        probes=(OTHER,),
    ),
    OfficeAct(
        "completion",
        "Give the help that was asked for",
        i.Completing,
        c.CompleteReferral,
        probes=({"result": "other"},),
        letter="result",
    ),
    OfficeAct(
        "competence",
        "Decide, as arbiter, who keeps the complaint",
        i.Determining,
        c.DetermineCompetence,
        probes=({"ground": "other"},),
    ),
    OfficeAct(
        "admissibility",
        "Decide whether the complaint may be examined",
        i.Admitting,
        c.DecideAdmissibility,
        probes=({"admissible": True, "ground": "other"},),
    ),
    OfficeAct("examination", "Begin to examine the complaint", i.Nothing, c.StartExamination),
    OfficeAct(
        "questions",
        "Ask the complainant something",
        i.Asking,
        c.RequestClarification,
        letter="question",
    ),
    OfficeAct(
        "information-requests",
        "Ask a government body for information",
        i.Requesting,
        c.RequestInformation,
        letter="information_request",
    ),
    OfficeAct(
        "information",
        "Record the information that a government body gave",
        i.Informing,
        c.RecordInformation,
        letter="information",
    ),
    OfficeAct(
        "extension",
        "Take more time, once",
        i.Extending,
        c.ExtendDeadline,
        probes=({"working_days": 1, "ground": "other"},),
    ),
    OfficeAct(
        "decision",
        "Answer the complaint",
        i.Answering,
        c.IssueDecision,
        probes=({"outcome": "other", "remedy": "other"},),
        letter="decision",
    ),
    OfficeAct(
        "recommendations",
        "Recommend something to a government body, after the decision",
        i.Recommending,
        c.IssueRecommendation,
        letter="recommendation",
    ),
    OfficeAct(
        "recommendation-answers",
        "Record what a government body answered to a recommendation",
        i.Responding,
        c.RecordRecommendationAnswer,
        probes=({"answer": "accepted"},),
        letter="recommendation_answer",
    ),
    OfficeAct(
        "closing", "Close an answered or inadmissible complaint", i.Nothing, c.CloseComplaint
    ),
    OfficeAct(
        "reopening",
        "Examine an answered or closed complaint again",
        i.Reopening,
        c.ReopenComplaint,
        probes=({"ground": "other"},),
    ),
    OfficeAct(
        "withdrawal",
        "Record that the complainant does not want it examined any more",
        i.Withdrawing,
        c.WithdrawComplaint,
        probes=({"ground": "other"},),
    ),
    OfficeAct(
        "notices",
        "Record that the complainant was told by post or telephone",
        i.Noticing,
        c.RecordNotice,
        probes=({"about": 1, "channel": "post"},),
    ),
    OfficeAct(
        "consent",
        "Record what the complainant consents to",
        i.Consenting,
        c.RecordConsent,
        probes=({"purpose": JOINT_INSPECTION, "channel": "post"},),
    ),
    OfficeAct(
        "consent-withdrawal",
        "Record that the complainant consents to it no more",
        i.WithdrawingConsent,
        c.WithdrawConsent,
        probes=({"purpose": JOINT_INSPECTION},),
    ),
)
"""All acts, in the order in which the documentation shows them."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What an office may do with a complaint in this state at this moment."""

    state: Complaint
    office: ParticipantId
    at: datetime
    policy: Policy

    @property
    def no_number(self) -> RegistrationNumber:
        """Stands for a number of the register in a decision that is only tried."""
        office = self.policy.office(self.office)
        return f"{office.prefix}-0" if office else "0"

    def acts(self) -> list[str]:
        """The names of the acts on the complaint itself."""
        return [act.name for act in ACTS if not act.on_referral and self._may(act)]

    def acts_on(self, referral: int) -> list[str]:
        """The names of the acts on one of its referrals."""
        return [act.name for act in ACTS if act.on_referral and self._may(act, referral)]

    def follows(
        self, act: OfficeAct, referral: int, said: Arguments, actor: str | None
    ) -> list[ComplaintEvent]:
        """What an act would lead to, decided without sending anything.

        Raises:
            Refused: the rules do not allow it in this state.
        """
        drawn = {"referral": referral, "number": self.no_number, "content": NO_CONTENT}
        command = act.build(**{**drawn, **said})
        order = Order(command, self.office, self.at, actor=actor)
        return decide(self.state, order, self.policy)

    def _may(self, act: OfficeAct, referral: int = 0) -> bool:
        return any(self._allowed(act, referral, said) for said in self._tries(act))

    def _tries(self, act: OfficeAct) -> Iterator[Arguments]:
        """Arguments under which an act is allowed if it is allowed at all."""
        for name, values in self._choices().items():
            if name in act.body.model_fields:
                yield from ({name: value, **said} for said in act.probes for value in values)
                return
        yield from ({"office": self.office, **said} for said in act.probes)

    def _choices(self) -> Mapping[str, Sequence[str | int]]:
        """What can be said in the fields that name somebody or something of the complaint."""
        return {
            "receiver": [office.id for office in self.policy.offices],
            "addressee": [body.id for body in self.policy.bodies],
            "request": [one.number for one in self.state.requests],
            "recommendation": [one.number for one in self.state.recommendations],
        }

    def _allowed(self, act: OfficeAct, referral: int, said: Arguments) -> bool:
        try:
            self.follows(act, referral, said, _SOMEBODY)
        except Refused:
            return False
        return True
