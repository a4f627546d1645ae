"""Which filing became which complaint, and under what reference a person asks for it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, insert, select

from intake import tables
from ombudslink.values import format_moment


@dataclass(frozen=True, slots=True)
class Filed:
    """A complaint as it was taken in. `issue` numbers its receipts: each has a code of its own."""

    complaint: str
    command: str
    reference: str
    request: str
    issue: int
    filed: datetime


def by_command(connection: Connection, command: str) -> Filed | None:
    """What that command filed."""
    return _find(connection, tables.filing.c.command == command)


def by_complaint(connection: Connection, complaint: str) -> Filed | None:
    """What became that complaint."""
    return _find(connection, tables.filing.c.complaint == complaint)


def by_reference(connection: Connection, reference: str) -> Filed | None:
    """What has that reference."""
    return _find(connection, tables.filing.c.reference == reference)


def add(connection: Connection, filed: Filed) -> None:
    """Remember a filing."""
    row = {
        "complaint": filed.complaint,
        "command": filed.command,
        "reference": filed.reference,
        "request": filed.request,
        "issue": filed.issue,
        "filed": format_moment(filed.filed),
    }
    connection.execute(insert(tables.filing), row)


def _find(connection: Connection, where: ColumnElement[bool]) -> Filed | None:
    r = connection.execute(select(tables.filing).where(where)).one_or_none()
    if r is None:
        return None
    filed = datetime.fromisoformat(r.filed)
    return Filed(r.complaint, r.command, r.reference, r.request, r.issue, filed)
