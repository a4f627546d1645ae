"""Figures of joint inspections follow from their histories alone."""

import csv
import io
from collections import Counter
from collections.abc import Callable
from datetime import UTC, timedelta
from itertools import combinations

import httpx

from integration.figures import ANY_TIME, MARCH, counts, inspections, later, tell, totals, worked
from integration.test_reporting_http import (
    INSPECTIONS,
    client,
    key,
    log,
    setting,
    table,
)
from ombudslink import inspection_commands as c
from ombudslink.store.engine import Database
from ombudslink.testing import inspections as joint
from ombudslink.testing.builders import answered, content, order
from ombudslink.testing.country import CHILDREN, GENERAL, MONDAY, POLICY, VULNERABLE, moment
from ombudslink.testing.words import VOCABULARY
from ombudslink.web.access import Scope
from ombudslink.web.phrases import phrase
from reporting.answers import BASE, FEWEST_MEASURED, InspectionRow, Layout, Wording
from reporting.statistics import INSPECTION_COUNTS, INSPECTION_DIMENSIONS

__all__ = ["client", "key", "log", "setting"]


def test_inspections_are_counted_by_what_became_of_them(database: Database) -> None:
    tell(database, [joint.proposed(), joint.opened(), joint.closed(), joint.separated()])
    assert counts(inspections(database, "stage")) == {
        ("closed",): {
            "proposed": 1,
            "opened": 1,
            "reported": 1,
            "closed": 1,
            "separated": 0,
            "complaints": 2,
            "parties": 3,
            "findings": 1,
            "dissents": 1,
        },
        ("open",): {
            "proposed": 1,
            "opened": 1,
            "reported": 0,
            "closed": 0,
            "separated": 0,
            "complaints": 2,
            "parties": 3,
            "findings": 0,
            "dissents": 0,
        },
        ("proposed",): {
            "proposed": 1,
            "opened": 0,
            "reported": 0,
            "closed": 0,
            "separated": 0,
            "complaints": 0,
            "parties": 1,
            "findings": 0,
            "dissents": 0,
        },
        ("separated",): {
            "proposed": 1,
            "opened": 1,
            "reported": 0,
            "closed": 0,
            "separated": 1,
            "complaints": 2,
            "parties": 3,
            "findings": 0,
            "dissents": 0,
        },
    }


def test_the_reason_and_the_outcome_of_the_end_are_dimensions(database: Database) -> None:
    tell(database, [joint.opened(), joint.closed(), joint.separated(), joint.separated()])
    rows = inspections(database, "separated_for", "closed_with")
    assert {key: row.counts["proposed"] for key, row in rows.items()} == {
        ("parties-agreed", None): 2,
        (None, "reported"): 1,
        (None, None): 1,
    }
    assert totals(inspections(database, "separated_for"), "separated") == {"parties-agreed": 2}


def test_one_counts_under_each_office_that_took_part_also_under_one_that_left(
    database: Database,
) -> None:
    left = (
        *joint.joined(),
        order(c.WithdrawFromInspection(reason="conflict-of-interest"), GENERAL),
    )
    tell(database, [joint.closed(), left])
    assert totals(inspections(database, "party"), "proposed") == {
        CHILDREN: 2,
        GENERAL: 2,
        VULNERABLE: 2,
    }
    assert totals(inspections(database, "lead"), "parties") == {CHILDREN: 6}
    rows = inspections(database, "party_count", "complaint_count")
    assert {key: row.counts["proposed"] for key, row in rows.items()} == {(3, 2): 2}


def test_a_complaint_that_left_took_part(database: Database) -> None:
    tell(database, [joint.one_left()])
    assert totals(inspections(database, "stage"), "complaints") == {"open": 2}


def test_a_dissent_counts_while_it_is_an_offices_last_word(database: Database) -> None:
    changed = (*joint.voted(), order(c.AgreeFindings(finding=1), GENERAL))
    again = c.RecordDissent(finding=1, content=content(26, holder=VULNERABLE))
    tell(database, [joint.voted(), changed, (*joint.voted(), order(again, VULNERABLE))])
    (row,) = inspections(database, "lead").values()
    assert (row.counts["findings"], row.counts["dissents"]) == (3, 3)


def test_opening_and_report_are_measured_in_working_days_from_the_proposal(
    database: Database,
) -> None:
    tell(
        database,
        [
            worked("2026-03-04 10:00", "2026-03-13 10:00"),
            worked("2026-03-07 12:00", "2026-03-10 00:30"),
            joint.opened(),
            joint.proposed(),
        ],
    )
    (row,) = inspections(database, "lead").values()
    assert row.opening == Counter({2: 1, 4: 1, 0: 1})
    assert row.days == Counter({8: 1, 5: 1})


def test_the_month_is_that_of_the_proposal_on_the_offices_own_clock(database: Database) -> None:
    assert moment("2026-03-01 01:00").astimezone(UTC).month == 2
    early = later(joint.proposed(), "2026-03-01 01:00")
    evening = later(joint.proposed(), "2026-02-28 23:59")
    next_month = (*joint.joined(), order(c.OpenInspection(), CHILDREN, MONDAY + timedelta(days=40)))
    tell(database, [early, evening, next_month])
    assert totals(inspections(database, "month"), "proposed") == {"2026-02": 1, "2026-03": 2}
    assert inspections(database, "month", within=MARCH).keys() == {("2026-03",)}


def test_complaints_and_inspections_do_not_mix(database: Database) -> None:
    tell(database, [answered(), joint.closed()])
    assert totals(inspections(database, "lead"), "proposed") == {CHILDREN: 1}


def test_no_public_number_of_inspections_is_a_small_one(database: Database) -> None:
    lives = [*[joint.closed()] * 7, *[joint.separated()] * 4, joint.opened(), joint.declined()]
    tell(database, lives)
    wording = Wording(POLICY, VOCABULARY, "ru")
    for size in (1, 2):
        for by in combinations(INSPECTION_DIMENSIONS, size):
            layout = Layout(by, INSPECTION_COUNTS, wording, exact=False)
            shown = layout.table(inspections(database, *by), ANY_TIME)
            assert shown.rows
            for row in shown.rows:
                assert isinstance(row, InspectionRow)
                assert row.counts["proposed"]
                days = row.working_days, row.working_days_to_opening
                told = {*row.counts.values(), *(one.measured for one in days)}
                assert {number % BASE for number in told} == {0}
                assert all(one.mean is None for one in days if one.measured < FEWEST_MEASURED)


async def test_joint_inspections_are_rounded_for_the_public_and_exact_for_an_office(
    client: httpx.AsyncClient, key: Callable[..., dict[str, str]]
) -> None:
    (shown,) = (await table(client, INSPECTIONS, "lead"))["rows"]
    assert shown["of"] == {"lead": CHILDREN}
    assert shown["words"] == {"lead": f"{CHILDREN} (en)"}
    assert shown["counts"] == {
        "proposed": 5,
        "opened": 5,
        "reported": 5,
        "closed": 5,
        "separated": 0,
        "complaints": 10,
        "parties": 20,
        "findings": 5,
        "dissents": 5,
    }
    assert shown["working_days"] == {"measured": 5, "mean": None, "median": None}
    assert shown["working_days_to_opening"] == {"measured": 5, "mean": None, "median": None}
    rows = (await table(client, INSPECTIONS, "stage,separated_for", **key(Scope.READ)))["rows"]
    assert [(row["of"]["stage"], row["counts"]["proposed"]) for row in rows] == [
        ("closed", 3),
        ("open", 1),
        ("separated", 2),
    ]
    assert rows[0]["working_days"] == {"measured": 3, "mean": 0.0, "median": 0.0}
    assert rows[1]["working_days"]["measured"] == 0
    assert rows[1]["working_days_to_opening"]["measured"] == 1
    assert rows[2]["words"]["stage"] == phrase("stage", "separated", "en")


async def test_a_spreadsheet_of_joint_inspections_tells_both_durations(
    client: httpx.AsyncClient, key: Callable[..., dict[str, str]]
) -> None:
    params = {"from": "2026-03", "to": "2026-03", "by": "party,closed_with"}
    headers = {"Accept": "text/csv", **key(Scope.READ)}
    answer = await client.get(INSPECTIONS, params=params, headers=headers)
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert list(rows[0])[:5] == [
        "party",
        "closed_with",
        "party_name",
        "closed_with_name",
        "proposed",
    ]
    assert list(rows[0])[-6:] == [
        "working_days_measured",
        "working_days_mean",
        "working_days_median",
        "working_days_to_opening_measured",
        "working_days_to_opening_mean",
        "working_days_to_opening_median",
    ]
    there = next(row for row in rows if (row["party"], row["closed_with"]) == (GENERAL, ""))
    assert there["party_name"] == "'=1+1 (en)"
    assert (there["working_days_measured"], there["working_days_to_opening_measured"]) == ("0", "3")
