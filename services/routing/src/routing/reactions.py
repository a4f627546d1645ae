"""What routing does by itself: it names the competent office of every new complaint."""

from sqlalchemy import Connection

from ombudslink.events import ComplaintFiled
from ombudslink.ids import derived_id
from ombudslink.runtime.commands import Intent, Sender
from ombudslink.runtime.states import Step
from routing.competence import Competence, evaluate


class RouteNewComplaints:
    """Asks the registrar, in routing's own name, to record which office is competent and why."""

    def __init__(self, competence: Competence, sender: Sender) -> None:
        self._competence = competence
        self._sender = sender

    def __call__(self, connection: Connection, step: Step) -> None:
        """React to a filing."""
        event = step.envelope.event
        if isinstance(event, ComplaintFiled):
            intent = Intent(
                id=derived_id(step.stream, step.envelope.version, "route"),
                stream=step.stream,
                command=evaluate(self._competence, event),
                issued=step.envelope.time,
                causation=step.envelope.name,
                correlation=step.envelope.correlation,
            )
            self._sender.send(connection, intent)
