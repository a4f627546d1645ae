"""Whatever happens to a deployment, in whatever order: at rest, everybody holds the same truth.

`OMBUDSLINK_EXAMPLES` sets how many lives are tried; the more, the rarer the faults they find.
"""

import os
import shutil
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

from hypothesis import HealthCheck, Phase, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from consistency import joint
from consistency.invariants import (
    check_at_rest,
    check_no_notice_too_early,
    decisions,
    records,
    streams,
)
from consistency.life import FOLLOW_UPS, NODES, Act, Life, chosen, life, nodes, numbers
from consistency.world import OFFICES, STRANGER, World
from ombudslink import commands as c
from ombudslink.commands import Order
from ombudslink.envelope import SignedCommand
from ombudslink.ids import derived_id
from ombudslink.inspection_events import JointComplaintRefused
from ombudslink.log import COMMANDS, HISTORY, Outgoing, feed
from ombudslink.runtime.commands import Intent
from ombudslink.testing.builders import filing
from ombudslink.testing.country import INTAKE, REGISTRAR
from ombudslink.testing.strategies import candidates

MOST_STREAMS: Final = 3
MOST_INSPECTIONS: Final = 2
MOVES_BEFORE_REST: Final = 30
TOPICS: Final = (COMMANDS, HISTORY, *(feed(name) for name in NODES))


class AnyDeployment(RuleBasedStateMachine):
    """Three offices, intake and the registrar, each moving by steps, and everything that fails."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(mkdtemp(prefix="ombudslink-"))
        self.acknowledged: set[tuple[str, str]] = set()
        self.streams: list[str] = []
        self.inspections: list[str] = []
        self.faults = 0
        self.moves = 0

    @initialize(
        seed=st.integers(0, 2**16),
        hop_limit=st.integers(1, 2),
        about=st.sampled_from([None, *OFFICES]),
        consent=st.booleans(),
    )
    def a_deployment_with_one_complaint(
        self, seed: int, hop_limit: int, about: str | None, consent: bool
    ) -> None:
        """Begin."""
        self.world = World(self.folder, seed, hop_limit, consent=consent)
        self._file(("child",), about)

    @rule(
        affected=st.sampled_from([(), ("child",), ("entrepreneur",)]),
        about=st.sampled_from([None, None, *OFFICES]),
        then=life,
    )
    def somebody_files(self, affected: tuple[str, ...], about: str | None, then: Life) -> None:
        """One more complaint, perhaps about an office."""
        if len(self.streams) < MOST_STREAMS:
            self._file(affected, about)
        self._go_on(then)

    @rule(which=numbers, what=numbers, then=life)
    def somebody_asks_for_anything(self, which: int, what: int, then: Life) -> None:
        """Any order from anybody, a stranger and the office complained of among them."""
        stream = self._stream(which)
        state = self.world.registrar.state(stream)
        possible = candidates(state, self.world.time.now, self.world.policy)
        orders = [order for order in possible if order.by in self.world.nodes]
        order = orders[what % len(orders)]
        reacted = isinstance(order.command, FOLLOW_UPS) and order.by == REGISTRAR
        if not reacted and not isinstance(order.command, c.RecordNotice):
            self._ask(order, stream, order.based_on)
        self._go_on(then)

    @rule(
        lead=st.sampled_from([None, None, *OFFICES]),
        invited=st.sets(st.sampled_from(OFFICES)),
        about=st.lists(numbers, min_size=1, max_size=MOST_STREAMS),
        then=life,
    )
    def an_office_proposes_an_inspection(
        self, lead: str | None, invited: set[str], about: list[int], then: Life
    ) -> None:
        """Over some of the complaints: the custodian of one, or anybody."""
        complaints = tuple(sorted({self._stream(which) for which in about}))
        custodian = self.world.registrar.state(complaints[0]).custodian or OFFICES[0]
        self._propose(complaints, invited, lead or custodian)
        self._go_on(then)

    @rule(then=life)
    def life_goes_on(self, then: Life) -> None:
        """Nothing special happens."""
        self._go_on(then)

    @rule(hours=st.integers(1, 100), then=life)
    def time_passes(self, hours: int, then: Life) -> None:
        """Nothing happens for some days."""
        self.world.time.pass_hours(hours)
        self._go_on(then)

    @rule(topic=st.sampled_from(TOPICS), which=numbers, then=life)
    def a_record_comes_again_late(self, topic: str, which: int, then: Life) -> None:
        """A producer sends what it had sent before."""
        there = list(records(self.world, topic))
        if there:
            old = there[which % len(there)]
            self.world.put(Outgoing(topic, old.key, old.value, old.headers))
            self._fault("late record")
        self._go_on(then)

    @rule(which=numbers, name=st.sampled_from(OFFICES), then=life)
    def an_id_is_used_again(self, which: int, name: str, then: Life) -> None:
        """An office sends another command under an id that it has used."""
        used = sorted(id_ for by, id_ in decisions(self.world) if by == name)
        if used:
            sender = self.world.nodes[name].sender
            stream = self._stream(which)
            intent = Intent(
                used[which % len(used)], stream, c.StartExamination(), self.world.time.now
            )
            self._put(stream, sender.sign(intent))
            self._fault("id used again")
        self._go_on(then)

    @rule(which=numbers, cut=st.integers(0, 400), then=life)
    def somebody_sends_rubbish(self, which: int, cut: int, then: Life) -> None:
        """A command that is cut off, signed by nobody, or not where it belongs."""
        stream = self._stream(which)
        intent = Intent(
            derived_id("rubbish", which), stream, c.CloseComplaint(), self.world.time.now
        )
        signed = self.world.nodes[STRANGER].sender.sign(intent)
        cases = (
            SignedCommand(signed.body[:cut], signed.key_id, signed.signature),
            SignedCommand(signed.body, signed.key_id, signed.signature[::-1]),
            SignedCommand(signed.body, f"nobody#{'0' * 16}", signed.signature),
        )
        rubbish = cases[which % len(cases)]
        headers = {"ce_keyid": rubbish.key_id, "ce_signature": rubbish.signature}
        self.world.put(Outgoing(COMMANDS, stream, rubbish.body, headers))
        self._fault("rubbish")
        self._go_on(then)

    @rule(name=nodes, appended=st.integers(0, 6), then=life)
    def the_next_sending_fails(self, name: str, appended: int, then: Life) -> None:
        """The log takes some records and then fails, or takes all and does not say so."""
        self.world.nodes[name].log.fail_next_send_after(appended)
        self._fault("failed sending")
        self._go_on(then)

    @rule(name=nodes, then=life)
    def the_log_goes_away_or_comes_back(self, name: str, then: Life) -> None:
        """One participant cannot reach the log."""
        log = self.world.nodes[name].log
        log.available = not log.available
        self._fault("log away")
        self._go_on(then)

    @rule(name=nodes, then=life)
    def it_crashes(self, name: str, then: Life) -> None:
        """A process ends between two steps and another begins."""
        self.world.restart(self.world.nodes[name])
        self._fault("crash between steps")
        self._go_on(then)

    @rule(name=nodes, write=st.integers(1, 6), committed=st.booleans(), then=life)
    def it_will_crash(self, name: str, write: int, committed: bool, then: Life) -> None:
        """A process will end inside a step, just before or just after a COMMIT."""
        self.world.nodes[name].database.die_at(write, committed=committed)
        self._fault("crash inside a step")
        self._go_on(then)

    @rule(then=life)
    def the_registrar_is_backed_up(self, then: Life) -> None:
        """A copy of its database is made while it runs."""
        self.world.back_up_registrar()
        self._go_on(then)

    @rule(which=numbers, then=life)
    def the_registrar_is_restored(self, which: int, then: Life) -> None:
        """Its disk is lost and an older copy takes its place, behind what the journal has."""
        backups = self.world.backups
        if backups:
            self.world.restore_registrar(backups[which % len(backups)])
            self._fault("registrar restored")
        self._go_on(then)

    @rule(appended=st.integers(0, 12), then=life, after=life)
    def the_registrars_disk_is_lost_while_it_sends(
        self, appended: int, then: Life, after: Life
    ) -> None:
        """The journal ends somewhere in what was decided since the last copy was made."""
        registrar = self.world.registrar
        self.world.back_up_registrar()
        self._go_on(then)
        self.world.step(registrar, registrar.decide)
        registrar.log.fail_next_send_after(appended)
        self.world.step(registrar, registrar.send)
        self.world.restore_registrar(self.world.backups[-1])
        self._fault("disk lost while sending")
        self._go_on(after)

    @rule(then=life)
    def everything_comes_to_rest(self, then: Life) -> None:
        """Whatever happened: all is well then, and life goes on."""
        self._go_on(then)
        if self.moves >= MOVES_BEFORE_REST:
            self._settle()

    def teardown(self) -> None:
        """The end of this life."""
        try:
            self._settle()
            self._tell()
        finally:
            self.world.close()
            shutil.rmtree(self.folder)

    def _file(self, affected: tuple[str, ...], about: str | None) -> None:
        stream = derived_id("stream", len(self.streams))
        command = filing(affected=affected, complained_office=about)
        id_ = self.world.ask(INTAKE, stream, command)
        if id_ is not None:
            self.acknowledged.add((INTAKE, id_))
        self.streams.append(stream)

    def _propose(self, complaints: tuple[str, ...], invited: set[str], lead: str) -> str:
        """The id of one more inspection; none when there are enough."""
        if len(self.inspections) >= MOST_INSPECTIONS:
            return ""
        stream, now = derived_id("inspection", len(self.inspections)), self.world.time.now
        self.inspections.append(stream)
        others = tuple(sorted(invited - {lead}))
        command = joint.proposal(complaints, others, now.date())
        self._ask(Order(command, lead, now), stream, None)
        return stream

    def _go_on(self, then: Life) -> None:
        for what in then:
            self.moves += 1
            match what:
                case Act():
                    self._act(what)
                case (_, "moves"):
                    self.world.move_all()
                case (name, step):
                    node = self.world.nodes[name]
                    self.world.step(node, getattr(node, step))
            check_no_notice_too_early(self.world)

    def _act(self, act: Act) -> None:
        """As far as it knows who acts; meanwhile others may have made it impossible."""
        if act.complaint % 2 and self.inspections:
            self._act_jointly(act)
            return
        stream, now = self._stream(act.complaint // 2), self.world.time.now
        known = {name: self.world.nodes[name].state(stream) for name in NODES}
        actors = [name for name, state in known.items() if state.version]
        if not actors:
            return
        name = actors[act.actor % len(actors)]
        order = chosen(act, known[name], name, now, self.world.policy)
        if order is not None:
            self._ask(order, stream, known[name].version if act.fresh else None)

    def _act_jointly(self, act: Act) -> None:
        """The same with an inspection."""
        stream = self.inspections[act.complaint // 2 % len(self.inspections)]
        known = {name: self.world.nodes[name].inspection(stream) for name in OFFICES}
        actors = [name for name, state in known.items() if state.version]
        if not actors:
            return
        name = actors[act.actor % len(actors)]
        now, policy = self.world.time.now, self.world.policy
        order = joint.chosen(known[name], name, now, policy, act.kind, act.which)
        if order is not None:
            self._ask(order, stream, known[name].version if act.fresh else None)

    def _ask(self, order: Order, stream: str, based_on: int | None) -> None:
        id_ = self.world.ask(order.by, stream, order.command, actor=order.actor, based_on=based_on)
        if id_ is not None and order.by != REGISTRAR:
            self.acknowledged.add((order.by, id_))

    def _put(self, stream: str, signed: SignedCommand) -> None:
        self.world.put(Outgoing(COMMANDS, stream, signed.body, signed.headers()))

    def _stream(self, which: int) -> str:
        return self.streams[which % len(self.streams)]

    def _fault(self, what: str) -> None:
        self.faults += 1
        event(what)

    def _settle(self) -> None:
        self.moves = 0
        self.world.settle()
        check_no_notice_too_early(self.world)
        check_at_rest(self.world, self.acknowledged)

    def _tell(self) -> None:
        decided = decisions(self.world).values()
        refused = sum(outcome.result == "refused" for outcome in decided)
        held = self.world.registrar.database.ask(streams)
        histories = [self.world.registrar.history(stream) for stream in held]
        event(f"streams: {len(held)}")
        for stream in self.inspections:
            for one in self.world.registrar.history(stream):
                told = one.envelope().event
                if isinstance(told, JointComplaintRefused):
                    event(f"not entered: {told.code}")
        event(f"events: {_tens(sum(map(len, histories)))}")
        event(f"decisions: {_tens(len(decided))}, refused: {_tens(refused)}")
        event(f"faults: {_tens(self.faults)}")
        for type_ in {stored.envelope().type for history in histories for stored in history}:
            event(f"there was {type_}")


def _tens(count: int) -> str:
    return f"{count // 10 * 10} or more"


LIVES: Final = int(os.environ.get("OMBUDSLINK_EXAMPLES", "20"))
TestAnyDeployment = AnyDeployment.TestCase
TestAnyDeployment.settings = settings(
    max_examples=LIVES,
    stateful_step_count=30,
    deadline=None,
    report_multiple_bugs=False,
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)
