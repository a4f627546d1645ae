"""Content between its holder and the offices: what is handed out, what is left.

It belongs to a complaint, or to a joint inspection; an id of the one or the other names it.
"""

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, Field

from ombudslink.inspection_events import MOST_RECOMMENDATIONS
from ombudslink.rights import ContentRight
from ombudslink.values import Hash, Id, Moment, ParticipantId
from ombudslink.web.inputs import Body, Words, Written

LetterKind = Literal[
    "question",
    "decision",
    "result",
    "information_request",
    "information",
    "recommendation",
    "recommendation_answer",
    "terms",
    "task_result",
    "evidence",
    "finding",
    "dissent",
    "joint_report",
]
"""To the complainant; between offices; to a government body, and what it answered; and what the
parties of a joint inspection write."""

TERMS: Final = "terms"
"""What the letter is that proposes a joint inspection: it is left before there is one."""


class ContentItem(BaseModel):
    """One piece of content: a filing, an answer or a letter, as it was said.

    `digest` is that of the holder's ciphertext, which the event that names `id` carries too.
    """

    id: Id
    kind: str
    author: ParticipantId
    at: Moment
    digest: Hash
    content: dict[str, Any]


class Contents(BaseModel):
    """What an office may have of one complaint's or inspection's content; coded fields stand in
    the history."""

    complaint: Id
    version: int
    right: ContentRight
    items: list[ContentItem]


class NewReceipt(BaseModel):
    """What the office that has a complaint prints and hands over to the complainant."""

    reference: str
    code: str
    filed: Moment


class Recommended(Body):
    """What a government body or an office should do, by a joint report."""

    addressee: ParticipantId
    text: Words


Recommendations = Annotated[tuple[Recommended, ...], Field(max_length=MOST_RECOMMENDATIONS)]


class Letter(Written):
    """What an office leaves with the holder; `letter` names it for ever. Only a joint report says,
    besides its text, by which method it was found and what it recommends."""

    letter: Id
    kind: LetterKind
    text: Words
    method: Words | None = None
    recommendations: Recommendations = ()

    def plaintext(self) -> bytes:
        """What is kept of it: what it says, and no more."""
        return self.model_dump_json(exclude_defaults=True).encode()
