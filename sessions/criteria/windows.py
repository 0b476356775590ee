"""The windows a phase is judged by: the clock says which are expected, the readings say what was seen of them."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sessions.criteria.fresh import Freshness, timely
from sessions.figures import clock
from sessions.plan import Windows
from sessions.readings import Topic, Traffic
from sessions.state import State
from sessions.verdicts import WORST_FIRST, Mark, Part, Verdict

SHOWN = 6
"""How many windows a strip shows at least."""

WHOLE = 0.9
"""The share of a window that samples must vouch for before it is judged."""

_GRAIN = 1e-6
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


@dataclass(frozen=True, slots=True)
class Seat:
    """One slot judged: `value` is None where nothing finite was seen; `text` says why it is no pass."""

    slot: Slot
    mark: Mark
    value: float | None = None
    text: str = ""

    @property
    def lost(self) -> bool:
        """Whether nothing whole was seen of the window."""
        return self.slot.reading is None


@dataclass(frozen=True, slots=True)
class Row:
    """One subject judged over its newest windows.

    `peak` is the value it is ranked and told by, `said` its words in the verdict, `since` when it was last seen.
    """

    part: Part
    peak: float | None
    said: str
    since: datetime | None = None
    eta: datetime | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """What a row is measured in: the criterion's bound, its unit, how a seat's value is said.

    `seen` is whether the subject is being read now, `partial` the value of its running window.
    """

    bound: float
    unit: str
    say: Callable[[Seat], str]
    seen: bool
    partial: float | None = None


def settle(state: State) -> float:
    """Return the seconds between a window's end and its judgement; it follows a data latency over the plan's bound."""
    health = state.seen.health.get(Topic.TRAFFIC)
    late = 0.0
    if health is not None and health.good_at is not None and health.newest is not None:
        late = (health.good_at - health.newest).total_seconds()
    return state.plan.windows.settle + (late if late > state.plan.cadence.data_latency else 0.0)


def slots(state: State, endpoint: str, now: datetime) -> tuple[Slot, ...]:
    """Return the newest expected closed windows of the phase, oldest first, seen or not; at least the plan's count."""
    if state.entered_at is None:
        return ()
    windows = state.plan.windows
    first = _index_from(windows, state.entered_at)
    beyond = math.floor((now.timestamp() - settle(state)) / windows.length + _GRAIN)
    first = max(first, beyond - max(SHOWN, windows.count))
    readings = {
        index: reading
        for reading in state.seen.windows.get(endpoint, ())
        if timely(reading.at, now) and (index := _aligned(windows, reading)) is not None
    }
    health = state.seen.health.get(Topic.TRAFFIC)
    answered = health.good_at if health else None
    return tuple(_slot(windows, index, readings.get(index), answered) for index in range(first, beyond))


def next_start(state: State, now: datetime) -> datetime | None:
    """Return the start of the first window that is not yet due for judgement; None before the session started."""
    if state.entered_at is None:
        return None
    windows = state.plan.windows
    beyond = math.floor((now.timestamp() - settle(state)) / windows.length + _GRAIN)
    return _start(windows, max(beyond, _index_from(windows, state.entered_at)))


def boundary(state: State, at: datetime) -> datetime:
    """Return the first window start at or after `at`."""
    return _start(state.plan.windows, _index_from(state.plan.windows, at))


def running(state: State, endpoint: str, now: datetime) -> Traffic | None:
    """Return the newest usable reading of a window not yet due for judgement, None where there is none."""
    start = next_start(state, now)
    rows = state.seen.windows.get(endpoint, ())
    usable = (item for item in reversed(rows) if timely(item.at, now) and start is not None and _from(start, item))
    return next((item for item in usable if item.covered > 0), None)


def alive(state: State, endpoint: str, now: datetime) -> bool:
    """Whether the endpoint was seen after its newest expected window: a hole before that is history, not silence."""
    start = next_start(state, now)
    minutes = state.seen.minutes.get(endpoint, ())
    later = (item for item in minutes if timely(item.at, now) and start is not None and item.start >= start)
    return running(state, endpoint, now) is not None or any(item.covered > 0 for item in later)


def lineup(state: State, subject: str, seats: Sequence[Seat], measure: Measure, now: datetime) -> Row:
    """Judge one subject by its newest seats; a window lost before it was seen again only makes it warm up anew."""
    count = state.plan.windows.count
    newest = tuple(seats)[-count:]
    seen = measure.seen or _seen_again(newest)
    weights = [Mark.WARMING if seat.lost and seen else seat.mark for seat in newest]
    mark = min([*weights, *[Mark.WARMING] * (len(newest) < count)], key=WORST_FIRST.index)
    culprit = next((seat for seat, weight in zip(newest[::-1], weights[::-1], strict=True) if weight is mark), None)
    value = next((seat.value for seat in reversed(newest) if seat.value is not None), measure.partial)
    peak = culprit.value if mark is Mark.BREACH and culprit is not None else value
    passed = sum(seat.mark is Mark.PASS for seat in newest)
    text, said = _words(mark, culprit, measure, subject, f"{passed}/{count} windows")
    part = Part(subject, mark, value, measure.bound, measure.unit, text, tuple(seat.mark for seat in seats))
    hopeless = mark is Mark.PASS or (mark is Mark.SILENT and not seen)
    return Row(part, peak, said, last_seen(newest), None if hopeless else _eta(state, newest, now))


def conclude(criterion: str, rows: tuple[Row, ...], fresh: Freshness) -> Verdict:
    """Fold rows into the verdict: the worst one speaks; without a fresh source none does."""
    if not fresh.ok:
        rows = tuple(replace(row, part=replace(row.part, mark=fresh.mark, text=fresh.text)) for row in rows)
        return Verdict(criterion, fresh.mark, text=fresh.text, since=fresh.good_at, parts=_parts(rows))
    if not rows:
        return Verdict(criterion, Mark.SILENT, text="the plan names no endpoint", since=fresh.good_at)
    row = min(rows, key=_rank)
    part = row.part
    since = (row.since if part.mark is Mark.SILENT else None) or fresh.good_at
    return Verdict(
        criterion, part.mark, part.subject, row.peak, part.bound, part.unit, row.said, since, _last(rows), _parts(rows)
    )


def last_seen(seats: Sequence[Seat]) -> datetime | None:
    """Return the end of the newest seat that was judged on numbers, else the start of the oldest."""
    if not seats:
        return None
    judged = (seat.slot.end for seat in reversed(seats) if seat.mark in (Mark.PASS, Mark.BREACH, Mark.THIN))
    return next(judged, seats[0].slot.start)


def unseen(slot: Slot) -> Seat:
    """Return the seat of a slot without a whole reading."""
    return Seat(slot, Mark.WARMING if slot.unread else Mark.SILENT, None, slot.why)


def stamp(state: State, at: datetime) -> str:
    """Say a moment as finely as the plan's windows are cut."""
    return clock(at, None, fine=state.plan.windows.length < 60)


def _parts(rows: tuple[Row, ...]) -> tuple[Part, ...]:
    return tuple(row.part for row in rows)


def _rank(row: Row) -> tuple[int, float]:
    return (WORST_FIRST.index(row.part.mark), -(row.peak if row.peak is not None else -math.inf))


def _last(rows: tuple[Row, ...]) -> datetime | None:
    """The verdict could pass when its last row could; one row that nothing forecasts leaves it open."""
    open_rows = [row.eta for row in rows if row.part.mark is not Mark.PASS]
    known = [eta for eta in open_rows if eta is not None]
    return max(known) if known and len(known) == len(open_rows) else None


def _seen_again(newest: Sequence[Seat]) -> bool:
    read = [seat for seat in newest if not seat.slot.unread]
    return bool(read) and not read[-1].lost


def _words(mark: Mark, culprit: Seat | None, measure: Measure, subject: str, windows: str) -> tuple[str, str]:
    """The part's words, and the verdict's: those name the subject where there is something to find."""
    if culprit is None or mark is Mark.WARMING:
        warming = windows.replace("/", " of ")
        return warming, warming
    if mark is Mark.PASS:
        return (passing := f"{measure.say(culprit)}  {windows}"), passing
    if mark is Mark.BREACH:
        return f"{measure.say(culprit)}  {windows}", f"{measure.say(culprit)} {subject}"
    return culprit.text, f"{culprit.text} {subject}"


def _eta(state: State, newest: Sequence[Seat], now: datetime) -> datetime | None:
    """When the plan's count of clean windows could be closed: those that follow the newest bad one."""
    start = next_start(state, now)
    if start is None:
        return None
    run = 0
    for seat in reversed(newest):
        if seat.mark is not Mark.PASS and not seat.slot.unread:
            break
        run += 1
    windows = state.plan.windows
    return max(now, start + timedelta(seconds=(windows.count - run) * windows.length + settle(state)))


def _slot(windows: Windows, index: int, reading: Traffic | None, answered: datetime | None) -> Slot:
    start, end = _start(windows, index), _start(windows, index + 1)
    if reading is not None and reading.at >= end - timedelta(microseconds=1) and reading.covered >= WHOLE:
        return Slot(start, end, reading)
    unread = answered is None or answered < end
    if reading is None:
        return Slot(start, end, None, "no requests seen", unread)
    if reading.at < end:
        return Slot(start, end, None, f"vanished {clock(reading.at, None, fine=windows.length < 60)}", unread)
    return Slot(start, end, None, f"half seen {clock(start, None, fine=windows.length < 60)}", unread)


def _index_from(windows: Windows, at: datetime) -> int:
    return math.ceil(at.timestamp() / windows.length - _GRAIN)


def _start(windows: Windows, index: int) -> datetime:
    return datetime.fromtimestamp(index * windows.length, UTC)


def _from(start: datetime, reading: Traffic) -> bool:
    return reading.start >= start - timedelta(microseconds=1)


def _aligned(windows: Windows, reading: Traffic) -> int | None:
    """The index of a reading that is one whole aligned window of the plan, None for any other cut."""
    index = round(reading.start.timestamp() / windows.length)
    off = abs(reading.start.timestamp() - index * windows.length)
    long = abs((reading.end - reading.start).total_seconds() - windows.length)
    return index if max(off, long) <= _OFF * windows.length else None
