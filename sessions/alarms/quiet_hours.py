"""Quiet hours: the part of every local day in which only what cannot wait rings."""

import re
from datetime import UTC, datetime, time, timedelta, tzinfo

from msgspec import Struct

_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)", re.ASCII)


class QuietHours(Struct, frozen=True):
    """From `begins` to `ends`, local time of day, over midnight where it ends earlier; `tz` None is the system's."""

    begins: time
    ends: time
    tz: tzinfo | None = None

    def over(self, at: datetime) -> datetime:
        """Return the moment itself (UTC), or for one in the quiet hours their end."""
        local = at.astimezone(self.tz)
        of_day = local.time()
        nightly = self.ends <= self.begins
        late, early = of_day >= self.begins, of_day < self.ends
        if not ((late or early) if nightly else (late and early)):
            return at
        day = local.date() + timedelta(days=1 if nightly and late else 0)
        end = datetime.combine(day, self.ends, self.tz).replace(fold=local.fold)
        return max(at, end.astimezone(UTC))


def quiet_hours(text: str, tz: tzinfo | None = None) -> QuietHours | None:
    """Read `23:00-07:00`; an empty text is no quiet hours. Raises ValueError for anything else."""
    if not text:
        return None
    found = _HOURS.fullmatch(text)
    if found is None:
        raise ValueError("is no span of the day")
    hours = QuietHours(time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4])), tz)
    if hours.begins == hours.ends:
        raise ValueError("begins and ends at the same time")
    return hours
