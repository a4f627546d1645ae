"""One real record of every type: hashed, chained and signed as in a running installation.

Whoever writes a program of their own can try their canonical form, their hashes and their check of
signatures on them; the key is `KEY`, which signs nothing else.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

from ombudslink.commands import Order
from ombudslink.envelope import Headers, Outcome, SignedCommand
from ombudslink.ids import derived_id, partition_of
from ombudslink.proof.signing import Signer
from ombudslink.runtime.commands import Intent, Sender
from ombudslink.testing import golden
from ombudslink.testing.country import CHILDREN
from ombudslink.testing.histories import STREAM, Told, told
from ombudslink.testing.spec import steps

KEY: Final = bytes(range(32))
"""The private key of every participant in the examples."""


@dataclass(frozen=True, slots=True)
class Example:
    """A record as it stands in a topic."""

    headers: Headers
    body: bytes

    @property
    def payload(self) -> dict[str, Any]:
        """The body as JSON."""
        payload: dict[str, Any] = json.loads(self.body)
        return payload


def event(contracts: Path, name: str, version: int) -> Example:
    """A record of that version of an event, with its golden payload."""
    found = _events()[name]
    data = golden.read(contracts / "golden", name, version)
    envelope = replace(found.envelope, type_version=version, data=data)
    return Example(envelope.headers(found.previous), envelope.body())


def command(name: str) -> Example:
    """A signed command of the present version of that type."""
    signed = _signed(_orders()[name])
    return Example(signed.headers(), signed.body)


def outcomes() -> dict[str, Example]:
    """A command that was accepted, and one that was refused."""
    referred = _events()["ReferredTo"]
    accepted = Outcome(
        **_decided("Refer"),
        result="accepted",
        first_version=referred.envelope.version,
        last_version=referred.envelope.version,
        last_hash=referred.hash.hex(),
    )
    refused = Outcome(
        **_decided("IssueDecision"),
        result="refused",
        code="not_custodian",
        args={"office": CHILDREN},
    )
    return {one.result: Example(one.headers(), one.body()) for one in (accepted, refused)}


def _decided(name: str) -> dict[str, Any]:
    order = _orders()[name]
    signed = _signed(order)
    body = signed.parse()
    return {
        "command_id": body.id,
        "digest": signed.digest,
        "by": order.by,
        "stream": body.stream,
        "root": body.root,
        "partition": partition_of(body.root),
        "offset": 41,
        "time": order.at,
    }


def _signed(order: Order) -> SignedCommand:
    name = type(order.command).__name__
    intent = Intent(
        id=derived_id(STREAM, name),
        stream=STREAM,
        command=order.command,
        issued=order.at,
        actor=order.actor,
        based_on=order.based_on,
    )
    return Sender(Signer(order.by, KEY)).sign(intent)


@cache
def _orders() -> dict[str, Order]:
    """The order by which each golden command was given."""
    wanted = golden.examples()
    found: dict[str, Order] = {}
    for order in _given():
        name = type(order.command).__name__
        if order.command == wanted[name]:
            found.setdefault(name, order)
    return found


@cache
def _events() -> dict[str, Told]:
    """The place in a history where each golden event happened."""
    wanted = golden.examples()
    found: dict[str, Told] = {}
    for story in golden.STORIES:
        for one in told(story):
            if one.envelope.event == wanted[one.envelope.type]:
                found.setdefault(one.envelope.type, one)
    return found


def _given() -> Iterator[Order]:
    for story in golden.STORIES:
        yield from (step.order for step in steps(story))
