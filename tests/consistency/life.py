"""What the participants do of their own accord, drawn at random from what they may do."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from hypothesis import strategies as st

from ombudslink import commands as c
from ombudslink.commands import Order, Refused
from ombudslink.complaint import Complaint
from ombudslink.decisions import decide
from ombudslink.offices import Policy
from ombudslink.testing.country import INTAKE, REGISTRAR
from ombudslink.testing.strategies import candidates

AN_OFFICE: Final = "an office"
NODES: Final = (REGISTRAR, INTAKE, AN_OFFICE, AN_OFFICE, AN_OFFICE)
FOLLOW_UPS: Final = (
    c.RecordNotice,
    c.EnterInspection,
    c.AdmitInspectionParty,
    c.ReleaseInspectionParty,
    c.StartJointExamination,
    c.LeaveInspection,
)
"""What only reactions send."""
NEVER: Final = (*FOLLOW_UPS, c.FileComplaint)
"""What only reactions and persons send."""
LIKELY: Final = {"Refer": 4, "AcceptReferral": 6, "RedirectReferral": 2, "AcceptReturn": 2} | {
    "RecordConsent": 4
}
"""What makes a complaint travel comes more often than the rest."""
RARE: Final = (
    *("CloseComplaint", "WithdrawComplaint", "IssueDecision", "RevokeReferral"),
    "WithdrawConsent",
)
"""After these little is left to happen."""


@dataclass(frozen=True)
class Act:
    """Somebody does something that it may do, chosen by numbers among all that is possible."""

    complaint: int
    actor: int
    kind: int
    which: int
    fresh: bool


@dataclass(frozen=True)
class Node:
    """The registrar, intake, or one of the offices, chosen by a number."""

    kind: str
    which: int


@dataclass(frozen=True)
class Move:
    """One step of one node; without one, everybody moves."""

    node: Node
    step: str


Life = list[Act | Move]

_MOVES: Final = (
    *((name, step) for name in NODES for step in ("send", "read", "repeat", "fill_gaps")),
    *((REGISTRAR, step) for step in ("decide", "decide", "decide", "note", "fire")),
    *[("everybody", "")] * 12,
)

numbers = st.integers(0, 10_000)
"""Chooses one of as many things as there are at that moment."""
nodes = st.builds(Node, st.sampled_from(NODES), numbers)
moves = st.builds(
    lambda move, which: Move(Node(move[0], which), move[1]), st.sampled_from(_MOVES), numbers
)
acts = st.builds(Act, numbers, numbers, numbers, numbers, st.booleans())
life = st.lists(acts | moves, max_size=10)
"""What happens besides: every rule brings some, so that a deployment lives while things fail."""


def chosen(act: Act, state: Complaint, name: str, now: datetime, policy: Policy) -> Order | None:
    """What this participant does, by what it knows; None when it may do nothing."""
    possible: dict[str, list[Order]] = defaultdict(list)
    for order in candidates(state, now, policy):
        if order.by == name and type(order.command) not in NEVER and _may(state, order, policy):
            possible[type(order.command).__name__].append(order)
    lasting = [kind for kind in possible if kind not in RARE or act.which % 6 == 5]
    kinds = [kind for kind in sorted(lasting) for _ in range(LIKELY.get(kind, 1))]
    if not kinds:
        return None
    orders = possible[kinds[act.kind % len(kinds)]]
    return orders[act.which % len(orders)]


def _may(state: Complaint, order: Order, policy: Policy) -> bool:
    try:
        decide(state, order, policy)
    except Refused:
        return False
    return True
