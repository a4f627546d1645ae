"""What government bodies are to answer, as a part of a complaint's state (see `requests`)."""

from dataclasses import dataclass, replace
from datetime import datetime

from ombudslink.values import ParticipantId


@dataclass(frozen=True, slots=True)
class Request:
    """One thing that a body was sent: a request for information, or a recommendation.

    Each of the two is numbered from 1 in the order of sending.
    """

    number: int
    addressee: ParticipantId
    warn_at: datetime
    due: datetime
    answered: bool = False
    overdue: bool = False

    @property
    def waits(self) -> bool:
        """Whether its clock runs: it is not answered, and the time is not over."""
        return not (self.answered or self.overdue)


Requests = tuple[Request, ...]
"""All of one of the two."""


def answered(requests: Requests, number: int) -> Requests:
    """The requests once one of them is answered."""
    return tuple(replace(r, answered=True) if r.number == number else r for r in requests)


def overdue(requests: Requests, number: int) -> Requests:
    """The requests once the time of one of them is over."""
    return tuple(replace(r, overdue=True) if r.number == number else r for r in requests)
