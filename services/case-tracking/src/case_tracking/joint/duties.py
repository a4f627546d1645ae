"""What an office has to do in a joint inspection now, and in which role."""

from enum import StrEnum

from ombudslink.inspection import Inspection, Part, Party, Stage
from ombudslink.values import ParticipantId


class JointRole(StrEnum):
    """What an office is in an inspection at present."""

    LEAD = "lead"
    PARTY = "party"
    ASKED = "asked"
    FORMER = "former"


class JointTodo(StrEnum):
    """What to do next, or what one waits for."""

    ANSWER_INVITATION = "answer_invitation"
    OPEN = "open"
    DO_TASK = "do_task"
    VOTE = "vote"
    EXAMINE = "examine"
    REPORT = "report"
    SIGN = "sign"
    CLOSE = "close"
    AWAIT_COMPLAINTS = "await_complaints"
    AWAIT_PARTIES = "await_parties"
    AWAIT_OPENING = "await_opening"
    AWAIT_VOTES = "await_votes"
    NOTHING = "nothing"


def joint_role(state: Inspection, office: ParticipantId) -> JointRole:
    """What an office is in the inspection."""
    party = state.party(office)
    if party is None or not party.admitted:
        return JointRole.FORMER
    if office == state.lead:
        return JointRole.LEAD
    return JointRole.PARTY if party.part is Part.JOINED else JointRole.ASKED


def joint_todo(state: Inspection, office: ParticipantId) -> JointTodo:
    """The first thing to do."""
    role = joint_role(state, office)
    if role is JointRole.FORMER or not state.running:
        return JointTodo.NOTHING
    if role is JointRole.ASKED:
        reported = state.stage is Stage.REPORTED
        return JointTodo.NOTHING if reported else JointTodo.ANSWER_INVITATION
    leads = role is JointRole.LEAD
    match state.stage:
        case Stage.PROPOSED:
            return _of_lead_before(state) if leads else JointTodo.AWAIT_OPENING
        case Stage.OPEN:
            return _at_work(state, office, leads=leads)
        case _:
            if office not in state.signed:
                return JointTodo.SIGN
            return JointTodo.CLOSE if leads else JointTodo.NOTHING


def open_invitation(state: Inspection, office: ParticipantId) -> Party | None:
    """The invitation that the office has to answer, while its time runs or is over."""
    if joint_todo(state, office) is not JointTodo.ANSWER_INVITATION:
        return None
    return state.party(office)


def _of_lead_before(state: Inspection) -> JointTodo:
    if not state.settled:
        return JointTodo.AWAIT_COMPLAINTS
    waiting = [o for o in state.required if o not in state.joined and not _silent(state, o)]
    ready = not waiting and len(state.joined) > 1
    return JointTodo.OPEN if ready else JointTodo.AWAIT_PARTIES


def _silent(state: Inspection, office: ParticipantId) -> bool:
    party = state.party(office)
    return party is not None and party.part is Part.SILENT


def _at_work(state: Inspection, office: ParticipantId, *, leads: bool) -> JointTodo:
    if any(task.office == office and not task.done for task in state.tasks):
        return JointTodo.DO_TASK
    if any(finding.vote(office) is None for finding in state.findings):
        return JointTodo.VOTE
    if not state.findings:
        return JointTodo.EXAMINE
    voted = all(f.vote(o) is not None for f in state.findings for o in state.joined)
    if not voted:
        return JointTodo.AWAIT_VOTES
    return JointTodo.REPORT if leads else JointTodo.EXAMINE
