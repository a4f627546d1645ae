"""What the driver was told, against what is there: no answer lies (I1, I2, I8, I9)."""

from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise

from consistency.prove.chain import command_of
from consistency.prove.copies import Told
from consistency.prove.findings import Findings
from consistency.prove.journal import Journal
from consistency.prove.ledger import Line
from consistency.prove.reading import INTAKE, Source

_FILINGS = "SELECT command, complaint, reference FROM filing"


def check_promises(
    ledger: Iterable[Line], source: Source, journal: Journal, told: Told, found: Findings
) -> None:
    """Compare every line with the stores and the journal."""
    filings = {command: row for command, *row in source.rows(INTAKE, _FILINGS)}
    outcomes = {command: outcome for (_, command), outcome in journal.outcomes.items()}
    receipts: dict[str, tuple[str | None, str | None]] = {}
    asked: set[str] = set()
    keys: dict[str | None, str] = {}
    shown: dict[str, list[Line]] = defaultdict(list)
    for line in ledger:
        found.count(f"{line.what} lines")
        _check_answer(line, found)
        if line.what == "status":
            shown[line.key].append(line)
        elif line.what == "act":
            _check_act(line, outcomes, found)
        else:
            command = command_of(line.by, "complaints", line.key)
            asked.add(command)
            if line.status == 201:
                found.count("filings answered 201")
                receipt = (line.reference, line.code)
                if receipts.setdefault(line.key, receipt) != receipt:
                    found.add("I1", "one key, two receipts", f"key {line.key}")
                if keys.setdefault(line.reference, line.key) != line.key:
                    found.add("I1", "one reference, two keys", f"key {line.key}")
                _check_filed(line, filings.get(command), journal, told, command, found)
    for command, (complaint, _) in filings.items():
        if command not in asked:
            found.add("I2", "a filing that nobody sent", INTAKE, complaint, 1)
    for complaint in told.filed.keys() - {complaint for complaint, _ in filings.values()}:
        found.add("I2", "a complaint that was never taken in", INTAKE, complaint, 1)
    for lines in shown.values():
        _check_shown(lines, found)


def _check_filed(
    line: Line,
    row: list[str] | None,
    journal: Journal,
    told: Told,
    command: str,
    found: Findings,
) -> None:
    where = f"key {line.key}"
    if row is None:
        found.add("I1", "a 201 for a filing that is not there", where)
        return
    complaint, reference = row
    if reference != line.reference:
        found.add("I1", "the receipt names another complaint", where, complaint, 1)
    if not journal.hashes.get(complaint) or told.filed.get(complaint) != command:
        found.add("I1", "an acknowledged filing is not in the journal", where, complaint, 1)


def _check_act(line: Line, outcomes: dict[str, dict[str, object]], found: Findings) -> None:
    """An act that was acknowledged was decided, and accepted where the answer said so."""
    if line.command is None or line.status not in (200, 201, 202):
        return
    outcome = outcomes.get(line.command)
    stream = line.complaint or ""
    if outcome is None:
        found.add("invariant 11", "an acknowledged act was not decided", line.by, stream)
    elif line.status != 202 and outcome["result"] != "accepted":
        found.add("I9", "an act that was refused was called done", line.by, stream)


def _check_answer(line: Line, found: Findings) -> None:
    where = f"key {line.key}"
    if line.status in (429, 503) and line.retry_after is None:
        found.add("I9", f"{line.status} without Retry-After", where)
    elif line.status == 500:
        found.add("I9", "an error of the program", where)


def _check_shown(lines: list[Line], found: Findings) -> None:
    """I8: a status never goes back, and its ETag is another one just when its content is."""
    told = [line for line in lines if line.status == 200]
    for before, now in pairwise(told):
        where = f"reference {now.key}"
        if (now.version or 0) < (before.version or 0):
            found.add("I8", "a status went back", where)
        if (now.etag == before.etag) != (now.content == before.content):
            found.add("I8", "ETag and content do not agree", where)
