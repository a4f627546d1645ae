"""A deployment that lives by steps, and what is asked of it: the machinery of its rules."""

import shutil
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

from hypothesis import event
from hypothesis.stateful import RuleBasedStateMachine

from consistency import joint
from consistency.invariants import check_at_rest, check_no_notice_too_early, decisions, streams
from consistency.life import AN_OFFICE, Act, Life, Move, Node, chosen
from consistency.world import OFFICES, World
from ombudslink.commands import Order
from ombudslink.envelope import SignedCommand
from ombudslink.ids import derived_id
from ombudslink.inspection_events import JointComplaintRefused
from ombudslink.log import COMMANDS, Outgoing
from ombudslink.testing.builders import filing
from ombudslink.testing.country import INTAKE, REGISTRAR

MOST_INSPECTIONS: Final = 2


class Living(RuleBasedStateMachine):
    """What happens to it, and at the end of it; `fewest` to `most` offices take part."""

    fewest, most = 3, 3
    world: World
    offices: tuple[str, ...]

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(mkdtemp(prefix="ombudslink-"))
        self.acknowledged: set[tuple[str, str]] = set()
        self.streams: list[str] = []
        self.inspections: list[str] = []
        self.faults = 0
        self.moves = 0

    def _begin(self, seed: int, hop_limit: int, *, consent: bool, more: int) -> None:
        count = self.fewest + more % (self.most - self.fewest + 1)
        self.world = World(self.folder, seed, hop_limit, consent=consent, offices=count)
        self.offices = OFFICES[:count]

    def teardown(self) -> None:
        """The end of this life."""
        try:
            self._settle()
            self._tell()
        finally:
            self.world.close()
            shutil.rmtree(self.folder)

    def _file(self, affected: tuple[str, ...], about: int | None) -> None:
        stream = derived_id("stream", len(self.streams))
        office = None if about is None else self._office(about)
        command = filing(affected=affected, complained_office=office)
        id_ = self.world.ask(INTAKE, stream, command)
        if id_ is not None:
            self.acknowledged.add((INTAKE, id_))
        self.streams.append(stream)

    def _propose(self, complaints: tuple[str, ...], invited: set[int], lead: str) -> str:
        """The id of one more inspection; none when there are enough."""
        if len(self.inspections) >= MOST_INSPECTIONS:
            return ""
        stream, now = derived_id("inspection", len(self.inspections)), self.world.time.now
        self.inspections.append(stream)
        others = tuple(sorted({self._office(one) for one in invited} - {lead}))
        command = joint.proposal(complaints, others, now.date())
        self._ask(Order(command, lead, now), stream, None)
        return stream

    def _go_on(self, then: Life) -> None:
        for what in then:
            self.moves += 1
            match what:
                case Act():
                    self._act(what)
                case Move(step=""):
                    self.world.move_all()
                case Move():
                    node = self.world.nodes[self._name(what.node)]
                    self.world.step(node, getattr(node, what.step))
            check_no_notice_too_early(self.world)

    def _act(self, act: Act) -> None:
        """As far as it knows who acts; meanwhile others may have made it impossible."""
        if act.complaint % 2 and self.inspections:
            self._act_jointly(act)
            return
        stream, now = self._stream(act.complaint // 2), self.world.time.now
        nodes = (REGISTRAR, INTAKE, *self.offices)
        known = {name: self.world.nodes[name].state(stream) for name in nodes}
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
        known = {name: self.world.nodes[name].inspection(stream) for name in self.offices}
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

    def _office(self, which: int) -> str:
        return self.offices[which % len(self.offices)]

    def _name(self, node: Node) -> str:
        return self._office(node.which) if node.kind == AN_OFFICE else node.kind

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
        event(f"offices: {len(self.offices)}")
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
