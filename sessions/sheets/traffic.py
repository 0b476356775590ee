"""What the traffic of the phase showed: soak, the worst window of each criterion, holes, endpoints, both groups."""

from collections.abc import Callable, Iterator
from datetime import datetime, tzinfo

from sessions.criteria.by_flag import ERRORS, LATENCY, Answer, compared
from sessions.criteria.freshness import asked
from sessions.gate.judgement import Judgement
from sessions.gate.soak import unwatched_times
from sessions.gate.wording import phrase
from sessions.state.model import State
from sessions.text.intervals import clipped, joined
from sessions.text.units import clock, duration, figure
from sessions.values.readings import Traffic
from sessions.values.sheets import Row, Section
from sessions.values.verdicts import Mark

_SHOWN = 8
"""The most holes or endpoints that are listed; more are counted."""


def soak(judgement: Judgement, _tz: tzinfo | None) -> Iterator[Section]:
    """Lay out how much of the phase is proved, and how busy it was."""
    told, rule = judgement.soak, judgement.state.plan.soak
    if not told.needed:
        yield Section("Soak", (Row("asked for", "none in this phase"),))
        return
    rows = [
        Row("counted", duration(told.done), f"≥ {duration(told.needed)}", mark=told.mark),
        Row(
            "watched",
            figure(told.coverage, "%"),
            f"≥ {figure(rule.coverage, '%')}",
            mark=_least(told.coverage, rule.coverage),
        ),
        Row(
            "widest hole",
            duration(told.widest_hole),
            f"≤ {duration(rule.hole)}",
            mark=_most(told.widest_hole, rule.hole),
        ),
    ]
    if told.busy is not None:
        rows.append(
            Row("busy", figure(told.busy, "%"), f"≥ {figure(rule.busy, '%')}", mark=_least(told.busy, rule.busy))
        )
    yield Section("Soak", tuple(rows))


def sources(judgement: Judgement, _tz: tzinfo | None) -> Iterator[Section]:
    """List the data latency of each source: how old its newest datum was when it answered."""
    state, newest, answered = judgement.state, dict[str, datetime](), dict[str, datetime]()
    for health in asked(state).values():
        if health.newest is not None:
            newest[health.source] = max(newest.get(health.source, health.newest), health.newest)
        if health.good_at is not None:
            answered[health.source] = max(answered.get(health.source, health.good_at), health.good_at)
    bound, rows = state.plan.cadence.data_latency, list[Row]()
    for name, at in answered.items():
        behind = max(0.0, (at - newest[name]).total_seconds()) if name in newest else None
        told = "no datum yet" if behind is None else f"data {duration(behind)} old"
        rows.append(Row(name, told, f"≤ {duration(bound)}", at, _most(behind, bound) if behind is not None else None))
    yield Section("Sources", tuple(rows), "" if rows else "no source has answered yet")


def worst(judgement: Judgement, tz: tzinfo | None) -> Iterator[Section]:
    """Lay out the worst closed window of each endpoint's latency and errors in this phase, and what is judged now.

    Windows are kept for hours, not for days: the title says since when they are known.
    """
    state = judgement.state
    slow, failed = _worst(state, judgement.at, _slowness), _worst(state, judgement.at, _failure)
    first = min((row.start for rows in state.seen.windows.values() for row in rows[:1]), default=judgement.at)
    since = max(first, state.entered_at or first)
    title = f"Worst window since {clock(since, tz, fine=state.plan.speed > 1)}"
    none = Row("windows", "none with requests yet", mark=Mark.WARMING)
    yield Section(title, tuple(_rows_of(state, slow, failed)) or (none,))
    rows = (
        Row(name, phrase(told) or told.mark.value, at=told.since, mark=told.mark)
        for name, told in judgement.verdicts.items()
    )
    yield Section("Criteria now", tuple(rows))


def holes(judgement: Judgement, tz: tzinfo | None) -> Iterator[Section]:
    """Lay out every stretch of the phase that nobody watched, the newest first."""
    state, now = judgement.state, judgement.at
    found = joined(clipped(unwatched_times(state, now), state.entered_at or now, now))
    rows = [
        Row(
            f"{clock(since, tz)} to {clock(until, tz)}",
            duration((until - since).total_seconds()),
            at=since,
            mark=Mark.THIN,
        )
        for since, until in reversed(found)
    ]
    more = f"{len(rows) - _SHOWN} more before these" if len(rows) > _SHOWN else ""
    yield Section("Holes", tuple(rows[:_SHOWN]) or (Row("none", "all of the phase was watched", mark=Mark.PASS),), more)


def latency(judgement: Judgement, _tz: tzinfo | None) -> Iterator[Section]:
    """Lay out the newest p95 of every endpoint."""
    yield _by_part(judgement, LATENCY, "p95 by endpoint")


def errors(judgement: Judgement, _tz: tzinfo | None) -> Iterator[Section]:
    """Lay out what failed of the newest windows and minutes, and who had the flag."""
    state, count = judgement.state, judgement.state.plan.windows.count
    rows = list[Row]()
    for endpoint in state.plan.endpoints:
        seen = (*state.seen.windows.get(endpoint, ())[-count:], *state.seen.minutes.get(endpoint, ())[-count:])
        bad = [row for row in seen if row.errors > 0]
        if bad:
            rows.append(_failing(state, endpoint, max(bad, key=lambda row: (row.end, row.errors))))
    none = Row("none", f"no request failed in the newest {count} windows", mark=Mark.PASS)
    yield Section("Failing endpoints", tuple(rows) or (none,))
    yield from _both(judgement, ERRORS)


def by_flag(judgement: Judgement, _tz: tzinfo | None) -> Iterator[Section]:
    """Lay out every endpoint's p95 with and without the flag."""
    yield from _both(judgement, LATENCY)


def _both(judgement: Judgement, criterion: str) -> Iterator[Section]:
    state, rows = judgement.state, list[Row]()
    for endpoint in state.plan.endpoints:
        found = compared(state, criterion, endpoint, judgement.at)
        if found is not None:
            mark = {Answer.FLAG: Mark.BREACH, Answer.NOT_FLAG: Mark.PASS}.get(found.answer)
            rows.append(Row(endpoint, f"{found.figures} ({found.counts})", found.answer.value, mark=mark))
    if rows:
        yield Section("With and without the flag", tuple(rows))


def _by_part(judgement: Judgement, criterion: str, title: str) -> Section:
    told = judgement.verdicts.get(criterion)
    if told is None:
        return Section(title, trouble="the plan has no such criterion")
    rows = (
        Row(
            part.subject,
            part.text or figure(part.value, part.unit, over=part.over),
            _bound(part.bound, part.unit),
            mark=part.mark,
        )
        for part in told.parts
    )
    return Section(title, tuple(rows), "" if told.parts else phrase(told))


def _bound(bound: float | None, unit: str) -> str:
    return "" if bound is None else f"≤ {figure(bound, unit)}"


def _worst(state: State, now: datetime, measure: Callable[[Traffic], float]) -> dict[str, Traffic]:
    """Return by endpoint the closed window of this phase that was worst."""
    since, found = state.entered_at or now, dict[str, Traffic]()
    for endpoint in state.plan.endpoints:
        rows = [
            row
            for row in state.seen.windows.get(endpoint, ())
            if row.start >= since and row.requests > 0 and row.end <= now
        ]
        if rows:
            found[endpoint] = max(rows, key=measure)
    return found


def _rows_of(state: State, slow: dict[str, Traffic], failed: dict[str, Traffic]) -> Iterator[Row]:
    bound, share = state.plan.latency.p95_ms, state.plan.errors.share
    for endpoint, row in slow.items():
        over = row.p95_ms is not None and row.p95_ms > bound
        yield Row(
            f"p95 {endpoint}",
            figure(row.p95_ms, "ms", over=row.p95_capped),
            f"≤ {figure(bound, 'ms')}",
            row.start,
            _odd(over),
        )
    for endpoint, row in failed.items():
        percent = _failure(row)
        yield Row(
            f"errors {endpoint}", figure(percent, "%"), f"< {figure(share, '%')}", row.start, _odd(percent >= share)
        )


def _failing(state: State, endpoint: str, row: Traffic) -> Row:
    failed, asked = round(row.errors), max(round(row.requests), round(row.errors))
    share = _failure(row)
    value = f"{failed} of {asked} failed ({figure(share, '%')})"
    return Row(
        endpoint, value, f"< {figure(state.plan.errors.share, '%')}", row.start, _odd(share >= state.plan.errors.share)
    )


def _slowness(row: Traffic) -> float:
    return row.p95_ms or 0.0


def _failure(row: Traffic) -> float:
    return 100 * row.errors / row.requests if row.requests else 0.0


def _odd(over: bool) -> Mark:
    return Mark.BREACH if over else Mark.PASS


def _least(value: float | None, bound: float) -> Mark:
    return Mark.WARMING if value is None else Mark.PASS if value >= bound else Mark.THIN


def _most(value: float, bound: float) -> Mark:
    return Mark.PASS if value <= bound else Mark.THIN
