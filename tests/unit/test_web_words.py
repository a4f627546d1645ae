"""Histories in words: who is behind an event, and what its codes mean."""

import pytest

from ombudslink import events as e
from ombudslink.offices import LANGUAGES
from ombudslink.testing import builders as b
from ombudslink.testing.country import (
    CHILDREN,
    GENERAL,
    INTAKE,
    MINISTRY,
    POLICY,
    REGISTRAR,
    TRANSFER,
)
from ombudslink.testing.histories import told
from ombudslink.testing.words import VOCABULARY
from ombudslink.web.words import Words, participant_name


def in_words(orders: b.Orders, kind: type[e.Event]) -> dict[str, str]:
    """The words of the first event of that kind, in English."""
    words = Words(POLICY, VOCABULARY, "en")
    return next(
        words.of(one.envelope) for one in told(orders) if isinstance(one.envelope.event, kind)
    )


@pytest.mark.parametrize(
    ("language", "names"),
    [
        ("kk", ["өтініш беруші", "тіркеуші", "general (kk)", "ministry (kk)"]),
        ("ru", ["заявитель", "регистратор", "general (ru)", "ministry (ru)"]),
        ("en", ["the complainant", "the registrar", "general (en)", "ministry (en)"]),
    ],
)
def test_a_participant_is_named_as_people_know_it(language: str, names: list[str]) -> None:
    found = [participant_name(POLICY, p, language) for p in (INTAKE, REGISTRAR, GENERAL, MINISTRY)]
    assert found == names


def test_a_participant_that_the_configuration_lost_is_named_by_its_id() -> None:
    assert participant_name(POLICY, "veterans", "kk") == "veterans"


def test_the_complainant_files_and_the_platform_tells() -> None:
    words = Words(POLICY, VOCABULARY, "en")
    assert words.author(INTAKE, "ComplaintFiled") == "the complainant"
    assert words.author(INTAKE, "ComplaintWithdrawn") == "the complainant"
    assert words.author(INTAKE, "ComplainantNotified") == "the platform"
    assert words.author(CHILDREN, "ComplainantNotified") == "children (en)"


def test_every_code_of_an_event_is_put_into_words_and_nothing_else_is() -> None:
    filed = in_words(b.filed(affected=("child", "disability")), e.ComplaintFiled)
    assert filed == {
        "channel": "on the website",
        "custodian": "general (en)",
        "complainant": "parent (en)",
        "affected": "child (en), disability (en)",
        "subject": "education (en)",
        "body": "school (en)",
        "region": "710000000 (en)",
    }
    assert in_words(b.forwarded(), e.RoutingDecided)["certain"] == "yes"
    sent = in_words(b.requested(TRANSFER), e.ReferredTo)
    assert sent["kind"] == "transfer"
    assert sent["reason"] == "competence (en)"
    assert in_words(b.registered(), e.DeadlineSet) == {"clock": "time for examining the complaint"}
    assert in_words(b.inadmissible(), e.AdmissibilityDecided)["admissible"] == "no"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("orders", [make() for make in b.COMPLAINTS.values()])
def test_every_event_can_be_put_into_words(orders: b.Orders, language: str) -> None:
    words = Words(POLICY, VOCABULARY, language)
    for one in told(orders):
        assert all(words.of(one.envelope).values())
        assert words.author(one.envelope.author, one.envelope.type)


def test_why_a_complaint_did_not_enter_an_inspection_is_said_as_its_refusal_is() -> None:
    words = Words(POLICY, VOCABULARY, "en")
    refused = "JointComplaintRefused"
    assert words.word(refused, "code", "consent_missing") == (
        "The complainant has not consented to a joint inspection"
    )
    assert words.word(refused, "code", "of_another_version") == "of_another_version"
