"""The protocol holds in every state of its model, and without any of its parts it does not."""

import pytest

from consistency.model.protocol import Rules
from consistency.model.search import search


@pytest.mark.parametrize(
    "rules",
    [
        pytest.param(Rules(commands=2, repeats=0, takes=2, restores=0), id="two registrars"),
        pytest.param(Rules(commands=1, repeats=0, takes=2, restores=1), id="restored"),
        pytest.param(Rules(commands=1, repeats=1, takes=2, restores=0), id="repeated"),
    ],
)
def test_every_invariant_holds_in_every_state(rules: Rules) -> None:
    found = search(rules)

    print(f"{found.states:,} states, the furthest {found.way} steps away")
    assert found.broken is None
    assert found.states > 1_000


@pytest.mark.parametrize(
    ("rules", "broken"),
    [
        pytest.param(Rules(commands=2, repeats=0, restores=0, fence=False), "8:", id="no fence"),
        pytest.param(Rules(commands=1, journal_first=False), "11:", id="feed before journal"),
        pytest.param(Rules(commands=1, reads_journal=False), "8:", id="journal not read"),
        pytest.param(Rules(commands=1, takes=1, remembers=False), "8:", id="nothing remembered"),
    ],
)
def test_what_is_left_out_of_the_protocol_is_found(rules: Rules, broken: str) -> None:
    found = search(rules)

    assert found.broken is not None
    assert found.broken.startswith(broken)
