"""Is a joint report, as JSON or as PDF, the one that its parties signed? Told from the file alone.

The digest is taken of the document as it stands in the file and not of what this program would
make of it, so that nothing in it can be changed, added or left out unnoticed.
"""

import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO
from typing import Any, Final, Literal

from pydantic import ValidationError

from ombudslink.printing.letters import MARK, printable
from ombudslink.proof.chain import NotCanonical
from ombudslink.proof.reports import JointReport, ReportSignature, SignedReport, digest_of
from ombudslink.proof.signing import KeyRing
from ombudslink.values import Hash, KeyId, ParticipantId

ATTACHED: Final = "report.json"
"""Under which name a PDF holds the document."""
MOST_BYTES: Final = 32 * 1024 * 1024
_PDF: Final = b"%PDF-"
_FOOT: Final = r"\D{0,20}\d{1,5}\D{0,20}\d{1,5}\D{0,20}$"
"""What ends every page after the report's mark: the page's number, and of how many."""

Verdict = Literal["whole", "unsigned", "broken"]
"""Every party's signature holds; some have not signed; something is wrong."""


class NoReport(Exception):
    """A file that is no joint report; the message says why, and repeats nothing of it."""


class Standing(StrEnum):
    """What is found of one office's signature."""

    SIGNED = "signed"
    NOT_SIGNED = "not_signed"
    WRONG = "wrong"
    """It is not of this document, or not of this office."""
    UNKNOWN_KEY = "unknown_key"
    NO_PARTY = "no_party"
    """Signed by an office that is no party."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What is found of one office: `key` is what the signature says it was made with."""

    office: ParticipantId
    standing: Standing
    key: KeyId | None


@dataclass(frozen=True, slots=True)
class Verified:
    """What is found of a report. `printed` is whether the pages of a PDF say what the document in
    it says; None for a document without pages."""

    report: JointReport
    digest: Hash
    offices: tuple[Checked, ...]
    printed: bool | None = None

    @property
    def verdict(self) -> Verdict:
        """All of it in one word."""
        found = {one.standing for one in self.offices}
        if found - {Standing.SIGNED, Standing.NOT_SIGNED} or self.printed is False:
            return "broken"
        return "unsigned" if Standing.NOT_SIGNED in found or not found else "whole"


def verify_report(raw: bytes, ring: KeyRing) -> Verified:
    """What is found of a file with these keys.

    Raises:
        NoReport: it is none.
    """
    if len(raw) > MOST_BYTES:
        raise NoReport("the file is too large to be a joint report")
    if not raw.startswith(_PDF):
        return _verified(raw, ring, None)
    attached, pages = _inside(raw)
    return _verified(attached, ring, pages)


def _verified(raw: bytes, ring: KeyRing, pages: Sequence[str] | None) -> Verified:
    document = _read(raw)
    try:
        signed = SignedReport.model_validate(document)
        digest = digest_of(document["report"])
    except (ValidationError, NotCanonical):
        raise NoReport("the file is not in the form of a joint report") from None
    parties = [_party(office, digest, signed, ring) for office in signed.report.signers]
    strangers = {one.office: one.key for one in signed.signatures}
    others = [
        Checked(office, Standing.NO_PARTY, key)
        for office, key in strangers.items()
        if office not in signed.report.signers
    ]
    printed = None if pages is None else _is_printed(signed.report, pages)
    return Verified(signed.report, digest, (*parties, *others), printed)


def _party(office: ParticipantId, digest: Hash, signed: SignedReport, ring: KeyRing) -> Checked:
    own = [one for one in signed.signatures if one.office == office]
    if not own:
        return Checked(office, Standing.NOT_SIGNED, None)
    found = {_standing(one, digest, ring) for one in own}
    standing = found.pop() if len(own) == 1 else Standing.WRONG
    return Checked(office, standing, own[0].key)


def _standing(one: ReportSignature, digest: Hash, ring: KeyRing) -> Standing:
    if one.key not in ring.keys:
        return Standing.UNKNOWN_KEY
    holds = ring.verify_report(one.office, one.key, digest, one.signature)
    return Standing.SIGNED if holds and one.digest == digest else Standing.WRONG


def _read(raw: bytes) -> dict[str, Any]:
    try:
        read = json.loads(raw.decode("utf-8"), object_pairs_hook=_object)
    except (ValueError, RecursionError):
        raise NoReport("the file is neither JSON nor PDF") from None
    if not isinstance(read, dict):
        raise NoReport("the file is not in the form of a joint report")
    return read


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; a name that is there twice would be read differently by different readers."""
    read = dict(pairs)
    if len(read) != len(pairs):
        raise NoReport("the file says something twice")
    return read


def _inside(raw: bytes) -> tuple[bytes, list[str]]:
    """The document in a PDF, and the text of its pages."""
    # Only who reads a PDF needs what reads one.
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        reader = PdfReader(BytesIO(raw))
        attached = [bytes(one.content) for one in reader.attachment_list if one.name == ATTACHED]
        pages = [page.extract_text() for page in reader.pages]
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise NoReport("the PDF cannot be read") from None
    if len(attached) != 1:
        raise NoReport(f"the PDF does not hold just one {ATTACHED}")
    return attached[0], pages


def _is_printed(report: JointReport, pages: Sequence[str]) -> bool:
    """Whether every word that the offices wrote stands on the pages, and the digest at the end."""
    digest = report.digest
    foot = re.compile(digest[:MARK] + _FOOT)
    whole = "".join(foot.sub("", _squeezed(page)) for page in pages)
    return all(_stands(text, whole) for text in (*report.texts, digest))


def _stands(text: str, whole: str) -> bool:
    """Whether a text is printed; where it has letters that stand otherwise on paper, those of its
    words that have none."""
    if printable(text) == text:
        return _squeezed(text) in whole
    words = (word for word in text.split() if word.isalnum() and printable(word) == word)
    return all(_squeezed(word) in whole for word in words)


def _squeezed(text: str) -> str:
    """The letters without what lies between them: lines end elsewhere on paper."""
    return "".join(unicodedata.normalize("NFKC", text).split())
