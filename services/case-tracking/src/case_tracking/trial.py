"""What an act would lead to, found by deciding it here: nothing is stored, sent or given away."""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from case_tracking.acts import NO_CONTENT, Standing
from ombudslink.complaint import evolve
from ombudslink.events import ComplaintEvent
from ombudslink.rights import recipients
from ombudslink.values import Id, ParticipantId


class FollowingView(BaseModel):
    """An event that would follow. What only the act itself makes is null: the register's number,
    the reference to a letter."""

    version: int
    type: str
    data: dict[str, Any]
    recipients: list[ParticipantId]


class TrialView(BaseModel):
    """What would follow from an act on the complaint as this office knows it, and for whom.

    The registrar decides on what it knows: another office may act before.
    """

    complaint: Id
    version: int
    events: list[FollowingView]


def tried(complaint: str, standing: Standing, events: Sequence[ComplaintEvent]) -> TrialView:
    """The view of the events that would follow from an act of the office that stands there."""
    made_later = (NO_CONTENT.model_dump(mode="json"), standing.no_number)
    state, following = standing.state, []
    for event in events:
        state = evolve(state, event, standing.office)
        data = event.model_dump(mode="json")
        following.append(
            FollowingView(
                version=state.version,
                type=type(event).__name__,
                data={n: None if said in made_later else said for n, said in data.items()},
                recipients=sorted(recipients(state, event)),
            )
        )
    return TrialView(complaint=complaint, version=standing.state.version, events=following)
