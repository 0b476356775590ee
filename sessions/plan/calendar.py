"""When a phase may be entered: hours of the days of the week, in local time, and dates that are closed."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from msgspec import Struct

from sessions.plan.strict_table import Table

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WHOLE = "00:00-24:00"
_HOURS = r"([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)"
_DATES = r"(\d{4}-\d\d-\d\d)(?:\.\.(\d{4}-\d\d-\d\d))?"
_DAY = 24 * 60
_FAR = 400
"""So many days ahead an opening is looked for: a year of closed dates and some."""


class Hours(Struct, frozen=True):
    """From `opens` to `closes`, both minutes of the local day; what closes on the next day counts on from this one."""

    opens: int
    closes: int


class Calendar(Struct, frozen=True):
    """The hours of each day from Monday on, None for a closed one, and the first and last date of each closed span."""

    week: tuple[Hours | None, ...]
    closed: tuple[tuple[date, date], ...] = ()

    def opening(self, now: datetime, tz: tzinfo | None) -> datetime | None:
        """Return `now` where it is open, else when it opens next (UTC); None where it does not for more than a year."""
        return next((max(since, now) for since, until in self._ahead(now, tz) if now < until), None)

    def closing(self, now: datetime, tz: tzinfo | None) -> datetime | None:
        """Return when it closes next (UTC); None where it is closed, or always open for more than a year."""
        end = now
        for since, until in self._ahead(now, tz):
            if since <= end < until:
                end = until
            elif since > end:
                return end if end > now else None
        return None

    def _ahead(self, now: datetime, tz: tzinfo | None) -> Iterator[tuple[datetime, datetime]]:
        today = now.astimezone(tz).date()
        for day in (today + timedelta(days=number) for number in range(-1, _FAR)):
            hours = self.week[day.weekday()]
            if hours is not None and not any(first <= day <= last for first, last in self.closed):
                yield _moment(day, hours.opens, tz), _moment(day, hours.closes, tz)


def calendar_from(table: Table) -> Calendar:
    """Read `[advance]`: `hours` for all `days`, a day's own by its name, and `closed` dates. Notes what is wrong."""
    usual = _hours(table, "hours", _WHOLE)
    days = table.texts("days", DAYS)
    for strange in [day for day in days if day not in DAYS]:
        table.note("days", f'has "{strange}"', f"write some of {', '.join(DAYS)}")
    week = tuple(_hours(table, day, "") or (usual if day in days else None) for day in DAYS)
    closed = tuple(span for text in table.texts("closed", ()) for span in _dates(table, text))
    table.close()
    if not any(week):
        table.note("days", "leaves no day open", "name one")
    return Calendar(week, closed)


def _hours(table: Table, key: str, usual: str) -> Hours | None:
    text = table.text(key, usual)
    if not text:
        return None
    found = re.fullmatch(_HOURS, text)
    opens, closes = (int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4])) if found else (-1, -1)
    if found is None or max(opens, closes) > _DAY or opens in (closes, _DAY):
        table.note(key, f'is "{text}"', 'write hours like "09:00-16:00"')
        return None
    return Hours(opens, closes if closes > opens else closes + _DAY)


def _dates(table: Table, text: str) -> Iterator[tuple[date, date]]:
    found = re.fullmatch(_DATES, text)
    try:
        first, last = (date.fromisoformat(part) for part in (found[1], found[2] or found[1])) if found else (None, None)
    except ValueError:
        first = last = None
    if first is None or last is None or last < first:
        table.note("closed", f'has "{text}"', 'write dates like "2026-12-24" or "2026-12-24..2027-01-03"')
    else:
        yield first, last


def _moment(day: date, minutes: int, tz: tzinfo | None) -> datetime:
    wall = datetime.combine(day + timedelta(days=minutes // _DAY), time(minutes % _DAY // 60, minutes % 60), tz)
    return wall.astimezone(UTC)
