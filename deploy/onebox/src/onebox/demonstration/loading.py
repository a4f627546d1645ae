"""Carrying the plan out through the public API, on a clock that runs from ninety days ago to now.

Nothing is told to the services but what people and offices send. A step waits until everything
that follows from the one before has happened, so the same plan always leads to the same events at
the same times. Two installations differ in what secret keys make (digests, salts, pseudonyms) and
in the order of what several participants answer to one event in the same moment.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

import httpx
from starlette.types import ASGIApp

from ombudslink.client import Office, Person, Receipt
from ombudslink.installation import OFFICE_KEY, Installation
from ombudslink.log import system_clock
from ombudslink.settings import Rates
from ombudslink.web.access import AccessKeys
from onebox.demonstration.plan import plan
from onebox.demonstration.reading import load_demonstration
from onebox.demonstration.steps import (
    Act,
    ActJointly,
    File,
    Propose,
    Say,
    Sign,
    Silence,
    Step,
)
from onebox.platform import ADDRESS, Platform
from routing.competence import load_competence

OFTEN: Final = Rates(filings_per_minute=1_000_000, requests_per_minute=1_000_000)
KEY_LIFETIME: Final = timedelta(minutes=1)
"""By the real clock, which stands still for who plays: if it is killed, its keys soon end."""
SEED: Final = 1
OFFICER: Final = "demonstration"
PAGE: Final = "100"

WaitFor = Callable[[Coroutine[Any, Any, Any]], Any]


class Clock:
    """The time of the demonstration; every step sets it."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


def steps_for(installation: Installation, now: datetime, seed: int = SEED) -> list[Step]:
    """The plan for an installation.

    Raises:
        ConfigurationError: a file of the demonstration or of the rules is wrong.
    """
    configuration, policy = installation.configuration, installation.policy
    vocabulary = installation.vocabulary
    competence = load_competence(configuration, policy.country, policy, vocabulary)
    return plan(load_demonstration(configuration, policy, vocabulary, competence), seed, now)


def load(installation: Installation, steps: Sequence[Step], done: Callable[[], None]) -> None:
    """Carry out every step; `done` is called after each.

    Raises:
        Unanswered: a step was refused.
        StoreError, LogError: a database or the log cannot be used.
    """
    asyncio.run(_load(replace(installation, rates=OFTEN), steps, done))


async def _load(
    installation: Installation, steps: Sequence[Step], done: Callable[[], None]
) -> None:
    clock = Clock(steps[0].when)
    platform = Platform(installation, now=clock)
    loop = asyncio.get_running_loop()

    def wait_for(what: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(what, loop).result()

    async with platform.running():
        await asyncio.to_thread(_carry_out, platform, clock, steps, wait_for, done)


def _carry_out(
    platform: Platform,
    clock: Clock,
    steps: Sequence[Step],
    wait_for: WaitFor,
    done: Callable[[], None],
) -> None:
    """In a thread beside the platform's."""
    with ExitStack() as stack:
        cast = _Cast(platform, InProcess(platform.app, wait_for), stack)
        for step in steps:
            wait_for(platform.rest())
            clock.at = step.when
            if isinstance(step.what, Silence):
                wait_for(platform.fire_timers())
            else:
                cast.play(step)
            done()
        wait_for(platform.rest())


@dataclass(frozen=True, slots=True)
class Filed:
    """What is known of a complaint once it is filed: its receipt, and its id at the offices."""

    receipt: Receipt
    complaint: str


class _Cast:
    """The people and offices of the demonstration, who do what the plan says."""

    def __init__(self, platform: Platform, transport: "InProcess", stack: ExitStack) -> None:
        self._platform = platform
        self._transport = transport
        self._stack = stack
        self._keys = _keys(platform.installation, stack)
        self._people: dict[tuple[str, str | None], Person] = {}
        self._offices = {
            office: stack.enter_context(
                Office(ADDRESS, office, key, officer=OFFICER, transport=transport)
            )
            for office, key in self._keys.items()
        }
        self._filed: dict[str, Filed] = {}
        self._inspections: dict[str, str] = {}

    def play(self, step: Step) -> None:
        """Send what the step says.

        Raises:
            Unanswered: it was refused.
        """
        match step.what:
            case File():
                self._filed[step.story] = self._file(step.what, step.key)
            case Act(office, path, said):
                complaint = self._filed[step.story].complaint
                self._offices[office].act(complaint, path, said, key=step.key)
            case Say(path, said):
                receipt = self._filed[step.story].receipt
                person = self._person("en", None)
                token = person.open_status(receipt.reference, receipt.code)
                person.act(receipt.reference, token, path, said, step.key)
            case Propose():
                self._inspections[step.story] = self._propose(step.what, step.key)
            case ActJointly(office, path, said):
                inspection = self._inspections[step.story]
                self._offices[office].act_jointly(inspection, path, said, key=step.key)
            case Sign(office):
                self._sign(office, self._inspections[step.story], step.key)
            case Silence():
                pass

    def _file(self, what: File, key: str) -> Filed:
        receipt = self._person(what.said["language"], what.office).file(what.said, key)
        self._transport.wait_for(self._platform.rest())
        return Filed(receipt, receipt.complaint or self._new(what.keeper))

    def _new(self, office: str) -> str:
        """The one complaint in an office's inbox that was not filed before."""
        known = {filed.complaint for filed in self._filed.values()}
        inbox = self._offices[office].inbox(phase="open", limit=PAGE)
        return next(str(one["complaint"]) for one in inbox if one["complaint"] not in known)

    def _propose(self, what: Propose, key: str) -> str:
        complaints = [self._filed[story].complaint for story in what.complaints]
        terms = {**what.said, "complaints": complaints}
        return str(self._offices[what.office].propose(terms, key).view["inspection"])

    def _sign(self, office: str, inspection: str, key: str) -> None:
        seen = self._offices[office].inspection(inspection)
        said = {"digest": seen.view["report"]["digest"]}
        self._offices[office].act_jointly(inspection, "signature", said, seen=seen, key=key)

    def _person(self, language: str, office: str | None) -> Person:
        if (language, office) not in self._people:
            key = self._keys[office] if office else None
            person = Person(ADDRESS, language, self._transport, key)
            self._people[language, office] = self._stack.enter_context(person)
        return self._people[language, office]


def _keys(installation: Installation, stack: ExitStack) -> dict[str, str]:
    """A key for every office, revoked when the stack closes."""
    access = AccessKeys(installation.folder.access)
    before = {one.digest for one in access.all()}
    now = system_clock()
    keys = {
        office.id: access.issue(office.id, OFFICE_KEY, now, now + KEY_LIFETIME)
        for office in installation.policy.offices
    }
    for one in access.all():
        if one.digest not in before:
            stack.callback(access.revoke, one.digest)
    return keys


class InProcess(httpx.BaseTransport):
    """Lets clients in a thread ask an application that runs in another thread's event loop."""

    def __init__(self, app: ASGIApp, wait_for: WaitFor) -> None:
        self._asgi = httpx.ASGITransport(app=app)
        self.wait_for = wait_for

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Ask, and wait for the whole answer."""
        answer: httpx.Response = self.wait_for(self._handle(request))
        return answer

    async def _handle(self, request: httpx.Request) -> httpx.Response:
        sent = httpx.Request(
            request.method, request.url, headers=request.headers, content=request.read()
        )
        answer = await self._asgi.handle_async_request(sent)
        raw = b"".join([part async for part in answer.aiter_raw()])
        return httpx.Response(answer.status_code, headers=answer.headers, content=raw)
