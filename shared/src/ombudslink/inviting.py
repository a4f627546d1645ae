"""The rules for who takes part in an inspection: complaints that answer, offices that are asked.

The custodians of its complaints must take part, and whom the policy names for the people affected.
Nobody is asked before every complaint has answered: only then is it known who is complained of.
"""

from typing import assert_never

from ombudslink import inspection_commands as c
from ombudslink import inspection_events as e
from ombudslink.commands import Order, Refused
from ombudslink.conditions import require_service
from ombudslink.deadlines import Timer
from ombudslink.inspection import Answer, Entry, Inspection, Part, Stage, fold_inspection
from ombudslink.inspection_events import MOST_OFFICES, InspectionEvent
from ombudslink.offices import Policy
from ombudslink.rights import ContentRight
from ombudslink.values import ParticipantId

EntryCommand = c.RecordEntry | c.RecordEntryRefusal | c.RecordLeaving
PartyCommand = (
    c.InviteParty
    | c.JoinInspection
    | c.DeclineInspection
    | c.WithdrawFromInspection
    | c.WarnParty
    | c.ExpireInvitation
)


def readers(state: Inspection) -> frozenset[ParticipantId]:
    """Who may read it all: who takes part or may still, never one that is complained of."""
    return frozenset(p.office for p in state.parties if p.admitted) - state.complained_of


def content_right(state: Inspection, office: ParticipantId) -> ContentRight:
    """The right of an office to what the parties wrote: the terms alone while it is asked, the
    whole once it takes part, and nothing newer after it left."""
    party = state.party(office)
    if party is None or office in state.complained_of:
        return ContentRight.NONE
    match party.part:
        case Part.JOINED:
            return ContentRight.WHOLE
        case Part.WITHDREW:
            return ContentRight.FORMER
        case Part.INVITED | Part.SILENT:
            return ContentRight.PREVIEW if state.running else ContentRight.NONE
        case Part.DECLINED:
            return ContentRight.NONE
        case _:
            assert_never(party.part)


def timers(state: Inspection) -> tuple[Timer, ...]:
    """Every timer that stands: those of the invitations that nobody answered."""
    if state.stage not in (Stage.PROPOSED, Stage.OPEN):
        return ()
    standing = []
    for party in state.parties:
        office, due = party.office, party.due
        if party.part is Part.INVITED:
            expire = c.ExpireInvitation(office=office, due=due)
            standing.append(Timer(f"expire-{office}", due, expire))
        if party.part is Part.INVITED and not party.warned:
            warn = c.WarnParty(office=office, due=due)
            standing.append(Timer(f"warn-{office}", party.warn_at, warn))
    return tuple(standing)


def decide_entry(
    state: Inspection, command: EntryCommand, order: Order, policy: Policy
) -> list[InspectionEvent]:
    """The events that follow from what a complaint's own history says.

    Raises:
        Refused: the rules do not allow it.
    """
    require_service(order, policy.registrar)
    entry = state.entry(command.complaint)
    if entry is None:
        raise Refused("not_in_inspection")
    match command:
        case c.RecordEntry():
            return _enter(state, entry, command, order, policy)
        case c.RecordEntryRefusal():
            if entry.answer is not Answer.WAITING:
                raise Refused("already_entered")
            refused = e.JointComplaintRefused(**command.model_dump())
            return _settled(state, [refused], order, policy)
        case c.RecordLeaving():
            if entry.answer in (Answer.LEFT, Answer.REFUSED):
                raise Refused("complaint_left")
            left = e.JointComplaintLeft(**command.model_dump())
            return _settled(state, [left], order, policy)
        case _:
            assert_never(command)


def decide_party(
    state: Inspection, command: PartyCommand, order: Order, policy: Policy
) -> list[InspectionEvent]:
    """The events that follow from a command about one party.

    Raises:
        Refused: the rules do not allow it.
    """
    if state.stage is Stage.REPORTED:
        raise Refused("report_issued")
    match command:
        case c.InviteParty():
            return _invite(state, command, order, policy)
        case c.JoinInspection():
            _require_asked(state, order)
            return [e.JointPartyJoined(office=order.by)]
        case c.DeclineInspection():
            _require_asked(state, order)
            declined = e.JointPartyDeclined(office=order.by, reason=command.reason)
            return _settled(state, [*_taken_along(state, order.by), declined], order, policy)
        case c.WithdrawFromInspection():
            return _withdraw(state, command, order, policy)
        case c.WarnParty():
            _require_due(state, command, order, policy)
            return [e.JointPartyWarned(**command.model_dump())]
        case c.ExpireInvitation():
            _require_due(state, command, order, policy)
            return [e.JointInvitationExpired(**command.model_dump())]
        case _:
            assert_never(command)


def _enter(
    state: Inspection, entry: Entry, command: c.RecordEntry, order: Order, policy: Policy
) -> list[InspectionEvent]:
    """A complaint entered; where it comes too late, it is told to leave again."""
    if entry.answer is Answer.ENTERED:
        raise Refused("already_entered")
    if entry.answer is not Answer.WAITING or not state.running:
        return [e.JointComplaintLeft(complaint=entry.complaint, reason="entered_too_late")]
    entered = e.JointComplaintEntered(**command.model_dump())
    return _settled(state, [entered], order, policy)


def _settled(
    state: Inspection, happened: list[InspectionEvent], order: Order, policy: Policy
) -> list[InspectionEvent]:
    """What happened and what follows from it once every complaint has answered.

    Where none takes part any more the inspection ends, unless its report is there. With the last
    answer everybody is asked whom the lead named or who must take part; where those are too many
    it ends, too.
    """
    after = fold_inspection(((event, order.by) for event in happened), state)
    if not after.settled or not after.running or after.stage is Stage.REPORTED:
        return happened
    if not after.entered:
        some_left = any(entry.answer is Answer.LEFT for entry in after.entries)
        reason = "no_complaint_left" if some_left else "no_complaint_entered"
        return [*happened, e.JointInspectionSeparated(reason=reason, ended_by=order.by)]
    if state.settled:
        return happened
    wanted = dict.fromkeys((*after.named, *after.required))
    asked = [o for o in wanted if o not in after.complained_of and o != after.lead]
    if len(asked) >= MOST_OFFICES:
        ended = e.JointInspectionSeparated(reason="too_many_offices", ended_by=order.by)
        return [*happened, ended]
    return [*happened, *(_asked(after, office, order, policy) for office in asked)]


def _asked(
    state: Inspection, office: ParticipantId, order: Order, policy: Policy
) -> e.JointPartyInvited:
    mandatory = office in state.required
    custodian = any(entry.custodian == office for entry in state.entered)
    ground = "custodian" if custodian else "affected" if mandatory else "named"
    return _invitation(office, ground, order, policy, mandatory=mandatory)


def _invitation(
    office: ParticipantId, ground: str, order: Order, policy: Policy, *, mandatory: bool
) -> e.JointPartyInvited:
    limit = policy.joint.answer
    warn_at, due = policy.ends(limit, policy.calendar.local(order.at).date())
    return e.JointPartyInvited(
        office=office,
        mandatory=mandatory,
        ground=ground,
        rule=limit.rule,
        rule_version=limit.version,
        warn_at=warn_at,
        answer_due=due,
    )


def _invite(
    state: Inspection, command: c.InviteParty, order: Order, policy: Policy
) -> list[InspectionEvent]:
    """The lead asks one more; not before it is known who is complained of."""
    require_lead(state, order)
    require_settled(state)
    office = command.office
    if policy.office(office) is None:
        raise Refused("unknown_office")
    if office in state.complained_of:
        raise Refused("office_complained_of", office=office)
    before = state.party(office)
    if before is not None and before.admitted:
        raise Refused("already_asked", office=office)
    if before is not None and before.part is Part.WITHDREW:
        raise Refused("party_left")
    if sum(party.admitted for party in state.parties) >= MOST_OFFICES:
        raise Refused("too_many_offices", most=MOST_OFFICES)
    mandatory = office in state.required
    return [_invitation(office, command.ground, order, policy, mandatory=mandatory)]


def _withdraw(
    state: Inspection, command: c.WithdrawFromInspection, order: Order, policy: Policy
) -> list[InspectionEvent]:
    """Without its lead there is no inspection, nor, once it runs, without who must take part."""
    require_joined(state, order)
    office = order.by
    withdrew = e.JointPartyWithdrew(office=office, reason=command.reason)
    opened = state.stage is Stage.OPEN
    if office == state.lead or (opened and office in state.required):
        reason = "lead_withdrew" if office == state.lead else "party_withdrew"
        return [withdrew, e.JointInspectionSeparated(reason=reason, ended_by=office)]
    along = [] if opened else _taken_along(state, office)
    return _settled(state, [*along, withdrew], order, policy)


def _taken_along(state: Inspection, office: ParticipantId) -> list[InspectionEvent]:
    """The complaints that go with an office: those it is custodian of, and no others need it."""
    need = [x for x in state.entered if office in x.mandatory and office in state.required]
    if any(entry.custodian != office for entry in need):
        raise Refused("participation_mandatory")
    return [
        e.JointComplaintLeft(complaint=entry.complaint, reason="custodian_left") for entry in need
    ]


def require_lead(state: Inspection, order: Order) -> None:
    """Only the office that leads does this."""
    if order.by != state.lead:
        raise Refused("not_lead", office=state.lead)


def require_joined(state: Inspection, order: Order) -> None:
    """Only an office that takes part does this."""
    if order.by not in state.joined:
        raise Refused("not_joined")


def require_settled(state: Inspection) -> None:
    """Every complaint has answered."""
    if not state.settled:
        raise Refused("complaints_not_answered")


def _require_asked(state: Inspection, order: Order) -> None:
    party = state.party(order.by)
    if party is None or party.part not in (Part.INVITED, Part.SILENT):
        raise Refused("already_joined")


def _require_due(
    state: Inspection, command: c.WarnParty | c.ExpireInvitation, order: Order, policy: Policy
) -> None:
    require_service(order, policy.registrar)
    if not any(t.command == command and t.at <= order.at for t in timers(state)):
        raise Refused("deadline_does_not_stand")
