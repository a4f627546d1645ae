"""The joint report at one office: composed from its own replica and its own copies of the texts."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final, TypeVar

from pydantic import ValidationError
from sqlalchemy import Connection

from case_tracking import copies
from case_tracking.joint.files import File, file_of
from case_tracking.joint.inputs import Reporting
from case_tracking.letters import PATIENCE, PAUSE
from ombudslink.inspection_events import JointReportIssued, JointReportSigned
from ombudslink.inviting import content_right
from ombudslink.printing.joint_report import Edition, printed
from ombudslink.proof.composing import Incomplete, Texts, composed
from ombudslink.proof.reports import JointReport, ReportSignature, SignedReport
from ombudslink.rights import ContentRight
from ombudslink.runtime.service import Service
from ombudslink.store.vault import Vault
from ombudslink.values import ContentRef, ParticipantId
from ombudslink.web.places import Places
from ombudslink.web.problems import Problem

T = TypeVar("T")
AT_ONCE: Final = 1
MOST_WAITING: Final = 8
"""Reports that are printed at the same time, and that may wait for it."""
RETRY: Final = {"Retry-After": "1"}


@dataclass(frozen=True, slots=True)
class Issued:
    """A report that was issued, as this office composed it again: when, and when who signed it."""

    report: JointReport
    at: datetime
    signatures: tuple[ReportSignature, ...]
    signed_at: Mapping[ParticipantId, datetime]
    version: int

    @property
    def signed(self) -> SignedReport:
        """What is handed on."""
        return SignedReport(report=self.report, signatures=self.signatures)


class Reports:
    """One office's joint reports."""

    def __init__(self, service: Service, vault: Vault) -> None:
        self._service = service
        self._vault = vault
        self._places = Places(AT_ONCE, MOST_WAITING)

    async def compose(
        self, inspection: str, as_of: int, content: ContentRef, said: Reporting
    ) -> JointReport:
        """The report on the history up to that version, with what is left with the holder there.

        Raises:
            Problem: there is no such inspection, or a text of it is not here yet.
        """
        written = {content.id: said.model_dump()}

        def question(connection: Connection) -> JointReport:
            file = file_of(connection, inspection)
            return self._composed(file, as_of, content, self._texts(connection, file) | written)

        return await self._patiently(question)

    async def issued(self, inspection: str) -> Issued:
        """The report that was issued, composed again here.

        Raises:
            Problem: there is none; the office has no part in it; it is another one than follows
                from what this office has; or a text of it is not here yet.
        """
        return await self._patiently(partial(self._issued, inspection=inspection))

    async def print(self, inspection: str, language: str) -> tuple[bytes, int]:
        """The same as a PDF in that language, as of which version of the inspection.

        Raises:
            Problem: as above, or too many wait for a report already.
        """
        issued, setting = await self.issued(inspection), self._service.setting
        edition = Edition(setting.policy, setting.vocabulary, language, issued.at, issued.signed_at)
        async with self._places.one():
            made = await asyncio.to_thread(printed, issued.signed, edition)
        return made, issued.version

    def _issued(self, connection: Connection, inspection: str) -> Issued:
        file = file_of(connection, inspection)
        if content_right(file.state, self._service.participant) is not ContentRight.WHOLE:
            raise Problem("no_such_content")
        facts = [(one, one.event) for one in file.told]
        issue = [(one, f) for one, f in facts if isinstance(f, JointReportIssued)]
        if not issue:
            raise Problem("no_report")
        ((told, fact),) = issue
        try:
            texts = self._texts(connection, file)
            report = self._composed(file, fact.as_of, fact.content, texts)
        except ValidationError:
            raise Problem("report_differs") from None
        if report.digest != fact.document or report.addressees != fact.addressees:
            raise Problem("report_differs")
        signed = [(one, f) for one, f in facts if isinstance(f, JointReportSigned)]
        return Issued(
            report=report,
            at=told.time,
            signatures=tuple(ReportSignature(**dict(f)) for _, f in signed),
            signed_at={f.office: one.time for one, f in signed},
            version=file.state.version,
        )

    def _texts(self, connection: Connection, file: File) -> dict[str, Mapping[str, object]]:
        return {one.id: one.content for one in copies.held(connection, self._vault, file.told)}

    def _composed(self, file: File, as_of: int, content: ContentRef, texts: Texts) -> JointReport:
        told, last = file.told[:as_of], file.stored[as_of - 1]
        try:
            return composed(told, last.hash, content, texts)
        except Incomplete:
            raise Problem("not_yet", headers=RETRY) from None

    async def _patiently(self, question: Callable[[Connection], T]) -> T:
        """The answer; what is on its way here is waited for a little."""
        loop = asyncio.get_running_loop()
        end = loop.time() + PATIENCE
        while True:
            try:
                return await self._service.database.query(question)
            except Problem as problem:
                if problem.code != "not_yet" or loop.time() > end:
                    raise
            await asyncio.sleep(PAUSE)
