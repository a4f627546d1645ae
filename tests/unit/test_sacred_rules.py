"""The rules that no review may overlook, checked in the source; each finds a planted breach."""

import ast
import json
import re
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest

from ombudslink.commands import COMMANDS
from ombudslink.events import EVENTS

ROOT: Final = Path(__file__).parents[2]
KERNEL: Final = ROOT / "shared" / "src" / "ombudslink"
PRODUCT: Final = sorted(
    path
    for folder in ("shared/src", "services", "deploy")
    for path in (ROOT / folder).rglob("*.py")
)
TESTS: Final = sorted((ROOT / "tests").rglob("*.py"))
STORE: Final = KERNEL / "store"
DOMAIN: Final = (
    *sorted(
        KERNEL / f"{name}.py"
        for name in {
            *("values", "events", "commands", "complaint", "upcasts", "ids", "calendar"),
            *("decisions", "conditions", "examination", "passing", "referrals"),
            *("bodies", "requests", "jointly", "entering"),
            *("inspection", "inspection_events", "inspection_commands"),
            *("inspecting", "inviting", "joint_report", "joint", "streams", "readership"),
            *("deadlines", "rights", "status"),
            *("proof/reports", "proof/composing"),
        }
    ),
    ROOT / "services" / "routing" / "src" / "routing" / "competence.py",
)
"""What decides, and what states are folded by."""

LONGEST: Final = 350
LONGER: Final = {
    "shared/src/ombudslink/events.py": "the closed union of all events stays in one file",
    "shared/src/ombudslink/complaint.py": "the match over a complaint's events stays in one file",
    "shared/src/ombudslink/commands.py": "the closed union of all commands stays in one file",
    "tests/contract/test_log.py": "one suite that every log must pass",
    "tests/unit/test_examination.py": "one matrix of every command in every situation",
    "tests/unit/test_referral_rules.py": "one table of every command in every state",
}
"""Files that may be longer, and why."""

Check = Callable[[str], list[int]]
"""From the text of a module to the lines that break a rule."""


def event_writes(source: str) -> list[int]:
    """Where something inserts into, changes or deletes from the table of events."""
    sql = re.compile(r"(insert\s+(or\s+\w+\s+)?into|update|delete\s+from)\s+event\b", re.IGNORECASE)
    found = []
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and sql.search(node.value)
        ):
            found.append(node.lineno)
        if isinstance(node, ast.Call):
            table = node.args[0] if node.args else None
            if isinstance(node.func, ast.Attribute) and _name(node.func.value) == "event":
                table = node.func.value
            if _name(node.func) in ("insert", "update", "delete") and _name(table) == "event":
                found.append(node.lineno)
    return found


def commits(source: str) -> list[int]:
    """Where something ends a transaction by hand."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and _name(node.func) in ("commit", "rollback")
    ]


def impurities(source: str) -> list[int]:
    """Where something could learn what the order did not tell it: time, chance, the machine."""
    outside = {"os", "random", "secrets", "socket", "subprocess", "time", "urllib", "uuid"}
    clocks = {"now", "utcnow", "today", "uuid1", "uuid4", "urandom", "monotonic", "getenv"}
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [node.lineno for name in node.names if name.name.split(".")[0] in outside]
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in outside:
            found.append(node.lineno)
        if isinstance(node, ast.Call) and _name(node.func) in clocks:
            found.append(node.lineno)
    return found


def strangers(source: str) -> list[int]:
    """Where something other than the standard library, pydantic and ourselves is imported."""
    known = {*sys.stdlib_module_names, "pydantic", "ombudslink"}
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [node.lineno for name in node.names if name.name.split(".")[0] not in known]
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] not in known:
            found.append(node.lineno)
    return found


def floats(source: str) -> list[int]:
    """Where a float is named or written."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name) and node.id == "float":
            found.append(node.lineno)
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            found.append(node.lineno)
    return found


def undocumented(source: str) -> list[int]:
    """Line 1, where a module with anything in it does not open by saying what it is for."""
    tree = ast.parse(source)
    first = (ast.get_docstring(tree) or "").split("\n\n")[0]
    return [1] if tree.body and not (first.endswith(".") and len(first) <= 240) else []


def overlong(source: str) -> list[int]:
    """The first line too many."""
    return [LONGEST + 1] if len(source.splitlines()) > LONGEST else []


def dishonest(source: str) -> list[int]:
    """Where a test is skipped, expected to fail, or talks to a mock."""
    words = {"skip", "skipif", "xfail", "importorskip"}
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [name.name for name in node.names] + [getattr(node, "module", None) or ""]
            found += [node.lineno for name in names if "mock" in name]
        elif isinstance(node, ast.Attribute) and node.attr in words:
            found.append(node.lineno)
    return found


def _name(node: ast.AST | None) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def breaches(check: Check, paths: Iterator[Path]) -> list[str]:
    """Every breach in these files, as file:line."""
    return [
        f"{path.relative_to(ROOT)}:{line}"
        for path in paths
        for line in check(path.read_text(encoding="utf-8"))
    ]


def test_only_the_store_of_histories_writes_events() -> None:
    others = (path for path in PRODUCT if path != STORE / "history.py")
    assert breaches(event_writes, others) == []
    assert event_writes((STORE / "history.py").read_text(encoding="utf-8"))


def test_nobody_ends_a_transaction_outside_the_store() -> None:
    others = (path for path in PRODUCT if STORE not in path.parents)
    assert breaches(commits, others) == []
    assert breaches(commits, iter(STORE.glob("*.py")))


def test_what_decides_reads_no_clock_no_chance_and_no_machine() -> None:
    ids = KERNEL / "ids.py"
    assert breaches(impurities, (path for path in DOMAIN if path != ids)) == []
    # `ids` derives identifiers from their parts by the library of UUIDs, and does nothing else.
    assert len(impurities(ids.read_text(encoding="utf-8"))) == 1


def test_what_decides_rests_on_the_standard_library_and_pydantic() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    (domain,) = (c for c in contracts["contracts"] if c["name"].startswith("The domain"))
    modules = [KERNEL.parent / f"{name.replace('.', '/')}.py" for name in domain["source_modules"]]
    assert {path for path in DOMAIN if KERNEL in path.parents} <= set(modules)
    assert breaches(strangers, iter(modules)) == []


def test_no_event_and_no_command_holds_a_float() -> None:
    assert breaches(floats, (KERNEL / f"{name}.py" for name in ("events", "commands"))) == []
    for cls in (*EVENTS.values(), *COMMANDS.values()):
        assert '"type": "number"' not in json.dumps(cls.model_json_schema())


def test_every_module_opens_by_saying_what_it_is_for() -> None:
    assert breaches(undocumented, iter((*PRODUCT, *TESTS))) == []


def test_no_file_is_too_long_to_read() -> None:
    allowed = {ROOT / name for name in LONGER}
    assert breaches(overlong, (p for p in (*PRODUCT, *TESTS) if p not in allowed)) == []
    assert all(path.exists() for path in allowed)


def test_no_test_is_skipped_or_mocked() -> None:
    assert breaches(dishonest, (path for path in TESTS if path != Path(__file__))) == []


IRREGULAR: Final = {
    "Set",
    "Withdrawn",
    "Sent",
    "Given",
    "Taken",
    "Begun",
    "Overdue",
    "Left",
    "Withdrew",
}
THINGS: Final = {"Complaint", "Referral", "Deadline", "Competence", "Return", "Examination"}


def words(name: str) -> list[str]:
    """`ReferredTo` → Referred, To."""
    return re.findall(r"[A-Z][a-z]*", name)


def past_tense(name: str) -> bool:
    """Whether a name says that something has happened."""
    return any(word.endswith("ed") or word in IRREGULAR for word in words(name))


def imperative(name: str) -> bool:
    """Whether a name begins with what is to be done."""
    first = words(name)[0]
    return not first.endswith(("ed", "ing")) and first not in THINGS


def test_events_are_in_the_past_tense_and_commands_in_the_imperative() -> None:
    assert [name for name in EVENTS if not past_tense(name)] == []
    assert [name for name in COMMANDS if not imperative(name)] == []
    assert not EVENTS.keys() & COMMANDS.keys()


@pytest.mark.parametrize("name", ["ReferComplaint", "ReferralAcceptance", "StartExamination"])
def test_a_name_that_does_not_say_what_happened_is_noticed(name: str) -> None:
    assert not past_tense(name)


@pytest.mark.parametrize("name", ["ComplaintFile", "FiledComplaint", "StartingExamination"])
def test_a_name_that_does_not_say_what_to_do_is_noticed(name: str) -> None:
    assert not imperative(name)


PLANTED: Final[list[tuple[Check, str]]] = [
    (event_writes, "connection.execute(insert(tables.event), row)"),
    (event_writes, "connection.execute(update(event).values(body=b''))"),
    (event_writes, "connection.execute(tables.event.delete())"),
    (event_writes, "connection.execute(text('insert  or ignore into EVENT values (1)'))"),
    (commits, "transaction.commit()"),
    (commits, "connection.rollback()"),
    (impurities, "import time"),
    (impurities, "from uuid import uuid4"),
    (impurities, "import os.path"),
    (impurities, "at = datetime.now(UTC)"),
    (impurities, "today = date.today()"),
    (strangers, "import rich.table"),
    (strangers, "from jinja2 import Template"),
    (floats, "class Paid(Fact):\n    share: float | None = None"),
    (floats, "SHARE = 0.5"),
    (undocumented, "A = 1"),
    (undocumented, '"""Things"""'),
    (overlong, "a = 1\n" * (LONGEST + 1)),
    (dishonest, "@pytest.mark.skip\ndef test_it() -> None: ..."),
    (dishonest, "from unittest.mock import patch"),
]


@pytest.mark.parametrize(("check", "source"), PLANTED, ids=[c.__name__ for c, _ in PLANTED])
def test_every_check_finds_a_planted_breach(check: Check, source: str) -> None:
    assert check(source)


INNOCENT: Final[list[tuple[Check, str]]] = [
    (event_writes, "connection.execute(insert(tables.outbox), row)"),
    (event_writes, "select(tables.event.c.body)"),
    (impurities, "from datetime import date, datetime, time, timedelta"),
    (strangers, "import json\nfrom pydantic import Field\nfrom ombudslink.values import Code"),
    (floats, "class Paid(Fact):\n    share: int = 5"),
    (undocumented, '"""What it is for."""'),
    (undocumented, ""),
    (overlong, "a = 1\n" * LONGEST),
]


@pytest.mark.parametrize(("check", "source"), INNOCENT, ids=[c.__name__ for c, _ in INNOCENT])
def test_no_check_finds_a_breach_where_there_is_none(check: Check, source: str) -> None:
    assert check(source) == []
