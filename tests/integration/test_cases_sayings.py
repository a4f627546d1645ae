"""What an office cannot say with an act: what contradicts itself, what only the platform says."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from machine import Desk, Machine, View, running

pytestmark = pytest.mark.asyncio(loop_scope="module")

SAID: dict[str, View] = {
    "decision": {"outcome": "settled", "remedy": "other", "text": "…"},
    "questions": {"text": "?"},
    "return": {"reason": "other"},
    "revocation": {"reason": "other"},
}
"""Something well formed to say with each of these acts."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def machine(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Machine]:
    async with running(tmp_path_factory.mktemp("sayings") / "data") as machine:
        yield machine


@pytest.fixture
def children(machine: Machine) -> Desk:
    return machine.desk("children")


CONTRADICTIONS = [
    ("admissibility", {"admissible": False, "ground": "admissible", "remedy": "court"}, "/ground"),
    ("admissibility", {"admissible": True, "ground": "before_court"}, "/ground"),
    ("admissibility", {"admissible": True, "ground": "other", "remedy": "court"}, "/remedy"),
]


@pytest.mark.parametrize(("act", "said", "pointer"), CONTRADICTIONS)
async def test_an_act_that_contradicts_itself_is_refused(
    children: Desk, act: str, said: View, pointer: str
) -> None:
    complaint = await children.accepted()
    answer = await children.act(complaint, act, said)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    (fault,) = answer.json()["errors"]
    assert (fault["pointer"], fault["code"]) == (pointer, "contradiction")


OF_PLATFORM = [
    *(("decision", {"outcome": word}) for word in ("answered", "inadmissible", "withdrawn")),
    ("return", {"reason": "agreed"}),
    *(
        (act, {"reason": word})
        for act in ("return", "revocation")
        for word in ("became_custodian", "complaint_answered", "complaint_closed")
    ),
]


@pytest.mark.parametrize(("act", "said"), OF_PLATFORM)
async def test_words_that_only_the_platform_says_cannot_be_chosen(
    children: Desk, act: str, said: View
) -> None:
    complaint = await children.received()
    referral = None if act == "decision" else 1
    answer = await children.act(complaint, act, SAID[act] | said, referral=referral)
    assert answer.status_code == 422
    (fault,) = answer.json()["errors"]
    assert (fault["pointer"], fault["code"]) == (f"/{next(iter(said))}", "said_by_platform")


@pytest.mark.parametrize(
    "suggested",
    [{"suggested_office": "children"}, {"suggested_body": "commissioner_children"}],
    ids=["office", "body"],
)
async def test_an_office_does_not_suggest_itself_under_any_name(
    children: Desk, suggested: View
) -> None:
    complaint = await children.received()
    said = {"reason": "subject_not_competent", **suggested}
    answer = await children.act(complaint, "rejection", said, referral=1)
    assert (answer.status_code, answer.json()["code"]) == (422, "suggests_itself")


@pytest.mark.parametrize("act", ["decision", "questions"])
async def test_what_is_said_to_the_complainant_has_a_text(children: Desk, act: str) -> None:
    complaint = await children.accepted()
    said = {name: word for name, word in SAID[act].items() if name != "text"}
    answer = await children.act(complaint, act, said)
    assert answer.status_code == 422
    (fault,) = answer.json()["errors"]
    assert (fault["pointer"], fault["code"]) == ("/text", "missing")
