"""Somebody who reads and fills in pages, and what a page must be like for everybody."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

from e2e.process import Running

AXE = Path(__file__).parents[1] / "javascript" / "node_modules" / "axe-core" / "axe.min.js"
WIDTHS = (320, 1280)
SPACED = (
    "* { line-height: 1.5 !important; letter-spacing: 0.12em !important; "
    "word-spacing: 0.16em !important; } p { margin-bottom: 2em !important; }"
)
"""What a reader may set (WCAG 2.2, 1.4.12)."""
NEXT = "main form button:not([name])"
STATUS_OF_PAGE = "Failed to load resource: the server responded with a status of 4"
"""What Chromium says of a page that is answered with an error; the page itself is as it should."""


class Reader:
    """One reader with a browser of their own; notes what the browser complains of."""

    def __init__(
        self, browser: Browser, platform: Running, language: str, *, script: bool = True
    ) -> None:
        self.address = platform.address
        self.language = language
        self.context: BrowserContext = browser.new_context(
            java_script_enabled=script, viewport={"width": WIDTHS[0], "height": 800}
        )
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda said: self._hear(said.text))
        self.page.on("pageerror", lambda error: self._hear(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))

    def opens(self, path: str, place: str = "") -> None:
        """A page below the language."""
        self.page.goto(f"{self.address}{place}/{self.language}{path}")

    def goes_on(self) -> None:
        """Press the button of the form."""
        self.page.click(NEXT)

    def picks(self, *values: str) -> None:
        """Choose these, and go on."""
        for value in values:
            self.page.check(f'main input[value="{value}"]')
        self.goes_on()

    def types(self, **typed: str) -> None:
        """Fill in these fields, and go on."""
        for field, value in typed.items():
            self.page.fill(f"#{field}", value)
        self.goes_on()

    def receipt(self) -> tuple[str, str]:
        """Reference and code, as they stand on the page."""
        return self.page.inner_text("#reference"), self.page.inner_text("#code")

    def strangers(self) -> list[str]:
        """What was asked of any other host."""
        return [url for url in self.asked if not url.startswith(f"{self.address}/")]

    def _hear(self, said: str) -> None:
        if not said.startswith(STATUS_OF_PAGE):
            self.complaints.append(f"{self.page.url}: {said}")


def barriers(page: Page) -> list[str]:
    """What axe finds wrong with the page, and what runs out of a narrow or a spaced one."""
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        found += [f"{width}: {one}" for one in _axe(page)]
        found += [f"{width}: {one}" for one in _too_wide(page)]
    page.set_viewport_size({"width": WIDTHS[0], "height": 800})
    spaced = page.evaluate(
        "css => { const sheet = new CSSStyleSheet(); sheet.replaceSync(css);"
        " document.adoptedStyleSheets = [sheet]; }",
        SPACED,
    )
    assert spaced is None
    found += [f"spaced: {one}" for one in _too_wide(page)]
    page.evaluate("document.adoptedStyleSheets = []")
    return found


def _axe(page: Page) -> list[str]:
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    result: Any = page.evaluate("axe.run({resultTypes: ['violations']})")
    return [
        f"{violation['id']}: {node['html'][:200]}"
        for violation in result["violations"]
        for node in violation["nodes"]
    ]


def _too_wide(page: Page) -> list[str]:
    """Elements that reach out of the page; none where it need not be scrolled sideways."""
    found: list[str] = page.evaluate(
        """() => {
          const wide = document.documentElement.clientWidth;
          if (document.documentElement.scrollWidth <= wide) return [];
          return [...document.querySelectorAll('body *')]
            .filter(one => one.getBoundingClientRect().right > wide + 1)
            .map(one => 'too wide: ' + one.outerHTML.slice(0, 200));
        }"""
    )
    return found
