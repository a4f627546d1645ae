"""Whatever is done to a store's copy of a history is found and named; what is only late is late."""

import shutil
import sqlite3
from collections.abc import Mapping
from pathlib import Path

import pytest

from integration.damage import (
    ABOUT_CHILDREN,
    ANSWERED,
    BEYOND,
    DAMAGE,
    HELD,
    HISTORIES,
    LAST,
    MOVED,
    add,
    bodies,
)
from ombudslink.proof.audit import Divergence, Lag, Report, story, verify
from ombudslink.proof.copies import copies, open_store
from ombudslink.store import history
from ombudslink.store.engine import Database, StoreError
from ombudslink.store.history import Head
from ombudslink.store.migrate import migrate
from ombudslink.testing.country import CHILDREN, ENTREPRENEURS, GENERAL
from tampering import edited, rewritten, tamper

Stores = dict[str, Path]


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every participant's store with just what it must hold."""
    folder = tmp_path_factory.mktemp("originals")
    for participant, streams in HELD.items():
        events = (one for stream in streams for one in HISTORIES[stream])
        add(folder / f"{participant}.sqlite", events)
    return folder


@pytest.fixture
def stores(originals: Path, tmp_path: Path) -> Stores:
    """Copies of them, with which a test may do what it likes."""
    folder = shutil.copytree(originals, tmp_path / "stores")
    return {participant: folder / f"{participant}.sqlite" for participant in HELD}


def audit(stores: Mapping[str, Path]) -> Report:
    return verify(stores, "routing", ("intake", "reporting"))


def test_stores_that_hold_the_same_are_equal(stores: Stores) -> None:
    report = audit(stores)
    assert (report.verdict, report.diverged, report.behind) == ("equal", (), ())
    assert report.streams == len(HISTORIES)
    assert report.events == sum(len(HISTORIES[s]) for held in HELD.values() for s in held)


@pytest.mark.parametrize("participant", [CHILDREN, "intake", "routing"])
@pytest.mark.parametrize("name", DAMAGE)
def test_it_is_found_and_named_in_whatever_store(
    stores: Stores, name: str, participant: str
) -> None:
    act, version, what = DAMAGE[name]
    tamper(stores[participant], act)
    report = audit(stores)
    assert report.verdict == "diverged"
    assert report.diverged == (Divergence(MOVED, version, (participant,), what),)
    assert report.behind == ()


@pytest.mark.parametrize("participant", [CHILDREN, "intake"])
def test_an_event_that_nobody_decided_is_found_though_its_hash_fits(
    stores: Stores, participant: str
) -> None:
    tamper(stores[participant], rewritten(MOVED, [*bodies(MOVED), BEYOND]))
    assert audit(stores).diverged == (Divergence(MOVED, LAST + 1, (participant,), "inserted"),)


def test_what_only_the_registrar_has_is_what_the_others_still_wait_for(stores: Stores) -> None:
    tamper(stores["routing"], rewritten(MOVED, [*bodies(MOVED), BEYOND]))
    report = audit(stores)
    assert report.diverged == ()
    assert {lag.participant for lag in report.behind} == {"intake", "reporting", GENERAL, CHILDREN}


def test_two_stores_that_differ_from_the_rest_are_both_named(stores: Stores) -> None:
    fork = [*bodies(MOVED)[:2], edited(bodies(MOVED)[2], author="entrepreneurs")]
    tamper(stores[GENERAL], rewritten(MOVED, fork))
    tamper(stores[CHILDREN], rewritten(MOVED, fork))
    assert audit(stores).diverged == (Divergence(MOVED, 3, (CHILDREN, GENERAL), "forked"),)


def test_an_office_that_is_no_party_may_not_hold_a_history(stores: Stores) -> None:
    add(stores[CHILDREN], HISTORIES[ABOUT_CHILDREN])
    assert audit(stores).diverged == (Divergence(ABOUT_CHILDREN, 1, (CHILDREN,), "not_entitled"),)


def test_a_store_that_lacks_the_end_is_behind(stores: Stores, tmp_path: Path) -> None:
    stores[GENERAL] = tmp_path / "late.sqlite"
    add(stores[GENERAL], HISTORIES[ABOUT_CHILDREN] + HISTORIES[MOVED][:2] + HISTORIES[ANSWERED])
    report = audit(stores)
    assert report.verdict == "behind"
    assert report.behind == (Lag(GENERAL, MOVED, 2, LAST),)


@pytest.mark.parametrize("participant", ["intake", "reporting", CHILDREN])
def test_a_store_that_lacks_a_whole_history_it_must_hold_is_behind(
    stores: Stores, tmp_path: Path, participant: str
) -> None:
    stores[participant] = tmp_path / "empty.sqlite"
    add(stores[participant], ())
    behind = audit(stores).behind
    assert behind == tuple(
        Lag(participant, stream, 0, len(HISTORIES[stream])) for stream in HELD[participant]
    )


def test_a_registrar_put_back_from_a_backup_is_behind_not_the_others_wrong(
    stores: Stores, tmp_path: Path
) -> None:
    stores["routing"] = tmp_path / "restored.sqlite"
    add(stores["routing"], HISTORIES[ANSWERED] + HISTORIES[ABOUT_CHILDREN])
    report = audit(stores)
    assert (report.diverged, report.verdict) == ((), "behind")
    assert Lag("routing", MOVED, 0, LAST) in report.behind


def test_what_is_damaged_is_told_beside_what_is_late(stores: Stores, tmp_path: Path) -> None:
    tamper(stores[CHILDREN], DAMAGE["an edited body"][0])
    stores["intake"] = tmp_path / "late.sqlite"
    add(stores["intake"], HISTORIES[MOVED] + HISTORIES[ABOUT_CHILDREN])
    report = audit(stores)
    assert report.verdict == "diverged"
    assert report.behind == (Lag("intake", ANSWERED, 0, len(HISTORIES[ANSWERED])),)


def test_a_damaged_registrar_makes_nobody_else_wrong(stores: Stores) -> None:
    tamper(stores["routing"], DAMAGE["the first event deleted"][0])
    two = {participant: stores[participant] for participant in ("routing", CHILDREN)}
    report = verify(two, "routing", hold_all=())
    assert report.diverged == (Divergence(MOVED, 1, ("routing",), "deleted"),)


def test_a_running_service_is_read_as_of_one_moment(tmp_path: Path) -> None:
    path = tmp_path / "running.sqlite"
    database = Database(f"sqlite:///{path}")
    database.open()
    migrate(database)
    first, *others = [one.envelope for one in HISTORIES[MOVED]]
    with database.maintain() as writing:
        history.append(writing, Head(), [first])
    with open_store("routing", path) as reading:
        with database.maintain() as writing:
            history.append(writing, history.head(writing, MOVED), others)
        assert [copy.version for copy in copies("routing", reading)] == [1]
    with open_store("routing", path) as reading:
        assert [copy.version for copy in copies("routing", reading)] == [LAST]
    database.close()


def test_nothing_is_ever_written_into_a_store(stores: Stores) -> None:
    before = {participant: path.read_bytes() for participant, path in stores.items()}
    audit(stores)
    story(stores, "routing", MOVED)
    assert {participant: path.read_bytes() for participant, path in stores.items()} == before
    with (
        pytest.raises(StoreError),
        open_store("routing", stores["routing"]) as connection,
    ):
        connection.exec_driver_sql("UPDATE stream SET version = 9")


def test_a_store_that_cannot_be_read_is_named(stores: Stores, tmp_path: Path) -> None:
    missing, rubbish, other = (tmp_path / name for name in ("missing", "rubbish", "other"))
    rubbish.write_bytes(b"no database at all " * 100)
    sqlite3.connect(other).close()
    for path in (missing, rubbish, other):
        with pytest.raises(StoreError, match=str(path)):
            audit(stores | {CHILDREN: path})
    with pytest.raises(StoreError, match="registrar"):
        verify({"intake": stores["intake"]}, "routing", ("intake",))


def test_a_story_tells_every_event_and_who_holds_it(stores: Stores, tmp_path: Path) -> None:
    stores[GENERAL] = tmp_path / "late.sqlite"
    add(stores[GENERAL], HISTORIES[MOVED][:2])
    lines = story(stores, "routing", MOVED)
    envelopes = [one.envelope for one in HISTORIES[MOVED]]
    assert [(line.version, line.type, line.author, line.time) for line in lines] == [
        (e.version, e.type, e.author, e.time) for e in envelopes
    ]
    assert [line.held_by[GENERAL] for line in lines] == [line.version <= 2 for line in lines]
    assert all(line.held_by[CHILDREN] for line in lines)
    assert not any(line.held_by[ENTREPRENEURS] for line in lines)
    assert lines[0].facts["custodian"] == GENERAL
    assert "content" not in lines[0].facts


def test_a_story_shows_from_where_on_a_copy_is_another_one(stores: Stores) -> None:
    tamper(stores[CHILDREN], DAMAGE["another history with hashes that fit"][0])
    tamper(stores["routing"], DAMAGE["a body that is no event any more"][0])
    lines = story(stores, "routing", MOVED)
    assert [line.held_by[CHILDREN] for line in lines] == [line.version <= 2 for line in lines]
    assert [line.held_by["routing"] for line in lines] == [line.version == 1 for line in lines]
    assert (lines[1].author, lines[1].facts) == ("", {})


def test_a_complaint_that_nobody_knows_has_no_story(stores: Stores) -> None:
    assert story(stores, "routing", "00000000-0000-4000-8000-0000000000ff") == []
