"""Every page in every language, narrow and wide: usable by everybody, and nothing from elsewhere.

One complaint is filed, followed, asked about and answered, and what is wrong is collected.
"""

import uuid
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser

from browser.inspecting import LEAD, LONG, PARTY, Together
from browser.reader import Reader, barriers
from e2e.officer import Officer
from e2e.process import Running, until
from machine import filing

DESK, OTHER_DESK = f"/offices/{LEAD}", f"/offices/{PARTY}"
ENOUGH = 4
"""Complaints that the public may be told of."""
PICTURES = 6
"""All but that of working days, which needs more decisions."""


def looks_around(reader: Reader) -> Iterator[str]:
    """The pages for whoever comes."""
    for path in ("/", "/offices", "/status", "/nothing", "/status/complaint"):
        reader.opens(path)
        yield path
    reader.page.goto(f"{reader.address}/docs")
    yield "/docs"


def files(reader: Reader) -> Iterator[str]:
    """The pages of filing, right and wrong, with words that do not fit on a line."""
    reader.opens("/file")
    yield "who"
    reader.goes_on()
    yield "who, unanswered"
    reader.picks("parent")
    yield "names"
    reader.types(name="", for_whom=LONG[:200])
    yield "names, unanswered"
    reader.types(name="Айгүл Серікқызы")
    yield "affected"
    reader.picks("child", "disability")
    yield "subject"
    reader.picks("education")
    yield "body"
    reader.goes_on()
    yield "body, unanswered"
    reader.picks("school")
    yield "place"
    reader.page.fill("#find", "Қ")
    reader.page.click("button[name=search]")
    yield "place, found"
    reader.page.check("input[name=place] >> nth=1")
    reader.goes_on()
    yield "text"
    reader.types(text=f"Балама орын жоқ деді.\n{LONG}")
    yield "contact"
    reader.page.fill("#note", LONG)
    reader.picks("email")
    yield "contact, incomplete"
    reader.picks("portal")
    yield "check"
    reader.page.click("main form button >> nth=0")
    yield "receipt"


def follows(reader: Reader, receipt: tuple[str, str], officer: Officer) -> Iterator[str]:
    """The pages of following, until the office has decided."""
    reference, code = receipt
    reader.opens("/status")
    reader.types(reference=reference, code="0")
    yield "door, wrong code"
    reader.types(code=code)
    yield "complaint, filed"
    complaint = until(lambda: officer.find(todo="answer_referral"))
    officer.act(complaint, "referrals/1/acceptance")
    until(lambda: "examination" in officer.view(complaint)["acts"])
    officer.act(complaint, "examination")
    officer.act(complaint, "questions", {"text": f"Мектептің нөмірі қандай?\n{LONG}"})
    until(lambda: asked(reader))
    yield "complaint, asked"
    reader.opens("/status/answers")
    reader.types(text="")
    yield "answers, unanswered"
    reader.types(text="Он екінші")
    yield "complaint, answered"
    reader.opens("/status/withdrawal")
    reader.goes_on()
    yield "withdrawal, unanswered"
    yield from consents(reader)
    until(lambda: not officer.view(complaint)["question_open"])
    decision = {"outcome": "settled", "remedy": "none_needed", "text": "Мектеп қабылдады."}
    officer.act(complaint, "decision", decision)
    until(lambda: decided(reader))
    yield "complaint, decided"


def consents(reader: Reader) -> Iterator[str]:
    """The pages of consenting to a joint examination, and of withdrawing that."""
    reader.opens("/status/consent")
    yield "consent"
    reader.goes_on()
    until(lambda: offered(reader, "consent-withdrawal"))
    yield "complaint, consented"
    reader.opens("/status/consent-withdrawal")
    yield "withdrawal of consent"
    reader.goes_on()
    until(lambda: offered(reader, "consent"))


def offered(reader: Reader, act: str) -> bool:
    reader.opens("/status/complaint")
    return reader.page.locator(f'a[href$="/status/{act}"]').count() > 0


def asked(reader: Reader) -> bool:
    reader.opens("/status/complaint")
    return reader.page.locator('a[href$="/status/answers"]').count() > 0


def decided(reader: Reader) -> bool:
    reader.opens("/status/complaint")
    return "Мектеп қабылдады." in reader.page.inner_text("main")


def works(reader: Reader, key: str) -> Iterator[str]:
    """The pages of an office."""
    reader.opens("/", DESK)
    yield "desk, door"
    reader.types(key="omb_nobody")
    yield "desk, wrong key"
    reader.types(key=key)
    yield "inbox"
    reader.page.select_option("#todo", "decide_dispute")
    reader.page.click("main form button")
    yield "inbox, empty"
    reader.opens("/", DESK)
    reader.page.click(".card a >> nth=0")
    yield "timeline"


def inspects(reader: Reader, platform: Running) -> Iterator[str]:
    """The pages about a joint inspection: to who is asked, at work, reported; and what the
    complainant sees meanwhile."""
    reader.opens("/inspections?stage=closed", DESK)
    yield "inspections, empty"
    together = Together(platform)
    path = f"/inspections/{together.inspection}"
    reader.opens("/", OTHER_DESK)
    reader.types(key=platform.keys[PARTY])
    for shown in ("/inspections", path):
        reader.opens(shown, OTHER_DESK)
        yield f"{shown}, asked"
    together.works()
    for shown in ("/inspections", path, "/", f"/complaints/{together.complaint}"):
        reader.opens(shown, DESK)
        yield f"{shown}, at work"
    reader.opens("/status")
    reader.types(reference=together.receipt.reference, code=together.receipt.code)
    yield "complaint, jointly examined"
    together.reports()
    reader.opens(path, DESK)
    yield f"{path}, reported"


def reads_figures(reader: Reader, officer: Officer) -> Iterator[str]:
    """The pages of statistics: empty, wrong, and with every kind of picture."""
    reader.opens("/statistics?from=2001-01&to=2001-02")
    yield "statistics, empty"
    reader.opens("/statistics?from=2026-13&to=")
    yield "statistics, wrong period"
    with httpx.Client(base_url=reader.address) as anybody:
        for _ in range(ENOUGH):
            headers = {"Idempotency-Key": str(uuid.uuid4())}
            filed = anybody.post("/intake/v1/complaints", json=filing(), headers=headers)
            assert filed.status_code == 201, filed.text
    for _ in range(ENOUGH):
        complaint = until(lambda: officer.find(todo="answer_referral"))
        officer.act(complaint, "referrals/1/acceptance")
    until(lambda: pictures(reader) >= PICTURES)
    assert reader.page.evaluate("[...document.images].every(one => one.naturalWidth > 0)")
    yield "statistics"


def pictures(reader: Reader) -> int:
    reader.opens("/statistics")
    return reader.page.locator("main img").count()


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_every_page_is_usable_narrow_and_wide_and_asks_nothing_of_others(
    browser: Browser, platform: Running, language: str
) -> None:
    reader = Reader(browser, platform, language)
    officer = Officer(platform, LEAD)
    found: dict[str, list[str]] = {}

    def look(pages: Iterator[str]) -> None:
        for name in pages:
            wrong = barriers(reader.page)
            wrong += [] if language_of(reader) else ["its language is not stated"]
            if wrong:
                found[name] = wrong

    look(looks_around(reader))
    look(files(reader))
    receipt = reader.receipt()
    look(follows(reader, receipt, officer))
    look(reads_figures(reader, officer))
    look(works(reader, platform.keys[LEAD]))
    look(inspects(reader, platform))

    assert found == {}
    assert reader.complaints == []
    assert reader.strangers() == []


def language_of(reader: Reader) -> bool:
    """Whether the page says that it is in a language of ours; most are in the reader's."""
    stated = reader.page.get_attribute("html", "lang")
    return stated == reader.language or reader.page.url.endswith("/docs")
