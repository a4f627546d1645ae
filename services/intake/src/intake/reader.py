"""One reader's language: names of offices, words for codes, days as people write them."""

from datetime import datetime

from pydantic import BaseModel

from ombudslink.offices import Policy
from ombudslink.vocabulary import Vocabulary
from ombudslink.web.phrases import phrase


class OfficeView(BaseModel):
    """An office, or a government body, by id and name."""

    id: str
    name: str


class Reader:
    """Puts codes into words for somebody who reads that language."""

    def __init__(self, policy: Policy, vocabulary: Vocabulary, language: str) -> None:
        self._policy = policy
        self._vocabulary = vocabulary
        self._language = language

    def office(self, office: str) -> OfficeView:
        """An office, or a government body, by id and name."""
        known = self._policy.named(office)
        return OfficeView(id=office, name=known.name.in_(self._language) if known else office)

    def author(self, participant: str) -> OfficeView | None:
        """The same for who did something; None where the platform did it, or the complainant."""
        return self.office(participant) if self._policy.named(participant) else None

    def word(self, kind: str, code: str) -> str:
        """The country's word for a code."""
        return self._vocabulary.label(kind, code, self._language)

    def phrase(self, group: str, word: str, **named: str) -> str:
        """The platform's own words."""
        return phrase(group, word, self._language, **named)

    def day(self, moment: datetime) -> str:
        """The day on the offices' wall."""
        return f"{self._policy.calendar.local(moment):%d.%m.%Y}"
