"""Every act of an office in a joint inspection, in one table like that of complaints."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal

from case_tracking.acts import NO_CONTENT, OTHER, Arguments, OfficeAct
from case_tracking.inputs import Nothing
from case_tracking.joint import inputs as i
from ombudslink import inspection_commands as c
from ombudslink.commands import Order, Refused
from ombudslink.events import Event
from ombudslink.inspection import Inspection
from ombudslink.offices import Policy
from ombudslink.streams import decide
from ombudslink.values import ParticipantId

Thing = Literal["task", "finding"]
"""What an act can be about that is numbered within the inspection."""
_THINGS: Final[tuple[Thing, ...]] = ("task", "finding")
NOT_MADE_YET: Final[Arguments] = {
    "content": NO_CONTENT,
    "document": NO_CONTENT.digest,
    "key": f"nobody#{'0' * 16}",
    "signature": "A" * 86,
}
"""Stands for what only the act itself makes, in a decision that is only tried."""
_SOMEBODY: Final = "officer"
_SOME_DAY: Final = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class JointAct(OfficeAct):
    """One act of an office in a joint inspection."""

    @property
    def about(self) -> Thing | None:
        """What it is about, if it is about one of the tasks or findings."""
        return next((one for one in _THINGS if one in self.command.model_fields), None)

    @property
    def path(self) -> str:
        """Where it is posted, below the inspection."""
        return f"/{self.about}s/{{number}}/{self.name}" if self.about else f"/{self.name}"


PROPOSAL: Final = JointAct(
    "inspections",
    "Propose to examine complaints together",
    i.Proposing,
    c.ProposeInspection,
    letter="terms",
)
"""The act that makes an inspection."""
JOINT_ACTS: Final = (
    JointAct("joining", "Take part", Nothing, c.JoinInspection),
    JointAct("declining", "Do not take part", i.Declining, c.DeclineInspection, probes=(OTHER,)),
    JointAct("leaving", "Take part no more", i.Leaving, c.WithdrawFromInspection, probes=(OTHER,)),
    JointAct(
        "invitations",
        "Ask one more office to take part",
        i.Inviting,
        c.InviteParty,
        probes=({"ground": "other"},),
    ),
    JointAct(
        "opening",
        "Open the joint inspection",
        i.Opening,
        c.OpenInspection,
        probes=({}, {"ground": "other"}),
    ),
    JointAct(
        "tasks",
        "Give an office a part of the work",
        i.Assigning,
        c.AssignTask,
        probes=({"kind": "other", "due": _SOME_DAY},),
    ),
    JointAct(
        "completion", "Report a task as done", i.Finishing, c.CompleteTask, letter="task_result"
    ),
    JointAct(
        "evidence",
        "Lay something before the other offices",
        i.Sharing,
        c.ShareEvidence,
        probes=({"kind": "other"},),
        letter="evidence",
    ),
    JointAct(
        "findings",
        "Draft what the office holds to be established",
        i.Writing,
        c.DraftFindings,
        letter="finding",
    ),
    JointAct("agreement", "Agree to a finding", Nothing, c.AgreeFindings),
    JointAct("dissent", "Do not agree to a finding", i.Writing, c.RecordDissent, letter="dissent"),
    JointAct("report", "Issue the joint report", i.Reporting, c.IssueReport, letter="joint_report"),
    JointAct("signature", "Sign the joint report", i.Signing, c.SignReport),
    JointAct(
        "separation",
        "End the joint inspection without a report",
        i.Separating,
        c.SeparateInspection,
        probes=(OTHER,),
    ),
    JointAct(
        "closing",
        "Close the joint inspection after its report",
        i.Closing,
        c.CloseInspection,
        probes=({"outcome": "other"},),
    ),
)
"""All acts in an inspection, in the order in which the documentation shows them."""


@dataclass(frozen=True, slots=True)
class JointStanding:
    """What an office may do in an inspection in this state at this moment."""

    state: Inspection
    office: ParticipantId
    at: datetime
    policy: Policy

    def acts(self) -> list[str]:
        """The names of the acts on the inspection itself."""
        return [act.name for act in JOINT_ACTS if act.about is None and self._may(act)]

    def acts_on(self, thing: Thing, number: int) -> list[str]:
        """The names of the acts on one of its tasks or findings."""
        return [act.name for act in JOINT_ACTS if act.about == thing and self._may(act, number)]

    def follows(
        self, act: JointAct, number: int, said: Arguments, actor: str | None
    ) -> list[Event]:
        """What an act would lead to, decided without sending anything.

        Raises:
            Refused: the rules do not allow it in this state.
        """
        now = {"as_of": self.state.version, **self._numbered(act, number)}
        command = act.build(**{**NOT_MADE_YET, **now, **said})
        order = Order(command, self.office, self.at, actor=actor)
        return decide(self.state, order, self.policy)

    def _numbered(self, act: JointAct, number: int) -> dict[str, Any]:
        return {act.about: number} if act.about else {}

    def _may(self, act: JointAct, number: int = 0) -> bool:
        return any(self._allowed(act, number, said) for said in self._tries(act))

    def _tries(self, act: JointAct) -> Iterator[Arguments]:
        """Arguments under which an act is allowed if it is allowed at all."""
        if "office" in act.body.model_fields:
            offices = [office.id for office in self.policy.offices]
            yield from ({"office": one, **said} for said in act.probes for one in offices)
        elif act.command is c.SignReport:
            yield {"digest": self.state.report or NO_CONTENT.digest}
        else:
            yield from act.probes

    def _allowed(self, act: JointAct, number: int, said: Arguments) -> bool:
        try:
            self.follows(act, number, said, _SOMEBODY)
        except Refused:
            return False
        return True
