"""The rules of joint inspections: what a command does to one, as pure functions.

As with complaints (see `decisions`), nothing here reads a clock or another stream.
"""

from typing import assert_never

from ombudslink import inspection_commands as c
from ombudslink import inspection_events as e
from ombudslink.commands import ComplaintCommand, Order, Refused
from ombudslink.conditions import require_fresh
from ombudslink.inspection import Inspection, Part, Stage
from ombudslink.inspection_events import InspectionEvent
from ombudslink.inviting import (
    decide_entry,
    decide_party,
    readers,
    require_lead,
    require_settled,
)
from ombudslink.joint_report import decide_work
from ombudslink.offices import Policy
from ombudslink.values import ParticipantId


def decide_inspection(state: Inspection, order: Order, policy: Policy) -> list[InspectionEvent]:
    """The events that follow from the order.

    Raises:
        Refused: the rules do not allow it; the code says which.
    """
    command = order.command
    if isinstance(command, c.ProposeInspection):
        return _propose(state, command, order, policy)
    _require_insider(state, order, policy)
    if isinstance(command, ComplaintCommand):
        raise Refused("no_such_complaint")
    if not state.running and not isinstance(command, c.RecordEntry | c.RecordEntryRefusal):
        raise Refused("inspection_ended")
    require_fresh(state, order)
    match command:
        case c.RecordEntry() | c.RecordEntryRefusal() | c.RecordLeaving():
            return decide_entry(state, command, order, policy)
        case (
            c.InviteParty()
            | c.JoinInspection()
            | c.DeclineInspection()
            | c.WithdrawFromInspection()
            | c.WarnParty()
            | c.ExpireInvitation()
        ):
            return decide_party(state, command, order, policy)
        case c.OpenInspection():
            return _open(state, command, order)
        case (
            c.AssignTask()
            | c.CompleteTask()
            | c.ShareEvidence()
            | c.DraftFindings()
            | c.AgreeFindings()
            | c.RecordDissent()
            | c.IssueReport()
            | c.SignReport()
        ):
            return decide_work(state, command, order, policy)
        case c.SeparateInspection():
            return _separate(state, command, order)
        case c.CloseInspection():
            require_lead(state, order)
            if state.stage is not Stage.REPORTED:
                raise Refused("no_report")
            return [e.JointInspectionClosed(outcome=command.outcome)]
        case _:
            assert_never(command)


def _require_insider(state: Inspection, order: Order, policy: Policy) -> None:
    """Who was never asked must not even learn that there is an inspection."""
    if state.stage is Stage.NONE:
        raise Refused("no_such_inspection")
    if order.by == policy.registrar or order.by in readers(state):
        return
    party = state.party(order.by)
    if party is None or party.office in state.complained_of:
        raise Refused("no_such_inspection")
    raise Refused("party_left")


def _propose(
    state: Inspection, command: c.ProposeInspection, order: Order, policy: Policy
) -> list[InspectionEvent]:
    if policy.office(order.by) is None:
        raise Refused("not_entitled")
    if state.stage is not Stage.NONE:
        raise Refused("already_proposed")
    if len({*command.complaints}) != len(command.complaints):
        raise Refused("named_twice")
    if len({*command.invited, order.by}) != len(command.invited) + 1:
        raise Refused("named_twice")
    if any(policy.office(office) is None for office in command.invited):
        raise Refused("unknown_office")
    if command.ends < command.starts:
        raise Refused("ends_before_start")
    return [e.JointInspectionProposed(lead=order.by, **command.model_dump())]


def _open(state: Inspection, command: c.OpenInspection, order: Order) -> list[InspectionEvent]:
    """Every complaint has answered, and who must take part does, or is silent beyond its limit."""
    require_lead(state, order)
    if state.stage is not Stage.PROPOSED:
        raise Refused("already_open")
    require_settled(state)
    silent = tuple(office for office in state.required if office not in state.joined)
    waiting = [office for office in silent if _part(state, office) is not Part.SILENT]
    if waiting:
        raise Refused("mandatory_party_missing", office=waiting[0])
    if silent and command.ground is None:
        raise Refused("ground_required")
    if len(state.joined) == 1:
        raise Refused("no_other_party")
    ground = command.ground if silent else None
    return [e.JointInspectionOpened(offices=state.joined, silent=silent, ground=ground)]


def _part(state: Inspection, office: ParticipantId) -> Part | None:
    party = state.party(office)
    return party.part if party else None


def _separate(
    state: Inspection, command: c.SeparateInspection, order: Order
) -> list[InspectionEvent]:
    require_lead(state, order)
    if state.stage is Stage.REPORTED:
        raise Refused("report_issued")
    return [e.JointInspectionSeparated(reason=command.reason, ended_by=order.by)]
