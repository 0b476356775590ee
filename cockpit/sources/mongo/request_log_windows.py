"""Which windows of a request log are due: each is asked for until nothing can come in late, then never again."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from msgspec import Struct

from sessions.plan.model import Plan

WINDOWS_KEPT = 48


class Window(Struct, frozen=True):
    """One window, `start`..`end`; `backfilled` where it had closed before anybody here looked."""

    index: int
    start: datetime
    end: datetime
    backfilled: bool = False


class Agenda:
    """Remembers the windows that are not final; after `since` (when somebody last watched) at most 48 are caught up."""

    def __init__(self, plan: Plan, since: datetime | None) -> None:
        self._rule = plan.windows
        self._latency = plan.cadence.data_latency
        self._since = since
        self._seen: int | None = None
        self._open: dict[int, bool] = {}

    def due(self, now: datetime, newest: datetime) -> Sequence[Window]:
        """Return the windows to ask for, newest first; what began after the log's `newest` document waits for one."""
        running = self._index(now)
        for index in range(max(self._first(running), running - WINDOWS_KEPT), running + 1):
            self._open[index] = index < running
        self._seen = running
        # A clock that went back makes what lies ahead of it another time.
        self._open = {at: late for at, late in self._open.items() if running - WINDOWS_KEPT <= at <= running}
        windows = (self._window(index) for index in sorted(self._open, reverse=True))
        return [window for window in windows if window.start < newest]

    def looked(self, window: Window, now: datetime, newest: datetime) -> None:
        """A window was asked for: it is final once it has settled and the log has gone on beyond its end."""
        late = (now - newest).total_seconds()
        settle = self._rule.settle + (late if late > self._latency else 0.0)
        if newest >= window.end and now >= window.end + timedelta(seconds=settle):
            self.drop(window)

    def drop(self, window: Window) -> None:
        """Never ask for this window again."""
        self._open.pop(window.index, None)

    def _first(self, running: int) -> int:
        if self._seen is not None:
            return min(self._seen, running - 1) + 1
        return min(self._index(self._since), running) if self._since else running

    def _index(self, at: datetime) -> int:
        return int(at.timestamp() // self._rule.length)

    def _window(self, index: int) -> Window:
        start, end = (datetime.fromtimestamp(edge * self._rule.length, UTC) for edge in (index, index + 1))
        return Window(index, start, end, self._open[index])


def covered(start: datetime, end: datetime, newest: datetime) -> float:
    """Return the share 0..1 of a span that a log vouches for which goes as far as its `newest` document."""
    seconds = (end - start).total_seconds()
    vouched = (min(end, newest) - start).total_seconds()
    return max(0.0, min(1.0, round(vouched / seconds, 6))) if seconds > 0 else 0.0
