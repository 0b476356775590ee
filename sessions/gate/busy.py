"""How much of a time was busy: a phase that nobody came to proves little, however long it lasts."""

from collections.abc import Iterable
from datetime import datetime

from sessions.state.reducer import State
from sessions.text.intervals import Stretch, clipped, joined, total
from sessions.values.presence import windows_told


def busy_share(state: State, since: datetime, lost: Iterable[Stretch], now: datetime) -> float | None:
    """Return the % of the time since `since`, without `lost` time, that is in windows with traffic.

    Time without readings counts neither as busy nor as quiet. None if there are no readings.
    """
    came, told = windows_told(state.seen.traces.values(), (since, now), now)
    without = joined(clipped(lost, since, now))
    whole = _left(told, without)
    return round(100 * _left(came, without) / whole, 9) if whole > 0 else None


def _left(spans: tuple[Stretch, ...], lost: tuple[Stretch, ...]) -> float:
    """Return the seconds of `spans` that do not lie in `lost`; each a union."""
    return total(spans) - sum(total(clipped(spans, *hole)) for hole in lost)
