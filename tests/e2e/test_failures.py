"""When the platform cannot start, it says why in one sentence, and changes nothing."""

import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from e2e.process import ombudslink, running

Snapshot = dict[str, bytes]


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a platform that ran and was stopped; never changed, only copied."""
    data = tmp_path_factory.mktemp("stopped") / "data"
    with running(data) as platform:
        platform.stop()
    return data


@pytest.fixture
def data(stopped: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(stopped, tmp_path / "data"))


def content(data: Path) -> Snapshot:
    """Every file but locks and what SQLite keeps only while a database is open."""
    passing = (".lock", "-wal", "-shm")
    files = (p for p in sorted(data.rglob("*")) if p.is_file() and not p.name.endswith(passing))
    return {str(path.relative_to(data)): path.read_bytes() for path in files}


def refused(done: "subprocess.CompletedProcess[str]", *named: str, code: int = 1) -> None:
    """It ended with one sentence that names these."""
    assert done.returncode == code, done.stderr
    sentences = [line for line in done.stderr.splitlines() if not line.startswith("{")]
    assert len(sentences) == 1, done.stderr
    assert sentences[0].startswith("ombudslink: ")
    for name in named:
        assert name in sentences[0]


def test_a_busy_port_is_named_and_no_folder_is_made(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        refused(ombudslink(tmp_path / "new", "run", PORT=port), f"port {port} is in use")
    assert not (tmp_path / "new").exists()


def test_an_address_of_another_machine_is_refused(tmp_path: Path) -> None:
    refused(
        ombudslink(tmp_path / "new", "run", "--host", "192.0.2.1"), "cannot listen on 192.0.2.1"
    )


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"mine")
    refused(ombudslink(tmp_path, "run"), "not empty", "nothing was changed")
    assert content(tmp_path) == {"photo.jpg": b"mine"}


def test_a_folder_that_is_in_use_is_refused(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with running(data) as platform:
        refused(ombudslink(data, "run"), "another process is using the database")
        assert platform.client().get("/health/live").status_code == 200


def test_a_damaged_installation_file_is_named(data: Path) -> None:
    (data / "installation.json").write_text("{")
    refused_without_a_trace(data, "description is damaged", "installation.json")


@pytest.mark.parametrize("file", ["stores/children.sqlite", "stores/routing.sqlite"])
def test_a_damaged_database_is_named(data: Path, file: str) -> None:
    spoil(data / file)
    refused_without_a_trace(data, "the database is damaged", file)


def test_a_database_that_is_none_is_named(data: Path) -> None:
    (data / "stores/intake.sqlite").write_bytes(b"no database at all, but rather long" * 200)
    refused_without_a_trace(data, "the database is damaged", "stores/intake.sqlite")


def test_a_damaged_log_is_named(data: Path) -> None:
    spoil(data / "log.sqlite")
    refused_without_a_trace(data, "the log is damaged", "log.sqlite")


@pytest.mark.parametrize(
    "file", ["keys/intake/vault.key", "keys/children/signing.key", "public/routing.pub"]
)
def test_a_lost_key_file_is_named_and_no_new_one_is_made(data: Path, file: str) -> None:
    (data / file).unlink()
    refused_without_a_trace(data, "key file is missing", file)
    assert not (data / file).exists()


def test_a_lost_api_key_of_a_service_is_named(data: Path) -> None:
    (data / "keys/children/api.key").unlink()
    refused_without_a_trace(data, "key file cannot be read", "keys/children/api.key")


@pytest.mark.parametrize("text", ["", "not hexadecimal", "00ff"])
def test_a_key_file_with_something_else_in_it_is_named(data: Path, text: str) -> None:
    (data / "keys/intake/vault.key").write_text(text)
    refused_without_a_trace(data, "key file", "keys/intake/vault.key")


def test_a_configuration_that_is_wrong_is_named(data: Path, tmp_path: Path) -> None:
    (tmp_path / "offices" / "kz").mkdir(parents=True)
    (tmp_path / "offices" / "kz" / "one.toml").write_text("id = ")
    refused_without_a_trace(data, "configuration file", OMBUDSLINK_CONFIGURATION=str(tmp_path))


def test_a_country_that_is_not_configured_is_named_and_no_folder_is_made(tmp_path: Path) -> None:
    refused(ombudslink(tmp_path / "new", "run", "--country", "xx"), "no offices are configured")
    assert not (tmp_path / "new").exists()


def test_a_wrong_setting_is_named_without_its_value(tmp_path: Path) -> None:
    done = ombudslink(tmp_path / "new", "run", OMBUDSLINK_COUNTRY="Ruritania!")
    refused(done, "setting country")
    assert "Ruritania" not in done.stderr


def test_a_read_only_folder_is_named(data: Path) -> None:
    for path in (data, *data.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    done = ombudslink(data, "run", hardship="no-rights")
    for path in (data, *data.rglob("*")):
        path.chmod(0o755)
    refused(done, "cannot write", str(data))


def test_a_new_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    done = ombudslink(tmp_path / "data", "run", hardship="no-rights")
    tmp_path.chmod(0o755)
    refused(done, "the data folder cannot be written")


def test_a_full_disk_is_named(tmp_path: Path) -> None:
    done = ombudslink(tmp_path / "data", "run", hardship="full-disk")
    refused(done, "the disk is full", "Make room")


def test_a_data_folder_that_is_not_there_is_refused_by_what_only_reads(tmp_path: Path) -> None:
    for command in (["story", "0000-0000-0000"], ["keys", "list"], ["deadletters"]):
        refused(ombudslink(tmp_path / "new", *command), "there is no installation")
    refused(ombudslink(tmp_path / "new", "verify"), "there is no installation", code=2)
    assert not (tmp_path / "new").exists()


def test_what_cannot_be_verified_is_told_from_what_differs(data: Path) -> None:
    (data / "stores/children.sqlite").unlink()
    refused(ombudslink(data, "verify"), "is missing", "children", code=2)


def refused_without_a_trace(data: Path, *named: str, **more: str) -> None:
    before = content(data)
    refused(ombudslink(data, "run", **more), *named)
    after = content(data)
    assert after.keys() == before.keys()
    # A sound database may have been opened before the damaged one; opening counts in its header.
    sound = {name for name in before if name.startswith("stores/")} - set(named)
    assert {name for name in before if before[name] != after[name]} <= sound


def spoil(file: Path) -> None:
    """Overwrite the middle of a database, as a dying disk does."""
    raw = bytearray(file.read_bytes())
    assert len(raw) > 3 * 4096
    for page in range(2, len(raw) // 4096):
        raw[page * 4096 : page * 4096 + 2048] = b"\xde\xad" * 1024
    file.write_bytes(raw)
