"""The windows a phase is judged by: the clock says which are expected, the readings say what was seen of them."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import takewhile

from sessions.criteria.fresh import timely
from sessions.figures import clock
from sessions.plan import Windows
from sessions.readings import Topic, Traffic
from sessions.state import State

SHOWN = 6
"""How many windows a strip shows at least."""

WHOLE = 0.9
"""The share of a window that samples must vouch for before it is judged."""

_GRAIN = 1e-6
_TOUCH = timedelta(microseconds=1)
_OFF = 0.01


@dataclass(frozen=True, slots=True)
class Slot:
    """One expected closed window of the phase. `reading` is None where it was not seen whole, `why` says it.

    `unread` is a window that closed after the source's newest answer: nobody could have seen it yet.
    """

    start: datetime
    end: datetime
    reading: Traffic | None
    why: str = ""
    unread: bool = False


def settle(state: State) -> float:
    """Return the seconds between a window's end and its judgement; it follows a data latency over the plan's bound."""
    health = state.seen.health.get(Topic.TRAFFIC)
    late = 0.0
    if health is not None and health.good_at is not None and health.newest is not None:
        late = (health.good_at - health.newest).total_seconds()
    return state.plan.windows.settle + (late if late > state.plan.cadence.data_latency else 0.0)


@dataclass(frozen=True, slots=True)
class _Lines:
    """The slots of one state at one moment, as far as they were asked for."""

    state: State
    now: datetime
    known: dict[str, tuple[Slot, ...]]


_newest: list[_Lines] = []
"""Two criteria and two risks ask for the same slots in one judgement; with many endpoints that is half of its cost."""


def slots(state: State, endpoint: str, now: datetime) -> tuple[Slot, ...]:
    """Return the newest expected closed windows of the phase, oldest first, seen or not; at least the plan's count."""
    lines = next((item for item in _newest if item.state is state and item.now == now), None)
    if lines is None:
        lines = _Lines(state, now, {})
        _newest[:] = [lines]
    if endpoint not in lines.known:
        lines.known[endpoint] = _slots(state, endpoint, now)
    return lines.known[endpoint]


def _slots(state: State, endpoint: str, now: datetime) -> tuple[Slot, ...]:
    if state.entered_at is None:
        return ()
    windows, beyond = state.plan.windows, _beyond(state, now)
    first = max(_index_from(windows, state.entered_at), beyond - max(SHOWN, windows.count))
    readings = dict(_indexed(state, endpoint, _start(windows.length, first), now))
    whole = [_whole(readings.get(index), _start(windows.length, index + 1)) for index in range(first, beyond)]
    health = state.seen.health.get(Topic.TRAFFIC)
    answered = health.good_at if health else None
    why = "" if all(whole) else _last_sight(state, endpoint, now)
    return tuple(_slot(windows, index, reading, answered, why) for index, reading in enumerate(whole, first))


def next_start(state: State, now: datetime) -> datetime | None:
    """Return the start of the first window that is not yet due for judgement; None before the session started."""
    if state.entered_at is None:
        return None
    windows = state.plan.windows
    return _start(windows.length, max(_beyond(state, now), _index_from(windows, state.entered_at)))


def boundary(state: State, at: datetime) -> datetime:
    """Return the first window start at or after `at`."""
    return _start(state.plan.windows.length, _index_from(state.plan.windows, at))


def running(state: State, endpoint: str, now: datetime) -> Traffic | None:
    """Return the newest usable reading of a window not yet due for judgement, None where there is none."""
    return _sighted(state, state.seen.windows.get(endpoint, ()), now)


def alive(state: State, endpoint: str, now: datetime) -> bool:
    """Whether the endpoint was seen after its newest expected window: a hole before that is history, not silence."""
    minute = _sighted(state, state.seen.minutes.get(endpoint, ()), now)
    return minute is not None or running(state, endpoint, now) is not None


def stamp(state: State, at: datetime) -> str:
    """Say a moment as finely as the plan's windows are cut."""
    return clock(at, None, fine=state.plan.windows.length < 60)


def _beyond(state: State, now: datetime) -> int:
    """The index of the first window that has not yet ended and settled."""
    return math.floor((now.timestamp() - settle(state)) / state.plan.windows.length + _GRAIN)


def _indexed(state: State, endpoint: str, since: datetime, now: datetime) -> Iterator[tuple[int, Traffic]]:
    """The whole aligned windows read since then; any other cut proves nothing."""
    windows = state.plan.windows
    rows = reversed(state.seen.windows.get(endpoint, ()))
    oldest = since - _TOUCH
    for reading in takewhile(lambda item: item.start >= oldest, rows):
        index = _place(windows.length, reading.start, reading.end)
        if index is not None and timely(reading.at, now):
            yield index, reading


@lru_cache(maxsize=1024)
def _place(length: float, start: datetime, end: datetime) -> int | None:
    """Return which window a stretch is, None for another cut. Kept, since all endpoints share their windows."""
    index = round(start.timestamp() / length)
    off = abs(start.timestamp() - index * length)
    longer = abs((end - start).total_seconds() - length)
    return index if max(off, longer) <= _OFF * length else None


def _whole(reading: Traffic | None, end: datetime) -> Traffic | None:
    """Return the reading of a window that was seen to its end, and that samples vouch for."""
    whole = reading is not None and reading.at >= end - _TOUCH and reading.covered >= WHOLE
    return reading if whole else None


def _slot(windows: Windows, index: int, reading: Traffic | None, answered: datetime | None, why: str) -> Slot:
    start, end = _start(windows.length, index), _start(windows.length, index + 1)
    if reading is not None:
        return Slot(start, end, reading)
    return Slot(start, end, None, why, unread=answered is None or answered < end)


def _last_sight(state: State, endpoint: str, now: datetime) -> str:
    """Say when samples last vouched for the endpoint: the words for every window lost since."""
    rows = reversed(state.seen.windows.get(endpoint, ()))
    newest = next((item for item in rows if timely(item.at, now) and item.covered > 0), None)
    if newest is None:
        return "no requests seen"
    vouched = (min(newest.end, newest.at) - newest.start) * min(newest.covered, 1.0)
    return f"vanished {stamp(state, newest.start + vouched)}"


def _index_from(windows: Windows, at: datetime) -> int:
    return math.ceil(at.timestamp() / windows.length - _GRAIN)


@lru_cache(maxsize=1024)
def _start(length: float, index: int) -> datetime:
    return datetime.fromtimestamp(index * length, UTC)


def _sighted(state: State, rows: Sequence[Traffic], now: datetime) -> Traffic | None:
    """The newest reading that began after every window due for judgement, and that samples vouch for."""
    start = next_start(state, now)
    if start is None:
        return None
    later = takewhile(lambda item: item.start >= start - _TOUCH, reversed(rows))
    return next((item for item in later if timely(item.at, now) and item.covered > 0), None)
