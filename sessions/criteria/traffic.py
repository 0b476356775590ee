"""Whether endpoints had requests in a stretch of time: proved, disproved, or unknown."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from sessions.criteria.fresh import timely
from sessions.criteria.windows import WHOLE
from sessions.plan import Plan
from sessions.readings import Traffic
from sessions.state import Span, State


def had_traffic(state: State, endpoints: Sequence[str], span: Span, now: datetime) -> bool | None:
    """Say whether any of `endpoints` had a request inside `span`; None when the readings cannot tell."""
    rows = {endpoint: tuple(_readings(state, endpoint, span, now)) for endpoint in endpoints}
    if any(_proves(state.plan, item, span) for row in rows.values() for item in row):
        return True
    return False if rows and all(_empty(state.plan, row, span) for row in rows.values()) else None


def _readings(state: State, endpoint: str, span: Span, now: datetime) -> Iterator[Traffic]:
    for kept in (state.seen.windows, state.seen.minutes):
        for item in kept.get(endpoint, ()):
            if timely(item.at, now) and item.start < span.until and _until(item) > span.since:
                yield item


def _proves(plan: Plan, item: Traffic, span: Span) -> bool:
    """A reading inside the span proves traffic by one request; one that sticks out a little must be busy.

    Requests are booked up to one poll late, so the span's first poll proves nothing: its request may be older.
    """
    since, until = span.since + timedelta(seconds=plan.cadence.traffic), _until(item)
    whole = (until - item.start).total_seconds()
    inside = (min(until, span.until) - max(item.start, since)).total_seconds()
    if whole <= 0 or inside < WHOLE * whole:
        return False
    return item.requests >= plan.windows.min_requests or (inside >= whole and item.requests > 0)


def _empty(plan: Plan, row: Iterable[Traffic], span: Span) -> bool:
    """Whether readings without a request vouch for the span, but for the two windows that it cuts at its ends."""
    quiet = [(item.start, _until(item)) for item in row if item.requests == 0 and item.covered >= WHOLE]
    vouched = _length(quiet, span)
    return vouched > 0 and vouched >= (span.until - span.since).total_seconds() - 2 * plan.windows.length


def _length(spans: Iterable[tuple[datetime, datetime]], within: Span) -> float:
    """The seconds of `within` that lie in at least one of `spans`."""
    total, reached = 0.0, within.since
    for start, end in sorted(spans):
        begin, stop = max(start, reached), min(end, within.until)
        if stop > begin:
            total += (stop - begin).total_seconds()
            reached = stop
    return total


def _until(item: Traffic) -> datetime:
    """A running window vouches up to its measurement."""
    return min(item.end, item.at)
