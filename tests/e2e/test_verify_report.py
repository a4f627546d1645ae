"""`ombudslink verify-report` for readers outside of the platform: JSON and PDF, in words."""

import json
from pathlib import Path
from typing import Any

import pytest

from e2e.process import ombudslink, running
from ombudslink.proof.signing import load_ring
from ombudslink.testing.country import GENERAL, OFFICES
from ombudslink.testing.inspections import signer_of
from reports import RING, changed, on_paper, report, signed

WHOLE, BROKEN, UNTOLD, UNSIGNED = 0, 1, 2, 3


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """A folder with the offices' public keys."""
    folder = tmp_path / "keys"
    folder.mkdir()
    for office in OFFICES:
        (folder / f"{office}.pub").write_text(signer_of(office).public.hex(), encoding="ascii")
    assert load_ring(folder) == RING
    return folder


def without_one(document: dict[str, Any]) -> None:
    document["signatures"] = [s for s in document["signatures"] if s["office"] != GENERAL]


def one_word(document: dict[str, Any]) -> None:
    said = document["report"]["findings"][0]["finding"]
    said["text"] = said["text"].replace("бас тартты", "қабылдады")


SAYS = {
    "kk": ("Есеп толық, барлық қатысушының қолы расталды.", "қолы расталды"),
    "ru": ("Доклад цел, подписи всех участников подтверждены.", "подпись подтверждена"),
    "en": ("The report is whole, and the signature of every party holds.", "signed"),
}


@pytest.mark.parametrize("language", SAYS)
def test_a_report_that_every_party_signed_is_told_to_be_whole(
    tmp_path: Path, keys: Path, language: str
) -> None:
    file = tmp_path / "report.pdf"
    file.write_bytes(on_paper(signed(), language))
    options = ("--keys", str(keys), "--language", language)
    done = ombudslink(tmp_path, "verify-report", str(file), *options)
    assert done.returncode == WHOLE, done.stderr
    verdict, office = SAYS[language]
    assert verdict in done.stdout
    assert report().digest in done.stdout
    assert done.stdout.count(office) >= len(report().signers)
    for one in report().signers:
        assert signer_of(one).key_id in done.stdout


def test_what_was_changed_or_is_not_signed_ends_with_a_code_of_its_own(
    tmp_path: Path, keys: Path
) -> None:
    whole = signed().model_dump_json().encode()
    cases = {
        "whole.json": (whole, WHOLE, "whole"),
        "unsigned.json": (changed(without_one), UNSIGNED, "unsigned"),
        "changed.json": (changed(one_word), BROKEN, "broken"),
    }
    for name, (raw, code, verdict) in cases.items():
        file = tmp_path / name
        file.write_bytes(raw)
        done = ombudslink(tmp_path, "verify-report", str(file), "--keys", str(keys), "--json")
        assert done.returncode == code, name
        told = json.loads(done.stdout)
        assert told["verdict"] == verdict
        assert {one["office"] for one in told["offices"]} == {*report().signers}


def test_what_cannot_be_told_is_said_in_one_sentence(tmp_path: Path, keys: Path) -> None:
    (tmp_path / "text.json").write_text("Бірлескен есеп", encoding="utf-8")
    (tmp_path / "report.json").write_bytes(signed().model_dump_json().encode())
    empty = tmp_path / "empty"
    empty.mkdir()
    for file, folder in (("text.json", keys), ("nothing.json", keys), ("report.json", empty)):
        done = ombudslink(tmp_path, "verify-report", str(tmp_path / file), "--keys", str(folder))
        assert done.returncode == UNTOLD, file
        assert done.stderr.startswith("ombudslink: ")
        assert len(done.stderr.splitlines()) == 1
        assert not done.stdout


def test_without_keys_a_running_platform_is_asked_for_them(tmp_path: Path) -> None:
    # given a report whose offices a platform does not know
    file = tmp_path / "report.json"
    file.write_bytes(signed().model_dump_json().encode())
    with running(tmp_path / "data") as platform:
        done = ombudslink(tmp_path, "verify-report", str(file), "--at", platform.address, "--json")
    # then it is verified with the platform's keys alone
    assert done.returncode == BROKEN, done.stderr
    assert {one["found"] for one in json.loads(done.stdout)["offices"]} == {"unknown_key"}
    # and when nobody answers, that is said
    done = ombudslink(tmp_path, "verify-report", str(file), "--at", "http://127.0.0.1:9")
    assert done.returncode == UNTOLD
    assert len(done.stderr.splitlines()) == 1
