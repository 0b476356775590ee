"""One subject judged over its newest windows, and the verdict that its rows add up to."""

import math
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import takewhile

from msgspec import Struct
from msgspec.structs import replace

from sessions.criteria.freshness import Freshness, unjudged
from sessions.criteria.windows import Memory, Slot, next_start, settle
from sessions.state.reducer import State
from sessions.text.subjects import about
from sessions.text.units import counted, minutes
from sessions.values.verdicts import WORST_FIRST, Mark, Part, Pool, Verdict

_PLACES = {mark: place for place, mark in enumerate(WORST_FIRST)}


class Seat(Struct, frozen=True):
    """One slot judged: `value` is None where nothing finite was seen; `text` says why it is no pass.

    `pool` is what it was judged on where that is more than itself; then `text` says it where `value` does not.
    `over`: the true value is somewhere above `value`.
    """

    slot: Slot
    mark: Mark
    value: float | None = None
    text: str = ""
    pool: Pool | None = None
    over: bool = False

    @property
    def lost(self) -> bool:
        """Whether nothing whole was seen of the window."""
        return self.slot.reading is None


class SubjectRow(Struct, frozen=True):
    """One subject judged over its newest windows.

    `peak` is the value it is ranked and told by, `said` its words in the verdict, `newest` the seats that judged it.
    `over`: the true value is somewhere above `peak`.
    """

    part: Part
    peak: float | None
    said: str
    newest: tuple[Seat, ...] = ()
    eta: datetime | None = None
    over: bool = False


class Measure(Struct, frozen=True):
    """What rows are measured by: the state at a moment, the criterion's bound, its unit, how a seat's value is said."""

    state: State
    now: datetime
    bound: float
    unit: str
    say: Callable[[Seat], str]


Partial = tuple[float | None, bool]
"""The value of a running window, and whether the true one is somewhere above it."""


def lineup(measure: Measure, subject: str, seats: tuple[Seat, ...], partial: Partial, *, seen: bool) -> SubjectRow:
    """Judge one subject by its newest seats; a window lost before data came back only makes it warm up again.

    `partial` is the value of its running window, `seen` says whether it is being read now.
    """
    newest = seats[-measure.state.plan.windows.count :]
    seen = seen or _seen_again(newest)
    if any(seat.value is not None for seat in newest):
        name, told_by = f"{measure.unit} {subject}", (measure.state.plan, seats, seen)
        row = _KNOWN.recall(name, told_by, lambda: _told(measure, subject, seats, (None, False), seen=seen))
    else:
        row = _told(measure, subject, seats, partial, seen=seen)
    hopeless = row.part.mark is Mark.PASS or (row.part.mark is Mark.SILENT and not seen)
    return row if hopeless else replace(row, eta=_eta(measure.state, newest, measure.now))


_KNOWN = Memory[SubjectRow]()
"""The rows whose seats have a value: the same ones until the next window closes, but for when they could pass."""


def _told(measure: Measure, subject: str, seats: tuple[Seat, ...], partial: Partial, *, seen: bool) -> SubjectRow:
    """Return the row of these seats, without when it could pass; `partial` is its value where none of them has one."""
    count = measure.state.plan.windows.count
    newest = seats[-count:]
    weights = [Mark.WARMING if seat.lost and seen else seat.mark for seat in newest]
    young = [Mark.WARMING] if len(newest) < count else []
    mark = min(weights + young, key=_PLACES.__getitem__)
    culprit = next((seat for seat, weight in zip(newest[::-1], weights[::-1], strict=True) if weight is mark), None)
    partial = (None, False) if mark is Mark.PASS else partial
    value, over = next(((seat.value, seat.over) for seat in reversed(newest) if seat.value is not None), partial)
    peak = (culprit.value, culprit.over) if mark is Mark.BREACH and culprit is not None else (value, over)
    passed = _run(newest) if mark is Mark.WARMING else weights.count(Mark.PASS)
    pooled = _pooled(newest) if mark is Mark.PASS else ""
    text, said = _words(mark, culprit, measure, subject, f"{passed}/{count} windows{pooled}")
    marks, pools = tuple([seat.mark for seat in seats]), tuple([seat.pool for seat in seats])
    part = Part(subject, mark, value, measure.bound, measure.unit, text, marks, pools, over)
    return SubjectRow(part, peak[0], said, newest, over=peak[1])


def conclude(criterion: str, rows: tuple[SubjectRow, ...], fresh: Freshness) -> Verdict:
    """Fold rows into the verdict: the worst one speaks; without a fresh source none does."""
    parts = tuple(row.part for row in rows)
    if not fresh.ok:
        return unjudged(criterion, fresh, parts)
    if not rows:
        return Verdict(criterion, Mark.SILENT, text="the plan names no endpoint", since=fresh.good_at)
    row = min(rows, key=_rank)
    part = row.part
    since = (_last_seen(row.newest) if part.mark is Mark.SILENT else None) or fresh.good_at
    said = row.said + (_others(rows, row) if part.mark is Mark.PASS else "")
    measured = row.peak, part.bound, part.unit
    return Verdict(criterion, part.mark, part.subject, *measured, said, since, _last(rows), parts, row.over)


def passed(slot: Slot, value: float | None) -> Seat:
    """Return the seat of a window that passes; one that the flag was elsewhere in proves nothing, and warms up."""
    return Seat(slot, Mark.WARMING if slot.elsewhere else Mark.PASS, value)


def too_few(requests: float, needed: int, seconds: float) -> str:
    """Say that so many requests in so many seconds are fewer than are needed."""
    return f"{counted(math.floor(requests), 'requests')} in {minutes(seconds)} < {needed} needed"


def not_whole(slot: Slot) -> Seat:
    """Return the seat of a slot without a whole reading."""
    return Seat(slot, Mark.WARMING if slot.unread else Mark.SILENT, None, slot.why)


def _rank(row: SubjectRow) -> tuple[int, float, float]:
    """The worst mark first, then the longest to wait for, then the highest value."""
    waits = row.eta.timestamp() if row.eta and row.part.mark is Mark.WARMING else 0.0
    return _PLACES[row.part.mark], -waits, -(row.peak if row.peak is not None else -math.inf)


def _last(rows: tuple[SubjectRow, ...]) -> datetime | None:
    """The verdict could pass when its last row could; one row that nothing forecasts leaves it open."""
    open_rows = [row.eta for row in rows if row.part.mark is not Mark.PASS]
    known = [eta for eta in open_rows if eta is not None]
    return max(known) if known and len(known) == len(open_rows) else None


def _others(rows: Sequence[SubjectRow], told: SubjectRow) -> str:
    """Say how many rows pass by pooled windows, if the worst row does not."""
    if _pooled(told.newest):
        return ""
    count = sum(1 for row in rows if _pooled(row.newest))
    return f" ({counted(count, 'endpoints')} pooled)" if count else ""


def _pooled(newest: Sequence[Seat]) -> str:
    """Say how long the newest pool is; empty where each window was judged alone."""
    pool = next((seat.pool for seat in reversed(newest) if seat.pool is not None), None)
    return f" (pooled over {minutes(pool.seconds)})" if pool else ""


def _seen_again(newest: Sequence[Seat]) -> bool:
    read = [seat for seat in newest if not seat.slot.unread]
    return bool(read) and not read[-1].lost


def _words(mark: Mark, culprit: Seat | None, measure: Measure, subject: str, windows: str) -> tuple[str, str]:
    """The part's words, and the verdict's: those name the subject where there is something to find."""
    named = about("", subject)
    if culprit is None or mark is Mark.WARMING:
        warming = windows.replace("/", " of ")
        return warming, warming
    if mark is Mark.PASS:
        return (passing := f"{_figure(culprit, measure)}  {windows}"), passing
    if mark is Mark.BREACH:
        return f"{_figure(culprit, measure)}  {windows}", _figure(culprit, measure) + named
    return culprit.text, culprit.text + named


def _figure(seat: Seat, measure: Measure) -> str:
    """What was measured of a seat that passes or breaches; a pool may say it in words of its own."""
    return (seat.text if seat.pool else "") or measure.say(seat)


def _run(newest: Sequence[Seat]) -> int:
    """How many clean windows follow the newest one that was not; one that is still unread breaks no run."""
    read = (seat for seat in reversed(newest) if not seat.slot.unread)
    return sum(1 for _ in takewhile(lambda seat: seat.mark is Mark.PASS, read))


def _eta(state: State, newest: Sequence[Seat], now: datetime) -> datetime | None:
    """When the plan's count of clean windows could be closed: those that follow the newest bad one."""
    start, windows = next_start(state, now), state.plan.windows
    if start is None:
        return None
    missing = windows.count - _run(newest) - sum(seat.slot.unread for seat in newest)
    return max(now, start + timedelta(seconds=missing * windows.length + settle(state)))


def _last_seen(seats: Sequence[Seat]) -> datetime | None:
    """Return the end of the newest seat that was judged on numbers, else the start of the oldest."""
    if not seats:
        return None
    judged = (seat.slot.end for seat in reversed(seats) if seat.mark in (Mark.PASS, Mark.BREACH, Mark.THIN))
    return next(judged, seats[0].slot.start)
