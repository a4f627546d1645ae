"""Every act of an office: where it is posted, what is said with it, and the command it becomes.

An act's name is the last part of its path. What a caller may do now is found by deciding each act
on the complaint's state without sending anything; `probes` are the arguments for that.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from case_tracking import inputs as i
from ombudslink import commands as c
from ombudslink.commands import Command, Order, Refused
from ombudslink.complaint import Complaint
from ombudslink.decisions import decide
from ombudslink.offices import Policy
from ombudslink.values import ContentRef, ParticipantId
from ombudslink.web.inputs import Body

Arguments = Mapping[str, Any]
LetterKind = Literal["question", "decision", "result"]

_NO_CONTENT: Final = ContentRef(
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
)
"""All acts, in the order in which the documentation shows them."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What an office may do with a complaint in this state at this moment."""

    state: Complaint
    office: ParticipantId
    at: datetime
    policy: Policy

    def acts(self) -> list[str]:
        """The names of the acts on the complaint itself."""
        return [act.name for act in ACTS if not act.on_referral and self._may(act)]

    def acts_on(self, referral: int) -> list[str]:
        """The names of the acts on one of its referrals."""
        return [act.name for act in ACTS if act.on_referral and self._may(act, referral)]

    def refuse_forbidden(
        self, act: OfficeAct, referral: int, said: Arguments, actor: str | None
    ) -> None:
        """Decide on an act without sending anything.

        Raises:
            Refused: the rules do not allow it in this state.
        """
        content = {"referral": referral, "number": "X", "content": _NO_CONTENT}
        command = act.build(**{**content, **said})
        decide(self.state, Order(command, self.office, self.at, actor=actor), self.policy)

    def _may(self, act: OfficeAct, referral: int = 0) -> bool:
        return any(self._allowed(act, referral, said) for said in self._tries(act))

    def _tries(self, act: OfficeAct) -> Iterator[Arguments]:
        """Arguments under which an act is allowed if it is allowed at all."""
        if "receiver" not in act.body.model_fields:
            yield from ({"office": self.office, **said} for said in act.probes)
            return
        for said in act.probes:
            yield from ({"receiver": office.id, **said} for office in self.policy.offices)

    def _allowed(self, act: OfficeAct, referral: int, said: Arguments) -> bool:
        try:
            self.refuse_forbidden(act, referral, said, _SOMEBODY)
        except Refused:
            return False
        return True
