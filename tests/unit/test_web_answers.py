"""In which form an answer goes out: RFC 9110, 12.5.1."""

import pytest

from ombudslink.web.answers import preferred
from ombudslink.web.problems import Problem

JSON, CSV = "application/json", "text/csv"


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("*/*", JSON),
        ("text/csv", CSV),
        ("TEXT/CSV; charset=utf-8", CSV),
        ("text/*", CSV),
        ("text/csv, application/json", JSON),
        ("application/json;q=0.5, text/csv", CSV),
        ("text/html, */*;q=0.1", JSON),
        ("*/*, application/json;q=0", CSV),
        ("text/csv;q=0, */*;q=0.1", JSON),
        ("text/html,application/xhtml+xml,*/*;q=0.8", JSON),
    ],
)
def test_the_form_that_is_wanted_most_is_taken(accept: str, form: str) -> None:
    assert preferred(accept, JSON, CSV) == form


@pytest.mark.parametrize("accept", ["text/html", "", "*/*;q=0", "text/csv;q=x"])
def test_a_form_that_nobody_wants_is_not_given(accept: str) -> None:
    with pytest.raises(Problem, match="not_acceptable"):
        preferred(accept, JSON, CSV)
