"""What the participants of a joint inspection do of their own accord, and what must be true."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Final

from consistency.world import World
from ombudslink import inspection_commands as ic
from ombudslink.commands import Command, Order, Refused
from ombudslink.inspection import Answer, Inspection
from ombudslink.log import feed
from ombudslink.offices import Policy
from ombudslink.proof.audit import verify
from ombudslink.runtime.replica import arrival_of, is_outcome
from ombudslink.store.history import Stored
from ombudslink.streams import decide
from ombudslink.testing.builders import content
from ombudslink.testing.country import INTAKE
from ombudslink.testing.inspections import DOCUMENT, issuing, signing
from routing.histories import reach

LIKELY: Final = {
    "JoinInspection": 8,
    "OpenInspection": 12,
    "DraftFindings": 3,
    "AgreeFindings": 4,
    "IssueReport": 8,
    "CloseInspection": 2,
}
"""What makes an inspection go on comes more often than the rest."""
RARE: Final = ("SeparateInspection", "DeclineInspection", "WithdrawFromInspection")
"""After these little is left to happen."""


def proposal(complaints: tuple[str, ...], invited: tuple[str, ...], today: date) -> Command:
    """An office proposes to examine those complaints with those offices."""
    return ic.ProposeInspection(
        complaints=complaints,
        invited=invited,
        content=content(40),
        starts=today,
        ends=today + timedelta(days=30),
    )


def chosen(
    state: Inspection, name: str, now: datetime, policy: Policy, kind: int, which: int
) -> Order | None:
    """What this office does, by what it knows; None when it may do nothing."""
    possible: dict[str, list[Order]] = defaultdict(list)
    for command in candidates(state, name, now.date(), policy):
        order = Order(command, name, now)
        if _may(state, order, policy):
            possible[type(command).__name__].append(order)
    lasting = [one for one in possible if one not in RARE or which % 6 == 5]
    kinds = [one for one in sorted(lasting) for _ in range(LIKELY.get(one, 1))]
    if not kinds:
        return None
    orders = possible[kinds[kind % len(kinds)]]
    return orders[which % len(orders)]


def candidates(state: Inspection, name: str, today: date, policy: Policy) -> Iterator[Command]:
    """Every command that an office could mean in this state."""
    for office in (office.id for office in policy.offices):
        yield ic.InviteParty(office=office, ground="needed")
        yield ic.AssignTask(office=office, kind="interview", due=today)
    yield ic.JoinInspection()
    yield ic.DeclineInspection(reason="not-competent")
    yield ic.WithdrawFromInspection(reason="conflict-of-interest")
    yield ic.OpenInspection()
    yield ic.OpenInspection(ground="silent-beyond-limit")
    yield ic.ShareEvidence(kind="document", content=content(41))
    yield ic.DraftFindings(content=content(42))
    for task in state.tasks:
        yield ic.CompleteTask(task=task.number)
    for finding in state.findings:
        yield ic.AgreeFindings(finding=finding.number)
        yield ic.RecordDissent(finding=finding.number, content=content(43))
    for as_of in (state.version, max(0, state.version - 1)):
        yield issuing(as_of, addressees=(state.lead,))
    yield signing(name, state.report or DOCUMENT)
    yield ic.SeparateInspection(reason="parties-agreed")
    yield ic.CloseInspection(outcome="joint-report")


def _may(state: Inspection, order: Order, policy: Policy) -> bool:
    try:
        decide(state, order, policy)
    except Refused:
        return False
    return True


def check_inspections(world: World, histories: Mapping[str, list[Stored]]) -> None:
    """One inspection a complaint, and both sides of each say the same (at rest only)."""
    entered: dict[str, str] = {}
    for stream in histories:
        inspection = world.registrar.inspection(stream)
        for entry in inspection.entries:
            assert entry.answer is not Answer.WAITING, (stream, entry)
            if inspection.running and entry.answer is Answer.ENTERED:
                assert entered.setdefault(entry.complaint, stream) == stream
    for stream in histories:
        work = world.registrar.state(stream).joint
        assert entered.get(stream) == (work.inspection if work else None), stream
        if work is not None:
            inspection = world.registrar.inspection(work.inspection)
            assert work.lead == inspection.lead
            assert work.offices == set(inspection.joined), stream
            assert work.offices <= set(world.registrar.state(stream).parties)


def check_reach(world: World, histories: Mapping[str, list[Stored]]) -> None:
    """Invariant 12: who was let see a history was sent all of it up to there, and no more."""
    reached = {stream: reach(history) for stream, history in histories.items()}
    for office in world.offices:
        sent: dict[str, set[int]] = {stream: set() for stream in histories}
        for record in world.content.at(feed(office.name), 0):
            if not is_outcome(record):
                arrival = arrival_of(record)
                sent[arrival.stream].add(arrival.version)
        for stream, history in histories.items():
            last = reached[stream].get(office.name, 0)
            assert office.history(stream) == history[:last]
            assert sent[stream] == {*range(1, last + 1)}, (office.name, stream)
    for stream in histories:
        inspection = world.registrar.inspection(stream)
        for entry in inspection.entries:
            about = world.registrar.state(entry.complaint).complained_office
            if about is not None and entry.answer is not Answer.REFUSED:
                assert about not in reached[stream], (about, stream)


def check_verified(world: World) -> None:
    """The audit finds that all stores hold one history."""
    kept = [world.registrar, world.intake, *world.offices]
    report = verify({n.name: n.path for n in kept}, world.registrar.name, (INTAKE,))
    assert report.verdict == "equal", report
