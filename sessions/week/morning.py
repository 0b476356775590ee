"""The morning: what the day before was worth for each criterion, how that compares, and what the database holds now."""

from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo

from sessions.criteria.growth import band
from sessions.gate.judgement import Judgement
from sessions.handover.peaks import error_share
from sessions.plan.model import Collection
from sessions.state.reducer import State
from sessions.text.units import clock, duration, figure
from sessions.values.readings import Beat, Size
from sessions.values.sheets import Row, Section
from sessions.values.verdicts import Mark
from sessions.week.past import Day, Days
from sessions.week.well import unseen, well
from sessions.week.wording import UNKNOWN, beside, counted, day_name, of_now, where


def morning(judgement: Judgement, past: Days, tz: tzinfo | None) -> Iterator[Section]:
    """Lay out the day before, the days before that, and the collections."""
    state = judgement.state
    if not past.days:
        yield Section("The day before", trouble="nothing was flown on the day before")
    else:
        day = past.days[0]
        yield Section(_titled(state, day, tz), tuple(_criteria(state, day, tz)), _seen(state, day))
        yield Section("Against the days before", tuple(_trends(state, past.days, tz)))
    oldest = min(past.now.sizes.values(), key=lambda one: one.at, default=None)
    yield of_now(state, past, oldest, Section("Mongo counts", tuple(_counts(state, past))), tz)


def _titled(state: State, day: Day, tz: tzinfo | None) -> str:
    name = day_name(state, day, tz)
    return (
        f"The day before, {name}" if state.plan.speed != 1 else f"The day before, {day.since.astimezone(tz):%A %d %B}"
    )


def _seen(state: State, day: Day) -> str:
    """Say how much of a day nobody saw: then none of its figures is the whole truth."""
    lost, whole = unseen(state, day.since, day.until), (day.until - day.since).total_seconds()
    return f"{duration(lost)} of {duration(whole)} not watched" if lost >= 1 else ""


def _criteria(state: State, day: Day, tz: tzinfo | None) -> Iterator[Row]:
    plan, told = state.plan, day.peaks
    doubt = _doubt(state, day)
    window, failed, gap = told.p95, told.errors, _gap(state, told.gap, day)
    yield _row(
        state,
        day,
        "latency",
        *_p95(state, day, tz),
        f"≤ {figure(plan.latency.p95_ms, 'ms')}",
        window.end if window else None,
    )
    if failed is None:
        yield _row(state, day, "errors", UNKNOWN, Mark.BLIND, f"< {figure(plan.errors.share, '%')}")
    else:
        share = error_share(failed)
        mark = Mark.BREACH if share >= plan.errors.share else doubt
        said = f"{figure(share, '%')} {where(failed, tz)}"
        yield _row(state, day, "errors", said, mark, f"< {figure(plan.errors.share, '%')}", failed.end)
    bound = f"≤ {duration(plan.gap)}"
    if told.gap is None or gap is None:
        yield _row(state, day, "analytics", UNKNOWN, Mark.BLIND, bound)
    else:
        said = f"longest gap {duration(gap)} {told.gap.journey} {clock(told.gap.at, tz, fine=False)}"
        yield _row(state, day, "analytics", said, Mark.THIN if gap > plan.gap else doubt, bound, told.gap.at)
    yield _row(state, day, "growth", "", doubt, "")
    opened = _opened(state, day)
    yield _row(
        state, day, "incidents", f"{opened} opened" if opened else "none opened", Mark.BREACH if opened else doubt, "0"
    )


def _doubt(state: State, day: Day) -> Mark:
    """Return THIN for a day of which too little was watched."""
    lost, whole = unseen(state, day.since, day.until), (day.until - day.since).total_seconds()
    return Mark.PASS if lost * 100 <= whole * (100 - state.plan.soak.coverage) else Mark.THIN


def _row(  # noqa: PLR0913, PLR0917 (a row has these columns)
    state: State, day: Day, criterion: str, said: str, mark: Mark, bound: str, at: datetime | None = None
) -> Row:
    """Return what is said of a criterion, and for which share of the day it was well: else its figure is no pass."""
    whole = (day.until - day.since).total_seconds()
    share = 100 * well(state, criterion, day.since, day.until) / whole if whole > 0 else 0.0
    if mark is Mark.PASS and share < state.plan.soak.coverage:
        mark = Mark.THIN
    words = f"well {_share(share)} of {duration(whole)}"
    return Row(criterion, ", ".join(filter(None, (said, words))), bound, at, mark)


def _share(share: float) -> str:
    """Never rounded up to a whole that it is not."""
    return f"{share:.0f} %" if share in (0.0, 100.0) else f"{min(max(share, 0.1), 99.9):.1f} %"


def _p95(state: State, day: Day, tz: tzinfo | None) -> tuple[str, Mark]:
    window = day.peaks.p95
    if window is None or window.p95_ms is None:
        return UNKNOWN, Mark.BLIND
    over = window.p95_ms > state.plan.latency.p95_ms
    mark = Mark.BREACH if over else Mark.THIN if window.p95_capped else _doubt(state, day)
    return f"{figure(window.p95_ms, 'ms', over=window.p95_capped)} {where(window, tz)}", mark


def _gap(state: State, beat: Beat | None, day: Day) -> float | None:
    """The longest time without an event that was seen, in s; None where none was looked for."""
    if beat is None or beat.newest is None:
        return None
    entered = max((at for _, at in state.visits if at <= day.until), default=day.since)
    return max(0.0, (beat.at - max(beat.newest, entered)).total_seconds())


def _opened(state: State, day: Day) -> int:
    return sum(entry.kind == "incident.opened" and day.since <= entry.at < day.until for entry in state.entries)


def _trends(state: State, days: tuple[Day, ...], tz: tzinfo | None) -> Iterator[Row]:
    """Each figure of the day before beside those of the days before that."""
    names = [day_name(state, day, tz) for day in days]
    p95 = [(one.p95_ms, one.p95_capped) if (one := day.peaks.p95) else (None, False) for day in days]
    shares = [error_share(day.peaks.errors) if day.peaks.errors else None for day in days]
    gaps = [_gap(state, day.peaks.gap, day) for day in days]
    opened = [float(_opened(state, day)) for day in days]
    told = [(name, value, figure(value, "ms", over=over)) for name, (value, over) in zip(names, p95, strict=True)]
    yield Row("latency", beside(told))
    for what, values, unit in (("errors", shares, "%"), ("analytics", gaps, "s")):
        yield Row(what, beside([(name, one, figure(one, unit)) for name, one in zip(names, values, strict=True)]))
    yield Row("incidents", beside([(name, one, counted(one)) for name, one in zip(names, opened, strict=True)]))


def _counts(state: State, past: Days) -> Iterator[Row]:
    """Each collection against its band, with what it grew by on the day before against what that day explains."""
    for collection in state.plan.collections:
        size = past.now.sizes.get(collection.name)
        if size is None:
            yield Row(collection.name, "not counted", "", None, Mark.BLIND)
            continue
        around = band(state, collection, size.at)
        bound = f"{counted(around[0])} to {counted(around[2])}" if around else "no baseline"
        yield Row(collection.name, counted(size.count), bound, size.at, _inside(size, around))
        if past.days:
            yield _grown(state, collection, past.days[0])


def _inside(size: Size, around: tuple[float, float, float] | None) -> Mark:
    if size.duplicates:
        return Mark.BREACH
    if around is None:
        return Mark.WARMING
    return Mark.PASS if around[0] <= size.count <= around[2] else Mark.BREACH


def _grown(state: State, collection: Collection, day: Day) -> Row:
    """What was added on a day: it takes a count at its beginning and one at its end."""
    first, last = day.first.sizes.get(collection.name), day.last.sizes.get(collection.name)
    was, now = (band(state, collection, one.at) if one else None for one in (first, last))
    if first is None or last is None:
        lacks = "at its beginning" if first is None else "at its end"
        return Row(f"{collection.name} that day", f"not counted {lacks}", "", None, Mark.BLIND)
    said = f"{last.count - first.count:+,}"
    if was is None or now is None or state.baseline_at is None or first.at < state.baseline_at - timedelta(seconds=1):
        return Row(f"{collection.name} that day", said, "no baseline then", last.at, Mark.WARMING)
    expected, rule = now[1] - was[1], state.plan.growth
    room = expected * rule.tolerance / 100 + rule.slack
    mark = Mark.PASS if abs(last.count - first.count - expected) <= room else Mark.THIN
    return Row(
        f"{collection.name} that day", said, f"{expected - room:+,.0f} to {expected + room:+,.0f}", last.at, mark
    )
