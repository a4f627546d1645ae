"""Filing in pages: step by step, checked before it is sent, sent once, and nothing of it left."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import text

from intake.drafts import LIFETIME
from machine import Machine, running
from visitor import ANSWERS, Visitor, receipt_of, text_of


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def machine(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Machine]:
    """All services; every test is another visitor."""
    async with running(tmp_path_factory.mktemp("pages") / "data") as machine:
        yield machine


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def rows(machine: Machine, table: str) -> int:
    """How many rows intake has there."""
    question = text(f"SELECT count(*) FROM {table}")  # noqa: S608
    return int(await machine.service("intake").database.query(lambda c: c.scalar(question)) or 0)


async def test_a_complaint_is_filed_page_by_page_and_followed_with_its_receipt(
    machine: Machine,
) -> None:
    visitor = Visitor(machine)
    check = await visitor.answers()
    assert check.url.path == "/kk/file/check"
    for said in ("Айгүл Серікқызы", "Дамир", "№ 12 мектеп", "Баламды мектепке қабылдамады."):
        assert said in check.text

    reference, code = receipt_of(await visitor.sends("/file/check"))

    await machine.desk("children").asked(await machine.complaint(reference), 1)
    shown = await visitor.sends("/status", {"reference": reference.lower(), "code": code})
    assert shown.url.path == "/kk/status/complaint"
    assert "Бала құқықтары жөніндегі уәкіл" in text_of(shown)
    assert reference in shown.text
    assert code not in shown.text


@pytest.mark.parametrize(
    ("language", "why", "days"),
    [
        ("kk", "Кімге қатысты: Бала", "3 жұмыс күні ішінде"),
        ("ru", "Кого касается: Ребёнок", "В течение 3 рабочих дней"),
        ("en", "Who is affected: A child", "Within 3 working days"),
    ],
)
async def test_who_will_receive_it_and_why_is_said_before_it_is_sent(
    machine: Machine, language: str, why: str, days: str
) -> None:
    visitor = Visitor(machine, language)
    told = text_of(await visitor.answers())
    office = machine.platform.installation.policy.office("children")
    assert office is not None
    assert office.name.in_(language) in told
    assert why in told
    assert days in told
    assert office.examination.basis.in_(language) in told


async def test_the_office_complained_of_is_named_as_the_one_that_will_not_get_it(
    machine: Machine,
) -> None:
    told = text_of(await Visitor(machine, "en").answers(body={"body": "commissioner_children"}))
    assert "will neither get nor see the complaint: Commissioner for the Rights of" in told


async def test_where_no_rule_is_certain_the_office_that_decides_is_named(machine: Machine) -> None:
    changes = {"affected": {}, "subject": {"subject": "other"}, "body": {"body": "other"}}
    told = text_of(await Visitor(machine, "en").answers(**changes))
    assert "Who will receive your complaint Commissioner for Human Rights" in told
    assert "No other rule fits your answers." in told


async def test_a_complaint_is_filed_though_nobody_can_say_who_receives_it(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object, **__: object) -> httpx.Response:
        raise httpx.ConnectError("away")

    registrar = machine.service("intake").setting.registrar
    monkeypatch.setattr(registrar, "post", away)
    visitor = Visitor(machine, "en")
    assert "Who will receive it cannot be shown now" in text_of(await visitor.answers())
    receipt_of(await visitor.sends("/file/check"))


async def test_sending_twice_files_once(machine: Machine) -> None:
    visitor = Visitor(machine)
    await visitor.answers()
    before = await rows(machine, "filing")
    first = receipt_of(await visitor.sends("/file/check"))
    second = receipt_of(await visitor.sends("/file/check"))
    again = receipt_of(await visitor.sees("/file/check"))
    assert first == second == again
    assert await rows(machine, "filing") == before + 1


async def test_what_is_wrong_is_said_at_the_top_and_at_the_field_and_what_was_typed_is_kept(
    machine: Machine,
) -> None:
    visitor = Visitor(machine, "en")
    await visitor.answers()
    page = await visitor.sends(
        "/file/contact", {"by": "email", "note": "only <b>in the</b> morning", "telephone": "1"}
    )
    assert page.status_code == 422
    assert "<title>Error: " in page.text
    assert '<a href="#email">E-mail address: This field is required.</a>' in page.text
    assert page.text.count("This field is required.") == 2
    assert "only &lt;b&gt;in the&lt;/b&gt; morning" in page.text
    assert re.search(r'value="email" checked', page.text)


@pytest.mark.parametrize(
    ("step", "typed", "field"),
    [
        ("who", {}, "complainant"),
        ("who", {"complainant": "king"}, "complainant"),
        ("names", {"name": "   "}, "name"),
        ("names", {"name": "x" * 201}, "name"),
        ("affected", {"affected": ["child", "dragon"]}, "affected"),
        ("subject", {"subject": "weather"}, "subject"),
        ("body", {"body_name": "a school"}, "body"),
        ("place", {"place": "nowhere"}, "place"),
        ("place", {"region": "nowhere"}, "region"),
        ("place", {"place": "103230100", "region": "710000000"}, "region"),
        ("text", {"text": "a\0b"}, "text"),
        ("text", {"text": "x" * 65_537}, "text"),
        ("contact", {"by": "pigeon"}, "by"),
    ],
)
async def test_an_answer_that_cannot_be_is_asked_again(
    machine: Machine, step: str, typed: dict[str, str], field: str
) -> None:
    visitor = Visitor(machine, "en")
    await visitor.answers()
    page = await visitor.sends(f"/file/{step}", typed)
    assert page.status_code == 422
    assert f'<a href="#{field}">' in page.text
    assert page.url.path == f"/en/file/{step}"


async def test_answers_are_kept_when_one_goes_back_and_the_change_leads_to_the_check(
    machine: Machine,
) -> None:
    visitor = Visitor(machine, "en")
    await visitor.answers()
    page = await visitor.sees("/file/names")
    assert 'value="Айгүл Серікқызы"' in page.text
    changed = await visitor.sends("/file/names", {"name": "Болат"})
    assert changed.url.path == "/en/file/check"
    assert "Болат" in changed.text
    assert "Айгүл" not in changed.text


async def test_a_page_that_comes_too_early_leads_to_the_first_open_one(machine: Machine) -> None:
    visitor = Visitor(machine)
    assert (await visitor.sees("/file/text")).url.path == "/kk/file/who"
    await visitor.sends("/file/who", ANSWERS["who"])
    assert (await visitor.sees("/file/contact")).url.path == "/kk/file/names"
    assert (await visitor.sees("/file/check")).url.path == "/kk/file/names"


async def test_a_place_is_found_by_the_beginning_of_its_name_without_a_script(
    machine: Machine,
) -> None:
    visitor = Visitor(machine)
    await visitor.answers()
    found = await visitor.sends("/file/place", {"find": "Ақжайық", "search": "1"})
    assert found.url.path == "/kk/file/place"
    codes = re.findall(r'name="place" type="radio" value="(\w+)"', found.text)
    assert codes
    check = await visitor.sends("/file/place", {"find": "Ақжайық", "place": codes[0]})
    assert check.url.path == "/kk/file/check"
    assert "Ақжайық" in check.text
    nothing = await visitor.sends("/file/place", {"find": "Жоқ жер", "search": "1"})
    assert "ештеңе табылмады" in nothing.text


async def test_what_others_add_to_a_link_does_not_keep_a_page_from_people(
    machine: Machine,
) -> None:
    page = await Visitor(machine).sees("/file/who?utm_source=newspaper")
    assert page.status_code == 200


async def test_who_wants_no_answer_is_filed_so(machine: Machine) -> None:
    visitor = Visitor(machine, "ru")
    page = await visitor.answers(contact={"by": "nobody"})
    assert "Не связывайтесь со мной" in page.text
    reference, _ = receipt_of(await visitor.sends("/file/check"))
    complaint = await machine.complaint(reference)
    kept = await machine.service("intake").database.query(
        lambda c: machine.platform.services["intake"].state.holder._vault.items(c, complaint)
    )
    assert b'"may_contact":false' in kept[0].plaintext


async def test_nothing_that_was_typed_stands_in_the_store_in_the_clear(machine: Machine) -> None:
    visitor = Visitor(machine)
    await visitor.answers()
    sealed = await machine.service("intake").database.query(
        lambda c: c.execute(text("SELECT sealed FROM draft")).scalars().all()
    )
    assert sealed
    for said in ("Айгүл", "мектеп", "education"):
        assert not any(said in one for one in sealed)


async def test_nothing_is_left_of_the_draft_once_it_was_sent(machine: Machine) -> None:
    visitor = Visitor(machine)
    await visitor.files()
    page = await visitor.sees("/file/names")
    assert page.url.path == "/kk/file/who"
    assert "checked" not in page.text
    drafts = machine.platform.services["intake"].state.drafts
    left = await drafts.read(visitor.client.cookies["ombudslink_draft"])
    assert left.sent
    assert left.answers == {}


async def test_what_was_typed_is_deleted_when_one_wishes(machine: Machine) -> None:
    visitor = Visitor(machine)
    await visitor.answers()
    before = await rows(machine, "draft")
    gone = await visitor.sends("/file/forget")
    assert gone.url.path == "/kk/"
    assert await rows(machine, "draft") == before - 1
    assert "ombudslink_draft" not in visitor.client.cookies


async def test_without_the_browsers_cookie_nothing_can_be_sent(machine: Machine) -> None:
    visitor = Visitor(machine, "en")
    await visitor.answers()
    visitor.client.cookies.clear()
    for path in ("/file/check", "/file/contact"):
        page = await visitor.sends(path, ANSWERS["contact"])
        assert page.status_code == 410
        assert "was not sent" in page.text
    visitor.client.cookies.set("ombudslink_draft", "AAAA")
    assert (await visitor.sends("/file/check")).status_code == 410


async def test_a_form_of_another_site_is_not_taken(machine: Machine) -> None:
    visitor = Visitor(machine, "en")
    await visitor.answers()
    before = await rows(machine, "filing")
    for origin in ("cross-site", "same-site"):
        stranger = Visitor(machine, "en", **{"Sec-Fetch-Site": origin})
        stranger.client.cookies = visitor.client.cookies
        for path in ("/file/who", "/file/check", "/file/forget", "/status", "/status/leave"):
            assert (await stranger.sends(path, {})).status_code == 403, path
    assert await rows(machine, "filing") == before


async def test_the_cookie_is_for_the_browser_alone(machine: Machine) -> None:
    visitor = Visitor(machine)
    visitor.client.follow_redirects = False
    answer = await visitor.sends("/file/who", ANSWERS["who"])
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie
    assert "Max-Age" not in cookie
    assert "Secure" not in cookie
    visitor.client.base_url = httpx.URL("https://test")
    answer = await visitor.sends("/file/who", ANSWERS["who"])
    assert "Secure" in answer.headers["set-cookie"]


async def test_nothing_personal_stands_in_an_address(machine: Machine) -> None:
    visitor = Visitor(machine)
    seen: list[str] = []

    async def note(request: httpx.Request) -> None:
        seen.append(str(request.url))

    visitor.client.event_hooks = {"request": [note]}
    reference, code = await visitor.files()
    await visitor.sends("/status", {"reference": reference, "code": code})
    assert all("?" not in url for url in seen)
    assert not any(reference in url or code[:4] in url for url in seen)


async def test_a_draft_is_gone_when_its_time_is_over(machine: Machine) -> None:
    visitor = Visitor(machine, "en")
    await visitor.answers()
    before = machine.clock.at
    try:
        machine.clock.at += LIFETIME + timedelta(seconds=1)
        assert (await visitor.sends("/file/check")).status_code == 410
        await Visitor(machine).sends("/file/who", ANSWERS["who"])
        assert await rows(machine, "draft") == 1
    finally:
        machine.clock.at = before


async def test_hostile_text_comes_back_as_text(machine: Machine) -> None:
    visitor = Visitor(machine)
    hostile = "</textarea><script>alert(1)</script>{{ 7*7 }}\u202e𝒳 &amp; \"'"
    page = await visitor.answers(text={"text": hostile}, names={"name": hostile[:60]})
    assert "<script" not in page.text
    assert "49" not in page.text.partition("<main")[2]
    again = await visitor.sees("/file/text")
    assert "<script" not in again.text
    receipt_of(await visitor.sends("/file/check"))


async def test_what_a_person_typed_stands_in_no_file_in_the_clear(
    machine: Machine, capfd: pytest.CaptureFixture[str]
) -> None:
    name, story = "Қызғалдақ Өтегенқызы", "Үйден шығарып жіберді"
    visitor = Visitor(machine)
    await visitor.sends("/file/who", ANSWERS["who"])
    await visitor.sends("/file/names", {"name": name, "for_whom": "x" * 300})
    await visitor.files(names={"name": name}, text={"text": story})
    unsent = Visitor(machine)
    await unsent.answers(names={"name": name}, text={"text": story})

    planted = [said.encode() for said in (name, story)]
    written = capfd.readouterr()
    assert not any(said in (written.out + written.err).encode() for said in planted)
    for path in machine.platform.installation.folder.path.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not any(said in content for said in planted), path.name
