"""The two legal clocks: what stands, what fires, what is too early, too late or twice."""

from datetime import timedelta

import pytest

from ombudslink import commands as c
from ombudslink import events as e
from ombudslink.commands import Refused
from ombudslink.deadlines import timers
from ombudslink.decisions import decide
from ombudslink.testing.builders import (
    COMPLAINTS,
    REFERRAL_IN,
    Orders,
    accepted,
    answered,
    examined,
    filed,
    inadmissible,
    kept,
    order,
    redirected,
    registered,
    reopened,
    requested,
)
from ombudslink.testing.country import (
    CHILDREN,
    EXAMINATION_END,
    EXAMINATION_WARNING,
    GENERAL,
    HELP,
    LEG_END,
    LEG_WARNING,
    POLICY,
    REGISTRAR,
    TRANSFER,
    moment,
)
from ombudslink.testing.spec import given, play
from ombudslink.values import PENDING, Clock, ReferralKind, ReferralState

SECOND = timedelta(seconds=1)
EVERYWHERE = [
    *((name, orders()) for name, orders in COMPLAINTS.items()),
    *(
        (f"{state}-{kind}", orders(kind))
        for state, orders in REFERRAL_IN.items()
        for kind in ReferralKind
    ),
]


@pytest.mark.parametrize("orders", [o for _, o in EVERYWHERE], ids=[n for n, _ in EVERYWHERE])
def test_every_timer_that_stands_fires_at_its_moment_not_before_and_not_twice(
    orders: Orders,
) -> None:
    complaint = given(*orders)
    for timer in timers(complaint.state):
        early = complaint.when(timer.command, by=REGISTRAR, at=timer.at - SECOND)
        early.then_refused("deadline_does_not_stand")
        for late in (timedelta(0), timedelta(days=400)):
            fired = complaint.when(timer.command, by=REGISTRAR, at=timer.at + late)
            assert len(fired.events) == 1
            after = fired.then(*fired.events)
            assert timer not in timers(after.state)
            again = after.when(timer.command, by=REGISTRAR, at=timer.at)
            again.then_refused("deadline_does_not_stand")


@pytest.mark.parametrize("kind", ReferralKind, ids=str)
@pytest.mark.parametrize("state", ReferralState, ids=str)
def test_a_leg_has_its_timers_exactly_while_it_is_unanswered(
    kind: ReferralKind, state: ReferralState
) -> None:
    names = {timer.name for timer in timers(play(*REFERRAL_IN[state](kind)))}
    legs = {name for name in names if not name.endswith("examination")}
    if state in PENDING:
        assert legs == {"warn-1", "expire-1"}
    elif state is ReferralState.REDIRECTED:
        assert legs == {"warn-2", "expire-2"}
    else:
        assert legs == set()


def test_an_unregistered_complaint_has_no_clock_and_a_finished_one_neither() -> None:
    assert timers(play(*filed())) == ()
    assert timers(play(*answered())) == ()


def test_a_registered_complaint_has_a_warning_and_an_end() -> None:
    standing = {timer.name: timer.at for timer in timers(play(*registered()))}
    assert standing == {
        "warn-examination": EXAMINATION_WARNING,
        "breach-examination": EXAMINATION_END,
    }


def test_a_leg_of_three_working_days_passes_over_the_weekend_and_the_holiday() -> None:
    # given a referral sent on a Thursday before a weekend and a holiday on Monday
    refer = c.Refer(kind=HELP, receiver=CHILDREN, reason="competence")
    thursday = moment("2026-03-05 10:00")
    sent = given(*kept()).when(refer, by=GENERAL, at=thursday).then(e.ReferredTo)
    leg = sent.state.referrals[0]
    # then Friday, Tuesday and Wednesday count
    assert leg.warn_at == moment("2026-03-10 23:59:59")
    assert leg.due == moment("2026-03-11 23:59:59")


def test_a_declared_working_saturday_counts() -> None:
    refer = c.Refer(kind=HELP, receiver=CHILDREN, reason="competence")
    thursday = moment("2026-03-26 10:00")
    sent = given(*kept()).when(refer, by=GENERAL, at=thursday).then(e.ReferredTo)
    assert sent.state.referrals[0].due == moment("2026-03-30 23:59:59")


def test_the_clocks_are_the_registrars() -> None:
    orders = requested(TRANSFER)
    for timer in timers(play(*orders)):
        given(*orders).when(timer.command, by=GENERAL, at=timer.at).then_refused("not_entitled")


def test_a_timer_of_another_due_date_does_not_stand() -> None:
    complaint = given(*requested(TRANSFER))
    wrong = EXAMINATION_END + SECOND
    for command in (
        c.WarnDeadline(clock=Clock.EXAMINATION, due=wrong),
        c.BreachDeadline(due=wrong),
        c.WarnDeadline(clock=Clock.LEG, referral=1, due=wrong),
        c.ExpireReferral(referral=1, due=wrong),
        c.WarnDeadline(clock=Clock.LEG, referral=7, due=LEG_END),
        c.WarnDeadline(clock=Clock.LEG, due=LEG_END),
    ):
        complaint.when(command, by=REGISTRAR, at=wrong).then_refused("deadline_does_not_stand")


def test_a_warning_of_the_whole_complaint_names_no_referral() -> None:
    for number in (1, 7):
        mixed = c.WarnDeadline(clock=Clock.EXAMINATION, referral=number, due=EXAMINATION_END)
        given(*requested(TRANSFER)).when(mixed, by=REGISTRAR, at=EXAMINATION_END).then_refused(
            "deadline_does_not_stand"
        )


def test_a_warning_marks_one_leg_and_leaves_it_pending() -> None:
    warn = c.WarnDeadline(clock=Clock.LEG, referral=2, due=LEG_END)
    warned = given(*redirected(TRANSFER)).when(warn, by=REGISTRAR, at=LEG_WARNING)
    state = warned.then(e.DeadlineWarned(clock=Clock.LEG, referral=2, due=LEG_END)).state
    assert [r.warned for r in state.referrals] == [False, True]
    assert state.referrals[1].pending


def test_an_expired_transfer_stays_with_its_custodian_who_may_send_it_elsewhere() -> None:
    expire = c.ExpireReferral(referral=1, due=LEG_END)
    expired = given(*requested(TRANSFER)).when(expire, by=REGISTRAR, at=LEG_END)
    after = expired.then(e.ReferralExpired(referral=1, due=LEG_END))
    assert after.state.custodian == GENERAL
    on = c.Refer(kind=TRANSFER, receiver=CHILDREN, reason="competence")
    after.when(on, by=GENERAL, at=LEG_END).then(e.ReferredTo)


def test_an_extension_counts_from_the_present_end_and_is_given_once() -> None:
    extend = c.ExtendDeadline(working_days=10, ground="complex")
    extended = (
        given(*examined())
        .when(extend, by=GENERAL)
        .then(
            e.DeadlineExtended(
                clock=Clock.EXAMINATION,
                ground="complex",
                warn_at=moment("2026-04-02 23:59:59"),
                due=moment("2026-04-07 23:59:59"),
            )
        )
    )
    extended.when(extend, by=GENERAL).then_refused("already_extended")
    assert {timer.at for timer in timers(extended.state)} == {
        moment("2026-04-02 23:59:59"),
        moment("2026-04-07 23:59:59"),
    }


def test_a_short_extension_still_warns_before_its_end() -> None:
    extend = c.ExtendDeadline(working_days=1, ground="complex")
    extended = given(*examined()).when(extend, by=GENERAL).then(e.DeadlineExtended)
    clock = extended.state.examination
    assert clock is not None
    assert clock.warn_at <= clock.due == moment("2026-03-26 23:59:59")


def test_an_extension_starts_the_warning_anew() -> None:
    warn = order(
        c.WarnDeadline(clock=Clock.EXAMINATION, due=EXAMINATION_END), REGISTRAR, EXAMINATION_WARNING
    )
    extend = c.ExtendDeadline(working_days=5, ground="complex")
    extended = given(*examined(), warn).when(extend, by=GENERAL, at=EXAMINATION_WARNING)
    assert len(timers(extended.then(e.DeadlineExtended).state)) == 2


def test_a_period_that_is_over_is_not_extended() -> None:
    extend = c.ExtendDeadline(working_days=5, ground="complex")
    breach = order(c.BreachDeadline(due=EXAMINATION_END), REGISTRAR, EXAMINATION_END)
    late = EXAMINATION_END + SECOND
    given(*examined()).when(extend, by=GENERAL, at=EXAMINATION_END).then(e.DeadlineExtended)
    for orders in (examined(), (*examined(), breach)):
        given(*orders).when(extend, by=GENERAL, at=late).then_refused("deadline_does_not_stand")


def test_the_clock_of_the_whole_complaint_goes_on_through_transfer_and_reopening() -> None:
    end = play(*registered()).examination
    moved = given(*accepted(TRANSFER)).when(c.RegisterComplaint(number="CHI-2"), by=CHILDREN)
    assert moved.then(e.ComplaintRegistered).state.examination == end
    assert play(*reopened()).examination == end


def test_who_was_told_no_waits_for_no_end_until_another_office_has_the_complaint() -> None:
    # given a complaint that cannot be examined, then its clock neither warns nor runs out
    told_no = given(*inadmissible())
    assert timers(told_no.state) == ()
    more = c.ExtendDeadline(working_days=5, ground="facts")
    told_no.when(more, by=GENERAL).then_refused("inadmissible")
    # when another office takes it over, then it is the same clock that goes on
    onwards = (
        order(c.Refer(kind=TRANSFER, receiver=CHILDREN, reason="competence"), GENERAL),
        order(c.ReceiveReferral(referral=1, number="CHI-1"), CHILDREN),
        order(c.AcceptReferral(referral=1), CHILDREN),
    )
    taken = play(*inadmissible(), *onwards)
    assert [timer.at for timer in timers(taken)] == [EXAMINATION_WARNING, EXAMINATION_END]


def test_only_the_custodian_extends() -> None:
    extend = c.ExtendDeadline(working_days=5, ground="complex")
    given(*accepted(TRANSFER)).when(extend, by=GENERAL).then_refused("not_custodian")


def test_a_timer_that_fires_after_the_answer_changes_nothing() -> None:
    standing = timers(play(*requested(TRANSFER)))
    state = play(*accepted(TRANSFER))
    for timer in standing:
        if timer.name in ("warn-1", "expire-1"):
            with pytest.raises(Refused, match="deadline_does_not_stand"):
                decide(state, order(timer.command, REGISTRAR, EXAMINATION_END), POLICY)
