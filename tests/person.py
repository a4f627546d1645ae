"""Somebody who files a complaint and follows it, with nothing but the receipt."""

import uuid
from collections.abc import Callable
from typing import Any

import httpx

from machine import Machine, View, eventually, filing

INTAKE = "/intake/v1"


def fresh() -> dict[str, str]:
    """The header of a request that nobody sent before."""
    return {"Idempotency-Key": str(uuid.uuid4())}


class Person:
    """One person at intake's address."""

    def __init__(self, machine: Machine, receipt: View) -> None:
        self.receipt = receipt
        self._machine = machine
        self._token: str | None = None

    @classmethod
    async def files(cls, machine: Machine, **said: Any) -> "Person":
        """Somebody who has just filed; by default about a child and a school."""
        answer = await send(machine, "/complaints", filing(**said))
        assert answer.status_code == 201, answer.text
        return cls(machine, answer.json())

    @property
    def path(self) -> str:
        """Where the complaint is."""
        return f"{INTAKE}/complaints/{self.receipt['reference']}"

    async def complaint(self) -> str:
        """The internal id, which the person never learns."""
        return await self._machine.complaint(self.receipt["reference"])

    async def headers(self) -> dict[str, str]:
        """What the person shows after giving reference and code."""
        if self._token is None:
            shown = {"reference": self.receipt["reference"], "code": self.receipt["code"]}
            answer = await send(self._machine, "/status-sessions", shown)
            assert answer.status_code == 201, answer.text
            self._token = answer.json()["token"]
        return {"Authorization": f"Bearer {self._token}"}

    async def looks(self, **headers: str) -> httpx.Response:
        """The answer to how things stand."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self._machine.client.get(self.path, headers=await self.headers() | named)

    async def status(self, language: str = "en") -> View:
        """How things stand."""
        answer = await self.looks(Accept_Language=language)
        assert answer.status_code == 200, answer.text
        view: View = answer.json()
        return view

    async def says(self, act: str, said: View, **headers: str) -> httpx.Response:
        """Answer a question or withdraw."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        patient = {"Prefer": "wait=30"}
        return await self._machine.client.post(
            f"{self.path}/{act}",
            json=said,
            headers=await self.headers() | fresh() | patient | named,
        )

    async def until(self, holds: Callable[[View], bool], language: str = "en") -> View:
        """How things stand once that holds."""
        latest: View = {}

        async def reached() -> bool:
            nonlocal latest
            latest = await self.status(language)
            return holds(latest)

        await eventually(reached, lambda: str(latest))
        return latest


async def send(
    machine: Machine, path: str, said: Any, headers: dict[str, str] | None = None
) -> httpx.Response:
    """Post something to intake as nobody has before, unless the headers say otherwise."""
    return await machine.client.post(
        f"{INTAKE}{path}", json=said, headers=fresh() | (headers or {})
    )


async def caught_up(machine: Machine) -> None:
    """Intake has read the history to its end since it was started."""

    async def ready() -> bool:
        return (await machine.client.get("/intake/health/ready")).status_code == 200

    await eventually(ready)
