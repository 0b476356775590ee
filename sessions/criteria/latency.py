"""Latency: each endpoint's p95 stays within the bound in the newest closed windows."""

import math
from collections.abc import Sequence
from datetime import datetime

from sessions.criteria.freshness import freshness
from sessions.criteria.pooling import Letter, few, pool_seat, seated
from sessions.criteria.scoring import Measure, Seat, SubjectRow, conclude, lineup, not_whole, passed, too_few
from sessions.criteria.windows import Line, Memory, Slot, earlier, lines
from sessions.plan.model import Plan
from sessions.state.reducer import State
from sessions.text.clean import clean
from sessions.text.units import figure
from sessions.values.readings import Topic, Traffic
from sessions.values.verdicts import Mark, Verdict

SLOW = 0.05
"""The share of requests that a p95 leaves over itself."""

_ROUNDED = 1e-6
"""How exactly a share over the bound is told."""


def judge(state: State, now: datetime) -> Verdict:
    """Judge the latency at `now`; value and bound in ms, a part per endpoint."""
    seen, measure = lines(state, now), Measure(state, now, state.plan.latency.p95_ms, "ms", _say)
    rows = tuple([_row(measure, endpoint, seen[endpoint]) for endpoint in state.plan.endpoints])
    return conclude("latency", rows, freshness(state, Topic.TRAFFIC, now))


def pool_is_clean(state: State, endpoint: str, since: datetime, now: datetime) -> bool:
    """Whether the newest window has too few requests, and passes together with others that all began since then."""
    slots = [
        slot for slot in (*earlier(state, endpoint, now), *lines(state, now)[endpoint].slots) if slot.start >= since
    ]
    if not slots or not few(state.plan, slots[-1].reading):
        return False
    return pool_seat(_LETTER, state.plan, slots, _seat(state.plan, slots[-1])).mark is Mark.PASS


def _row(measure: Measure, endpoint: str, line: Line) -> SubjectRow:
    state, now = measure.state, measure.now
    seats = seated(_LETTER, state.plan, endpoint, line, lambda: earlier(state, endpoint, now))
    partial = (_sane(line.running.p95_ms), line.running.p95_capped) if line.running else (None, False)
    return lineup(measure, endpoint, seats, partial, seen=line.alive)


def _seat(plan: Plan, slot: Slot) -> Seat:
    reading = slot.reading
    if reading is None:
        return not_whole(slot)
    p95, bound = _sane(reading.p95_ms), plan.latency.p95_ms
    if doubt := _doubt(plan, reading, p95):
        return Seat(slot, *doubt, over=reading.p95_capped)
    if p95 is not None and p95 <= bound:
        return passed(slot, p95)
    return Seat(slot, Mark.BREACH, p95, over=reading.p95_capped)


def _doubt(plan: Plan, reading: Traffic, p95: float | None) -> tuple[Mark, float | None, str] | None:
    """Say why a whole window cannot be judged; None when it can."""
    needed = plan.windows.min_requests
    if _sane(reading.requests) is None:
        return Mark.SILENT, None, "no request count"
    if reading.requests < needed:
        return Mark.THIN, p95, too_few(reading.requests, needed, plan.windows.length)
    if p95 is None:
        return Mark.SILENT, None, f"no p95: {clean(reading.no_p95)}" if reading.no_p95 else "no p95"
    bound = plan.latency.p95_ms
    if reading.p95_capped and p95 <= bound:
        return Mark.SILENT, None, f"p95 somewhere over {figure(p95, 'ms')}, bound {figure(bound, 'ms')}"
    if straddles(reading, bound):
        return Mark.THIN, p95, _no_edge(bound)
    return None


def straddles(reading: Traffic, bound: float) -> bool:
    """Whether `bound` (ms) is inside the bucket of the p95, so that the p95 may be on either side of it."""
    if reading.bucket_ms is None or reading.over is not None:
        return False
    low, high = reading.bucket_ms
    return low < bound < high


def _sane(value: float | None) -> float | None:
    """Return a figure that can be compared with a bound: finite and not negative, else None."""
    return value if value is not None and math.isfinite(value) and value >= 0 else None


def _say(seat: Seat) -> str:
    return figure(seat.value, "ms", over=seat.over)


def _hits(plan: Plan, reading: Traffic) -> tuple[float, float] | None:
    """The least and the most slow requests of a window; None where its p95 is missing or somewhere over a bucket.

    Where the source does not count them, a p95 within the bound leaves 5 % at most over it, and one beyond it more.
    """
    p95, bound, asked = _sane(reading.p95_ms), plan.latency.p95_ms, reading.requests
    if not asked:
        return None if p95 is not None and p95 > bound else (0.0, 0.0)
    if p95 is None or (reading.p95_capped and p95 <= bound):
        return None
    if reading.over is not None and 0 <= reading.over <= 1:
        return reading.over * asked, reading.over * asked
    if straddles(reading, bound):
        return 0.0, asked
    if p95 <= bound:
        return 0.0, SLOW * asked
    return min(asked, math.floor(SLOW * asked + _ROUNDED) + 1.0), asked


def _fits(plan: Plan, hits: float, asked: float) -> bool:
    del plan
    return hits <= SLOW * asked + min(_ROUNDED * asked, 0.01)


def _highest(plan: Plan, rows: Sequence[Traffic], mark: Mark) -> float | None:
    """The highest p95 of some windows: that of all together is no higher. None where they pass and one is over."""
    value = max((p95 for row in rows if (p95 := _sane(row.p95_ms)) is not None), default=None)
    over = value is not None and value > plan.latency.p95_ms
    return None if mark is Mark.PASS and over else value


def _untold(plan: Plan, rows: Sequence[Traffic]) -> str:
    bound = plan.latency.p95_ms
    if any(straddles(row, bound) for row in rows):
        return _no_edge(bound)
    return f"nobody counts how many are over {figure(bound, 'ms')}"


def _no_edge(bound: float) -> str:
    return f"the buckets cannot tell: add one at {figure(bound, 'ms')}"


_LETTER = Letter(
    alone=_seat,
    hits=_hits,
    fits=_fits,
    value=_highest,
    untold=_untold,
    doubt=lambda _plan, _hits: "",
    bad=lambda plan: f"over {figure(plan.latency.p95_ms, 'ms')}",
    bound=lambda _plan: (f"≤ {100 * SLOW:g} %", f"> {100 * SLOW:g} %"),
    over=lambda rows: any(row.p95_capped for row in rows),
    kept=Memory(),
    pooled=Memory(),
)
