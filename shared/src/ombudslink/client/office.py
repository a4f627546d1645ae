"""The platform for an office's program: its inbox, its complaints, and its acts on them."""

import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import httpx

from ombudslink.client.connection import Client, Seen, Unanswered, View, refused

LOOK_EVERY: Final = 0.2
LONGEST: Final = 60.0
"""Seconds after which what does not come is not waited for any more."""


class Office(Client):
    """One office's own service; `officer` is the pseudonym of who acts there."""

    def __init__(
        self,
        address: str,
        office: str,
        key: str,
        *,
        language: str = "en",
        officer: str | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        place = f"/offices/{office}"
        super().__init__(address, place, language=language, key=key, transport=transport)
        if officer is not None:
            self._http.headers["Ombudslink-Actor"] = officer

    def inbox(self, **wanted: str) -> Iterator[View]:
        """Its complaints, what is due first in front: `todo`, `role`, `phase`, `due_before`.

        Raises:
            Unanswered: the platform does not answer, or the filter is wrong.
        """
        return self.pages("/complaints", "complaints", **wanted)

    def complaint(self, complaint: str) -> Seen:
        """A complaint as it is now.

        Raises:
            Unanswered: the office is not party to it, or the platform does not answer.
        """
        return self.look(f"/complaints/{complaint}")

    def news(self, complaint: str, known: Seen) -> Seen | None:
        """The complaint if it has changed since then.

        Raises:
            Unanswered: the platform does not answer.
        """
        return self.look_again(f"/complaints/{complaint}", known)

    def history(self, complaint: str) -> Iterator[View]:
        """Its events, oldest first.

        Raises:
            Unanswered: the office is not party to it, or the platform does not answer.
        """
        return self.pages(f"/complaints/{complaint}/history", "events", limit=100)

    def content(self, complaint: str) -> View:
        """What the complainant and the offices said, as far as this office may know it.

        Raises:
            Unanswered: it may know nothing, or the platform does not answer.
        """
        found: View = self.ask("GET", f"/complaints/{complaint}/content").json()
        return found

    def act(
        self,
        complaint: str,
        act: str,
        said: Mapping[str, Any] | None = None,
        *,
        seen: Seen | None = None,
        referral: int | None = None,
        key: str | None = None,
    ) -> Seen:
        """Do something, based on what was seen or else on how it is now; how it is then.

        Raises:
            Unanswered: it was refused, somebody else acted since, it is not decided in time, or
                the platform does not answer.
        """
        headers = {"Idempotency-Key": key or str(uuid.uuid4())}
        answer = self._act(complaint, act, said, seen, referral, headers)
        if answer.status_code == httpx.codes.ACCEPTED:
            last = self._decided(answer.json()["command"])
            return self.until(complaint, lambda view: view["version"] >= last)
        return Seen(answer.headers["ETag"], answer.json())

    def attempt(
        self,
        complaint: str,
        act: str,
        said: Mapping[str, Any] | None = None,
        *,
        seen: Seen | None = None,
        referral: int | None = None,
    ) -> View:
        """What would follow from an act, and who would receive it; nothing happens.

        Raises:
            Unanswered: it would be refused, or the platform does not answer.
        """
        found: View = self._act(complaint, act, said, seen, referral, {}, dry_run=True).json()
        return found

    def until(self, complaint: str, holds: Callable[[View], object]) -> Seen:
        """The complaint once that holds.

        Raises:
            Unanswered: it does not come, or the platform does not answer.
        """
        ends = time.monotonic() + LONGEST
        known = self.complaint(complaint)
        while not holds(known.view):
            _wait(ends)
            known = self.news(complaint, known) or known
        return known

    def _act(
        self,
        complaint: str,
        act: str,
        said: Mapping[str, Any] | None,
        seen: Seen | None,
        referral: int | None,
        headers: Mapping[str, str],
        **wanted: bool,
    ) -> httpx.Response:
        where = f"referrals/{referral}/{act}" if referral is not None else act
        based_on = {"If-Match": (seen or self.complaint(complaint)).etag}
        return self.ask(
            "POST",
            f"/complaints/{complaint}/{where}",
            headers={**headers, **based_on},
            params=wanted,
            json=said or {},
        )

    def _decided(self, command: str) -> int:
        """The last version that an act led to."""
        ends = time.monotonic() + LONGEST
        while (outcome := self.ask("GET", f"/commands/{command}").json())["result"] == "pending":
            _wait(ends)
        if outcome["problem"] is not None:
            raise refused(outcome["problem"])
        return int(outcome["last_version"])


def _wait(ends: float) -> None:
    if time.monotonic() > ends:
        raise Unanswered("What was waited for did not come. It may still come; ask again.")
    time.sleep(LOOK_EVERY)
