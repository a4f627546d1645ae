"""Talking to a running platform as a complainant does: file, and ask where the complaint stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self

import httpx
import stamina
from pydantic import BaseModel

from ombudslink.values import Moment

TRIES: Final = 4
PATIENCE: Final = httpx.Timeout(30.0, connect=5.0)


class Unanswered(Exception):
    """The platform did not do what it was asked; the message says why, in the caller's language."""


class Receipt(BaseModel):
    """What whoever filed keeps."""

    reference: str
    code: str
    filed: Moment


@dataclass(frozen=True, slots=True)
class Seen:
    """A complaint's status as it was at some moment, and the entity tag to ask again with."""

    etag: str
    status: Mapping[str, Any]


class Client:
    """One platform, one language. `key` is an office's API key; people need none."""

    def __init__(self, address: str, language: str, key: str | None = None) -> None:
        self._address = address.rstrip("/")
        headers = {"Accept-Language": language}
        if key is not None:
            headers["Authorization"] = f"Bearer {key}"
        self._http = httpx.Client(
            base_url=f"{self._address}/intake/v1", headers=headers, timeout=PATIENCE
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()

    def file(self, filing: Mapping[str, Any], key: str) -> Receipt:
        """File a complaint; repeating it with the same key gives the same receipt.

        Raises:
            Unanswered: it was refused, or the platform does not answer.
        """
        answer = self._asked("POST", "/complaints", json=filing, headers={"Idempotency-Key": key})
        return Receipt.model_validate_json(answer.content)

    def open_status(self, reference: str, code: str) -> str:
        """A token with which the complaint's status may be asked for some minutes.

        Raises:
            Unanswered: reference or code is wrong, or the platform does not answer.
        """
        receipts = {"reference": reference, "code": code}
        answer = self._asked("POST", "/status-sessions", tries=1, json=receipts)
        return str(answer.json()["token"])

    def status(self, reference: str, token: str, known: Seen | None = None) -> Seen | None:
        """Where the complaint stands; None when that is what is known already.

        Raises:
            Unanswered: the token is not good any more, or the platform does not answer.
        """
        headers = {"Authorization": f"Bearer {token}"}
        if known is not None:
            headers["If-None-Match"] = known.etag
        answer = self._asked("GET", f"/complaints/{reference}", headers=headers)
        if answer.status_code == httpx.codes.NOT_MODIFIED:
            return None
        return Seen(answer.headers["ETag"], answer.json())

    def _asked(self, method: str, path: str, tries: int = TRIES, **request: Any) -> httpx.Response:
        """The answer; repeats are for what may be repeated without another effect."""
        try:
            for attempt in stamina.retry_context(_worth_repeating, attempts=tries):
                with attempt:
                    answer = self._http.request(method, path, **request)
                    if answer.is_server_error:
                        answer.raise_for_status()
        except httpx.HTTPStatusError as error:
            raise _unanswered(error.response) from None
        except httpx.HTTPError:
            raise Unanswered(f"{self._address} does not answer. Is the platform running?") from None
        if answer.is_client_error:
            raise _unanswered(answer)
        return answer


def _worth_repeating(error: Exception) -> bool:
    return isinstance(error, httpx.TransportError | httpx.HTTPStatusError)


def _unanswered(answer: httpx.Response) -> Unanswered:
    try:
        problem = answer.json()
        faults = [f"{fault['pointer']}: {fault['detail']}" for fault in problem.get("errors", ())]
        return Unanswered("\n  ".join([problem["detail"], *faults]))
    except (ValueError, KeyError, TypeError):
        return Unanswered(f"{answer.url.host} answered with HTTP {answer.status_code}")
