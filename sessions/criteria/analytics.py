"""Analytics: no journey that had traffic goes longer than the bound without an event."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from sessions.criteria.freshness import AHEAD, Freshness, current, freshness, last_good, timely, unjudged
from sessions.criteria.windows import WHOLE, stamp
from sessions.plan.model import Journey, Plan
from sessions.state.reducer import State
from sessions.text.intervals import Stretch, clipped, total
from sessions.text.units import duration
from sessions.values.readings import Beat, Topic, Traffic
from sessions.values.verdicts import Mark, Part, Verdict, worst


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


_FLOWED = {True: Mark.BREACH, False: Mark.THIN, None: Mark.SILENT}
_WHY = {True: "", False: ", no traffic", None: ", traffic unknown"}


class _Finding(Struct, frozen=True):
    """What is said of one journey. `seen_at` is when its beat was last good."""

    part: Part
    seen_at: datetime | None
    soon: bool = False


def judge(state: State, now: datetime) -> Verdict:
    """Judge the journeys at `now`; value and bound in s, a part per journey."""
    fresh = freshness(state, Topic.JOURNEYS, now)
    then = last_good(fresh, now)
    found = {journey.id: _journey(state, journey, then) for journey in state.plan.journeys}
    parts = tuple(finding.part for finding in found.values())
    if not fresh.ok:
        return unjudged("analytics", fresh, parts)
    top = worst(parts)
    if top is None:
        return Verdict("analytics", Mark.SILENT, text="the plan names no journey", since=fresh.good_at)
    return _conclude(state, fresh, top, found, now)


def _conclude(state: State, fresh: Freshness, top: Part, found: dict[str, _Finding], now: datetime) -> Verdict:
    held = [finding for finding in found.values() if finding.part.mark is not Mark.PASS]
    soon = bool(held) and all(finding.soon for finding in held)
    eta = now + timedelta(seconds=state.plan.cadence.mongo) if soon else None
    since = (found[top.subject].seen_at if top.mark is Mark.SILENT else None) or fresh.good_at
    named = top.text if top.mark is Mark.PASS else f"{top.text} {top.subject}"
    parts = tuple(finding.part for finding in found.values())
    return Verdict("analytics", top.mark, top.subject, top.value, top.bound, "s", named, since, eta, parts)


def _journey(state: State, journey: Journey, now: datetime) -> _Finding:
    beat, entered = state.seen.beats.get(journey.id), state.entered_at
    if entered is None:
        return _plain(state, journey, Mark.WARMING, "not started")
    if beat is None or not current(state, Topic.JOURNEYS, beat.at, now):
        return _plain(state, journey, Mark.SILENT, "not seen", beat.at if beat else None)
    if beat.newest is not None and beat.newest > beat.at + AHEAD:
        return _plain(state, journey, Mark.SILENT, "event from the future")
    if beat.at < entered:
        return _plain(state, journey, Mark.WARMING, "no answer yet")
    running, past = _running(state, journey, beat, entered, now), _past(state, journey, entered, now)
    return running if past is None or worst((past.part, running.part)) is running.part else past


def _plain(state: State, journey: Journey, mark: Mark, text: str, seen_at: datetime | None = None) -> _Finding:
    return _Finding(Part(journey.id, mark, None, state.plan.gap, "s", text), seen_at, soon=mark is Mark.WARMING)


def _running(state: State, journey: Journey, beat: Beat, entered: datetime, now: datetime) -> _Finding:
    """The gap that runs: measured at the beat's own time, so that a late poll makes no gap."""
    bound, newest = state.plan.gap, beat.newest
    begin = max(newest, entered) if newest is not None else entered
    gap = max(0.0, (beat.at - begin).total_seconds())
    text = f"gap {duration(gap)}"
    if gap > bound:
        flow = flowed(state, journey, (begin, beat.at), now)
        part = Part(journey.id, _FLOWED[flow], gap, bound, "s", text + _WHY[flow])
        return _Finding(part, begin, soon=flow is False)
    if newest is not None and (beat.at - newest).total_seconds() <= bound:
        return _Finding(Part(journey.id, Mark.PASS, gap, bound, "s", text), beat.at)
    return _Finding(Part(journey.id, Mark.WARMING, gap, bound, "s", "no event yet"), beat.at, soon=True)


def _past(state: State, journey: Journey, entered: datetime, now: datetime) -> _Finding | None:
    """The longest gap of this phase that is over: it stays an outage if it had traffic.

    Where traffic is unknown it is THIN: the hole it made is closed, but nothing proves that it was none.
    """
    found: list[Part] = []
    for since, until in state.seen.gaps.get(journey.id, ()):
        begin = max(since, entered)
        gap = (until - begin).total_seconds()
        flow = flowed(state, journey, (begin, until), now) if gap > state.plan.gap else False
        if flow is not False:
            text = f"gap {duration(gap)} at {stamp(state, begin)}" + _WHY[flow]
            mark = Mark.BREACH if flow else Mark.THIN
            found.append(Part(journey.id, mark, gap, state.plan.gap, "s", text))
    longest = worst(tuple(found))
    return _Finding(longest, None) if longest else None
