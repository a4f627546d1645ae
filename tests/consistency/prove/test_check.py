"""The checker itself: it finds nothing in a sound deployment, and names every planted fault."""

import time
import uuid
from pathlib import Path
from typing import Any

import pytest

from consistency.prove.check import main
from consistency.prove.findings import Findings
from consistency.prove.ledger import Ledger, Line
from consistency.prove.planting import Deployment
from consistency.prove.reading import COMMANDS, FEED, JOURNAL
from e2e.officer import Officer
from e2e.process import Running, running, told, until

CHILD, OTHER = {"affected": ["child"], "subject": "education"}, {"subject": "health"}


def file(platform: Running, ledger: Ledger, said: dict[str, Any]) -> str:
    key, sent = str(uuid.uuid4()), time.time()
    words = {"language": "kk", "who": {"name": "Айгүл"}, "text": "Шағым", **said}
    with platform.client() as client:
        for _ in range(2):
            headers = {"Idempotency-Key": key}
            answer = client.post("/intake/v1/complaints", json=words, headers=headers)
            ledger.filed(key, sent, answer.status_code, answer.json())
    return str(answer.json()["reference"])


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    """One complaint that an office took over, and another that stayed, everything at rest."""
    folder = tmp_path_factory.mktemp("sound")
    data, ledger = folder / "data", Ledger(folder / "ledger.jsonl")
    with running(data) as platform:
        file(platform, ledger, CHILD)
        file(platform, ledger, OTHER)
        officer = Officer(platform, "children")
        complaint = until(lambda: officer.find(todo="answer_referral"))
        officer.act(complaint, "referrals/1/acceptance")
        until(lambda: "examination" in officer.view(complaint)["acts"])
        officer.act(complaint, "examination")
        told(data, "verify", "--wait", "20")
        until(lambda: Deployment(data, folder / "ledger.jsonl", complaint).found().sound)
        platform.stop()
    ledger.close()
    return Deployment(data, folder / "ledger.jsonl", complaint)


@pytest.fixture
def spoilt(sound: Deployment, tmp_path: Path) -> Deployment:
    """The same, for a fault to be planted."""
    return sound.copy(tmp_path)


def names(
    found: Findings, invariant: str, what: str, where: str, stream: str = "", version: int = 0
) -> bool:
    """Whether just this was named."""
    return any(
        (one.invariant, one.stream, one.version) == (invariant, stream, version)
        and what in one.what
        and where in one.where
        for one in found.violations
    )


def test_in_a_sound_deployment_nothing_is_found(
    sound: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(str(sound.data), str(sound.ledger)) == 0
    said = capsys.readouterr().out
    assert said.endswith("SOUND\n")
    assert "4  filings answered 201" in said
    assert sound.found().counts["events in the journal"] > 10


def test_a_lost_event_is_named(spoilt: Deployment) -> None:
    with spoilt.store("children") as store:
        store.execute("DELETE FROM event WHERE stream = ? AND version = 3", (spoilt.complaint,))

    found = spoilt.found()

    assert names(found, "I3", "version 3 is missing", "children", spoilt.complaint, 4)


def test_a_lost_history_is_named(spoilt: Deployment) -> None:
    with spoilt.store("children") as store:
        store.execute("DELETE FROM event WHERE stream = ?", (spoilt.complaint,))
        store.execute("DELETE FROM stream WHERE stream = ?", (spoilt.complaint,))

    assert names(spoilt.found(), "I5", "a history is lost", "children", spoilt.complaint, 1)


def test_a_truncated_store_is_named(spoilt: Deployment) -> None:
    bodies = spoilt.bodies("children")
    spoilt.rewrite("children", bodies[:-2])

    version = len(bodies) - 1
    assert names(spoilt.found(), "I5", "the end is lost", "children", spoilt.complaint, version)


@pytest.mark.parametrize("topic", [COMMANDS, JOURNAL, f"{FEED}children"])
def test_a_truncated_log_is_named(topic: str, spoilt: Deployment) -> None:
    with spoilt.log() as log:
        place = "SELECT partition, offset FROM record WHERE topic = ? ORDER BY time DESC LIMIT 1"
        partition, offset = log.execute(place, (topic,)).fetchone()
        tail = "DELETE FROM record WHERE topic = ? AND partition = ? AND offset >= ?"
        log.execute(tail, (topic, partition, offset))

    found = spoilt.found()

    assert names(found, "I3", f"the log ends at {offset}", f"{topic}/{partition}")


def test_an_event_that_the_journal_lost_is_named(spoilt: Deployment) -> None:
    last = len(spoilt.bodies("routing"))
    with spoilt.log() as log:
        event = "json_extract(headers, '$.ce_id') = ?"
        log.execute(
            f"DELETE FROM record WHERE topic = ? AND {event}",  # noqa: S608 - no value in it
            (JOURNAL, f"{spoilt.complaint}/{last}"),
        )

    found = spoilt.found()

    assert names(found, "invariant 9", "differs", "routing", spoilt.complaint, last)


def test_a_filing_that_was_decided_twice_is_named(spoilt: Deployment) -> None:
    version = spoilt.forge()

    found = spoilt.found()

    assert names(found, "invariant 8", "ComplaintFiled", "routing", spoilt.complaint, version)
    assert names(found, "invariant 8", "not the events", "routing", spoilt.complaint, 1)


def test_a_decision_that_differs_from_an_earlier_one_is_named(spoilt: Deployment) -> None:
    with spoilt.log() as log:
        row = "SELECT partition, offset, value FROM record WHERE topic = ? AND key = ? ORDER BY 2"
        partition, offset, value = log.execute(row, (JOURNAL, spoilt.complaint)).fetchone()
        again = value.replace(b'"offset":', b'"offset":9')
        log.execute(
            "INSERT INTO record SELECT topic, partition, (SELECT max(offset) + 1 FROM record"
            " WHERE topic = ?1 AND partition = ?2), time, key, ?4, headers FROM record"
            " WHERE topic = ?1 AND partition = ?2 AND offset = ?3",
            (JOURNAL, partition, offset, again),
        )

    found = spoilt.found()

    assert names(found, "invariant 8", "decided twice", JOURNAL, spoilt.complaint, 1)


@pytest.mark.parametrize("topic", [JOURNAL, f"{FEED}children"])
def test_reordered_records_are_named(topic: str, spoilt: Deployment) -> None:
    with spoilt.log() as log:
        query = (
            "SELECT partition, offset FROM record WHERE topic = ? AND"
            " json_extract(headers, '$.ce_id') = ?"
        )
        (partition, second), (_, third) = (
            log.execute(query, (topic, f"{spoilt.complaint}/{version}")).fetchone()
            for version in (2, 3)
        )
        move = "UPDATE record SET offset = ? WHERE topic = ? AND partition = ? AND offset = ?"
        for to, from_ in ((-1, second), (second, third), (third, -1)):
            log.execute(move, (to, topic, partition, from_))

    found = spoilt.found()

    invariant = "I3" if topic == JOURNAL else "I5"
    assert names(found, invariant, "version 2", topic, spoilt.complaint, 3)


def test_swapped_bodies_are_named(spoilt: Deployment) -> None:
    one, two, three, *more = spoilt.bodies("human-rights")
    spoilt.rewrite("human-rights", [one, three, two, *more])

    found = spoilt.found()

    assert names(found, "I4", "another event's", "human-rights", spoilt.complaint, 2)


def test_a_body_that_was_rewritten_with_all_hashes_is_named(spoilt: Deployment) -> None:
    one, *more = spoilt.bodies("reporting")
    spoilt.rewrite("reporting", [one.replace(b'"education"', b'"fducation"'), *more])

    found = spoilt.found()

    assert names(found, "invariant 9", "differs", "reporting", spoilt.complaint, 1)


def test_a_201_for_nothing_is_named(spoilt: Deployment) -> None:
    lie = Line("filing", "a key", 1.0, 2.0, 201, reference="0000-0000-0000", code="1")

    assert names(spoilt.found(lie), "I1", "not there", "a key")


def test_a_201_whose_filing_was_never_decided_is_named(spoilt: Deployment) -> None:
    with spoilt.log() as log:
        log.execute("DELETE FROM record WHERE key = ?", (spoilt.complaint,))

    found = spoilt.found()

    assert names(found, "I1", "not in the journal", "key", spoilt.complaint, 1)


def test_another_receipt_for_the_same_key_is_named(spoilt: Deployment) -> None:
    lies = [Line("filing", "k", 1.0, 2.0, 201, reference="r", code=code) for code in ("1", "2")]

    assert names(spoilt.found(*lies), "I1", "two receipts", "key k")


def test_a_filing_that_nobody_sent_is_named(spoilt: Deployment) -> None:
    with spoilt.store("intake") as store:
        insert = "INSERT INTO filing SELECT 'c', 'd', 'e', request, issue, filed, on_portal"
        store.execute(f"{insert} FROM filing LIMIT 1")

    assert names(spoilt.found(), "I2", "nobody sent", "intake", "c", 1)


@pytest.mark.parametrize(
    ("line", "what"),
    [
        (Line("filing", "k", 1.0, 2.0, 503), "without Retry-After"),
        (Line("filing", "k", 1.0, 2.0, 500), "an error of the program"),
    ],
)
def test_an_answer_that_does_not_help_is_named(line: Line, what: str, sound: Deployment) -> None:
    assert names(sound.found(line), "I9", what, "key k")


def test_an_acknowledged_act_that_was_not_decided_is_named(sound: Deployment) -> None:
    act = Line("act", "k", 1.0, 2.0, 202, by="children", complaint="s", command="unknown")

    assert names(sound.found(act), "invariant 11", "not decided", "children", "s")


def test_a_status_that_goes_back_is_named(sound: Deployment) -> None:
    shown = [
        Line("status", "r", 1.0, 2.0, 200, version=version, etag=str(version), content="same")
        for version in (3, 2)
    ]

    found = sound.found(*shown)

    assert names(found, "I8", "went back", "reference r")
    assert names(found, "I8", "ETag", "reference r")


def test_a_history_in_the_store_of_an_office_that_is_not_party_is_named(spoilt: Deployment) -> None:
    spoilt.rewrite("vulnerable", spoilt.bodies("children"))

    found = spoilt.found()

    assert names(found, "invariant 12", "not party", "vulnerable", spoilt.complaint, 1)


def test_an_event_in_the_feed_of_an_office_that_is_not_party_is_named(spoilt: Deployment) -> None:
    with spoilt.log() as log:
        log.execute(
            "INSERT INTO record SELECT ?, 0, 0, time, key, value, headers FROM record"
            " WHERE topic = ? AND json_extract(headers, '$.ce_id') = ?",
            (f"{FEED}vulnerable", f"{FEED}children", f"{spoilt.complaint}/1"),
        )

    found = spoilt.found()

    assert names(found, "invariant 12", "not party", f"{FEED}vulnerable", spoilt.complaint, 1)


@pytest.mark.parametrize(
    ("type_", "data", "what"),
    [
        ("ReferralAccepted", {"referral": 1, "custodian": "vulnerable"}, "does not wait for it"),
        ("ExaminationStarted", {"office": "human-rights"}, "human-rights acts as a second"),
    ],
)
def test_a_second_custodian_is_named(
    type_: str, data: dict[str, Any], what: str, spoilt: Deployment
) -> None:
    version = spoilt.forge(type=type_, data=data)

    found = spoilt.found()

    assert names(found, "invariant 1", what, "routing", spoilt.complaint, version)


def test_a_second_transfer_before_the_first_is_answered_is_named(spoilt: Deployment) -> None:
    request = {"kind": "transfer", "sender": "children", "receiver": "human-rights"}
    spoilt.forge(type="ReferredTo", data={"referral": 2, **request})
    version = spoilt.forge(type="ReferredTo", data={"referral": 3, **request})

    found = spoilt.found()

    assert names(found, "invariant 2", "two transfers", "routing", spoilt.complaint, version)


def test_a_command_without_outcome_is_named(spoilt: Deployment) -> None:
    with spoilt.store("intake") as store:
        store.execute("UPDATE command SET outcome = NULL WHERE type = 'RecordNotice'")

    found = spoilt.found()

    assert names(found, "invariant 11", "without outcome", "intake", spoilt.complaint)


def test_what_still_waits_is_named(spoilt: Deployment) -> None:
    with spoilt.store("children") as store:
        store.execute("INSERT INTO outbox VALUES (1, 't', 'k', 1, '{}', x'00')")

    assert names(spoilt.found(), "I10", "1 rows wait in outbox", "children")
