"""What is committed in `shared/contracts` is what the code says, and nothing there was broken."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from ombudslink.commands import COMMANDS
from ombudslink.contracts.files import write
from ombudslink.contracts.schemas import BODIES, ContractBroken
from ombudslink.events import EVENTS

CONTRACTS = Path(__file__).parents[2] / "shared" / "contracts"
OURS = {"asyncapi.json", "bodies", "commands", "complaint-states.md"} | {
    "events",
    "golden",
    "rights.md",
}
"""What `make contracts` writes; others may put files of their own beside it."""


def texts(folder: Path) -> dict[str, str]:
    names = (path.relative_to(folder) for path in folder.rglob("*.*"))
    ours = (name for name in names if name.parts[0] in OURS)
    return {str(name): (folder / name).read_text(encoding="utf-8") for name in ours}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The committed contracts, to be written over."""
    return Path(shutil.copytree(CONTRACTS, tmp_path / "contracts"))


def stale(committed: Path, made: Path) -> set[str]:
    """The files that `make contracts` would change."""
    before, after = texts(committed), texts(made)
    return {name for name in {*before, *after} if before.get(name) != after.get(name)}


def change(path: Path, **members: Any) -> None:
    """Put other members into a JSON file."""
    path.write_text(json.dumps(json.loads(path.read_text()) | members), encoding="utf-8")


def test_what_is_committed_is_what_the_code_gives(copy: Path) -> None:
    write(copy)
    assert stale(CONTRACTS, copy) == set(), "run `make contracts` and review the diff"


def test_a_file_that_was_changed_or_not_made_is_noticed(copy: Path) -> None:
    change(copy / "events" / "ComplaintFiled.v1.schema.json", description="Something else.")
    (copy / "commands" / "Refer.v1.schema.json").unlink()
    (copy / "complaint-states.md").write_text("nothing can become of it", encoding="utf-8")
    noticed = {"events/ComplaintFiled.v1.schema.json", "commands/Refer.v1.schema.json"}
    assert stale(copy, CONTRACTS) == noticed | {"complaint-states.md"}
    write(copy)
    assert stale(copy, CONTRACTS) == set()


def test_every_version_has_its_schema_and_nothing_else_has_one() -> None:
    wanted = {f"bodies/{name}.v1" for name in BODIES}
    for folder, types in (("events", EVENTS), ("commands", COMMANDS)):
        wanted |= {f"{folder}/{n}.v{v}" for n, t in types.items() for v in range(1, t.version + 1)}
    found = {name.removesuffix(".schema.json") for name in texts(CONTRACTS) if "schema" in name}
    assert found == wanted


def test_what_breaks_a_written_contract_is_refused_and_nothing_is_written(copy: Path) -> None:
    path = copy / "events" / "ReferralAccepted.v1.schema.json"
    fields = json.loads(path.read_text())["properties"]
    change(path, properties=fields | {"by_whom": {"type": "string"}})
    change(copy / "commands" / "Refer.v1.schema.json", description="Something else.")
    before = texts(copy)
    with pytest.raises(ContractBroken) as refused:
        write(copy)
    assert refused.value.faults == ["events/ReferralAccepted.v1.schema.json: `by_whom` was removed"]
    assert texts(copy) == before
