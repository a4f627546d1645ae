"""What routing does by itself: it names the competent office of every new complaint, and lets
complaints and joint inspections follow each other."""

from sqlalchemy import Connection

from ombudslink import joint
from ombudslink.envelope import Outcome, SignedCommand
from ombudslink.events import ComplaintFiled, ComplaintReopened
from ombudslink.ids import derived_id
from ombudslink.runtime.commands import Intent, Sender, find
from ombudslink.runtime.projections import Following
from ombudslink.runtime.states import AnyStep, Step, replay
from ombudslink.store import history
from routing.competence import Competence, evaluate
from routing.projections.timers import Timers


class RouteNewComplaints:
    """Asks the registrar, in routing's own name, to record which office is competent and why."""

    def __init__(self, competence: Competence, sender: Sender) -> None:
        self._competence = competence
        self._sender = sender

    def __call__(self, connection: Connection, step: Step) -> None:
        """React to a filing, and to the reopening of one that ended before it was routed."""
        filed = _to_be_routed(connection, step)
        if filed is not None:
            intent = Intent(
                id=derived_id(step.stream, step.envelope.version, "route"),
                stream=step.stream,
                command=evaluate(self._competence, filed),
                issued=step.envelope.time,
                causation=step.envelope.name,
                correlation=step.envelope.correlation,
            )
            self._sender.send(connection, intent)


class JointFollowUps:
    """Asks the registrar, in routing's own name, for what an event means to other streams."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def __call__(self, connection: Connection, step: AnyStep) -> None:
        """React to whatever happens between an inspection and its complaints."""
        envelope = step.envelope
        for follow in joint.answers(step.stream, envelope.event, step.before, step.after):
            intent = Intent(
                id=derived_id(step.stream, envelope.version, follow.name),
                stream=follow.stream,
                command=follow.command,
                issued=envelope.time,
                causation=envelope.name,
                correlation=envelope.correlation,
            )
            self._sender.send(connection, intent)


class JointRefusals:
    """Tells an inspection what a complaint refused to it, of which there is no event."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def __call__(self, connection: Connection, outcome: Outcome) -> None:
        """React to a refusal of what routing itself had asked."""
        row = find(connection, outcome.command_id)
        if outcome.code is None or row is None or row.digest != outcome.digest:
            return
        body = SignedCommand(row.body, row.key_id, row.signature).parse()
        complaint = replay(history.load(connection, outcome.stream, up_to=1)).state
        for follow in joint.refusals(outcome.stream, body.command(), outcome.code, complaint):
            intent = Intent(
                id=derived_id(outcome.command_id, follow.name),
                stream=follow.stream,
                command=follow.command,
                issued=outcome.time,
                causation=outcome.command_id,
                correlation=body.correlation,
            )
            self._sender.send(connection, intent)


def following(competence: Competence, sender: Sender) -> Following:
    """Everything that the registrar's events lead to in routing itself."""
    timers, follow_ups = Timers(), JointFollowUps(sender)
    return Following(
        projections=[timers],
        reactions=[RouteNewComplaints(competence, sender), follow_ups],
        inspection_projections=[timers],
        inspection_reactions=[follow_ups],
        outcome_reactions=[JointRefusals(sender)],
    )


def _to_be_routed(connection: Connection, step: Step) -> ComplaintFiled | None:
    event = step.envelope.event
    if isinstance(event, ComplaintReopened) and not step.after.routed:
        event = history.load(connection, step.stream, up_to=1)[0].envelope().event
    return event if isinstance(event, ComplaintFiled) else None
