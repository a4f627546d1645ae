"""Reporting's read model over histories that a test makes up, and the questions to it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select

from ombudslink.commands import Order
from ombudslink.ids import derived_id
from ombudslink.runtime.projections import Following, bring_up_to_date
from ombudslink.runtime.states import States
from ombudslink.store import history
from ombudslink.store.engine import Database
from ombudslink.testing import inspections as joint
from ombudslink.testing.builders import Orders
from ombudslink.testing.country import CALENDAR, moment
from ombudslink.testing.histories import told
from reporting import statistics
from reporting.projections.facts import Facts
from reporting.projections.inspections import Inspections
from reporting.statistics import Key, Period, Rows

MARCH = Period("2026-03", "2026-03")
ANY_TIME = Period("2020-01", "2030-12")
FOLLOWING = Following([Facts(CALENDAR)], inspection_projections=[Inspections(CALENDAR)])

Histories = Sequence[Sequence[Order]]


def tell(database: Database, histories: Histories) -> None:
    """Reporting took in these complaints' and inspections' events, one after another."""
    bring_up_to_date(database, FOLLOWING)
    states = States()
    with database.maintain() as connection:
        session = states.session(connection)
        for number, orders in enumerate(histories):
            for one in told(orders, derived_id("story", number)):
                head = session.get(one.envelope.stream).head
                (stored,) = history.append(connection, head, [one.envelope])
                FOLLOWING.project(connection, session.add(one.envelope, stored))


def later(orders: Orders, when: str) -> Orders:
    """The same orders, all at that moment."""
    return tuple(Order(one.command, one.by, moment(when)) for one in orders)


def worked(opened: str, reported: str) -> Orders:
    """Proposed on Monday, opened and reported at those moments."""
    to_open, to_report = len(joint.joined()), len(joint.voted())
    return (
        *joint.joined(),
        *later(joint.opened()[to_open:], opened),
        *later(joint.voted()[len(joint.opened()) :], opened),
        *later(joint.closed()[to_report:], reported),
    )


def complaints(database: Database, *by: str, within: Period = ANY_TIME) -> Rows:
    return database.ask(lambda connection: statistics.complaints(connection, within, by))


def legs(database: Database, *by: str, within: Period = ANY_TIME) -> Rows:
    return database.ask(lambda connection: statistics.legs(connection, within, by))


def inspections(database: Database, *by: str, within: Period = ANY_TIME) -> Rows:
    return database.ask(lambda connection: statistics.inspections(connection, within, by))


def counts(rows: Rows) -> dict[Key, dict[str, int]]:
    return {key: dict(figures.counts) for key, figures in rows.items()}


def totals(rows: Rows, name: str) -> dict[Any, int]:
    """One count by a single dimension, without noughts."""
    return {key[0]: row.counts[name] for key, row in rows.items() if row.counts[name]}


def contents(connection: Connection) -> dict[str, list[tuple[Any, ...]]]:
    """Everything in the read models."""
    return {
        table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
        for model in FOLLOWING.models.values()
        for table in model.metadata.sorted_tables
    }
