"""Instants: one spelling, and nothing that breaks the reader."""

import pytest
from pydantic import TypeAdapter, ValidationError

from ombudslink.values import Moment


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_an_instant_outside_the_calendar_is_invalid_and_breaks_nothing(text: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Moment).validate_python(text)
