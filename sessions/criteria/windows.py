"""The windows a phase is judged by: the clock says which are expected, the readings say what was seen of them."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import takewhile
from operator import is_
from typing import Generic, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from sessions.criteria.freshness import AHEAD
from sessions.plan.model import Windows
from sessions.state.lapses import FLAG, HIDDEN, stretches
from sessions.state.reducer import State
from sessions.text.intervals import Stretch
from sessions.text.units import clock
from sessions.values.presence import VOUCHED
from sessions.values.readings import Topic, Traffic

Answer = TypeVar("Answer")

NAMES = 1024
"""How many names a memory knows at most."""


class Memory(Generic[Answer]):
    """The newest answer by name: windows that have closed are not judged again each second."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[tuple[object, ...], Answer]] = {}

    def recall(self, name: str, values: tuple[object, ...], work: Callable[[], Answer]) -> Answer:
        """Return what `work` makes of these values: all that it looks at, none that can change, told by identity."""
        known = self._known.get(name)
        if known is not None and len(known[0]) == len(values) and all(map(is_, known[0], values)):
            return known[1]
        if len(self._known) >= NAMES:
            self._known.clear()
        answer = work()
        self._known[name] = values, answer
        return answer


SHOWN = 6
"""How many windows a strip shows at least."""

WHOLE = VOUCHED
"""The share of a window that samples must vouch for before it is judged."""

_GRAIN = 1e-6
_TOUCH = timedelta(microseconds=1)
_OFF = 0.01


class Slot(Struct, frozen=True):
    """One expected closed window of the phase. `reading` is None where it was not seen whole, `why` says it.

    `unread` is a window that closed after the source's newest answer: nobody could have seen it yet. `elsewhere`: for a
    part of it at least the flag was not where the phase has it, or a measure hid what is measured: it proves nothing.
    """

    start: datetime
    end: datetime
    reading: Traffic | None
    why: str = ""
    unread: bool = False
    elsewhere: bool = False


def settle(state: State) -> float:
    """Return the seconds between a window's end and its judgement; it follows a data latency over the plan's bound."""
    health = state.seen.health.get(Topic.TRAFFIC)
    late = 0.0
    if health is not None and health.good_at is not None and health.newest is not None:
        late = (health.good_at - health.newest).total_seconds()
    return state.plan.windows.settle + (late if late > state.plan.cadence.data_latency else 0.0)


class Line(Struct, frozen=True):
    """What was seen of one endpoint.

    `slots` are the newest expected closed windows of the phase, oldest first, seen or not; at least the plan's count.
    `pending` are the usable readings of the windows not yet due for judgement, the newest first: the running one, while
    the one before it settles, that too, and what was seen of one that is due until its source has answered since.
    `alive` is whether the endpoint was seen after its newest expected window: a hole before that is history, not
    silence.
    """

    slots: tuple[Slot, ...] = ()
    pending: tuple[Traffic, ...] = ()
    alive: bool = False

    @property
    def running(self) -> Traffic | None:
        """The newest of the pending ones, None where there is none."""
        return self.pending[0] if self.pending else None


class _Lines(Struct, frozen=True):
    """The lines of one state at one moment; `before` is the frame of the windows before them, which `past` are read by.

    Without a frame nothing was expected before them.
    """

    state: State
    now: datetime
    by_endpoint: Mapping[str, Line]
    before: "_Frame | None"
    past: dict[str, tuple[Slot, ...]]


_newest: list[_Lines] = []
"""Two criteria and two risks ask for the same lines in one judgement; with many endpoints that is half of its cost."""


def lines(state: State, now: datetime) -> Mapping[str, Line]:
    """Return the line of every endpoint of the plan; empty ones before the session started."""
    return _lines(state, now).by_endpoint


def earlier(state: State, endpoint: str, now: datetime) -> tuple[Slot, ...]:
    """Return the expected windows of the phase before those of an endpoint's line, oldest first.

    As far back as a window of the line may be judged together with others.
    """
    known = _lines(state, now)
    if known.before is None:
        return ()
    if endpoint not in known.past:
        known.past[endpoint] = _past(state, endpoint, known.before)
    return known.past[endpoint]


def _past(state: State, endpoint: str, before: "_Frame") -> tuple[Slot, ...]:
    found = _placed(state.seen.windows.get(endpoint, ()), before, state.plan.windows.length)
    whole = [_whole(found.get(index), end) for index, (_, end) in enumerate(before.spans, before.first)]
    away = _away(before.spans, before.elsewhere)
    return _EARLIER.recall(endpoint, (before.spans, away, *whole), lambda: tuple(map(_slot, before.spans, whole, away)))


def _lines(state: State, now: datetime) -> _Lines:
    known = next((item for item in _newest if item.state is state and item.now == now), None)
    if known is None:
        frame = _frame(state, now)
        found = {endpoint: _line(state, endpoint, frame) if frame else Line() for endpoint in state.plan.endpoints}
        known = _Lines(state, now, found, _before(state, frame) if frame else None, {})
        _newest[:] = [known]
    return known


class _Frame(Struct, frozen=True):
    """What the clock expects of every endpoint alike.

    `first` is the index of the oldest expected window, `spans` are their starts and ends; `due` is where the first one
    begins that is not yet due. `answered` is the source's newest answer; what is dated after `latest` is of the future.
    `elsewhere` are the times in which the flag was not where the phase has it, or a measure hid what is measured.
    """

    first: int
    spans: tuple[Stretch, ...]
    due: datetime
    answered: datetime | None
    latest: datetime
    elsewhere: tuple[Stretch, ...]


def _frame(state: State, now: datetime) -> _Frame | None:
    """Return the frame of the phase at `now`, None before the session started."""
    due, begun = next_start(state, now), counted_since(state)
    if due is None or begun is None:
        return None
    windows, beyond = state.plan.windows, _beyond(state, now)
    first = max(_index_from(windows, begun), beyond - max(SHOWN, windows.count))
    spans = _spans(windows.length, first, beyond)
    health = state.seen.health.get(Topic.TRAFFIC)
    elsewhere = stretches(state, due, (FLAG, HIDDEN["latency"], HIDDEN["errors"]))
    return _Frame(first, spans, due, health.good_at if health else None, now + AHEAD, elsewhere)


def _before(state: State, frame: _Frame) -> _Frame | None:
    """Return the frame of the windows before a frame that its oldest may be judged together with; None without any."""
    windows, begun = state.plan.windows, counted_since(state)
    back = math.floor(windows.pool / windows.length + _GRAIN) - 1
    oldest = _index_from(windows, begun) if begun else frame.first
    first = min(max(oldest, frame.first - back), frame.first)
    spans = _spans(windows.length, first, frame.first)
    return replace(frame, first=first, spans=spans) if spans else None


def _line(state: State, endpoint: str, frame: _Frame) -> Line:
    rows, minutes = state.seen.windows.get(endpoint, ()), state.seen.minutes.get(endpoint, ())
    slots = _slots(state, endpoint, rows, frame)
    alive = any(next(_sighted(each, frame, frame.due), None) is not None for each in (rows, minutes))
    unread = takewhile(lambda slot: slot.reading is None and slot.unread, reversed(slots))
    since = min((slot.start for slot in unread), default=frame.due)
    return Line(slots, tuple(_sighted(rows, frame, since)), alive)


def _slots(state: State, endpoint: str, rows: Sequence[Traffic], frame: _Frame) -> tuple[Slot, ...]:
    found = _placed(rows, frame, state.plan.windows.length)
    whole = [_whole(found.get(index), end) for index, (_, end) in enumerate(frame.spans, frame.first)]
    away = _away(frame.spans, frame.elsewhere)
    if all(whole):
        return _FILLED.recall(
            endpoint, (frame.spans, away, *whole), lambda: tuple(map(_slot, frame.spans, whole, away))
        )
    why, rows_of = _last_sight(state, rows, frame.latest), zip(frame.spans, whole, away, strict=True)
    return tuple(_slot(span, reading, gone, why, frame.answered) for span, reading, gone in rows_of)


@lru_cache(maxsize=64)
def _away(spans: tuple[Stretch, ...], elsewhere: tuple[Stretch, ...]) -> tuple[bool, ...]:
    """Say of each window whether the flag was elsewhere in it. Kept, since all endpoints share their windows."""
    return tuple(any(since < end and until > start for since, until in elsewhere) for start, end in spans)


_FILLED = Memory[tuple[Slot, ...]]()
"""The slots of the endpoints without a hole: the same ones until the next window closes."""
_EARLIER = Memory[tuple[Slot, ...]]()
"""The slots before those, asked for only where a window has too few requests."""


def counted_since(state: State) -> datetime | None:
    """Return when the windows that count begin, alone or with others; None before the session started.

    With the phase, or where the clock was set since: a window that two clocks cut has more, or less, than its time.
    """
    entered, moved = state.entered_at, state.moved_at
    return entered if entered is None or moved is None else max(entered, moved)


def next_start(state: State, now: datetime) -> datetime | None:
    """Return the start of the first window that is not yet due for judgement; None before the session started."""
    if state.entered_at is None:
        return None
    windows = state.plan.windows
    return _start(windows.length, max(_beyond(state, now), _index_from(windows, state.entered_at)))


def boundary(state: State, at: datetime) -> datetime:
    """Return the first window start at or after `at`."""
    return _start(state.plan.windows.length, _index_from(state.plan.windows, at))


def stamp(state: State, at: datetime) -> str:
    """Say a moment as finely as the plan's windows are cut."""
    return clock(at, None, fine=state.plan.windows.length < 60)


def _beyond(state: State, now: datetime) -> int:
    """The index of the first window that has not yet ended and settled."""
    return math.floor((now.timestamp() - settle(state)) / state.plan.windows.length + _GRAIN)


def _placed(rows: Sequence[Traffic], frame: _Frame, length: float) -> Mapping[int, Traffic]:
    """The whole aligned windows read, by index; any other cut proves nothing."""
    found: dict[int, Traffic] = {}
    oldest = (frame.spans[0][0] if frame.spans else frame.due) - _TOUCH
    for reading in reversed(rows):
        if reading.start < oldest:
            break
        index = _place(length, reading.start, reading.end)
        if index is not None and reading.at <= frame.latest:
            found[index] = reading
    return found


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


def _slot(span: Stretch, reading: Traffic | None, gone: bool, why: str = "", answered: datetime | None = None) -> Slot:
    start, end = span
    if reading is not None:
        return Slot(start, end, reading, elsewhere=gone)
    return Slot(start, end, None, why, unread=answered is None or answered < end, elsewhere=gone)


def _last_sight(state: State, rows: Sequence[Traffic], latest: datetime) -> str:
    """Say when samples last vouched for the endpoint: the words for every window lost since."""
    newest = next((item for item in reversed(rows) if item.at <= latest and item.covered > 0), None)
    if newest is None:
        return "no requests seen"
    vouched = (min(newest.end, newest.at) - newest.start) * min(newest.covered, 1.0)
    return f"vanished {stamp(state, newest.start + vouched)}"


def _index_from(windows: Windows, at: datetime) -> int:
    return math.ceil(at.timestamp() / windows.length - _GRAIN)


@lru_cache(maxsize=1024)
def _start(length: float, index: int) -> datetime:
    return datetime.fromtimestamp(index * length, UTC)


@lru_cache(maxsize=64)
def _spans(length: float, first: int, beyond: int) -> tuple[Stretch, ...]:
    return tuple((_start(length, index), _start(length, index + 1)) for index in range(first, beyond))


def _sighted(rows: Sequence[Traffic], frame: _Frame, since: datetime) -> Iterator[Traffic]:
    """The readings that began at `since` or later, and that samples vouch for; the newest first."""
    for item in reversed(rows):
        if item.start < since - _TOUCH:
            return
        if item.at <= frame.latest and item.covered > 0:
            yield item
