"""The state tables and drawings say what the rules do: nothing is missing, nothing is made up."""

import re
from pathlib import Path
from typing import Final

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ombudslink.complaint import Complaint, Phase
from ombudslink.contracts.pictures import page
from ombudslink.contracts.states import COMPLAINT, START, Found, Move, explore, note
from ombudslink.testing.builders import filing, order
from ombudslink.testing.country import INTAKE, MONDAY
from ombudslink.testing.strategies import allowed_orders, refused_orders
from ombudslink.values import ReferralKind, ReferralState
from ombudslink.web.problems import catalogue

COMMITTED = Path(__file__).parents[2] / "shared" / "contracts" / "complaint-states.md"
LIFE: Final = 25


@given(data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_life_of_a_complaint_leaves_the_tables(data: st.DataObject) -> None:
    seen, known = Found(), explore()
    state = note(seen, Complaint(), order(filing(), INTAKE))
    for _ in range(LIFE):
        assert state is not None
        note(seen, state, data.draw(refused_orders(state, MONDAY)))
        state = note(seen, state, data.draw(allowed_orders(state, MONDAY)))
    assert {*seen.moves} - {*known.moves} == set()
    refused = known.refused()
    assert [key for key in seen.moves if (key.start, key.command) in refused] == []


def test_every_phase_and_every_state_of_a_referral_of_each_kind_is_reached() -> None:
    reached = {move.end for move in explore().moves} | {move.start for move in explore().moves}
    phases = {(COMPLAINT, phase) for phase in Phase if phase is not Phase.NONE}
    states = {(kind, state) for kind in ReferralKind for state in ReferralState}
    never = {(ReferralKind.REFERRAL, START), (ReferralKind.TRANSFER, START), (COMPLAINT, START)}
    assert reached == phases | states | never


def test_what_the_design_says_is_found() -> None:
    found = explore()
    transfer, requested = ReferralKind.TRANSFER, ReferralState.REQUESTED
    received = Move((transfer, requested), "ReceiveReferral", (transfer, ReferralState.RECEIVED))
    assert found.moves[received] == {("ReferralReceived",)}
    refused = found.refused()
    assert refused[(transfer, requested), "AcceptReferral"] == ("referral_not_in_state",)
    assert refused[(transfer, ReferralState.REJECTED), "StartReferralWork"] == ("not_custodian",)
    assert refused[(COMPLAINT, Phase.OPEN), "IssueDecision"] == ("not_under_examination",)
    assert ((transfer, ReferralState.RECEIVED), "AcceptReferral") not in refused


def test_every_code_in_the_tables_has_its_sentence() -> None:
    codes = {code for codes in explore().refused().values() for code in codes}
    assert codes - {*catalogue().problems} == set()
    assert codes <= {*re.findall(r"`([a-z_]+)`", page())}


def test_no_command_is_without_an_answer_in_any_phase() -> None:
    rows = [row.split("|")[1:-1] for row in COMMITTED.read_text().splitlines() if "|" in row]
    assert {len(row) for row in rows} == {3, 4, 1 + len(Phase)}
    assert [row[0] for row in rows if not all(cell.strip() for cell in row)] == []


def test_the_drawings_lead_from_the_start_to_an_end() -> None:
    for drawing in re.findall(r"```mermaid\n(.*?)```", COMMITTED.read_text(), re.DOTALL):
        first, *arrows = drawing.strip().splitlines()
        assert first == "stateDiagram-v2"
        assert arrows[0].strip().startswith("[*] --> ")
        assert all(re.fullmatch(r" {4}\S+ --> \S+(: [A-Za-z ]+)?", arrow) for arrow in arrows)
