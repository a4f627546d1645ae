"""What an office says with each act: one strict body for each, in words of the vocabulary."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import ConfigDict, Field

from ombudslink.offices import Policy
from ombudslink.values import Channel, Code, ParticipantId, ReferralKind, RejectionReason
from ombudslink.vocabulary import Vocabulary
from ombudslink.web.inputs import Body, Words
from ombudslink.web.problems import Fault, Problem


@dataclass(frozen=True, slots=True)
class Of:
    """Marks a field as a word of that kind."""

    kind: str


AN_OFFICE: Final = Of("offices")
OfficeId: TypeAlias = Annotated[ParticipantId, AN_OFFICE]


class Nothing(Body):
    """Nothing needs to be said."""


class Referring(Body):
    """Whom to ask, and whether to take the complaint over (`transfer`) or to help (`referral`)."""

    kind: ReferralKind
    receiver: OfficeId
    reason: Annotated[Code, Of("transfer_reasons")]


class Rejecting(Body):
    """Why not; with the right office or body for reasons of competence, else with a remedy."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "before_court", "remedy": "court"}]}
    )
    reason: RejectionReason
    suggested_office: OfficeId | None = None
    suggested_body: Annotated[Code | None, Of("bodies")] = None
    remedy: Annotated[Code | None, Of("remedies")] = None


class Redirecting(Body):
    """Who is competent, and why."""

    receiver: OfficeId
    reason: Annotated[Code, Of("transfer_reasons")]


class Revoking(Body):
    """Why the question is taken back."""

    reason: Annotated[Code, Of("revoke_reasons")]


class Pausing(Body):
    """What the work waits for."""

    reason: Annotated[Code, Of("pause_reasons")]


class AskingReturn(Body):
    """Why it should go back."""

    reason: Annotated[Code, Of("return_reasons")]


class RefusingReturn(Body):
    """Why it should not come back."""

    reason: Annotated[Code, Of("refuse_return_reasons")]


class Completing(Body):
    """What came of the help, with a text for the office that asked."""

    result: Annotated[Code, Of("results")]
    text: Words | None = None


class Determining(Body):
    """Which office keeps the complaint, and on what ground."""

    office: OfficeId
    ground: Annotated[Code, Of("competence_grounds")]


class Admitting(Body):
    """Whether the complaint may be examined; if not, what else can be done."""

    admissible: bool
    ground: Annotated[Code, Of("admissibility_grounds")]
    remedy: Annotated[Code | None, Of("remedies")] = None


class Asking(Body):
    """The question to the complainant."""

    text: Words


class Extending(Body):
    """How many working days more, and on what ground."""

    working_days: Annotated[int, Field(ge=1, le=60)]
    ground: Annotated[Code, Of("extension_grounds")]


class Answering(Body):
    """The outcome, what else can be done, and the letter to the complainant."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"outcome": "settled", "remedy": "none_needed", "text": "Құрметті …"}]
        }
    )
    outcome: Annotated[Code, Of("outcomes")]
    remedy: Annotated[Code, Of("remedies")]
    text: Words | None = None


class Reopening(Body):
    """Why it is examined again."""

    ground: Annotated[Code, Of("reopen_grounds")]


class Withdrawing(Body):
    """Why the complainant does not want it examined any more."""

    ground: Annotated[Code, Of("withdrawal_grounds")]


class Noticing(Body):
    """That the complainant was told, outside the platform, what the event of that version says."""

    about: Annotated[int, Field(ge=1, le=2**31 - 1)]
    channel: Literal[Channel.POST, Channel.TELEPHONE]


def refuse_unknown_words(said: Body, policy: Policy, vocabulary: Vocabulary) -> None:
    """See that every code is one of the kind that belongs there.

    Raises:
        Problem: one is not; every such field is named.
    """
    faults = list(_unknown_words(said, policy, vocabulary))
    if faults:
        raise Problem("invalid_request", errors=faults)


def _unknown_words(said: Body, policy: Policy, vocabulary: Vocabulary) -> Iterator[Fault]:
    for name, field in type(said).model_fields.items():
        code = getattr(said, name)
        for mark in field.metadata:
            if not isinstance(mark, Of) or code is None:
                continue
            if mark == AN_OFFICE:
                if policy.office(code) is None:
                    yield Fault(f"/{name}", "unknown_office")
            elif not vocabulary.knows(mark.kind, code):
                yield Fault(f"/{name}", "unknown_code")
