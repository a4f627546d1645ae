"""The platform for an office's program: its inbox, its complaints and joint inspections, and its
acts in them."""

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
        where = _on("referral", referral, act)
        return self._done(f"/complaints/{complaint}", where, said, seen, key)

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
        return self._tried(f"/complaints/{complaint}", _on("referral", referral, act), said, seen)

    def until(self, complaint: str, holds: Callable[[View], object]) -> Seen:
        """The complaint once that holds.

        Raises:
            Unanswered: it does not come, or the platform does not answer.
        """
        return self._until(f"/complaints/{complaint}", holds)

    def inspections(self, **wanted: str) -> Iterator[View]:
        """Its joint inspections, what is due first in front: `todo`, `role`, `stage`.

        Raises:
            Unanswered: the platform does not answer, or the filter is wrong.
        """
        return self.pages("/inspections", "inspections", **wanted)

    def inspection(self, inspection: str) -> Seen:
        """A joint inspection as it is now.

        Raises:
            Unanswered: the office was not asked to take part, or the platform does not answer.
        """
        return self.look(f"/inspections/{inspection}")

    def inspection_history(self, inspection: str) -> Iterator[View]:
        """Its events, oldest first.

        Raises:
            Unanswered: the office was not asked to take part, or the platform does not answer.
        """
        return self.pages(f"/inspections/{inspection}/history", "events", limit=100)

    def inspection_content(self, inspection: str) -> View:
        """What the offices wrote in it, as far as this office may know it.

        Raises:
            Unanswered: it may know nothing, or the platform does not answer.
        """
        found: View = self.ask("GET", f"/inspections/{inspection}/content").json()
        return found

    def propose(self, terms: Mapping[str, Any], key: str | None = None) -> Seen:
        """Propose to examine complaints together, and lead it; the inspection as it is then.

        Raises:
            Unanswered: it was refused, it is not decided in time, or the platform does not answer.
        """
        answer = self._post("/inspections", terms, key)
        if answer.status_code == httpx.codes.ACCEPTED:
            return self.inspection(self._decided(answer.json()["command"])["complaint"])
        return Seen(answer.headers["ETag"], answer.json())

    def act_jointly(
        self,
        inspection: str,
        act: str,
        said: Mapping[str, Any] | None = None,
        *,
        seen: Seen | None = None,
        task: int | None = None,
        finding: int | None = None,
        key: str | None = None,
    ) -> Seen:
        """Do something in a joint inspection, based on what was seen or else on how it is now; how
        it is then.

        Raises:
            Unanswered: it was refused, somebody else acted since, it is not decided in time, or
                the platform does not answer.
        """
        where = _on("finding", finding, _on("task", task, act))
        return self._done(f"/inspections/{inspection}", where, said, seen, key)

    def until_jointly(self, inspection: str, holds: Callable[[View], object]) -> Seen:
        """The joint inspection once that holds.

        Raises:
            Unanswered: it does not come, or the platform does not answer.
        """
        return self._until(f"/inspections/{inspection}", holds)

    def report(self, inspection: str) -> View:
        """The joint report with its signatures.

        Raises:
            Unanswered: there is none yet, the office did not take part, or the platform does not
                answer.
        """
        found: View = self.ask("GET", f"/inspections/{inspection}/report").json()
        return found

    def report_pdf(self, inspection: str, language: str) -> bytes:
        """The joint report as a document for people, with the report itself inside.

        Raises:
            Unanswered: there is none yet, the office did not take part, or the platform does not
                answer.
        """
        wanted = {"lang": language}
        return self.ask("GET", f"/inspections/{inspection}/report.pdf", params=wanted).content

    def _done(
        self,
        place: str,
        act: str,
        said: Mapping[str, Any] | None,
        seen: Seen | None,
        key: str | None,
    ) -> Seen:
        based_on = {"If-Match": (seen or self.look(place)).etag}
        answer = self._post(f"{place}/{act}", said, key, based_on)
        if answer.status_code == httpx.codes.ACCEPTED:
            last = self._decided(answer.json()["command"])["last_version"]
            return self._until(place, lambda view: view["version"] >= last)
        return Seen(answer.headers["ETag"], answer.json())

    def _tried(
        self, place: str, act: str, said: Mapping[str, Any] | None, seen: Seen | None
    ) -> View:
        found: View = self.ask(
            "POST",
            f"{place}/{act}",
            headers={"If-Match": (seen or self.look(place)).etag},
            params={"dry_run": True},
            json=said or {},
        ).json()
        return found

    def _post(
        self,
        path: str,
        said: Mapping[str, Any] | None,
        key: str | None,
        based_on: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        headers = {"Idempotency-Key": key or str(uuid.uuid4()), **(based_on or {})}
        return self.ask("POST", path, headers=headers, json=said or {})

    def _until(self, place: str, holds: Callable[[View], object]) -> Seen:
        ends = time.monotonic() + LONGEST
        known = self.look(place)
        while not holds(known.view):
            _wait(ends)
            known = self.look_again(place, known) or known
        return known

    def _decided(self, command: str) -> View:
        """What became of an act that was taken."""
        ends = time.monotonic() + LONGEST
        while (outcome := self.ask("GET", f"/commands/{command}").json())["result"] == "pending":
            _wait(ends)
        if outcome["problem"] is not None:
            raise refused(outcome["problem"])
        found: View = outcome
        return found


def _on(thing: str, number: int | None, act: str) -> str:
    """The path of an act on something that is numbered."""
    return act if number is None else f"{thing}s/{number}/{act}"


def _wait(ends: float) -> None:
    if time.monotonic() > ends:
        raise Unanswered("What was waited for did not come. It may still come; ask again.")
    time.sleep(LOOK_EVERY)
