"""What an act in a joint inspection would lead to: nothing is stored, sent or given away."""

from collections.abc import Sequence

from pydantic import BaseModel

from case_tracking.acts import NO_CONTENT
from case_tracking.joint.acts import NOT_MADE_YET, JointStanding
from case_tracking.trial import FollowingView
from ombudslink.events import Event
from ombudslink.inspection import Stage
from ombudslink.readership import audience
from ombudslink.streams import State, evolve
from ombudslink.values import Id


class JointTrialView(BaseModel):
    """What would follow in an inspection as this office knows it, and for whom; one that is only
    proposed has no id yet. What its complaints would answer is not told."""

    inspection: Id | None
    version: int
    events: list[FollowingView]


def jointly_tried(
    inspection: str | None, standing: JointStanding, events: Sequence[Event]
) -> JointTrialView:
    """The view of the events that would follow from an act of the office that stands there."""
    made_later = (NO_CONTENT.model_dump(mode="json"), *NOT_MADE_YET.values())
    before: State | None = None if standing.state.stage is Stage.NONE else standing.state
    version, following = standing.state.version, []
    for number, event in enumerate(events, version + 1):
        after = evolve(before, event, standing.office)
        data = event.model_dump(mode="json")
        following.append(
            FollowingView(
                version=number,
                type=type(event).__name__,
                data={n: None if said in made_later else said for n, said in data.items()},
                recipients=sorted(audience(before, after, standing.office)),
            )
        )
        before = after
    return JointTrialView(inspection=inspection, version=version, events=following)
