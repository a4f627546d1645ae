"""Inspections and complaints that follow each other, however late, often or mixed they are told."""

import random
from datetime import date
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from ombudslink import commands as c
from ombudslink import inspection_commands as ic
from ombudslink.entering import JOINT_INSPECTION
from ombudslink.ids import derived_id
from ombudslink.inspection import Answer, Stage
from ombudslink.inspection_events import MOST_OFFICES
from ombudslink.offices import Policy
from ombudslink.streams import readers
from ombudslink.testing.builders import content, filing
from ombudslink.testing.country import GENERAL, INTAKE, POLICY, REGISTRAR, office
from ombudslink.testing.inspections import issuing, signing
from ombudslink.testing.worlds import World
from ombudslink.values import Channel, ReferralKind

PREFIXES: Final = ("AA", "BB", "CC", "DD", "EE", "FF", "GG", "HH")


def policy_of(count: int) -> Policy:
    """A country of that many offices; the second must take part where a disability is touched."""
    offices = tuple(office(f"office-{n}", PREFIXES[n]) for n in range(count))
    ids = tuple(o.id for o in offices)
    mandatory = tuple(row.model_copy(update={"office": ids[1]}) for row in POLICY.joint.mandatory)
    joint = POLICY.joint.model_copy(update={"mandatory": mandatory})
    changes = {"offices": offices, "fallback": ids, "arbiter": ids, "joint": joint}
    return POLICY.model_copy(update=changes)


def opening(world: World, draw: random.Random, complaints: int) -> list[str]:
    """Complaints of any custodian, some about an office, with helpers and mostly with consent."""
    offices = [o.id for o in world.policy.offices]
    ids = [derived_id("complaint", n) for n in range(complaints)]
    for complaint in ids:
        about = draw.choice([None, None, *offices])
        disability = ("disability",) if draw.random() < 0.5 else ()
        received = draw.choice([one for one in offices if one != about])
        file = filing(received_by=received, complained_office=about, affected=disability)
        assert world.say(complaint, file, INTAKE) is None
        custodian = world.complaint(complaint).custodian
        route = c.RouteComplaint(
            office=custodian, rule="rule", rule_version=1, legal_basis="basis", certain=True
        )
        assert world.say(complaint, route, REGISTRAR) is None
        for helper in offices:
            ask = c.Refer(kind=ReferralKind.REFERRAL, receiver=helper, reason="business")
            world.say(complaint, ask, custodian)
        if draw.random() < 0.8:
            consent = c.RecordConsent(purpose=JOINT_INSPECTION, channel=Channel.PORTAL)
            assert world.say(complaint, consent, INTAKE) is None
    return ids


def proposing(complaints: list[str], invited: list[str]) -> ic.ProposeInspection:
    return ic.ProposeInspection(
        complaints=tuple(complaints),
        invited=tuple(invited),
        content=content(20),
        starts=date(2026, 3, 9),
        ends=date(2026, 4, 9),
    )


ACTS: Final = (
    *(ic.JoinInspection(),) * 3,
    ic.DeclineInspection(reason="other"),
    ic.WithdrawFromInspection(reason="other"),
    *(ic.OpenInspection(ground="silent"),) * 3,
    ic.DraftFindings(content=content(23)),
    *(ic.AgreeFindings(finding=1),) * 2,
    ic.RecordDissent(finding=1, content=content(24)),
    issuing(0),
    signing(GENERAL),
    ic.SeparateInspection(reason="other"),
    ic.CloseInspection(outcome="reported"),
)
"""What offices do to an inspection."""
ALONE: Final = (
    c.StartExamination(),
    c.IssueDecision(outcome="well-founded", remedy="court"),
    c.CloseComplaint(),
    c.WithdrawComplaint(ground="own-wish"),
    c.WithdrawConsent(purpose=JOINT_INSPECTION),
    c.RecordConsent(purpose=JOINT_INSPECTION, channel=Channel.PORTAL),
)
"""What the custodian, or the complainant through it, does to a complaint."""


def check_always(world: World) -> None:
    """One custodian, and nothing for whoever is complained of, at every moment."""
    offices = {o.id for o in world.policy.offices}
    for _, complaint in world.complaints():
        about = complaint.complained_office
        assert complaint.custodian in offices - {about}
        assert about not in {*complaint.parties, *readers(complaint)}
        assert complaint.joint is None or about not in complaint.joint.offices
    for _, inspection in world.inspections():
        asked = {party.office for party in inspection.parties}
        for entry in inspection.entries:
            about = world.complaint(entry.complaint).complained_office
            knows = inspection.lead in readers(world.complaint(entry.complaint))
            assert about not in asked or not (inspection.settled and knows)
        assert inspection.settled or asked == {inspection.lead}
        for entry in inspection.entered:
            assert entry.custodian == world.complaint(entry.complaint).custodian


def check_at_rest(world: World) -> None:
    """When everything was told, both sides say the same."""
    holding: dict[str, str] = {}
    for stream, inspection in world.inspections():
        assert inspection.settled
        if not inspection.running:
            continue
        assert inspection.entered or inspection.stage is Stage.REPORTED
        assert len(inspection.joined) <= MOST_OFFICES
        for entry in inspection.entered:
            assert holding.setdefault(entry.complaint, stream) == stream
            complaint = world.complaint(entry.complaint)
            assert complaint.joint is not None
            assert complaint.joint.inspection == stream
            assert complaint.joint.offices == set(inspection.joined) <= set(complaint.parties)
            assert complaint.joint.started == (inspection.stage is not Stage.PROPOSED)
    for stream, complaint in world.complaints():
        assert (complaint.joint is not None) == (stream in holding)


class AnyInspections(RuleBasedStateMachine):
    """Offices propose, join, vote and leave while what follows travels in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.proposals = 0

    @initialize(offices=st.integers(2, 8), complaints=st.integers(1, 5), seed=st.integers(0, 2**32))
    def there_are_complaints(self, offices: int, complaints: int, seed: int) -> None:
        """Offices with complaints of their own, and helpers who may propose."""
        self.world = World(policy_of(offices))
        self.draw = random.Random(seed)
        self.complaints = opening(self.world, self.draw, complaints)
        self.offices = [o.id for o in self.world.policy.offices]

    @precondition(lambda self: self.proposals < 4)
    @rule()
    def an_office_proposes(self) -> None:
        """Over any of the complaints, with any others."""
        self.proposals += 1
        lead = self.draw.choice(self.offices)
        some = self.draw.sample(self.complaints, self.draw.randint(1, len(self.complaints)))
        others = [one for one in self.offices if one != lead]
        guests = self.draw.sample(others, self.draw.randint(0, min(2, len(others))))
        stream = derived_id("inspection", self.proposals)
        assert self.world.say(stream, proposing(some, guests), lead) is None
        check_always(self.world)

    @precondition(lambda self: self.proposals)
    @rule(seed=st.integers(0, 2**32))
    def offices_act(self, seed: int) -> None:
        """Anybody tries anything; a refusal changes nothing."""
        draw = random.Random(seed)
        for _ in range(6):
            stream = derived_id("inspection", draw.randint(1, self.proposals))
            said = draw.choice(ACTS)
            if isinstance(said, ic.IssueReport):
                as_of = self.world.inspection(stream).version
                said = said.model_copy(update={"as_of": as_of})
            self.world.say(stream, said, draw.choice(self.offices))
            check_always(self.world)

    @rule(seed=st.integers(0, 2**32))
    def a_custodian_acts(self, seed: int) -> None:
        """Alone, which the complaint refuses while it takes part."""
        draw = random.Random(seed)
        stream = draw.choice(self.complaints)
        before = self.world.complaint(stream)
        transfer = c.Refer(
            kind=ReferralKind.TRANSFER, receiver=draw.choice(self.offices), reason="competence"
        )
        said = draw.choice((*ALONE, transfer))
        code = self.world.say(stream, said, before.custodian)
        if before.joint is not None and isinstance(said, c.IssueDecision | c.Refer):
            assert code is not None
        if isinstance(said, c.WithdrawConsent | c.WithdrawComplaint) and code is None:
            assert self.world.complaint(stream).joint is None
        check_always(self.world)

    @precondition(lambda self: self.world.waiting)
    @rule(seed=st.integers(0, 2**32), count=st.integers(1, 10))
    def some_of_it_arrives(self, seed: int, count: int) -> None:
        """In any order, and some of it twice."""
        draw = random.Random(seed)
        for _ in range(min(count, len(self.world.waiting))):
            which = draw.randrange(len(self.world.waiting))
            if draw.random() < 0.3:
                self.world.waiting.append(self.world.waiting[which])
            self.world.deliver(which)
            check_always(self.world)

    @rule(seed=st.integers(0, 2**32))
    def everything_arrives(self, seed: int) -> None:
        """Then both sides say the same."""
        drain(self.world, random.Random(seed))
        check_at_rest(self.world)

    def teardown(self) -> None:
        """At the end, too."""
        drain(self.world, random.Random(0))
        check_at_rest(self.world)


AnyInspections.TestCase.settings = settings(
    max_examples=60, stateful_step_count=40, deadline=None, derandomize=True
)
TestAnyInspections = AnyInspections.TestCase


def drain(world: World, draw: random.Random) -> None:
    """Let everything arrive in any order, with what follows from it."""
    for _ in range(100_000):
        if not world.waiting:
            return
        world.deliver(draw.randrange(len(world.waiting)))
    raise AssertionError("it never comes to rest")


def told(world: World) -> object:
    """What both sides say in the end, without the order in which it was said."""
    complaints = {stream: (state.custodian, state.joint) for stream, state in world.complaints()}
    inspections = {
        stream: (
            state.stage,
            {entry.complaint: entry.answer for entry in state.entries},
            {party.office: party.part for party in state.parties},
        )
        for stream, state in world.inspections()
    }
    return complaints, inspections


@settings(max_examples=150, deadline=None, derandomize=True)
@given(offices=st.integers(2, 8), complaints=st.integers(1, 5), seed=st.integers(0, 2**32))
def test_in_whatever_order_it_arrives_it_ends_in_the_same_state(
    offices: int, complaints: int, seed: int
) -> None:
    # given an inspection in the middle of its life, with things on their way
    draw = random.Random(seed)
    world = World(policy_of(offices))
    ids = opening(world, draw, complaints)
    inspection = derived_id("inspection", 1)
    everybody = [o.id for o in world.policy.offices]
    assert world.say(inspection, proposing(ids, everybody[2:4]), everybody[0]) is None or (
        everybody[0] in everybody[2:4]
    )
    for _ in range(draw.randint(0, 30)):
        if world.waiting and draw.random() < 0.6:
            world.deliver(draw.randrange(len(world.waiting)))
        else:
            world.say(inspection, draw.choice(ACTS[:9]), draw.choice(everybody))
    # when the rest arrives in two orders, and twice
    one, other = world.copy(), world.copy()
    other.waiting += other.waiting
    drain(one, random.Random(1))
    drain(other, random.Random(2))
    # then it makes no difference
    assert told(one) == told(other)
    check_at_rest(one)


def test_of_two_proposals_over_one_complaint_the_first_one_has_it() -> None:
    world = World(policy_of(3))
    draw = random.Random(3)
    (complaint,) = opening(world, draw, 1)
    consent = c.RecordConsent(purpose=JOINT_INSPECTION, channel=Channel.PORTAL)
    world.say(complaint, consent, INTAKE)
    first, second = (derived_id("inspection", n) for n in (1, 2))
    custodian, *others = (o for o in world.complaint(complaint).parties)
    # when two offices propose at once, and the second proposal arrives first
    assert world.say(first, proposing([complaint], []), custodian) is None
    assert world.say(second, proposing([complaint], []), others[0]) is None
    world.deliver(1)
    drain(world, draw)
    # then the complaint is in that one, and the other has ended with a reason
    assert world.complaint(complaint).joint is not None
    assert world.inspection(second).entry(complaint) is not None
    assert world.inspection(second).stage is Stage.PROPOSED
    assert world.inspection(first).stage is Stage.SEPARATED
    assert [entry.answer for entry in world.inspection(first).entries] == [Answer.REFUSED]
