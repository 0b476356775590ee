"""Analytics events: each journey's newest event and the gaps since it was last looked at.

An index on (journey, date) answers this without a look at other documents.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct
from pymongo.errors import PyMongoError

from cockpit.settings.models.mongo import Events
from cockpit.sources.database.answer import AHEAD, Place, TopicAnswer, dig, misdated, shown, together
from cockpit.sources.database.client import Document
from cockpit.sources.database.database import Records
from sessions.plan.model import Plan
from sessions.values.readings import Beat

Gap = tuple[datetime, datetime]


class Run(Struct, frozen=True):
    """Events of one journey that lie close together: the first, the last, how many."""

    first: datetime
    last: datetime
    count: int


def gaps(runs: Sequence[Run], before: datetime | None, bound: float) -> tuple[Gap, ...]:
    """Return every (last, first) of neighbours more than `bound` seconds apart, oldest first.

    `before` is the last event known from before the runs, None where none is known.
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


class Look(Struct, frozen=True):
    """Which events to look at: one journey's since `since`; `known` is its last event so far, `bound` a gap in s."""

    journey: str
    since: datetime
    known: datetime | None
    bound: float


class Journeys:
    """Looks again at what may still have come in late, and at everything since.

    `since` is how far back the first look goes; without it, twice the bound of a gap.
    """

    def __init__(self, place: Place, plan: Plan, names: Events, since: datetime | None) -> None:
        self._place = place
        self._plan = plan
        self._names = names
        self._since = since
        self._looked: datetime | None = None
        self._last: dict[str, datetime] = {}

    async def ask(self, now: datetime) -> TopicAnswer:
        """Return a Beat per journey of the plan."""
        since = self._lookback(now)
        journeys = [journey.id for journey in self._plan.journeys]
        looks = [Look(name, since, self._last.get(name), self._plan.gap) for name in journeys]
        try:
            answer = together(await asyncio.gather(*(beat(self._place, now, look, self._names) for look in looks)))
        except (PyMongoError, asyncio.CancelledError) as error:
            given_up = isinstance(error, asyncio.CancelledError) or error.timeout
            if given_up and self._looked is None:
                # A first look that reaches too far would be given up for ever: reach half as far next time.
                self._since = now - (now - since) / 2
            raise
        self._looked = now
        for found in answer.readings:
            if isinstance(found, Beat) and found.newest is not None:
                self._last[found.journey] = max(found.newest, self._last.get(found.journey, found.newest))
        return answer

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
        misdated(events, ours, names.at, now + AHEAD),
    )
    before = look.known or await _last_before(events, ours, names.at, look.since)
    latest = max([run.last for run in runs] + ([before] if before else []), default=None)
    newest = min(latest, now) if latest else None
    count = sum(run.count for run in runs)
    total = count if not unreadable else max(count + unreadable, await events.estimate())
    found = Beat(place.source, now, look.journey, look.since, newest, count, gaps(runs, before, look.bound))
    return TopicAnswer((found,), unreadable, total, newest)


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
