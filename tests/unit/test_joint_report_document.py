"""The joint report as a document: the same for whoever composes it; no change goes unnoticed."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import reports
from ombudslink import inspection_commands as c
from ombudslink.inspection import Part
from ombudslink.proof.chain import canonical, digest
from ombudslink.proof.composing import Incomplete, composed
from ombudslink.proof.reports import SignedReport
from ombudslink.proof.signed_reports import NoReport, Standing, verify_report
from ombudslink.proof.signing import KeyRing
from ombudslink.testing.builders import content, order
from ombudslink.testing.country import (
    CHILDREN,
    ENTREPRENEURS,
    GENERAL,
    OFFICES,
    VULNERABLE,
)
from ombudslink.testing.histories import told
from ombudslink.testing.inspections import reported, signer_of, silent, voted
from reports import REPORT, RING, TEXTS, changed, history, signed

Change = Callable[[dict[str, Any]], None]


def test_the_document_tells_who_took_part_what_was_found_and_every_dissent_in_full() -> None:
    document = reports.report()
    parts = {one.office: (one.part, one.lead, one.mandatory) for one in document.parties}
    assert parts[CHILDREN] == (Part.JOINED, True, True)
    assert parts[VULNERABLE] == (Part.JOINED, False, True)
    assert parts[GENERAL] == (Part.JOINED, False, True)
    assert parts[ENTREPRENEURS] == (Part.INVITED, False, False)
    assert {*document.signers} == {CHILDREN, GENERAL, VULNERABLE}
    (found,) = document.findings
    assert found.finding.text == reports.FINDING
    assert {vote.office: vote.agrees for vote in found.votes} == {
        CHILDREN: True,
        GENERAL: False,
        VULNERABLE: True,
    }
    (dissent,) = (vote.dissent for vote in found.votes if vote.dissent)
    assert dissent.text == reports.DISSENT
    assert dissent.digest == content(24).digest
    (task,), (evidence,) = document.tasks, document.evidence
    assert (task.office, task.kind, task.done is not None) == (GENERAL, "visit", True)
    assert (evidence.office, evidence.kind) == (GENERAL, "document")
    assert document.history.version == len(history())
    assert document.history.hash == history()[-1].hash.hex()
    assert document.digest == digest(canonical(document.model_dump(mode="json")))


def test_what_evidence_and_tasks_say_is_in_no_report() -> None:
    said = reports.report().model_dump_json()
    for number in (21, 22):
        assert str(TEXTS[content(number).id]["text"]) not in said


def test_a_vote_that_was_changed_counts_as_it_was_last_said() -> None:
    past = told(
        (
            *voted(),
            order(c.AgreeFindings(finding=1), GENERAL),
            order(c.RecordDissent(finding=1, content=content(26, holder=GENERAL)), GENERAL),
        ),
        reports.INSPECTION,
    )
    texts = {**TEXTS, content(26).id: {"text": "Енді басқаша."}}
    document = composed([one.envelope for one in past], past[-1].hash, REPORT, texts)
    (dissent,) = (v.dissent for v in document.findings[0].votes if v.dissent is not None)
    assert dissent.text == "Енді басқаша."


def test_an_office_that_was_silent_is_named_with_the_ground_of_opening_without_it() -> None:
    past = told((*silent(), order(c.OpenInspection(ground="silent"), CHILDREN)))
    document = composed([one.envelope for one in past], past[-1].hash, REPORT, TEXTS)
    assert document.opened.silent == (VULNERABLE,)
    assert document.opened.ground == "silent"
    assert VULNERABLE not in document.signers


def test_without_one_of_the_texts_there_is_no_document() -> None:
    needed = {content(n).id for n in (20, 23, 24, 25)}
    for missing in needed:
        with pytest.raises(Incomplete):
            reports.report({id_: said for id_, said in TEXTS.items() if id_ != missing})
    assert reports.report({id_: TEXTS[id_] for id_ in needed}) == reports.report()


texts = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=40)


@settings(deadline=None)
@given(said=st.lists(texts, min_size=6, max_size=6), order_=st.permutations(sorted(TEXTS)))
def test_any_party_composes_the_same_document_from_its_own_copies(
    said: list[str], order_: list[str]
) -> None:
    written = {id_: {**TEXTS[id_], "text": said[n]} for n, id_ in enumerate(sorted(TEXTS))}
    own = {id_: json.loads(json.dumps(written[id_])) for id_ in order_}
    one, other = reports.report(written), reports.report(own)
    assert one == other
    assert one.digest == other.digest
    whole = signed(one)
    read = SignedReport.model_validate_json(whole.model_dump_json())
    assert read == whole
    assert verify_report(whole.model_dump_json().encode(), RING).verdict == "whole"


@settings(deadline=None)
@given(at=st.integers(0, 5), letter=texts)
def test_another_text_anywhere_is_another_document(at: int, letter: str) -> None:
    id_ = sorted(content(n).id for n in (20, 23, 24, 25))[at % 4]
    other = {**TEXTS, id_: {**TEXTS[id_], "text": str(TEXTS[id_]["text"]) + letter}}
    assert reports.report(other).digest != reports.report().digest


def test_every_event_of_the_history_is_bound_by_its_hash() -> None:
    past = history()
    document = composed([one.envelope for one in past], past[-1].hash, REPORT, TEXTS)
    forged = composed([one.envelope for one in past], past[-2].hash, REPORT, TEXTS)
    assert document.digest != forged.digest


def test_what_every_party_signed_is_whole() -> None:
    found = verify_report(signed().model_dump_json().encode(), RING)
    assert found.verdict == "whole"
    assert found.digest == reports.report().digest
    assert {one.office: one.standing for one in found.offices} == dict.fromkeys(
        (CHILDREN, GENERAL, VULNERABLE), Standing.SIGNED
    )


def test_the_file_may_be_spaced_and_ordered_otherwise() -> None:
    document = json.loads(signed().model_dump_json())
    document = {name: document[name] for name in reversed(document)}
    for indent in (None, 1):
        raw = json.dumps(document, indent=indent, ensure_ascii=bool(indent)).encode()
        assert verify_report(raw, RING).verdict == "whole"


def _word(document: dict[str, Any]) -> None:
    said = document["report"]["findings"][0]["finding"]
    said["text"] = said["text"].replace("бас тартты", "бас тартпады")


def _dissent(document: dict[str, Any]) -> None:
    (vote,) = (v for v in document["report"]["findings"][0]["votes"] if not v["agrees"])
    vote |= {"agrees": True, "dissent": None}


def _recommendation(document: dict[str, Any]) -> None:
    document["report"]["conclusions"]["recommendations"].pop()


def _party(document: dict[str, Any]) -> None:
    report = document["report"]
    report["parties"] = [one for one in report["parties"] if one["office"] != GENERAL]
    document["signatures"] = [s for s in document["signatures"] if s["office"] != GENERAL]


def _space(document: dict[str, Any]) -> None:
    document["report"]["conclusions"]["method"] += " "


def _date(document: dict[str, Any]) -> None:
    document["report"]["history"]["at"] = "2026-03-02T05:00:00.001Z"


def _spelling(document: dict[str, Any]) -> None:
    # the same instant, and other bytes
    at = document["report"]["history"]["at"]
    document["report"]["history"]["at"] = at.replace("Z", "+00:00")


def _digest(document: dict[str, Any]) -> None:
    document["signatures"][0]["digest"] = "0" * 64


def _exchange(document: dict[str, Any]) -> None:
    one, other = document["signatures"][:2]
    one["signature"], other["signature"] = other["signature"], one["signature"]


def _exchange_keys(document: dict[str, Any]) -> None:
    one, other = document["signatures"][:2]
    for name in ("signature", "key"):
        one[name], other[name] = other[name], one[name]


def _twice(document: dict[str, Any]) -> None:
    again = {**document["signatures"][0], "signature": "A" * 86}
    document["signatures"].append(again)


@pytest.mark.parametrize(
    "change",
    [
        *(_word, _dissent, _recommendation, _party, _space, _date, _spelling),
        *(_digest, _exchange, _exchange_keys, _twice),
    ],
)
def test_a_change_is_found(change: Change) -> None:
    found = verify_report(changed(change), RING)
    assert found.verdict == "broken"
    assert Standing.WRONG in {one.standing for one in found.offices}


def test_a_command_signature_is_none_of_a_report() -> None:
    def commanded(document: dict[str, Any]) -> None:
        document["signatures"][0]["signature"] = signer_of(
            document["signatures"][0]["office"]
        ).sign(reports.report().digest)

    found = verify_report(changed(commanded), RING)
    assert [one.standing for one in found.offices].count(Standing.WRONG) == 1


def test_who_has_not_signed_is_named() -> None:
    def without(document: dict[str, Any]) -> None:
        document["signatures"] = [s for s in document["signatures"] if s["office"] != GENERAL]

    found = verify_report(changed(without), RING)
    assert found.verdict == "unsigned"
    standing = {one.office: one.standing for one in found.offices}
    assert standing.pop(GENERAL) is Standing.NOT_SIGNED
    assert {*standing.values()} == {Standing.SIGNED}


def test_a_key_that_nobody_knows_proves_nothing() -> None:
    known = {key: public for key, public in RING.keys.items() if not key.startswith(f"{GENERAL}#")}
    found = verify_report(signed().model_dump_json().encode(), KeyRing(known))
    assert found.verdict == "broken"
    standing = {one.office: one.standing for one in found.offices}
    assert standing[GENERAL] is Standing.UNKNOWN_KEY


def test_a_signature_of_an_office_that_is_no_party_is_found() -> None:
    stranger = reports.signature(reports.report(), ENTREPRENEURS)

    def joined(document: dict[str, Any]) -> None:
        document["signatures"].append(stranger.model_dump())

    found = verify_report(changed(joined), RING)
    assert found.verdict == "broken"
    assert found.offices[-1].office == ENTREPRENEURS
    assert found.offices[-1].standing is Standing.NO_PARTY


def _added(document: dict[str, Any]) -> None:
    document["report"]["note"] = "?"


def _left_out(document: dict[str, Any]) -> None:
    del document["report"]["opened"]


def _number(document: dict[str, Any]) -> None:
    document["report"]["history"]["version"] = 1.5


@pytest.mark.parametrize("change", [_added, _left_out, _number])
def test_what_has_another_form_is_no_report(change: Change) -> None:
    with pytest.raises(NoReport):
        verify_report(changed(change), RING)


@pytest.mark.parametrize(
    "raw",
    [
        *(b"", b"{", b"[]", b"null", b"\xff\xfe", b"%PDF-", b"%PDF-1.7\n%%EOF", b"[" * 100_000),
        b'{"report": 1, "signatures": []}',
    ],
)
def test_what_is_none_is_told_so(raw: bytes) -> None:
    with pytest.raises(NoReport):
        verify_report(raw, RING)


def test_what_is_said_twice_could_be_read_in_two_ways() -> None:
    said = signed().model_dump_json()
    twice = said.replace('"lead":', '"lead":"general","lead":', 1)
    with pytest.raises(NoReport):
        verify_report(twice.encode(), RING)


def test_the_history_goes_on_after_the_report_and_does_not_change_it() -> None:
    past = told(reported(), reports.INSPECTION)
    end = len(history())
    document = composed([one.envelope for one in past[:end]], past[end - 1].hash, REPORT, TEXTS)
    assert document == reports.report()
    assert {office for office in OFFICES if office in document.signers} == {*document.signers}
