"""`inspection`: one joint inspection as the registrar's store has it, read from its file alone."""

from collections.abc import Iterable, Sequence

import typer
from pydantic import TypeAdapter

from ombudslink.cli.stores import store_of
from ombudslink.cli.terminal import (
    AsJson,
    Data,
    Language,
    day,
    installation,
    language_or_default,
    say,
    say_json,
    table,
)
from ombudslink.folder import FolderError
from ombudslink.inspection import Finding, Inspection, Stage
from ombudslink.installation import Installation
from ombudslink.proof.copies import open_store
from ombudslink.runtime.states import replay
from ombudslink.store import history
from ombudslink.web.phrases import phrase
from ombudslink.web.words import Words


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(inspection)


def inspection(
    inspection: str,
    data: Data = None,
    language: Language = None,
    as_json: AsJson = False,
) -> None:
    """A joint inspection: who takes part with which complaints, the work, every vote, the report.

    What was written in it stays with the offices that take part; its way is told by `story`.
    """
    spoken = language_or_default(language)
    found = installation(data)
    state = _state(found, inspection)
    if as_json:
        said = TypeAdapter(Inspection).dump_python(state, mode="json", exclude={"spoke"})
        say_json({"inspection": inspection, **said})
        return
    say(f"{phrase('desk', 'inspection', spoken)}: {inspection}")
    _Shown(state, found, spoken).tell()


def _state(found: Installation, inspection: str) -> Inspection:
    """The inspection after all its events.

    Raises:
        FolderError: there is none of that id.
    """
    registrar = found.policy.registrar
    with open_store(registrar, store_of(found.folder, registrar)) as connection:
        state = replay(history.load(connection, inspection)).inspection
    if state.stage is Stage.NONE:
        raise FolderError("the registrar's store has no joint inspection of that id")
    return state


class _Shown:
    """One inspection in words, for a reader of one language."""

    def __init__(self, state: Inspection, found: Installation, language: str) -> None:
        self._state = state
        self._language = language
        self._vocabulary = found.vocabulary
        self._local = found.policy.calendar.local
        self._words = Words(found.policy, found.vocabulary, language)

    def tell(self) -> None:
        """Print it, part by part; a part with nothing in it is left out."""
        state = self._state
        self._line("stage", phrase("stage", state.stage, self._language))
        self._line("period", f"{day(state.starts)} – {day(state.ends)}")
        say(f"{phrase('field', 'lead', self._language)}: {self._words.office(state.lead)}")
        self._parties()
        self._complaints()
        self._tasks()
        self._findings()
        self._report()

    def _parties(self) -> None:
        state = self._state
        rows = [
            (
                self._words.office(one.office),
                phrase("part", one.part, self._language),
                self._truth(said=one.office in state.required),
                "" if one.office == state.lead else day(self._local(one.due)),
            )
            for one in state.parties
        ]
        self._table("parties", ("office", "answer", "mandatory", "answer_due"), rows)

    def _complaints(self) -> None:
        rows = [
            (
                one.complaint,
                phrase("entry", one.answer, self._language),
                self._offices([one.custodian] if one.custodian else []),
                self._offices(one.mandatory),
            )
            for one in self._state.entries
        ]
        self._table("inbox", ("complaint", "answer", "custodian", "mandatory"), rows)

    def _tasks(self) -> None:
        rows = [
            (
                one.number,
                self._words.office(one.office),
                self._vocabulary.label("joint_tasks", one.kind, self._language),
                day(one.due),
                phrase("desk", "task_done" if one.done else "task_open", self._language),
            )
            for one in self._state.tasks
        ]
        self._table("tasks", ("task", "office", "kind", "due", "result"), rows)

    def _findings(self) -> None:
        rows = [
            (
                one.number,
                self._words.office(one.office),
                *(self._offices(self._voters(one, vote)) for vote in (True, False, None)),
            )
            for one in self._state.findings
        ]
        headings = [phrase("field", word, self._language) for word in ("finding", "office")]
        headings += [
            phrase("desk", word, self._language) for word in ("agrees", "dissents", "no_vote")
        ]
        self._titled("findings", headings, rows)

    def _voters(self, finding: Finding, vote: bool | None) -> list[str]:
        """Who said that; those who have not voted only among who takes part."""
        if vote is None:
            return [one for one in self._state.joined if finding.vote(one) is None]
        return [office for office, agrees in finding.votes if agrees is vote]

    def _report(self) -> None:
        state = self._state
        if state.report is None:
            return
        say(f"\n{phrase('desk', 'report', self._language)}")
        self._line("digest", state.report)
        unsigned = [one for one in state.joined if one not in state.signed]
        for word, offices in (("signed", state.signed), ("unsigned", unsigned)):
            if offices:
                self._line(word, self._offices(offices))

    def _line(self, word: str, text: object) -> None:
        say(f"{phrase('desk', word, self._language)}: {text}")

    def _table(self, title: str, fields: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        self._titled(title, [phrase("field", name, self._language) for name in fields], rows)

    def _titled(
        self, title: str, headings: Sequence[str], rows: Iterable[Sequence[object]]
    ) -> None:
        shown = list(rows)
        if shown:
            say(f"\n{phrase('desk', title, self._language)}")
            table(headings, shown)

    def _offices(self, offices: Iterable[str]) -> str:
        return ", ".join(self._words.office(one) for one in offices)

    def _truth(self, *, said: bool) -> str:
        return phrase("truth", "yes" if said else "no", self._language)
