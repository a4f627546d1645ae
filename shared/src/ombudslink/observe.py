"""Logs as JSON lines and metrics for Prometheus, both without anything about a person.

Only words of the program, ids and numbers are logged: every call names its fields, and what is not
on the list of known fields is dropped before it is written.
"""

import logging
import sys
import traceback
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any, Final

import structlog

FIELDS: Final = frozenset(
    {
        "event",
        "level",
        "timestamp",
        "code",
        "command",
        "correlation",
        "count",
        "method",
        "milliseconds",
        "office",
        "partition",
        "port",
        "library",
        "projection",
        "reason",
        "route",
        "service",
        "status",
        "stream",
        "task",
        "topic",
        "version",
    }
)
"""What may stand in a log line. A route is the pattern, never the path that was asked for."""


def known_fields_only(
    _logger: Any, _method: str, entry: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Drop every field that is not on the list (a structlog processor)."""
    return {name: value for name, value in entry.items() if name in FIELDS}


def where(error: BaseException) -> str:
    """An error's type and place, never its text, which may quote what a person wrote."""
    last = traceback.extract_tb(error.__traceback__)[-1:]
    place = f" at {Path(last[0].filename).name}:{last[0].lineno}" if last else ""
    return f"{type(error).__name__}{place}"


class _Libraries(logging.Handler):
    """Says that a library complained, and where; never in its own words: they may quote too."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        log = logger().error if record.levelno >= logging.ERROR else logger().warning
        error = record.exc_info[1] if record.exc_info else None
        reason = where(error) if error else f"at {record.filename}:{record.lineno}"
        log("library_complained", library=record.name, reason=reason)


def set_up_logging(*, level: int = logging.INFO) -> None:
    """Write JSON lines to standard error: ours, and that a library complained."""
    logging.basicConfig(level=logging.WARNING, handlers=[_Libraries()], force=True)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            known_fields_only,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )


def logger() -> structlog.typing.FilteringBoundLogger:
    """The program's log."""
    log: structlog.typing.FilteringBoundLogger = structlog.get_logger()
    return log
