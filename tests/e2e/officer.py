"""Somebody in an office who works through REST, with the key that was printed."""

import uuid
from typing import Any

import httpx

from e2e.process import Running


class Officer:
    """One office's user."""

    def __init__(self, platform: Running, office: str) -> None:
        self.http = platform.client(office, f"/offices/{office}/v1")

    def find(self, **wanted: str) -> str | None:
        """The first complaint in the inbox that is like that."""
        page = self.http.get("/complaints", params=wanted).raise_for_status().json()
        return next((entry["complaint"] for entry in page["complaints"]), None)

    def view(self, complaint: str) -> Any:
        """The complaint as this office has it."""
        return self.http.get(f"/complaints/{complaint}").raise_for_status().json()

    def act(self, complaint: str, act: str, said: dict[str, Any] | None = None) -> Any:
        """Do something that must be allowed; the complaint as it is then."""
        done = self.try_to(complaint, act, said)
        assert done.status_code == httpx.codes.OK, done.text
        return done.json()

    def try_to(
        self, complaint: str, act: str, said: dict[str, Any] | None = None
    ) -> httpx.Response:
        """Do something, based on the complaint as it is now."""
        seen = self.http.get(f"/complaints/{complaint}").raise_for_status()
        headers = {"If-Match": seen.headers["ETag"], "Idempotency-Key": str(uuid.uuid4())}
        return self.http.post(f"/complaints/{complaint}/{act}", json=said or {}, headers=headers)

    def content(self, complaint: str) -> str | None:
        """What the complainant said, once this office has it."""
        answer = self.http.get(f"/complaints/{complaint}/content")
        return answer.text if answer.is_success else None
