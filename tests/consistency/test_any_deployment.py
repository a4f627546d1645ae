"""Whatever happens to a deployment, in whatever order: at rest, everybody holds the same truth.

`OMBUDSLINK_EXAMPLES` sets how many lives are tried; the more, the rarer the faults they find.
"""

import os
from typing import Final

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from consistency.invariants import (
    decisions,
    records,
)
from consistency.life import (
    FOLLOW_UPS,
    Life,
    Node,
    life,
    nodes,
    numbers,
)
from consistency.living import Living
from consistency.world import OFFICES, STRANGER
from ombudslink import commands as c
from ombudslink.envelope import SignedCommand
from ombudslink.ids import derived_id
from ombudslink.log import COMMANDS, HISTORY, Outgoing, feed
from ombudslink.runtime.commands import Intent
from ombudslink.testing.country import REGISTRAR
from ombudslink.testing.strategies import candidates

MOST_STREAMS: Final = 3
MOVES_BEFORE_REST: Final = 30

perhaps = st.none() | numbers
"""Perhaps one of the offices."""


class AnyDeployment(Living):
    """Offices, intake and the registrar, each moving by steps, and everything that fails."""

    @initialize(
        seed=st.integers(0, 2**16),
        hop_limit=st.integers(1, 2),
        about=perhaps,
        consent=st.booleans(),
        more=numbers,
    )
    def a_deployment_with_one_complaint(
        self, seed: int, hop_limit: int, about: int | None, consent: bool, more: int
    ) -> None:
        """Begin."""
        self._begin(seed, hop_limit, consent=consent, more=more)
        self._file(("child",), about)

    @rule(
        affected=st.sampled_from([(), ("child",), ("entrepreneur",)]),
        about=st.none() | perhaps,
        then=life,
    )
    def somebody_files(self, affected: tuple[str, ...], about: int | None, then: Life) -> None:
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
        lead=perhaps,
        invited=st.sets(numbers, max_size=3),
        about=st.lists(numbers, min_size=1, max_size=MOST_STREAMS),
        then=life,
    )
    def an_office_proposes_an_inspection(
        self, lead: int | None, invited: set[int], about: list[int], then: Life
    ) -> None:
        """Over some of the complaints: the custodian of one, or anybody."""
        complaints = tuple(sorted({self._stream(which) for which in about}))
        custodian = self.world.registrar.state(complaints[0]).custodian or OFFICES[0]
        self._propose(complaints, invited, custodian if lead is None else self._office(lead))
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

    @rule(topic=st.sampled_from((COMMANDS, HISTORY)) | nodes, which=numbers, then=life)
    def a_record_comes_again_late(self, topic: str | Node, which: int, then: Life) -> None:
        """A producer sends what it had sent before."""
        topic = feed(self._name(topic)) if isinstance(topic, Node) else topic
        there = list(records(self.world, topic))
        if there:
            old = there[which % len(there)]
            self.world.put(Outgoing(topic, old.key, old.value, old.headers))
            self._fault("late record")
        self._go_on(then)

    @rule(which=numbers, office=numbers, then=life)
    def an_id_is_used_again(self, which: int, office: int, then: Life) -> None:
        """An office sends another command under an id that it has used."""
        name = self._office(office)
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

    @rule(node=nodes, appended=st.integers(0, 6), then=life)
    def the_next_sending_fails(self, node: Node, appended: int, then: Life) -> None:
        """The log takes some records and then fails, or takes all and does not say so."""
        self.world.nodes[self._name(node)].log.fail_next_send_after(appended)
        self._fault("failed sending")
        self._go_on(then)

    @rule(node=nodes, then=life)
    def the_log_goes_away_or_comes_back(self, node: Node, then: Life) -> None:
        """One participant cannot reach the log."""
        log = self.world.nodes[self._name(node)].log
        log.available = not log.available
        self._fault("log away")
        self._go_on(then)

    @rule(node=nodes, then=life)
    def it_crashes(self, node: Node, then: Life) -> None:
        """A process ends between two steps and another begins."""
        self.world.restart(self.world.nodes[self._name(node)])
        self._fault("crash between steps")
        self._go_on(then)

    @rule(node=nodes, write=st.integers(1, 6), committed=st.booleans(), then=life)
    def it_will_crash(self, node: Node, write: int, committed: bool, then: Life) -> None:
        """A process will end inside a step, just before or just after a COMMIT."""
        self.world.nodes[self._name(node)].database.die_at(write, committed=committed)
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
