"""The rules for a complaint's part in a joint inspection: the complainant's consent, entering,
who is admitted, leaving.

The registrar says what the inspection has become (see `joint`); the complaint answers by its own
state. It never takes part in two inspections, and leaves at once when the complainant wants it to.
"""

from typing import Final, assert_never

from ombudslink import commands as c
from ombudslink import events as e
from ombudslink.commands import Order, Refused
from ombudslink.complaint import Complaint
from ombudslink.conditions import (
    require_custodian,
    require_kept,
    require_open,
    require_service,
    require_settled_custody,
)
from ombudslink.jointly import JointWork
from ombudslink.offices import Policy
from ombudslink.rights import readers
from ombudslink.values import ParticipantId

JOINT_INSPECTION: Final = "joint_inspection"
"""What the complainant consents to: that the offices of an inspection see the complaint."""

JoiningCommand = (
    c.RecordConsent
    | c.WithdrawConsent
    | c.EnterInspection
    | c.AdmitInspectionParty
    | c.ReleaseInspectionParty
    | c.StartJointExamination
    | c.LeaveInspection
)


def decide_joining(
    state: Complaint, command: JoiningCommand, order: Order, policy: Policy
) -> list[e.ComplaintEvent]:
    """The events that follow from a command about the complaint's part in an inspection.

    Raises:
        Refused: the rules do not allow it.
    """
    match command:
        case c.RecordConsent():
            return _consent(state, command, order, policy)
        case c.WithdrawConsent():
            return _withdraw_consent(state, command, order, policy)
    require_service(order, policy.registrar)
    if isinstance(command, c.EnterInspection):
        return _enter(state, command, policy)
    work = _require_work(state, command.inspection)
    match command:
        case c.AdmitInspectionParty():
            return [_admitted(state, work, command.office)]
        case c.ReleaseInspectionParty():
            if command.office in work.released:
                raise Refused("party_left")
            return [e.InspectionPartyReleased(**command.model_dump())]
        case c.StartJointExamination():
            return _start(state, work, command)
        case c.LeaveInspection():
            return [e.InspectionLeft(**command.model_dump())]
        case _:
            assert_never(command)


def leave(state: Complaint, reason: str) -> list[e.ComplaintEvent]:
    """What makes a complaint leave the inspection that it takes part in, if any."""
    if state.joint is None:
        return []
    return [e.InspectionLeft(inspection=state.joint.inspection, reason=reason)]


def _consent(
    state: Complaint, command: c.RecordConsent, order: Order, policy: Policy
) -> list[e.ComplaintEvent]:
    _require_complainants_word(state, order, policy)
    require_open(state)
    if command.purpose in state.consents:
        raise Refused("consent_given")
    return [e.ConsentRecorded(**command.model_dump())]


def _withdraw_consent(
    state: Complaint, command: c.WithdrawConsent, order: Order, policy: Policy
) -> list[e.ComplaintEvent]:
    """Invariant 10: the joint work ends for this complaint in the same decision."""
    _require_complainants_word(state, order, policy)
    if command.purpose not in state.consents:
        raise Refused("no_consent")
    joint = command.purpose == JOINT_INSPECTION
    left = leave(state, "consent_withdrawn") if joint else []
    return [e.ConsentWithdrawn(purpose=command.purpose), *left]


def _enter(state: Complaint, command: c.EnterInspection, policy: Policy) -> list[e.ComplaintEvent]:
    if command.lead not in readers(state):
        raise Refused("no_such_complaint")
    if state.joint is not None:
        raise Refused("already_in_inspection")
    require_open(state)
    require_kept(state)
    require_settled_custody(state)
    if state.admissible is False:
        raise Refused("inadmissible")
    if policy.joint.consent and JOINT_INSPECTION not in state.consents:
        raise Refused("consent_missing")
    entered = e.InspectionEntered(
        inspection=command.inspection, lead=command.lead, mandatory=_mandatory(state, policy)
    )
    return [entered]


def _mandatory(state: Complaint, policy: Policy) -> tuple[ParticipantId, ...]:
    """Who must take part: the custodian, and who is configured for the people it affects."""
    touched = [m.office for m in policy.joint.mandatory if {*m.affected} & {*state.affected}]
    offices = dict.fromkeys((state.custodian, *touched))
    return tuple(office for office in offices if office != state.complained_office)


def _start(
    state: Complaint, work: JointWork, command: c.StartJointExamination
) -> list[e.ComplaintEvent]:
    if work.started:
        raise Refused("already_examined")
    offices = [office for office in command.offices if office not in work.released]
    admitted = [_admitted(state, work, o) for o in offices if o not in work.offices]
    started = e.JointExaminationStarted(
        inspection=work.inspection,
        lead=work.lead,
        offices=tuple(sorted({*work.offices, *offices})),
    )
    return [*admitted, started]


def _admitted(
    state: Complaint, work: JointWork, office: ParticipantId
) -> e.InspectionPartyAdmitted:
    if office == state.complained_office:
        raise Refused("office_complained_of", office=office)
    if office in work.released:
        raise Refused("party_left")
    if office in work.offices:
        raise Refused("already_joined")
    return e.InspectionPartyAdmitted(inspection=work.inspection, office=office)


def _require_work(state: Complaint, inspection: str) -> JointWork:
    if state.joint is None or state.joint.inspection != inspection:
        raise Refused("not_in_inspection")
    return state.joint


def _require_complainants_word(state: Complaint, order: Order, policy: Policy) -> None:
    if order.by != policy.intake:
        require_custodian(state, order)
