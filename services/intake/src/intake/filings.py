"""Which filing became which complaint, and under what reference a person asks for it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, insert, select, update

from intake import tables
from ombudslink.values import format_moment

FIRST: Final = 1
"""The number of the receipt that whoever filed is given."""


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


def is_on_portal(connection: Connection, complaint: str) -> bool:
    """Whether the complainant has a code and follows the complaint on the portal."""
    row = tables.filing.c
    return bool(connection.scalar(select(row.on_portal).where(row.complaint == complaint)))


def add(connection: Connection, filed: Filed, *, on_portal: bool) -> None:
    """Remember a filing, and whether the complainant follows it on the portal."""
    row = {
        "complaint": filed.complaint,
        "command": filed.command,
        "reference": filed.reference,
        "request": filed.request,
        "issue": filed.issue,
        "filed": format_moment(filed.filed),
        "on_portal": on_portal,
    }
    connection.execute(insert(tables.filing), row)


def issue_again(connection: Connection, filed: Filed, command: str) -> int:
    """The number of the receipt that is made by that command, once however often it is asked for.

    The code of the one before is void then; who is handed this one follows the complaint on the
    portal.
    """
    row = tables.receipt
    known = connection.scalar(select(row.c.issue).where(row.c.command == command))
    if known is not None:
        return int(known)
    issue = filed.issue + 1
    this = tables.filing.c.complaint == filed.complaint
    connection.execute(update(tables.filing).where(this), {"issue": issue, "on_portal": True})
    connection.execute(
        insert(row), {"command": command, "complaint": filed.complaint, "issue": issue}
    )
    return issue


def _find(connection: Connection, where: ColumnElement[bool]) -> Filed | None:
    r = connection.execute(select(tables.filing).where(where)).one_or_none()
    if r is None:
        return None
    filed = datetime.fromisoformat(r.filed)
    return Filed(r.complaint, r.command, r.reference, r.request, r.issue, filed)
