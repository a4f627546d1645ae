"""The plan of the demonstration: fixed by its seed, possible by the rules, and nothing left out."""

import csv
import json
from collections import Counter
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import pytest

from foretold import (
    CALENDAR,
    DEPLOY,
    POLICY,
    TUESDAY,
    VOCABULARY,
    demonstration,
    inspections,
    steps,
    stories,
)
from ombudslink import events as e
from ombudslink import inspection_events as i
from ombudslink.complaint import Phase
from ombudslink.inspection import Stage
from ombudslink.values import ReferralState
from onebox.demonstration.plan import plan
from onebox.demonstration.steps import (
    BACK,
    Act,
    ActJointly,
    File,
    Propose,
    Sign,
    Silence,
    Step,
)

THEMES = {
    "children", "disability", "entrepreneurs", "detention", "labour", "housing", "utilities",
}  # fmt: skip
SUNDAY_EVENING = datetime(2026, 3, 29, 15, tzinfo=UTC)
AFTER_NEW_YEAR = datetime(2027, 1, 5, 1, tzinfo=UTC)
TIMES = [(1, TUESDAY), (2, TUESDAY), (3, SUNDAY_EVENING), (4, AFTER_NEW_YEAR)]


def filings(seed: int = 1, now: datetime = TUESDAY) -> list[tuple[Step, File]]:
    """Every filing of a plan."""
    return [(step, step.what) for step in steps(seed, now) if isinstance(step.what, File)]


def happened(kind: type[e.Event], seed: int = 1, now: datetime = TUESDAY) -> int:
    """In how many stories that happened."""
    return sum(
        any(isinstance(event, kind) for event in one.history) for one in stories(seed, now).values()
    )


def test_the_same_seed_and_day_give_the_same_plan_and_another_seed_another_one() -> None:
    again = tuple(plan(demonstration(), 1, TUESDAY))
    assert again == steps(1)
    keys, others = ({step.key for step in steps(seed) if step.story} for seed in (1, 2))
    assert keys.isdisjoint(others)
    assert [step.when for step in steps(2)] != [step.when for step in again]


def test_sixty_written_and_two_hundred_and_forty_plain_complaints_are_filed_once_each() -> None:
    ids = [step.story for step, _ in filings()]
    assert len(ids) == len(set(ids)) == 300
    assert Counter(one.startswith("plain-") for one in ids) == {True: 240, False: 60}
    # and no two of them say the same
    texts = {" ".join(filed.said["text"].casefold().split()) for _, filed in filings()}
    assert len(texts) == 300


def test_the_languages_and_the_themes_are_balanced() -> None:
    filed = [routed.story for routed in demonstration().stories]
    written = [story for story in filed if story.theme != "plain"]
    assert Counter(story.language for story in written) == {"kk": 20, "ru": 20, "en": 20}
    assert Counter(story.language for story in filed) == {"kk": 140, "ru": 140, "en": 20}
    told_in = {(story.theme, story.language) for story in written}
    assert told_in == {(theme, language) for theme in THEMES for language in ("kk", "ru", "en")}


@pytest.mark.parametrize(("seed", "now"), TIMES)
def test_everything_lies_between_ninety_days_ago_and_now_in_order(seed: int, now: datetime) -> None:
    times = [step.when for step in steps(seed, now)]
    assert times == sorted(times)
    assert now - BACK <= times[0]
    assert times[-1] <= now
    # and what happens to one story is numbered as it happens, under keys that are used once
    for story in (*stories(seed, now), *inspections(seed, now)):
        numbers = [step.number for step in steps(seed, now) if step.story == story]
        assert numbers[0] == 0
        assert numbers == sorted(set(numbers))
    keys = [step.key for step in steps(seed, now) if step.story]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize(("seed", "now"), TIMES)
def test_every_step_is_allowed_and_every_referral_state_occurs(seed: int, now: datetime) -> None:
    # given every step carried out by the rules, none refused
    found = stories(seed, now).values()
    # then each state was passed through, and each but the first, which no office leaves waiting,
    # can be looked at now
    assert set().union(*(one.passed for one in found)) == set(ReferralState)
    standing = {r.state for one in found for r in one.complaint.referrals}
    assert standing == set(ReferralState) - {ReferralState.REQUESTED}


@pytest.mark.parametrize(("seed", "now"), TIMES)
def test_every_end_of_a_complaint_occurs(seed: int, now: datetime) -> None:
    found = [one.complaint for one in stories(seed, now).values()]
    assert {state.phase for state in found} == set(Phase) - {Phase.NONE}
    ends = {state.outcome for state in found if state.phase is Phase.CLOSED}
    assert ends >= {"settled", "well_founded", "explained", "inadmissible", "withdrawn"}
    for kind in (
        e.ComplaintReopened,
        e.DeadlineExtended,
        e.DeadlineBreached,
        e.ClarificationProvided,
        e.CompetenceDisputed,
        e.CompetenceDetermined,
        e.ReturnRefused,
        e.InformationProvided,
        e.InformationOverdue,
        e.RecommendationAnswered,
        e.RecommendationOverdue,
    ):
        assert happened(kind, seed, now), kind
    # and every office has examined something
    assert {state.custodian for state in found if state.examined} == {
        office.id for office in POLICY.offices
    }


@pytest.mark.parametrize(("seed", "now"), TIMES)
def test_only_referrals_that_were_meant_to_expire_do_and_few_examinations_are_late(
    seed: int, now: datetime
) -> None:
    expired = [
        (expiry.story, expiry.referral)
        for step in steps(seed, now)
        if isinstance(step.what, Silence)
        for expiry in step.what.expired
    ]
    did = [
        (story, event.referral)
        for story, one in stories(seed, now).items()
        for event in one.history
        if isinstance(event, e.ReferralExpired)
    ]
    assert sorted(did) == sorted(expired)
    assert 4 <= happened(e.DeadlineBreached, seed, now) <= 30


@pytest.mark.parametrize(("seed", "now"), TIMES)
def test_offices_act_on_working_days_in_working_hours(seed: int, now: datetime) -> None:
    for step in steps(seed, now):
        by_office = isinstance(step.what, Act | Propose | ActJointly | Sign) or (
            isinstance(step.what, File) and step.what.office is not None
        )
        if by_office:
            local = CALENDAR.local(step.when)
            assert CALENDAR.is_working(local.date()), step
            assert time(9) <= local.time() < CALENDAR.closes, step


def test_there_is_a_silence_at_the_end_of_every_day() -> None:
    midnights = [step.when for step in steps() if isinstance(step.what, Silence)]
    assert all(CALENDAR.local(one).time() == time() for one in midnights)
    apart = {later - before for before, later in pairwise(midnights)}
    assert apart == {timedelta(days=1)}
    assert TUESDAY - midnights[-1] < timedelta(days=1)
    assert midnights[0] - (TUESDAY - BACK) < timedelta(days=2)


def test_whoever_carries_it_out_needs_no_more_than_what_stands_in_the_step() -> None:
    for step in steps():
        said: dict[str, Any] = getattr(step.what, "said", {})
        assert json.loads(json.dumps(said)) == said
        if isinstance(step.what, Act | ActJointly):
            assert POLICY.office(step.what.office)
            assert not step.what.path.startswith("/")


def test_letters_are_in_the_language_of_the_complaint() -> None:
    kazakh = set("әіңғүұқөһ")
    languages = {routed.story.id: routed.story.language for routed in demonstration().stories}
    languages |= {joint.id: joint.language for joint in demonstration().inspections}
    for step in steps():
        said: dict[str, Any] = getattr(step.what, "said", {})
        recommended = [one["text"] for one in said.get("recommendations", ())]
        for text in (*(said[name] for name in ("text", "method") if name in said), *recommended):
            text = text.casefold()
            spoken = "kk" if kazakh & set(text) else "ru" if set("аеио") & set(text) else "en"
            assert spoken == languages[step.story], step


@pytest.mark.parametrize(("seed", "now"), TIMES)
def test_one_inspection_ends_with_a_report_that_all_signed_and_a_dissent(
    seed: int, now: datetime
) -> None:
    one = inspections(seed, now)[demonstration().inspections[0].id]
    state = one.inspection
    # given three offices, one of which had to take part and one of which was invited
    assert state.stage is Stage.CLOSED
    assert state.lead == "children"
    assert set(state.joined) == {"children", "vulnerable", "human-rights"}
    invited = {
        event.office: event.mandatory
        for event in one.history
        if isinstance(event, i.JointPartyInvited)
    }
    assert invited == {"vulnerable": True, "human-rights": False}
    # then there is a dissent, and nobody's signature is missing
    assert [finding.vote("human-rights") for finding in state.findings] == [True, False]
    (issued,) = (event for event in one.history if isinstance(event, i.JointReportIssued))
    assert (issued.findings, issued.dissents) == (2, 1)
    assert set(state.signed) == set(state.joined)
    assert all(task.done for task in state.tasks)
    # and its three complaints were decided afterwards, each by the office that had it
    assert len(state.entered) == 3
    for story in demonstration().inspections[0].complaints:
        told = stories(seed, now)[story]
        kinds = [type(event) for event in told.history]
        order = [e.JointExaminationStarted, e.InspectionLeft, e.DecisionIssued, e.ComplaintClosed]
        assert sorted(order, key=kinds.index) == order
        assert told.complaint.custodian == "children"


@pytest.mark.parametrize(("seed", "now"), TIMES)
def test_the_other_is_ended_for_a_consent_that_was_withdrawn_and_its_complaints_go_on(
    seed: int, now: datetime
) -> None:
    other = inspections(seed, now)[demonstration().inspections[1].id]
    kinds = [type(event) for event in other.history]
    assert i.JointInspectionOpened in kinds
    assert kinds[-2:] == [i.JointComplaintLeft, i.JointInspectionSeparated]
    assert [event.reason for event in other.history[-2:]] == [
        "consent_withdrawn",
        "no_longer_needed",
    ]
    for story in demonstration().inspections[1].complaints:
        told = stories(seed, now)[story]
        assert told.complaint.joint is None
        kinds = [type(event) for event in told.history]
        assert kinds.index(e.InspectionLeft) < kinds.index(e.DecisionIssued)
        assert told.complaint.phase is Phase.CLOSED


def test_plain_complaints_are_rows_of_the_source_and_lie_in_their_regions() -> None:
    folder = DEPLOY / "demo" / "kz"
    with (folder / "plain.csv").open(encoding="utf-8", newline="") as lines:
        rows = {f"plain-{row['id']}": row for row in csv.DictReader(lines)}
    regions = {step.story: filed.said.get("place") for step, filed in filings()}
    # given names that are no longer used, that are a resort, or that are a city's
    for name, region in (
        ("Капчагай", "190000000"),
        ("Боровое", "110000000"),
        ("Семей", "100000000"),
        ("Жезказган", "620000000"),
        ("Жетысуская область", "330000000"),
        ("Темиртау", "350000000"),
        ("Астана", "710000000"),
    ):
        found = {regions[story] for story, row in rows.items() if row["region"] == name}
        assert {VOCABULARY.region_of(place or "") for place in found} == {region}, name
    assert len(rows) == 240
