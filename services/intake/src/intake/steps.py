"""Filing page by page: what each page asks, and the filing that all answers together are."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Final, Literal

from pydantic import Field, model_validator

from intake.drafts import Draft
from intake.filing import Filing, Person, SafeContact, wrong_places
from ombudslink.offices import Language
from ombudslink.vocabulary import Vocabulary
from ombudslink.web.inputs import Body, Line, Word, Words
from ombudslink.web.pages import Form, read
from ombudslink.web.problems import Fault, Problem

MOST_AFFECTED: Final = 12
NOBODY: Final = "nobody"
"""The answer of who does not want to be contacted at all."""
WAYS: Final = ("portal", "email", "telephone", "post", NOBODY)
"""Of answering somebody."""
OFFICES_ONLY: Final = frozenset({"office"})
"""Complainants that only an office can be."""
NEEDED: Final = {"email": "email", "telephone": "telephone", "post": "address"}
"""What must be known for a way of answering."""


class Step(StrEnum):
    """The pages in their order."""

    WHO = "who"
    NAMES = "names"
    AFFECTED = "affected"
    SUBJECT = "subject"
    BODY = "body"
    PLACE = "place"
    TEXT = "text"
    CONTACT = "contact"


class Who(Body):
    """Who files."""

    complainant: Word


class Names(Body):
    """Who that is, and for whom."""

    name: Line
    for_whom: Line | None = None
    ground: Line | None = None


class Affected(Body):
    """Who is affected; nobody in particular is an answer."""

    affected: Annotated[tuple[Word, ...], Field(max_length=MOST_AFFECTED)] = ()


class Subject(Body):
    """What it is about."""

    subject: Word


class ComplainedOf(Body):
    """Whom it is about."""

    body: Word
    body_name: Line | None = None


class Where(Body):
    """Where it happened: a place that was found, or a region, or neither."""

    find: Line | None = None
    place: Word | None = None
    region: Word | None = None


class WhatHappened(Body):
    """What happened."""

    text: Words


class Contact(Body):
    """How to answer safely."""

    by: Literal["portal", "email", "telephone", "post", "nobody"]
    email: Line | None = None
    telephone: Line | None = None
    address: Line | None = None
    note: Words | None = None

    @model_validator(mode="after")
    def _reachable(self) -> "Contact":
        needed = NEEDED.get(self.by)
        if needed and getattr(self, needed) is None:
            raise Problem("invalid_request", errors=[Fault(f"/{needed}", "missing")])
        return self


ASKED: Final[Mapping[Step, type[Body]]] = {
    Step.WHO: Who,
    Step.NAMES: Names,
    Step.AFFECTED: Affected,
    Step.SUBJECT: Subject,
    Step.BODY: ComplainedOf,
    Step.PLACE: Where,
    Step.TEXT: WhatHappened,
    Step.CONTACT: Contact,
}
_WORDS: Final = {
    "complainant": "complainants",
    "affected": "affected",
    "subject": "subjects",
    "body": "bodies",
    "region": "regions",
}
"""The kind of word that a field holds."""


def answer(step: Step, form: Form, vocabulary: Vocabulary) -> dict[str, Any]:
    """What was answered on a page.

    Raises:
        Problem: something is missing or cannot be said; its errors name the fields.
    """
    known = ASKED[step].model_fields
    lists = {"affected"}
    said = {name: form[name] if name in lists else form[name][0] for name in known if name in form}
    answered = read(ASKED[step], said)
    wrong = [Fault(f"/{name}", "unknown_code") for name in _unknown(answered, vocabulary)]
    if isinstance(answered, Where):
        wrong += wrong_places(answered.place, answered.region, vocabulary)
    if wrong:
        raise Problem("invalid_request", errors=wrong)
    return answered.model_dump(mode="json", exclude_none=True)


def _unknown(answered: Body, vocabulary: Vocabulary) -> list[str]:
    found = []
    for name, kind in _WORDS.items():
        said = getattr(answered, name, None) or ()
        codes = (said,) if isinstance(said, str) else said
        if any(not vocabulary.knows(kind, code) for code in codes):
            found.append(name)
    return found


def first_open(draft: Draft | None) -> Step | None:
    """The first page that was not answered yet."""
    answered = draft.answers if draft else {}
    return next((step for step in Step if step not in answered), None)


def previous(step: Step) -> Step | None:
    """The page before."""
    order = list(Step)
    place = order.index(step)
    return order[place - 1] if place else None


def filing_of(draft: Draft, language: Language) -> Filing:
    """The filing that the answers are; every page must have been answered."""
    said = {name: value for page in draft.answers.values() for name, value in page.items()}
    for_whom = None
    if said["complainant"] != "self" and "for_whom" in said:
        for_whom = Person(name=said["for_whom"])
    by = said["by"]
    return Filing(
        language=language,
        complainant=said["complainant"],
        who=Person(
            name=said["name"],
            email=said.get("email"),
            telephone=said.get("telephone"),
            address=said.get("address"),
        ),
        for_whom=for_whom,
        ground=said.get("ground") if said["complainant"] != "self" else None,
        safe_contact=SafeContact(
            may_contact=by != NOBODY, by="portal" if by == NOBODY else by, note=said.get("note")
        ),
        affected=tuple(said.get("affected", ())),
        subject=said["subject"],
        body=said["body"],
        body_name=said.get("body_name"),
        region=said.get("region"),
        place=said.get("place"),
        text=said["text"],
    )
