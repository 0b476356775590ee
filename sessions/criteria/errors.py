"""Errors: the share of 5xx stays under the bound, per endpoint and overall, and no minute is a spike."""

import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import chain

from msgspec.structs import replace

from sessions.criteria.freshness import AHEAD, freshness
from sessions.criteria.pooling import Letter, seated
from sessions.criteria.scoring import Measure, Seat, SubjectRow, conclude, lineup, not_whole, passed, too_few
from sessions.criteria.windows import WHOLE, Line, Memory, Slot, boundary, earlier, lines, settle, stamp
from sessions.plan.model import ErrorRule, Plan
from sessions.state.reducer import State
from sessions.text.subjects import EVERY, about
from sessions.text.units import figure
from sessions.values.readings import Topic, Traffic
from sessions.values.verdicts import Mark, Verdict

ALL = EVERY
"""The subject of the part that sums every endpoint."""


def judge(state: State, now: datetime) -> Verdict:
    """Judge the error share at `now`; value and bound in %, a part per endpoint and one for all of them."""
    found, measure = lines(state, now), Measure(state, now, state.plan.errors.share, "%", _say)
    since, latest, seen = _looked_at(state, now), now + AHEAD, state.seen.minutes
    minutes = {endpoint: _faulty(seen.get(endpoint, ()), since, latest) for endpoint in found}
    rows = [_row(measure, endpoint, found[endpoint], minutes[endpoint]) for endpoint in state.plan.endpoints]
    if rows:
        rows.append(_overall(measure, found, _summed(state, minutes.values(), now)))
    return conclude("errors", tuple(rows), freshness(state, Topic.TRAFFIC, now))


def share(errors: float, requests: float) -> float | None:
    """Return errors per request in %; None where the two cannot be divided or make no sense."""
    if not (math.isfinite(errors) and math.isfinite(requests) and errors >= 0 and requests > 0):
        return None
    return 100 * errors / requests


def spiked(rule: ErrorRule, minute: Traffic) -> bool:
    """Whether a minute is a 5xx spike: enough errors that are a large enough share of its requests."""
    return minute.errors >= rule.spike_errors and minute.errors * 100 >= rule.spike_share * minute.requests


def _row(measure: Measure, endpoint: str, line: Line, minutes: Iterable[Traffic]) -> SubjectRow:
    state, now = measure.state, measure.now
    seats = seated(_LETTER, state.plan, endpoint, line, lambda: earlier(state, endpoint, now))
    partial = share(line.running.errors, line.running.requests) if line.running else None
    row = lineup(measure, endpoint, seats, (partial, False), seen=line.alive)
    return _with_spike(measure.state, row, line.slots, minutes)


def _overall(measure: Measure, found: Mapping[str, Line], minutes: Iterable[Traffic]) -> SubjectRow:
    """Judge the sums of all endpoints, window by window; every endpoint has the same expected windows."""
    seen = [found[endpoint] for endpoint in measure.state.plan.endpoints]
    slots = tuple(_together(column) for column in zip(*(line.slots for line in seen), strict=True))
    seats = seated(_LETTER, measure.state.plan, ALL, Line(slots), lambda: _all_earlier(measure))
    partial = [line.running for line in seen if line.running is not None]
    value = share(sum(item.errors for item in partial), sum(item.requests for item in partial))
    row = lineup(measure, ALL, seats, (value, False), seen=any(line.alive for line in seen))
    return _with_spike(measure.state, row, slots, minutes)


def _seat(plan: Plan, slot: Slot) -> Seat:
    reading = slot.reading
    if reading is None:
        return not_whole(slot)
    needed, value = plan.windows.min_requests, share(reading.errors, reading.requests)
    if 0 <= reading.requests < needed:
        return Seat(slot, Mark.THIN, value, too_few(reading.requests, needed, plan.windows.length))
    if value is None:
        return Seat(slot, Mark.SILENT, None, "no error share")
    return passed(slot, value) if value < plan.errors.share else Seat(slot, Mark.BREACH, value)


def _say(seat: Seat) -> str:
    return figure(seat.value, "%")


def _hits(_plan: Plan, reading: Traffic) -> tuple[float, float] | None:
    sound = 0 <= reading.errors < math.inf and reading.covered >= WHOLE
    return (reading.errors, reading.errors) if sound else None


def _fits(plan: Plan, errors: float, requests: float) -> bool:
    value = share(errors, requests)
    return value is not None and value < plan.errors.share


def _share_of(_plan: Plan, rows: Sequence[Traffic], _mark: Mark) -> float | None:
    return share(sum(row.errors for row in rows), sum(row.requests for row in rows))


def _may_be_spike(plan: Plan, errors: float) -> str:
    """Minutes are looked at as far back as the newest windows: what is older, and enough for a spike, may hold one."""
    least = plan.errors.spike_errors
    return f"{errors:.0f} errors ≥ {least:g} may be a spike of one minute" if errors >= least else ""


_LETTER = Letter(
    alone=_seat,
    hits=_hits,
    fits=_fits,
    value=_share_of,
    untold=lambda _plan, _rows: "nobody can tell",
    doubt=_may_be_spike,
    bad=lambda _plan: "failed",
    bound=lambda plan: (f"< {figure(plan.errors.share, '%')}", f"≥ {figure(plan.errors.share, '%')}"),
    over=lambda _rows: False,
    kept=Memory(),
    pooled=Memory(),
)


def _all_earlier(measure: Measure) -> tuple[Slot, ...]:
    """The windows before those of the lines, summed like them."""
    rows = [earlier(measure.state, endpoint, measure.now) for endpoint in measure.state.plan.endpoints]
    return tuple(_together(column) for column in zip(*rows, strict=True))


def _with_spike(state: State, row: SubjectRow, slots: Sequence[Slot], minutes: Iterable[Traffic]) -> SubjectRow:
    """The newest spike speaks for its row until it lies before the newest windows; `minutes` come newest first."""
    rule, windows = state.plan.errors, state.plan.windows
    since = slots[-windows.count].start if len(slots) >= windows.count else state.entered_at
    spike = next((item for item in minutes if since is not None and item.end > since and spiked(rule, item)), None)
    if spike is None:
        return row
    value = share(spike.errors, spike.requests)
    figures = f"{figure(value, '%')} ≥ {figure(rule.spike_share, '%')} failed"
    how = f"spike at {stamp(state, spike.start)}: {figures}, {spike.errors:.0f} of {spike.requests:.0f} requests"
    part = replace(row.part, mark=Mark.BREACH, value=value, bound=rule.spike_share, text=how)
    eta = boundary(state, spike.end) + timedelta(seconds=windows.count * windows.length + settle(state))
    said = how + about("errors", row.part.subject)
    return replace(row, part=part, peak=value, said=said, eta=max(eta, row.eta or eta))


def _looked_at(state: State, now: datetime) -> datetime:
    """Return when the oldest minute begins that can speak for a row: none from before the phase, or the windows."""
    windows = state.plan.windows
    back = timedelta(seconds=(windows.count + 1) * windows.length + settle(state) + windows.minute)
    return max(state.entered_at or now, now - back)


def _faulty(minutes: Sequence[Traffic], since: datetime, latest: datetime) -> list[Traffic]:
    """The minutes with errors, newest first: no other can be a spike."""
    young = minutes[bisect_left(minutes, since, key=_start) :]
    return [item for item in reversed(young) if item.errors and item.at <= latest]


def _start(minute: Traffic) -> datetime:
    return minute.start


def _together(column: Sequence[Slot]) -> Slot:
    """The sum of a window over all endpoints; not covered where one of them was not seen whole."""
    whole = [slot.reading for slot in column if slot.reading is not None]
    if not whole:
        return column[0]
    summed = _sum(whole)
    return replace(column[0], reading=summed if len(whole) == len(column) else replace(summed, covered=0.0))


def _summed(state: State, faulty: Iterable[Sequence[Traffic]], now: datetime) -> Iterable[Traffic]:
    """Sum the minutes of all endpoints, newest first, where there are errors enough for a spike at all."""
    errors: dict[datetime, float] = defaultdict(float)
    for item in chain.from_iterable(faulty):
        errors[item.start] += item.errors
    enough = [start for start, count in errors.items() if count >= state.plan.errors.spike_errors]
    return map(_sum, _columns(state, sorted(enough, reverse=True), now)) if enough else ()


def _columns(state: State, starts: Sequence[datetime], now: datetime) -> Iterable[Sequence[Traffic]]:
    """Return the minutes of all endpoints that began at each of these moments."""
    columns, latest = {start: list[Traffic]() for start in starts}, now + AHEAD
    for endpoint in state.plan.endpoints:
        for item in state.seen.minutes.get(endpoint, ()):
            if item.start in columns and item.at <= latest:
                columns[item.start].append(item)
    return columns.values()


def _sum(rows: Sequence[Traffic]) -> Traffic:
    return replace(
        rows[0],
        endpoint=ALL,
        requests=sum(item.requests for item in rows),
        errors=sum(item.errors for item in rows),
        p95_ms=None,
    )
