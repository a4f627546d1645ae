"""What the consumer does with records that nobody should have written, and with a faulty log."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from structlog.testing import capture_logs

from integration.office import FEED, Office, alarms
from ombudslink.ids import derived_id
from ombudslink.log import LogError, Outgoing
from ombudslink.log.memory import MemoryLog
from ombudslink.store import positions, tables
from ombudslink.testing.builders import accepted, filed
from ombudslink.testing.country import TRANSFER
from ombudslink.testing.faulty_log import backup, made_anew, truncated
from ombudslink.testing.histories import STREAM, told

PAST = told(accepted(TRANSFER))
OTHER = told(filed(), derived_id("another complaint"))[0]
HERE = (FEED, 0)
MINUTE = timedelta(minutes=1)


# --- poison ---------------------------------------------------------------------------------

EVENT = PAST[0].outgoing(FEED)
OUTCOME = {"ce_type": "org.ombudslink.CommandDecided.v1", "ce_id": "x", "ce_subject": STREAM}
POISON = {
    "nothing at all": Outgoing(FEED, "", b""),
    "no headers": replace(EVENT, headers={}),
    "a subject that is none": PAST[0].outgoing(FEED, ce_subject="Aigerim"),
    "a version that is none": PAST[0].outgoing(FEED, ce_sequence="one"),
    "version zero": PAST[0].outgoing(FEED, ce_sequence="0000000000"),
    "a negative version": PAST[0].outgoing(FEED, ce_sequence="-000000001"),
    "a version beyond all": PAST[0].outgoing(FEED, ce_sequence="9" * 10),
    "a version of many digits": PAST[0].outgoing(FEED, ce_sequence="9" * 5000),
    "a version in other digits": PAST[0].outgoing(FEED, ce_sequence="١"),
    "a hash that is none": PAST[0].outgoing(FEED, ce_prevhash="zz" * 32),
    "a short hash": PAST[0].outgoing(FEED, ce_prevhash="00"),
    "a huge id": PAST[0].outgoing(FEED, ce_id="x" * 100_000, ce_prevhash=""),
    "a lone surrogate": PAST[0].outgoing(FEED, ce_id="\ud800", ce_subject="\ud800"),
    "not JSON": replace(EVENT, value=b"\xff\x00"),
    "JSON of another kind": replace(EVENT, value=b"[1]"),
    "JSON too deep": replace(EVENT, value=b"[" * 100_000),
    "an empty object": replace(EVENT, value=b"{}"),
    "another event's body": replace(EVENT, value=PAST[1].body),
    "another complaint's body": replace(EVENT, value=OTHER.body),
    "an event of an unknown type": replace(
        EVENT, value=replace(PAST[0].envelope, type="Unheard").body()
    ),
    "an event of a newer version": replace(
        EVENT, value=replace(PAST[0].envelope, type_version=99).body()
    ),
    "an event with other data": replace(EVENT, value=replace(PAST[0].envelope, data={}).body()),
    "an outcome that is none": Outgoing(FEED, STREAM, b"{}", OUTCOME),
    "an outcome with an event's headers": Outgoing(
        FEED, STREAM, b"\xff", PAST[0].envelope.headers(bytes(32)) | OUTCOME
    ),
}
"""Records that nobody should have written."""


@pytest.mark.parametrize("kind", POISON)
@pytest.mark.parametrize("company", [True, False])
async def test_a_poisoned_record_stops_neither_the_reader_nor_another_stream(
    office: Office, kind: str, company: bool
) -> None:
    before, after = (OTHER,) if company else (), told(filed(), derived_id("later"))
    with capture_logs() as logged:
        await office.publish(*before)
        await office.put(POISON[kind])
        await office.publish(*after)
        await office.read()
    assert office.version(after[0].envelope.stream) == 1
    assert office.version(OTHER.envelope.stream) == len(before)
    assert office.version(STREAM) == 0
    assert office.database.ask(lambda c: c.scalar(select(func.count(tables.event.c.id)))) == (
        len(before) + len(after)
    )
    assert len(alarms(logged)) == 1
    assert "Aigerim" not in repr(logged)


@pytest.mark.parametrize("kind", POISON)
async def test_after_a_poisoned_record_a_restart_goes_on_behind_it(
    office: Office, kind: str
) -> None:
    await office.put(POISON[kind])
    await office.read()
    office.restart()
    with capture_logs() as logged:
        await office.start()
    assert "log_restored" not in alarms(logged)
    assert office.database.ask(lambda c: positions.recall(c, "office"))[HERE].next == 1


@pytest.mark.parametrize(
    "kind", [kind for kind in POISON if "headers" in kind or "outcome" in kind]
)
async def test_a_record_that_names_no_event_holds_nothing_and_is_noticed_as_a_gap(
    office: Office, kind: str
) -> None:
    office.registrar = PAST
    await office.put(POISON[kind])
    await office.publish(*PAST[1:])
    await office.read()
    office.clock.at += MINUTE
    await office.consumer.fill_gaps()
    assert office.version(STREAM) == len(PAST)


# --- the log's faults -----------------------------------------------------------------------


async def test_an_absent_log_is_an_error_of_the_log_and_changes_nothing(office: Office) -> None:
    await office.publish(*PAST)
    office.log.available = False
    with pytest.raises(LogError):
        await office.consumer.read_once()
    office.log.available = True
    await office.read()
    assert len(office.rows()) == len(PAST)


@pytest.mark.parametrize("fault", ["restored", "truncated and written on", "made anew"])
async def test_a_log_that_is_not_the_same_is_read_again_with_an_alarm(
    office: Office, fault: str
) -> None:
    await office.publish(*PAST[:2])
    kept = backup(office.content)
    await office.publish(PAST[2], OTHER)
    await office.read()
    content = {
        "restored": kept,
        "truncated and written on": truncated(office.content, {HERE: 2}),
        "made anew": made_anew(office.content),
    }[fault]
    office.log.log = MemoryLog(office.clock, content)
    office.restart()
    with capture_logs() as logged:
        await office.start()
        if fault == "truncated and written on":
            await office.publish(OTHER, PAST[2])
        await office.publish(PAST[3])
        await office.read()
    assert alarms(logged) == ["log_restored"]
    assert office.version(STREAM) == 4
    assert len(office.rows()) == 5


async def test_a_log_that_was_truncated_and_grew_to_the_same_length_is_noticed(
    office: Office,
) -> None:
    await office.publish(*PAST[:3])
    await office.read()
    content = truncated(office.content, {HERE: 2})
    office.log.log = MemoryLog(office.clock, content)
    await office.log.start()
    await office.publish(OTHER)
    office.restart()
    with capture_logs() as logged:
        await office.start()
        await office.read()
    assert alarms(logged) == ["log_restored"]
    assert office.version(OTHER.envelope.stream) == 1


async def test_a_restored_log_that_tells_another_history_is_a_divergence(office: Office) -> None:
    await office.publish(*PAST[:3])
    await office.read()
    office.log.log = MemoryLog(office.clock, truncated(office.content, {HERE: 2}))
    await office.log.start()
    forged = replace(PAST[2].envelope, author="entrepreneurs").body()
    office.restart()
    with capture_logs() as logged:
        await office.start()
        await office.put(replace(PAST[2].outgoing(FEED), value=forged))
        await office.read()
    assert alarms(logged) == ["log_restored", "history_diverged"]


async def test_how_much_is_unread_is_known(office: Office) -> None:
    await office.publish(*PAST)
    assert await office.consumer.lag() == len(PAST)
    await office.read()
    assert await office.consumer.lag() == 0
