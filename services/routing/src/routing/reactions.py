"""What routing does by itself: it names the competent office of every new complaint."""

from sqlalchemy import Connection

from ombudslink.events import ComplaintFiled, ComplaintReopened
from ombudslink.ids import derived_id
from ombudslink.runtime.commands import Intent, Sender
from ombudslink.runtime.states import Step
from ombudslink.store import history
from routing.competence import Competence, evaluate


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


def _to_be_routed(connection: Connection, step: Step) -> ComplaintFiled | None:
    event = step.envelope.event
    if isinstance(event, ComplaintReopened) and not step.after.routed:
        event = history.load(connection, step.stream, up_to=1)[0].envelope().event
    return event if isinstance(event, ComplaintFiled) else None
