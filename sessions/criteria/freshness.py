"""Freshness: whether a topic's newest answer is young enough to be judged."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from sessions.plan.model import Plan
from sessions.plan.uses import watched
from sessions.state.observed import Health
from sessions.state.reducer import State, observe_all
from sessions.text.clean import clean
from sessions.text.units import duration
from sessions.values.readings import Reading, Topic, Traces
from sessions.values.verdicts import Mark, Part, Verdict

LONGEST = 5
"""How many times the plan's bound an answer may stand at most, however slow the pace of its source."""

AHEAD = timedelta(seconds=2)
"""How far a measurement may lie in the future before two clocks disagree too much to trust it."""


class Freshness(Struct, frozen=True):
    """PASS is fresh, WARMING was not asked yet, BLIND fails or is stale; `good_at` is when it was last good."""

    mark: Mark
    text: str
    good_at: datetime | None

    @property
    def ok(self) -> bool:
        """Whether the topic may be judged."""
        return self.mark is Mark.PASS


def freshness(state: State, topic: Topic, now: datetime) -> Freshness:
    """Say how fresh `topic` is at `now`. One failed poll inside the stale bound is still fresh."""
    health = state.seen.health.get(topic)
    bound = stands_for(state, topic)
    good_at, watched, moved = health.good_at if health else None, state.watched_at, state.moved_at
    before = health is not None and moved is not None and health.tried_at <= moved
    if good_at is not None and not before and current(state, topic, good_at, now):
        return Freshness(Mark.PASS, "", good_at)
    # what was answered by the clock of before is gone, and asked for anew
    began = good_at if before and good_at is not None else watched or state.entered_at
    untried = health is None or before or (watched is not None and health.tried_at < watched)
    if untried and (began is None or (now - began).total_seconds() <= bound):
        return Freshness(Mark.WARMING, "no answer yet", good_at)
    return Freshness(Mark.BLIND, _complaint(good_at, health.reason if health else "", now), good_at or began)


def asked(state: State) -> dict[Topic, Health]:
    """Return how each topic answered that is watched; what the plan no longer uses, or has no source, is none of it."""
    wanted = watched(state.plan, state.answers)
    return {topic: health for topic, health in state.seen.health.items() if topic in wanted}


def stale_after(plan: Plan, topic: Topic) -> float:
    """Return the age in seconds over which the plan calls an answer on `topic` stale."""
    if topic is Topic.TRAFFIC:
        return plan.cadence.traffic_stale
    return plan.cadence.flag_stale if topic is Topic.FLAG else plan.cadence.mongo_stale


def stands_for(state: State, topic: Topic, holds: float = 0.0) -> float:
    """Return the age in seconds over which an answer is stale by the pace that its source really keeps.

    `holds` is what one reading says of itself. A source that says nothing more is stale by the plan all the same.
    """
    health = state.seen.health.get(topic)
    return followed(stale_after(state.plan, topic), health.holds if health else 0.0, holds)


def followed(promised: float, *holds: float) -> float:
    """Return the bound that follows what answers say of themselves: never under the plan's, at most five times it."""
    return min(max(promised, *holds), LONGEST * promised)


def timely(at: datetime, now: datetime) -> bool:
    """Whether a measurement of `at` may be used at `now`: not from the future."""
    return at <= now + AHEAD


def seen_again(state: State, readings: Iterable[Reading], now: datetime) -> State:
    """Return the state with what was kept."""
    return observe_all(state, usable(state, readings, now))


def usable(state: State, readings: Iterable[Reading], now: datetime) -> list[Reading]:
    """Return the readings without those dated after `now` or by an earlier clock: they prove nothing."""
    since = state.moved_at
    return [one for one in readings if timely(one.at, now) and (since is None or _begun(one) >= since)]


def _begun(reading: Reading) -> datetime:
    """What is left of an hour was measured in all of it."""
    return reading.since if isinstance(reading, Traces) else reading.at


def current(state: State, topic: Topic, at: datetime, now: datetime, holds: float = 0.0) -> bool:
    """Whether one reading on a fresh `topic` is itself neither stale nor from the future."""
    return timely(at, now) and (now - at).total_seconds() <= stands_for(state, topic, holds)


def last_good(fresh: Freshness, now: datetime) -> datetime:
    """Return the moment to judge readings at: now, or for a source that is not fresh when it last was."""
    return now if fresh.ok or fresh.good_at is None else fresh.good_at


def unjudged(criterion: str, fresh: Freshness, parts: tuple[Part, ...] = ()) -> Verdict:
    """Return the verdict of a criterion whose source is not fresh; `parts` keep their last values and windows."""
    dark = tuple(replace(part, mark=fresh.mark, text=fresh.text) for part in parts)
    return Verdict(criterion, fresh.mark, text=fresh.text, since=fresh.good_at, parts=dark)


def _complaint(good_at: datetime | None, reason: str, now: datetime) -> str:
    if good_at is None:
        words = "never answered"
    elif good_at > now:
        return f"answer dated {duration((good_at - now).total_seconds())} ahead"
    else:
        words = f"no answer for {duration((now - good_at).total_seconds())}"
    return f"{words}: {clean(reason.partition('; ')[0])}" if reason else words
