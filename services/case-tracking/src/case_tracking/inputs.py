"""What an office says with each act: one strict body for each, in words of the vocabulary."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import ConfigDict, Field

from ombudslink.offices import Policy
from ombudslink.values import Channel, Code, ParticipantId, ReferralKind, RejectionReason
from ombudslink.vocabulary import Vocabulary
from ombudslink.web.inputs import Body, Words, Written
from ombudslink.web.problems import Fault, Problem


@dataclass(frozen=True, slots=True)
class Of:
    """Marks a field as a word of that kind."""

    kind: str


AN_OFFICE: Final = Of("offices")
AN_ADDRESSEE: Final = Of("government bodies")
OF_REPORT: Final = Of("offices and government bodies")
OfficeId: TypeAlias = Annotated[ParticipantId, AN_OFFICE]
BodyId: TypeAlias = Annotated[ParticipantId, AN_ADDRESSEE]
AddresseeId: TypeAlias = Annotated[ParticipantId, OF_REPORT]
Number: TypeAlias = Annotated[int, Field(ge=1, le=10_000)]


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


class Completing(Written):
    """What came of the help, with a text for the office that asked."""

    result: Annotated[Code, Of("results")]
    text: Words | None = None


class Determining(Body):
    """Which office keeps the complaint, and on what ground."""

    office: OfficeId
    ground: Annotated[Code, Of("competence_grounds")]


class Admitting(Body):
    """Whether the complaint may be examined, and a ground for just that; if not, what else can be
    done."""

    admissible: bool
    ground: Annotated[Code, Of("admissibility_grounds")]
    remedy: Annotated[Code | None, Of("remedies")] = None


class Asking(Written):
    """The question to the complainant."""

    text: Words


class Requesting(Written):
    """Which government body is asked for information, and the letter to it."""

    addressee: BodyId
    text: Words


class Informing(Written):
    """Which request a government body answered, and its answer."""

    request: Number
    text: Words


class Recommending(Written):
    """Which government body is given a recommendation, and the letter to it."""

    addressee: BodyId
    text: Words


class Responding(Written):
    """Whether a government body follows a recommendation, and what it wrote."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"recommendation": 1, "answer": "accepted"}]}
    )
    recommendation: Number
    answer: Annotated[Code, Of("recommendation_answers")]
    text: Words | None = None


class Extending(Body):
    """How many working days more, and on what ground."""

    working_days: Annotated[int, Field(ge=1, le=60)]
    ground: Annotated[Code, Of("extension_grounds")]


class Answering(Written):
    """The outcome, what else can be done, and the letter to the complainant.

    The letter is compulsory, also where it goes out on paper: it is what the history proves.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"outcome": "settled", "remedy": "none_needed", "text": "Құрметті …"}]
        }
    )
    outcome: Annotated[Code, Of("outcomes")]
    remedy: Annotated[Code, Of("remedies")]
    text: Words


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


class Consenting(Body):
    """What the complainant consents to (that the offices of a joint inspection see the complaint),
    and how the office was told."""

    purpose: Literal["joint_inspection"]
    channel: Channel


class WithdrawingConsent(Body):
    """What the complainant consents to no more."""

    purpose: Literal["joint_inspection"]


def refuse_unknown_words(said: Body, policy: Policy, vocabulary: Vocabulary) -> None:
    """See that every code is one of the kind that belongs there.

    Raises:
        Problem: one is not; every such field is named.
    """
    faults = list(_unknown_words(said, policy, vocabulary))
    if faults:
        raise Problem("invalid_request", errors=faults)


def _unknown_words(
    said: Body, policy: Policy, vocabulary: Vocabulary, at: str = ""
) -> Iterator[Fault]:
    for name, field in type(said).model_fields.items():
        code, where = getattr(said, name), f"{at}/{name}"
        if isinstance(code, tuple):
            for place, inner in enumerate(one for one in code if isinstance(one, Body)):
                yield from _unknown_words(inner, policy, vocabulary, f"{where}/{place}")
        for mark in field.metadata:
            if not isinstance(mark, Of) or code is None:
                continue
            if mark == AN_OFFICE:
                if policy.office(code) is None:
                    yield Fault(where, "unknown_office")
            elif mark == OF_REPORT:
                if policy.named(code) is None:
                    yield Fault(where, "unknown_addressee")
            elif mark == AN_ADDRESSEE:
                if policy.body(code) is None:
                    yield Fault(where, "unknown_body")
            elif not vocabulary.knows(mark.kind, code):
                yield Fault(where, "unknown_code")
            elif not vocabulary.offers(mark.kind, code):
                yield Fault(where, "said_by_platform")


def refuse_contradictions(said: Body, office: ParticipantId, vocabulary: Vocabulary) -> None:
    """See that an act does not say two things of which only one can be true.

    Raises:
        Problem: it does.
    """
    match said:
        case Admitting():
            faults = []
            if not vocabulary.fits(said.ground, admissible=said.admissible):
                faults.append(Fault("/ground", "contradiction"))
            if said.admissible and said.remedy is not None:
                faults.append(Fault("/remedy", "contradiction"))
            if faults:
                raise Problem("invalid_request", errors=faults)
        case Rejecting(suggested_body=str(body)):
            if vocabulary.office_complained_of(body) == office:
                raise Problem("suggests_itself")
