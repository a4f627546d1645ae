"""What the participants of a joint inspection do of their own accord, and what must be true."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Final

from consistency.world import OFFICES, World
from ombudslink import inspection_commands as ic
from ombudslink.commands import Command, Order, Refused
from ombudslink.inspection import Answer, Inspection
from ombudslink.inspection_events import JointComplaintEntered
from ombudslink.log import Record, feed
from ombudslink.offices import Policy
from ombudslink.proof.audit import verify
from ombudslink.runtime.replica import arrival_of
from ombudslink.store.history import Stored
from ombudslink.streams import decide
from ombudslink.testing.builders import content
from ombudslink.testing.country import INTAKE
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
    for command in candidates(state, now.date()):
        order = Order(command, name, now)
        if _may(state, order, policy):
            possible[type(command).__name__].append(order)
    lasting = [one for one in possible if one not in RARE or which % 6 == 5]
    kinds = [one for one in sorted(lasting) for _ in range(LIKELY.get(one, 1))]
    if not kinds:
        return None
    orders = possible[kinds[kind % len(kinds)]]
    return orders[which % len(orders)]


def candidates(state: Inspection, today: date) -> Iterator[Command]:
    """Every command that an office could mean in this state."""
    for office in OFFICES:
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
    yield ic.IssueReport(content=content(44))
    yield ic.SignReport(digest=state.report or content(44).digest)
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
            # an inspection that ended early hears no refusal any more
            assert entry.answer is not Answer.WAITING or not inspection.running, (stream, entry)
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
    """Invariant 12: who was let see a history has all of it up to there, and was sent no more."""
    reached = {stream: reach(history) for stream, history in histories.items()}
    for office in world.offices:
        for stream, history in histories.items():
            assert office.history(stream) == history[: reached[stream].get(office.name, 0)]
        for record in world.content.at(feed(office.name), 0):
            _check_sent(office.name, record, reached)
    for stream, history in histories.items():
        for stored in history:
            event = stored.envelope().event
            if isinstance(event, JointComplaintEntered) and event.complained_office is not None:
                known = reached[stream].get(event.complained_office, 0)
                assert known < stored.envelope().version


def _check_sent(office: str, record: Record, reached: Mapping[str, Mapping[str, int]]) -> None:
    if record.headers.get("ce_sequence") is not None:
        arrival = arrival_of(record)
        assert arrival.version <= reached[arrival.stream].get(office, 0)


def check_verified(world: World) -> None:
    """The audit finds that all stores hold one history."""
    kept = [world.registrar, world.intake, *world.offices]
    report = verify({n.name: n.path for n in kept}, world.registrar.name, (INTAKE,))
    assert report.verdict == "equal", report
