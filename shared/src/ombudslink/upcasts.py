"""How an old version of an event becomes the current one when it is read.

Stored bytes never change. An upcast takes the data of version n and returns that of n + 1; the
chain of upcasts ends at the class in `events`. Golden payloads of every version ever written are
kept in `shared/contracts/golden` and must decode for ever.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from ombudslink.events import EVENTS, Event

Data = dict[str, Any]
Upcast = Callable[[Data], Data]

UPCASTS: Final[Mapping[tuple[str, int], Upcast]] = {}
"""(type, version) → the step to the next version. Empty while every event is at version 1."""


class UnknownEvent(Exception):
    """A type or version that this program does not know: it is older than the writer."""

    def __init__(self, type_: str, version: int) -> None:
        super().__init__(f"unknown event {type_} version {version}")
        self.type = type_
        self.version = version


def decode(
    type_: str,
    version: int,
    data: Data,
    *,
    events: Mapping[str, type[Event]] = EVENTS,
    upcasts: Mapping[tuple[str, int], Upcast] = UPCASTS,
) -> Event:
    """The event of that type, whatever version it was written in.

    Raises:
        UnknownEvent: the type is unknown, or the version is newer than ours.
        pydantic.ValidationError: the data is not of that type.
    """
    cls = events.get(type_)
    if cls is None or not 1 <= version <= cls.version:
        raise UnknownEvent(type_, version)
    while version < cls.version:
        data = upcasts[type_, version](data)
        version += 1
    return cls.model_validate(data)
