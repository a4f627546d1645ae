"""Working days, registration dates and legal deadlines in one country's calendar."""

from datetime import date, datetime, time, timedelta, timezone
from typing import Annotated

from pydantic import Field

from ombudslink.values import Value

MinutesEast = Annotated[int, Field(ge=-14 * 60, le=14 * 60)]


class Calendar(Value):
    """Monday to Friday, less holidays, plus weekend days that were declared working.

    `closes` is when the register closes for the day: what comes later counts from the next
    working day (Kazakhstan: Administrative Procedural Code art. 64(3)).
    """

    utc_offset_minutes: MinutesEast
    closes: time
    holidays: frozenset[date] = frozenset()
    worked: frozenset[date] = frozenset()

    def local(self, moment: datetime) -> datetime:
        """The instant on the wall clock of this calendar."""
        return moment.astimezone(timezone(timedelta(minutes=self.utc_offset_minutes)))

    def is_working(self, day: date) -> bool:
        """Whether offices work on that day."""
        return day in self.worked or (day.weekday() < 5 and day not in self.holidays)

    def working_day_after(self, day: date, count: int) -> date:
        """The `count`-th working day after `day` (count ≥ 1)."""
        for _ in range(count):
            day += timedelta(days=1)
            while not self.is_working(day):
                day += timedelta(days=1)
        return day

    def registration_date(self, moment: datetime) -> date:
        """The day under which something received at that instant is registered."""
        local = self.local(moment)
        if self.is_working(local.date()) and local.time() < self.closes:
            return local.date()
        return self.working_day_after(local.date(), 1)

    def end_of(self, day: date) -> datetime:
        """The last full second of a day, as an instant."""
        zone = timezone(timedelta(minutes=self.utc_offset_minutes))
        return datetime.combine(day, time(23, 59, 59), zone)

    def working_days_between(self, start: date, end: date) -> int:
        """How many working days lie after `start` up to and including `end`."""
        days = (end - start).days
        return sum(self.is_working(start + timedelta(days=n)) for n in range(1, days + 1))
