"""The commands of an operator, on the data folder of a platform that ran and was stopped."""

import json
import re
import shutil
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from e2e.process import Running, ombudslink, running, start, told, until
from onebox.platform import CONFIGURATION
from tampering import edited, sql, tamper

FILED = 3
SAID = {
    "language": "ru",
    "who": {"name": "Иван"},
    "subject": "education",
    "affected": ["child"],
    "text": "Не принимают в школу.",
}


@dataclass(frozen=True)
class Stopped:
    """A folder, the complaints in it, and the keys that were printed."""

    data: Path
    complaints: list[str]
    references: list[str]
    keys: dict[str, str]


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Stopped:
    """Three complaints about children, each forwarded and received; never changed, only copied."""
    data = tmp_path_factory.mktemp("cli") / "data"
    with running(data) as platform:
        references = [file(platform.address, "/intake") for _ in range(FILED)]
        with platform.client("children", "/offices/children/v1") as office:
            until(lambda: len(to_answer(office)) == FILED)
            complaints = to_answer(office)
        assert ombudslink(data, "verify", "--wait", "20").returncode == 0
        platform.stop()
    return Stopped(data, complaints, references, platform.keys)


@pytest.fixture
def stopped(once: Stopped, tmp_path: Path) -> Stopped:
    copy = Path(shutil.copytree(once.data, tmp_path / "data"))
    return Stopped(copy, once.complaints, once.references, once.keys)


def file(address: str, place: str, **more: str) -> str:
    answer = httpx.post(
        f"{address}{place}/v1/complaints",
        json={**SAID, **more},
        headers={"Idempotency-Key": str(uuid.uuid4())},
    )
    assert answer.status_code == httpx.codes.CREATED, answer.text
    return str(answer.json()["reference"])


def to_answer(office: httpx.Client) -> list[str]:
    entries = office.get("/complaints", params={"todo": "answer_referral"}).json()["complaints"]
    return [entry["complaint"] for entry in entries]


def rows(database: Path, query: str, *values: object) -> list[Any]:
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
        return connection.execute(query, values).fetchall()


def verified(data: Path, *options: str) -> tuple[int, Any]:
    done = ombudslink(data, "verify", "--json", *options)
    return done.returncode, json.loads(done.stdout)


def test_equal_stores_are_told_by_exit_code_0(stopped: Stopped) -> None:
    code, report = verified(stopped.data)
    assert code == 0
    assert report["verdict"] == "equal"
    assert report["streams"] == FILED
    assert ombudslink(stopped.data, "verify").stdout.startswith(f"equal: {FILED} histories")


def test_a_store_that_is_behind_is_told_by_exit_code_3_and_its_lag(stopped: Stopped) -> None:
    lost = stopped.complaints[0]
    forget = ("DELETE FROM event WHERE stream = :id", "DELETE FROM stream WHERE stream = :id")
    tamper(stopped.data / "stores/children.sqlite", sql(*forget, id=lost))
    code, report = verified(stopped.data, "--wait", "1")
    assert code == 3
    [lag] = report["behind"]
    assert (lag["participant"], lag["stream"], lag["has"]) == ("children", lost, 0)
    assert lag["needs"] >= 4
    assert lost in ombudslink(stopped.data, "verify").stdout


def test_a_store_that_is_not_there_is_named(stopped: Stopped) -> None:
    (stopped.data / "stores/children.sqlite").unlink()
    done = ombudslink(stopped.data, "verify")
    assert done.returncode == 2
    assert "the database of 'children' is missing" in done.stderr


def test_an_edited_event_is_told_by_exit_code_1_with_stream_and_version(stopped: Stopped) -> None:
    touched, store = stopped.complaints[1], stopped.data / "stores/reporting.sqlite"
    query = "SELECT body FROM event WHERE stream = ? AND version = 2"
    [(body,)] = rows(store, query, touched)
    change = "UPDATE event SET body = :body WHERE stream = :id AND version = 2"
    tamper(store, sql(change, id=touched, body=edited(body, author="children")))
    code, report = verified(stopped.data)
    assert code == 1
    [found] = report["diverged"]
    assert (found["stream"], found["version"], found["stores"]) == (touched, 2, ["reporting"])
    raw = ombudslink(stopped.data, "history", touched, "--store", "reporting")
    assert raw.returncode == 1
    assert "WRONG" in raw.stdout.splitlines()[2]


def test_a_history_is_found_by_reference_however_it_is_typed(stopped: Stopped) -> None:
    reference = stopped.references[0]
    plain = told(stopped.data, "history", reference.replace("-", "").lower())
    assert plain == told(stopped.data, "history", reference)
    misread = reference.replace("0", "O").replace("1", "l").replace("-", " ")
    assert plain == told(stopped.data, "history", misread)
    assert plain["complaint"] in stopped.complaints
    assert [event["body"]["version"] for event in plain["events"]][:3] == [1, 2, 3]
    assert all(event["verified"] for event in plain["events"])


def test_an_unknown_reference_is_refused_in_a_sentence(stopped: Stopped) -> None:
    done = ombudslink(stopped.data, "story", "0000-0000-0000")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "ombudslink: nothing was filed under that reference\n"


def test_a_story_is_told_in_the_readers_language(stopped: Stopped) -> None:
    shown = ombudslink(stopped.data, "story", stopped.references[0], "--language", "kk").stdout
    assert "Шағым берілді" in shown
    assert "children, human-rights, intake, reporting, routing" in shown


def test_a_story_is_told_in_words_and_not_in_codes(stopped: Stopped) -> None:
    shown = ombudslink(stopped.data, "story", stopped.references[0], "--language", "ru").stdout
    text = " ".join(shown.split())
    told_so = ("заявитель Жалоба подана", "через сайт", "Ребёнок (до 18 лет)", "наверняка: да")
    assert all(words in text for words in told_so), text
    codes = ("True", "education", "transfer", "competence", ".000Z")
    assert not any(code in text for code in codes), text
    # and no fact is named as in the event
    assert re.findall(r"[a-z_]+: ", text) == []


def test_a_story_is_found_by_the_number_in_an_offices_register(stopped: Stopped) -> None:
    children = stopped.data / "stores/children.sqlite"
    [(number, complaint)] = rows(children, "SELECT number, complaint FROM registration LIMIT 1")
    for command in ("story", "history"):
        assert told(stopped.data, command, number.lower())["complaint"] == complaint
    unknown = ombudslink(stopped.data, "story", "CH-1999/000001")
    assert unknown.returncode == 1
    assert unknown.stderr == ("ombudslink: 0 complaints have that number in an office's register\n")


def test_a_key_is_good_at_once_and_revoked_at_once(stopped: Stopped) -> None:
    with running(stopped.data) as platform:
        key = ombudslink(stopped.data, "keys", "issue", "children").stdout.strip()
        platform.keys = {"new": key}
        with platform.client("new", "/offices/children/v1") as office:
            assert len(to_answer(office)) == FILED
            before = told(stopped.data, "keys", "list")
            newest = max(before, key=lambda access: access["issued"])
            assert key not in json.dumps(before)
            done = ombudslink(stopped.data, "keys", "revoke", newest["digest"][:12])
            assert newest["digest"] in done.stdout
            assert office.get("/complaints").status_code == httpx.codes.UNAUTHORIZED
        assert len(told(stopped.data, "keys", "list")) == len(before) - 1


def test_a_key_is_made_only_for_who_is_there_and_revoked_only_when_it_is_one(
    stopped: Stopped,
) -> None:
    issued = ombudslink(stopped.data, "keys", "issue", "nobody")
    assert issued.returncode == 1
    assert "no such holder" in issued.stderr
    revoked = ombudslink(stopped.data, "keys", "revoke", "")
    assert revoked.returncode == 1
    assert "at least 8 characters" in revoked.stderr


def test_an_office_that_was_configured_later_gets_its_keys_by_command(
    stopped: Stopped, tmp_path: Path
) -> None:
    # Given a fifth office in the configuration
    configuration = Path(shutil.copytree(CONFIGURATION, tmp_path / "configuration"))
    offices = configuration / "offices" / "kz"
    fifth = (offices / "vulnerable.toml").read_text().replace('"vulnerable"', '"veterans"')
    (offices / "veterans.toml").write_text(fifth)
    own = {"OMBUDSLINK_CONFIGURATION": str(configuration)}

    # Then the platform says what to do, and starts once it is done
    refused = ombudslink(stopped.data, "run", **own)
    assert refused.returncode == 1
    assert "ombudslink keys add veterans" in refused.stderr
    assert ombudslink(stopped.data, "keys", "add", "veterans", **own).returncode == 0
    again = ombudslink(stopped.data, "keys", "add", "veterans", **own)
    assert "has keys already" in again.stderr
    with running(stopped.data, **own) as platform:
        until(lambda: platform.client().get("/health/ready").status_code == 200)


def test_a_read_model_is_the_same_after_a_rebuild(stopped: Stopped) -> None:
    store, everything = stopped.data / "stores/children.sqlite", "SELECT * FROM inbox ORDER BY 1"
    before = rows(store, everything)
    assert len(before) == FILED
    tamper(store, sql("DELETE FROM inbox"))
    done = ombudslink(stopped.data, "rebuild", "inbox", "--store", "children")
    assert done.stdout == "children: inbox was rebuilt\n"
    assert rows(store, everything) == before


def test_nothing_is_rebuilt_under_a_running_service(stopped: Stopped) -> None:
    with running(stopped.data):
        done = ombudslink(stopped.data, "rebuild", "--store", "children")
    assert done.returncode == 1
    assert "another process is using the database" in done.stderr
    unknown = ombudslink(stopped.data, "rebuild", "nothing", "--store", "children")
    assert "no store has a read model 'nothing'" in unknown.stderr


def test_a_dead_letter_is_listed_and_applied_when_it_is_tried_again(stopped: Stopped) -> None:
    # Given an event that could not be applied in one store
    stream, store = stopped.complaints[0], stopped.data / "stores/reporting.sqlite"
    last = "SELECT version, body, hash FROM event WHERE stream = ? ORDER BY version DESC LIMIT 2"
    (version, body, _), (_, _, previous) = rows(store, last, stream)
    tamper(
        store,
        sql(
            "DELETE FROM event WHERE stream = :id AND version = :version",
            "UPDATE stream SET version = :version - 1, hash = :previous WHERE stream = :id",
            "INSERT INTO parked (stream, version, previous, body, since, reason) VALUES"
            " (:id, :version, :previous, :body,"
            " '2026-01-01T00:00:00.000Z', 'ValueError at here.py:1')",
            id=stream,
            version=version,
            previous=previous,
            body=body,
        ),
    )
    [letter] = told(stopped.data, "deadletters")
    assert letter == {
        "store": "reporting",
        "stream": stream,
        "version": version,
        "reason": "ValueError at here.py:1",
        "since": "2026-01-01T00:00:00.000Z",
    }
    assert verified(stopped.data)[0] == 3

    # When it is tried again
    done = ombudslink(stopped.data, "deadletters", "--retry")

    # Then it is applied
    assert done.stdout == "no dead letters\n"
    assert verified(stopped.data)[0] == 0


SEPARATE = (
    ("routing",),
    ("intake",),
    ("reporting",),
    ("case-tracking", "--office", "andalusia"),
    ("case-tracking", "--office", "catalonia"),
)


@pytest.fixture
def separate(tmp_path: Path) -> Iterator[dict[str, Running]]:
    """Every service of two offices, each a process of its own, on one new data folder and log."""
    with ExitStack() as stack:
        found: dict[str, Running] = {}
        for service in SEPARATE:
            places = {
                name: found[other].address
                for name, other in (("REGISTRAR", "routing"), ("INTAKE", "intake"))
                if other in found
            }
            own = {f"OMBUDSLINK_{name}": place for name, place in places.items()}
            one = start(tmp_path / "data", "serve", *service, OMBUDSLINK_COUNTRY="es", **own)
            stack.callback(one.kill)
            found[service[-1]] = one.started()
        yield found


def test_services_in_processes_of_their_own_meet_in_the_log(
    separate: dict[str, Running], tmp_path: Path
) -> None:
    # Given a complaint for the second office, and a key of that office
    data = tmp_path / "data"
    file(separate["intake"].address, "", region="catalonia")
    office = separate["catalonia"]
    office.keys["own"] = ombudslink(data, "keys", "issue", "catalonia").stdout.strip()

    # When that office accepts what was forwarded to it
    with office.client("own", "/v1") as http:
        [complaint] = until(lambda: to_answer(http))
        seen = http.get(f"/complaints/{complaint}").headers["ETag"]
        headers = {"If-Match": seen, "Idempotency-Key": "1"}
        accepted = http.post(f"/complaints/{complaint}/referrals/1/acceptance", headers=headers)
        assert accepted.status_code == httpx.codes.OK, accepted.text
        until(lambda: http.get(f"/complaints/{complaint}/content").is_success)

    # Then all stores are equal, reporting counts it, and every process stops in order
    assert ombudslink(data, "verify", "--wait", "20").returncode == 0
    year = datetime.now(UTC).year
    period = {"from": f"{year - 1}-12", "to": f"{year}-12"}
    address = separate["reporting"].address
    figures = httpx.get(f"{address}/v1/statistics/complaints", params=period)
    assert figures.status_code == httpx.codes.OK, figures.text
    for service in separate.values():
        service.stop()


def test_which_service_is_meant_must_be_said(stopped: Stopped) -> None:
    nobodys = ombudslink(stopped.data, "serve", "case-tracking")
    assert "say whose case-tracking with --office" in nobodys.stderr
    unknown = ombudslink(stopped.data, "serve", "nothing")
    assert "no such service" in unknown.stderr
    assert (nobodys.returncode, unknown.returncode) == (1, 1)
