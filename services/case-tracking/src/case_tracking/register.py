"""The office's own register: under which number it has a complaint."""

import re
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from case_tracking.tables import last_number, registration
from ombudslink.calendar import Calendar
from ombudslink.observe import logger
from ombudslink.values import RegistrationNumber

_row = registration.c
_last = last_number.c


class Register:
    """Numbers like `CH-2026/000123`: the office's prefix, the local year, and a serial in it.

    What the office's own events say is entered as it is, so that a register that was restored from
    a backup, or lost, is completed from the history before it gives another number.
    """

    def __init__(self, prefix: str, calendar: Calendar) -> None:
        self._prefix = prefix
        self._calendar = calendar
        self._form = re.compile(rf"{re.escape(prefix)}-([0-9]{{4}})/([0-9]{{1,9}})")

    def number(self, connection: Connection, complaint: str, at: datetime) -> RegistrationNumber:
        """The complaint's number here; the next free one for a complaint that has none yet."""
        known = number_of(connection, complaint)
        if known is not None:
            return known
        year = self._calendar.local(at).year
        serial = _last_of(connection, year) + 1
        number = f"{self._prefix}-{year}/{serial:06d}"
        _enter(connection, complaint, number)
        _raise(connection, year, serial)
        return number

    def take(self, connection: Connection, complaint: str, number: RegistrationNumber) -> None:
        """Enter the number under which the history says that this office has the complaint."""
        others = select(_row.complaint).where(_row.number == number, _row.complaint != complaint)
        if connection.scalar(others.limit(1)) is not None:
            logger().error("registration_number_given_twice", stream=complaint)
        _enter(connection, complaint, number)
        match = self._form.fullmatch(number)
        if match is not None:
            year, serial = int(match[1]), int(match[2])
            if serial > _last_of(connection, year):
                _raise(connection, year, serial)


def number_of(connection: Connection, complaint: str) -> RegistrationNumber | None:
    """The number that a complaint has in this register."""
    return connection.scalar(select(_row.number).where(_row.complaint == complaint))


def _enter(connection: Connection, complaint: str, number: RegistrationNumber) -> None:
    mine = _row.complaint == complaint
    if connection.execute(update(registration).where(mine), {"number": number}).rowcount == 0:
        connection.execute(insert(registration), {"complaint": complaint, "number": number})


def _last_of(connection: Connection, year: int) -> int:
    return connection.scalar(select(_last.serial).where(_last.year == year)) or 0


def _raise(connection: Connection, year: int, serial: int) -> None:
    connection.execute(delete(last_number).where(_last.year == year))
    connection.execute(insert(last_number), {"year": year, "serial": serial})
