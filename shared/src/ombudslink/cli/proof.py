"""`verify`, `story` and `history`: what the stores hold, read from their files alone."""

import json
import re
import time
from typing import Annotated, Any, Final

import typer
from sqlalchemy import text

from ombudslink.cli.terminal import (
    AsJson,
    Data,
    Language,
    installation,
    language_or_default,
    say,
    say_json,
    table,
)
from ombudslink.envelope import Envelope
from ombudslink.folder import DataFolder, FolderError
from ombudslink.installation import Installation
from ombudslink.proof.audit import Line, Report
from ombudslink.proof.audit import story as told
from ombudslink.proof.audit import verify as verified
from ombudslink.proof.chain import GENESIS, link
from ombudslink.proof.copies import open_store
from ombudslink.store import history as histories
from ombudslink.values import format_moment
from ombudslink.web.phrases import phrase

EQUAL, DIVERGED, BEHIND = 0, 1, 3
"""Exit codes of `verify`."""
MOST_SHOWN: Final = 20
_LOOK_EVERY: Final = 0.5
_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_CODES: Final = {"equal": EQUAL, "diverged": DIVERGED, "behind": BEHIND}

Which = Annotated[str, typer.Argument(metavar="REFERENCE", help="Or a complaint's id.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(verify)
    app.command()(story)
    app.command()(history)


def verify(
    data: Data = None,
    wait: Annotated[
        float, typer.Option(help="Seconds to let stores that are behind catch up.")
    ] = 0.0,
    as_json: AsJson = False,
) -> None:
    """Recompute every chain in every store and compare them.

    Exit code 0: equal. 3: a store is behind. 1: diverged.
    """
    found = installation(data)
    ends = time.monotonic() + wait
    report = _verified(found)
    while report.verdict == "behind" and time.monotonic() < ends:
        time.sleep(_LOOK_EVERY)
        report = _verified(found)
    if as_json:
        say_json(_report(report))
    else:
        _show_report(report, found)
    raise typer.Exit(_CODES[report.verdict])


def story(
    complaint: Which,
    data: Data = None,
    language: Language = None,
    as_json: AsJson = False,
) -> None:
    """One complaint's way through all offices, event by event."""
    spoken = language_or_default(language)
    found = installation(data)
    stream = _stream(found, complaint)
    lines = told(found.folder.stores(), found.policy.registrar, stream)
    if not lines:
        raise FolderError(f"the registrar's store has no history of {stream} yet")
    if as_json:
        say_json({"complaint": stream, "events": [_line(line) for line in lines]})
        return
    table(
        ["", *(phrase("story", word, spoken) for word in ("time", "by", "event", "held_by"))],
        ([line.version, *_words(line, found, spoken)] for line in lines),
    )


def history(
    complaint: Which,
    store: Annotated[str | None, typer.Option(help="Whose store; the registrar's if none.")] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """The raw events of one complaint in one store, with their hashes recomputed."""
    found = installation(data)
    participant = store or found.policy.registrar
    stream = _stream(found, complaint)
    path = _store(found.folder, participant)
    with open_store(participant, path) as connection:
        stored = histories.load(connection, stream)
    previous, events, sound = GENESIS, [], True
    for one in stored:
        previous = link(previous, one.body)
        right = previous == one.hash
        sound = sound and right
        events.append((one, right))
    if as_json:
        say_json(
            {
                "complaint": stream,
                "store": participant,
                "events": [
                    {"body": json.loads(one.body), "hash": one.hash.hex(), "verified": right}
                    for one, right in events
                ],
            }
        )
    else:
        for one, right in events:
            said = one.envelope()
            found_so = "verified" if right else "WRONG"
            say(f"{said.version} {said.type} {one.hash.hex()} {found_so}")
            say(f"  {_facts(said)}")
    if not sound:
        raise typer.Exit(DIVERGED)


def _verified(found: Installation) -> Report:
    """Every participant's store is compared; one that is not there is an error, not equal."""
    stores = {participant: found.folder.store(participant) for participant in found.participants()}
    return verified(stores, found.policy.registrar)


def _show_report(report: Report, found: Installation) -> None:
    say(
        f"{report.verdict}: {report.streams} histories, {report.events} events recomputed "
        f"in {len(found.participants())} stores"
    )
    if report.diverged:
        table(
            ["complaint", "version", "stores", "what"],
            [(d.stream, d.version, ", ".join(d.stores), d.what) for d in report.diverged],
        )
    if report.behind:
        late = report.behind[:MOST_SHOWN]
        table(
            ["store", "complaint", "has", "needs"],
            [(lag.participant, lag.stream, lag.has, lag.needs) for lag in late],
        )
        if len(report.behind) > len(late):
            say(f"and {len(report.behind) - len(late)} more")


def _report(report: Report) -> dict[str, Any]:
    return {
        "verdict": report.verdict,
        "streams": report.streams,
        "events": report.events,
        "diverged": [
            {"stream": d.stream, "version": d.version, "stores": list(d.stores), "what": d.what}
            for d in report.diverged
        ],
        "behind": [
            {
                "participant": lag.participant,
                "stream": lag.stream,
                "has": lag.has,
                "needs": lag.needs,
            }
            for lag in report.behind
        ],
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "version": line.version,
        "time": format_moment(line.time),
        "author": line.author,
        "type": line.type,
        "facts": line.facts,
        "held_by": line.held_by,
    }


def _words(line: Line, found: Installation, language: str) -> list[str]:
    local = found.policy.calendar.local(line.time)
    facts = ", ".join(f"{name}: {_plain(value)}" for name, value in line.facts.items())
    event = phrase("event", line.type, language)
    holders = ", ".join(participant for participant, holds in line.held_by.items() if holds)
    return [
        f"{local:%d.%m.%Y %H:%M:%S}",
        line.author,
        f"{event} ({facts})" if facts else event,
        holders,
    ]


def _plain(value: object) -> str:
    if isinstance(value, dict):
        value = list(value.values())
    return "/".join(_plain(item) for item in value) if isinstance(value, list) else str(value)


def _facts(envelope: Envelope) -> str:
    return " ".join(
        f"{name}={_plain(value)}" for name, value in envelope.data.items() if value or value == 0
    )


def _stream(found: Installation, complaint: str) -> str:
    """The complaint's id, from the id itself or from its public reference.

    Raises:
        FolderError: nothing was filed under that reference.
    """
    if _ID.fullmatch(complaint):
        return complaint
    typed = "".join(c for c in complaint.upper() if c.isalnum())
    participant = found.policy.intake
    with open_store(participant, _store(found.folder, participant)) as connection:
        stream = connection.scalar(
            text("SELECT complaint FROM filing WHERE replace(reference, '-', '') = :typed"),
            {"typed": typed},
        )
    if stream is None:
        raise FolderError("nothing was filed under that reference")
    return str(stream)


def _store(folder: DataFolder, participant: str) -> Any:
    return folder.stores().get(participant) or folder.store(participant)
