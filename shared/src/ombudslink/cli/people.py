"""`file`, `status` and consent to a joint inspection: what a complainant does, over HTTP."""

import sys
import time
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final

import typer

from ombudslink.cli.terminal import AsJson, Language, day, language_or_default, say, say_json
from ombudslink.client import Person, Seen, Unanswered
from ombudslink.web.phrases import phrase

LOOK_EVERY: Final = 5.0

At = Annotated[str, typer.Option(help="The platform's address.", envvar="OMBUDSLINK_AT")]
Code = Annotated[str | None, typer.Option(envvar="OMBUDSLINK_CODE", help="Else asked.")]
Key = Annotated[str | None, typer.Option(help="A UUID that makes repeating this harmless.")]
HERE: Final = "http://127.0.0.1:8000"


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("file")(file_complaint)
    app.command()(status)
    app.command()(consent)
    app.command()(withdraw_consent)


def file_complaint(
    at: At = HERE,
    language: Language = None,
    name: Annotated[str | None, typer.Option(help="Who complains.")] = None,
    text: Annotated[str | None, typer.Option(help="What happened; - reads it from input.")] = None,
    for_whom: Annotated[str | None, typer.Option(help="Who is concerned, if not oneself.")] = None,
    complainant: Annotated[str, typer.Option(help="E.g. self, parent, lawyer.")] = "self",
    affected: Annotated[
        list[str] | None, typer.Option(help="Who is affected, e.g. child; repeatable.")
    ] = None,
    subject: Annotated[str, typer.Option(help="What it is about, e.g. education.")] = "other",
    body: Annotated[str, typer.Option(help="The kind of body complained of.")] = "other",
    body_name: Annotated[str | None, typer.Option(help="Which body that is.")] = None,
    region: Annotated[str | None, typer.Option(help="A region's code.")] = None,
    place: Annotated[str | None, typer.Option(help="A place's code, instead of region.")] = None,
    addressed: Annotated[str | None, typer.Option(help="The office it is addressed to.")] = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """File a complaint; prints the reference and the code to follow it with.

    The codes are listed at /intake/v1/vocabulary and /intake/v1/places of the platform.
    """
    spoken = language_or_default(language)
    filing = {
        "language": spoken,
        "complainant": complainant,
        "who": {"name": name or typer.prompt(phrase("terminal", "your_name", spoken))},
        "for_whom": {"name": for_whom} if for_whom else None,
        "affected": affected or [],
        "subject": subject,
        "body": body,
        "body_name": body_name,
        "region": region,
        "place": place,
        "addressed": addressed,
        "text": _text(text, spoken),
    }
    with Person(at, spoken) as client:
        receipt = client.file(filing, key or str(uuid.uuid4()))
    if as_json:
        say_json(receipt.model_dump(mode="json"))
        return
    say(phrase("terminal", "filed", spoken))
    say(f"{phrase('terminal', 'reference', spoken)}: {receipt.reference}")
    say(f"{phrase('terminal', 'code', spoken)}: {receipt.code}")
    say(phrase("terminal", "keep", spoken))


def status(
    reference: str,
    code: Code = None,
    at: At = HERE,
    language: Language = None,
    watch: Annotated[bool, typer.Option("--watch", help="Go on until it is closed.")] = False,
    as_json: AsJson = False,
) -> None:
    """Where a complaint stands: who has it, its way so far, the next date, letters."""
    spoken = language_or_default(language)
    code = _code(code, spoken)
    with Person(at, spoken) as client:
        token, seen = client.open_status(reference, code), None
        while True:
            try:
                news = client.status(reference, token, seen)
            except Unanswered:
                # The token's time may be over; if it is something else, this says so.
                token = client.open_status(reference, code)
                news = client.status(reference, token, seen)
            if news is not None:
                seen = news
                say_json(news.view) if as_json else _show(news, spoken)
            if not watch or (seen and seen.view["status"] == "closed"):
                return
            time.sleep(LOOK_EVERY)


def consent(
    reference: str, code: Code = None, at: At = HERE, language: Language = None, key: Key = None
) -> None:
    """Let the offices of a joint inspection see the complaint."""
    spoken = language_or_default(language)
    code = _code(code, spoken)
    with Person(at, spoken) as client:
        client.consent(reference, client.open_status(reference, code), key)
    say(phrase("terminal", "consented", spoken))


def withdraw_consent(
    reference: str, code: Code = None, at: At = HERE, language: Language = None, key: Key = None
) -> None:
    """Let the complaint leave its joint inspection; the other offices get nothing newer."""
    spoken = language_or_default(language)
    code = _code(code, spoken)
    with Person(at, spoken) as client:
        client.withdraw_consent(reference, client.open_status(reference, code), key)
    say(phrase("terminal", "consent_withdrawn", spoken))


def _code(given: str | None, language: str) -> str:
    return given or str(typer.prompt(phrase("terminal", "code", language), hide_input=True))


def _text(given: str | None, language: str) -> str:
    if given == "-":
        return sys.stdin.read()
    return given or str(typer.prompt(phrase("terminal", "your_text", language)))


def _show(seen: Seen, language: str) -> None:
    told = seen.view

    def line(word: str, text: object) -> None:
        say(f"{phrase('terminal', word, language)}: {text}")

    line("reference", told["reference"])
    line("status", told["status_text"])
    for one in told["registrations"]:
        line("registered", f"{one['office']['name']}, {one['number']}, {_day(one['date'])}")
    if told["next_date"]:
        line("next_date", _day(told["next_date"]))
    if told["outcome_text"]:
        line("outcome", told["outcome_text"])
    if told["remedy_text"]:
        say(f"  {told['remedy_text']}")
    letters = [_letter(letter) for letter in told["letters"]]
    for word, lines in (("way", _way(told, language)), ("letters", letters)):
        if lines:
            say(f"{phrase('terminal', word, language)}:")
        for text in lines:
            say(f"  {text}")


def _way(told: Mapping[str, Any], language: str) -> list[str]:
    """Hops and turning points together, in the order of time."""
    hops = [(hop["sent"], _hop(hop, language)) for hop in told["hops"]]
    turns = [(turn["at"], _joined(turn["text"], turn["ground_text"])) for turn in told["turns"]]
    return [f"{_day(at)}  {text}" for at, text in sorted(hops + turns)]


def _hop(hop: Mapping[str, Any], language: str) -> str:
    between = f"{hop['sender']['name']} → {hop['receiver']['name']}"
    suggested = hop["suggested"] and phrase("follow", "suggested", language, body=hop["suggested"])
    why = (hop["reason_text"], hop["state_text"], hop["end_text"])
    return _joined(between, *why, suggested, hop["remedy_text"])


def _letter(letter: Mapping[str, Any]) -> str:
    return f"{_day(letter['sent'])}  {letter['text']}"


def _joined(*parts: str | None) -> str:
    return "; ".join(part for part in parts if part)


def _day(at: str) -> str:
    """The day of a moment here, or just that day."""
    return day(datetime.fromisoformat(at).astimezone())
