"""The platform for somebody who complains: file, ask where the complaint stands, answer."""

import uuid
from collections.abc import Mapping
from typing import Any, Final

import httpx
from pydantic import BaseModel

from ombudslink.client.connection import Client, Seen
from ombudslink.values import Moment

_JOINT: Final = {"purpose": "joint_inspection"}


class Receipt(BaseModel):
    """What whoever filed keeps. `code` is empty where it is not for the caller; `complaint` is the
    id at the offices, for an office that entered it."""

    reference: str
    code: str = ""
    filed: Moment
    complaint: str | None = None


class Person(Client):
    """One language at one platform. People need no key; an office's is for entering what came to it
    on paper, by telephone or in person."""

    def __init__(
        self,
        address: str,
        language: str = "en",
        transport: httpx.BaseTransport | None = None,
        key: str | None = None,
    ) -> None:
        super().__init__(address, "/intake", language=language, key=key, transport=transport)

    def file(self, filing: Mapping[str, Any], key: str | None = None) -> Receipt:
        """File a complaint; repeating it with the same key, a UUID, gives the same receipt.

        Raises:
            Unanswered: it was refused, or the platform does not answer.
        """
        headers = {"Idempotency-Key": key or str(uuid.uuid4())}
        answer = self.ask("POST", "/complaints", json=filing, headers=headers)
        return Receipt.model_validate_json(answer.content)

    def open_status(self, reference: str, code: str) -> str:
        """A token with which the complaint's status may be asked for some minutes.

        Raises:
            Unanswered: reference or code is wrong, or the platform does not answer.
        """
        shown = {"reference": reference, "code": code}
        answer = self.ask("POST", "/status-sessions", tries=1, json=shown)
        return str(answer.json()["token"])

    def status(self, reference: str, token: str, known: Seen | None = None) -> Seen | None:
        """Where the complaint stands; None when that is what is known already.

        Raises:
            Unanswered: the token is not good any more, or the platform does not answer.
        """
        path, headers = f"/complaints/{reference}", _let_in(token)
        return self.look_again(path, known, headers) if known else self.look(path, headers)

    def answer(self, reference: str, token: str, text: str, key: str | None = None) -> None:
        """Answer the office's question; repeating it with the same key changes nothing.

        Raises:
            Unanswered: there is no question, or the platform does not answer.
        """
        self.act(reference, token, "answers", {"text": text}, key)

    def withdraw(self, reference: str, token: str, ground: str, key: str | None = None) -> None:
        """Let the complaint not be examined any more, on a ground of the vocabulary.

        Raises:
            Unanswered: it was refused, or the platform does not answer.
        """
        self.act(reference, token, "withdrawal", {"ground": ground}, key)

    def consent(self, reference: str, token: str, key: str | None = None) -> None:
        """Let the offices of a joint inspection see the complaint; repeating it with the same key
        changes nothing.

        Raises:
            Unanswered: it was refused, or the platform does not answer.
        """
        self.act(reference, token, "consent", _JOINT, key)

    def withdraw_consent(self, reference: str, token: str, key: str | None = None) -> None:
        """Let the complaint be examined by its own office alone from here on.

        Raises:
            Unanswered: there is no consent, or the platform does not answer.
        """
        self.act(reference, token, "consent-withdrawal", _JOINT, key)

    def act(
        self, reference: str, token: str, act: str, said: Mapping[str, Any], key: str | None = None
    ) -> None:
        """Say something about the complaint; repeating it with the same key changes nothing.

        Raises:
            Unanswered: it was refused, or the platform does not answer.
        """
        headers = {"Idempotency-Key": key or str(uuid.uuid4()), **_let_in(token)}
        self.ask("POST", f"/complaints/{reference}/{act}", json=said, headers=headers)


def _let_in(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
