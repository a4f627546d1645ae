"""Receipts: the reference and the code by which a complaint is followed, and who is given them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from intake import filings
from intake.codes import code_for
from intake.contents import Holder
from intake.filings import FIRST, Filed
from ombudslink.runtime.service import Service
from ombudslink.values import ParticipantId
from ombudslink.web.contents import NewReceipt
from ombudslink.web.problems import Problem


@dataclass(frozen=True, slots=True)
class Receipt:
    """What whoever filed gets, once and again for the same filing. Who is not to read the
    complaint gets neither its code nor its id."""

    reference: str
    filed: datetime
    code: str | None
    complaint: str | None = None


class Receipts:
    """Gives receipts out. The code of an earlier one is void."""

    def __init__(self, service: Service, holder: Holder, code_key: bytes) -> None:
        self._service = service
        self._holder = holder
        self._code_key = code_key

    def of(self, filed: Filed) -> Receipt:
        """For the person who filed; without code once another receipt was made."""
        code = self._code(filed, FIRST) if filed.issue == FIRST else None
        return Receipt(filed.reference, filed.filed, code)

    def for_office(
        self,
        connection: Connection,
        filed: Filed,
        office: ParticipantId,
        complained: ParticipantId | None,
    ) -> Receipt:
        """For the office that entered the complaint, to be handed on to the person. It is shown
        the code while it has the complaint; the office complained of never is (invariant 12)."""
        first = self.of(filed)
        state = self._service.states.session(connection).complaint(filed.complaint)
        if office in (complained, state.complained_office):
            return Receipt(filed.reference, filed.filed, None)
        has_it = not state.version or office == state.custodian
        code = first.code if has_it else None
        return Receipt(filed.reference, filed.filed, code, filed.complaint)

    async def make(
        self, complaint: str, office: ParticipantId, command_id: str, have: int
    ) -> NewReceipt:
        """Another receipt for the complainant, by the office that has the whole complaint.

        Raises:
            Problem: the office does not have it, or has a newer history than the holder.
        """

        def unit(connection: Connection) -> NewReceipt:
            state = self._holder.require_whole(connection, complaint, office, have)
            if office != state.custodian:
                raise Problem("not_custodian", args={"office": state.custodian})
            filed = filings.by_complaint(connection, complaint)
            if filed is None:
                raise Problem("no_such_complaint")
            issue = filings.issue_again(connection, filed, command_id)
            code = self._code(filed, issue)
            return NewReceipt(reference=filed.reference, code=code, filed=filed.filed)

        return await self._holder.written(unit)

    def _code(self, filed: Filed, issue: int) -> str:
        return code_for(self._code_key, filed.complaint, issue)
