"""Taking in what people say: filings, answers to questions, withdrawals."""

import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime

from pydantic import BaseModel
from sqlalchemy import Connection

from intake import filings
from intake.contents import PATIENCE
from intake.filing import Answer, Consent, Filing, Withdrawal, as_command, check, of_person
from intake.filings import FIRST, Filed
from intake.receipts import Receipt, Receipts
from ombudslink.commands import (
    Command,
    ProvideClarification,
    RecordConsent,
    Refused,
    WithdrawComplaint,
    WithdrawConsent,
)
from ombudslink.ids import derived_id
from ombudslink.references import new_reference
from ombudslink.runtime.commands import Intent, Sent, find
from ombudslink.runtime.service import Service
from ombudslink.store.vault import Vault
from ombudslink.values import Channel, ContentRef, ParticipantId
from ombudslink.web.problems import Fault, Problem


class Reception:
    """Intake's own acts; each is one transaction: content, record and command together."""

    def __init__(self, service: Service, vault: Vault, code_key: bytes, receipts: Receipts) -> None:
        self._service = service
        self._vault = vault
        self._code_key = code_key
        self._receipts = receipts

    def fingerprint(self, request: BaseModel) -> str:
        """What tells a repeated request from another one under the same key, and nothing else."""
        said = request.model_dump_json().encode()
        return hmac.new(self._code_key, b"request\0" + said, hashlib.sha256).hexdigest()

    async def file(
        self, filing: Filing, command_id: str, received_by: ParticipantId | None
    ) -> Receipt:
        """Take a complaint in; durable when this returns.

        Raises:
            Problem: something in it cannot be said, or the key was used for another filing.
        """
        setting = self._service.setting
        now, vocabulary = setting.now(), setting.vocabulary
        filing = of_person(filing) if received_by is None else filing
        check(
            filing,
            policy=setting.policy,
            vocabulary=vocabulary,
            received_by=received_by,
            now=now,
        )
        complaint = derived_id(self._service.participant, command_id, "complaint")
        reference, request = new_reference(), self.fingerprint(filing)
        complained = vocabulary.office_complained_of(filing.body)
        # An office hands the code on, unless the complaint is about itself.
        given = filing.safe_contact.on_portal and received_by != complained
        on_portal = received_by is None or given

        def receipt(connection: Connection, filed: Filed) -> Receipt:
            if received_by is None:
                return self._receipts.of(filed)
            return self._receipts.for_office(connection, filed, received_by, complained)

        def unit(connection: Connection) -> Receipt:
            known = filings.by_command(connection, command_id)
            if known is not None:
                if known.request != request:
                    raise Problem("idempotency_key_reused")
                return receipt(connection, known)
            content = self._keep(connection, complaint, command_id, "filing", filing, now)
            command = as_command(
                filing, content, vocabulary=vocabulary, received_by=received_by, now=now
            )
            filed = Filed(complaint, command_id, reference, request, FIRST, command.filed_at)
            filings.add(connection, filed, on_portal=on_portal)
            self._service.sender.send(
                connection, Intent(command_id, complaint, command, now, request=request)
            )
            return receipt(connection, filed)

        return await self._service.database.write(unit)

    async def receipt(self, command_id: str) -> Receipt | None:
        """The receipt of what a person filed by that command; None too when its code is void."""

        def question(connection: Connection) -> Receipt | None:
            known = filings.by_command(connection, command_id)
            receipt = self._receipts.of(known) if known else None
            return receipt if receipt and receipt.code else None

        return await self._service.database.query(question)

    async def answer(self, complaint: str, said: Answer, command_id: str) -> Sent:
        """Take in the complainant's answer to the open question.

        Raises:
            Refused: there is no open question.
            IdReused: the key was used for another answer.
        """
        now, request = self._service.setting.now(), self.fingerprint(said)

        def unit(connection: Connection) -> Sent:
            state = self._service.states.session(connection).complaint(complaint)
            # Words that answer nothing are not kept, but a repeated answer has its outcome.
            if not state.clarification_open and find(connection, command_id) is None:
                raise Refused("no_open_question")
            content = self._keep(connection, complaint, command_id, "answer", said, now)
            command = ProvideClarification(content=content)
            intent = Intent(command_id, complaint, command, now, request=request)
            return self._service.sender.send(connection, intent)

        return await self._take_in(unit)

    async def withdraw(self, complaint: str, said: Withdrawal, command_id: str) -> Sent:
        """Take in that the complainant does not want it examined any more.

        Raises:
            Problem: the ground is unknown.
            Refused: it is answered or closed.
            IdReused: the key was used for another withdrawal.
        """
        setting = self._service.setting
        if not setting.vocabulary.knows("withdrawal_grounds", said.ground):
            raise Problem("invalid_request", errors=[Fault("/ground", "unknown_code")])
        now, request = setting.now(), self.fingerprint(said)

        def unit(connection: Connection) -> Sent:
            state = self._service.states.session(connection).complaint(complaint)
            # Words that change nothing are not kept, but a repeated withdrawal has its outcome.
            ended = state.version > 0 and not state.open
            if ended and find(connection, command_id) is None:
                raise Refused("complaint_not_open", phase=state.phase)
            content = None
            if said.text is not None:
                content = self._keep(connection, complaint, command_id, "withdrawal", said, now)
            command = WithdrawComplaint(ground=said.ground, content=content)
            intent = Intent(command_id, complaint, command, now, request=request)
            return self._service.sender.send(connection, intent)

        return await self._take_in(unit)

    async def _take_in(self, unit: Callable[[Connection], Sent]) -> Sent:
        """Do it; what refuses it may have changed just now, so it is refused only by a history that
        was read to its end."""
        try:
            return await self._service.database.write(unit)
        except Refused:
            reader = self._service.consumer
            if reader is None or not await reader.catch_up(PATIENCE):
                raise
        return await self._service.database.write(unit)

    async def consent(self, complaint: str, said: Consent, command_id: str) -> Sent:
        """Take in what the complainant consents to.

        Raises:
            IdReused: the key was used for another request.
        """
        command = RecordConsent(purpose=said.purpose, channel=Channel.PORTAL)
        return await self._send(complaint, said, command, command_id)

    async def withdraw_consent(self, complaint: str, said: Consent, command_id: str) -> Sent:
        """Take in what the complainant does not consent to any more.

        Raises:
            IdReused: the key was used for another request.
        """
        command = WithdrawConsent(purpose=said.purpose)
        return await self._send(complaint, said, command, command_id)

    async def _send(
        self, complaint: str, said: BaseModel, command: Command, command_id: str
    ) -> Sent:
        now, request = self._service.setting.now(), self.fingerprint(said)
        intent = Intent(command_id, complaint, command, now, request=request)
        return await self._service.database.write(
            lambda connection: self._service.sender.send(connection, intent)
        )

    def _keep(
        self,
        connection: Connection,
        complaint: str,
        command_id: str,
        kind: str,
        said: BaseModel,
        at: datetime,
    ) -> ContentRef:
        holder = self._service.participant
        item = derived_id(holder, command_id, kind)
        digest = self._vault.put(
            connection,
            complaint,
            item,
            kind=kind,
            author=holder,
            at=at,
            plaintext=said.model_dump_json().encode(),
        )
        return ContentRef(holder=holder, id=item, digest=digest)
