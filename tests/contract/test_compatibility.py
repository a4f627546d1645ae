"""A change by which programs of others would fail is refused, whatever kind of change it is."""

from pathlib import Path
from typing import Literal

import pytest
from pydantic import BaseModel, Field

from ombudslink.contracts import schemas
from ombudslink.contracts.compatibility import breaking
from ombudslink.contracts.schemas import FOLDERS, schema_of
from ombudslink.values import Code, ContentRef, ParticipantId

CONTRACTS = Path(__file__).parents[2] / "shared" / "contracts"


class Told(BaseModel):
    """A type as it was published."""

    office: ParticipantId
    channel: Literal["web", "paper"]
    days: int = Field(ge=1, le=60)
    affected: tuple[Code, ...] = Field(default=(), max_length=12)
    content: ContentRef | None = None


class Removed(BaseModel):
    office: ParticipantId
    channel: Literal["web", "paper"]
    days: int = Field(ge=1, le=60)
    content: ContentRef | None = None


class Renamed(BaseModel):
    authority: ParticipantId
    channel: Literal["web", "paper"]
    days: int = Field(ge=1, le=60)
    affected: tuple[Code, ...] = Field(default=(), max_length=12)
    content: ContentRef | None = None


class NarrowerLimit(Told):
    days: int = Field(ge=1, le=30)


class NarrowerFromBelow(Told):
    days: int = Field(ge=2, le=60)


class WiderLimit(Told):
    affected: tuple[Code, ...] = ()


class ValueRemoved(Told):
    channel: Literal["web"]  # type: ignore[assignment]


class ValueAdded(Told):
    channel: Literal["web", "paper", "fax"]  # type: ignore[assignment]


class AnyValue(Told):
    channel: str  # type: ignore[assignment]


class OtherType(Told):
    days: str  # type: ignore[assignment]


class OtherItems(Told):
    affected: tuple[int, ...] = Field(default=(), max_length=12)  # type: ignore[assignment]


class OtherPattern(Told):
    office: Code


class NewAndRequired(Told):
    region: Code


class RequiredNow(Told):
    content: ContentRef | None


class OptionalNow(Told):
    office: ParticipantId = "general"


class OtherDefault(Told):
    affected: tuple[Code, ...] = Field(default=("child",), max_length=12)


class NeverNull(Told):
    content: ContentRef = Field(default=None)  # type: ignore[assignment]


class MayBeNull(Told):
    office: ParticipantId | None  # type: ignore[assignment]


class Inside(BaseModel):
    holder: ParticipantId
    id: str
    digest: str


class ChangedInside(Told):
    content: Inside | None = None  # type: ignore[assignment]


class Strict(Told, extra="forbid"):
    pass


@pytest.mark.parametrize(
    ("changed", "sentences"),
    [
        (Removed, ["`affected` was removed"]),
        (Renamed, ["`office` was renamed to `authority`"]),
        (NarrowerLimit, ["`days` is narrower: maximum is 30, it was 60"]),
        (NarrowerFromBelow, ["`days` is narrower: minimum is 2, it was 1"]),
        (WiderLimit, ["`affected` is wider: maxItems is none, it was 12"]),
        (ValueRemoved, ["`channel` is narrower: the value `paper` was removed"]),
        (
            ValueAdded,
            ["`channel` is wider: the value `fax` was added, which older readers refuse"],
        ),
        (AnyValue, ["`channel` is wider: its values are not listed any more"]),
        (
            OtherType,
            [
                "`days` has another type: string, it was integer",
            ],
        ),
        (
            OtherItems,
            ["every item of `affected` has another type: integer, it was string"],
        ),
        (OtherPattern, ["`office` has another `pattern`"]),
        (NewAndRequired, ["`region` is new and required"]),
        (RequiredNow, ["`content` is required now"]),
        (OptionalNow, ["`office` is optional now"]),
        (
            OtherDefault,
            ["`affected` means something else when it is left out: its default changed"],
        ),
        (NeverNull, ["`content` is narrower: it may not be null any more"]),
        (MayBeNull, ["`office` is wider: it may be null now"]),
        (
            ChangedInside,
            [
                "`digest` of `content` has another `pattern`",
                "`id` of `content` has another `pattern`",
            ],
        ),
        (Strict, ["the whole has another `additionalProperties`"]),
    ],
)
def test_a_breaking_change_is_named(changed: type, sentences: list[str]) -> None:
    assert breaking(schema_of(Told), schema_of(changed)) == sentences


def test_two_fields_that_went_and_came_are_told_apart() -> None:
    class Other(Told):
        other: ContentRef | None = None

    old, new = schema_of(Other), schema_of(Told)
    new["properties"]["extra"] = {"type": "integer", "default": 0}
    assert breaking(old, new) == ["`other` was removed"]


class Grown(Told):
    """The same with better words and a field that may be left out."""

    note: Code | None = None
    channel: Literal["web", "paper"] = Field(description="How it came in.")


def test_a_new_optional_field_and_other_words_break_nothing() -> None:
    assert breaking(schema_of(Told), schema_of(Grown)) == []


def test_a_limit_where_there_was_none_is_narrower() -> None:
    assert breaking(schema_of(WiderLimit), schema_of(Told)) == [
        "`affected` is narrower: maxItems is 12, it was none"
    ]
    assert breaking(schema_of(AnyValue), schema_of(Told)) == [
        "`channel` is narrower: only listed values are allowed now"
    ]


@pytest.mark.parametrize(("folder", "name"), [(f, n) for f, ts in FOLDERS.items() for n in ts])
def test_every_type_is_as_its_version_was_committed(folder: str, name: str) -> None:
    cls = FOLDERS[folder][name]
    committed = schemas.read(CONTRACTS, folder, name, schemas.version_of(cls))
    assert breaking(committed, schema_of(cls)) == []
