"""What was once written decodes for ever, and no contract changes without a new version."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from ombudslink.commands import COMMANDS, AcceptReferral
from ombudslink.events import EVENTS, Event, ExaminationStarted
from ombudslink.testing import golden
from ombudslink.testing.golden import CONTRACTS, Contract
from ombudslink.upcasts import UPCASTS, Data, UnknownEvent, decode
from ombudslink.values import Code

FOLDER = Path(__file__).parents[2] / "shared" / "contracts" / "golden"
VERSIONS = [(name, n) for name, cls in CONTRACTS.items() for n in range(1, cls.version + 1)]


def changes(cls: Contract, written: dict[str, Any]) -> set[str]:
    """The fields whose spelling on the log is another one than in a payload of this version."""
    try:
        now = cls.model_validate(written).model_dump(mode="json")
    except ValidationError as error:
        return {str(fault["loc"][0]) for fault in error.errors()}
    return {field for field in {*now, *written} if now.get(field, ...) != written.get(field, ...)}


@pytest.mark.parametrize(("name", "version"), VERSIONS)
def test_every_version_ever_written_decodes(name: str, version: int) -> None:
    data = golden.read(FOLDER, name, version)
    if name in EVENTS:
        assert type(decode(name, version, data)) is EVENTS[name]
    else:
        assert isinstance(COMMANDS[name].model_validate(data), COMMANDS[name])


@pytest.mark.parametrize("name", CONTRACTS)
def test_the_present_version_is_written_as_its_golden_payload_is(name: str) -> None:
    cls = CONTRACTS[name]
    assert changes(cls, golden.read(FOLDER, name, cls.version)) == set()


def test_golden_payloads_are_of_known_types_and_each_states_every_field() -> None:
    assert {path.name for path in FOLDER.iterdir()} == {f"{n}.v{v}.json" for n, v in VERSIONS}
    for name, cls in CONTRACTS.items():
        assert golden.read(FOLDER, name, cls.version).keys() == cls.model_fields.keys()


@pytest.mark.parametrize("name", EVENTS)
def test_a_field_that_a_newer_writer_added_to_an_event_is_ignored(name: str) -> None:
    data = golden.read(FOLDER, name, 1)
    assert decode(name, 1, {**data, "added_later": 1}) == decode(name, 1, data)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_with_a_field_that_nobody_knows_is_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        COMMANDS[name].model_validate({**golden.read(FOLDER, name, 1), "added_later": 1})


class Wider(ExaminationStarted):
    """The planted change of a careless programmer: a field more and the same version."""

    ground: Code | None = None


class Renamed(AcceptReferral):
    """Another one: a field under another name."""

    referral: int = 0
    number: int


@pytest.mark.parametrize(
    ("cls", "name", "field"),
    [(Wider, "ExaminationStarted", "ground"), (Renamed, "AcceptReferral", "number")],
)
def test_a_changed_field_of_a_present_version_is_noticed(
    cls: Contract, name: str, field: str
) -> None:
    assert changes(cls, golden.read(FOLDER, name, 1)) == {field}


def test_the_generator_writes_what_is_missing_and_touches_nothing_else(tmp_path: Path) -> None:
    written = golden.write_missing(tmp_path)
    assert {path.name for path in written} == {
        f"{n}.v{cls.version}.json" for n, cls in CONTRACTS.items()
    }
    kept, gone = written[0], written[1]
    kept.write_text("as it was written then")
    gone.unlink()
    assert golden.write_missing(tmp_path) == [gone]
    assert kept.read_text() == "as it was written then"


class Moved(ExaminationStarted):
    """A synthetic event at its third version."""

    version = 3
    ground: Code


EVENTS_OF_THE_FUTURE: dict[str, type[Event]] = {"ExaminationStarted": Moved}


def named_office(data: Data) -> Data:
    """Version 1 called the office by another name."""
    return {"office": data["by_office"]}


def gave_no_ground(data: Data) -> Data:
    """Version 2 had no ground."""
    return {**data, "ground": "not-stated"}


CHAIN = {("ExaminationStarted", 1): named_office, ("ExaminationStarted", 2): gave_no_ground}


@pytest.mark.parametrize(
    ("version", "data", "ground"),
    [
        (1, {"by_office": "children"}, "not-stated"),
        (2, {"office": "children"}, "not-stated"),
        (3, {"office": "children", "ground": "complaint"}, "complaint"),
    ],
)
def test_an_old_version_is_brought_to_the_present_one_step_by_step(
    version: int, data: Data, ground: str
) -> None:
    before = dict(data)
    event = decode("ExaminationStarted", version, data, events=EVENTS_OF_THE_FUTURE, upcasts=CHAIN)
    assert event == Moved(office="children", ground=ground)
    assert data == before


@pytest.mark.parametrize("version", [0, 4, -1])
def test_a_version_that_this_program_does_not_know_is_refused(version: int) -> None:
    with pytest.raises(UnknownEvent):
        decode("ExaminationStarted", version, {}, events=EVENTS_OF_THE_FUTURE, upcasts=CHAIN)
    with pytest.raises(UnknownEvent):
        decode("ComplaintTeleported", 1, {})


def test_every_old_version_of_an_event_has_its_step_to_the_next() -> None:
    needed = {(name, n) for name, cls in EVENTS.items() for n in range(1, cls.version)}
    assert set(UPCASTS) == needed
