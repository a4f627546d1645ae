"""The office's own copy of content: fetched from the holder once entitled, kept encrypted."""

import asyncio
from collections.abc import Sequence
from functools import partial
from itertools import islice
from typing import Final

import httpx
from pydantic import BaseModel, ValidationError
from sqlalchemy import Connection, delete, insert, select, update

from case_tracking.tables import wanted
from ombudslink.envelope import Envelope
from ombudslink.observe import logger
from ombudslink.runtime.consumer import reason_of
from ombudslink.runtime.service import Service
from ombudslink.store import history
from ombudslink.store.vault import Vault
from ombudslink.values import ContentRef
from ombudslink.web.contents import ContentItem, Contents

EVERY: Final = 0.5
SHORTEST_PAUSE: Final = 0.5
LONGEST_PAUSE: Final = 60.0
"""Seconds before a complaint's content is asked for again; doubled from failure to failure."""
MOST_AT_ONCE: Final = 20


class Refusal(BaseModel):
    """Why the holder gives nothing."""

    code: str


_row = wanted.c
Due = tuple[str, int]
"""A complaint, and the version of its history as of which the content is wanted."""


def want(connection: Connection, complaint: str, version: int) -> None:
    """Have a complaint's content copied, as of that version."""
    if is_wanted(connection, complaint):
        connection.execute(update(wanted).where(_row.complaint == complaint), {"version": version})
    else:
        connection.execute(insert(wanted), {"complaint": complaint, "version": version})


def is_wanted(connection: Connection, complaint: str) -> bool:
    """Whether some of a complaint's content is still to be copied."""
    found = connection.scalar(select(_row.version).where(_row.complaint == complaint))
    return found is not None


def held(connection: Connection, vault: Vault, told: Sequence[Envelope]) -> list[ContentItem]:
    """What this office has of a complaint's content, in the order in which its history names it.

    Raises:
        VaultError: the service's key does not open it.
    """
    kept = {item.id: item.plaintext for item in vault.items(connection, told[0].stream)}
    return [ContentItem.model_validate_json(kept[id_]) for id_ in _named(told) if id_ in kept]


class Copier:
    """Copies what is wanted; a holder that is away or behind is asked again, ever less often."""

    def __init__(self, service: Service, vault: Vault) -> None:
        self._service = service
        self._vault = vault
        self._pauses: dict[str, float] = {}
        self._not_before: dict[str, float] = {}

    async def run(self) -> None:
        """Look twice a second."""
        while True:
            await self.copy_once()
            await asyncio.sleep(EVERY)

    async def copy_once(self) -> None:
        """Ask for everything that is wanted and whose pause is over."""
        now = asyncio.get_running_loop().time()
        waiting = {c for c, until in self._not_before.items() if until > now}
        for due in await self._service.database.query(partial(_due, waiting=waiting)):
            answer = await self._ask(due)
            if answer is None:
                self._wait(due[0], now)
            else:
                await self._service.database.write(partial(self._keep, due=due, items=answer))
                self._pauses.pop(due[0], None)
                self._not_before.pop(due[0], None)

    async def _ask(self, due: Due) -> Sequence[ContentItem] | None:
        """The items, none when the holder knows of no right to any; None when it cannot tell."""
        complaint, version = due
        try:
            answer = await self._service.setting.intake.get(
                f"/v1/contents/{complaint}", params={"have": version}
            )
            if _knows_no_right(answer):
                return []
            if answer.status_code == httpx.codes.OK:
                return Contents.model_validate_json(answer.content).items
        except (httpx.TransportError, ValidationError) as error:
            logger().warning("content_not_copied", reason=reason_of(error), stream=complaint)
        else:
            logger().warning("content_not_copied", status=answer.status_code, stream=complaint)
        return None

    def _wait(self, complaint: str, now: float) -> None:
        pause = self._pauses.get(complaint, SHORTEST_PAUSE)
        self._not_before[complaint] = now + pause
        self._pauses[complaint] = min(pause * 2, LONGEST_PAUSE)

    def _keep(self, connection: Connection, due: Due, items: Sequence[ContentItem]) -> None:
        complaint, version = due
        stored = history.load(connection, complaint)
        named = _named([one.envelope() for one in stored])
        for item in items:
            if item.id not in named:
                continue
            if named[item.id] != item.digest:
                logger().critical("content_differs", stream=complaint, version=version)
                continue
            self._vault.put(
                connection,
                complaint,
                item.id,
                kind=item.kind,
                author=item.author,
                at=item.at,
                plaintext=item.model_dump_json().encode(),
            )
        connection.execute(
            delete(wanted).where(_row.complaint == complaint, _row.version == version)
        )


def _due(connection: Connection, waiting: set[str]) -> list[Due]:
    query = select(_row.complaint, _row.version).order_by(_row.version, _row.complaint)
    rows = connection.execute(query, execution_options={"yield_per": MOST_AT_ONCE})
    due = ((row.complaint, row.version) for row in rows if row.complaint not in waiting)
    return list(islice(due, MOST_AT_ONCE))


def _knows_no_right(answer: httpx.Response) -> bool:
    """Whether the holder itself says so, and not something on the way to it that finds nothing."""
    if answer.status_code != httpx.codes.NOT_FOUND:
        return False
    try:
        return Refusal.model_validate_json(answer.content).code == "no_such_complaint"
    except ValidationError:
        return False


def _named(told: Sequence[Envelope]) -> dict[str, str]:
    """The digests of all content that a history names, by its id."""
    refs = (getattr(one.event, "content", None) for one in told)
    return {ref.id: ref.digest for ref in refs if isinstance(ref, ContentRef)}
