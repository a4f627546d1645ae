"""A ministry's program: told what concerns it, stopped, started again, told nothing twice."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from e2e.officer import Officer
from e2e.process import Running, running, until

CLIENT = Path(__file__).parents[2] / "deploy" / "examples" / "agency" / "client.py"
MINISTRY, OTHER = "ministry-education", "ministry-internal-affairs"
LETTER = {"addressee": MINISTRY, "text": "Сізден ақпарат сұраймыз."}
STREAM = {"Accept": "text/event-stream"}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("agency") / "data"


@pytest.fixture(scope="module")
def platform(data: Path) -> Iterator[Running]:
    with running(data) as one:
        yield one


@contextmanager
def following(platform: Running, folder: Path) -> Iterator["subprocess.Popen[str]"]:
    """The example in a process of its own, ended as people end it."""
    with (folder / "printed").open("a") as printed:
        process = subprocess.Popen(
            [sys.executable, CLIENT, f"{platform.address}/routing", folder / "agency.json"],
            stdout=printed,
            stderr=subprocess.STDOUT,
            env={"PATH": os.environ["PATH"], "OMBUDSLINK_KEY": platform.keys[MINISTRY]},
        )
        try:
            yield process
        finally:
            process.terminate()
            process.wait()


def printed(folder: Path) -> list[str]:
    """The types of the events that it printed, in all its lives."""
    return [line.split()[0].split(".")[2] for line in (folder / "printed").read_text().splitlines()]


def examined(platform: Running) -> tuple[Officer, str]:
    """A complaint about a school that the children's commissioner examines."""
    said = {
        "language": "kk",
        "complainant": "parent",
        "who": {"name": "Айгерім"},
        "affected": ["child"],
        "subject": "education",
        "body": "school",
        "region": "710000000",
        "text": "Баламды мектепке қабылдамады.",
    }
    key = {"Idempotency-Key": "6f1c2f43-7a3e-4b57-9d25-0a4a64d4a5a1"}
    with platform.client(path="/intake/v1") as citizen:
        citizen.post("/complaints", json=said, headers=key).raise_for_status()
    officer = Officer(platform, "children")
    complaint = until(lambda: officer.find(todo="answer_referral"))
    officer.act(complaint, "referrals/1/acceptance")
    until(lambda: "examination" in officer.view(complaint)["acts"])
    until(lambda: officer.content(complaint))
    officer.act(complaint, "examination")
    return officer, complaint


def asked(platform: Running, holder: str, **how: Any) -> list[Any]:
    """The events that a body gets by asking."""
    with platform.client(holder, "/routing/v1") as client:
        events: list[Any] = client.get("/events", params=how).raise_for_status().json()
        return events


def streamed(platform: Running, count: int, **headers: str) -> list[Any]:
    """So many events of the ministry's stream, each with the id under which it came."""
    found: list[Any] = []
    with (
        platform.client(MINISTRY, "/routing/v1") as client,
        client.stream("GET", "/events", headers=STREAM | headers) as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        for line in answer.iter_lines():
            name, _, value = line.partition(": ")
            if name == "id":
                cursor = value
            if name == "data":
                found.append(json.loads(value))
                assert found[-1]["cursor"] == cursor
            if len(found) == count:
                return found
    raise AssertionError(f"the stream ended after {found}")


def test_a_ministry_is_told_what_concerns_it_and_goes_on_where_it_stopped(
    platform: Running, tmp_path: Path
) -> None:
    # Given a complaint about a school, of which the ministry hears nothing yet
    with following(platform, tmp_path):
        officer, complaint = examined(platform)
        assert asked(platform, MINISTRY) == []
        # When the office addresses it, then its program prints just that
        officer.act(complaint, "information-requests", LETTER)
        until(lambda: printed(tmp_path) == ["InformationRequested"])
    # And when it is stopped, the office goes on, and it is started again
    officer.act(complaint, "information", {"request": 1, "text": "Орын бар."})
    answer = {"outcome": "settled", "remedy": "none_needed", "text": "Бала қабылданды."}
    officer.act(complaint, "decision", answer)
    everything = ["InformationRequested", "InformationProvided", "RecommendationIssued"]
    with following(platform, tmp_path) as process:
        officer.act(complaint, "recommendations", LETTER)
        until(lambda: printed(tmp_path) == everything)
        # then nothing is lost and nothing comes twice, and what it checked was right
        assert process.poll() is None
    told = asked(platform, MINISTRY)
    known = json.loads((tmp_path / "agency.json").read_text())
    assert known["cursor"] == told[-1]["cursor"]
    assert known["histories"][complaint][0] == int(told[-1]["sequence"])
    # and the stream gives the same, from the beginning and after any event
    assert streamed(platform, 3) == told
    later = streamed(platform, 2, **{"Last-Event-ID": told[0]["cursor"]})
    assert later == told[1:]
    # and another body sees nothing of it
    assert asked(platform, OTHER) == []


def test_what_was_altered_or_lost_on_the_way_is_noticed(platform: Running, tmp_path: Path) -> None:
    told = asked(platform, MINISTRY)
    stream = told[0]["subject"]
    for known, complaint in (
        ([int(told[0]["sequence"]), "00" * 32], "was altered"),
        ([1, "00" * 32], "is missing"),
    ):
        state = {"cursor": None, "histories": {stream: known}}
        (tmp_path / "agency.json").write_text(json.dumps(state))
        with following(platform, tmp_path) as process:
            assert process.wait(30) == 1
        assert complaint in (tmp_path / "printed").read_text()


def test_a_stream_ends_in_order_when_the_platform_stops(platform: Running, data: Path) -> None:
    told = asked(platform, MINISTRY)
    with (
        platform.client(MINISTRY, "/routing/v1") as client,
        client.stream("GET", "/events", headers=STREAM) as answer,
    ):
        lines = answer.iter_lines()
        while not next(lines).startswith(f"id: {told[-1]['cursor']}"):
            pass
        platform.process.terminate()
        # then the answer is complete, not cut off
        rest = list(lines)
        assert rest[0].startswith("data: ")
    platform.stop()
    # and after a new start the cursors of before are as good
    with running(data) as again:
        again.keys = platform.keys
        assert asked(again, MINISTRY, after=told[0]["cursor"]) == told[1:]
        with again.client(MINISTRY, "/routing/v1") as client:
            refused = client.get("/events", params={"after": told[0]["cursor"][:-4]})
            assert refused.status_code == httpx.codes.UNPROCESSABLE_ENTITY
