"""What the demonstration's plan leads to by the rules alone, with what happens by itself."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from case_tracking.acts import ACTS, OfficeAct
from case_tracking.clerk import to_register
from case_tracking.inputs import refuse_unknown_words
from case_tracking.joint.acts import JOINT_ACTS, PROPOSAL, JointAct
from intake.filing import Answer, Consent, Filing, Withdrawal, as_command, check
from intake.reactions import TOLD
from ombudslink import commands as c
from ombudslink import events as e
from ombudslink import inspection_commands as ic
from ombudslink import joint
from ombudslink.commands import Command, Order, Refused
from ombudslink.complaint import Complaint
from ombudslink.ids import derived_id
from ombudslink.inspection import Inspection
from ombudslink.offices import load_policy
from ombudslink.streams import State, decide, evolve, timers
from ombudslink.testing.builders import content
from ombudslink.testing.country import OFFICER
from ombudslink.values import Channel, ReferralState
from ombudslink.vocabulary import load_vocabulary
from onebox.demonstration.plan import plan
from onebox.demonstration.reading import Demonstration, load_demonstration
from onebox.demonstration.steps import Act, ActJointly, File, Propose, Say, Sign, Silence, Step
from routing.competence import evaluate, load_competence

DEPLOY = Path(__file__).parents[1] / "deploy"
POLICY, VOCABULARY = load_policy(DEPLOY, "kz"), load_vocabulary(DEPLOY, "kz")
COMPETENCE = load_competence(DEPLOY, "kz", POLICY, VOCABULARY)
CALENDAR = POLICY.calendar
TUESDAY = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
DIGEST = "d" * 64


@cache
def demonstration() -> Demonstration:
    """What the files say."""
    return load_demonstration(DEPLOY, POLICY, VOCABULARY, COMPETENCE)


@cache
def steps(seed: int = 1, now: datetime = TUESDAY) -> tuple[Step, ...]:
    """The plan for that seed and day."""
    return tuple(plan(demonstration(), seed, now))


def number_of(register: str) -> str:
    """A number in an office's register."""
    office = POLICY.office(register)
    return f"{office.prefix if office else 'NONE'}-1"


def stream_of(story: str) -> str:
    """The id of a story's complaint, or of an inspection."""
    return derived_id("story", story)


@dataclass
class Told:
    """One story or inspection as the platform would hold it."""

    state: State | None = None
    history: list[e.Event] = field(default_factory=list)
    passed: set[ReferralState] = field(default_factory=set)

    @property
    def complaint(self) -> Complaint:
        """The complaint that the story is about."""
        assert isinstance(self.state, Complaint)
        return self.state

    @property
    def inspection(self) -> Inspection:
        """The inspection that it is."""
        assert isinstance(self.state, Inspection)
        return self.state


@dataclass
class Everything:
    """All stories and inspections, with what happens by itself, by their names."""

    told: dict[str, Told] = field(default_factory=dict)

    def order(
        self, story: str, command: Command, by: str, at: datetime, actor: str | None = None
    ) -> None:
        """Decide, and let the services react as they do."""
        one = self.told.setdefault(story, Told())
        seen = one.state.version if actor and one.state else None
        order = Order(command, by, at, actor=actor, based_on=seen)
        reactions = []
        for event in decide(one.state, order, POLICY):
            before, after = one.state, evolve(one.state, event, by)
            one.state = after
            one.history.append(event)
            if isinstance(after, Complaint):
                one.passed |= {referral.state for referral in after.referrals}
                reactions += _reactions(event, before or Complaint(), after)
            follows = joint.answers(stream_of(story), event, before, after)
            reactions += [(f.command, POLICY.registrar, self._named(f.stream)) for f in follows]
        for reaction, reacting, named in reactions:
            self._react(named or story, reaction, reacting, at)

    def run_out(self, until: datetime) -> None:
        """Fire what is due, as the legal clock does."""
        for story, one in list(self.told.items()):
            while due := [t for t in timers(one.state) if t.at <= until] if one.state else []:
                first = min(due, key=lambda t: t.at)
                self.order(story, first.command, POLICY.registrar, until)

    def _react(self, story: str, command: Command, by: str, at: datetime) -> None:
        """What was about to be done may be refused where it was done in the same decision."""
        try:
            self.order(story, command, by, at)
        except Refused as refusal:
            late = (c.LeaveInspection, c.AdmitInspectionParty)
            withdrawn = self.told[story].complaint.outcome == "withdrawn"
            if not isinstance(command, late):
                assert withdrawn and isinstance(command, c.RegisterComplaint), refusal

    def _named(self, stream: str) -> str:
        return next(story for story in self.told if stream_of(story) == stream)


Reaction = tuple[Command, str, str | None]


def _reactions(event: e.Event, before: Complaint, after: Complaint) -> Iterator[Reaction]:
    if isinstance(event, e.ComplaintFiled):
        yield evaluate(COMPETENCE, event), POLICY.registrar, None
    if isinstance(event, e.ReferredTo):
        number = number_of(event.receiver)
        yield c.ReceiveReferral(referral=event.referral, number=number), event.receiver, None
    for office in POLICY.offices:
        if to_register(after, office.id) and not to_register(before, office.id):
            yield c.RegisterComplaint(number=number_of(office.id)), office.id, None
    if isinstance(event, TOLD):
        notice = c.RecordNotice(about=after.version, channel=Channel.PORTAL)
        yield notice, POLICY.intake, None


def find_act(path: str) -> tuple[OfficeAct, int]:
    """The act on a complaint that is posted there, and on which referral."""
    template, number = _template(path)
    return next(act for act in ACTS if act.path == template), number


def find_joint_act(path: str) -> tuple[JointAct, int]:
    """The act in an inspection that is posted there, and on which task or finding."""
    template, number = _template(path)
    return next(act for act in JOINT_ACTS if act.path == template), number


def _template(path: str) -> tuple[str, int]:
    parts = path.split("/")
    number = int(parts[1]) if len(parts) > 1 else 0
    return "/" + "/".join("{number}" if n == 1 else part for n, part in enumerate(parts)), number


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
        case Say("consent", said):
            purpose = Consent.model_validate(said).purpose
            return c.RecordConsent(purpose=purpose, channel=Channel.PORTAL), POLICY.intake
        case Say("consent-withdrawal", said):
            purpose = Consent.model_validate(said).purpose
            return c.WithdrawConsent(purpose=purpose), POLICY.intake
        case Say(_, said):
            ground = Withdrawal.model_validate(said).ground
            assert VOCABULARY.knows("withdrawal_grounds", ground)
            return c.WithdrawComplaint(ground=ground, content=content(4)), POLICY.intake
        case Propose(office, stories, said):
            complaints = [stream_of(story) for story in stories]
            body = PROPOSAL.body.model_validate({**said, "complaints": complaints})
            return PROPOSAL.build(content=content(5), **dict(body)), office
        case other:
            raise AssertionError(other)


def joint_command_of(step: Step, state: Inspection) -> tuple[Command, str]:
    """The same for what is done in an inspection that stands there."""
    match step.what:
        case ActJointly(office, "report", said):
            act, _ = find_joint_act("report")
            body: Any = act.body.model_validate(said)
            refuse_unknown_words(body, POLICY, VOCABULARY)
            addressees = tuple(one.addressee for one in body.recommendations)
            report = ic.IssueReport(
                content=content(7), document=DIGEST, as_of=state.version, addressees=addressees
            )
            return report, office
        case ActJointly(office, path, said):
            act, number = find_joint_act(path)
            body = act.body.model_validate(said)
            refuse_unknown_words(body, POLICY, VOCABULARY)
            letter = content(6) if "text" in said else None
            about = {act.about: number} if act.about else {}
            return act.build(content=letter, **about, **dict(body)), office
        case Sign(office):
            key, signature = f"{office}#{'0' * 16}", "s" * 86
            return ic.SignReport(digest=DIGEST, key=key, signature=signature), office
        case _:
            return command_of(step)


@cache
def told(seed: int = 1, now: datetime = TUESDAY) -> Everything:
    """Every story and inspection at the end; refused steps raise."""
    everything = Everything()
    for step in steps(seed, now):
        if isinstance(step.what, Silence):
            everything.run_out(step.when)
            for expiry in step.what.expired:
                state = everything.told[expiry.story].complaint
                assert state.custodian == expiry.office
                assert state.referrals[expiry.referral - 1].state is ReferralState.EXPIRED
            continue
        if isinstance(step.what, ActJointly | Sign):
            command, by = joint_command_of(step, everything.told[step.story].inspection)
        else:
            command, by = command_of(step)
        person = isinstance(step.what, Act | Propose | ActJointly | Sign)
        everything.order(step.story, command, by, step.when, OFFICER if person else None)
        if isinstance(step.what, File):
            first = everything.told[step.story].history[0]
            assert isinstance(first, e.ComplaintFiled)
            assert first.custodian == step.what.keeper
    return everything


def stories(seed: int = 1, now: datetime = TUESDAY) -> dict[str, Told]:
    """Every complaint at the end."""
    everything = told(seed, now).told.items()
    return {story: one for story, one in everything if isinstance(one.state, Complaint)}


def inspections(seed: int = 1, now: datetime = TUESDAY) -> dict[str, Told]:
    """Every inspection at the end."""
    everything = told(seed, now).told.items()
    return {story: one for story, one in everything if isinstance(one.state, Inspection)}
