"""Acts of joint inspections that are repeated, only tried, too late, or say what nobody knows."""

import uuid
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
import pytest_asyncio

from case_tracking.entrance import COOKIE
from jointly import TERMS, Party, may, opened, settled
from machine import Machine, running
from ombudslink.installation import SERVICE_KEYS
from ombudslink.web.access import AccessKeys

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def machine(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Machine]:
    async with running(tmp_path_factory.mktemp("inspection-acts") / "data") as machine:
        yield machine


@pytest.fixture
def children(machine: Machine) -> Party:
    return Party(machine, "children")


@pytest.fixture
def vulnerable(machine: Machine) -> Party:
    return Party(machine, "vulnerable")


async def test_a_repeated_proposal_makes_one_inspection(children: Party) -> None:
    complaint = await children.complaint()
    key = str(uuid.uuid4())
    said = {"complaints": [complaint], **TERMS}
    first, second = [await children.post("/inspections", said, key=key) for _ in "ab"]
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["inspection"] == second.json()["inspection"]
    other = await children.post("/inspections", said | {"text": "?"}, key=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


async def test_an_act_that_is_only_tried_tells_what_would_follow_and_for_whom(
    machine: Machine, children: Party, vulnerable: Party
) -> None:
    complaint = await children.complaint()
    said = {"complaints": [complaint], "invited": ["vulnerable"], **TERMS}
    tried = await children.post("/inspections", said, params={"dry_run": True})
    assert tried.status_code == 200, tried.text
    (event,) = tried.json()["events"]
    assert event["type"] == "JointInspectionProposed"
    assert event["data"]["content"] is None
    assert event["recipients"] == ["children"]
    listed = (await children.desk.get("/inspections", params={"limit": 100})).json()
    assert complaint not in str(listed)
    inspection = await children.proposes(complaint, invited=("vulnerable",))
    await vulnerable.until(inspection, may("joining"))
    tag = (await vulnerable.desk.get(f"/inspections/{inspection}")).headers["etag"]
    path = f"/inspections/{inspection}/joining?dry_run=true"
    would = await vulnerable.post(path, None, headers={"If-Match": tag})
    assert [e["type"] for e in would.json()["events"]] == ["JointPartyJoined"]
    assert (await vulnerable.desk.get(f"/inspections/{inspection}")).json()["role"] == "asked"


async def test_who_acts_on_what_it_has_not_seen_is_told_what_changed(
    children: Party, vulnerable: Party
) -> None:
    complaint = await children.complaint()
    inspection = await children.proposes(complaint, invited=("vulnerable",))
    await children.until(inspection, settled)
    old = (await children.desk.get(f"/inspections/{inspection}")).headers["etag"]
    await vulnerable.until(inspection, may("joining"))
    await vulnerable.does(inspection, "joining")
    await children.until(inspection, may("opening"))
    stale = await children.act(inspection, "opening", {}, seen=old)
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")
    assert [one["author"] for one in stale.json()["changed"]] == ["vulnerable"]


async def test_words_that_nobody_knows_are_refused(children: Party, vulnerable: Party) -> None:
    inspection, _ = await opened(children, vulnerable)
    for act, said, pointer in (
        ("tasks", {"office": "nobody", "kind": "visit", "due": "2026-03-20"}, "/office"),
        ("tasks", {"office": "vulnerable", "kind": "?", "due": "2026-03-20"}, "/kind"),
        ("tasks", {"office": "vulnerable", "kind": "visit", "due": "soon"}, "/due"),
        ("separation", {"reason": "reported"}, "/reason"),
        ("evidence", {"kind": "nothing", "text": "…"}, "/kind"),
    ):
        answer = await children.act(inspection, act, said)
        assert answer.status_code == 422, answer.text
        assert answer.json()["errors"][0]["pointer"] == pointer


class Holder:
    """Intake as the holder of content, asked by an office's own service."""

    def __init__(self, machine: Machine, office: str) -> None:
        now = machine.clock()
        keys = AccessKeys(machine.platform.installation.folder.access)
        key = keys.issue(office, SERVICE_KEYS["case-tracking"], now, now + timedelta(days=1))
        self._headers = {"Authorization": f"Bearer {key}"}
        self._client = machine.client

    async def kinds(self, stream: str) -> list[str] | int:
        """The kinds of what it hands out, or with which status it does not."""
        answer = await self._client.get(f"/intake/v1/contents/{stream}", headers=self._headers)
        if answer.status_code != httpx.codes.OK:
            return answer.status_code
        return [item["kind"] for item in answer.json()["items"]]

    async def leaves(self, stream: str, kind: str) -> int:
        """The status with which it takes a letter or not."""
        letter = {"letter": str(uuid.uuid4()), "kind": kind, "text": "…"}
        url = f"/intake/v1/contents/{stream}/letters"
        answer = await self._client.post(url, json=letter, headers=self._headers)
        return answer.status_code


async def test_the_holder_gives_the_parties_everything_and_who_is_asked_the_terms(
    machine: Machine, children: Party, vulnerable: Party
) -> None:
    # given an open inspection with evidence, to which one more office is asked
    inspection, complaint = await opened(children, vulnerable)
    await children.does(inspection, "evidence", {"kind": "document", "text": "…"})
    asked = {"office": "human-rights", "ground": "expertise"}
    await children.does(inspection, "invitations", asked)
    general = Party(machine, "human-rights")
    await general.until(inspection, may("joining"))
    # then each gets what its part is, and others do not learn that it exists
    assert await Holder(machine, "vulnerable").kinds(inspection) == ["terms", "evidence"]
    assert await Holder(machine, "human-rights").kinds(inspection) == ["terms"]
    assert await Holder(machine, "entrepreneurs").kinds(inspection) == 404
    # and only the parties leave texts there
    assert await Holder(machine, "vulnerable").leaves(inspection, "evidence") == 201
    for office in ("human-rights", "entrepreneurs"):
        assert await Holder(machine, office).leaves(inspection, "evidence") == 404
    # when a party leaves and more is written, then it gets what was there until then
    await general.does(inspection, "joining")
    await general.does(inspection, "leaving", {"reason": "no_agreement"})
    await children.until(inspection, lambda view: view["parties"][2]["part"] == "withdrew")
    await children.does(inspection, "findings", {"text": "…"})
    assert await Holder(machine, "human-rights").kinds(inspection) == ["terms", "evidence"]
    assert await Holder(machine, "human-rights").leaves(inspection, "evidence") == 404
    # and its part in the complaint is over, too
    await general.desk.until(complaint, lambda view: view["content"] == "former")


async def test_terms_are_taken_in_without_telling_what_there_is(
    machine: Machine, children: Party
) -> None:
    complaint = await children.complaint()
    stranger = Holder(machine, "entrepreneurs")
    for stream in (complaint, str(uuid.uuid4())):
        assert await stranger.leaves(stream, "terms") == 201
    assert await Holder(machine, "children").kinds(complaint) == ["filing"]


async def test_an_office_that_is_named_and_complained_of_learns_of_nothing(
    machine: Machine, children: Party, vulnerable: Party
) -> None:
    # given a complaint about the commissioner that the proposal names
    complaint = await children.complaint(affected=["child"], body="commissioner_vulnerable")
    inspection = await children.proposes(complaint, invited=("vulnerable", "human-rights"))
    # then the complaint takes part, the other office is asked, and that one is not
    general = Party(machine, "human-rights")
    await general.until(inspection, may("joining"))
    view = await children.until(inspection, settled)
    assert view["complaints"][0]["answer"] == "entered"
    assert [one["office"] for one in view["parties"]] == ["children", "human-rights"]
    asked = {"office": "vulnerable", "ground": "expertise"}
    assert await children.refused(inspection, "invitations", asked) == "office_complained_of"
    for stream in (complaint, inspection):
        assert await Holder(machine, "vulnerable").kinds(stream) == 404
    assert (await vulnerable.desk.get(f"/inspections/{inspection}")).status_code == 404
    # and what the others write there, it may not have
    await general.does(inspection, "joining")
    await children.until(inspection, may("opening"))
    await children.does(inspection, "opening", {})
    assert await Holder(machine, "vulnerable").kinds(inspection) == 404


async def test_what_the_registrar_books_makes_no_officer_look_again(
    children: Party, vulnerable: Party
) -> None:
    # given a proposal whose answers came after the officer looked
    complaint = await children.complaint()
    inspection = await children.proposes(complaint, invited=("vulnerable",))
    await children.until(inspection, settled)
    await vulnerable.until(inspection, may("joining"))
    # then an act on the bare proposal is done
    bare = f'"1-{"0" * 16}"'
    answer = await children.act(inspection, "separation", {"reason": "other"}, seen=bare)
    assert answer.status_code == 200, answer.text


async def test_the_desk_tells_the_joint_examination_in_words(
    machine: Machine, children: Party, vulnerable: Party
) -> None:
    # given a complaint that is examined jointly
    inspection, complaint = await opened(children, vulnerable)
    await children.desk.until(complaint, lambda view: view["phase"] == "examination")
    key = children.desk.headers["Authorization"].removeprefix("Bearer ")
    entrance = machine.platform.services["children"].state.entrance
    cookie = {"Cookie": f"{COOKIE}={entrance.open(key)}"}
    for language, words in (
        ("kk", "Бірлескен қарау басталды"),
        ("ru", "Начато совместное рассмотрение"),
        ("en", "Joint examination begun"),
    ):
        # when its timeline is opened, then it says so
        url = f"/offices/children/{language}/complaints/"
        page = await machine.client.get(f"{url}{complaint}", headers=cookie)
        assert page.status_code == 200
        assert words in page.text
        # and an inspection is no complaint
        assert (await machine.client.get(f"{url}{inspection}", headers=cookie)).status_code == 404
        # and its own history is told in words, too
        history = await children.desk.get(
            f"/inspections/{inspection}/history?limit=100", headers={"Accept-Language": language}
        )
        assert history.status_code == 200, history.text
