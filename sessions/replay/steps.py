"""When a replay looks: at each step, but for those of a time in which nothing can be told.

A clock that was wrong leaves centuries between two entries. So how many moments are judged follows from how much was
recorded, not from how long it lasted. What is left out is a step at which nobody watched and nothing came, and the rest
of a silence in which all has long been blind.
"""

from datetime import datetime, timedelta

from sessions.replay.record import SILENT, Record
from sessions.state.model import State
from sessions.text.intervals import Overlaps

_AT_LEAST, _FOR_EACH = 5_000, 2
"""So many silent moments are judged in all, and so many more for each reading and entry."""
_FINEST = timedelta(microseconds=1)


class Steps:
    """Chooses the moments of one flight, `step` apart."""

    def __init__(self, record: Record, away: Overlaps, step: timedelta) -> None:
        self._record = record
        self._away = away
        self._step = step
        self._silent = 0
        self._left = _AT_LEAST + _FOR_EACH * (len(record.entries) + len(record.readings))

    def heard(self) -> None:
        """Note that something came: a reading or an entry."""
        self._silent = 0

    def after(self, now: datetime, until: datetime, state: State) -> datetime:
        """Return the moment that follows `now`, `until` at the latest."""
        at = now + self._step
        coming = min(until, self._record.following(now) or until)
        if at >= coming:
            return min(at, until)
        last = min(self._horizon(at, coming, state), coming) - _FINEST
        return now + max((last - now) // self._step, 1) * self._step

    def _horizon(self, at: datetime, coming: datetime, state: State) -> datetime:
        """Return until when no moment from `at` on is to be judged; `at` itself where it is."""
        if not state.watching:
            return coming
        if (back := self._away.until(at)) is not None:
            return back
        self._silent, self._left = self._silent + 1, self._left - 1
        if self._silent <= SILENT and self._left > 0:
            return at
        return min((fuse.deadline for fuse in state.fuses.values() if fuse.deadline > at), default=coming)
