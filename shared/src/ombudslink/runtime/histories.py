"""Asking the registrar for events that a feed did not bring."""

from collections.abc import Callable, Sequence
from datetime import datetime

import httpx
from pydantic import BaseModel

from ombudslink.observe import logger
from ombudslink.runtime.consumer import Fetch
from ombudslink.store.history import Stored
from ombudslink.store.parking import Parked


class HistoryEvent(BaseModel):
    """One event of a history: the hash before it, and its canonical body as text."""

    version: int
    previous: str
    body: str


class History(BaseModel):
    """The events of one stream after some version, without a gap."""

    stream: str
    events: list[HistoryEvent]


def described(stream: str, after: int, previous: bytes, stored: Sequence[Stored]) -> History:
    """Stored events as they are sent; `previous` is the hash of version `after`."""
    events = []
    for number, one in enumerate(stored, after + 1):
        body = one.body.decode()
        events.append(HistoryEvent(version=number, previous=previous.hex(), body=body))
        previous = one.hash
    return History(stream=stream, events=events)


def fetch_from(registrar: httpx.AsyncClient, now: Callable[[], datetime]) -> Fetch:
    """A way to ask that registrar; it answers only parties."""

    async def fetch(stream: str, after: int) -> Sequence[Parked]:
        answer = await registrar.get(f"/v1/histories/{stream}", params={"after": after})
        if answer.status_code != httpx.codes.OK:
            logger().warning("gap_not_filled", status=answer.status_code, stream=stream)
            return []
        found = History.model_validate_json(answer.content)
        return [
            Parked(
                stream,
                event.version,
                bytes.fromhex(event.previous),
                event.body.encode(),
                now(),
                None,
            )
            for event in found.events
        ]

    return fetch
