"""Whole histories as the registrar would publish them, made of orders, with bytes and hashes."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from ombudslink.commands import Order
from ombudslink.envelope import Envelope
from ombudslink.ids import derived_id
from ombudslink.log import Outgoing
from ombudslink.proof.chain import GENESIS, digest, link, salt
from ombudslink.testing.spec import steps

STREAM: Final = derived_id("a complaint")


@dataclass(frozen=True, slots=True)
class Told:
    """One event of a history: what it says, its bytes, and the hash before it."""

    envelope: Envelope
    body: bytes
    previous: bytes

    @property
    def hash(self) -> bytes:
        """The hash of the history once it stands there."""
        return link(self.previous, self.body)

    def outgoing(self, topic: str, **headers: str) -> Outgoing:
        """The record that carries it, with some headers replaced."""
        known = self.envelope.headers(self.previous)
        return Outgoing(topic, self.envelope.root, self.body, known | headers)


def told(orders: Iterable[Order], stream: str = STREAM) -> list[Told]:
    """The history of a complaint to which exactly these orders were given.

    Raises:
        AssertionError: the rules refuse one of them.
    """
    history: list[Told] = []
    previous = GENESIS
    for step in steps(orders):
        order = step.order
        command = derived_id(stream, len(history), "command")
        for event in step.events:
            version = len(history) + 1
            envelope = Envelope(
                stream=stream,
                root=stream,
                version=version,
                type=type(event).__name__,
                type_version=event.version,
                time=order.at,
                author=order.by,
                actor=order.actor,
                command_id=command,
                command_digest=digest(command.encode()),
                correlation=command,
                causation=None,
                salt=salt("0" * 32, version),
                data=event.model_dump(mode="json"),
            )
            history.append(Told(envelope, envelope.body(), previous))
            previous = history[-1].hash
    return history
