"""Figures follow from histories alone: what is counted, for whom, and in which time."""

from collections import Counter
from datetime import UTC, timedelta
from functools import partial
from typing import Any

import pytest

from integration.figures import MARCH, complaints, counts, legs, tell
from ombudslink import commands as c
from ombudslink.commands import Order
from ombudslink.store.engine import Database
from ombudslink.testing.builders import (
    REFERRAL_IN,
    accepted,
    answered,
    closed,
    decision,
    disputed,
    expired,
    filed,
    followed_up,
    inadmissible,
    order,
    passed_on,
    received,
    recommended,
    redirected,
    registered,
    rejected,
    reopened,
    revoked,
    withdrawn,
)
from ombudslink.testing.country import (
    CHILDREN,
    GENERAL,
    HELP,
    INTAKE,
    MONDAY,
    RECOMMENDATION_END,
    TRANSFER,
    VULNERABLE,
    moment,
)
from ombudslink.testing.spec import play
from ombudslink.values import ReferralKind
from reporting import statistics
from reporting.statistics import Durations, TooManyRows


def test_each_milestone_counts_for_the_office_that_had_the_complaint_then(
    database: Database,
) -> None:
    moved_and_answered = (
        *accepted(TRANSFER),
        order(c.StartExamination(), CHILDREN),
        order(decision(), CHILDREN),
    )
    tell(database, [moved_and_answered, answered(), closed(), inadmissible(), withdrawn()])
    assert counts(complaints(database, "office")) == {
        (CHILDREN,): {"answered": 1},
        (GENERAL,): {
            "filed": 5,
            "registered": 5,
            "answered": 2,
            "closed": 1,
            "inadmissible": 1,
            "withdrawn": 1,
        },
    }


def test_a_complaint_counts_once_in_a_cell_however_often_it_comes_to_the_same(
    database: Database,
) -> None:
    twice = (*reopened(), order(decision(), GENERAL, MONDAY + timedelta(days=2)))
    tell(database, [twice, reopened()])
    (row,) = complaints(database, "month").values()
    assert row.counts["answered"] == 2
    assert row.counts["reopened"] == 2
    assert row.days == Counter({0: 2})


def test_what_a_complaint_is_about_and_what_became_of_it_are_dimensions(
    database: Database,
) -> None:
    about = {"subject": "housing", "complainant": "lawyer", "region": "750000000"}
    tell(database, [answered(), filed(**about), withdrawn()])
    assert counts(complaints(database, "subject", "complainant", "region")) == {
        ("education", "parent", "710000000"): {
            "filed": 2,
            "registered": 2,
            "answered": 1,
            "withdrawn": 1,
        },
        ("housing", "lawyer", "750000000"): {"filed": 1},
    }
    outcomes = complaints(database, "outcome")
    assert list(outcomes) == [("well-founded",), ("withdrawn",), (None,)]
    assert complaints(database, "body")[("school",)].counts["filed"] == 3


def test_whoever_is_affected_by_several_marks_counts_under_each(database: Database) -> None:
    tell(database, [filed(affected=("child", "disability")), filed(affected=()), filed()])
    assert counts(complaints(database, "affected")) == {
        ("child",): {"filed": 2},
        ("disability",): {"filed": 1},
        (None,): {"filed": 1},
    }


def test_the_month_is_that_of_filing_on_the_offices_own_clock(database: Database) -> None:
    last_night = moment("2026-03-01 01:00")
    assert last_night.astimezone(UTC).month == 2
    early = (order(filed(filed_at=last_night)[0].command, INTAKE, last_night),)
    evening = moment("2026-02-28 23:59")
    late = (order(filed(filed_at=evening)[0].command, INTAKE, evening),)
    tell(database, [early, late, registered()])
    assert counts(complaints(database, "month")) == {
        ("2026-02",): {"filed": 1},
        ("2026-03",): {"filed": 2, "registered": 1},
    }
    assert counts(complaints(database, "month", within=MARCH)).keys() == {("2026-03",)}


def test_hops_and_disputes_are_counted(database: Database) -> None:
    tell(database, [filed(), passed_on(CHILDREN), passed_on(CHILDREN, VULNERABLE), disputed()])
    rows = complaints(database, "hops")
    assert {key: row.counts["filed"] for key, row in rows.items()} == {
        (0,): 1,
        (1,): 1,
        (2,): 1,
        (3,): 1,
    }
    assert rows[(3,)].counts["disputed"] == 1
    assert complaints(database, "office")[(VULNERABLE,)].counts["disputed"] == 1


def test_recommendations_are_counted_with_what_became_of_them(database: Database) -> None:
    late = c.DeclareRecommendationOverdue(recommendation=1, due=RECOMMENDATION_END)
    accepts = c.RecordRecommendationAnswer(recommendation=1, answer="accepted")
    lives = [
        recommended(),
        (*followed_up(), order(late, "routing", RECOMMENDATION_END)),
        (*recommended(), order(accepts, GENERAL)),
    ]
    tell(database, lives)
    counts = complaints(database, "office")[(GENERAL,)].counts
    assert {name: counts[name] for name in counts if name.startswith("recommend")} == {
        "recommended": 3,
        "recommendation_answered": 1,
        "recommendation_overdue": 1,
    }


def test_a_complaint_that_is_late_is_counted_where_it_is(database: Database) -> None:
    state = play(*accepted(TRANSFER))
    assert state.examination is not None
    breach = c.BreachDeadline(due=state.examination.due)
    tell(database, [(*accepted(TRANSFER), order(breach, "routing", state.examination.due))])
    assert complaints(database, "office")[(CHILDREN,)].counts == Counter(overdue=1)


@pytest.mark.parametrize(
    ("when", "days"),
    [
        (MONDAY, 0),
        (MONDAY + timedelta(days=1), 1),
        (moment("2026-03-07 12:00"), 4),
        (moment("2026-03-10 00:30"), 5),
        (moment("2026-03-24 09:00"), 14),
    ],
)
def test_the_whole_way_is_measured_from_registration_to_decision_in_working_days(
    database: Database, when: Any, days: int
) -> None:
    answer = (order(c.StartExamination(), GENERAL, when), order(decision(), GENERAL, when))
    tell(database, [(*registered(), *answer)])
    assert complaints(database, "office")[(GENERAL,)].days == Counter({days: 1})


def test_a_second_registration_does_not_begin_the_way_anew(database: Database) -> None:
    later = MONDAY + timedelta(days=2)
    moved = (
        *accepted(TRANSFER),
        order(c.RegisterComplaint(number="CHI-2"), CHILDREN, later),
        order(c.StartExamination(), CHILDREN, later),
        order(decision(), CHILDREN, later),
    )
    tell(database, [moved])
    assert complaints(database, "office")[(CHILDREN,)].days == Counter({2: 1})


def test_mean_and_median_are_of_all_durations_in_the_cell(database: Database) -> None:
    def in_days(count: int) -> tuple[Order, ...]:
        when = MONDAY + timedelta(days=count)
        return (
            *registered(),
            order(c.StartExamination(), GENERAL, when),
            order(decision(), GENERAL, when),
        )

    tell(database, [in_days(0), in_days(1), in_days(1), in_days(4), filed()])
    (row,) = complaints(database, "month").values()
    assert (row.days.measured, row.days.mean(), row.days.median()) == (4, 1.5, 1.0)
    none = Durations()
    assert (none.measured, none.mean(), none.median()) == (0, None, None)


def test_referrals_are_counted_by_their_answer_and_by_where_they_stand(
    database: Database,
) -> None:
    tell(
        database,
        [
            received(TRANSFER),
            accepted(TRANSFER),
            rejected(TRANSFER),
            redirected(TRANSFER),
            expired(TRANSFER),
            revoked(HELP),
        ],
    )
    assert counts(legs(database, "kind")) == {
        ("referral",): {"sent": 1},
        ("transfer",): {
            "sent": 6,
            "waiting": 2,
            "accepted": 1,
            "rejected": 1,
            "redirected": 1,
            "expired": 1,
        },
    }
    assert {key: row.counts["sent"] for key, row in legs(database, "receiver").items()} == {
        (CHILDREN,): 6,
        (VULNERABLE,): 1,
    }
    assert legs(database, "sender", "state")[(GENERAL, "revoked")].counts == Counter(sent=1)


def test_an_accepted_referral_stays_accepted_whatever_comes_later(database: Database) -> None:
    tell(database, [REFERRAL_IN[state](kind) for state in REFERRAL_IN for kind in ReferralKind])
    rows = legs(database, "state")
    for state in ("accepted", "in_progress", "on_hold", "return_requested", "returned"):
        assert rows[(state,)].counts == Counter(sent=2, accepted=2)
    assert rows[("completed",)].counts == Counter(sent=2, accepted=2)


def test_a_leg_is_measured_in_working_days_from_sending_to_the_answer(database: Database) -> None:
    answer = moment("2026-03-10 10:00")
    late = (
        *received(HELP),
        order(c.AcceptReferral(referral=1), CHILDREN, answer),
        order(c.StartReferralWork(referral=1), CHILDREN, answer + timedelta(days=30)),
    )
    tell(database, [late, accepted(TRANSFER), expired(TRANSFER)])
    (row,) = legs(database, "receiver").values()
    assert row.days == Counter({5: 1, 0: 1})


def test_each_referral_of_a_complaint_keeps_its_own_answer(database: Database) -> None:
    later = MONDAY + timedelta(days=1)
    onwards = (
        *redirected(TRANSFER),
        order(c.ReceiveReferral(referral=2, number="VUL-1"), VULNERABLE),
        order(c.AcceptReferral(referral=2), VULNERABLE, later),
    )
    tell(database, [onwards])
    assert counts(legs(database, "receiver")) == {
        (CHILDREN,): {"sent": 1, "redirected": 1},
        (VULNERABLE,): {"sent": 1, "accepted": 1},
    }
    assert [row.days for row in legs(database, "receiver").values()] == [{0: 1}, {1: 1}]


def test_a_table_that_would_be_too_large_is_refused(database: Database) -> None:
    tell(database, [filed(), filed(subject="housing")])
    ask = partial(statistics.complaints, period=MARCH, by=["subject"])
    assert len(database.ask(partial(ask, most=2))) == 2
    with pytest.raises(TooManyRows):
        database.ask(partial(ask, most=1))
