"""Analytics events: each journey's newest event, the gaps since it was last looked at, and late events in older gaps.

An index on (journey, date) answers this without a look at other documents.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from msgspec import Struct
from pymongo.errors import PyMongoError

from cockpit.settings.models.mongo import Events
from cockpit.sources.database.answer import AHEAD, Place, TopicAnswer, dig, shown, together
from cockpit.sources.database.client import Document
from cockpit.sources.database.database import Records
from sessions.plan.model import Plan
from sessions.statistics.rhythm import NEWEST, strange_gaps, usual
from sessions.values.readings import Beat, Spans

Gap = tuple[datetime, datetime]


class Run(Struct, frozen=True):
    """Events of one journey that lie close together: the first, the last, how many."""

    first: datetime
    last: datetime
    count: int


def gaps(runs: Sequence[Run], before: datetime | None, bound: float) -> tuple[Gap, ...]:
    """Return every (last, first) of neighbours more than `bound` seconds apart, oldest first.

    `before` is the last event known from before the runs, None if none is known.
    """
    ordered = sorted(runs, key=lambda run: run.first)
    found: list[Gap] = []
    last = before if before and ordered and before < ordered[0].first else None
    for run in ordered:
        if last is not None and run.first - last > timedelta(seconds=bound):
            found.append((last, run.first))
        last = run.last if last is None else max(last, run.last)
    return tuple(found)


_RUNS_READ = 10_000
_RUNS_BACK = 1000
_TIMES_READ = 2000
"""A journey with more events in one look is not rare: its own pace never asks for more than the plan's bound."""
_GAPS_AGAIN = 64


class Look(Struct, frozen=True):
    """Which events to look at: one journey's since `since`; `known` is its last event so far, `bound` a gap in s.

    With `rhythm` a gap is judged by the pace before it. `whole`: earlier results for this time no longer count.
    `told` are older gaps, in which events may have come late.
    `first` is how far back the first look went: where there never was an event, a gap begins there.
    """

    journey: str
    since: datetime
    known: datetime | None
    bound: float
    rhythm: bool = False
    whole: bool = False
    told: Spans = ()
    first: datetime | None = None


class Journeys:
    """Looks again at what may still have come in late, and at everything since.

    `since` is how far back the first look goes; without it, twice the bound of a gap. `gaps` are those that were told
    of each journey before.
    """

    def __init__(
        self, place: Place, plan: Plan, names: Events, since: datetime | None, gaps: Mapping[str, Spans]
    ) -> None:
        self._place = place
        self._plan = plan
        self._names = names
        self._since = since
        self._looked: datetime | None = None
        self._first: datetime | None = None
        self._last: dict[str, datetime] = {}
        self._told = {name: spans[-_GAPS_AGAIN:] for name, spans in gaps.items()}

    async def ask(self, now: datetime) -> TopicAnswer:
        """Return a Beat per journey of the plan."""
        since, whole = self._lookback(now), self._looked is None
        first = self._first or since
        looks = [
            Look(
                *(one.id, since, self._last.get(one.id), self._plan.gap, one.rhythm, whole),
                told=tuple(gap for gap in self._told.get(one.id, ()) if not whole or gap[0] < since),
                first=first,
            )
            for one in self._plan.journeys
        ]
        try:
            answer = together(await asyncio.gather(*(beat(self._place, now, look, self._names) for look in looks)))
        except (PyMongoError, asyncio.CancelledError) as error:
            given_up = isinstance(error, asyncio.CancelledError) or error.timeout
            if given_up and self._looked is None:
                # A first look that reaches too far would be given up for ever: reach half as far next time.
                self._since = now - (now - since) / 2
            raise
        self._looked, self._first = now, first
        for found in answer.readings:
            if isinstance(found, Beat):
                self._remember(found)
        return answer

    def _remember(self, beat: Beat) -> None:
        if beat.newest is not None:
            self._last[beat.journey] = max(beat.newest, self._last.get(beat.journey, beat.newest))
        known = self._told.get(beat.journey, ())
        left = {gap for gap in known if not any(since <= gap[0] and gap[1] <= until for since, until in beat.looked)}
        self._told[beat.journey] = tuple(sorted({*left, *beat.gaps}))[-_GAPS_AGAIN:]

    def _lookback(self, now: datetime) -> datetime:
        gap = timedelta(seconds=self._plan.gap)
        late = timedelta(seconds=self._plan.cadence.data_latency)
        wanted = self._looked - late if self._looked else self._since or now - 2 * gap
        return min(max(wanted, now - _RUNS_BACK * gap), now)


async def beat(place: Place, now: datetime, look: Look, names: Events) -> TopicAnswer:
    """Return one journey's events as a Beat."""
    events, ours = place.base[names.collection], {names.journey: look.journey}
    span = {names.at: {"$gte": look.since, "$lte": now + AHEAD}}
    runs, unreadable = await asyncio.gather(
        _runs(events, {**ours, **span}, names.at, look.bound),
        place.dates.misdated(events, ours, names.at, (now, now + AHEAD)),
    )
    before = look.known or await _last_before(events, ours, names.at, look.since)
    latest = max([run.last for run in runs] + ([before] if before else []), default=None)
    newest = min(latest, now) if latest else None
    count = sum(run.count for run in runs)
    total = count if not unreadable else max(count + unreadable, await events.estimate())
    pace = await _times(events, ours, names.at, (look.since, now)) if look.rhythm else ()
    now_found = strange_gaps(pace, look.bound) if pace else gaps(runs, before or look.first, look.bound)
    filled, left = await _again(events, ours, names.at, look)
    spans = sorted({*(gap for gap in now_found if gap[1] >= look.since), *left})
    looked = (*filled, *([(look.since, now)] if look.whole else []))
    longest = usual(pace, look.bound) if look.rhythm else 0.0
    told = (place.source, now, look.journey, look.since, newest, count, tuple(spans), looked, longest)
    return TopicAnswer((Beat(*told),), unreadable, total, newest)


async def _again(events: Records, ours: Document, at: str, look: Look) -> tuple[Spans, Spans]:
    """Look into the gaps that were told: return those that are filled, and what is left of these."""
    if not look.told:
        return (), ()
    inside: Document = {"$or": [{at: {"$gt": start, "$lt": end}} for start, end in look.told]}
    runs = await _runs(events, {**ours, **inside}, at, look.bound)
    filled: list[Gap] = []
    left: list[Gap] = []
    for start, end in look.told:
        touching = [run for run in runs if start < run.last and run.first < end]
        within = [Run(max(run.first, start), min(run.last, end), run.count) for run in touching]
        if not within:
            continue
        filled.append((start, end))
        times = await _times(events, ours, at, (start, end)) if look.rhythm else ()
        ends = [Run(start, start, 1), Run(end, end, 1)]
        rest = strange_gaps(times, look.bound) if times else gaps([*ends, *within], None, look.bound)
        left += [gap for gap in rest if start <= gap[0] and gap[1] <= end]
    return tuple(filled), tuple(left)


async def _times(events: Records, ours: Document, at: str, span: Gap) -> tuple[datetime, ...]:
    """Return when events came in a span and as many before as tell the pace; nothing if they are no rare ones."""
    before, within = await asyncio.gather(
        events.find({**ours, at: {"$lt": span[0]}}, shown(at), [(at, -1)], limit=NEWEST + 1),
        events.find({**ours, at: {"$gte": span[0], "$lte": span[1]}}, shown(at), [(at, 1)], limit=_TIMES_READ),
    )
    if len(within) == _TIMES_READ:
        return ()
    dates = (dig(row, at) for row in [*reversed(before), *within])
    return tuple(date for date in dates if isinstance(date, datetime))


async def _runs(events: Records, match: Document, at: str, bound: float) -> list[Run]:
    """Group events by pieces of time shorter than the bound: a gap can then only lie between two pieces."""
    piece, date = max(1, round(bound * 500)), f"${at}"
    group: Document = {
        "_id": {"$floor": {"$divide": [{"$toLong": date}, piece]}},
        "first": {"$min": date},
        "last": {"$max": date},
        "count": {"$sum": 1},
    }
    found = await events.rows([{"$match": match}, {"$group": group}, {"$limit": _RUNS_READ}])
    return [Run(row["first"], row["last"], int(row["count"])) for row in found]


async def _last_before(events: Records, ours: Document, at: str, since: datetime) -> datetime | None:
    found = await events.find({**ours, at: {"$lt": since}}, shown(at), [(at, -1)], limit=1)
    date = dig(found[0], at) if found else None
    return date if isinstance(date, datetime) else None
