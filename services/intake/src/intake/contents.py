"""Intake as the holder of content: what it hands out, to whom, and what it takes in for them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from intake import filings
from ombudslink import events as e
from ombudslink.complaint import Complaint, evolve
from ombudslink.envelope import Envelope
from ombudslink.ids import derived_id
from ombudslink.observe import logger
from ombudslink.rights import ContentRight, content_right
from ombudslink.runtime.service import Service
from ombudslink.store import history
from ombudslink.store.vault import Item, Vault
from ombudslink.values import ContentRef, ParticipantId
from ombudslink.web.contents import ContentItem, Contents, Letter
from ombudslink.web.problems import Problem

RETRY: Final = {"Retry-After": "1"}


@dataclass(frozen=True, slots=True)
class Said:
    """A piece of content together with the event that names it."""

    item: Item
    kind: str
    told: Envelope

    @property
    def text(self) -> str:
        """What it says, without the fields around it."""
        return str(json.loads(self.item.plaintext)["text"])


def read_history(connection: Connection, complaint: str) -> list[Envelope]:
    """A complaint's events."""
    return [stored.envelope() for stored in history.load(connection, complaint)]


def named(event: e.Event) -> tuple[str, ContentRef] | None:
    """What content an event names, and what it is there."""
    match event:
        case e.ComplaintFiled():
            return "filing", event.content
        case e.ClarificationRequested():
            return "question", event.content
        case e.ClarificationProvided():
            return "answer", event.content
        case e.DecisionIssued() if event.content is not None:
            return "decision", event.content
        case e.ReferralCompleted() if event.content is not None:
            return "result", event.content
        case e.ComplaintWithdrawn() if event.content is not None:
            return "withdrawal", event.content
        case _:
            return None


def said(told: Sequence[Envelope], items: Sequence[Item], holder: ParticipantId) -> list[Said]:
    """The content that the events name, in their order; nothing else was ever said.

    Content whose ciphertext is not the one that the event names is left out and alarmed.
    """
    kept = {item.id: item for item in items}
    found = []
    for one in told:
        name = named(one.event)
        if name is None or name[1].holder != holder or name[1].id not in kept:
            continue
        kind, content = name
        if kept[content.id].digest == content.digest:
            found.append(Said(kept[content.id], kind, one))
        else:
            logger().critical("content_differs", stream=one.stream, version=one.version)
    return found


def reach(told: Sequence[Envelope], office: ParticipantId) -> int:
    """Up to which version an office may have the content that events name.

    Who was given the whole and lost its part keeps what was there until then, and nothing newer.
    """
    state, whole, reached = Complaint(), False, 0
    for one in told:
        had, state = whole, evolve(state, one.event, one.author)
        whole = content_right(state, office) is ContentRight.WHOLE
        if had or whole:
            reached = one.version
    return reached


class Holder:
    """Hands content out by right, as of a history that is as new as the one who asks has it."""

    def __init__(self, service: Service, vault: Vault) -> None:
        self._service = service
        self._vault = vault

    async def hand_out(self, complaint: str, office: ParticipantId, have: int) -> Contents:
        """What an office may have of a complaint.

        Raises:
            Problem: it may have nothing, or has a newer history than this holder.
        """
        self._require_caught_up()

        def question(connection: Connection) -> Contents:
            state = self._state(connection, complaint, have)
            right = content_right(state, office)
            if right is ContentRight.NONE:
                raise Problem("no_such_complaint")
            items = []
            if right is not ContentRight.PREVIEW:
                items = self._items(connection, complaint, office)
            return Contents(complaint=complaint, version=state.version, right=right, items=items)

        return await self._service.database.query(question)

    async def take_letter(
        self, complaint: str, office: ParticipantId, letter: Letter, have: int
    ) -> ContentRef:
        """Keep an office's letter; it is shown once an event names it.

        Raises:
            Problem: the office does not have the whole complaint, has a newer history than this
                holder, or used the letter's id for another letter.
        """
        self._require_caught_up()
        now, holder = self._service.setting.now(), self._service.participant
        item = derived_id(holder, complaint, office, letter.letter)
        plaintext = letter.model_dump_json().encode()

        def unit(connection: Connection) -> ContentRef:
            state = self._state(connection, complaint, have)
            if content_right(state, office) is not ContentRight.WHOLE:
                raise Problem("no_such_complaint")
            kept = {i.id: i.plaintext for i in self._vault.items(connection, complaint)}
            if kept.get(item, plaintext) != plaintext:
                raise Problem("letter_id_reused")
            digest = self._vault.put(
                connection,
                complaint,
                item,
                kind="letter",
                author=office,
                at=now,
                plaintext=plaintext,
            )
            return ContentRef(holder=holder, id=item, digest=digest)

        return await self._service.database.write(unit)

    def _require_caught_up(self) -> None:
        """What `history` already says, e.g. that an office lost its part, must be known first."""
        reader = self._service.consumer
        if reader is None or not reader.caught_up.is_set():
            raise Problem("not_yet", headers=RETRY)

    def _state(self, connection: Connection, complaint: str, have: int) -> Complaint:
        if filings.by_complaint(connection, complaint) is None:
            raise Problem("no_such_complaint")
        state = self._service.states.session(connection).get(complaint).state
        if state.version < have:
            raise Problem("not_yet", headers=RETRY)
        return state

    def _items(
        self, connection: Connection, complaint: str, office: ParticipantId
    ) -> list[ContentItem]:
        told = read_history(connection, complaint)
        kept = self._vault.items(connection, complaint)
        return [
            ContentItem(
                id=one.item.id,
                kind=one.kind,
                author=one.item.author,
                at=one.item.at,
                digest=one.item.digest,
                content=json.loads(one.item.plaintext),
            )
            for one in said(told[: reach(told, office)], kept, self._service.participant)
        ]
