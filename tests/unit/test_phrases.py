"""The platform's own words are there for everything it can say, in three languages."""

import string
from enum import StrEnum

import pytest

from case_tracking.duties import Role, Todo, Urgency
from case_tracking.joint.duties import JointRole, JointTodo
from ombudslink.complaint import Phase
from ombudslink.events import EVENTS
from ombudslink.inspection import Answer, Part, Stage
from ombudslink.offices import LANGUAGES
from ombudslink.status import Status
from ombudslink.values import Channel, Clock, ReferralKind, ReferralState, RejectionReason
from ombudslink.web.phrases import _phrases, groups, phrase
from ombudslink.web.words import AS_THEY_ARE, FIELDS

WORDS: dict[str, type[StrEnum]] = {
    "status": Status,
    "referral_state": ReferralState,
    "rejection_reason": RejectionReason,
    "referral_kind": ReferralKind,
    "channel": Channel,
    "clock": Clock,
    "todo": Todo,
    "role": Role,
    "phase": Phase,
    "urgency": Urgency,
    "joint_todo": JointTodo,
    "joint_role": JointRole,
    "stage": Stage,
    "entry": Answer,
    "part": Part,
}
GIVEN = {
    "status": {"offices", "date"},
    "turn": {"office", "date"},
    "file": {"number", "all"},
    "check": {"days", "office", "offices", "basis"},
    "follow": {"moment", "date", "office", "kind", "reason", "body"},
    "desk": {"count", "version", "number"},
    "statistics": {"month", "title", "count"},
    "report": {"date", "first", "last", "named", "examined", "offices", "ground", "number", "all"}
    | {"office"},
}
"""What the places that speak give along, by group."""

ALL = [(group, word) for group, words in groups().items() for word in words]


@pytest.mark.parametrize("group", WORDS)
def test_there_is_a_phrase_for_every_word_and_for_no_other(group: str) -> None:
    assert groups()[group] == {word.value for word in WORDS[group]}


def test_there_is_a_phrase_for_every_event_and_for_no_other() -> None:
    assert groups()["event"] == EVENTS.keys()


def test_every_field_that_is_put_into_words_has_a_name() -> None:
    assert groups()["field"] == FIELDS | AS_THEY_ARE


@pytest.mark.parametrize(("group", "word"), sorted(ALL))
def test_a_phrase_names_the_same_in_all_languages_and_only_what_is_given(
    group: str, word: str
) -> None:
    text = _phrases()[group][word]
    named = [
        {name for _, name, _, _ in string.Formatter().parse(text.in_(language)) if name}
        for language in LANGUAGES
    ]
    assert named[0] == named[1] == named[2]
    assert named[0] <= GIVEN.get(group, set())


def test_a_phrase_is_told_in_the_readers_language() -> None:
    said = [phrase("status", "sent", language, offices="A, B") for language in LANGUAGES]
    assert said == [
        "Жіберілді: A, B; растау күтілуде",
        "Направлена: A, B; ожидается подтверждение",
        "Sent to the A, B, awaiting its confirmation",
    ]


def test_a_word_without_a_phrase_is_a_mistake_of_the_program() -> None:
    with pytest.raises(KeyError):
        phrase("status", "lost", "kk")
