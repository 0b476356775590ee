"""Errors: the share of 5xx stays under the bound, per endpoint and overall, and no minute is a spike."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sessions.criteria.fresh import freshness, timely
from sessions.criteria.rows import Measure, Row, Seat, conclude, lineup, unseen
from sessions.criteria.windows import Slot, alive, boundary, running, settle, slots, stamp
from sessions.figures import figure
from sessions.plan import ErrorRule, Plan
from sessions.readings import Topic, Traffic
from sessions.state import State
from sessions.verdicts import Mark, Verdict

ALL = "all"
"""The subject of the part that sums every endpoint."""


def judge(state: State, now: datetime) -> Verdict:
    """Judge the error share at `now`; value and bound in %, a part per endpoint and one for all of them."""
    lines = {endpoint: slots(state, endpoint, now) for endpoint in state.plan.endpoints}
    minutes = {endpoint: _minutes(state, endpoint, now) for endpoint in state.plan.endpoints}
    rows = [_row(state, endpoint, lines[endpoint], minutes[endpoint], now) for endpoint in state.plan.endpoints]
    if rows:
        rows.append(
            _row(state, ALL, _overall(tuple(lines.values())), _summed(state.plan.errors, minutes.values()), now)
        )
    return conclude("errors", tuple(rows), freshness(state, Topic.TRAFFIC, now))


def share(errors: float, requests: float) -> float | None:
    """Return errors per request in %; None where the two cannot be divided or make no sense."""
    if not (math.isfinite(errors) and math.isfinite(requests) and errors >= 0 and requests > 0):
        return None
    return 100 * errors / requests


def spiked(rule: ErrorRule, minute: Traffic) -> bool:
    """Whether a minute is a 5xx spike: enough errors that are a large enough share of its requests."""
    return minute.errors >= rule.spike_errors and minute.errors * 100 >= rule.spike_share * minute.requests


def _row(state: State, subject: str, line: Sequence[Slot], minutes: Sequence[Traffic], now: datetime) -> Row:
    seats = tuple(_seat(state.plan, slot) for slot in line)
    names = state.plan.endpoints if subject == ALL else (subject,)
    seen = any(alive(state, name, now) for name in names)
    partial = [item for name in names if (item := running(state, name, now)) is not None]
    value = share(sum(item.errors for item in partial), sum(item.requests for item in partial))
    row = lineup(state, subject, seats, Measure(state.plan.errors.share, "%", _say, seen, value), now)
    count = state.plan.windows.count
    since = line[-count].start if len(line) >= count else state.entered_at
    spikes = [item for item in minutes if since is not None and item.end > since and spiked(state.plan.errors, item)]
    return _with_spike(state, row, spikes[-1]) if spikes else row


def _seat(plan: Plan, slot: Slot) -> Seat:
    reading = slot.reading
    if reading is None:
        return unseen(slot)
    needed, value = plan.windows.min_requests, share(reading.errors, reading.requests)
    if 0 <= reading.requests < needed:
        return Seat(slot, Mark.THIN, value, f"{math.floor(reading.requests)} of {needed} requests")
    if value is None:
        return Seat(slot, Mark.SILENT, None, "no error share")
    return Seat(slot, Mark.PASS if value < plan.errors.share else Mark.BREACH, value)


def _say(seat: Seat) -> str:
    return figure(seat.value, "%")


def _with_spike(state: State, row: Row, spike: Traffic) -> Row:
    """The newest spike speaks for its row until it lies before the newest windows."""
    rule, windows, value = state.plan.errors, state.plan.windows, share(spike.errors, spike.requests)
    when, how = f"spike {stamp(state, spike.start)}", f"{spike.errors:.0f} of {spike.requests:.0f}"
    part = replace(row.part, mark=Mark.BREACH, value=value, bound=rule.spike_share, text=f"{when}  {how}")
    eta = boundary(state, spike.end) + timedelta(seconds=windows.count * windows.length + settle(state))
    return replace(row, part=part, peak=value, said=f"{when} {row.part.subject} {how}", eta=max(eta, row.eta or eta))


def _minutes(state: State, endpoint: str, now: datetime) -> tuple[Traffic, ...]:
    """The minutes of the phase: one that began before it was entered does not count."""
    rows, entered = state.seen.minutes.get(endpoint, ()), state.entered_at
    return tuple(item for item in rows if entered is not None and item.start >= entered and timely(item.at, now))


def _overall(lines: Sequence[Sequence[Slot]]) -> tuple[Slot, ...]:
    """Sum the slots of all endpoints, window by window; every endpoint has the same expected windows."""
    return tuple(_together(column) for column in zip(*lines, strict=True))


def _together(column: Sequence[Slot]) -> Slot:
    whole = [slot.reading for slot in column if slot.reading is not None]
    return replace(column[0], reading=_sum(whole)) if whole else column[0]


def _summed(rule: ErrorRule, minutes: Iterable[Sequence[Traffic]]) -> tuple[Traffic, ...]:
    """Sum the minutes of all endpoints, where there are errors enough for a spike at all."""
    together: dict[datetime, list[Traffic]] = {}
    for row in minutes:
        for item in row:
            together.setdefault(item.start, []).append(item)
    columns = (together[start] for start in sorted(together))
    return tuple(_sum(column) for column in columns if sum(item.errors for item in column) >= rule.spike_errors)


def _sum(rows: Sequence[Traffic]) -> Traffic:
    return replace(
        rows[0],
        endpoint=ALL,
        requests=sum(item.requests for item in rows),
        errors=sum(item.errors for item in rows),
        p95_ms=None,
    )
