"""What a person says is in no log line, event, metric, error or dead letter, nor in clear in any
file of the data folder."""

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from e2e.officer import Officer
from e2e.process import Running, running, until

NAME = "Жансая Қонысбекқызы"
IDENTITY = "870412400123"
TELEPHONE = "+7 701 555 44 33"
ADDRESS = "Сарыарқа даңғылы 17-үй"
STORY = "Ұлымды балабақшадан шығарып жіберді"
PLANTED = (NAME, IDENTITY, TELEPHONE, ADDRESS, STORY)

FILING: dict[str, Any] = {
    "language": "kk",
    "who": {
        "name": NAME,
        "identity_number": IDENTITY,
        "telephone": TELEPHONE,
        "address": ADDRESS,
        "email": f"{IDENTITY}@example.org",
    },
    "for_whom": {"name": NAME, "identity_number": IDENTITY},
    "safe_contact": {"by": "telephone", "note": TELEPHONE},
    "affected": ["child"],
    "subject": "education",
    "body_name": ADDRESS,
    "text": f"{STORY}. {NAME}, {IDENTITY}, {TELEPHONE}, {ADDRESS}",
}


def spellings(planted: str) -> Iterator[bytes]:
    """How it could stand in a file."""
    yield planted.encode()
    yield planted.encode("utf-16-le")
    yield json.dumps(planted)[1:-1].encode()
    yield quote(planted).encode()


def found_in(raw: bytes) -> list[str]:
    return [planted for planted in PLANTED if any(s in raw for s in spellings(planted))]


@dataclass
class Person:
    """Files, and makes every mistake that quotes what was said."""

    platform: Running
    refused: list[str] = field(default_factory=list)

    def request(self, method: str, path: str, **request: Any) -> httpx.Response:
        headers = {"Idempotency-Key": str(uuid.uuid4()), **request.pop("headers", {})}
        with self.platform.client(path="/intake/v1") as http:
            answer = http.request(method, path, headers=headers, **request)
        if answer.is_error:
            self.refused.append(answer.text + str(answer.headers))
        return answer

    def make_mistakes(self, reference: str) -> None:
        wrong: list[dict[str, Any]] = [
            {"subject": NAME},
            {"region": IDENTITY, "place": ADDRESS},
            {"affected": [TELEPHONE]},
            {IDENTITY: NAME},
            {"who": {"name": NAME, ADDRESS: NAME}},
            {"who": [NAME, IDENTITY]},
            {"channel": STORY, "received_at": IDENTITY},
            {"text": f"{STORY}\0{NAME}"},
        ]
        for change in wrong:
            answer = self.request("POST", "/complaints", json={**FILING, **change})
            assert answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY, answer.text
        torn = json.dumps(FILING, ensure_ascii=False)[:-9].encode()
        kind = {"Content-Type": "application/json"}
        self.request("POST", "/complaints", content=torn, headers=kind)
        self.request("POST", "/complaints", json=FILING, headers={"Idempotency-Key": TELEPHONE})
        self.request("GET", f"/complaints/{IDENTITY}/{NAME}", params={"name": NAME})
        self.request("GET", "/places", params={"q": NAME, ADDRESS: STORY, "limit": IDENTITY})
        self.request("GET", f"/commands/{IDENTITY}", headers={"Authorization": IDENTITY})
        self.request("POST", "/status-sessions", json={"reference": reference, "code": IDENTITY})
        self.request("POST", "/status-sessions", json={"reference": NAME, "code": ADDRESS})
        self.request("PUT", f"/{NAME}", content=STORY.encode())


def test_the_search_finds_what_it_looks_for_however_it_is_spelt() -> None:
    for ascii_only in (True, False):
        assert found_in(json.dumps(FILING, ensure_ascii=ascii_only).encode()) == list(PLANTED)


def test_what_a_person_says_is_nowhere_in_clear(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with running(data) as platform:
        # Given a complaint full of personal data, and everything that can go wrong with it
        person, officer = Person(platform), Officer(platform, "children")
        receipt = person.request("POST", "/complaints", json=FILING).json()
        person.make_mistakes(receipt["reference"])
        session = person.request("POST", "/status-sessions", json=pair(receipt)).json()
        own = {"Authorization": f"Bearer {session['token']}"}

        # When it goes through an office, with letters both ways
        complaint = until(lambda: officer.find(todo="answer_referral"))
        wrong = officer.try_to(complaint, "referrals/1/rejection", {"reason": NAME})
        person.refused.append(wrong.text)
        officer.act(complaint, "referrals/1/acceptance")
        assert STORY in until(lambda: officer.content(complaint))
        until(lambda: "examination" in officer.view(complaint)["acts"])
        officer.act(complaint, "examination")
        officer.act(complaint, "questions", {"text": f"{NAME}: {STORY}?"})
        status = f"/complaints/{receipt['reference']}"
        until(lambda: STORY in person.request("GET", status, headers=own).text)
        said = {"text": f"{IDENTITY}, {STORY}!"}
        answer = person.request("POST", f"{status}/answers", json=said, headers=own)
        assert answer.is_success, answer.text
        until(lambda: not officer.view(complaint)["question_open"])
        letter = {"outcome": "settled", "remedy": "none_needed", "text": f"{NAME}: {STORY}."}
        officer.act(complaint, "decision", letter)

        # Then nothing of it is in an error, a metric, a log line or a file
        assert found_in("\n".join(person.refused).encode()) == []
        assert found_in(metrics(platform)) == []
        leaks = {path.name: found_in(path.read_bytes()) for path in files(data)}
        platform.stop()
    leaks |= {f"{path.name}, stopped": found_in(path.read_bytes()) for path in files(data)}
    leaks["log lines"] = found_in(platform.errors.read_bytes())
    assert {name: leak for name, leak in leaks.items() if leak} == {}


def pair(receipt: dict[str, str]) -> dict[str, str]:
    return {"reference": receipt["reference"], "code": receipt["code"]}


def metrics(platform: Running) -> bytes:
    """Of every service, read with the operator's key."""
    places = ("intake", "routing", "reporting", "offices/children", "offices/human-rights")
    with platform.client("operator") as http:
        return b"".join(http.get(f"/{p}/metrics").raise_for_status().content for p in places)


def files(data: Path) -> list[Path]:
    return [path for path in data.rglob("*") if path.is_file()]
