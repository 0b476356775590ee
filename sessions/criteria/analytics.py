"""Analytics: no journey that had traffic goes longer than the bound without an event."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from msgspec import Struct

from sessions.criteria.freshness import AHEAD, Freshness, current, freshness, last_good, timely, unjudged
from sessions.criteria.windows import WHOLE, Memory, stamp
from sessions.plan.model import Journey
from sessions.state.reducer import State
from sessions.text.intervals import Stretch, clipped, total
from sessions.text.subjects import about
from sessions.text.units import duration
from sessions.values.presence import (
    BUSY,
    STICKS_OUT,
    Presence,
    had_requests,
    measured_by,
    newest_hour,
    without_requests,
)
from sessions.values.readings import Beat, Topic, Traffic
from sessions.values.verdicts import Mark, Part, Verdict, worst


def had_traffic(state: State, endpoints: Sequence[str], stretch: Stretch, now: datetime) -> bool | None:
    """Say whether any of `endpoints` had a request inside `stretch`; None when the readings cannot tell."""
    if any(_asked(state, endpoint, stretch, now) for endpoint in endpoints):  # the first proof will do
        return True
    return False if endpoints and all(_empty(state, endpoint, stretch, now) for endpoint in endpoints) else None


def flowed(state: State, journey: Journey, stretch: Stretch, now: datetime) -> bool | None:
    """Say whether a journey had traffic inside `stretch` that should have left an event in it; None when unknown.

    Of shoppers or of a synthetic run. What was asked for just before its end may have its event after it.
    """
    due = (stretch[0], stretch[1] - timedelta(seconds=state.plan.delay))
    return _ran(state, journey, due, now) or had_traffic(state, journey.endpoints, due, now)


def _ran(state: State, journey: Journey, stretch: Stretch, now: datetime) -> bool:
    """Whether a run's requests were answered inside the stretch, and not just at an end: its own event is an end."""
    sent = state.seen.sent.get(journey.id)
    plan = state.plan
    return sent is not None and had_requests(sent, stretch, plan.cadence.traffic, plan.windows.length, now + AHEAD)


def _asked(state: State, endpoint: str, stretch: Stretch, now: datetime) -> bool:
    """Requests are booked with the grain of a poll, so the stretch's first and last poll prove nothing.

    A reading that lies inside proves traffic by one request; one that sticks out a little must be busy.
    """
    known, plan = _traces(state, endpoint, now), state.plan
    if known and had_requests(known, stretch, plan.cadence.traffic, plan.windows.length, now + AHEAD):
        return True
    item = _running_window(state, endpoint, stretch, now)
    if item is None:
        return False
    grain = timedelta(seconds=plan.cadence.traffic)
    whole = (item.start, item.at)
    span, inside = total([whole]), total(clipped([whole], stretch[0] + grain, stretch[1] - grain))
    return inside >= (1 - STICKS_OUT) * span and (item.served >= BUSY or (inside >= span and item.served > 0))


def _empty(state: State, endpoint: str, stretch: Stretch, now: datetime) -> bool:
    """Whether readings without a request vouch for the stretch, but for the two windows that it cuts at its ends.

    Of one not much longer than those a whole window has to be vouched for all the same: a quiet minute is no quiet gap.
    """
    known = _traces(state, endpoint, now)
    quiet = list(without_requests(known, stretch, now + AHEAD)) if known else []
    item = _running_window(state, endpoint, stretch, now)
    if item is not None and item.served == 0 and item.covered >= WHOLE:
        quiet += clipped([(item.start, item.at)], *stretch)
    span, length = total([stretch]), state.plan.windows.length
    return total(quiet) >= max(span - 2 * length, WHOLE * min(span, length))


def _traces(state: State, endpoint: str, now: datetime) -> Presence | None:
    """What is known of an endpoint at `now`; a reading of the future proves nothing."""
    known, seen = state.seen.traces.get(endpoint), state.seen
    if known is None or timely(known.at, now):
        return known
    rows = (*seen.windows.get(endpoint, ()), *seen.minutes.get(endpoint, ()))
    return measured_by(known, now + AHEAD, rows)


def _running_window(state: State, endpoint: str, stretch: Stretch, now: datetime) -> Traffic | None:
    """The window that runs, where it reaches into the stretch: it vouches up to its measurement."""
    row = state.seen.windows.get(endpoint, ())
    item = row[-1] if row and row[-1].start < row[-1].at < row[-1].end else None
    return item if item and timely(item.at, now) and item.start < stretch[1] and item.at > stretch[0] else None


_NEVER = datetime.fromtimestamp(0, UTC)

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
    found = {journey.id: _journey(state, journey, then, now) for journey in state.plan.journeys}
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
    named = top.text if top.mark is Mark.PASS else top.text + about("analytics", top.subject)
    parts = tuple(finding.part for finding in found.values())
    return Verdict("analytics", top.mark, top.subject, top.value, top.bound, "s", named, since, eta, parts)


def _journey(state: State, journey: Journey, then: datetime, now: datetime) -> _Finding:
    """Judge a journey by its beat of `then`, when the source was last good, and by the traffic known `now`."""
    beat, entered = state.seen.beats.get(journey.id), state.entered_at
    if entered is None:
        return _plain(state, journey, Mark.WARMING, "not started")
    if beat is None or not current(state, Topic.JOURNEYS, beat.at, then):
        return _plain(state, journey, Mark.SILENT, "not read", beat.at if beat else None)
    if beat.newest is not None and beat.newest > beat.at + AHEAD:
        return _plain(state, journey, Mark.SILENT, "newest event dated ahead of the clock")
    if beat.at < entered:
        return _plain(state, journey, Mark.WARMING, "no answer yet")
    running, past = _running(state, journey, beat, entered, now), _past(state, journey, entered, now)
    return running if past is None or worst((past.part, running.part)) is running.part else past


def _plain(state: State, journey: Journey, mark: Mark, text: str, seen_at: datetime | None = None) -> _Finding:
    part = Part(journey.id, mark, None, bound_of(state, journey), "s", text)
    return _Finding(part, seen_at, soon=mark is Mark.WARMING)


def bound_of(state: State, journey: Journey) -> float:
    """Return the longest gap of a journey that is none yet, in s: the plan's, or where it has a rhythm a longer one."""
    beat, least = state.seen.beats.get(journey.id), state.plan.gap
    return max(least, beat.usual) if beat is not None and journey.rhythm else least


def _running(state: State, journey: Journey, beat: Beat, entered: datetime, now: datetime) -> _Finding:
    """The gap that runs: measured at the beat's own time, so that a late poll makes no gap."""
    bound, newest = bound_of(state, journey), beat.newest
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


_BEFORE = Memory[Part | None]()
"""The worst of the gaps that no reading changes any more, by journey: a day of a rare journey has a hundred."""


def _past(state: State, journey: Journey, entered: datetime, now: datetime) -> _Finding | None:
    """The longest gap of this phase that is over: it stays an outage if it had traffic.

    Where traffic is unknown it is THIN: the hole it made is closed, but nothing proves that it was none.
    """
    gaps = state.seen.gaps.get(journey.id)
    if not gaps:
        return None
    settled = _settled(state, journey, now)
    young = _worst_gap(state, journey, [gap for gap in gaps if gap[1] > settled], entered, now)
    old = _BEFORE.recall(
        journey.id,
        (state.plan, gaps, entered, settled, bound_of(state, journey), *_proofs(state, journey, settled, now)),
        lambda: _worst_gap(state, journey, [gap for gap in gaps if gap[1] <= settled], entered, now),
    )
    longest = worst(tuple(part for part in (old, young) if part is not None))
    return _Finding(longest, None) if longest else None


def _told(state: State, journey: Journey) -> Iterator[Presence]:
    """Yield what is known of when a journey had traffic."""
    yield from (known for endpoint in journey.endpoints if (known := state.seen.traces.get(endpoint)))
    if sent := state.seen.sent.get(journey.id):
        yield sent


def _settled(state: State, journey: Journey, now: datetime) -> datetime:
    """Return up to when only a late reading can change what is known; nothing is settled by a reading of the future."""
    told = list(_told(state, journey))
    if not told or not all(timely(known.at, now) for known in told):
        return _NEVER
    return max(newest_hour(known) for known in told)


def _proofs(state: State, journey: Journey, settled: datetime, now: datetime) -> Iterator[object]:
    """Yield all that the gaps up to `settled` are judged by."""
    for known in _told(state, journey):
        yield known.past
        yield known.now if newest_hour(known) < settled else None
    for endpoint in journey.endpoints:
        row = state.seen.windows.get(endpoint, ())
        if row and row[-1].at < row[-1].end and row[-1].start < settled:
            yield row[-1]
            yield timely(row[-1].at, now)


def _worst_gap(
    state: State, journey: Journey, gaps: Iterable[Stretch], entered: datetime, now: datetime
) -> Part | None:
    found: list[Part] = []
    for since, until in gaps:
        begin = max(since, entered)
        gap, bound = (until - begin).total_seconds(), state.plan.gap if since >= entered else bound_of(state, journey)
        flow = flowed(state, journey, (begin, until), now) if gap > bound else False
        if flow is not False:
            text = f"gap {duration(gap)} at {stamp(state, begin)}" + _WHY[flow]
            mark = Mark.BREACH if flow else Mark.THIN
            found.append(Part(journey.id, mark, gap, state.plan.gap, "s", text))
    return worst(tuple(found))
