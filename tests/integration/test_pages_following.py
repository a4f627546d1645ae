"""Following in pages: let in by reference and code, shown the way, asked, answering, leaving."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from intake.sessions import AT_A_PAGE
from jointly import Party, opened
from machine import Machine, eventually, running
from visitor import Visitor, text_of

CHILDREN = "children"
STATUS = "/status/complaint"


@pytest.fixture
async def machine(tmp_path: Path) -> AsyncIterator[Machine]:
    """All services."""
    async with running(tmp_path / "data") as machine:
        yield machine


async def follows(machine: Machine, language: str = "kk") -> tuple[Visitor, str]:
    """Somebody who filed and looks at the complaint now, and its internal id."""
    visitor = Visitor(machine, language)
    reference, code = await visitor.files()
    await visitor.sends("/status", {"reference": reference, "code": code})
    complaint = await machine.complaint(reference)
    await machine.desk(CHILDREN).asked(complaint, 1)
    return visitor, complaint


async def until(visitor: Visitor, said: str) -> str:
    """What stands on the complaint's page once that is said there."""
    latest = ""

    async def reached() -> bool:
        nonlocal latest
        latest = text_of(await visitor.sees("/status/complaint"))
        return said in latest

    await eventually(reached, lambda: latest)
    return latest


def key_of(page: httpx.Response) -> str:
    """What makes the form on that page one of a kind."""
    found = re.search(r'name="key" value="([^"]+)"', page.text)
    assert found, page.text
    return found[1]


async def test_a_complaint_is_followed_through_question_answer_and_decision(
    machine: Machine,
) -> None:
    # given a complaint that the office took over
    visitor, complaint = await follows(machine)
    children = machine.desk(CHILDREN)
    sent = await until(visitor, "алынды, жауап күтілуде")
    assert "қазір осында" in sent
    await children.done(complaint, "acceptance", referral=1)
    await children.until(complaint, lambda view: view["todo"] == "assess")

    # when it asks
    await children.done(complaint, "examination")
    await children.done(complaint, "questions", {"text": "Мектептің нөмірі қандай?"})
    asked = await until(visitor, "Сұраққа жауап беріңіз")
    assert "Мектептің нөмірі қандай?" in asked
    form = await visitor.sees("/status/answers")
    assert "Мектептің нөмірі қандай?" in form.text

    # and is answered, twice by a double click
    empty = await visitor.sends("/status/answers", {"key": key_of(form)})
    assert empty.status_code == 422
    assert '<a href="#text">' in empty.text
    said = {"key": key_of(empty), "text": "Он екінші мектеп"}
    for _ in range(2):
        answered = await visitor.sends("/status/answers", said)
        assert answered.status_code == 200, text_of(answered)
        assert "Жауабыңыз қабылданды" in answered.text

    # then the office decides, and the decision is on the page
    await children.until(complaint, lambda view: not view["question_open"])
    decision = {"outcome": "settled", "remedy": "none_needed", "text": "Мектеп баланы қабылдады."}
    await children.done(complaint, "decision", decision)
    decided = await until(visitor, "Мектеп баланы қабылдады.")
    assert decided.count("Он екінші мектеп") == 1
    assert "Шағымды қайтарып алу" not in decided


async def test_a_complaint_is_withdrawn_on_a_ground(machine: Machine) -> None:
    visitor, _ = await follows(machine, "en")
    form = await visitor.sees("/status/withdrawal")
    unsaid = await visitor.sends("/status/withdrawal", {"key": key_of(form), "text": "Enough"})
    assert unsaid.status_code == 422
    assert '<a href="#ground">' in unsaid.text
    assert "Enough" in unsaid.text
    gone = await visitor.sends(
        "/status/withdrawal", {"key": key_of(unsaid), "ground": "settled", "text": "Enough"}
    )
    assert "Your withdrawal has been taken in" in gone.text
    told = await until(visitor, "The complaint was withdrawn")
    assert "Withdraw the complaint" not in told


@pytest.mark.parametrize(
    ("language", "offer", "given", "jointly", "back", "alone"),
    [
        (
            *("kk", "Бірлесіп қарауға келісім беру", "Сіз келісім бердіңіз"),
            "Шағымды бірлесіп қарап жатқан уәкілдер:",
            "Бірлесіп қарауға берген келісімді қайтарып алу",
            "Бірлесіп қарау аяқталды",
        ),
        (
            *("ru", "Согласиться на совместное рассмотрение", "Вы дали согласие"),
            "Жалобу рассматривают совместно:",
            "Отозвать согласие на совместное рассмотрение",
            "Совместное рассмотрение завершено",
        ),
        (
            *("en", "Consent to a joint examination", "You have consented"),
            "Jointly examined by:",
            "Withdraw my consent to a joint examination",
            "The joint examination has ended",
        ),
    ],
)
async def test_consent_to_a_joint_examination_is_given_and_withdrawn(
    machine: Machine, language: str, offer: str, given: str, jointly: str, back: str, alone: str
) -> None:
    # given a complaint that an office took over, and that may be examined jointly
    visitor, complaint = await follows(machine, language)
    children, vulnerable = Party(machine, CHILDREN), Party(machine, "vulnerable")
    await children.desk.done(complaint, "acceptance", referral=1)
    await children.desk.until(complaint, lambda view: view["todo"] == "assess")
    assert back not in await until(visitor, offer)
    # when the complainant consents, twice by a double click
    said = {"key": key_of(await visitor.sees("/status/consent"))}
    for _ in range(2):
        consented = await visitor.sends("/status/consent", said)
        assert consented.status_code == 200, text_of(consented)
    # then the page says so, and offers to take it back
    assert back in await until(visitor, given)
    assert f'href="/{language}/status/consent"' not in (await visitor.sees(STATUS)).text
    # and says which offices examine it jointly once they do
    await children.desk.until(complaint, lambda view: "consent-withdrawal" in view["acts"])
    await opened(children, vulnerable, complaint=complaint)
    examined = await until(visitor, jointly)
    offices = machine.service("intake").setting.policy.offices
    names = [one.name.in_(language) for one in offices if one.id in (CHILDREN, "vulnerable")]
    assert all(name in examined.partition(jointly)[2] for name in names)
    # when the complainant takes it back, having read what that means
    said = {"key": key_of(await visitor.sees("/status/consent-withdrawal"))}
    assert (await visitor.sends("/status/consent-withdrawal", said)).status_code == 200
    # then the office that has the complaint goes on alone
    shown = await until(visitor, alone)
    assert given not in shown
    assert jointly not in shown
    assert f'href="/{language}/status/consent"' in (await visitor.sees(STATUS)).text


async def test_withdrawing_a_consent_that_was_not_given_is_refused_in_a_sentence(
    machine: Machine,
) -> None:
    visitor, _ = await follows(machine, "en")
    form = await visitor.sees("/status/consent-withdrawal")
    page = await visitor.sends("/status/consent-withdrawal", {"key": key_of(form)})
    assert page.status_code == 409
    assert "There is no consent to withdraw" in text_of(page)


async def test_an_answer_that_nobody_asked_for_is_refused_in_a_sentence(machine: Machine) -> None:
    visitor, _ = await follows(machine, "en")
    form = await visitor.sees("/status/answers")
    page = await visitor.sends("/status/answers", {"key": key_of(form), "text": "unasked"})
    assert page.status_code == 409
    assert page.headers["content-type"].startswith("text/html")
    assert "There is no question that waits for an answer" in text_of(page)


async def test_a_wrong_reference_and_a_wrong_code_look_the_same(machine: Machine) -> None:
    visitor = Visitor(machine, "en")
    reference, code = await visitor.files()
    other = Visitor(machine, "en")
    looks = []
    for typed in (
        {"reference": reference, "code": "0" * 20},
        {"reference": "0000-0000-0000", "code": code},
        {"reference": "x", "code": "y"},
    ):
        page = await other.sends("/status", typed)
        assert page.status_code == 401
        assert f'value="{typed["reference"]}"' in page.text
        looks.append(re.sub(r'value="[^"]*"', "", page.text))
    assert len(set(looks)) == 1
    assert "ombudslink_status" not in other.client.cookies
    empty = await other.sends("/status", {"reference": reference})
    assert empty.status_code == 422
    assert '<a href="#code">Code: This field is required.</a>' in empty.text


async def test_the_number_of_tries_is_limited_for_pages_as_it_is_over_http(
    machine: Machine,
) -> None:
    visitor = Visitor(machine, "en")
    reference, _ = await visitor.files()
    statuses = [
        (await visitor.sends("/status", {"reference": reference, "code": "1"})).status_code
        for _ in range(11)
    ]
    assert statuses == [401] * 10 + [429]


async def test_nobody_sees_a_complaint_without_the_cookie_or_when_its_time_is_over(
    machine: Machine,
) -> None:
    visitor, _ = await follows(machine, "en")
    stranger = Visitor(machine, "en")
    acts = ("answers", "withdrawal", "consent", "consent-withdrawal")
    for path in ("/status/complaint", *(f"/status/{act}" for act in acts)):
        page = await stranger.sees(path)
        assert page.status_code == 401
        assert 'id="reference"' in page.text
    machine.clock.at += AT_A_PAGE - timedelta(seconds=1)
    assert (await visitor.sees("/status/complaint")).status_code == 200
    machine.clock.at += AT_A_PAGE - timedelta(seconds=1)
    assert (await visitor.sees("/status/complaint")).status_code == 200
    machine.clock.at += AT_A_PAGE
    page = await visitor.sees("/status/complaint")
    assert page.status_code == 401
    assert "The time for viewing the complaint has run out" in page.text


async def test_who_stops_viewing_has_to_show_the_code_again(machine: Machine) -> None:
    visitor, _ = await follows(machine)
    assert (await visitor.sends("/status/leave")).url.path == "/kk/"
    assert (await visitor.sees("/status/complaint")).status_code == 401
