"""Intake as the holder of content: what it hands out, to whom, and what it takes in for them."""

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeVar

from sqlalchemy import Connection

from ombudslink import events as e
from ombudslink import inspection_events as i
from ombudslink.complaint import Complaint
from ombudslink.envelope import Envelope
from ombudslink.ids import derived_id
from ombudslink.inspection import Inspection
from ombudslink.observe import logger
from ombudslink.rights import ContentRight
from ombudslink.runtime.service import Service
from ombudslink.store import history
from ombudslink.store.vault import Item, Vault
from ombudslink.streams import State, content_right, evolve
from ombudslink.values import ContentRef, ParticipantId
from ombudslink.web.contents import TERMS, ContentItem, Contents, Letter
from ombudslink.web.problems import Problem

T = TypeVar("T")
RETRY: Final = {"Retry-After": "1"}
PATIENCE: Final = 2.0
"""Seconds in which what was decided before a request must be known here."""


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
        case e.InformationRequested():
            return "information_request", event.content
        case e.InformationProvided():
            return "information", event.content
        case e.RecommendationIssued():
            return "recommendation", event.content
        case e.RecommendationAnswered() if event.content is not None:
            return "recommendation_answer", event.content
        case e.DecisionIssued() if event.content is not None:
            return "decision", event.content
        case e.ReferralCompleted() if event.content is not None:
            return "result", event.content
        case e.ComplaintWithdrawn() if event.content is not None:
            return "withdrawal", event.content
        case _:
            return _named_in_inspection(event)


def _named_in_inspection(event: e.Event) -> tuple[str, ContentRef] | None:
    match event:
        case i.JointInspectionProposed():
            return TERMS, event.content
        case i.JointTaskCompleted() if event.content is not None:
            return "task_result", event.content
        case i.JointEvidenceShared():
            return "evidence", event.content
        case i.JointFindingsDrafted():
            return "finding", event.content
        case i.DissentRecorded():
            return "dissent", event.content
        case i.JointReportIssued():
            return "joint_report", event.content
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
    state: State | None = None
    whole, reached = False, 0
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
        """What an office may have of a complaint or a joint inspection.

        Raises:
            Problem: it may have nothing, or has a newer history than this holder.
        """

        def question(connection: Connection) -> Contents:
            state, right = self._right(connection, complaint, office, have)
            told = read_history(connection, complaint)
            if right is not ContentRight.PREVIEW:
                told = told[: reach(told, office)]
            else:
                # Whoever is asked to take part in an inspection may know what it would be about.
                told = told[:1] if isinstance(state, Inspection) else []
            items = self._items(connection, complaint, told)
            return Contents(complaint=complaint, version=state.version, right=right, items=items)

        return await self._told_truly(partial(self._service.database.query, question))

    async def take_letter(
        self, complaint: str, office: ParticipantId, letter: Letter, have: int
    ) -> ContentRef:
        """Keep an office's letter; it is shown once an event names it.

        Raises:
            Problem: the office does not have the whole complaint or take part in the inspection,
                has a newer history than this holder, or used the letter's id for another letter.
        """
        now, holder = self._service.setting.now(), self._service.participant
        item = derived_id(holder, complaint, office, letter.letter)
        plaintext = letter.plaintext()

        def unit(connection: Connection) -> ContentRef:
            # Terms tell nothing of what is there: they are shown once a proposal names them.
            if letter.kind != TERMS:
                self._require_whole(connection, complaint, office, have)
            kept = self._vault.item(connection, complaint, item)
            if kept is not None and kept.plaintext != plaintext:
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

        return await self.written(unit)

    async def written(self, unit: Callable[[Connection], T]) -> T:
        """What a unit of work comes to that asks for an office's right, e.g. by `require_whole`.

        Raises:
            Problem: what the unit raises, or the history here is older than the request.
        """
        return await self._told_truly(partial(self._service.database.write, unit))

    def require_whole(
        self, connection: Connection, complaint: str, office: ParticipantId, have: int
    ) -> Complaint:
        """The complaint, for an office that has the whole of it.

        Raises:
            Problem: it has not, or has a newer history than this holder.
        """
        state = self._require_whole(connection, complaint, office, have)
        if not isinstance(state, Complaint):
            raise Problem("no_such_complaint")
        return state

    def _require_whole(
        self, connection: Connection, stream: str, office: ParticipantId, have: int
    ) -> State:
        state, right = self._right(connection, stream, office, have)
        if right is not ContentRight.WHOLE:
            raise Problem("no_such_complaint")
        return state

    async def _told_truly(self, answer: Callable[[], Awaitable[T]]) -> T:
        """An answer that rests on all that was decided before it was asked for: a history that is
        not read to its end says nothing, and a refusal is looked into once more. So who has no
        right to a complaint learns nothing of it, not even whether it is there.

        Raises:
            Problem: the answer, or `not_yet` while the history here is older than the request.
        """
        reader = self._service.consumer
        if reader is None or not reader.caught_up:
            raise Problem("not_yet", headers=RETRY)
        try:
            return await answer()
        except Problem:
            if not await reader.catch_up(PATIENCE):
                raise Problem("not_yet", headers=RETRY) from None
        return await answer()

    def _right(
        self, connection: Connection, stream: str, office: ParticipantId, have: int
    ) -> tuple[State, ContentRight]:
        state = self._service.states.session(connection).get(stream).state or Complaint()
        right = content_right(state, office)
        if right is ContentRight.NONE:
            raise Problem("no_such_complaint")
        if state.version < have:
            raise Problem("not_yet", headers=RETRY)
        return state, right

    def _items(
        self, connection: Connection, complaint: str, told: Sequence[Envelope]
    ) -> list[ContentItem]:
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
            for one in said(told, kept, self._service.participant)
        ]
