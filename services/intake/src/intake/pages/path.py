"""The way of a complaint as stations on a line: from the filing to where it is, and what is due."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from intake.status import StatusView
from intake.way import HopView
from ombudslink.values import ReferralState
from ombudslink.web.pages import Site
from ombudslink.web.phrases import phrase


@dataclass(frozen=True, slots=True)
class Station:
    """One station: what happened, when, and what is to be said of it. `here` is where it is now."""

    kind: Literal["event", "office", "ahead"]
    at: datetime
    title: str
    state: str | None = None
    told: tuple[str, ...] = ()
    here: bool = False


class Path:
    """Draws the way of one complaint for one reader."""

    def __init__(self, site: Site, language: str) -> None:
        self._site = site
        self._language = language

    def stations(self, view: StatusView) -> list[Station]:
        """All in the order of time; the last that happened is where it is, a date may lie ahead."""
        passed = sorted(self._passed(view), key=lambda station: station.at)
        passed[-1] = replace(passed[-1], here=True)
        if view.next_date is not None:
            title = self._say("ahead", date=self._site.day(view.next_date))
            passed.append(Station("ahead", view.next_date, title))
        return passed

    def _passed(self, view: StatusView) -> Iterator[Station]:
        yield Station("event", view.filed, phrase("event", "ComplaintFiled", self._language))
        routing = view.routing
        if routing is not None:
            word = "competent" if routing.certain else "proposed"
            title = self._say(word, office=routing.office.name)
            yield Station("event", routing.at, title, told=(routing.legal_basis_text,))
        for hop in view.hops:
            yield self._hop(hop)
        for turn in view.turns:
            told = (turn.ground_text,) if turn.ground_text else ()
            yield Station("event", turn.at, turn.text, told=told)

    def _hop(self, hop: HopView) -> Station:
        title = self._say("to_office", kind=hop.kind_text, office=hop.receiver.name)
        return Station("office", hop.sent, title, hop.state_text, tuple(self._told(hop)))

    def _told(self, hop: HopView) -> Iterator[str]:
        day = self._site.day
        yield self._say("reason", reason=hop.reason_text)
        if hop.state in (ReferralState.REQUESTED, ReferralState.RECEIVED):
            yield self._say("until", date=day(hop.answer_due))
        if hop.answered is not None:
            yield self._say("answered", date=day(hop.answered))
        if hop.ended is not None:
            yield self._say("ended", date=day(hop.ended))
        if hop.end_text is not None:
            yield self._say("reason", reason=hop.end_text)
        if hop.suggested is not None:
            yield self._say("suggested", body=hop.suggested)
        if hop.remedy_text is not None:
            yield hop.remedy_text

    def _say(self, word: str, **named: object) -> str:
        return phrase("follow", word, self._language, **named)
