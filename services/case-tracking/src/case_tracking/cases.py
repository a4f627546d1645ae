"""What an office reads of one complaint in its own store: state, history and content."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from pydantic import BaseModel
from sqlalchemy import Connection

from case_tracking import copies, officers
from case_tracking.views import ComplaintView, FiledView, Reader, complaint_view
from ombudslink.complaint import Complaint, Phase
from ombudslink.envelope import Envelope
from ombudslink.rights import ContentRight, content_right
from ombudslink.runtime.service import Service
from ombudslink.runtime.states import replay
from ombudslink.store import history
from ombudslink.store.history import Stored
from ombudslink.store.vault import Vault
from ombudslink.values import Id
from ombudslink.web.contents import ContentItem
from ombudslink.web.problems import Problem


class ContentView(BaseModel):
    """A complaint's content as this office has it.

    With the right `preview` only the coded fields are shown. `complete` is false while a copy of
    something newer is still on its way.
    """

    complaint: Id
    version: int
    right: ContentRight
    complete: bool
    filed: FiledView
    items: list[ContentItem]


@dataclass(frozen=True, slots=True)
class Case:
    """One complaint: its history as stored, the state that it leads to, and who of this office's
    officers is behind the pseudonyms in it."""

    stored: list[Stored]
    told: list[Envelope]
    state: Complaint
    officers: Mapping[str, str]


class Cases:
    """One office's complaints."""

    def __init__(self, service: Service, vault: Vault) -> None:
        self._service = service
        self._vault = vault

    async def case(self, complaint: str) -> Case:
        """A complaint that this office is party to.

        Raises:
            Problem: there is none.
        """
        return await self._service.database.query(partial(self._case, complaint=complaint))

    async def view(self, complaint: str) -> ComplaintView:
        """What the office is shown of a complaint.

        Raises:
            Problem: there is none.
        """
        setting, case = self._service.setting, await self.case(complaint)
        reader = Reader(setting.participant, setting.now(), setting.policy)
        return complaint_view(case.told, case.state, reader)

    async def content(self, complaint: str) -> ContentView:
        """What the office has of a complaint's content.

        Raises:
            Problem: there is no such complaint, no right to its content, or no copy of it yet.
        """

        def question(connection: Connection) -> ContentView:
            case = self._case(connection, complaint)
            right = content_right(case.state, self._service.participant)
            if right is ContentRight.NONE:
                raise Problem("no_such_content")
            preview = right is ContentRight.PREVIEW
            items = [] if preview else copies.held(connection, self._vault, case.told)
            due = copies.is_wanted(connection, complaint)
            if due and not items and not preview:
                raise Problem("not_yet", headers={"Retry-After": "1"})
            return ContentView(
                complaint=complaint,
                version=case.state.version,
                right=right,
                complete=not due,
                filed=FiledView.model_validate(case.told[0].event),
                items=items,
            )

        return await self._service.database.query(question)

    def _case(self, connection: Connection, complaint: str) -> Case:
        stored = history.load(connection, complaint)
        state = replay(stored).complaint
        if state.phase is Phase.NONE:
            raise Problem("no_such_complaint")
        told = [one.envelope() for one in stored]
        known = officers.names(connection, (one.actor for one in told))
        return Case(stored, told, state, known)
