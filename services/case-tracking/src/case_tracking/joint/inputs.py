"""What an office says with each act of a joint inspection: one strict body for each."""

from datetime import date
from typing import Annotated

from pydantic import Field

from case_tracking.inputs import AddresseeId, Of, OfficeId
from ombudslink.inspection_events import MOST_COMPLAINTS, MOST_OFFICES, MOST_RECOMMENDATIONS
from ombudslink.values import Code, Hash, Id
from ombudslink.web.contents import Recommended
from ombudslink.web.inputs import Body, Words, Written


class Proposing(Written):
    """Which complaints are examined together, whom to ask besides those who must take part, and
    the terms: what is to be found out, and how."""

    complaints: Annotated[tuple[Id, ...], Field(min_length=1, max_length=MOST_COMPLAINTS)]
    invited: Annotated[tuple[OfficeId, ...], Field(max_length=MOST_OFFICES - 1)] = ()
    starts: date
    ends: date
    text: Words


class Declining(Body):
    """Why the office does not take part."""

    reason: Annotated[Code, Of("joint_decline_reasons")]


class Leaving(Body):
    """Why the office takes part no more."""

    reason: Annotated[Code, Of("joint_leaving_reasons")]


class Separating(Body):
    """Why there is no joint inspection any more."""

    reason: Annotated[Code, Of("joint_end_reasons")]


class Opening(Body):
    """On what ground, where an office that must take part is silent."""

    ground: Annotated[Code | None, Of("joint_opening_grounds")] = None


class Inviting(Body):
    """Whom to ask, and why."""

    office: OfficeId
    ground: Annotated[Code, Of("joint_invitation_grounds")]


class Assigning(Body):
    """Which office does what, until which day."""

    office: OfficeId
    kind: Annotated[Code, Of("joint_tasks")]
    due: date


class Finishing(Written):
    """What came of the task, where something is to be said."""

    text: Words | None = None


class Sharing(Written):
    """What is laid before the other offices, and what it says or shows."""

    kind: Annotated[Code, Of("joint_evidence")]
    text: Words


class Writing(Written):
    """The text: a finding, or why an office does not agree to one."""

    text: Words


class Addressing(Recommended):
    """What a government body or an office should do."""

    addressee: AddresseeId


class Reporting(Written):
    """What came of the inspection, how it was examined, and what is recommended to whom; the rest
    of the report follows from the inspection's history."""

    text: Words
    method: Words
    recommendations: Annotated[tuple[Addressing, ...], Field(max_length=MOST_RECOMMENDATIONS)] = ()


class Signing(Body):
    """The digest of the report that is signed."""

    digest: Hash


class Closing(Body):
    """With what the inspection ends."""

    outcome: Annotated[Code, Of("joint_outcomes")]
