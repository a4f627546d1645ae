"""An office's acts in joint inspections: checked, their texts left with the holder, then sent."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Connection

from case_tracking.acts import Arguments
from case_tracking.desk import fingerprint
from case_tracking.inputs import refuse_unknown_words
from case_tracking.joint.acts import PROPOSAL, JointAct, JointStanding
from case_tracking.joint.inputs import Proposing, Reporting, Signing
from case_tracking.joint.reports import Reports
from case_tracking.joint.trial import JointTrialView, jointly_tried
from case_tracking.letters import leave
from case_tracking.officers import Officers
from ombudslink.events import Event
from ombudslink.ids import derived_id
from ombudslink.inspection import Inspection, Stage
from ombudslink.proof.reports import addressees
from ombudslink.rights import readers
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
class JointRequest:
    """One act of an officer in an inspection; `seen` is the version of it that the officer saw.

    A proposal is an act in an inspection that is not there yet; only tried, it has no id either.
    """

    act: JointAct
    inspection: str | None
    number: int
    said: Body
    seen: int | None
    actor: str | None


class JointDesk:
    """Where an office's people act jointly. The secret key tells repeated requests from others."""

    def __init__(
        self, service: Service, officers: Officers, reports: Reports, secret: bytes
    ) -> None:
        self._service = service
        self._officers = officers
        self._reports = reports
        self._secret = secret

    async def attempt(self, request: JointRequest) -> JointTrialView:
        """What an act would lead to; nothing is stored.

        Raises:
            Problem: it cannot be done.
            Refused: the rules do not allow it now.
        """
        state, since = await self._service.database.query(partial(self._known, request))
        self._refuse_unfit(request, state, since)
        standing = self._standing(state)
        return jointly_tried(request.inspection, standing, _follows(request, standing))

    async def propose(self, said: Proposing, actor: str | None, repeat: Repeatable) -> Sent:
        """Make an inspection, whose id follows from the request, and wait for the registrar.

        Raises:
            Problem: it cannot be done and nothing was stored, or the rules refuse it.
            Refused: the rules do not allow it; nothing was stored.
        """
        command_id = repeat.command_id(self._service.participant, "/inspections")
        inspection = derived_id(command_id, "inspection")
        request = JointRequest(PROPOSAL, inspection, 0, said, None, actor)
        return await self._performed(request, inspection, command_id, repeat.wait)

    async def perform(self, request: JointRequest, inspection: str, repeat: Repeatable) -> Sent:
        """Store an act and wait for what the registrar makes of it.

        Raises:
            Problem: it cannot be done and nothing was stored, or the rules refuse it.
            Refused: the rules do not allow a text now; nothing was stored.
        """
        path = request.act.path.format(number=request.number)
        route = f"/inspections/{inspection}{path}"
        command_id = repeat.command_id(self._service.participant, route)
        return await self._performed(request, inspection, command_id, repeat.wait)

    async def _performed(
        self, request: JointRequest, inspection: str, command_id: str, wait: float
    ) -> Sent:
        service = self._service
        store = partial(self._store, request, inspection, command_id)
        return await performed(service.database, service.sender, command_id, wait, store)

    async def _store(self, request: JointRequest, inspection: str, command_id: str) -> Sent:
        service, print_ = self._service, fingerprint(self._secret, request.said)

        def before(connection: Connection) -> tuple[Inspection, list[Stored], Sent | None]:
            sent = repeated(connection, command_id, print_)
            if sent is not None:
                return Inspection(), [], sent
            return *self._known(request, connection), None

        state, since, sent = await service.database.query(before)
        if sent is not None:
            return sent
        self._refuse_unfit(request, state, since)
        content = await self._leave_text(request, inspection, state, derived_id(command_id, print_))
        worked_out = await self._worked_out(request, inspection, state, content)

        def unit(connection: Connection) -> Sent:
            now, name = service.setting.now(), request.actor
            about = {request.act.about: request.number} if request.act.about else {}
            intent = Intent(
                id=command_id,
                stream=inspection,
                command=request.act.build(**about, **_said(request), **worked_out),
                issued=now,
                request=print_,
                actor=self._officers.enter(connection, name) if name else None,
                based_on=request.seen,
            )
            return service.sender.send(connection, intent)

        return await service.database.write(unit)

    def _known(
        self, request: JointRequest, connection: Connection
    ) -> tuple[Inspection, list[Stored]]:
        """The inspection's state here, and its events since the officer saw it.

        Raises:
            Problem: there is no such inspection, or a proposal names a complaint that this office
                is not party to.
        """
        session = self._service.states.session(connection)
        if isinstance(request.said, Proposing):
            session.load(request.said.complaints)
            known = (session.complaint(one) for one in request.said.complaints)
            if not all(self._service.participant in readers(one) for one in known):
                raise Problem("no_such_complaint")
            return Inspection(), []
        state = session.inspection(request.inspection or "")
        if state.stage is Stage.NONE:
            raise Problem("no_such_inspection")
        told_from = max(request.seen or 0, state.version - MOST_TOLD)
        return state, history.load(connection, request.inspection or "", told_from)

    def _refuse_unfit(self, request: JointRequest, state: Inspection, since: list[Stored]) -> None:
        """Refuse what can be seen to be wrong without the rules.

        Raises:
            Problem: somebody else acted since, or something cannot be said.
        """
        setting = self._service.setting
        if request.seen is not None:
            told = [one.envelope() for one in since]
            refuse_stale(state, request.seen, setting.participant, told)
        refuse_unknown_words(request.said, setting.policy, setting.vocabulary)

    def _standing(self, state: Inspection) -> JointStanding:
        setting = self._service.setting
        return JointStanding(state, setting.participant, setting.now(), setting.policy)

    async def _leave_text(
        self, request: JointRequest, inspection: str, state: Inspection, letter: str
    ) -> ContentRef | None:
        """Have the holder keep the act's text; none for an act that the rules would not take.

        Raises:
            Refused: they would not.
            Problem: the holder is away.
        """
        text: str | None = getattr(request.said, "text", None)
        if request.act.letter is None or text is None:
            return None
        _follows(request, self._standing(state))
        more = request.said.model_dump(include={"method", "recommendations"})
        said = Letter(letter=letter, kind=request.act.letter, text=text, **more)
        return await leave(self._service.setting.intake, inspection, state.version, said)

    async def _worked_out(
        self, request: JointRequest, inspection: str, state: Inspection, content: ContentRef | None
    ) -> Arguments:
        """What nobody says: where the text is kept, which document the report is, its signature.

        Raises:
            Refused: the rules would not take a signature.
            Problem: a text is not here yet, or what would be signed is another document.
        """
        match request.said:
            case Reporting() if content is not None:
                as_of, said = request.seen or 0, request.said
                report = await self._reports.compose(inspection, as_of, content, said)
                return {"content": content, "document": report.digest}
            case Signing():
                _follows(request, self._standing(state))
                issued = await self._reports.issued(inspection)
                signer = self._service.setting.signer
                signature = signer.sign_report(issued.report.digest)
                return {"key": signer.key_id, "signature": signature}
            case _:
                return {"content": content}


def _said(request: JointRequest) -> dict[str, Any]:
    """What the command takes over from what was said."""
    said = dict(request.said)
    if isinstance(request.said, Reporting):
        said |= {"as_of": request.seen, "addressees": addressees(request.said.recommendations)}
    return said


def _follows(request: JointRequest, standing: JointStanding) -> list[Event]:
    return standing.follows(request.act, request.number, _said(request), request.actor)
