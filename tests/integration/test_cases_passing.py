"""A complaint that is passed on among offices: rejected, redirected, given back, helped with."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from sqlalchemy import Connection, select

from case_tracking.projections.inbox import Inbox
from machine import Desk, Machine, View, running
from ombudslink.runtime.projections import rebuild

pytestmark = pytest.mark.asyncio(loop_scope="module")

TRANSFER = {"kind": "transfer", "reason": "competence"}
HELP = {"kind": "referral", "reason": "expertise"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def machine(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Machine]:
    async with running(tmp_path_factory.mktemp("passing") / "data") as machine:
        yield machine


@pytest.fixture
def children(machine: Machine) -> Desk:
    return machine.desk("children")


@pytest.fixture
def general(machine: Machine) -> Desk:
    return machine.desk("human-rights")


@pytest.fixture
def vulnerable(machine: Machine) -> Desk:
    return machine.desk("vulnerable")


async def test_a_custodian_that_passes_it_on_cannot_register_or_ask_for_help_to_read_it(
    children: Desk, general: Desk
) -> None:
    # given a complaint that the rules forwarded, and that its first custodian only sees in codes
    complaint = await children.received()
    acts: list[tuple[str, View | None]] = [
        ("registration", None),
        ("referrals", {**HELP, "receiver": "vulnerable"}),
    ]
    for act, said in acts:
        answer = await general.act(complaint, act, said)
        assert (answer.status_code, answer.json()["code"]) == (409, "transfer_pending")
    view = await general.view(complaint)
    assert view["content"] == "preview"
    assert [r["office"] for r in view["registrations"]] == ["children"]
    assert "registration" not in view["acts"]


async def test_a_complaint_is_registered_by_hand_when_that_did_not_happen_by_itself(
    machine: Machine, general: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("case_tracking.clerk.to_register", lambda *_: False)
    complaint = await machine.file(affected=[], subject="other", body="other")
    view = await general.until(complaint, lambda view: view["todo"] == "register")
    assert view["registrations"] == []
    view = await general.done(complaint, "registration")
    (registered,) = view["registrations"]
    assert registered["office"] == "human-rights"
    assert view["todo"] == "assess"


async def test_a_rejection_names_the_right_office_or_a_remedy_and_the_custodian_goes_on(
    children: Desk, general: Desk
) -> None:
    complaint = await children.received()
    bare = {"reason": "subject_not_competent"}
    answer = await children.act(complaint, "rejection", bare, referral=1)
    assert answer.json()["code"] == "suggestion_required"
    answer = await children.act(complaint, "rejection", {"reason": "out_of_time"}, referral=1)
    assert answer.json()["code"] == "remedy_required"
    # when it is rejected with a suggestion
    view = await children.done(
        complaint, "rejection", {**bare, "suggested_office": "vulnerable"}, referral=1
    )
    # then it is nothing of this office's any more, and the custodian registers it by itself
    assert (view["role"], view["todo"], view["content"]) == ("former", "nothing", "none")
    assert (await children.get(f"/complaints/{complaint}/content")).status_code == 404
    view = await general.until(complaint, lambda view: view["todo"] == "assess")
    assert view["referrals"][0]["state"] == "rejected"
    assert len((await general.content(complaint))["items"]) == 1


async def test_a_redirection_asks_the_third_office_at_once(
    children: Desk, general: Desk, vulnerable: Desk
) -> None:
    complaint = await children.received()
    said = {"receiver": "vulnerable", "reason": "competence"}
    view = await children.done(complaint, "redirection", said, referral=1)
    assert [r["state"] for r in view["referrals"]] == ["redirected", "requested"]
    await vulnerable.asked(complaint, 2)
    view = await vulnerable.done(complaint, "acceptance", referral=2)
    assert (view["custodian"], view["hops"], view["referrals"][1]["caused_by"]) == (
        "vulnerable",
        2,
        1,
    )
    assert len((await vulnerable.content(complaint))["items"]) == 1


async def test_a_transfer_is_given_back_only_if_the_sender_agrees(
    children: Desk, general: Desk
) -> None:
    complaint = await children.accepted()
    await children.done(complaint, "start", referral=1)
    view = await children.done(complaint, "return", {"reason": "not_competent"}, referral=1)
    assert view["todo"] == "await_return"
    # the sender refuses: the work goes on
    view = await general.until(complaint, lambda view: view["todo"] == "answer_return")
    assert view["referrals"][0]["acts"] == ["return-acceptance", "return-refusal"]
    await general.done(complaint, "return-refusal", {"reason": "receiver_competent"}, referral=1)
    view = await children.until(complaint, lambda v: v["referrals"][0]["state"] == "in_progress")
    assert view["custodian"] == "children"
    # asked once more, the sender agrees: custody is back, and what was copied stays a copy of then
    await children.done(complaint, "return", {"reason": "conflict_of_interest"}, referral=1)
    await general.until(complaint, lambda view: view["todo"] == "answer_return")
    view = await general.done(complaint, "return-acceptance", referral=1)
    assert (view["custodian"], view["role"]) == ("human-rights", "custodian")
    view = await general.until(complaint, lambda view: view["todo"] == "assess")
    view = await children.until(complaint, lambda view: view["role"] == "former")
    assert view["content"] == "former"
    # nothing newer reaches the office that gave it back
    await general.done(complaint, "examination")
    await general.done(complaint, "questions", {"text": "Қашан?"})
    assert len((await general.content(complaint))["items"]) == 2
    await children.until(complaint, lambda view: view["question_open"])
    assert [i["kind"] for i in (await children.content(complaint))["items"]] == ["filing"]


async def test_help_is_asked_given_and_the_loop_is_closed(children: Desk, vulnerable: Desk) -> None:
    complaint = await children.accepted()
    await children.done(complaint, "examination")
    view = await children.done(complaint, "referrals", {**HELP, "receiver": "vulnerable"})
    assert (view["custodian"], view["todo"]) == ("children", "examine")
    view = await vulnerable.asked(complaint, 2)
    assert (view["role"], view["todo"], view["content"]) == ("asked", "answer_referral", "preview")
    view = await vulnerable.done(complaint, "acceptance", referral=2)
    assert (view["custodian"], view["todo"], view["content"]) == ("children", "help", "whole")
    await vulnerable.done(complaint, "start", referral=2)
    await vulnerable.done(complaint, "pause", {"reason": "awaiting_expert"}, referral=2)
    await vulnerable.done(complaint, "resumption", referral=2)
    result = {"result": "opinion_given", "text": "Жағдай тексерілді."}
    view = await vulnerable.done(complaint, "completion", result, referral=2)
    assert (view["role"], view["todo"]) == ("former", "nothing")
    # the one who asked has the result
    await children.until(complaint, lambda v: v["referrals"][1]["state"] == "completed")
    items = (await children.content(complaint))["items"]
    assert (items[-1]["author"], items[-1]["content"]["text"]) == (
        "vulnerable",
        "Жағдай тексерілді.",
    )


async def test_a_question_to_another_office_is_taken_back(children: Desk, general: Desk) -> None:
    complaint = await children.accepted()
    await children.done(complaint, "referrals", {**HELP, "receiver": "human-rights"})
    await general.asked(complaint, 2)
    said = {"reason": "sent_by_mistake"}
    view = await children.done(complaint, "revocation", said, referral=2)
    assert view["referrals"][1]["state"] == "revoked"
    assert view["todo"] == "assess"


async def test_passed_on_too_often_the_arbiter_says_who_keeps_it(
    machine: Machine, children: Desk, general: Desk, vulnerable: Desk
) -> None:
    complaint = await children.accepted()
    desks = {desk.office: desk for desk in (children, vulnerable, machine.desk("entrepreneurs"))}
    custodian, number = children, 1
    for receiver in ("vulnerable", "entrepreneurs"):
        said = {**TRANSFER, "receiver": receiver}
        await custodian.done(complaint, "referrals", said, Ombudslink_Actor="officer-7")
        custodian, number = desks[receiver], number + 1
        await custodian.asked(complaint, number)
        await custodian.done(complaint, "acceptance", referral=number)
        await custodian.until(complaint, lambda view: view["todo"] == "assess")
    # an office that gave it up is asked again by a person only
    said = {**TRANSFER, "receiver": "children"}
    answer = await custodian.act(complaint, "referrals", said)
    assert answer.json()["code"] == "officer_required"
    view = await custodian.done(complaint, "referrals", said, Ombudslink_Actor="officer-7")
    assert (view["disputed_before"], view["todo"]) == ("human-rights", "await_arbiter")
    view = await general.until(complaint, lambda view: view["role"] == "arbiter")
    assert (view["todo"], view["content"]) == ("decide_dispute", "whole")
    assert "competence" in view["acts"]
    assert len((await general.content(complaint))["items"]) == 1
    said = {"office": "human-rights", "ground": "general_competence"}
    view = await general.done(complaint, "competence", said)
    assert (view["custodian"], view["disputed_before"]) == ("human-rights", None)
    await general.until(complaint, lambda view: view["todo"] == "assess")


def answered(view: View) -> bool:
    return view["referrals"][0]["state"] in ("accepted", "revoked")


async def test_of_two_offices_that_act_at_once_exactly_one_wins(
    children: Desk, general: Desk
) -> None:
    for _ in range(5):
        complaint = await children.received()
        # given that both saw the same referral unanswered
        seen = {d.office: await d.etag(complaint) for d in (children, general)}
        # when one accepts it while the other takes it back
        answers = await asyncio.gather(
            children.act(complaint, "acceptance", referral=1, seen=seen["children"]),
            general.act(
                complaint,
                "revocation",
                {"reason": "kept"},
                referral=1,
                seen=seen["human-rights"],
            ),
        )
        # then one did, and the other is told clearly why not
        assert sorted(answer.status_code == 200 for answer in answers) == [False, True]
        (lost,) = (answer for answer in answers if answer.status_code != 200)
        assert lost.headers["content-type"] == "application/problem+json"
        assert lost.json()["code"] in ("stale", "referral_not_in_state")
        # and both stores agree
        views = [await desk.until(complaint, answered) for desk in (children, general)]
        winner = "children" if answers[0].status_code == 200 else "human-rights"
        assert [view["custodian"] for view in views] == [winner, winner]


async def test_every_offices_inbox_equals_its_rebuild_after_all_that(machine: Machine) -> None:
    grown = {}
    for office in machine.platform.installation.policy.offices:
        service = machine.service(office.id)
        with service.database.maintain() as connection:
            live = rows(connection)
            rebuild(connection, service.parts.following)
            assert rows(connection) == live
        grown[office.id] = len(live)
    assert min(grown["children"], grown["human-rights"]) > 10


def rows(connection: Connection) -> list[tuple[object, ...]]:
    found = connection.execute(select(Inbox.inbox).order_by(Inbox.inbox.c.complaint))
    return [tuple(row) for row in found]


async def test_an_unanswered_referral_expires_and_the_complaint_stays(
    machine: Machine, children: Desk, general: Desk
) -> None:
    complaint = await children.received()
    due = (await children.view(complaint))["clocks"][0]
    assert (due["clock"], due["urgency"]) == ("leg", "in_time")
    machine.clock.forward(days=3, hours=14)
    view = await general.until(complaint, lambda v: v["referrals"][0]["state"] == "expired")
    assert view["custodian"] == "human-rights"
    await general.until(complaint, lambda view: view["todo"] == "assess")
    view = await children.until(complaint, lambda view: view["role"] == "former")
    assert view["content"] == "none"
