"""How an office's requests are taken: rights, entity tags, repetition, codes, lists."""

import uuid
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import chain

import pytest
import pytest_asyncio

from case_tracking.acts import ACTS
from machine import Desk, Machine, View, filing, running
from ombudslink.web.access import AccessKeys, Scope
from person import Person

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def machine(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Machine]:
    async with running(tmp_path_factory.mktemp("requests") / "data") as machine:
        yield machine


@pytest.fixture
def children(machine: Machine) -> Desk:
    return machine.desk("children")


@pytest.fixture
def general(machine: Machine) -> Desk:
    return machine.desk("human-rights")


async def test_another_offices_key_opens_nothing(machine: Machine, children: Desk) -> None:
    complaint = await children.received()
    stranger = machine.desk("vulnerable")
    for path in ("/complaints", f"/complaints/{complaint}", f"/complaints/{complaint}/content"):
        answer = await stranger.get(path, office="children")
        assert (answer.status_code, answer.json()["code"]) == (403, "not_entitled")
    stranger.office = "children"
    answer = await stranger.act(complaint, "acceptance", referral=1, seen='"7-0123456789abcdef"')
    assert (answer.status_code, answer.json()["code"]) == (403, "not_entitled")
    assert (await children.view(complaint))["referrals"][0]["state"] == "received"


async def test_without_key_or_scope_nothing_is_shown_or_done(
    machine: Machine, children: Desk
) -> None:
    complaint = await children.received()
    now = machine.clock()
    keys = AccessKeys(machine.platform.installation.folder.access)
    read_only = keys.issue("children", frozenset({Scope.READ}), now, now + timedelta(days=1))
    reader = Desk(machine, "children", read_only)
    answer = await reader.act(complaint, "acceptance", referral=1)
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")
    reader.headers = {}
    assert (await reader.get("/complaints")).status_code == 401


async def test_the_office_complained_of_and_offices_without_a_part_see_nothing(
    machine: Machine,
) -> None:
    complaint = await machine.file(body="commissioner_children", text="Уәкіл жауап бермеді.")
    general = machine.desk("human-rights")
    await general.until(complaint, lambda view: view["custodian"] == "human-rights")
    nobody = str(uuid.uuid4())
    for office in ("children", "entrepreneurs"):
        desk = machine.desk(office)
        listed = (await desk.get("/complaints", params={"limit": 100})).json()["complaints"]
        assert complaint not in {entry["complaint"] for entry in listed}
        for path in ("", "/history", "/content"):
            there = await desk.get(f"/complaints/{complaint}{path}")
            nowhere = await desk.get(f"/complaints/{nobody}{path}")
            assert (there.status_code, there.content) == (404, nowhere.content)
        for act in ACTS:
            said = SAID.get(act.name)
            referral = 1 if act.on_referral else None
            answer = await desk.act(
                complaint, act.name, said, referral=referral, seen='"1-0123456789abcdef"'
            )
            assert (answer.status_code, answer.json()["code"]) == (404, "no_such_complaint")


SAID: dict[str, View] = {
    "referrals": {"kind": "referral", "receiver": "human-rights", "reason": "other"},
    "rejection": {
        "reason": "out_of_time",
        "suggested_office": "vulnerable",
        "suggested_body": "court",
        "remedy": "court",
    },
    "redirection": {"receiver": "vulnerable", "reason": "other"},
    "revocation": {"reason": "other"},
    "pause": {"reason": "other"},
    "return": {"reason": "other"},
    "return-refusal": {"reason": "other"},
    "completion": {"result": "other"},
    "competence": {"office": "children", "ground": "other"},
    "admissibility": {"admissible": True, "ground": "other"},
    "questions": {"text": "?"},
    "information-requests": {"addressee": "ministry-education", "text": "?"},
    "information": {"request": 1, "text": "…"},
    "recommendations": {"addressee": "ministry-education", "text": "…"},
    "recommendation-answers": {"recommendation": 1, "answer": "accepted"},
    "extension": {"working_days": 5, "ground": "other"},
    "decision": {"outcome": "settled", "remedy": "other", "text": "…"},
    "reopening": {"ground": "other"},
    "withdrawal": {"ground": "other"},
    "notices": {"about": 1, "channel": "telephone"},
    "consent": {"purpose": "joint_inspection", "channel": "post"},
    "consent-withdrawal": {"purpose": "joint_inspection"},
}
"""Something well formed to say with each act that wants something said."""
CODES = sorted((act, name) for act, said in SAID.items() for name in said if name != "text")


@pytest.mark.parametrize(("act", "name"), CODES)
async def test_every_act_knows_its_words(children: Desk, act: str, name: str) -> None:
    wrong = {"working_days": 0, "about": 0, "admissible": "perhaps"}.get(name, "not_a_word")
    complaint = await children.received()
    referral = 1 if next(a for a in ACTS if a.name == act).on_referral else None
    said = {**SAID[act], name: wrong}
    answer = await children.act(complaint, act, said, referral=referral, Accept_Language="kk")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    (fault,) = answer.json()["errors"]
    assert fault["pointer"] == f"/{name}"
    assert "not_a_word" not in answer.text
    assert "perhaps" not in answer.text


async def test_who_was_overtaken_by_the_complainant_is_told_so_in_words(
    machine: Machine, children: Desk
) -> None:
    # given an officer who looks at a complaint that its complainant then withdraws
    person = await Person.files(machine)
    complaint = await person.complaint()
    await children.asked(complaint, 1)
    seen = await children.etag(complaint)
    assert (await person.says("withdrawal", {"ground": "settled"})).status_code == 200
    await children.until(complaint, lambda view: view["phase"] == "closed")
    # when the officer acts on what was seen, then it is said who was faster
    for language, name in (("kk", "өтініш беруші"), ("ru", "заявитель"), ("en", "the complainant")):
        answer = await children.act(
            complaint, "acceptance", referral=1, seen=seen, Accept_Language=language
        )
        assert (answer.status_code, answer.json()["code"]) == (412, "stale")
        assert name in answer.json()["detail"]
    # and the history says so too
    events = (await children.get(f"/complaints/{complaint}/history?limit=100")).json()["events"]
    authors = {event["type"]: event["author_name"] for event in events}
    assert authors["ComplaintFiled"] == authors["ComplaintWithdrawn"] == "the complainant"
    assert authors["RoutingDecided"] == "the registrar"
    assert authors["ComplainantNotified"] == "the platform"


async def test_an_unknown_field_is_refused_and_not_ignored(children: Desk) -> None:
    complaint = await children.received()
    answer = await children.act(complaint, "acceptance", {"quickly": True}, referral=1)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == "unknown_field"


REVOKED = {"type": "ReferralRevoked", "author": "human-rights"}


async def test_an_act_names_the_version_it_is_based_on(children: Desk, general: Desk) -> None:
    complaint = await children.received()
    headers = {**children.headers, "Idempotency-Key": "k1"}
    url = f"/offices/children/v1/complaints/{complaint}/referrals/1/acceptance"
    answer = await children.post(url, headers)
    assert (answer.status_code, answer.json()["code"]) == (428, "if_match_missing")
    for tag in ('"x"', "*", '"999-0123456789abcdef"'):
        answer = await children.post(url, {**headers, "If-Match": tag})
        assert (answer.status_code, answer.json()["code"]) == (412, "if_match_unknown")
    # when the other office acted since the officer looked
    seen = await children.etag(complaint)
    await general.done(complaint, "revocation", {"reason": "kept"}, referral=1)
    await children.until(complaint, lambda view: view["referrals"][0]["state"] == "revoked")
    answer = await children.act(complaint, "acceptance", referral=1, seen=seen)
    # then it is told by whom
    assert (answer.status_code, answer.json()["code"]) == (412, "stale")
    assert answer.json()["args"]["office"] == "human-rights"
    changed = answer.json()["changed"]
    assert changed[0]["version"] == int(seen[1:].partition("-")[0]) + 1
    assert [one["version"] for one in changed] == [
        changed[0]["version"] + number for number in range(len(changed))
    ]
    (revoked,) = (one for one in changed if one["author"] == "human-rights")
    assert revoked == {"version": revoked["version"], **REVOKED}
    assert "Commissioner for Human Rights" in answer.json()["detail"]


async def test_receipts_clocks_and_notices_make_nothing_stale(
    machine: Machine, children: Desk
) -> None:
    complaint = await machine.file()
    await children.until(complaint, lambda view: view["role"] == "asked")
    early = f'"{3}-0123456789abcdef"'
    await children.asked(complaint, 1)
    await children.until(complaint, lambda view: view["version"] >= 5)
    view = await children.done(complaint, "acceptance", referral=1, seen=early)
    assert view["custodian"] == "children"


async def test_a_repeated_act_is_done_once_and_answered_with_what_is_now(
    machine: Machine, children: Desk
) -> None:
    complaint = await children.accepted()
    seen, key = await children.etag(complaint), str(uuid.uuid4())
    said = {"text": "Қай мектеп?"}
    await children.done(complaint, "questions", said, key=key, seen=seen)
    again = await children.done(complaint, "questions", said, key=key, seen=seen)
    assert again["question_open"]
    other = await children.act(complaint, "questions", {"text": "?"}, key=key, seen=seen)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    events = (await children.get(f"/complaints/{complaint}/history", params={"limit": 100})).json()
    asked = [e for e in events["events"] if e["type"] == "ClarificationRequested"]
    assert len(asked) == 1
    # a refused act stays refused under its key
    refused = [await children.act(complaint, "closing", key="c", seen=seen) for _ in range(2)]
    assert [answer.json()["code"] for answer in refused] == ["not_answered", "not_answered"]


async def test_reading_is_cheap_when_nothing_changed(children: Desk) -> None:
    complaint = await children.accepted()
    for path in ("", "/history", "/content"):
        first = await children.get(f"/complaints/{complaint}{path}")
        tag = {"If-None-Match": first.headers["etag"]}
        again = await children.get(f"/complaints/{complaint}{path}", headers=tag)
        assert (again.status_code, again.content) == (304, b"")
    before = (await children.get(f"/complaints/{complaint}")).headers["etag"]
    await children.done(complaint, "examination")
    changed = await children.get(f"/complaints/{complaint}", headers={"If-None-Match": before})
    assert changed.status_code == 200


async def test_the_inbox_is_filtered_and_read_page_by_page(children: Desk) -> None:
    done = [await children.accepted() for _ in range(3)]
    waiting = await children.received()

    async def pages(**asked: str | int) -> list[list[str]]:
        found: list[list[str]] = []
        cursor: dict[str, str] = {}
        while True:
            page = (await children.get("/complaints", params={**asked, **cursor})).json()
            found.append([entry["complaint"] for entry in page["complaints"]])
            if page["next"] is None:
                return found
            cursor = {"cursor": page["next"]}

    everything = await pages(limit=2)
    assert all(len(page) == 2 for page in everything[:-1])
    flat = list(chain(*everything))
    assert len(set(flat)) == len(flat)
    assert {*done, waiting} <= set(flat)
    to_assess = list(chain(*await pages(todo="assess", role="custodian", phase="open")))
    assert set(done) <= set(to_assess)
    assert waiting not in to_assess
    soon = list(chain(*await pages(due_before="2026-03-06T00:00:00Z")))
    assert waiting in soon
    assert not set(done) & set(soon)
    # a cursor belongs to its list, its filters and its office
    page = (await children.get("/complaints", params={"limit": 1})).json()
    for asked in ({"cursor": page["next"], "role": "asked"}, {"cursor": "AAAA"}, {"cursor": "ä"}):
        answer = await children.get("/complaints", params=asked)
        assert (answer.status_code, answer.json()["code"]) == (422, "cursor_invalid")
    for asked in (
        {"todo": "sleep"},
        {"limit": 101},
        {"due_before": "2026-03-06"},
        {"due_before": "0001-01-01T00:00:00+14:00"},
    ):
        answer = await children.get("/complaints", params=asked)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


async def test_a_command_is_told_only_to_the_office_that_gave_it(
    machine: Machine, children: Desk, general: Desk
) -> None:
    complaint = await children.received()
    url = f"/offices/children/v1/complaints/{complaint}/closing"
    headers = {"Idempotency-Key": "late", "If-Match": await children.etag(complaint)}
    answer = await children.post(url, {**children.headers, **headers, "Prefer": "wait=0"})
    assert answer.status_code == 202
    place = answer.headers["location"]
    assert place == f"/offices/children/v1/commands/{answer.json()['command']}"
    command = place.rpartition("/")[2]
    told = await children.told(command)
    assert (told["result"], told["code"]) == ("refused", "not_custodian")
    assert told["problem"]["detail"]
    assert told["problem"]["status"] == 403
    assert (await general.get(f"/commands/{command}")).json()["code"] == "command_not_found"
    assert (await children.get(f"/commands/{uuid.uuid4()}")).status_code == 404


async def test_a_complaint_that_came_on_paper_is_the_offices_at_once(
    machine: Machine, general: Desk
) -> None:
    sent = {**general.headers, "Idempotency-Key": str(uuid.uuid4())}
    said = filing(channel="paper", affected=[], subject="police", body="police")
    answer = await machine.client.post("/intake/v1/complaints", json=said, headers=sent)
    assert answer.status_code == 201, answer.text
    complaint = answer.json()["complaint"]
    view = await general.until(complaint, lambda view: view["todo"] == "assess")
    assert (view["filed"]["channel"], view["filed"]["received_by"]) == ("paper", "human-rights")
    assert view["registrations"][0]["number"].startswith("HR-2026/")


async def test_the_documentation_shows_every_act_with_its_summary_and_body(
    machine: Machine,
) -> None:
    api = (await machine.client.get("/offices/children/openapi.json")).json()
    for act in ACTS:
        operation = api["paths"][f"/v1/complaints/{{complaint}}{act.path}"]["post"]
        assert operation["summary"] == act.summary
        body = operation["requestBody"]["content"]["application/json"]["schema"]
        assert act.body.__name__ in str(body)
        named = {parameter["name"] for parameter in operation["parameters"]}
        assert {"complaint", "Idempotency-Key", "If-Match", "Prefer"} <= named
        assert ("number" in named) is act.on_referral
        assert {"200", "202", "401", "412"} <= operation["responses"].keys()
