"""Which content an office may have of a complaint: what events name, as far as its part reached."""

from typing import get_args

import pytest

from intake.contents import named, reach, said
from ombudslink import commands as c
from ombudslink import events as e
from ombudslink.store.vault import Item
from ombudslink.testing import builders as b
from ombudslink.testing import golden
from ombudslink.testing.builders import Orders, content, order
from ombudslink.testing.country import (
    CHILDREN,
    ENTREPRENEURS,
    GENERAL,
    HELP,
    INTAKE,
    MONDAY,
    TRANSFER,
    VULNERABLE,
)
from ombudslink.testing.histories import told
from ombudslink.values import ContentRef

EXAMINED = (
    order(c.StartExamination(), CHILDREN),
    order(c.RequestClarification(content=content(2)), CHILDREN),
    order(c.ProvideClarification(content=content(4)), INTAKE),
)
"""What happens after the children's office took it over: a question and its answer."""

ON_ITS_WAY = (
    *b.forwarded(),
    order(c.ReceiveReferral(referral=1, number="CHI-1"), CHILDREN),
    order(c.RedirectReferral(referral=1, receiver=VULNERABLE, reason="disability"), CHILDREN),
)
"""The children's office sends on what the competence rules sent it."""

PARTS: list[tuple[str, Orders, dict[str, list[int]]]] = [
    ("filed only", b.filed(), {GENERAL: []}),
    ("certainly on its way", b.forwarded(), {GENERAL: [], CHILDREN: []}),
    ("sent on its way again", ON_ITS_WAY, {GENERAL: [], CHILDREN: [], VULNERABLE: []}),
    ("registered", b.registered(), {GENERAL: [1], CHILDREN: []}),
    ("asked", b.asked(), {GENERAL: [1, 2]}),
    ("given away", b.accepted(TRANSFER), {GENERAL: [1], CHILDREN: [1]}),
    ("gone on", (*b.accepted(TRANSFER), *EXAMINED), {GENERAL: [1], CHILDREN: [1, 2, 4]}),
    ("given back", b.returned(TRANSFER), {GENERAL: [1], CHILDREN: [1]}),
    ("helping", b.accepted(HELP), {GENERAL: [1], CHILDREN: [1]}),
    ("helped", b.completed(HELP), {GENERAL: [1, 7], CHILDREN: [1, 7]}),
    ("rejected", b.rejected(TRANSFER), {GENERAL: [1], CHILDREN: []}),
    ("disputed", b.disputed(), {GENERAL: [1], CHILDREN: [1], VULNERABLE: [1]}),
]


def holds(orders: Orders) -> list[Item]:
    """Everything that the events name, as the holder keeps it."""
    refs = [name[1] for one in told(orders) if (name := named(one.envelope.event)) is not None]
    return [Item(ref.id, "letter", INTAKE, MONDAY, ref.digest, b"{}") for ref in refs]


def handed_out(orders: Orders, office: str) -> list[int]:
    """The numbers of the content that the office may have."""
    history = [one.envelope for one in told(orders)]
    found = said(history[: reach(history, office)], holds(orders), INTAKE)
    return [int(one.item.digest, 16) for one in found]


@pytest.mark.parametrize(("orders", "expected"), [p[1:] for p in PARTS], ids=[p[0] for p in PARTS])
def test_content_reaches_as_far_as_the_part_of_the_office(
    orders: Orders, expected: dict[str, list[int]]
) -> None:
    assert {office: handed_out(orders, office) for office in expected} == expected
    assert handed_out(orders, ENTREPRENEURS) == ([1] if orders == b.disputed() else [])


def test_content_that_no_event_names_was_never_said() -> None:
    history = [one.envelope for one in told(b.registered())]
    stray = Item(content(9).id, "letter", GENERAL, MONDAY, content(9).digest, b"{}")
    assert [one.item.id for one in said(history, [stray, *holds(b.registered())], INTAKE)] == [
        content(1).id
    ]


def test_content_that_was_changed_is_left_out() -> None:
    history = [one.envelope for one in told(b.registered())]
    changed = Item(content(1).id, "filing", INTAKE, MONDAY, "f" * 64, b"{}")
    assert said(history, [changed], INTAKE) == []


def test_content_that_another_holder_keeps_is_not_looked_for_here() -> None:
    elsewhere = content(1, holder=GENERAL)
    history = [one.envelope for one in told(b.filed(content=elsewhere))]
    kept = Item(elsewhere.id, "filing", GENERAL, MONDAY, elsewhere.digest, b"{}")
    assert said(history, [kept], INTAKE) == []


@pytest.mark.parametrize("name", [cls.__name__ for cls in get_args(e.ComplaintEvent)])
def test_every_event_of_a_complaint_that_carries_a_reference_to_content_is_known_to_name_it(
    name: str,
) -> None:
    example = golden.examples()[name]
    assert isinstance(example, e.Fact)
    carried = isinstance(getattr(example, "content", None), ContentRef)
    assert (named(example) is not None) == carried  # type: ignore[arg-type]
