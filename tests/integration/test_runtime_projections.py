"""Read models: rebuilt from the stored events alone, and then equal to those that grew live."""

from collections.abc import Sequence

import pytest
from sqlalchemy import Connection, Table, delete, select

from integration.office import Broken, Office, Seen
from ombudslink.ids import derived_id
from ombudslink.runtime import projections as module
from ombudslink.runtime.projections import Following, bring_up_to_date, rebuild
from ombudslink.store import outbox
from ombudslink.store.engine import Database
from ombudslink.testing.builders import COMPLAINTS
from ombudslink.testing.histories import Told, told

PASTS = [told(orders(), derived_id("complaint", name)) for name, orders in COMPLAINTS.items()]


def interleaved(histories: Sequence[Sequence[Told]]) -> list[Told]:
    """One event of each complaint in turn."""
    longest = max(len(one) for one in histories)
    return [one[n] for n in range(longest) for one in histories if n < len(one)]


@pytest.fixture
async def full(office: Office) -> Office:
    """An office that followed a complaint in every named situation."""
    await office.publish(*interleaved(PASTS))
    await office.read()
    return office


def content(database: Database, table: Table = Seen.table) -> list[tuple[object, ...]]:
    return [tuple(row) for row in database.ask(lambda c: c.execute(select(table)).all())]


async def test_a_rebuilt_read_model_equals_the_one_that_grew_live(full: Office) -> None:
    live = content(full.database)
    await full.database.write(lambda c: c.execute(delete(Seen.table)))
    with full.database.maintain() as connection:
        rebuild(connection, Following([Seen()]))
    assert content(full.database) == live
    assert len(live) == sum(len(one) for one in PASTS)


@pytest.mark.parametrize("at_once", [1, 2, 1000])
async def test_it_does_not_matter_in_which_portions_it_is_rebuilt(
    full: Office, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    live = content(full.database)
    monkeypatch.setattr(module, "CHUNK", at_once)
    with full.database.maintain() as connection:
        rebuild(connection, Following([Seen()]))
    assert content(full.database) == live


async def test_a_rebuild_repeats_no_reaction(full: Office) -> None:
    runs, sent = full.react.runs, full.database.ask(outbox.depth)
    with full.database.maintain() as connection:
        rebuild(connection, Following([Seen()]))
    assert (full.react.runs, full.database.ask(outbox.depth)) == (runs, sent)
    assert runs == sum(len(one) for one in PASTS)


class Newer(Seen):
    """The same read model in a later version of the program."""

    version = 2

    def apply(self, connection: Connection, step: module.Step) -> None:
        """Keep only first events now."""
        if step.envelope.version == 1:
            super().apply(connection, step)


async def test_a_read_model_is_built_when_new_and_when_its_version_changes_only(
    full: Office,
) -> None:
    assert bring_up_to_date(full.database, Following([Seen()])) == []
    assert bring_up_to_date(full.database, Following([Newer()])) == ["seen"]
    assert len(content(full.database)) == len(PASTS)
    assert bring_up_to_date(full.database, Following([Newer()])) == []
    assert bring_up_to_date(full.database, Following([Seen()])) == ["seen"]


async def test_a_rebuild_that_fails_leaves_the_old_read_model(full: Office) -> None:
    live = content(full.database)
    broken = Newer()
    broken.breaks_at = 1
    with pytest.raises(Broken):
        bring_up_to_date(full.database, Following([broken]))
    assert content(full.database) == live
    assert bring_up_to_date(full.database, Following([Seen()])) == []


async def test_live_events_go_on_where_a_rebuild_ended(full: Office) -> None:
    with full.database.maintain() as connection:
        rebuild(connection, Following([Seen()]))
    more = told(COMPLAINTS["closed"](), derived_id("a later complaint"))
    full.restart()
    await full.start()
    await full.publish(*more)
    await full.read()
    grown = content(full.database)
    with full.database.maintain() as connection:
        rebuild(connection, Following([Seen()]))
    assert content(full.database) == grown
