"""`verify`, `story` and `history`: what the stores hold, read from their files alone."""

import json
import re
import time
from datetime import date, datetime
from typing import Annotated, Any, Final

import typer

from ombudslink.calendar import Calendar
from ombudslink.cli.stores import store_of, stream_of
from ombudslink.cli.terminal import (
    KNOWN,
    AsJson,
    Data,
    Language,
    clock,
    day,
    installation,
    language_or_default,
    say,
    say_json,
    say_why,
    table,
)
from ombudslink.envelope import Envelope
from ombudslink.folder import FolderError
from ombudslink.inspection_events import JointInspectionProposed
from ombudslink.installation import Installation
from ombudslink.proof.audit import Line, Report
from ombudslink.proof.audit import story as told
from ombudslink.proof.audit import verify as verified
from ombudslink.proof.chain import GENESIS, link
from ombudslink.proof.copies import open_store
from ombudslink.store import history as histories
from ombudslink.values import format_moment
from ombudslink.web.phrases import phrase
from ombudslink.web.words import AS_THEY_ARE, FIELDS, Words

EQUAL, DIVERGED, UNTOLD, BEHIND = 0, 1, 2, 3
"""Exit codes of `verify`."""
MOST_SHOWN: Final = 20
_LOOK_EVERY: Final = 0.5
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT: Final = re.compile(rf"{_DATE.pattern}T[\d:.]+Z")
_CODES: Final = {"equal": EQUAL, "diverged": DIVERGED, "behind": BEHIND}

_OR: Final = "Or an office's number, or an id, which may be a joint inspection's."
Which = Annotated[str, typer.Argument(metavar="REFERENCE", help=_OR)]


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

    Exit code 0: equal. 3: a store is behind. 1: diverged. 2: it could not be told.
    """
    try:
        found = installation(data)
        report = _verified(found, wait)
    except KNOWN as error:
        say_why(error)
        raise typer.Exit(UNTOLD) from None
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
    """The way of a complaint, or of a joint inspection, through all offices, event by event."""
    spoken = language_or_default(language)
    found = installation(data)
    stream = stream_of(found, complaint)
    lines = told(found.folder.stores(), found.policy.registrar, stream)
    if not lines:
        raise FolderError(f"the registrar's store has no history of {stream} yet")
    if as_json:
        say_json({_kind(lines[0].type): stream, "events": [_line(line) for line in lines]})
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
    """The raw events of a complaint or a joint inspection in one store, their hashes recomputed."""
    found = installation(data)
    participant = store or found.policy.registrar
    stream = stream_of(found, complaint)
    path = store_of(found.folder, participant)
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
                _kind(stored[0].envelope().type if stored else ""): stream,
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


def _verified(found: Installation, wait: float) -> Report:
    """Every participant's store is compared; one that is not there is an error, not equal."""
    stores = {participant: found.folder.store(participant) for participant in found.participants()}
    ends = time.monotonic() + wait
    while True:
        report = verified(stores, found.policy.registrar, found.readers_of_all())
        if report.verdict != "behind" or time.monotonic() >= ends:
            return report
        time.sleep(_LOOK_EVERY)


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
    calendar = found.policy.calendar
    words = Words(found.policy, found.vocabulary, language)
    facts = ", ".join(
        f"{phrase('field', name, language)}: "
        f"{words.word(line.type, name, value) or _plain(value, calendar)}"
        for name, value in line.facts.items()
        if (name in FIELDS or name in AS_THEY_ARE) and (name, value) != ("office", line.author)
    )
    event = phrase("event", line.type, language)
    holders = ", ".join(participant for participant, holds in line.held_by.items() if holds)
    return [
        clock(calendar.local(line.time)),
        words.author(line.author, line.type),
        f"{event} ({facts})" if facts else event,
        holders,
    ]


def _plain(value: object, calendar: Calendar | None = None) -> str:
    """A fact without a word; dates as people write them where there is a calendar."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return "/".join(_plain(item, calendar) for item in value)
    if calendar is not None and isinstance(value, str):
        if _MOMENT.fullmatch(value):
            return clock(calendar.local(datetime.fromisoformat(value)))
        if _DATE.fullmatch(value):
            return day(date.fromisoformat(value))
    return str(value)


def _kind(first: str) -> str:
    """What a stream is that begins with an event of that type."""
    return "inspection" if first == JointInspectionProposed.__name__ else "complaint"


def _facts(envelope: Envelope) -> str:
    return " ".join(
        f"{name}={_plain(value)}" for name, value in envelope.data.items() if value or value == 0
    )
