"""Growth: each collection stays inside the band that its exposure to the flag explains, and nothing is there twice."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import pairwise

from sessions.criteria.freshness import current, freshness, last_good, timely, unjudged
from sessions.criteria.windows import Memory
from sessions.plan.model import Collection
from sessions.state.reducer import State
from sessions.statistics.day_shape import Day, day_of
from sessions.text.intervals import Stretch, clipped, total
from sessions.text.units import counted, off
from sessions.values.percent import Percent
from sessions.values.readings import Size, Topic
from sessions.values.verdicts import WORST_FIRST, Mark, Part, Verdict


def judge(state: State, now: datetime) -> Verdict:
    """Judge the collections at `now`; deviation from the expected growth in %, or in documents while that is little."""
    fresh = freshness(state, Topic.COLLECTIONS, now)
    parts = tuple(_part(state, collection, last_good(fresh, now)) for collection in state.plan.collections)
    if not fresh.ok:
        return unjudged("growth", fresh, parts)
    if not parts:
        return Verdict("growth", Mark.SILENT, text="the plan names no collection", since=fresh.good_at)
    top = min(parts, key=_rank)
    row = state.seen.sizes.get(top.subject, ())
    since = row[-1].at if top.mark is Mark.SILENT and row else fresh.good_at
    text = top.text if top.mark is Mark.WARMING else f"{top.subject} {top.text}"
    return Verdict("growth", top.mark, top.subject, top.value, top.bound, top.unit, text, since, None, parts)


def exposure(state: State, collection: Collection, until: datetime) -> float:
    """Return the hours since the baseline, each weighted with the flag's share then; a frozen flow's time is none.

    Once each hour of a day was seen, each also with its share of the day.
    """
    if state.baseline_at is None or until <= state.baseline_at:
        return 0.0
    firsts, since = state.seen.hourly.get(collection.name, ()), state.baseline_at
    exposed = partial(_exposed, (*state.visits, (0, _NEVER)), tuple(_frozen(state, collection, _NEVER)))
    day = _DAYS.recall(
        collection.name,
        (state.plan, state.visits, state.freezes, state.frozen, firsts, since),
        lambda: day_of([one for one in firsts if one.at >= since], 3600 / state.plan.speed, exposed, since),
    )
    return day.hours(until, exposed) if day else exposed((since, until))


_NEVER = datetime.max.replace(tzinfo=UTC)
_DAYS = Memory[Day | None]()
"""What each collection's day is like, and what its whole hours add up to: the same until the next hour."""


def _exposed(visits: Sequence[tuple[Percent, datetime]], frozen: Sequence[Stretch], stretch: Stretch) -> float:
    """Return the hours of a stretch, weighted with the flag's share; the last of `visits` only ends the one before."""
    weighted = 0.0
    for (percent, start), (_, end) in pairwise(visits):
        for part in clipped([(start, end)], *stretch):
            weighted += percent / 100 * (total([part]) - total(clipped(frozen, *part)))
    return weighted / 3600


def band(state: State, collection: Collection, at: datetime) -> tuple[float, float, float] | None:
    """Return the lowest, expected and highest count of documents at `at`; None without a baseline."""
    baseline = state.baseline.get(collection.name)
    if baseline is None or state.baseline_at is None:
        return None
    grown = collection.per_hour * exposure(state, collection, at)
    room = _room(state, grown)
    return baseline + grown - room, baseline + grown, baseline + grown + room


def _room(state: State, grown: float) -> float:
    """The documents by which the growth may differ either way."""
    rule = state.plan.growth
    return grown * rule.tolerance / 100 + rule.slack


def _part(state: State, collection: Collection, now: datetime) -> Part:
    row = state.seen.sizes.get(collection.name, ())
    size = next((item for item in reversed(row) if timely(item.at, now)), None)
    if (
        size is None
        or not current(state, Topic.COLLECTIONS, size.at, now, size.holds)
        or min(size.count, size.duplicates) < 0
    ):
        return Part(collection.name, Mark.SILENT, text="not counted")
    expected = band(state, collection, size.at)
    if size.duplicates > 0:
        return _duplicated(size)
    if expected is None or state.baseline_at is None or size.at < state.baseline_at:
        return Part(collection.name, Mark.WARMING, text="no baseline yet")
    return _measured(state, size, expected)


def _duplicated(size: Size) -> Part:
    text = f"{counted(size.duplicates, 'duplicates')} > 0"
    return Part(size.collection, Mark.BREACH, float(size.duplicates), 0.0, "duplicates", text)


def _measured(state: State, size: Size, expected: tuple[float, float, float]) -> Part:
    """The deviation is against the whole room, tolerance and slack, so that value and bound agree with the mark.

    It is told in documents while the slack is the larger part of that room: a bound of -120 % would say nothing.
    """
    low, middle, high = expected
    grown, apart = middle - state.baseline[size.collection], size.count - middle
    rule = state.plan.growth
    few = grown < 1 or grown * rule.tolerance / 100 < rule.slack
    per, unit = (1.0, "docs") if few else (grown / 100, "%")
    value, bound = apart / per, (high - middle if apart >= 0 else low - middle) / per
    text = off(value, unit)
    if size.count > high:
        return Part(size.collection, Mark.BREACH, value, bound, unit, f"{text}, runaway")
    if size.count < low:
        return Part(size.collection, Mark.BREACH, value, bound, unit, f"{text}, stall")
    return Part(size.collection, Mark.PASS, value, bound, unit, text)


def _rank(part: Part) -> tuple[int, float]:
    """The worst mark first, then the collection that used most of its room: % and documents do not compare."""
    if part.value is None or part.bound is None:
        return WORST_FIRST.index(part.mark), 0.0
    return WORST_FIRST.index(part.mark), -abs(part.value / part.bound) if part.bound else float("-inf")


def _frozen(state: State, collection: Collection, until: datetime) -> Iterator[Stretch]:
    """The stretches in which the collection's flow was frozen; the last may be open."""
    if not collection.flow:
        return
    yield from ((span.since, span.until) for flow, span in state.freezes if flow == collection.flow)
    if collection.flow in state.frozen:
        yield state.frozen[collection.flow], until
