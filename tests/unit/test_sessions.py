"""A token opens one complaint for a short time, and neither shows it nor can be made by others."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.sessions import LIFETIME, StatusSessions

COMPLAINT = "0f3c1a52-9d7e-4c1b-8a53-6b1f0e9d2c47"
NOW = datetime(2026, 3, 2, 5, tzinfo=UTC)
SESSIONS = StatusSessions(b"k" * 32)


def test_a_token_opens_its_complaint_until_its_time_is_over() -> None:
    session = SESSIONS.open(COMPLAINT, 7, NOW)
    assert session.expires == NOW + LIFETIME
    last = session.expires - timedelta(seconds=1)
    assert SESSIONS.read(session.token, NOW) == (COMPLAINT, 7)
    assert SESSIONS.read(session.token, last) == (COMPLAINT, 7)
    assert SESSIONS.read(session.token, session.expires) is None


def test_a_token_does_not_show_the_complaint() -> None:
    token = SESSIONS.open(COMPLAINT, 1, NOW).token
    raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    assert COMPLAINT not in token
    assert bytes.fromhex(COMPLAINT.replace("-", "")) not in raw
    assert SESSIONS.open(COMPLAINT, 1, NOW).token != token


@pytest.mark.parametrize("place", range(0, 69, 3))
def test_a_changed_token_is_none(place: int) -> None:
    token = SESSIONS.open(COMPLAINT, 1, NOW).token
    changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
    assert SESSIONS.read(changed, NOW) is None


def test_another_key_opens_nothing() -> None:
    assert StatusSessions(b"x" * 32).read(SESSIONS.open(COMPLAINT, 1, NOW).token, NOW) is None


@given(st.text(max_size=100))
def test_whatever_is_sent_as_a_token_is_none(token: str) -> None:
    assert SESSIONS.read(token, NOW) is None
