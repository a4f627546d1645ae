"""Every act of an office in a state that allows it; what is not offered is refused."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio

from case_tracking.acts import ACTS
from machine import Desk, Machine, View, running

pytestmark = pytest.mark.asyncio(loop_scope="module")

Act = tuple[str, View | None]
OTHER = {"reason": "other"}
HELP = {"kind": "referral", "receiver": "vulnerable", **OTHER}
ADMISSION = {"admissible": True, "ground": "other"}
ANSWER = {"outcome": "other", "remedy": "other", "text": "…"}
LETTER = {"addressee": "ministry-education", "text": "…"}
ACCEPTED = {"recommendation": 1, "answer": "accepted", "text": "…"}
RETURN = ("return", OTHER)
PURPOSE = {"purpose": "joint_inspection"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def machine(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Machine]:
    async with running(tmp_path_factory.mktemp("matrix") / "data") as machine:
        yield machine


@pytest.fixture
def children(machine: Machine) -> Desk:
    return machine.desk("children")


async def received(children: Desk) -> str:
    return await children.received()


async def accepted(children: Desk) -> str:
    return await children.accepted()


Given = Callable[[Desk], Awaitable[str]]
CHILDREN, GENERAL = "children", "human-rights"
MATRIX: list[tuple[Given, list[tuple[str, Act]]]] = [
    (received, [(CHILDREN, ("acceptance", None))]),
    (received, [(CHILDREN, ("rejection", {"reason": "out_of_time", "remedy": "other"}))]),
    (received, [(CHILDREN, ("redirection", {"receiver": "vulnerable", **OTHER}))]),
    (received, [(GENERAL, ("revocation", OTHER))]),
    (
        accepted,
        [
            (CHILDREN, ("start", None)),
            (CHILDREN, ("pause", OTHER)),
            (CHILDREN, ("resumption", None)),
            (CHILDREN, RETURN),
            (GENERAL, ("return-refusal", OTHER)),
            (CHILDREN, RETURN),
            (GENERAL, ("return-acceptance", None)),
        ],
    ),
    (
        accepted,
        [
            (CHILDREN, ("admissibility", ADMISSION)),
            (CHILDREN, ("examination", None)),
            (CHILDREN, ("referrals", HELP)),
            ("vulnerable", ("acceptance", None)),
            ("vulnerable", ("completion", {"result": "other", "text": "…"})),
            (CHILDREN, ("questions", {"text": "?"})),
            (CHILDREN, ("extension", {"working_days": 60, "ground": "other"})),
            (CHILDREN, ("information-requests", LETTER)),
            (CHILDREN, ("information", {"request": 1, "text": "…"})),
            (CHILDREN, ("decision", ANSWER)),
            (CHILDREN, ("recommendations", LETTER)),
            (CHILDREN, ("recommendation-answers", ACCEPTED)),
            (CHILDREN, ("closing", None)),
            (CHILDREN, ("notices", {"about": 1, "channel": "telephone"})),
            (CHILDREN, ("reopening", {"ground": "other"})),
            (CHILDREN, ("consent", PURPOSE | {"channel": "telephone"})),
            (CHILDREN, ("consent-withdrawal", PURPOSE)),
            (CHILDREN, ("withdrawal", {"ground": "other"})),
        ],
    ),
]
ELSEWHERE = {"competence", "registration"}
"""Needs a dispute among three offices, or that nobody registers by itself: see tests of both."""
IDS = ["-".join(act for _, (act, _) in acts) for _, acts in MATRIX]
ON_REFERRAL = {act.name for act in ACTS if act.on_referral}


async def test_the_matrix_has_every_act() -> None:
    tried = {act for _, acts in MATRIX for _, (act, _) in acts}
    assert tried | ELSEWHERE == {act.name for act in ACTS}


@pytest.mark.parametrize(("given", "acts"), MATRIX, ids=IDS)
async def test_every_act_that_is_offered_is_done(
    machine: Machine, children: Desk, given: Given, acts: list[tuple[str, Act]]
) -> None:
    desks = {office: machine.desk(office) for office in (CHILDREN, GENERAL, "vulnerable")}
    complaint = await given(children)
    for office, (name, said) in acts:
        desk = desks[office]
        view = await desk.until(complaint, offers(name))
        referral = offered(view, name) if name in ON_REFERRAL else None
        done = await desk.done(complaint, name, said, referral=referral)
        assert done["version"] > view["version"]
        assert done["changed_by"] in (office, "intake")


def offers(name: str) -> Callable[[View], int]:
    return lambda view: offered(view, name)


def offered(view: View, name: str) -> int:
    """Whether the act is open to the reader; for one on a referral, its number."""
    if name not in ON_REFERRAL:
        return int(name in view["acts"])
    return next((r["number"] for r in view["referrals"] if name in r["acts"]), 0)


SAID: dict[str, View] = {
    "referrals": HELP,
    "rejection": {"reason": "out_of_time", "remedy": "other"},
    "redirection": {"receiver": "vulnerable", **OTHER},
    "completion": {"result": "other"},
    "competence": {"office": "children", "ground": "other"},
    "admissibility": ADMISSION,
    "questions": {"text": "?"},
    "extension": {"working_days": 1, "ground": "other"},
    "information-requests": LETTER,
    "information": {"request": 1, "text": "…"},
    "decision": ANSWER,
    "recommendations": LETTER,
    "recommendation-answers": ACCEPTED,
    "reopening": {"ground": "other"},
    "withdrawal": {"ground": "other"},
    "notices": {"about": 1, "channel": "post"},
    "consent": PURPOSE | {"channel": "post"},
    "consent-withdrawal": PURPOSE,
}


@pytest.mark.parametrize("given", [received, accepted], ids=["received", "accepted"])
async def test_what_is_not_offered_is_refused_and_changes_nothing(
    children: Desk, given: Given
) -> None:
    complaint = await given(children)
    view = await children.view(complaint)
    refused = [act for act in ACTS if not offered(view, act.name)]
    assert len(refused) > 12
    for act in refused:
        said = SAID.get(act.name, OTHER if "reason" in act.body.model_fields else None)
        referral = 1 if act.on_referral else None
        answer = await children.act(complaint, act.name, said, referral=referral)
        assert answer.status_code in (403, 404, 409), f"{act.name}: {answer.text}"
        assert answer.json()["detail"]
    history = (await children.get(f"/complaints/{complaint}/history", params={"limit": 100})).json()
    later = [e["type"] for e in history["events"] if e["version"] > view["version"]]
    assert set(later) <= {"ComplainantNotified"}
