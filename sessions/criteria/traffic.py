"""Whether a journey had traffic in a stretch of time: proved, disproved, or unknown."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from sessions.criteria.fresh import timely
from sessions.criteria.windows import WHOLE
from sessions.plan import Journey, Plan
from sessions.readings import Traffic
from sessions.spans import Stretch, clipped, total
from sessions.state import State


def had_traffic(state: State, endpoints: Sequence[str], stretch: Stretch, now: datetime) -> bool | None:
    """Say whether any of `endpoints` had a request inside `stretch`; None when the readings cannot tell."""
    rows = [_readings(state, endpoint, stretch, now) for endpoint in endpoints]
    if any(_proves(state.plan, item, stretch) for row in rows for item in row):  # the first proof will do
        return True
    rows = [_readings(state, endpoint, stretch, now) for endpoint in endpoints]
    return False if rows and all(_empty(state.plan, row, stretch) for row in rows) else None


def flowed(state: State, journey: Journey, stretch: Stretch, now: datetime) -> bool | None:
    """Say whether a journey had traffic inside `stretch`, of shoppers or of a synthetic run; None when unknown."""
    return _ran(state, journey, stretch, now) or had_traffic(state, journey.endpoints, stretch, now)


def _ran(state: State, journey: Journey, stretch: Stretch, now: datetime) -> bool:
    """Whether a run's requests were answered inside the stretch, and not just at an end: its own event is an end."""
    grain = timedelta(seconds=state.plan.cadence.traffic)
    since, until = stretch[0] + grain, stretch[1] - grain
    return any(timely(sent, now) and since <= sent <= until for sent in state.seen.sent.get(journey.id, ()))


def _readings(state: State, endpoint: str, stretch: Stretch, now: datetime) -> Iterator[Traffic]:
    since, until = stretch
    for kept in (state.seen.windows, state.seen.minutes):
        for item in kept.get(endpoint, ()):
            if timely(item.at, now) and item.start < until and _until(item) > since:
                yield item


def _proves(plan: Plan, item: Traffic, stretch: Stretch) -> bool:
    """A reading inside the stretch proves traffic by one request; one that sticks out a little must be busy.

    Requests are booked with the grain of a poll, so the stretch's first and last poll prove nothing.
    """
    grain = timedelta(seconds=plan.cadence.traffic)
    whole = (item.start, _until(item))
    span, inside = total([whole]), total(clipped([whole], stretch[0] + grain, stretch[1] - grain))
    if span <= 0 or inside < WHOLE * span:
        return False
    return item.requests >= plan.windows.min_requests or (inside >= span and item.requests > 0)


def _empty(plan: Plan, row: Iterable[Traffic], stretch: Stretch) -> bool:
    """Whether readings without a request vouch for the stretch, but for the two windows that it cuts at its ends."""
    quiet = ((item.start, _until(item)) for item in row if item.requests == 0 and item.covered >= WHOLE)
    vouched = total(clipped(quiet, *stretch))
    return vouched > 0 and vouched >= total([stretch]) - 2 * plan.windows.length


def _until(item: Traffic) -> datetime:
    """A running window vouches up to its measurement."""
    return min(item.end, item.at)
