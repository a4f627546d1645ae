"""An office's acts: checked, its letters left with the holder, then sent to the registrar."""

import hashlib
import hmac
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection

from case_tracking.acts import OfficeAct, Standing
from case_tracking.clerk import Clerk
from case_tracking.inputs import refuse_contradictions, refuse_unknown_words
from case_tracking.letters import leave
from case_tracking.officers import Officers
from case_tracking.register import Register
from case_tracking.trial import TrialView, tried
from ombudslink.commands import Command
from ombudslink.complaint import Complaint, Phase
from ombudslink.events import ComplaintEvent
from ombudslink.ids import derived_id
from ombudslink.runtime.commands import Intent, Sent, repeated
from ombudslink.runtime.service import Service
from ombudslink.store import history
from ombudslink.store.history import Stored
from ombudslink.values import ContentRef
from ombudslink.web.acts import MOST_TOLD, Repeatable, performed, refuse_stale
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


class Desk:
    """Where an office's people act. The secret key tells repeated requests from others."""

    def __init__(
        self,
        service: Service,
        register: Register,
        clerk: Clerk,
        officers: Officers,
        secret: bytes,
    ) -> None:
        self._service = service
        self._officers = officers
        self._register = register
        self._clerk = clerk
        self._secret = secret

    async def attempt(self, request: Request) -> TrialView:
        """What an act would lead to; nothing is stored.

        Raises:
            Problem: it cannot be done.
            Refused: the rules do not allow it now.
        """
        state, since = await self._service.database.query(partial(self._known, request))
        self._refuse_unfit(request, state, since)
        standing = self._standing(state)
        return tried(request.complaint, standing, _follows(request, standing))

    async def perform(self, request: Request, repeat: Repeatable) -> Sent:
        """Store an act and wait for what the registrar makes of it.

        Raises:
            Problem: it cannot be done and nothing was stored, or the rules refuse it.
            Refused: the rules do not allow a letter now; nothing was stored.
        """
        service = self._service
        path = request.act.path.format(number=request.referral)
        route = f"/complaints/{request.complaint}{path}"
        command_id = repeat.command_id(service.participant, route)
        store = partial(self._store, request, command_id)
        return await performed(service.database, service.sender, command_id, repeat.wait, store)

    async def _store(self, request: Request, command_id: str) -> Sent:
        service, print_ = self._service, fingerprint(self._secret, request.said)

        def before(connection: Connection) -> tuple[Complaint, Sent | None, list[Stored]]:
            state, since = self._known(request, connection)
            return state, repeated(connection, command_id, print_), since

        state, sent, since = await service.database.query(before)
        if sent is not None:
            return sent
        self._refuse_unfit(request, state, since)
        self._refuse_in_vain(request, state)
        content = await self._leave_letter(request, state, derived_id(command_id, print_))

        def unit(connection: Connection) -> Sent:
            now, name = service.setting.now(), request.actor
            intent = Intent(
                id=command_id,
                stream=request.complaint,
                command=self._command(connection, request, content),
                issued=now,
                request=print_,
                actor=self._officers.enter(connection, name) if name else None,
                based_on=request.seen,
            )
            return service.sender.send(connection, intent)

        return await service.database.write(unit)

    def _known(self, request: Request, connection: Connection) -> tuple[Complaint, list[Stored]]:
        """The complaint's state here, and its events since the officer saw it.

        Raises:
            Problem: there is no such complaint.
        """
        state = self._service.states.session(connection).complaint(request.complaint)
        if state.phase is Phase.NONE:
            raise Problem("no_such_complaint")
        told_from = max(request.seen, state.version - MOST_TOLD)
        return state, history.load(connection, request.complaint, told_from)

    def _refuse_unfit(self, request: Request, state: Complaint, since: list[Stored]) -> None:
        """Refuse what can be seen to be wrong without the rules.

        Raises:
            Problem: somebody else acted since, or something cannot be said.
        """
        setting, told = self._service.setting, [one.envelope() for one in since]
        refuse_stale(state, request.seen, setting.participant, told)
        refuse_unknown_words(request.said, setting.policy, setting.vocabulary)
        refuse_contradictions(request.said, setting.participant, setting.vocabulary)

    def _standing(self, state: Complaint) -> Standing:
        setting = self._service.setting
        return Standing(state, setting.participant, setting.now(), setting.policy)

    def _command(
        self, connection: Connection, request: Request, content: ContentRef | None
    ) -> Command:
        arguments = dict(request.said)
        if _is_numbered(request.act):
            now = self._service.setting.now()
            arguments["number"] = self._register.number(connection, request.complaint, now)
        return request.act.build(referral=request.referral, content=content, **arguments)

    def _refuse_in_vain(self, request: Request, state: Complaint) -> None:
        """Leave no letter and give no number for an act that the rules would not take.

        Raises:
            Refused: they would not.
            Problem: it is not known yet which numbers were given.
        """
        if _is_numbered(request.act) and not self._clerk.ready:
            raise Problem("service_starting", headers={"Retry-After": "1"})
        if _is_numbered(request.act) or _letter_of(request) is not None:
            _follows(request, self._standing(state))

    async def _leave_letter(
        self, request: Request, state: Complaint, letter: str
    ) -> ContentRef | None:
        """Have the holder keep the act's text."""
        text = _letter_of(request)
        if request.act.letter is None or text is None:
            return None
        said = Letter(letter=letter, kind=request.act.letter, text=text)
        return await leave(self._service.setting.intake, request.complaint, state.version, said)


def fingerprint(secret: bytes, said: Body) -> str:
    """What tells a repeated request from another one under the same key, and nothing else."""
    raw = b"request\0" + said.model_dump_json().encode()
    return hmac.new(secret, raw, hashlib.sha256).hexdigest()


def _follows(request: Request, standing: Standing) -> list[ComplaintEvent]:
    return standing.follows(request.act, request.referral, dict(request.said), request.actor)


def _is_numbered(act: OfficeAct) -> bool:
    return "number" in act.command.model_fields


def _letter_of(request: Request) -> str | None:
    text: str | None = getattr(request.said, "text", None)
    return text if request.act.letter is not None else None
