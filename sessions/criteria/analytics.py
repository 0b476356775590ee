"""Analytics: no journey that had traffic goes longer than the bound without an event."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sessions.criteria.fresh import AHEAD, Freshness, current, freshness, last_good, unjudged
from sessions.criteria.traffic import flowed
from sessions.criteria.windows import stamp
from sessions.figures import duration
from sessions.plan import Journey
from sessions.readings import Beat, Topic
from sessions.state import State
from sessions.verdicts import Mark, Part, Verdict, worst

_FLOWED = {True: Mark.BREACH, False: Mark.THIN, None: Mark.SILENT}
_WHY = {True: "", False: ", no traffic", None: ", traffic unknown"}


@dataclass(frozen=True, slots=True)
class _Finding:
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
