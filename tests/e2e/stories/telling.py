"""Who acts in a story, and what they can do: each only through what is open to them."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pypdf import PdfReader

from e2e.process import Running, ombudslink, until
from ombudslink.client import Agency, Office, Person, Unanswered
from ombudslink.client.connection import View

ALMATY = ZoneInfo("Asia/Almaty")


class Country:
    """A platform that runs."""

    def __init__(self, data: Path, platform: Running) -> None:
        self._data = data
        self._platform = platform

    def somebody(self, name: str) -> "Complainant":
        """A person."""
        return Complainant(self._platform, name)

    def commissioner(self, office: str) -> "Commissioner":
        """An office."""
        return Commissioner(self._platform, office)

    def body(self, name: str) -> "Body":
        """A government body that has a system of its own."""
        return Body(self._platform, name)

    def proves_that_all_histories_are_equal(self) -> None:
        """Every copy of every history in every store is recomputed and compared."""
        done = ombudslink(self._data, "verify", "--wait", "20")
        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stdout.startswith("equal: ")

    def verifies(self, report: "Report") -> str:
        """What a reader is told of a report by its file alone, as JSON and as PDF alike."""
        found = set()
        for name, raw in report.files.items():
            file = self._data.with_name(name)
            file.write_bytes(raw)
            at = ("--at", self._platform.address)
            done = ombudslink(self._data, "verify-report", str(file), *at, "--json")
            assert done.stdout, done.stderr
            found.add((done.returncode, json.loads(done.stdout)["verdict"]))
        [(code, verdict)] = found
        assert (code == 0) == (verdict == "whole")
        return verdict

    def tells_the_way_of(self, inspection: str, language: str) -> str:
        """The whole way of a joint inspection, in words."""
        done = ombudslink(self._data, "story", inspection, "--language", language)
        assert done.returncode == 0, done.stderr
        return " ".join(done.stdout.split())


@dataclass(frozen=True)
class Report:
    """A joint report as one office has it: the document, and the files that it hands on."""

    document: View
    files: dict[str, bytes]

    def prints(self, words: str) -> bool:
        """Whether it stands in the document and on paper."""
        read = PdfReader(BytesIO(self.files["report.pdf"]))
        paper = "".join(page.extract_text() for page in read.pages)
        document = json.dumps(self.document, ensure_ascii=False)
        return words in document and "".join(words.split()) in "".join(paper.split())


class Complainant:
    """Somebody who complains, with reference and code in hand."""

    def __init__(self, platform: Running, name: str) -> None:
        self._name = name
        self._client = Person(platform.address, "kk")
        self.reference = self.code = ""

    def complains(self, text: str, **facts: Any) -> None:
        """File a complaint."""
        who = {"language": "kk", "who": {"name": self._name}}
        receipt = self._client.file({**who, **facts, "text": text})
        self.reference, self.code = receipt.reference, receipt.code

    def consents_to_a_joint_examination(self) -> None:
        """Let further offices see the complaint."""
        self._client.consent(self.reference, self._token())

    def is_answered(self, words: str) -> None:
        """The office's letter is there."""
        token = self._token()
        until(lambda: words in _text(lambda: self._client.status(self.reference, token).view))

    def reads_in_the_status(self, *words: str) -> None:
        """What is said of the complaint's state to whoever shows reference and code."""
        token, told = self._token(), ""

        def said() -> bool:
            nonlocal told
            told = self._client.status(self.reference, token).view["status_text"]
            return all(one in told for one in words)

        until(said, lambda: told)

    def _token(self) -> str:
        return self._client.open_status(self.reference, self.code)


class Commissioner:
    """One office's people, who know only what their own store tells them."""

    def __init__(self, platform: Running, office: str, inspection: str = "") -> None:
        self.office = office
        self.inspection = inspection
        self.complaint = ""
        self._client = Office(platform.address, office, platform.keys[office])

    def finds_the_complaint_in_the_inbox(self) -> None:
        """The platform forwarded it here."""
        waiting = {"todo": "answer_referral"}
        [entry] = until(lambda: list(self._client.inbox(**waiting)))
        self.complaint = entry["complaint"]

    def accepts_the_complaint(self) -> None:
        """Take it over."""
        self._client.act(self.complaint, "acceptance", referral=1)

    def begins_to_examine_it(self) -> None:
        """As soon as it is registered here."""
        self._client.until(self.complaint, lambda view: "examination" in view["acts"])
        self._client.act(self.complaint, "examination")

    def reads_in_the_complaint(self, words: str) -> None:
        """What the complainant said, as soon as the office has its copy."""
        until(lambda: words in _text(lambda: self._client.content(self.complaint)))

    def proposes_a_joint_inspection(self, terms: str, inviting: "Commissioner") -> None:
        """To lead it, for a month, over the complaint that the office has."""
        first = datetime.now(ALMATY).date()
        proposal = {
            "complaints": [self.complaint],
            "invited": [inviting.office],
            "starts": first.isoformat(),
            "ends": (first + timedelta(days=30)).isoformat(),
            "text": terms,
        }
        self.inspection = self._client.propose(proposal).view["inspection"]

    def is_asked_to_take_part(self, *, must: bool) -> None:
        """The invitation is in its list; it says whether the office must."""
        waiting = {"todo": "answer_invitation"}
        [entry] = until(lambda: list(self._client.inspections(**waiting)))
        self.inspection = entry["inspection"]
        view = self.sees(lambda view: view["complaints"])
        self.complaint = view["complaints"][0]["complaint"]
        assert [p["mandatory"] for p in view["parties"] if p["office"] == self.office] == [must]

    def reads_in_the_inspection(self, words: str) -> None:
        """What the offices wrote in it, as soon as the office has its copy."""
        until(lambda: words in _text(lambda: self._client.inspection_content(self.inspection)))

    def may_not_read_the_complaint(self) -> None:
        """For this office there is no such complaint."""
        with pytest.raises(Unanswered) as refused:
            self._client.content(self.complaint)
        assert refused.value.code == "no_such_complaint"

    def joins(self) -> None:
        """Take part."""
        self._does("joining")

    def cannot_open_it_without_who_must_take_part(self) -> None:
        """All complaints have answered, and still."""
        self.sees(lambda view: all(one["answer"] == "entered" for one in view["complaints"]))
        with pytest.raises(Unanswered) as refused:
            self._client.act_jointly(self.inspection, "opening")
        assert refused.value.code == "mandatory_party_missing"

    def opens_it(self) -> None:
        """All examine together from here on."""
        self._does("opening")

    def gives_a_task(self, kind: str, to: "Commissioner") -> None:
        """A part of the work, within a week."""
        due = datetime.now(ALMATY).date() + timedelta(days=7)
        self._does("tasks", {"office": to.office, "kind": kind, "due": due.isoformat()})

    def does_its_task(self, result: str) -> None:
        """And says what came of it."""
        view = self.sees(lambda view: view["todo"] == "do_task")
        [number] = [task["number"] for task in view["tasks"] if "completion" in task["acts"]]
        self._does("completion", {"text": result}, task=number)

    def lays_before_the_others(self, kind: str, text: str) -> None:
        """A piece of evidence."""
        self._does("evidence", {"kind": kind, "text": text})

    def drafts_finding(self, number: int, text: str) -> None:
        """What the office holds to be established."""
        assert len(self._does("findings", {"text": text})["findings"]) == number

    def agrees_to_finding(self, number: int) -> None:
        """A vote for it."""
        self._does("agreement", finding=number)

    def dissents_from_finding(self, number: int, because: str) -> None:
        """A vote against it, with its reason."""
        self._does("dissent", {"text": because}, finding=number)

    def cannot_report_before_all_have_voted(self) -> None:
        """The report waits for every vote."""
        said = {"text": "Есеп.", "method": "Құжаттар зерделенді."}
        with pytest.raises(Unanswered) as refused:
            self._client.act_jointly(self.inspection, "report", said)
        assert refused.value.code == "vote_missing"

    def issues_the_report(self, summary: str, method: str, recommending: dict[str, str]) -> None:
        """For all of them, with recommendations by addressee."""
        recommendations = [{"addressee": to, "text": text} for to, text in recommending.items()]
        said = {"text": summary, "method": method, "recommendations": recommendations}
        self._does("report", said)

    def signs_the_report(self) -> None:
        """That which its own platform composed again."""
        digest = self.sees(lambda view: view["report"])["report"]["digest"]
        self._does("signature", {"digest": digest})

    def takes_the_report(self) -> Report:
        """As it is here once everybody's signature has come."""
        view = self.sees(lambda view: view["stage"] == "closed")
        document = self._client.report(view["inspection"])
        written = json.dumps(document, ensure_ascii=False).encode()
        paper = self._client.report_pdf(self.inspection, "kk")
        return Report(document, {"report.json": written, "report.pdf": paper})

    def closes_it(self, outcome: str) -> None:
        """It has ended with its report."""
        self._does("closing", {"outcome": outcome})

    def answers_the_complaint(self, text: str) -> None:
        """Its own office does that, as with every complaint."""
        answer = {"outcome": "well_founded", "remedy": "none_needed", "text": text}
        self._client.act(self.complaint, "decision", answer)

    def sees(self, holds: Callable[[View], object]) -> View:
        """The inspection as this office has it, once that holds."""
        return self._client.until_jointly(self.inspection, holds).view

    def _does(self, act: str, said: View | None = None, **on: int) -> View:
        """Do it once it is open to this office; look again when somebody else acted in between."""
        while True:
            seen = self._client.until_jointly(self.inspection, lambda view: act in _acts(view, on))
            try:
                return self._client.act_jointly(self.inspection, act, said, seen=seen, **on).view
            except Unanswered as refused:
                if refused.code != "stale":
                    raise


class Body:
    """A government body's system."""

    def __init__(self, platform: Running, name: str) -> None:
        self._address = platform.address
        self._key = platform.keys[name]

    def has_been_told_nothing(self) -> None:
        """Its feed is empty."""
        assert Agency(self._address, self._key).batch() == []

    def cannot_read_what(self, commissioner: Commissioner) -> None:
        """An office's inspections are open to that office's key only."""
        client = Office(self._address, commissioner.office, self._key)
        with pytest.raises(Unanswered) as refused:
            client.inspection(commissioner.inspection)
        assert refused.value.code is not None


def _acts(view: View, on: dict[str, int]) -> list[str]:
    """What may be done in an inspection, or on the task or finding that is meant."""
    if not on:
        return view["acts"]
    [(thing, number)] = on.items()
    return [act for one in view[f"{thing}s"] if one["number"] == number for act in one["acts"]]


def _text(question: Callable[[], View]) -> str:
    """An answer as text; nothing while there is none."""
    try:
        return json.dumps(question(), ensure_ascii=False)
    except Unanswered:
        return ""
