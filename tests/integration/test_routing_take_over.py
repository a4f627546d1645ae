"""Taking over a partition from the journal: what is imported, decided again, or named as wrong."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from consistency.invariants import check_at_rest, decisions, records
from consistency.world import World
from ombudslink import commands as c
from ombudslink.envelope import Outcome
from ombudslink.ids import partition_of
from ombudslink.log import COMMANDS, HISTORY, Outgoing, Record, feed
from ombudslink.runtime.replica import is_outcome
from ombudslink.store import outbox
from ombudslink.testing.builders import filing
from ombudslink.testing.country import CHILDREN, ENTREPRENEURS, GENERAL, INTAKE
from ombudslink.testing.faulty_log import FaultyLog, truncated

STREAM = "00000000-0000-4000-8000-00000000000a"
PARTITION = partition_of(STREAM)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A complaint that was forwarded to the children's commissioner and arrived there."""
    world = World(tmp_path)
    world.ask(INTAKE, STREAM, filing())
    world.settle()
    yield world
    world.close()


def journal(world: World) -> list[Record]:
    """What the journal has of the partition."""
    return world.content.at(HISTORY, PARTITION)


def act(world: World, by: str, command: c.Command) -> str:
    """Somebody acts and the registrar decides; nothing is sent on yet."""
    id_ = world.ask(by, STREAM, command)
    world.step(world.nodes[by], world.nodes[by].send)
    world.step(world.registrar, world.registrar.decide)
    assert id_ is not None
    return id_


def lose_disk(world: World) -> None:
    """The registrar's disk is lost; the last copy takes its place."""
    world.restore_registrar(world.backups[-1])


def at_rest(world: World) -> None:
    """All is well again."""
    world.settle()
    check_at_rest(world, set())


def test_a_database_that_is_behind_imports_what_the_journal_has(world: World) -> None:
    world.back_up_registrar()
    accept = act(world, CHILDREN, c.AcceptReferral(referral=1))
    act(world, CHILDREN, c.StartExamination())
    world.settle()
    before = world.registrar.history(STREAM)
    lose_disk(world)
    assert len(world.registrar.history(STREAM)) < len(before)
    at_rest(world)
    assert world.registrar.history(STREAM) == before
    assert (CHILDREN, accept) in decisions(world)


@pytest.mark.parametrize("appended", [1, 2], ids=["no event", "one of two events"])
def test_a_torn_decision_is_decided_again_with_the_named_hash(world: World, appended: int) -> None:
    world.back_up_registrar()
    # given a decision with two events, of which the journal got only the beginning
    act(world, CHILDREN, c.RedirectReferral(referral=1, receiver=ENTREPRENEURS, reason="business"))
    lost = world.registrar.history(STREAM)
    world.registrar.log.fail_next_send_after(appended)
    world.step(world.registrar, world.registrar.send)
    named = Outcome.from_body([r for r in journal(world) if is_outcome(r)][-1].value)
    assert named.last_version == len(lost)
    # when the disk is lost before the rest was sent
    lose_disk(world)
    at_rest(world)
    # then the same events stand there again
    assert world.registrar.history(STREAM)[: len(lost)] == lost
    assert lost[-1].hash.hex() == named.last_hash


def test_a_torn_decision_is_found_though_older_records_came_again_after_it(world: World) -> None:
    old = journal(world)[:2]
    world.back_up_registrar()
    act(world, CHILDREN, c.AcceptReferral(referral=1))
    world.registrar.log.fail_next_send_after(1)
    world.step(world.registrar, world.registrar.send)
    for record in old:
        world.put(Outgoing(HISTORY, record.key, record.value, record.headers))
    lose_disk(world)
    at_rest(world)
    assert world.registrar.state(STREAM).custodian == CHILDREN


def test_a_torn_decision_after_several_others_is_found(world: World) -> None:
    world.back_up_registrar()
    act(world, CHILDREN, c.AcceptReferral(referral=1))
    act(world, CHILDREN, c.StartExamination())
    world.step(world.registrar, world.registrar.send)
    act(world, CHILDREN, c.RequestReturn(referral=1, reason="not-competent"))
    world.registrar.log.fail_next_send_after(1)
    world.step(world.registrar, world.registrar.send)
    lose_disk(world)
    at_rest(world)
    assert world.registrar.state(STREAM).referrals[0].state == "return_requested"


def test_a_torn_decision_that_comes_out_otherwise_stops_its_partition(world: World) -> None:
    world.back_up_registrar()
    act(world, CHILDREN, c.AcceptReferral(referral=1))
    world.registrar.log.fail_next_send_after(1)
    world.step(world.registrar, world.registrar.send)
    torn = journal(world).pop()
    named = Outcome.from_body(torn.value).model_copy(update={"last_hash": "0" * 64})
    world.put(Outgoing(HISTORY, torn.key, named.body(), torn.headers))
    lose_disk(world)
    stopped_at(world, named.first_version)


def stopped_at(world: World, version: int | None) -> None:
    """The partition stands still, its fault is named, and the others go on."""
    registrar = world.registrar
    world.step(registrar, registrar.decide)
    reason = f"history_diverged at version {version}"
    assert registrar.partitions.stopped == {PARTITION: reason}
    assert PARTITION not in registrar.partitions.owned
    assert len(registrar.partitions.owned) == 11
    other = next(s for n in range(99) if partition_of(s := f"{STREAM[:-2]}{n:02d}") != PARTITION)
    for stream in (STREAM, other):
        world.ask(INTAKE, stream, filing(filed_at=world.time.now))
    world.settle()
    assert registrar.state(other).phase == "open"
    assert registrar.database.ask(outbox.depth) == 0


def test_a_changed_byte_in_the_journal_stops_its_partition_at_that_version(world: World) -> None:
    place = next(n for n, r in enumerate(journal(world)) if r.headers.get("ce_sequence", "") > "")
    record = journal(world)[place]
    forged = record.value.replace(b'"region":"710000000"', b'"region":"750000000"')
    assert forged != record.value
    journal(world)[place] = Record(
        HISTORY, PARTITION, record.offset, record.time, record.key, forged, record.headers
    )
    # given a registrar that has to read the journal from its beginning
    with world.registrar.database.maintain() as connection:
        connection.exec_driver_sql("DELETE FROM position WHERE topic = 'ombudslink.history'")
    world.restart(world.registrar)
    stopped_at(world, int(record.headers["ce_sequence"]))


def test_a_forged_end_of_the_journal_is_named_by_the_outcome(world: World) -> None:
    # given the last event of the journal, changed, in a journal that this database lacks
    world.back_up_registrar()
    act(world, CHILDREN, c.AcceptReferral(referral=1))
    world.step(world.registrar, world.registrar.send)
    last = journal(world)[-1]
    forged = last.value.replace(b'"custodian":"children"', b'"custodian":"entrepreneurs"')
    assert forged != last.value
    journal(world)[-1] = Record(
        HISTORY, PARTITION, last.offset, last.time, last.key, forged, last.headers
    )
    lose_disk(world)
    stopped_at(world, int(last.headers["ce_sequence"]))


def test_a_record_that_nobody_can_read_stops_its_partition(world: World) -> None:
    world.put(Outgoing(HISTORY, STREAM, b"{", {}))
    world.restart(world.registrar)
    world.step(world.registrar, world.registrar.decide)
    (reason,) = world.registrar.partitions.stopped.values()
    assert reason.startswith("journal_unreadable")
    assert len(world.registrar.partitions.owned) == 11


def test_what_an_idle_owner_has_noted_is_not_read_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Record] = []
    reads = FaultyLog.read

    async def counted(log: FaultyLog, topic: str, *place: int) -> Sequence[Record]:
        records = await reads(log, topic, *place)
        read.extend(records if topic == HISTORY else ())
        return records

    # given a registrar that stands at the end of all commands, and has noted that
    world.run(world.registrar.partitions.note_journal())
    act(world, CHILDREN, c.AcceptReferral(referral=1))
    act(world, CHILDREN, c.StartExamination())
    at_rest(world)
    known = len(journal(world))
    world.run(world.registrar.partitions.note_journal())
    monkeypatch.setattr(FaultyLog, "read", counted)
    world.run(world.registrar.partitions.note_journal())
    assert read == []
    # when a new process takes over, then it reads the last known record and no other
    world.restart(world.registrar)
    world.step(world.registrar, world.registrar.decide)
    assert [record.offset for record in read] == [known - 1]
    # and so it is when something came since
    act(world, CHILDREN, c.RequestReturn(referral=1, reason="not-competent"))
    at_rest(world)
    read.clear()
    world.restart(world.registrar)
    world.step(world.registrar, world.registrar.decide)
    assert sorted({record.offset for record in read}) == list(range(known - 1, len(journal(world))))


def test_what_was_decided_is_noted_before_all_of_it_was_sent_and_nothing_is_lost(
    world: World,
) -> None:
    act(world, CHILDREN, c.AcceptReferral(referral=1))
    world.registrar.log.fail_next_send_after(1)
    world.step(world.registrar, world.registrar.send)
    # given a journal that has an outcome without its events, and an owner that notes it
    world.step(world.registrar, world.registrar.decide)
    world.run(world.registrar.partitions.note_journal())
    # when the disk as it is then comes back later
    world.back_up_registrar()
    act(world, CHILDREN, c.StartExamination())
    world.step(world.registrar, world.registrar.send)
    lose_disk(world)
    at_rest(world)
    assert world.registrar.state(STREAM).phase == "examination"


def test_an_owner_that_finds_another_journal_than_its_own_stops(world: World) -> None:
    registrar = world.registrar
    act(world, CHILDREN, c.AcceptReferral(referral=1))
    world.step(registrar, registrar.send)
    last = journal(world)[-1]
    forged = last.value.replace(b'"custodian":"children"', b'"custodian":"entrepreneurs"')
    journal(world)[-1] = Record(
        HISTORY, PARTITION, last.offset, last.time, last.key, forged, last.headers
    )
    world.step(registrar, registrar.decide)
    world.run(registrar.partitions.note_journal())
    stopped_at(world, int(last.headers["ce_sequence"]))


def test_what_was_decided_and_not_sent_is_neither_lost_nor_doubled(world: World) -> None:
    act(world, CHILDREN, c.AcceptReferral(referral=1))
    before, sent = world.registrar.history(STREAM), len(journal(world))
    world.restart(world.registrar)
    assert world.step(world.registrar, world.registrar.decide) == 0
    assert len(journal(world)) == sent
    at_rest(world)
    assert world.registrar.history(STREAM)[: len(before)] == before
    assert [r.id for r in journal(world)].count(f"{STREAM}/{len(before)}") == 1


def test_imported_events_reach_the_feeds_and_the_senders_answer_comes(world: World) -> None:
    world.back_up_registrar()
    id_ = act(world, CHILDREN, c.AcceptReferral(referral=1))
    accepted = len(world.registrar.history(STREAM))
    # given the journal has the decision, and the disk is lost before the feeds got it
    world.registrar.log.fail_next_send_after(2)
    world.step(world.registrar, world.registrar.send)
    lose_disk(world)
    world.settle()
    for party in (GENERAL, CHILDREN):
        ids = [record.id for record in records(world, feed(party))]
        assert ids.count(f"{STREAM}/{accepted}") == 1
    assert f"{CHILDREN}:{id_}" in [record.id for record in records(world, feed(CHILDREN))]
    check_at_rest(world, {(CHILDREN, id_)})


def test_a_filing_that_is_imported_is_routed_once(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.back_up_registrar()
    world.ask(INTAKE, STREAM, filing())
    world.step(world.intake, world.intake.send)
    world.step(world.registrar, world.registrar.decide)
    world.registrar.log.fail_next_send_after(2)
    world.step(world.registrar, world.registrar.send)
    world.restore_registrar(world.backups[-1])
    at_rest(world)
    types = [stored.envelope().type for stored in world.registrar.history(STREAM)]
    assert types.count("RoutingDecided") == 1
    world.close()


def test_a_log_that_lost_its_end_gets_back_what_was_decided(world: World) -> None:
    ends = {
        (topic, PARTITION): len(world.content.at(topic, PARTITION)) for topic in (COMMANDS, HISTORY)
    }
    ends[feed(GENERAL), 0] = len(world.content.at(feed(GENERAL), 0))
    act(world, CHILDREN, c.AcceptReferral(referral=1))
    act(world, CHILDREN, c.StartExamination())
    # given the log acknowledged all of it, intake and the general office read none of it,
    world.step(world.registrar, world.registrar.send)
    decided = world.registrar.history(STREAM)
    # when the log comes back from a copy that was made before
    world.content.records = truncated(world.content, ends).records
    world.restart(world.registrar)
    at_rest(world)
    # then nothing that was decided is missing anywhere
    assert world.intake.history(STREAM)[: len(decided)] == decided
    assert world.nodes[GENERAL].history(STREAM)[: len(decided)] == decided
