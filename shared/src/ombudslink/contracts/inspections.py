"""What can become of a joint inspection: every command tried in every situation, as Markdown."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Final, get_args

from ombudslink import inspection_commands as c
from ombudslink.commands import Order, Refused
from ombudslink.inspecting import decide_inspection
from ombudslink.inspection import Inspection, Stage, fold_inspection
from ombudslink.inspection_commands import InspectionCommand
from ombudslink.inviting import timers
from ombudslink.testing.builders import content
from ombudslink.testing.country import JOINT_END, MONDAY, OFFICES, POLICY, REGISTRAR
from ombudslink.testing.inspections import (
    FIRST,
    INSPECTIONS,
    SECOND,
    entry,
    issuing,
    proposal,
    signing,
)
from ombudslink.testing.spec import play_inspection

_HEAD: Final = """\
# What can become of a joint inspection

Made by `make contracts` from the rules themselves: every command was tried in every situation of
`testing.inspections` from every office and the registrar. A code is what refuses the command
wherever that is the only answer.
"""
_WHO: Final = ("not_entitled", "not_lead", "not_joined", "no_such_inspection", "party_left")
"""Codes that say who may not; they hide the others."""


def page() -> str:
    """The whole page."""
    moves, codes = _explored()
    lines = [_HEAD, "```mermaid", "stateDiagram-v2"]
    arrows: dict[tuple[Stage, Stage], set[str]] = defaultdict(set)
    for (start, name), ends in moves.items():
        for end in ends - {start}:
            arrows[start, end].add(name)
    ranks = list(Stage)
    for start, end in sorted(arrows, key=lambda arrow: (ranks.index(arrow[0]), arrow[1])):
        lines.append(f"    {_told(start)} --> {end}: {' or '.join(sorted(arrows[start, end]))}")
    lines += [f"    {end} --> [*]" for end in (Stage.SEPARATED, Stage.CLOSED)]
    lines += ["```", "", f"| Command | {' | '.join(map(_told, Stage))} |", f"|{' --- |' * 7}"]
    for name in (command.__name__ for command in get_args(InspectionCommand)):
        cells = [_cell(stage, moves[stage, name], codes[stage, name]) for stage in Stage]
        lines.append(f"| `{name}` | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _explored() -> tuple[
    defaultdict[tuple[Stage, str], set[Stage]], defaultdict[tuple[Stage, str], set[str]]
]:
    moves: defaultdict[tuple[Stage, str], set[Stage]] = defaultdict(set)
    codes: defaultdict[tuple[Stage, str], set[str]] = defaultdict(set)
    for state in (Inspection(), *(play_inspection(*past()) for past in INSPECTIONS.values())):
        for order in _orders(state):
            at = state.stage, type(order.command).__name__
            try:
                events = decide_inspection(state, order, POLICY)
            except Refused as refusal:
                codes[at].add(refusal.code)
            else:
                after = fold_inspection(((event, order.by) for event in events), state)
                moves[at].add(after.stage)
    return moves, codes


def _orders(state: Inspection) -> Iterator[Order]:
    for command in _commands(state):
        for by in (*OFFICES, REGISTRAR):
            yield Order(command, by, MONDAY)
    for timer in timers(state):
        yield Order(timer.command, REGISTRAR, timer.at)


def _commands(state: Inspection) -> Iterator[InspectionCommand]:
    yield proposal()
    for complaint in (FIRST, SECOND):
        yield entry(complaint)
        yield c.RecordEntryRefusal(complaint=complaint, code="consent_missing")
        yield c.RecordLeaving(complaint=complaint, reason="consent_withdrawn")
    for office in OFFICES:
        yield c.InviteParty(office=office, ground="expertise")
        yield c.WarnParty(office=office, due=JOINT_END)
        yield c.ExpireInvitation(office=office, due=JOINT_END)
        yield c.AssignTask(office=office, kind="visit", due=date(2026, 3, 20))
    yield c.JoinInspection()
    yield c.DeclineInspection(reason="other")
    yield c.WithdrawFromInspection(reason="other")
    yield c.OpenInspection(ground="silent")
    yield c.CompleteTask(task=max(1, len(state.tasks)))
    yield c.ShareEvidence(kind="document", content=content(30))
    yield c.DraftFindings(content=content(31))
    yield c.AgreeFindings(finding=1)
    yield c.RecordDissent(finding=1, content=content(32))
    yield issuing(state.version)
    for office in OFFICES:
        yield signing(office)
    yield c.SeparateInspection(reason="other")
    yield c.CloseInspection(outcome="reported")


def _cell(stage: Stage, ends: set[Stage], codes: set[str]) -> str:
    if ends:
        ranked = sorted(ends, key=list(Stage).index)
        return " or ".join("stays" if end is stage else f"→ {end}" for end in ranked)
    deepest = sorted(codes - {*_WHO}) or [code for code in _WHO if code in codes][:1]
    return ", ".join(f"`{code}`" for code in deepest)


def _told(stage: Stage) -> str:
    return "[*]" if stage is Stage.NONE else stage
