"""The platform for everybody: offices, words, places, competence rules, and the public figures."""

from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from ombudslink.client.connection import Client, View


class Public:
    """One language at one platform; `key` of an office makes the figures exact."""

    def __init__(
        self,
        address: str,
        language: str = "en",
        key: str | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._intake, self._routing = (
            Client(address, place, language=language, transport=transport)
            for place in ("/intake", "/routing")
        )
        self._reporting = Client(
            address, "/reporting", language=language, key=key, transport=transport
        )

    def offices(self) -> list[View]:
        """Who does what."""
        found: list[View] = self._intake.ask("GET", "/offices").json()["offices"]
        return found

    def words(self) -> Mapping[str, list[View]]:
        """Every code that can be said, by kind, with its label."""
        found: Mapping[str, list[View]] = self._intake.ask("GET", "/vocabulary").json()["words"]
        return found

    def places(self, beginning: str) -> list[View]:
        """Places by the beginning of a word of their name."""
        answer = self._intake.ask("GET", "/places", params={"q": beginning})
        found: list[View] = answer.json()["places"]
        return found

    def receives(self, **facts: Any) -> View:
        """Who would receive a complaint with these codes, and why."""
        found: View = self._routing.ask("POST", "/competence/preview", json=facts).json()
        return found

    def public_keys(self) -> list[View]:
        """The public keys of all participants."""
        found: list[View] = self._routing.ask("GET", "/keys").json()
        return found

    def figures(self, table: str, first: str, last: str, by: Sequence[str]) -> View:
        """A table of statistics, `complaints` or `legs`, of the months from first to last."""
        wanted = {"from": first, "to": last, "by": ",".join(by)}
        found: View = self._reporting.ask("GET", f"/statistics/{table}", params=wanted).json()
        return found

    def close(self) -> None:
        """Let the connections go."""
        for client in (self._intake, self._routing, self._reporting):
            client.close()
