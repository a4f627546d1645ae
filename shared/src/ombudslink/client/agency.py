"""The platform for a government body's system: the events that concern it, one after another."""

from collections.abc import Iterator
from typing import Final

import httpx

from ombudslink.client.connection import Client, View

LONGEST_WAIT: Final = 25
"""Seconds for which one request waits for something new."""


class Agency(Client):
    """One body's feed."""

    def __init__(
        self, address: str, key: str, transport: httpx.BaseTransport | None = None
    ) -> None:
        super().__init__(address, "/routing", key=key, transport=transport)

    def events(self, after: str | None = None, wait: int = LONGEST_WAIT) -> Iterator[View]:
        """Every event after a cursor, without end; each has the `cursor` that goes on after it.

        Raises:
            Unanswered: the cursor is gone because the log was restored (`cursor_gone`), or the
                platform does not answer.
        """
        while True:
            batch = self.batch(after, wait)
            yield from batch
            if batch:
                after = batch[-1]["cursor"]

    def batch(self, after: str | None = None, wait: int = 0) -> list[View]:
        """What there is after a cursor now, or as soon as there is something.

        Raises:
            Unanswered: see `events`.
        """
        wanted = {"after": after} if after is not None else {}
        headers = {"Prefer": f"wait={wait}"}
        found: list[View] = self.ask("GET", "/events", params=wanted, headers=headers).json()
        return found
