"""Latency: each endpoint's p95 stays within the bound in the newest closed windows."""

import math
from datetime import datetime

from sessions.criteria.freshness import freshness
from sessions.criteria.scoring import Measure, Seat, SubjectRow, conclude, lineup, passed, unseen
from sessions.criteria.windows import Line, Memory, Slot, lines
from sessions.plan.model import Plan
from sessions.state.reducer import State
from sessions.text.clean import clean
from sessions.text.units import figure
from sessions.values.readings import Topic, Traffic
from sessions.values.verdicts import Mark, Verdict

_SEATS = Memory[tuple[Seat, ...]]()


def judge(state: State, now: datetime) -> Verdict:
    """Judge the latency at `now`; value and bound in ms, a part per endpoint."""
    seen, measure = lines(state, now), Measure(state, now, state.plan.latency.p95_ms, "ms", _say)
    rows = tuple([_row(measure, endpoint, seen[endpoint]) for endpoint in state.plan.endpoints])
    return conclude("latency", rows, freshness(state, Topic.TRAFFIC, now))


def _row(measure: Measure, endpoint: str, line: Line) -> SubjectRow:
    plan = measure.state.plan
    seats = _SEATS.recall(endpoint, (plan, line.slots), lambda: tuple([_seat(plan, slot) for slot in line.slots]))
    partial = _sane(line.running.p95_ms) if line.running else None
    return lineup(measure, endpoint, seats, partial, seen=line.alive)


def _seat(plan: Plan, slot: Slot) -> Seat:
    reading = slot.reading
    if reading is None:
        return unseen(slot)
    p95, bound = _sane(reading.p95_ms), plan.latency.p95_ms
    if doubt := _doubt(plan, reading, p95):
        return Seat(slot, *doubt)
    if p95 is not None and p95 <= bound:
        return passed(slot, p95)
    return Seat(slot, Mark.BREACH, p95)


def _doubt(plan: Plan, reading: Traffic, p95: float | None) -> tuple[Mark, float | None, str] | None:
    """Say why a whole window cannot be judged; None when it can."""
    needed = plan.windows.min_requests
    if _sane(reading.requests) is None:
        return Mark.SILENT, None, "no request count"
    if reading.requests < needed:
        return Mark.THIN, p95, f"{math.floor(reading.requests)} of {needed} requests"
    if p95 is None:
        return Mark.SILENT, None, f"no p95: {clean(reading.no_p95, 60)}" if reading.no_p95 else "no p95"
    bound = plan.latency.p95_ms
    if reading.p95_capped and p95 <= bound:
        return Mark.SILENT, None, f"p95 somewhere over {figure(p95, 'ms')}"
    if _straddles(reading, bound):
        return Mark.THIN, p95, f"the buckets cannot tell: add one at {figure(bound, 'ms')}"
    return None


def _straddles(reading: Traffic, bound: float) -> bool:
    """Whether the p95 lies in a bucket that reaches over `bound` (ms) from below: it may lie on either side."""
    if reading.bucket_ms is None or reading.over is not None:
        return False
    low, high = reading.bucket_ms
    return low < bound < high


def _sane(value: float | None) -> float | None:
    """Return a figure that can be compared with a bound: finite and not negative, else None."""
    return value if value is not None and math.isfinite(value) and value >= 0 else None


def _say(seat: Seat) -> str:
    over = "> " if seat.slot.reading is not None and seat.slot.reading.p95_capped else ""
    return over + figure(seat.value, "ms")
