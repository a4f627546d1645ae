"""The office's own register: under which number it has a complaint."""

from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from case_tracking.tables import registration
from ombudslink.calendar import Calendar
from ombudslink.values import RegistrationNumber

_row = registration.c


class Register:
    """Numbers like `CH-2026/000123`: the office's prefix, the local year, and a serial in it."""

    def __init__(self, prefix: str, calendar: Calendar) -> None:
        self._prefix = prefix
        self._calendar = calendar

    def number(self, connection: Connection, complaint: str, at: datetime) -> RegistrationNumber:
        """The complaint's number here; the next free one for a complaint that has none yet."""
        known = number_of(connection, complaint)
        if known is not None:
            return known
        year = self._calendar.local(at).year
        last = connection.scalar(select(func.max(_row.serial)).where(_row.year == year)) or 0
        number = f"{self._prefix}-{year}/{last + 1:06d}"
        row = {"complaint": complaint, "year": year, "serial": last + 1, "number": number}
        connection.execute(insert(registration), row)
        return number


def number_of(connection: Connection, complaint: str) -> RegistrationNumber | None:
    """The number that a complaint has in this register."""
    return connection.scalar(select(_row.number).where(_row.complaint == complaint))
