"""A new platform begins with a demonstration, unless it shall be empty."""

import shutil
import signal
import tomllib
from pathlib import Path

import pytest

from e2e.process import LONGEST_STOP, ombudslink, running, start, told, until
from onebox.platform import CONFIGURATION

CASES, PLAIN, JOINT = 3, 2, 1
INTERRUPTED = 130


@pytest.fixture
def configuration(tmp_path: Path) -> Path:
    """The configuration that came along, with a demonstration of a few complaints: those of the
    first inspection, which is played, too."""
    folder = tmp_path / "configuration"
    for name in ("offices", "bodies", "rules", "calendar", "demo"):
        shutil.copytree(CONFIGURATION / name, folder / name)
    demo = folder / "demo" / "kz"
    head, first, *_ = (demo / "inspections.toml").read_text().split("[[inspection]]")
    (demo / "inspections.toml").write_text(f"{head}[[inspection]]{first}")
    (named,) = tomllib.loads(f"[[inspection]]{first}")["inspection"]
    head, *cases = (demo / "cases.toml").read_text().split("[[case]]")
    kept = [case for case in cases if tomllib.loads(case)["id"] in named["complaints"]]
    (demo / "cases.toml").write_text("[[case]]".join([head, *kept]))
    answers = (demo / "answers.csv").read_text().splitlines()
    (demo / "answers.csv").write_text("\n".join(answers[: PLAIN + 1]) + "\n")
    return folder


def test_a_new_platform_has_complaints_of_the_last_ninety_days(
    tmp_path: Path, configuration: Path
) -> None:
    data = tmp_path / "data"
    more = {"OMBUDSLINK_EMPTY": "0", "OMBUDSLINK_CONFIGURATION": str(configuration)}
    # given a platform that was started for the first time
    with running(data, **more) as platform:
        # then its offices have complaints to look at, and the histories are equal everywhere
        found = set()
        for office in ("human-rights", "children", "entrepreneurs", "vulnerable"):
            with platform.client(office, f"/offices/{office}/v1") as client:
                inbox = client.get("/complaints", params={"limit": 100}).json()
            found |= {one["complaint"] for one in inbox["complaints"]}
        assert len(found) == CASES + PLAIN
        # and one of them was examined jointly, with a report that all parties signed
        for office in ("human-rights", "children", "vulnerable"):
            with platform.client(office, f"/offices/{office}/v1") as client:
                (joint,) = client.get("/inspections").json()["inspections"]
                view = client.get(f"/inspections/{joint['inspection']}").json()
            assert view["stage"] == "closed"
            assert sorted(view["report"]["signed"]) == ["children", "human-rights", "vulnerable"]
        assert told(data, "verify", "--wait", "20")["verdict"] == "equal"
        platform.stop()
    # and when it is started again, nothing is played a second time
    with running(data, **more):
        assert told(data, "verify", "--wait", "20")["streams"] == CASES + PLAIN + JOINT


@pytest.mark.parametrize("told_to_stop", [signal.SIGINT, signal.SIGTERM])
def test_one_that_was_interrupted_is_not_taken_for_a_whole_one(
    tmp_path: Path, told_to_stop: signal.Signals
) -> None:
    data, more = tmp_path / "data", {"OMBUDSLINK_EMPTY": "0"}
    # given a process that is told to stop while it plays
    platform = start(data, **more)
    until((data / "stores/children.sqlite").exists)
    platform.process.send_signal(told_to_stop)
    assert platform.process.wait(LONGEST_STOP) == INTERRUPTED
    platform.kill()
    # then nothing is served that is half a demonstration
    again = ombudslink(data, "run", **more)
    assert again.returncode == 1
    assert "was interrupted. Remove the folder to begin anew" in again.stderr


def test_the_other_country_has_no_demonstration(tmp_path: Path) -> None:
    with running(tmp_path / "data", "run", "--country", "es", OMBUDSLINK_EMPTY="0"):
        assert told(tmp_path / "data", "verify")["streams"] == 0
