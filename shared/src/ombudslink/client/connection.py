"""One service at one address: asking, asking again, paging, and problems as sentences."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self

import httpx
import stamina

TRIES: Final = 4
LONGEST_PAUSE: Final = 30.0
"""Seconds for which a service may ask to be left alone before it is asked once more."""
PATIENCE: Final = httpx.Timeout(40.0, connect=5.0)
_BUSY: Final = frozenset({httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE})

View = Mapping[str, Any]


class Unanswered(Exception):
    """The platform did not do what it was asked; the message says why, in the caller's language.

    `code` is the stable code of the refusal, None when there was no answer.
    """

    def __init__(self, message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Seen:
    """Something as it was at some moment, and the entity tag to ask again and to act with."""

    etag: str
    view: View


class Client:
    """A service of the platform; `place` is its path below the address."""

    def __init__(
        self,
        address: str,
        place: str,
        *,
        language: str = "en",
        key: str | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._address = address.rstrip("/")
        headers = {"Accept-Language": language}
        if key is not None:
            headers["Authorization"] = f"Bearer {key}"
        self._http = httpx.Client(
            base_url=f"{self._address}{place}/v1",
            headers=headers,
            timeout=PATIENCE,
            transport=transport,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let the connections go."""
        self._http.close()

    def ask(self, method: str, path: str, tries: int = TRIES, **request: Any) -> httpx.Response:
        """The answer; with more tries than one only for what may be repeated.

        Raises:
            Unanswered: it was refused, or the platform does not answer.
        """
        try:
            for attempt in stamina.retry_context(_pause_after, attempts=tries, timeout=None):
                with attempt:
                    answer = self._http.request(method, path, **request)
                    if answer.is_server_error or (answer.status_code in _BUSY and tries > 1):
                        answer.raise_for_status()
        except httpx.HTTPStatusError as error:
            raise _unanswered(error.response) from None
        except httpx.HTTPError:
            raise Unanswered(f"{self._address} does not answer. Is the platform running?") from None
        if answer.is_client_error:
            raise _unanswered(answer)
        return answer

    def look(self, path: str, headers: Mapping[str, str] | None = None) -> Seen:
        """What is there.

        Raises:
            Unanswered: it is not shown, or the platform does not answer.
        """
        answer = self.ask("GET", path, headers=headers)
        return Seen(answer.headers["ETag"], answer.json())

    def look_again(
        self, path: str, known: Seen, headers: Mapping[str, str] | None = None
    ) -> Seen | None:
        """What is there; None when that is what is known already.

        Raises:
            Unanswered: it is not shown, or the platform does not answer.
        """
        told = {**(headers or {}), "If-None-Match": known.etag}
        answer = self.ask("GET", path, headers=told)
        if answer.status_code == httpx.codes.NOT_MODIFIED:
            return None
        return Seen(answer.headers["ETag"], answer.json())

    def pages(self, path: str, field: str, **wanted: object) -> Iterator[View]:
        """Everything in a list, page by page, as far as it is asked for.

        Raises:
            Unanswered: it is not shown, or the platform does not answer.
        """
        wanted = {name: value for name, value in wanted.items() if value is not None}
        while True:
            page = self.ask("GET", path, params=wanted).json()
            yield from page[field]
            if page["next"] is None:
                return
            wanted["cursor"] = page["next"]


def _pause_after(error: Exception) -> bool | float:
    """Whether to ask again after that, or after how many seconds the service wants to be asked."""
    if isinstance(error, httpx.HTTPStatusError):
        wanted = error.response.headers.get("Retry-After", "")
        return min(float(wanted), LONGEST_PAUSE) if wanted.isdecimal() else True
    return isinstance(error, httpx.TransportError)


def _unanswered(answer: httpx.Response) -> Unanswered:
    try:
        return refused(answer.json())
    except (ValueError, KeyError, TypeError):
        return Unanswered(f"{answer.url.host} answered with HTTP {answer.status_code}")


def refused(problem: View) -> Unanswered:
    """A problem (RFC 9457) as what is raised for it."""
    faults = [f"{fault['pointer']}: {fault['detail']}" for fault in problem.get("errors", ())]
    return Unanswered("\n  ".join([problem["detail"], *faults]), problem["code"])
