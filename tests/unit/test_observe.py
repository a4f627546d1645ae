"""What is logged: JSON lines in our own words, whoever has something to say."""

import io
import json
import logging
import sys
from collections.abc import Iterator

import pytest
import structlog

from ombudslink.observe import logger, set_up_logging

SECRET = "Aigerim, IIN 900101400123"


class Lines(io.StringIO):
    """What is written to standard error."""

    def read_all(self) -> list[dict[str, str]]:
        """The lines as what they are."""
        assert SECRET not in self.getvalue()
        return [json.loads(line) for line in self.getvalue().splitlines()]


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lines]:
    """What is written once logging is set up."""
    written, root = Lines(), logging.getLogger()
    monkeypatch.setattr(sys, "stderr", written)
    monkeypatch.setattr(root, "handlers", [])
    level = root.level
    set_up_logging()
    yield written
    root.setLevel(level)
    structlog.reset_defaults()


def test_a_line_has_known_fields_only(lines: Lines) -> None:
    logger().info("something_happened", route="/v1/complaints", name=SECRET)
    (line,) = lines.read_all()
    assert (line["event"], line["route"], line["level"]) == (
        "something_happened",
        "/v1/complaints",
        "info",
    )
    assert "name" not in line


def test_a_library_is_not_quoted(lines: Lines) -> None:
    library = logging.getLogger("some.library")
    # given a library that logs an error with its text, and a sentence of its own that quotes it
    try:
        raise ValueError(SECRET)
    except ValueError as error:
        library.exception("cannot take %s", SECRET)
        library.warning(f"it was {error}")
    # then it is told which library it was, what kind of error, and where; nothing else
    failed, warned = lines.read_all()
    assert (failed["event"], failed["level"]) == ("library_complained", "error")
    assert failed["library"] == warned["library"] == "some.library"
    assert failed["reason"].startswith("ValueError at test_observe.py:")
    assert warned["level"] == "warning"
    assert warned["reason"].startswith("at test_observe.py:")


def test_a_library_that_only_chats_is_not_heard(lines: Lines) -> None:
    logging.getLogger("some.library").info("hello")
    assert lines.read_all() == []
