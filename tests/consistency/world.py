"""A whole deployment in memory, moved one step at a time: nothing runs by itself, nothing sleeps.

Everything that decides, sends, stores and applies is the program's own; only the log is in memory,
and it is the world that says who moves next.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import httpx

from consistency.node import Crash, Node, Time
from intake.reactions import RecordNotices
from ombudslink import events as e
from ombudslink.commands import Command, ReceiveReferral
from ombudslink.ids import derived_id
from ombudslink.log import HISTORY, LogError, Outgoing
from ombudslink.log.memory import Content, MemoryLog
from ombudslink.offices import Mandatory, Policy
from ombudslink.proof.signing import KeyRing
from ombudslink.runtime.commands import Intent
from ombudslink.runtime.projections import Following
from ombudslink.runtime.states import Step
from ombudslink.store import parking
from ombudslink.testing.country import (
    CHILDREN,
    ENTREPRENEURS,
    GENERAL,
    INTAKE,
    MONDAY,
    POLICY,
    VULNERABLE,
    number_in,
    office,
)
from routing.clock import LegalClock
from routing.competence import Competence, Facts, Rule
from routing.histories import shown
from routing.partitions import Partitions
from routing.reactions import following
from routing.registrar import Registrar

OFFICES: Final = (GENERAL, CHILDREN, ENTREPRENEURS, VULNERABLE, "north", "south", "east", "west")
"""As many offices as there can be in an inspection; a world has the first ones of them."""
STRANGER: Final = "stranger"
"""A participant with a key that is no office: it sends commands, and reads none of the feeds."""


def _business(offices: int) -> str:
    """The office for entrepreneurs, who are affected where it must take part in inspections."""
    return OFFICES[min(2, offices - 1)]


def rules(offices: int, hop_limit: int, *, consent: bool) -> Policy:
    """The policy of so many offices."""
    touched = Mandatory(
        office=_business(offices),
        affected=("entrepreneur",),
        basis=POLICY.joint.mandatory[0].basis,
    )
    changes = {"mandatory": (touched,), "consent": consent}
    more = tuple(office(name, name[:3].upper()) for name in OFFICES[len(POLICY.offices) :])
    return POLICY.model_copy(
        update={
            "offices": (*POLICY.offices, *more)[:offices],
            "joint": POLICY.joint.model_copy(update=changes),
            "hop_limit": hop_limit,
        }
    )


def table(offices: int) -> Competence:
    """Which of so many offices is competent."""
    return Competence(
        version=4,
        rule=(
            Rule(
                id="child",
                office=CHILDREN,
                legal_basis="child-rights",
                certain=True,
                affected=frozenset({"child"}),
                example=(Facts(affected=("child",)),),
            ),
            Rule(
                id="business",
                office=_business(offices),
                legal_basis="business",
                certain=False,
                affected=frozenset({"entrepreneur"}),
                example=(Facts(affected=("entrepreneur",)),),
            ),
            *(
                Rule(
                    id=f"rest-{office}",
                    office=office,
                    legal_basis="general",
                    certain=True,
                    example=(Facts(),),
                )
                for office in (GENERAL, CHILDREN)
            ),
        ),
    )


class RegisterReferrals:
    """An office's own reaction: what has arrived is registered and confirmed."""

    def __init__(self, node: Node) -> None:
        self._node = node

    def __call__(self, connection: Any, step: Step) -> None:
        event, node = step.envelope.event, self._node
        if isinstance(event, e.ReferredTo) and event.receiver == node.name:
            version = step.envelope.version
            command = ReceiveReferral(referral=event.referral, number=number_in(node.name, version))
            intent = Intent(
                id=derived_id(step.stream, version, "receive"),
                stream=step.stream,
                command=command,
                issued=step.envelope.time,
            )
            node.sender.send(connection, intent)


class OfficeNode(Node):
    """An ombudsman office: its feed, its copy of the histories it is party to."""

    def led(self) -> Following:
        return Following(reactions=[RegisterReferrals(self)])


class IntakeNode(Node):
    """Intake: reads all histories, and notes that complainants can see them."""

    topics = (HISTORY,)

    def led(self) -> Following:
        notices = RecordNotices(self.sender, lambda _connection, _stream: True)
        return Following(reactions=[notices])


class RegistrarNode(Node):
    """Routing: decides, and fires the legal clocks."""

    ring: KeyRing
    policy: Policy

    def led(self) -> Following:
        return following(table(len(self.policy.offices)), self.sender)

    async def start(self) -> None:
        await super().start()
        self.registrar = Registrar(self.policy, self.ring, self.states, self.following)
        self.partitions = Partitions("this", self.database, self.log, self.registrar)
        self.clock = LegalClock(self.database, self.log, self.sender, self.partitions, self.time)

    def interrupted(self) -> None:
        super().interrupted()
        self.partitions.let_go()

    async def decide(self) -> int:
        """The registrar takes over what is free and decides what is there."""
        await self.partitions.take_leases()
        return await self.partitions.decide_once()

    async def note(self) -> int:
        """The registrar notes what the journal has where it stands at the end of the commands."""
        await self.partitions.note_journal()
        return 0

    async def fire(self) -> int:
        """The legal clock looks for what is due."""
        return await self.clock.fire_once()


class World:
    """A registrar, intake, offices and a stranger around one log."""

    def __init__(
        self,
        folder: Path,
        seed: int = 0,
        hop_limit: int = 2,
        *,
        consent: bool = True,
        offices: int = 3,
        content: Content | None = None,
        asked: int = 0,
    ) -> None:
        """Begin; with the content of a log and the databases that there are, go on from there."""
        self.folder = folder
        self.policy = rules(offices, hop_limit, consent=consent)
        names = OFFICES[:offices]
        self.time = Time(MONDAY)
        self.content = content or Content()
        self.random = random.Random(seed)
        self.loop = asyncio.new_event_loop()
        self.backups: list[Path] = []
        self.asked = 0
        kinds = {
            "routing": RegistrarNode,
            INTAKE: IntakeNode,
            **dict.fromkeys(names, OfficeNode),
            STRANGER: Node,
        }
        self.nodes: dict[str, Node] = {
            name: kind(name, folder, self.time, self.content, seed, self._histories)
            for name, kind in kinds.items()
        }
        registrar = self.nodes["routing"]
        assert isinstance(registrar, RegistrarNode)
        self.registrar = registrar
        self.intake = self.nodes[INTAKE]
        self.offices = [self.nodes[name] for name in names]
        registrar.policy = self.policy
        registrar.ring = KeyRing({n.signer.key_id: n.signer.public for n in self.nodes.values()})
        self._other_log = MemoryLog(self.time, self.content)
        self.run(self._other_log.start())
        self.commands = asked
        for node in self.nodes.values():
            self.run(node.start())

    def close(self) -> None:
        """End everything."""
        for node in self.nodes.values():
            node.stop()
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()

    def run(self, act: Awaitable[Any]) -> Any:
        """Run one act to its end."""
        return self.loop.run_until_complete(act)

    def step(self, node: Node, act: Callable[[], Awaitable[int]]) -> int:
        """One step of a node; the log may fail under it, and its process may die in it."""
        try:
            return int(self.run(act()))
        except LogError:
            node.interrupted()
        except Crash:
            self.restart(node)
        return 0

    def restart(self, node: Node) -> None:
        """The node's process ends and another one begins."""
        node.stop()
        self.run(node.start())

    def ask(
        self,
        by: str,
        stream: str,
        command: Command,
        *,
        actor: str | None = None,
        based_on: int | None = None,
    ) -> str | None:
        """A participant stores a command; its id, or None when it died before it could say so."""
        self.commands += 1
        node, id_ = self.nodes[by], derived_id(by, "test", self.commands)
        intent = Intent(
            id=id_,
            stream=stream,
            command=command,
            issued=self.time.now,
            actor=actor,
            based_on=based_on,
        )
        try:
            self.run(node.database.write(lambda c: node.sender.send(c, intent)))
        except Crash:
            self.restart(node)
            return None
        return id_

    def put(self, record: Outgoing) -> None:
        """Somebody else appends a record to the log."""
        self.run(self._other_log.send([record]))

    def back_up_registrar(self) -> None:
        """Copy the registrar's database."""
        self.backups.append(self.folder / f"backup-{len(self.backups)}.db")
        self.registrar.backup(self.backups[-1])

    def restore_registrar(self, copy: Path) -> None:
        """The registrar's disk is lost; an older copy takes its place."""
        self.registrar.stop()
        self.registrar.restore(copy)
        self.run(self.registrar.start())

    def settle(self) -> None:
        """Everything works again, and everybody goes on until nothing is left to do."""
        for node in self.nodes.values():
            node.log.available = True
            node.database.die_at(0, committed=False)
        for _ in range(200):
            if not self.move_all() and not self._fill_gaps():
                return
        raise AssertionError("the deployment does not come to rest")

    def move_all(self) -> int:
        """One step of everybody; returns how much there was to do."""
        moved = sum(self.step(node, node.send) for node in self.nodes.values())
        moved += self.step(self.registrar, self.registrar.decide)
        moved += sum(self.step(node, node.send) for node in self.nodes.values())
        return moved + sum(self.step(node, node.read) for node in self.nodes.values())

    def _fill_gaps(self) -> bool:
        """Whether a gap was found that somebody now has filled."""
        gaps = [n for n in self.nodes.values() if n.database.ask(parking.streams)]
        before = [n.database.ask(parking.counts) for n in gaps]
        self.time.pass_(timedelta(seconds=6))
        for node in gaps:
            self.step(node, node.fill_gaps)
        return before != [n.database.ask(parking.counts) for n in gaps]

    def _histories(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        stream = request.url.path.rsplit("/", 1)[1]
        found = self.registrar.database.ask(
            lambda connection: shown(
                connection,
                stream,
                request.headers["participant"],
                int(request.url.params["after"]),
                self.policy,
            )
        )
        if found is None:
            return httpx.Response(404)
        return httpx.Response(200, content=found.model_dump_json())
