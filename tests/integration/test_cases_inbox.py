"""The inbox as a read model: events in, rows out, and the same rows after a rebuild."""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event, select

from case_tracking import tables
from case_tracking.duties import Role, Todo
from case_tracking.inbox import Filter, read_inbox
from case_tracking.projections.inbox import NO_DATE, Inbox
from ombudslink.complaint import Phase
from ombudslink.ids import derived_id
from ombudslink.runtime.projections import Following, rebuild
from ombudslink.runtime.states import States
from ombudslink.store import history
from ombudslink.store.engine import Database
from ombudslink.store.history import Stored
from ombudslink.testing.builders import COMPLAINTS, REFERRAL_IN, accepted, filed, forwarded, order
from ombudslink.testing.country import CHILDREN, GENERAL, LEG_END, MONDAY, OFFICES, TRANSFER
from ombudslink.testing.histories import STREAM, Told, told
from ombudslink.values import ReferralKind, format_moment

Row = dict[str, object]


def follow(connection: Connection, inbox: Inbox, past: Sequence[Told]) -> None:
    """Store a history and let the inbox take it in, event by event."""
    session = States().session(connection)
    for one in past:
        before = session.get(one.envelope.stream).head
        history.replicate(connection, one.body, one.previous, before)
        inbox.apply(connection, session.add(one.envelope, Stored(one.body, one.hash)))


def rows(connection: Connection) -> list[Row]:
    found = connection.execute(select(Inbox.inbox).order_by(Inbox.inbox.c.complaint))
    return [dict(row._mapping) for row in found]


def row_of(database: Database, office: str, past: Sequence[Told]) -> Row:
    """The office's row for that history."""
    inbox = Inbox(office)
    with database.maintain() as connection:
        rebuild(connection, Following([inbox]))
        follow(connection, inbox, past)
        (row,) = rows(connection)
    return row


def test_a_referral_makes_a_row_that_says_what_to_do_until_when(database: Database) -> None:
    # given a complaint filed on Monday and forwarded an hour later, when the children's office
    # reads its history
    (filing,), (_, routing) = filed(), forwarded()
    hour = MONDAY + timedelta(hours=1)
    past = told((filing, order(routing.command, routing.by, hour)))
    row = row_of(database, CHILDREN, past)
    # then
    assert (row["role"], row["todo"]) == (Role.ASKED, Todo.ANSWER_REFERRAL)
    assert (row["subject"], row["body"], row["region"]) == ("education", "school", "710000000")
    assert json.loads(str(row["affected"])) == ["child"]
    assert (row["clock"], row["due"]) == ("leg", format_moment(LEG_END))
    # it came in when the office became party, not when the person filed
    assert row["received"] == format_moment(hour)
    assert (row["version"], row["last_event"], row["changed_by"]) == (3, "ReferredTo", "routing")


def test_acceptance_makes_it_the_custodians(database: Database) -> None:
    row = row_of(database, CHILDREN, told(accepted(TRANSFER)))
    assert (row["role"], row["custodian"]) == (Role.CUSTODIAN, CHILDREN)
    assert row["clock"] == "examination"


def test_a_complaint_without_a_date_is_sorted_behind_the_others(database: Database) -> None:
    row = row_of(database, GENERAL, told(filed()))
    assert (row["clock"], row["warn_at"], row["due"]) == (None, None, NO_DATE)


def test_before_it_is_party_an_office_has_no_role(database: Database) -> None:
    row = row_of(database, CHILDREN, told(filed()))
    assert (row["role"], row["received"]) == (Role.NONE, None)


@pytest.mark.parametrize("office", OFFICES)
def test_the_inbox_equals_its_rebuild(database: Database, office: str) -> None:
    pasts = {name: orders() for name, orders in COMPLAINTS.items()} | {
        f"{kind} {state}": orders(kind)
        for state, orders in REFERRAL_IN.items()
        for kind in ReferralKind
    }
    inbox = Inbox(office)
    with database.maintain() as connection:
        rebuild(connection, Following([inbox]))
        for name, orders in pasts.items():
            follow(connection, inbox, told(orders, derived_id(STREAM, name)))
        grown = rows(connection)
        rebuild(connection, Following([inbox]))
        assert rows(connection) == grown
    assert len(grown) == len(pasts)


@pytest.mark.parametrize(
    "wanted",
    [Filter(), Filter(todo=Todo.CLOSE), Filter(role=Role.ASKED), Filter(phase=Phase.OPEN)],
    ids=["all", "todo", "role", "phase"],
)
def test_a_page_of_the_inbox_is_read_in_the_order_of_an_index(
    database: Database, wanted: Filter
) -> None:
    """However many complaints there are, none is looked at that is not shown."""
    with database.maintain() as connection:
        rebuild(connection, Following([Inbox(CHILDREN)]))
        tables.metadata.create_all(connection)
        asked: list[tuple[str, Any]] = []
        event.listen(
            connection.engine,
            "before_cursor_execute",
            lambda _c, _cursor, sql, values, *_: asked.append((sql, values)),
        )
        read_inbox(connection, wanted, MONDAY, 26)
        ((sql, values),) = asked
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values)
        steps = [step.detail for step in plan]
    assert any("inbox" in step and "USING INDEX inbox_" in step for step in steps), steps
    assert not any("TEMP B-TREE" in step for step in steps), steps
    if wanted != Filter():
        assert not any(step.startswith("SCAN inbox") for step in steps), steps
