"""Somebody in an office who works through REST, with the key that was printed."""

import json
import uuid
from typing import Any

import httpx

from e2e.process import Running
from ombudslink.client import Office, Unanswered


class Officer:
    """One office's user."""

    def __init__(self, platform: Running, office: str) -> None:
        self._platform, self._name = platform, office
        self.office = Office(platform.address, office, platform.keys[office])

    def find(self, **wanted: str) -> str | None:
        """The first complaint in the inbox that is like that."""
        return next((entry["complaint"] for entry in self.office.inbox(**wanted)), None)

    def view(self, complaint: str) -> Any:
        """The complaint as this office has it."""
        return self.office.complaint(complaint).view

    def act(self, complaint: str, act: str, said: dict[str, Any] | None = None) -> Any:
        """Do something that must be allowed; the complaint as it is then."""
        return self.office.act(complaint, act, said).view

    def content(self, complaint: str) -> str | None:
        """What the complainant said, once this office has it."""
        try:
            return json.dumps(self.office.content(complaint), ensure_ascii=False)
        except Unanswered:
            return None

    def try_to(
        self, complaint: str, act: str, said: dict[str, Any] | None = None
    ) -> httpx.Response:
        """The whole answer to an act that is not allowed."""
        based_on = {"If-Match": self.office.complaint(complaint).etag}
        headers = {"Idempotency-Key": str(uuid.uuid4()), **based_on}
        with self._platform.client(self._name, f"/offices/{self._name}/v1") as client:
            return client.post(f"/complaints/{complaint}/{act}", json=said or {}, headers=headers)
