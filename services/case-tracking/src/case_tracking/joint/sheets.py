"""What a page shows of one joint inspection: as much of it as is sound, with its texts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Connection

from case_tracking import copies, inbox, officers
from case_tracking.integrity import Integrity, recomputed
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
from ombudslink.values import Id, RegistrationNumber
from ombudslink.web.problems import Problem


@dataclass(frozen=True, slots=True)
class Sheet:
    """One inspection. There is no view where not even its first event is sound.

    `said` is what this office has of what was written, by its id; `officers` are its own by
    pseudonym; `numbers` are those of the complaints that it is party to.
    """

    stored: Sequence[Stored]
    integrity: Integrity
    view: InspectionView | None
    said: Mapping[Id, Mapping[str, Any]]
    officers: Mapping[str, str]
    numbers: Mapping[Id, RegistrationNumber | None]


class Sheets:
    """One office's joint inspections, for its pages."""

    def __init__(self, service: Service, vault: Vault) -> None:
        self._service = service
        self._vault = vault

    async def sheet(self, inspection: str) -> Sheet:
        """An inspection that this office was asked to take part in.

        Raises:
            Problem: there is none.
        """
        return await self._service.database.query(partial(self._sheet, inspection=inspection))

    def _sheet(self, connection: Connection, inspection: str) -> Sheet:
        """What follows a break cannot be trusted to be readable."""
        setting = self._service.setting
        stored = history.load(connection, inspection)
        integrity = recomputed(stored, history.head(connection, inspection))
        sound = stored[: integrity.sound]
        state = replay(sound).inspection
        if not stored or (sound and state.stage is Stage.NONE):
            raise Problem("no_such_inspection")
        told = [one.envelope() for one in sound]
        reader = Reader(setting.participant, setting.now(), setting.policy)
        return Sheet(
            stored=sound,
            integrity=integrity,
            view=inspection_view(told, state, reader) if told else None,
            said=self._said(connection, told, state),
            officers=officers.names(connection, (one.actor for one in told)),
            numbers=inbox.known(connection, [entry.complaint for entry in state.entries]),
        )

    def _said(
        self, connection: Connection, told: Sequence[Envelope], state: Inspection
    ) -> dict[Id, Mapping[str, Any]]:
        if not told or content_right(state, self._service.participant) is ContentRight.NONE:
            return {}
        held = copies.held(connection, self._vault, told)
        return {item.id: item.content for item in held}
