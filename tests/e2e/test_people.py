"""`file` and `status` as a complainant uses them, right and wrong."""

import json
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from e2e.process import SCRIPT, Running, environment, ombudslink, running, told

SAID = ("--name", "Айгүл", "--text", "Мектеп қабылдамады", "--language", "kk")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("people") / "data"


@pytest.fixture(scope="module")
def platform(data: Path) -> Iterator[Running]:
    with running(data) as platform:
        yield platform


def at(platform: Running) -> dict[str, Any]:
    return {"OMBUDSLINK_AT": platform.address}


def test_a_receipt_is_printed_in_the_language_of_the_complaint(
    platform: Running, data: Path
) -> None:
    done = ombudslink(data, "file", *SAID, **at(platform))
    assert done.returncode == 0
    filed, reference, code, keep = done.stdout.splitlines()
    assert filed == "Шағым қабылданды"
    assert reference.startswith("Нөмірі: ")
    assert len(code.removeprefix("Коды: ").replace(" ", "")) == 20
    assert "енді көрсетілмейді" in keep


def test_name_and_text_are_asked_for_when_they_are_not_given(platform: Running, data: Path) -> None:
    done = ombudslink(data, "file", "--language", "ru", typed="Иван\nНе приняли\n", **at(platform))
    assert done.returncode == 0, done.stderr
    assert "Ваше имя" in done.stdout
    assert "Что произошло" in done.stdout
    assert "Жалоба принята" in done.stdout


def test_the_same_key_gives_the_same_receipt_also_for_a_text_from_input(
    platform: Running, data: Path
) -> None:
    options = ("file", "--name", "Аня", "--text", "-", "--key", str(uuid.uuid4()))
    typed = "Длинный текст\nв две строки"
    first, second = (told(data, *options, typed=typed, **at(platform)) for _ in range(2))
    assert first == second


def test_an_unknown_word_is_named_by_its_place_in_the_readers_language(
    platform: Running, data: Path
) -> None:
    done = ombudslink(data, "file", *SAID, "--subject", "weather", **at(platform))
    assert done.returncode == 1
    assert "/subject" in done.stderr
    assert "Сұрау қабылданбады" in done.stderr
    assert "weather" not in done.stderr


def test_a_wrong_code_is_refused_in_a_sentence(platform: Running, data: Path) -> None:
    receipt = told(data, "file", *SAID, **at(platform))
    done = ombudslink(
        data, "status", receipt["reference"], "--code", "0" * 20, "--language", "ru", **at(platform)
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1


def test_the_status_is_watched_until_the_complaint_is_closed(platform: Running, data: Path) -> None:
    # Given somebody who watches
    receipt = told(data, "file", *SAID, **at(platform))
    watching = subprocess.Popen(
        [SCRIPT, "status", receipt["reference"], "--watch", "--language", "en"],
        stdout=subprocess.PIPE,
        text=True,
        env=environment(data, OMBUDSLINK_CODE=receipt["code"], **at(platform)),
    )
    try:
        assert watching.stdout is not None
        assert receipt["reference"] in watching.stdout.readline()

        # When the complaint is withdrawn
        withdraw(platform, receipt)

        # Then that is printed, and the watching ends
        printed, _ = watching.communicate(timeout=60)
        assert "Status: Closed" in printed
        assert watching.returncode == 0
    finally:
        watching.kill()


def test_a_platform_that_is_not_there_is_named(data: Path) -> None:
    done = ombudslink(data, "file", *SAID, "--at", "http://127.0.0.1:9")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("ombudslink: http://127.0.0.1:9 does not answer")
    assert len(done.stderr.splitlines()) == 1


def test_a_language_that_is_none_of_ours_is_refused(data: Path) -> None:
    done = ombudslink(data, "status", "0000-0000-0000", "--language", "tlh")
    assert done.returncode == 1
    assert done.stderr == "ombudslink: --language is one of kk, ru, en\n"


def withdraw(platform: Running, receipt: dict[str, str]) -> None:
    with platform.client(path="/intake/v1") as http:
        shown = {name: receipt[name] for name in ("reference", "code")}
        token = http.post("/status-sessions", json=shown).json()["token"]
        done = http.post(
            f"/complaints/{receipt['reference']}/withdrawal",
            content=json.dumps({"ground": "other"}),
            headers={
                "Authorization": f"Bearer {token}",
                "Content-Type": "application/json",
                "Idempotency-Key": str(uuid.uuid4()),
            },
        )
    assert done.status_code == httpx.codes.OK, done.text
