"""Somebody with a browser that runs no script: follows redirects, keeps cookies, fills in forms."""

import html
import re
from typing import Any

import httpx

from machine import Machine

ANSWERS: dict[str, dict[str, Any]] = {
    "who": {"complainant": "parent"},
    "names": {"name": "Айгүл Серікқызы", "for_whom": "Дамир"},
    "affected": {"affected": ["child"]},
    "subject": {"subject": "education"},
    "body": {"body": "school", "body_name": "№ 12 мектеп"},
    "place": {"region": "710000000"},
    "text": {"text": "Баламды мектепке қабылдамады."},
    "contact": {"by": "portal"},
}
"""What a parent answers whose child is refused schooling."""


class Visitor:
    """One browser at one machine's address. `place` is where the pages are below it."""

    place = ""

    def __init__(self, machine: Machine, language: str = "kk", **headers: str) -> None:
        transport = httpx.ASGITransport(app=machine.platform.app)
        self.client = httpx.AsyncClient(
            transport=transport,
            base_url="http://test",
            follow_redirects=True,
            headers={"Sec-Fetch-Site": "same-origin", **headers},
        )
        self.language = language

    async def sees(self, path: str) -> httpx.Response:
        """The page at that path below the language."""
        return await self.client.get(f"{self.place}/{self.language}{path}")

    async def sends(self, path: str, typed: dict[str, Any] | None = None) -> httpx.Response:
        """The page that follows after a form."""
        return await self.client.post(f"{self.place}/{self.language}{path}", data=typed or {})

    async def answers(self, **changes: dict[str, Any]) -> httpx.Response:
        """The last page of questions answered, and all before it."""
        page = await self.sees("/file")
        for step, typed in (ANSWERS | changes).items():
            page = await self.sends(f"/file/{step}", typed)
        return page

    async def files(self, **changes: dict[str, Any]) -> tuple[str, str]:
        """Reference and code of a complaint that was filed."""
        await self.answers(**changes)
        return receipt_of(await self.sends("/file/check"))


def receipt_of(page: httpx.Response) -> tuple[str, str]:
    """Reference and code, as they stand on the receipt."""
    assert page.url.path.endswith("/file/receipt"), page.text
    found = dict(re.findall(r'id="(reference|code)">([^<]+)<', page.text))
    return found["reference"], found["code"]


def text_of(page: httpx.Response) -> str:
    """What stands on a page, without the markup."""
    bare = re.sub(r"<head>.*?</head>|<[^>]+>", " ", page.text, flags=re.DOTALL)
    return " ".join(html.unescape(bare).split())
