"""An office's acts: checked, its letters left with the holder, then sent to the registrar."""

import hashlib
import hmac
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection

from case_tracking.acts import OfficeAct, Standing
from case_tracking.inputs import refuse_unknown_words
from case_tracking.letters import leave
from case_tracking.register import Register
from ombudslink.commands import Command
from ombudslink.complaint import Complaint, Phase
from ombudslink.ids import derived_id
from ombudslink.runtime.commands import Intent, Sent, repeated
from ombudslink.runtime.service import Service
from ombudslink.values import ContentRef
from ombudslink.web.acts import Repeatable, performed, refuse_stale
from ombudslink.web.contents import Letter
from ombudslink.web.inputs import Body
from ombudslink.web.problems import Problem


@dataclass(frozen=True, slots=True)
class Request:
    """One act of an officer on a complaint; `seen` is the version of it that the officer saw."""

    act: OfficeAct
    complaint: str
    referral: int
    said: Body
    seen: int
    actor: str | None
    repeat: Repeatable


class Desk:
    """Where an office's people act. The secret key tells repeated requests from others."""

    def __init__(self, service: Service, register: Register, secret: bytes) -> None:
        self._service = service
        self._register = register
        self._secret = secret

    async def perform(self, request: Request) -> Sent:
        """Store an act and wait for what the registrar makes of it.

        Raises:
            Problem: it cannot be done and nothing was stored, or the rules refuse it.
            Refused: the rules do not allow a letter now; nothing was stored.
        """
        service = self._service
        path = request.act.path.format(number=request.referral)
        route = f"/complaints/{request.complaint}{path}"
        command_id = request.repeat.command_id(service.participant, route)
        store = partial(self._store, request, command_id)
        return await performed(
            service.database, service.sender, command_id, request.repeat.wait, store
        )

    async def _store(self, request: Request, command_id: str) -> Sent:
        service, fingerprint = self._service, self._fingerprint(request.said)

        def before(connection: Connection) -> tuple[Complaint, Sent | None]:
            held = service.states.session(connection).get(request.complaint)
            return held.state, repeated(connection, command_id, fingerprint)

        state, sent = await service.database.query(before)
        if state.phase is Phase.NONE:
            raise Problem("no_such_complaint")
        if sent is not None:
            return sent
        refuse_stale(state, request.seen, service.participant)
        refuse_unknown_words(request.said, service.setting.policy, service.setting.vocabulary)
        content = await self._leave_letter(request, state, derived_id(command_id, fingerprint))

        def unit(connection: Connection) -> Sent:
            now = service.setting.now()
            intent = Intent(
                id=command_id,
                stream=request.complaint,
                command=self._command(connection, request, content),
                issued=now,
                request=fingerprint,
                actor=request.actor,
                based_on=request.seen,
            )
            return service.sender.send(connection, intent)

        return await service.database.write(unit)

    def _command(
        self, connection: Connection, request: Request, content: ContentRef | None
    ) -> Command:
        arguments = dict(request.said)
        if "number" in request.act.command.model_fields:
            now = self._service.setting.now()
            arguments["number"] = self._register.number(connection, request.complaint, now)
        return request.act.build(referral=request.referral, content=content, **arguments)

    async def _leave_letter(
        self, request: Request, state: Complaint, letter: str
    ) -> ContentRef | None:
        """Have the holder keep the act's text; only where the rules would take the act."""
        text = getattr(request.said, "text", None)
        if request.act.letter is None or text is None:
            return None
        setting = self._service.setting
        standing = Standing(state, setting.participant, setting.now(), setting.policy)
        standing.refuse_forbidden(request.act, request.referral, dict(request.said), request.actor)
        said = Letter(letter=letter, kind=request.act.letter, text=text)
        return await leave(setting.intake, request.complaint, state.version, said)

    def _fingerprint(self, said: Body) -> str:
        raw = b"request\0" + said.model_dump_json().encode()
        return hmac.new(self._secret, raw, hashlib.sha256).hexdigest()
