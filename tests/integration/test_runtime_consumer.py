"""The consumer: effect and position together, by the rule of versions, whatever a record holds."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select
from structlog.testing import capture_logs

from integration.office import FEED, Office, alarms
from ombudslink.envelope import Outcome
from ombudslink.ids import derived_id
from ombudslink.log import Outgoing
from ombudslink.runtime.commands import look_up
from ombudslink.store import history, outbox, parking, positions, tables
from ombudslink.testing.builders import accepted, filed
from ombudslink.testing.country import TRANSFER
from ombudslink.testing.histories import STREAM, told

PAST = told(accepted(TRANSFER))
OTHER = told(filed(), derived_id("another complaint"))[0]
HERE = (FEED, 0)
MINUTE, SECOND, MILLISECOND = timedelta(minutes=1), timedelta(seconds=1), timedelta(milliseconds=1)


# --- the rule of versions -------------------------------------------------------------------


async def test_events_are_applied_in_order_with_read_model_reaction_and_position(
    office: Office,
) -> None:
    await office.publish(*PAST)
    await office.read()
    assert [version for _, version, _ in office.rows()] == list(range(1, len(PAST) + 1))
    assert office.version(STREAM) == office.react.runs == len(PAST)
    at = office.database.ask(lambda c: positions.recall(c, "office"))[HERE]
    assert (at.next, at.record) == (len(PAST), PAST[-1].envelope.name)


async def test_what_is_known_is_skipped(office: Office) -> None:
    await office.publish(*PAST, PAST[0], *PAST)
    await office.read()
    await office.publish(PAST[1])
    await office.read()
    assert len(office.rows()) == office.react.runs == len(PAST)


async def test_a_restart_goes_on_where_it_was(office: Office) -> None:
    await office.publish(*PAST[:2])
    await office.read()
    office.restart()
    await office.start()
    await office.publish(*PAST[2:])
    await office.read()
    assert office.react.runs == len(PAST) - 2
    assert len(office.rows()) == len(PAST)


async def test_a_record_beyond_the_next_waits_and_then_follows(office: Office) -> None:
    await office.publish(PAST[0], PAST[3], PAST[2])
    await office.read()
    assert office.version(STREAM) == 1
    assert office.database.ask(parking.counts) == (2, 0)
    await office.publish(PAST[1])
    await office.read()
    assert office.version(STREAM) == 4
    assert office.database.ask(parking.counts) == (0, 0)
    assert [version for _, version, _ in office.rows()] == [1, 2, 3, 4]


async def test_a_gap_holds_its_own_stream_only(office: Office) -> None:
    await office.publish(PAST[0], PAST[2], OTHER)
    await office.read()
    assert office.version(OTHER.envelope.stream) == 1


async def test_a_gap_is_fetched_only_after_five_seconds_of_the_logs_time(office: Office) -> None:
    office.registrar = PAST
    await office.publish(PAST[0], PAST[2])
    await office.read()
    office.clock.at += 5 * SECOND
    await office.consumer.fill_gaps()
    assert office.asked == []
    office.clock.at += MILLISECOND
    await office.consumer.fill_gaps()
    assert office.asked == [(STREAM, 1)]
    assert office.version(STREAM) == len(PAST)
    assert office.database.ask(parking.counts) == (0, 0)
    assert [version for _, version, _ in office.rows()] == list(range(1, len(PAST) + 1))


async def test_a_gap_that_the_registrar_does_not_fill_goes_on_waiting(office: Office) -> None:
    await office.publish(PAST[1])
    await office.read()
    office.clock.at += MINUTE
    await office.consumer.fill_gaps()
    await office.consumer.fill_gaps()
    assert office.asked == [(STREAM, 0), (STREAM, 0)]
    assert office.database.ask(parking.counts) == (1, 0)


# --- differences ----------------------------------------------------------------------------


async def test_a_changed_event_is_named_and_holds_its_stream_and_nothing_else(
    office: Office,
) -> None:
    await office.publish(*PAST[:2])
    await office.read()
    forged = replace(PAST[1].envelope, author="entrepreneurs").body()
    with capture_logs() as logged:
        await office.put(replace(PAST[1].outgoing(FEED), value=forged))
        await office.publish(PAST[2], OTHER)
        await office.read()
    (alarm,) = [line for line in logged if line["event"] == "history_diverged"]
    assert (alarm["stream"], alarm["version"], alarm["log_level"]) == (STREAM, 2, "critical")
    assert office.version(STREAM) == 2
    assert office.version(OTHER.envelope.stream) == 1
    (letter,) = office.database.ask(parking.dead_letters)
    assert letter.reason == "history_diverged at version 2"


async def test_an_event_that_follows_another_past_is_named(office: Office) -> None:
    await office.publish(PAST[0])
    await office.read()
    with capture_logs() as logged:
        await office.put(PAST[1].outgoing(FEED, ce_prevhash="ab" * 32))
        await office.read()
    assert alarms(logged) == ["history_diverged"]
    assert office.version(STREAM) == 1


# --- dead letters ---------------------------------------------------------------------------


async def test_an_event_that_we_cannot_apply_leaves_nothing_and_holds_its_stream_only(
    office: Office,
) -> None:
    office.seen.breaks_at = 2
    await office.publish(PAST[0], PAST[1], OTHER, PAST[2])
    await office.read()
    assert office.version(STREAM) == 1
    assert [(s, v) for s, v, _ in office.rows()] == [(STREAM, 1), (OTHER.envelope.stream, 1)]
    assert office.database.ask(parking.counts) == (1, 1)
    assert office.database.ask(lambda c: positions.recall(c, "office"))[HERE].next == 4


async def test_the_reason_names_error_and_place_and_never_quotes(office: Office) -> None:
    office.seen.breaks_at = 1
    with capture_logs() as logged:
        await office.publish(PAST[0])
        await office.read()
    (letter,) = office.database.ask(parking.dead_letters)
    assert letter.reason is not None
    assert letter.reason.startswith("Broken at office.py:")
    assert "Aigerim" not in repr(logged) + letter.reason
    assert alarms(logged) == ["record_parked"]


async def test_dead_letters_are_tried_again_at_the_next_start_and_the_rest_follows(
    office: Office,
) -> None:
    office.seen.breaks_at = 2
    await office.publish(*PAST)
    await office.read()
    office.restart()
    await office.start()
    assert office.version(STREAM) == 1
    office.seen.breaks_at = None
    office.restart()
    await office.start()
    assert office.version(STREAM) == len(PAST)
    assert office.database.ask(parking.counts) == (0, 0)
    assert [version for _, version, _ in office.rows()] == list(range(1, len(PAST) + 1))


async def test_a_parked_event_that_fails_does_not_take_back_those_before_it(
    office: Office,
) -> None:
    office.seen.breaks_at = 3
    await office.publish(PAST[0], PAST[2])
    await office.read()
    await office.publish(PAST[1])
    await office.read()
    assert office.version(STREAM) == 2
    (letter,) = office.database.ask(parking.dead_letters)
    assert letter.version == 3


async def test_a_stream_with_a_dead_letter_is_not_asked_for(office: Office) -> None:
    office.seen.breaks_at = 1
    await office.publish(PAST[0], PAST[2])
    await office.read()
    office.clock.at += MINUTE
    await office.consumer.fill_gaps()
    assert office.asked == []


# --- commands -------------------------------------------------------------------------------


async def decided(office: Office, by: str, version: int = 1) -> tuple[str, Outgoing]:
    """A command of this office's reaction, and the record that tells its outcome to `by`."""
    command = derived_id(STREAM, version, "react")
    row = tables.command.c
    digest = office.database.ask(lambda c: c.scalar(select(row.digest).where(row.id == command)))
    outcome = Outcome(
        command_id=command,
        digest=digest,
        by=by,
        stream=STREAM,
        root=STREAM,
        partition=0,
        offset=0,
        time=office.clock(),
        result="refused",
        code="not_custodian",
    )
    return command, Outgoing(FEED, STREAM, outcome.body(), outcome.headers())


async def test_an_outcome_settles_its_command_and_wakes_who_waits_for_it(office: Office) -> None:
    await office.publish(PAST[0])
    await office.read()
    command, record = await decided(office, "children")
    waiting = asyncio.create_task(office.sender.decided(command, 600))
    await office.put(record)
    await office.read()
    async with asyncio.timeout(30):
        await waiting
    sent = office.database.ask(lambda c: look_up(c, command))
    assert sent is not None
    assert sent.outcome is not None
    assert sent.outcome.code == "not_custodian"


async def test_an_outcome_of_another_participant_is_not_ours(office: Office) -> None:
    await office.publish(PAST[0])
    await office.read()
    command, record = await decided(office, "general")
    await office.put(record)
    await office.read()
    sent = office.database.ask(lambda c: look_up(c, command))
    assert sent is not None
    assert sent.outcome is None


async def test_an_outcome_settles_even_beside_a_record_that_cannot_be_applied(
    office: Office,
) -> None:
    await office.publish(PAST[0])
    await office.read()
    command, record = await decided(office, "children")
    await office.put(replace(PAST[1].outgoing(FEED), value=b"{}"), record)
    await office.read()
    sent = office.database.ask(lambda c: look_up(c, command))
    assert sent is not None
    assert sent.outcome is not None


async def test_a_command_of_a_reaction_is_stored_with_the_event_or_not_at_all(
    office: Office,
) -> None:
    office.seen.breaks_at = 2
    await office.publish(*PAST[:2])
    await office.read()
    assert office.database.ask(outbox.depth) == 1
    assert len(office.database.ask(lambda c: history.load(c, STREAM))) == 1
