"""`verify-report`: is a joint report the one that its parties signed? For readers anywhere."""

from pathlib import Path
from typing import Annotated, Any

import typer

from ombudslink.cli.people import HERE, At
from ombudslink.cli.terminal import (
    KNOWN,
    AsJson,
    Language,
    language_or_default,
    say,
    say_json,
    say_why,
    table,
)
from ombudslink.client import Public
from ombudslink.folder import FolderError
from ombudslink.proof.signed_reports import NoReport, Verified, verify_report
from ombudslink.proof.signing import KeyFileError, KeyRing, load_ring, ring_of
from ombudslink.web.phrases import phrase

WHOLE, BROKEN, UNTOLD, UNSIGNED = 0, 1, 2, 3
"""Exit codes, as those of `verify`."""
_CODES = {"whole": WHOLE, "broken": BROKEN, "unsigned": UNSIGNED}


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("verify-report")(verify)


def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The report, as JSON or as PDF.")],
    keys: Annotated[
        Path | None,
        typer.Option(help="A folder with the offices' public keys (*.pub), got from themselves."),
    ] = None,
    at: At = HERE,
    language: Language = None,
    as_json: AsJson = False,
) -> None:
    """Check a joint report and every party's signature; without --keys, the platform's keys.

    Exit code 0: whole, signed by every party. 3: not signed by all of them. 1: changed, or wrongly
    signed. 2: it could not be told.
    """
    try:
        spoken = language_or_default(language)
        found = verify_report(_read(file), _ring(keys, at, spoken))
    except (*KNOWN, NoReport) as error:
        say_why(error)
        raise typer.Exit(UNTOLD) from None
    if as_json:
        say_json(_told(found))
    else:
        _show(found, spoken)
    raise typer.Exit(_CODES[found.verdict])


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise FolderError(f"the report cannot be read: {file}: {error.strerror}") from None


def _ring(keys: Path | None, at: str, language: str) -> KeyRing:
    if keys is None:
        platform = Public(at, language)
        try:
            return ring_of((one["participant"], one["public"]) for one in platform.public_keys())
        finally:
            platform.close()
    ring = load_ring(keys)
    if not ring.keys:
        raise KeyFileError(f"there is no public key (*.pub) in {keys}")
    return ring


def _show(found: Verified, language: str) -> None:
    def says(word: str) -> str:
        return phrase("verified", word, language)

    say(says(found.verdict))
    say(f"{says('digest')}: {found.digest}")
    table(
        [says("office"), says("found"), says("key")],
        ([one.office, says(one.standing), one.key or "–"] for one in found.offices),
    )
    if found.printed is False:
        say(says("pages_differ"))


def _told(found: Verified) -> dict[str, Any]:
    return {
        "verdict": found.verdict,
        "inspection": found.report.inspection,
        "digest": found.digest,
        "printed": found.printed,
        "offices": [
            {"office": one.office, "found": one.standing, "key": one.key} for one in found.offices
        ],
    }
