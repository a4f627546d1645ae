"""Without JavaScript, on a narrow screen, in Kazakh: filed, printed, gone back, followed."""

import re

from playwright.sync_api import Browser, CDPSession

from browser.reader import NEXT, Reader
from e2e.process import Running

LETTERS = "ӘәҒғҚқҢңӨөҰұҮүҺһІі"
"""Those of Kazakh that many typefaces lack."""


def test_a_complaint_is_filed_and_followed_in_kazakh_without_javascript(
    browser: Browser, platform: Running
) -> None:
    # given somebody who fills in every page
    reader = Reader(browser, platform, "kk", script=False)
    page = reader.page
    page.goto(f"{reader.address}/kk/")
    page.click("main a[role=button]")
    reader.picks("parent")
    reader.types(name="Әсел Ғабитқызы Қуанышбекова", for_whom="Өміржан")
    reader.picks("child")
    reader.picks("education")
    reader.page.fill("#body_name", "№ 12 мектеп")
    reader.picks("school")
    page.fill("#find", "Жезқазған")
    page.press("#find", "Enter")
    page.check("input[name=place] >> nth=0")
    reader.goes_on()
    reader.types(text="Мектеп балама орын жоқ деп,\nбірінші сыныпқа қабылдаудан бас тартты.")
    reader.picks("portal")

    # then it is said who will receive it, before it is sent
    told = page.inner_text("main")
    assert "Бала құқықтары жөніндегі уәкіл" in told.partition("Жауаптарыңыз")[0]
    assert "Әсел Ғабитқызы Қуанышбекова" in told
    assert "Жезқазған" in told

    # and going back and forth loses nothing
    page.go_back()
    assert page.is_checked("input[value=portal]")
    page.go_back()
    assert "бірінші сыныпқа" in page.input_value("#text")
    page.reload()
    assert "бірінші сыныпқа" in page.input_value("#text")
    page.go_forward()
    page.go_forward()

    # when it is sent, by an impatient double click
    page.dblclick("main form button >> nth=0")
    page.wait_for_url("**/kk/file/receipt")
    reference, code = reader.receipt()
    assert re.fullmatch(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){2}", reference)
    assert re.fullmatch(r"\d{4}( \d{4}){4}", code)

    # then going back leads to the receipt, and the receipt to the complaint
    page.go_back()
    page.reload()
    assert reader.receipt() == (reference, code)
    page.click("main a")
    reader.types(reference=reference, code=code)
    assert page.url == f"{reader.address}/kk/status/complaint"
    assert reference in page.inner_text("main")
    assert reader.complaints == []
    assert reader.strangers() == []


def test_what_must_be_corrected_has_the_focus(browser: Browser, platform: Running) -> None:
    reader = Reader(browser, platform, "kk", script=False)
    reader.opens("/file/who")
    reader.goes_on()
    assert reader.page.title().startswith("Қате: ")
    focused = "document.activeElement.className"
    assert reader.page.evaluate(focused) == "govuk-error-summary"
    reader.page.click(".govuk-error-summary a")
    assert reader.page.evaluate("document.activeElement.id") == "complainant"


def test_the_language_is_changed_on_the_page_that_is_open(
    browser: Browser, platform: Running
) -> None:
    reader = Reader(browser, platform, "kk", script=False)
    reader.opens("/file/who")
    reader.page.click('.languages a[hreflang="ru"]')
    assert reader.page.url == f"{reader.address}/ru/file/who"
    assert reader.page.get_attribute("html", "lang") == "ru"


def test_every_kazakh_letter_is_of_one_typeface(browser: Browser, platform: Running) -> None:
    reader = Reader(browser, platform, "kk")
    reader.opens("/")
    session = reader.context.new_cdp_session(reader.page)
    for media in ("screen", "print"):
        reader.page.emulate_media(media=media)
        for selector in ("h1", "main p", "header a span", "main a[role=button]"):
            reader.page.evaluate(
                "([one, text]) => { document.querySelector(one).textContent = text }",
                [selector, LETTERS],
            )
            reader.page.evaluate("document.fonts.ready.then(() => 0)")
            fonts = fonts_of(session, selector)
            assert {(font["familyName"], font["isCustomFont"]) for font in fonts} == {
                ("Noto Sans", True)
            }, (media, selector, fonts)
            assert sum(font["glyphCount"] for font in fonts) == len(LETTERS)


def fonts_of(session: CDPSession, selector: str) -> list[dict[str, object]]:
    """With which typefaces the browser drew what stands there."""
    session.send("DOM.enable")
    session.send("CSS.enable")
    root = session.send("DOM.getDocument")["root"]["nodeId"]
    node = session.send("DOM.querySelector", {"nodeId": root, "selector": selector})["nodeId"]
    fonts: list[dict[str, object]] = session.send("CSS.getPlatformFontsForNode", {"nodeId": node})[
        "fonts"
    ]
    return fonts


def test_the_receipt_is_printed_on_one_sheet_without_what_is_for_the_screen(
    browser: Browser, platform: Running
) -> None:
    reader = Reader(browser, platform, "kk")
    reader.opens("/file")
    reader.picks("self")
    reader.types(name="Әсел")
    reader.goes_on()
    reader.picks("pensions")
    reader.picks("other")
    reader.goes_on()
    reader.types(text="Зейнетақым төленбеді.")
    reader.picks("post", "portal")
    reader.page.click("main form button >> nth=0")
    reader.page.emulate_media(media="print")
    for seen in ("#reference", "#code", "h1"):
        assert reader.page.is_visible(seen)
    for unseen in (".languages", ".site-navigation", ".site-footer", ".no-print", NEXT):
        assert not reader.page.is_visible(unseen)
    sheet = reader.page.pdf(format="A4", tagged=True)
    assert len(re.findall(rb"/Type\s*/Page\b", sheet)) == 1
    assert b"/StructTreeRoot" in sheet
