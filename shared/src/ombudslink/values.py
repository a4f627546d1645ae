"""The small value types that events and commands are made of: codes, never free text."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, ClassVar, Final

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, PlainSerializer

Code = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$")]
"""A word of a configured vocabulary (subject, body, ground, region …)."""

ParticipantId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,30}$")]
"""An office, a government body or a service; the name in its API keys, feed and signatures."""

Id = Annotated[
    str, Field(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")
]
"""A UUID in its canonical lower-case spelling (RFC 9562)."""

Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""A SHA-256 digest in lower-case hexadecimal."""

KeyId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,30}#[0-9a-f]{16}$")]
"""The name of a public key: its owner and the beginning of its SHA-256."""

Signature = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{86}$")]
"""An Ed25519 signature in base64url without padding."""

RegistrationNumber = Annotated[str, Field(pattern=r"^[A-Z0-9][A-Z0-9/-]{0,31}$")]
"""The number under which one office registered a complaint in its own store."""


def format_moment(moment: datetime) -> str:
    """One spelling of an instant, RFC 3339 in UTC to the millisecond, so that hashes agree."""
    utc = moment.astimezone(UTC).replace(tzinfo=None)
    return f"{utc.isoformat(timespec='milliseconds')}Z"


def _to_milliseconds(moment: datetime) -> datetime:
    try:
        utc = moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("the instant lies outside of the calendar") from None
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)


Moment = Annotated[
    AwareDatetime,
    AfterValidator(_to_milliseconds),
    PlainSerializer(format_moment, return_type=str, when_used="json"),
]
"""An instant with a time zone, kept in UTC to the millisecond."""


class Value(BaseModel):
    """Base of every immutable value on the log. Unknown fields of newer writers are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Fact(Value):
    """Base of all events. `quiet` marks clock, receipt and notice, which make no decision stale."""

    version: ClassVar[int] = 1
    quiet: ClassVar[bool] = False


class Act(Value):
    """Base of all commands."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    version: ClassVar[int] = 1


class ContentRef(Value):
    """Where personal data or text is kept (never the text itself), with its ciphertext's digest."""

    holder: ParticipantId
    id: Id
    digest: Hash


class ReferralKind(StrEnum):
    """What a referral asks for."""

    TRANSFER = "transfer"
    """Custody moves to the receiver when it accepts."""
    REFERRAL = "referral"
    """Custody stays; the receiver is asked for help."""


class ReferralState(StrEnum):
    """Where one referral stands."""

    REQUESTED = "requested"
    RECEIVED = "received"
    ACCEPTED = "accepted"
    IN_PROGRESS = "in_progress"
    ON_HOLD = "on_hold"
    RETURN_REQUESTED = "return_requested"
    RETURNED = "returned"
    COMPLETED = "completed"
    REJECTED = "rejected"
    REDIRECTED = "redirected"
    EXPIRED = "expired"
    REVOKED = "revoked"


PENDING: Final = frozenset({ReferralState.REQUESTED, ReferralState.RECEIVED})
"""Sent and not yet answered."""
ACTIVE: Final = frozenset(
    {ReferralState.ACCEPTED, ReferralState.IN_PROGRESS, ReferralState.ON_HOLD}
)
"""Accepted and being worked on."""


class RejectionReason(StrEnum):
    """Why an office does not take a referral."""

    SUBJECT_NOT_COMPETENT = "subject_not_competent"
    REGION_NOT_COMPETENT = "region_not_competent"
    PERSON_NOT_COMPETENT = "person_not_competent"
    ALREADY_EXAMINED = "already_examined"
    BEFORE_COURT = "before_court"
    CONFLICT_OF_INTEREST = "conflict_of_interest"
    INSUFFICIENT_INFORMATION = "insufficient_information"
    OUT_OF_TIME = "out_of_time"

    @property
    def concerns_competence(self) -> bool:
        """Whether the rejecting office must name the body it holds competent."""
        return self.value.endswith("_not_competent")


class Clock(StrEnum):
    """The two legal clocks: the whole complaint's and one referral's."""

    EXAMINATION = "examination"
    LEG = "leg"


class Channel(StrEnum):
    """How a complaint came in, or how a notice went out."""

    WEB = "web"
    PAPER = "paper"
    ORAL = "oral"
    HOTLINE = "hotline"
    EMAIL = "email"
    VISIT = "visit"
    THIRD_PARTY = "third_party"
    OWN_INITIATIVE = "own_initiative"
    PORTAL = "portal"
    POST = "post"
    TELEPHONE = "telephone"
