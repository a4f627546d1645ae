"""What must hold before an act: one function per condition, each refusing with its own code."""

from ombudslink.commands import Order, Refused
from ombudslink.complaint import Complaint, Phase
from ombudslink.inspection import Inspection
from ombudslink.offices import Policy
from ombudslink.values import ParticipantId, ReferralState, RegistrationNumber


def require_insider(state: Complaint, order: Order, policy: Policy) -> None:
    """Who is not party, or is complained of, must not even learn that the complaint exists."""
    insiders = {*state.parties, policy.intake, policy.registrar} - {state.complained_office}
    if state.phase is Phase.NONE or order.by not in insiders:
        raise Refused("no_such_complaint")


def require_fresh(state: Complaint | Inspection, order: Order) -> None:
    """Nobody else has made the sender's view of it outdated."""
    if order.based_on is None:
        return
    author, version = state.last_spoken(other_than=order.by)
    if version > order.based_on:
        raise Refused("stale", version=version, office=author)


def require_service(order: Order, service: ParticipantId) -> None:
    """Only that service of the platform says this."""
    if order.by != service:
        raise Refused("not_entitled")


def require_custodian(state: Complaint, order: Order) -> None:
    """Only the office that has the complaint does this."""
    if order.by != state.custodian:
        raise Refused("not_custodian", office=state.custodian)


def require_open(state: Complaint) -> None:
    """The complaint is neither answered nor closed."""
    if not state.open:
        raise Refused("complaint_not_open", phase=state.phase)


def require_settled_custody(state: Complaint) -> None:
    """No transfer waits for its answer, and no return for its sender's word."""
    if state.pending_transfer() is not None:
        raise Refused("transfer_pending")
    if any(r.moves_custody and r.state is ReferralState.RETURN_REQUESTED for r in state.referrals):
        raise Refused("return_pending")


def require_kept(state: Complaint) -> None:
    """It is settled that the custodian keeps the complaint (`Complaint.settled`)."""
    if not state.routed:
        raise Refused("not_routed")
    if state.pending_transfer() is not None:
        raise Refused("transfer_pending")
    require_no_dispute(state)


def require_no_dispute(state: Complaint) -> None:
    """No arbiter has to say first who keeps the complaint."""
    if state.disputed_before is not None:
        raise Refused("competence_disputed", office=state.disputed_before)


def require_alone(state: Complaint) -> None:
    """The custodian need not act together with the offices of an inspection."""
    if state.joint is not None:
        raise Refused("under_joint_inspection")


def require_own_number(number: RegistrationNumber, order: Order, policy: Policy) -> None:
    """A registration number begins with the prefix of the office whose register it stands in."""
    office = policy.office(order.by)
    if office is not None and not number.startswith(f"{office.prefix}-"):
        raise Refused("foreign_number", prefix=office.prefix)


def require_eligible(state: Complaint, office: ParticipantId, policy: Policy) -> None:
    """The office is configured and is not the one complained of (invariant 12)."""
    if policy.office(office) is None:
        raise Refused("unknown_office")
    if office == state.complained_office:
        raise Refused("office_complained_of", office=office)
