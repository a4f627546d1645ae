"""How an inspection and its complaints follow each other: what one says makes commands to others.

No decision reads another stream. What spans streams happens only by these commands, which the
registrar sends in its own name. Each may come late, twice or before one that was sent earlier: the
stream that gets it decides by its own state, and refuses what does not fit any more.
"""

from dataclasses import dataclass
from typing import Final

from ombudslink import commands as c
from ombudslink import events as e
from ombudslink import inspection_commands as ic
from ombudslink import inspection_events as i
from ombudslink.commands import Command
from ombudslink.complaint import Complaint
from ombudslink.events import Event
from ombudslink.inspection import Inspection
from ombudslink.streams import State
from ombudslink.values import Id

OWN_REASONS: Final = frozenset({"consent_withdrawn", "complaint_withdrawn"})
"""Why a complaint leaves by its own history; everything else it was told by the inspection."""


@dataclass(frozen=True, slots=True)
class Follow:
    """A command to another stream; `name` is unique among those that follow from one event."""

    stream: Id
    name: str
    command: Command


def answers(stream: Id, event: Event, before: State | None, after: State) -> tuple[Follow, ...]:
    """What follows in other streams from one event of this one, each under a name of its own."""
    if isinstance(after, Complaint):
        return _of_complaint(stream, event, after)
    return _of_inspection(stream, event, before, after)


def refusals(stream: Id, command: Command, code: str, state: State | None) -> tuple[Follow, ...]:
    """What follows where the registrar's own command to a stream was refused with that code.

    A complaint that does not let itself be entered makes no event; this tells the inspection. To
    be sent with the outcome, with an id derived from the refused command's id and the name. Who is
    complained of is told, too, so that it is not asked; not to a lead that knows no such complaint.
    """
    if not isinstance(command, c.EnterInspection):
        return ()
    about = None
    if isinstance(state, Complaint) and code != "no_such_complaint":
        about = state.complained_office
    refusal = ic.RecordEntryRefusal(complaint=stream, code=code, complained_office=about)
    return (Follow(command.inspection, f"entry-refusal-{stream}", refusal),)


def _of_complaint(stream: Id, event: Event, after: Complaint) -> tuple[Follow, ...]:
    match event:
        case e.InspectionEntered():
            entry = ic.RecordEntry(
                complaint=stream,
                custodian=after.custodian,
                mandatory=event.mandatory,
                complained_office=after.complained_office,
            )
            return (Follow(event.inspection, f"entry-{stream}", entry),)
        case e.InspectionLeft() if event.reason in OWN_REASONS:
            about = after.complained_office
            leaving = ic.RecordLeaving(
                complaint=stream, reason=event.reason, complained_office=about
            )
            return (Follow(event.inspection, f"leaving-{stream}", leaving),)
        case _:
            return ()


def _of_inspection(
    stream: Id, event: Event, before: State | None, after: Inspection
) -> tuple[Follow, ...]:
    match event:
        case i.JointInspectionProposed():
            enter = c.EnterInspection(inspection=stream, lead=event.lead)
            return _to(event.complaints, "enter", enter)
        case i.JointComplaintEntered():
            return tuple(
                Follow(event.complaint, f"admit-{office}", _admit(stream, office))
                for office in after.joined
            )
        case i.JointPartyJoined():
            return _to(_entered(after), "admit", _admit(stream, event.office))
        case i.JointPartyWithdrew():
            release = c.ReleaseInspectionParty(inspection=stream, office=event.office)
            return _to(_entered(after), "release", release)
        case i.JointInspectionOpened():
            start = c.StartJointExamination(inspection=stream, offices=event.offices)
            return _to(_entered(after), "start", start)
        case i.JointComplaintLeft():
            return _to((event.complaint,), "leave", _leave(stream, event.reason))
        case i.JointInspectionSeparated():
            return _to(_present(before), "leave", _leave(stream, event.reason))
        case i.JointInspectionClosed():
            return _to(_present(before), "leave", _leave(stream, "reported"))
        case _:
            return ()


def _to(complaints: tuple[Id, ...], name: str, command: Command) -> tuple[Follow, ...]:
    return tuple(Follow(complaint, f"{name}-{complaint}", command) for complaint in complaints)


def _admit(inspection: Id, office: str) -> Command:
    return c.AdmitInspectionParty(inspection=inspection, office=office)


def _leave(inspection: Id, reason: str) -> Command:
    return c.LeaveInspection(inspection=inspection, reason=reason)


def _entered(state: Inspection) -> tuple[Id, ...]:
    return tuple(entry.complaint for entry in state.entered)


def _present(state: State | None) -> tuple[Id, ...]:
    """The complaints that take part until now; one whose entry comes later is told then."""
    return _entered(state) if isinstance(state, Inspection) else ()
