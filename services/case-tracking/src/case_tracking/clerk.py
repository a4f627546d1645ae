"""The office's clerk: gives complaints their numbers, and tells the registrar what is received."""

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Final

from sqlalchemy import Connection, Row, delete, func, select

from case_tracking.register import Register
from case_tracking.tables import due
from ombudslink.commands import Command, ReceiveReferral, RegisterComplaint
from ombudslink.complaint import Complaint
from ombudslink.envelope import Envelope
from ombudslink.events import ReferredTo
from ombudslink.ids import derived_id
from ombudslink.observe import logger
from ombudslink.runtime.commands import Intent
from ombudslink.runtime.consumer import reason_of
from ombudslink.runtime.service import Service
from ombudslink.store import history
from ombudslink.values import ParticipantId, ReferralState

RECEIVE: Final = "receive"
REGISTER: Final = "register"
AT_ONCE: Final = 100
PATIENCE: Final = 60.0
"""Seconds after which one looks again whether the feed was read to its end."""

_row = due.c
Due = Row[tuple[int, str, int, str]]


class Clerk:
    """Does what is due, in its order, once every number that this office ever gave is known.

    So a store that was restored from a backup first reads what it has forgotten. A command's id
    follows from the event that causes it: doing it again is harmless.
    """

    def __init__(self, service: Service, register: Register) -> None:
        self._service = service
        self._register = register
        self._wake = asyncio.Event()
        self.ready = False

    async def listen(self) -> None:
        """Be woken after every commit."""
        loop = asyncio.get_running_loop()

        def woken() -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(self._wake.set)

        self._service.database.tell_commits_to(woken)

    async def run(self) -> None:
        """Work for ever."""
        reader = self._service.consumer
        while reader is None or not await reader.catch_up(PATIENCE):
            self.ready = False
        self.ready = True
        while True:
            self._wake.clear()
            await self.work()
            await self._wake.wait()

    async def work(self) -> None:
        """Do everything that is due now; what fails stays due and holds up nothing else."""
        after = 0
        while found := await self._service.database.query(partial(_noted, after=after)):
            writes = (self._service.database.write(partial(self._do, noted=one)) for one in found)
            for one, done in zip(
                found, await asyncio.gather(*writes, return_exceptions=True), strict=True
            ):
                if isinstance(done, Exception):
                    logger().error("not_registered", reason=reason_of(done), stream=one.complaint)
            after = found[-1].id

    def _do(self, connection: Connection, noted: Due) -> None:
        state = self._service.states.session(connection).complaint(noted.complaint)
        (stored,) = history.load(connection, noted.complaint, noted.version - 1, noted.version)
        cause = stored.envelope()
        if _stands(cause, state, self._service.participant):
            number = self._register.number(connection, noted.complaint, cause.time)
            intent = Intent(
                id=derived_id(noted.complaint, noted.version, noted.name),
                stream=noted.complaint,
                command=_command(cause, number),
                issued=cause.time,
                causation=cause.name,
                correlation=cause.correlation,
            )
            self._service.sender.send(connection, intent)
        connection.execute(delete(due).where(_row.id == noted.id))


def to_register(state: Complaint, office: ParticipantId) -> bool:
    """Whether the office has the complaint, nobody else is asked to take it, and its register
    lacks it."""
    return (
        office == state.custodian
        and state.open
        and state.settled
        and office not in state.registered
    )


def _stands(cause: Envelope, state: Complaint, office: ParticipantId) -> bool:
    """Whether it is still to be done: nothing of what came since has done or overtaken it."""
    event = cause.event
    if isinstance(event, ReferredTo) and event.receiver == office:
        return state.referrals[event.referral - 1].state is ReferralState.REQUESTED
    return to_register(state, office)


def _command(cause: Envelope, number: str) -> Command:
    event = cause.event
    if isinstance(event, ReferredTo):
        return ReceiveReferral(referral=event.referral, number=number)
    return RegisterComplaint(number=number)


def owed(connection: Connection) -> int:
    """How much is due."""
    return int(connection.scalar(select(func.count()).select_from(due)) or 0)


def _noted(connection: Connection, after: int) -> Sequence[Due]:
    return connection.execute(
        select(due).where(_row.id > after).order_by(_row.id).limit(AT_ONCE)
    ).all()
