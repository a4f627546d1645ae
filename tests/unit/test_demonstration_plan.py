"""The plan of the demonstration: fixed by its seed, possible by the rules, and nothing left out."""

import csv
import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from case_tracking.acts import ACTS, OfficeAct
from case_tracking.clerk import to_register
from case_tracking.inputs import refuse_unknown_words
from intake.filing import Answer, Filing, Withdrawal, as_command, check
from intake.reactions import TOLD
from ombudslink import commands as c
from ombudslink import events as e
from ombudslink.commands import Command, Order
from ombudslink.complaint import Complaint, Phase, evolve
from ombudslink.deadlines import timers
from ombudslink.decisions import decide
from ombudslink.offices import load_policy
from ombudslink.testing.builders import content
from ombudslink.testing.country import OFFICER
from ombudslink.values import Channel, ReferralState
from ombudslink.vocabulary import load_vocabulary
from onebox.demonstration.plan import BACK, Act, File, Say, Silence, Step, plan
from onebox.demonstration.stories import Demonstration, load_demonstration
from routing.competence import evaluate, load_competence

DEPLOY = Path(__file__).parents[2] / "deploy"
POLICY, VOCABULARY = load_policy(DEPLOY, "kz"), load_vocabulary(DEPLOY, "kz")
COMPETENCE = load_competence(DEPLOY, "kz", POLICY, VOCABULARY)
CALENDAR = POLICY.calendar
THEMES = {
    "children", "disability", "entrepreneurs", "detention", "labour", "housing", "utilities",
}  # fmt: skip
TUESDAY = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
SUNDAY_EVENING = datetime(2026, 3, 29, 15, tzinfo=UTC)
AFTER_NEW_YEAR = datetime(2027, 1, 5, 1, tzinfo=UTC)
TIMES = [(1, TUESDAY), (2, TUESDAY), (3, SUNDAY_EVENING), (4, AFTER_NEW_YEAR)]


@cache
def demonstration() -> Demonstration:
    """What the files say."""
    return load_demonstration(DEPLOY, POLICY, VOCABULARY, COMPETENCE)


@cache
def steps(seed: int = 1, now: datetime = TUESDAY) -> tuple[Step, ...]:
    """The plan for that seed and day."""
    return tuple(plan(demonstration(), seed, now))


def filings(seed: int = 1, now: datetime = TUESDAY) -> list[tuple[Step, File]]:
    """Every filing of a plan."""
    return [(step, step.what) for step in steps(seed, now) if isinstance(step.what, File)]


def number_of(register: str) -> str:
    """A number in an office's register."""
    office = POLICY.office(register)
    return f"{office.prefix if office else 'NONE'}-1"


@dataclass
class Told:
    """One story as the platform would hold it, with what happens by itself."""

    state: Complaint = field(default_factory=Complaint)
    history: list[e.Event] = field(default_factory=list)
    passed: set[ReferralState] = field(default_factory=set)

    def order(self, command: Command, by: str, at: datetime, actor: str | None = None) -> None:
        """Decide, and let the services react as they do."""
        seen = self.state.version if actor else None
        order = Order(command, by, at, actor=actor, based_on=seen)
        reactions = []
        for event in decide(self.state, order, POLICY):
            before, self.state = self.state, evolve(self.state, event, by)
            self.history.append(event)
            self.passed |= {referral.state for referral in self.state.referrals}
            reactions += self._reactions(event, before)
        for reaction, reacting in reactions:
            # What was about to be registered may have been withdrawn in the same decision.
            withdrawn = self.state.outcome == "withdrawn"
            if not (withdrawn and isinstance(reaction, c.RegisterComplaint)):
                self.order(reaction, reacting, at)

    def _reactions(self, event: e.Event, before: Complaint) -> list[tuple[Command, str]]:
        found: list[tuple[Command, str]] = []
        if isinstance(event, e.ComplaintFiled):
            found.append((evaluate(COMPETENCE, event), POLICY.registrar))
        if isinstance(event, e.ReferredTo):
            number = number_of(event.receiver)
            receive = c.ReceiveReferral(referral=event.referral, number=number)
            found.append((receive, event.receiver))
        for office in POLICY.offices:
            if to_register(self.state, office.id) and not to_register(before, office.id):
                found.append((c.RegisterComplaint(number=number_of(office.id)), office.id))
        if isinstance(event, TOLD):
            notice = c.RecordNotice(about=self.state.version, channel=Channel.PORTAL)
            found.append((notice, POLICY.intake))
        return found

    def run_out(self, until: datetime) -> None:
        """Fire what is due, as the legal clock does."""
        while due := [timer for timer in timers(self.state) if timer.at <= until]:
            self.order(min(due, key=lambda t: t.at).command, POLICY.registrar, until)


def find_act(path: str) -> tuple[OfficeAct, int]:
    """The act that is posted there, and on which referral."""
    parts = path.split("/")
    number = int(parts[1]) if len(parts) > 1 else 0
    template = "/" + "/".join("{number}" if n == 1 else part for n, part in enumerate(parts))
    return next(act for act in ACTS if act.path == template), number


def command_of(step: Step) -> tuple[Command, str]:
    """What a step asks for, read as strictly as over HTTP, and in whose name."""
    match step.what:
        case File(said, office, _):
            filing = Filing.model_validate(said)
            circumstances = {"vocabulary": VOCABULARY, "received_by": office, "now": step.when}
            check(filing, policy=POLICY, **circumstances)
            return as_command(filing, content(), **circumstances), POLICY.intake
        case Act(office, path, said):
            act, number = find_act(path)
            body = act.body.model_validate(said)
            refuse_unknown_words(body, POLICY, VOCABULARY)
            letter = content(2) if act.letter else None
            return act.build(referral=number, content=letter, **dict(body)), office
        case Say("answers", said):
            Answer.model_validate(said)
            return c.ProvideClarification(content=content(3)), POLICY.intake
        case Say(_, said):
            ground = Withdrawal.model_validate(said).ground
            assert VOCABULARY.knows("withdrawal_grounds", ground)
            return c.WithdrawComplaint(ground=ground, content=content(4)), POLICY.intake
        case other:
            raise AssertionError(other)


@cache
def told(seed: int = 1, now: datetime = TUESDAY) -> dict[str, Told]:
    """Every story at the end; refused steps raise."""
    stories: dict[str, Told] = {}
    for step in steps(seed, now):
        if isinstance(step.what, Silence):
            for story in stories.values():
                story.run_out(step.when)
            for expiry in step.what.expired:
                state = stories[expiry.story].state
                assert state.custodian == expiry.office
                assert state.referrals[expiry.referral - 1].state is ReferralState.EXPIRED
            continue
        command, by = command_of(step)
        story = stories.setdefault(step.story, Told())
        story.order(command, by, step.when, OFFICER if isinstance(step.what, Act) else None)
        if isinstance(step.what, File):
            assert isinstance(story.history[0], e.ComplaintFiled)
            assert story.history[0].custodian == step.what.keeper
    return stories


def happened(kind: type[e.Event], seed: int = 1, now: datetime = TUESDAY) -> int:
    """In how many stories that happened."""
    return sum(
        any(isinstance(event, kind) for event in one.history) for one in told(seed, now).values()
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
    stories = [routed.story for routed in demonstration().stories]
    written = [story for story in stories if story.theme != "plain"]
    assert Counter(story.language for story in written) == {"kk": 20, "ru": 20, "en": 20}
    assert Counter(story.language for story in stories) == {"kk": 140, "ru": 140, "en": 20}
    told_in = {(story.theme, story.language) for story in written}
    assert told_in == {(theme, language) for theme in THEMES for language in ("kk", "ru", "en")}


@pytest.mark.parametrize(("seed", "now"), TIMES)
def test_everything_lies_between_ninety_days_ago_and_now_in_order(seed: int, now: datetime) -> None:
    times = [step.when for step in steps(seed, now)]
    assert times == sorted(times)
    assert now - BACK <= times[0]
    assert times[-1] <= now
    # and what happens to one story is numbered as it happens, under keys that are used once
    for story in told(seed, now):
        numbers = [step.number for step in steps(seed, now) if step.story == story]
        assert numbers[0] == 0
        assert numbers == sorted(set(numbers))
    keys = [step.key for step in steps(seed, now) if step.story]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize(("seed", "now"), TIMES)
def test_every_step_is_allowed_and_every_referral_state_occurs(seed: int, now: datetime) -> None:
    # given every step carried out by the rules, none refused
    stories = told(seed, now)
    # then each state was passed through, and each but the first, which no office leaves waiting,
    # can be looked at now
    assert set().union(*(one.passed for one in stories.values())) == set(ReferralState)
    standing = {r.state for one in stories.values() for r in one.state.referrals}
    assert standing == set(ReferralState) - {ReferralState.REQUESTED}


@pytest.mark.parametrize(("seed", "now"), TIMES)
def test_every_end_of_a_complaint_occurs(seed: int, now: datetime) -> None:
    stories = [one.state for one in told(seed, now).values()]
    assert {state.phase for state in stories} == set(Phase) - {Phase.NONE}
    ends = {state.outcome for state in stories if state.phase is Phase.CLOSED}
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
    assert {state.custodian for state in stories if state.examined} == {
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
        for story, one in told(seed, now).items()
        for event in one.history
        if isinstance(event, e.ReferralExpired)
    ]
    assert sorted(did) == sorted(expired)
    assert 4 <= happened(e.DeadlineBreached, seed, now) <= 30


@pytest.mark.parametrize(("seed", "now"), TIMES)
def test_offices_act_on_working_days_in_working_hours(seed: int, now: datetime) -> None:
    for step in steps(seed, now):
        by_office = isinstance(step.what, Act) or (
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
        if isinstance(step.what, Act):
            assert POLICY.office(step.what.office)
            assert not step.what.path.startswith("/")


def test_letters_are_in_the_language_of_the_complaint() -> None:
    kazakh = set("әіңғүұқөһ")
    languages = {routed.story.id: routed.story.language for routed in demonstration().stories}
    for step in steps():
        if isinstance(step.what, File | Act | Say) and "text" in step.what.said:
            text = step.what.said["text"].casefold()
            spoken = "kk" if kazakh & set(text) else "ru" if set("аеио") & set(text) else "en"
            assert spoken == languages[step.story], step


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
