"""What an office reads of one joint inspection in its own store: state, history and content."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from pydantic import BaseModel
from sqlalchemy import Connection

from case_tracking import copies, officers
from case_tracking.joint.views import InspectionView, inspection_view
from case_tracking.views import Reader
from ombudslink.envelope import Envelope
from ombudslink.inspection import Inspection, Stage
from ombudslink.inviting import content_right
from ombudslink.rights import ContentRight
from ombudslink.runtime.service import Service
from ombudslink.runtime.states import replay
from ombudslink.store import history
from ombudslink.store.history import Stored
from ombudslink.store.vault import Vault
from ombudslink.values import Id
from ombudslink.web.contents import ContentItem
from ombudslink.web.problems import Problem


class JointContentView(BaseModel):
    """What the offices wrote in a joint inspection, as far as this office has it.

    With the right `preview` only the terms are there. `complete` is false while a copy of something
    newer is still on its way.
    """

    inspection: Id
    version: int
    right: ContentRight
    complete: bool
    items: list[ContentItem]


@dataclass(frozen=True, slots=True)
class File:
    """One inspection: its history as stored, the state that it leads to, and who of this office's
    officers is behind the pseudonyms in it."""

    stored: list[Stored]
    told: list[Envelope]
    state: Inspection
    officers: Mapping[str, str]


class Files:
    """One office's joint inspections."""

    def __init__(self, service: Service, vault: Vault) -> None:
        self._service = service
        self._vault = vault

    async def file(self, inspection: str) -> File:
        """An inspection that this office was asked to take part in.

        Raises:
            Problem: there is none.
        """
        return await self._service.database.query(partial(file_of, inspection=inspection))

    async def view(self, inspection: str) -> InspectionView:
        """What the office is shown of an inspection.

        Raises:
            Problem: there is none.
        """
        setting, found = self._service.setting, await self.file(inspection)
        reader = Reader(setting.participant, setting.now(), setting.policy)
        return inspection_view(found.told, found.state, reader)

    async def content(self, inspection: str) -> JointContentView:
        """What the office has of what the parties wrote.

        Raises:
            Problem: there is no such inspection, no right to its content, or no copy of it yet.
        """

        def question(connection: Connection) -> JointContentView:
            found = file_of(connection, inspection)
            right = content_right(found.state, self._service.participant)
            if right is ContentRight.NONE:
                raise Problem("no_such_content")
            items = copies.held(connection, self._vault, found.told)
            due = copies.is_wanted(connection, inspection)
            if due and not items:
                raise Problem("not_yet", headers={"Retry-After": "1"})
            return JointContentView(
                inspection=inspection,
                version=found.state.version,
                right=right,
                complete=not due,
                items=items,
            )

        return await self._service.database.query(question)


def file_of(connection: Connection, inspection: str) -> File:
    """An inspection that this office was asked to take part in.

    Raises:
        Problem: there is none.
    """
    stored = history.load(connection, inspection)
    state = replay(stored).inspection
    if state.stage is Stage.NONE:
        raise Problem("no_such_inspection")
    told = [one.envelope() for one in stored]
    known = officers.names(connection, (one.actor for one in told))
    return File(stored, told, state, known)
