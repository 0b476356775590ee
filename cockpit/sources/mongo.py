"""The Mongo source: seven topics, each measured, and failing, on its own."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pymongo
from bson.errors import BSONError
from pymongo import AsyncMongoClient
from pymongo import errors as e

from cockpit.sources import queries as q
from cockpit.sources.base import Finding, Sight, SourceError
from cockpit.sources.mongo_link import HELLO_SECONDS, mongo_client, reason
from sessions.plan import Plan
from sessions.readings import Beat, Pulse, Reading, Topic

__all__ = ["MongoSource", "mongo_client", "reason"]

Ask = Callable[[datetime], Awaitable[q.Answer]]

_PATIENCE = 0.9
_STARTS = 0.6
_ABREAST = 3
_RESTS = 10
_RUNS_BACK = 1000


class MongoSource:
    """Asks for a few topics at a time. One that takes long rests ten times as long.

    `since` is how far back the first look at the journeys goes; without it, twice the bound of a gap.
    """

    name = q.SOURCE

    def __init__(self, client: AsyncMongoClient[Any], database: str, plan: Plan, since: datetime | None = None) -> None:
        self.interval = plan.cadence.mongo
        self.deadline = plan.cadence.deadline
        self._client = client
        self._plan = plan
        self._since = since
        self._looked: datetime | None = None
        self._last: dict[str, datetime] = {}
        self._due: dict[Topic, datetime] = {}
        self._tried: dict[Topic, float] = {}
        self._one_at_a_time = asyncio.Lock()
        base: q.Base = client[database]
        week = plan.week.days * plan.week.day
        self._asks: dict[Topic, Ask] = {
            Topic.JOURNEYS: partial(self._journeys, base),
            Topic.COLLECTIONS: partial(self._collections, base),
            Topic.TRIAGE: partial(q.triage, base, young=week),
            Topic.QUEUE: partial(q.tickets, base),
            Topic.CAPSULES: partial(q.capsules, base, rule=plan.queue),
            Topic.RETURNS: partial(q.returns, base, rule=plan.queue),
            Topic.CSAT: partial(q.csat, base, rule=plan.queue),
        }
        self.topics: Sequence[Topic] = tuple(self._asks)

    async def read(self, now: datetime) -> Sequence[Reading]:
        """Return the readings of the topics that are due, with their pulses. Raises SourceError when nobody answers."""
        async with self._one_at_a_time:
            due = [topic for topic in self._asks if topic not in self._due or self._due[topic] <= now]
            if not due:
                return []
            until = time.perf_counter() + self.deadline * _STARTS
            with pymongo.timeout(self.deadline * _PATIENCE):
                await self._hello()
                due.sort(key=lambda topic: self._tried.get(topic, 0))
                found = await asyncio.gather(*(self._take(due, until, now) for _ in range(_ABREAST)))
            return [reading for readings in found for reading in readings]

    async def _take(self, due: list[Topic], until: float, now: datetime) -> list[Reading]:
        """Ask for one topic after the other. What a slow server leaves no time for comes first in the next turn."""
        found: list[Reading] = []
        while due and time.perf_counter() < until:
            topic = due.pop(0)
            self._tried[topic] = time.perf_counter()
            found += await self._topic(topic, now)
        return found

    async def examine(self, now: datetime) -> Sequence[Finding]:
        """Measure once and say what was seen."""
        readings = await self.read(now)
        return [Finding(Sight.GOOD, self.name, f"{len(readings)} readings")]

    async def aclose(self) -> None:
        """Close the client's connections."""
        await self._client.close()

    async def _hello(self) -> None:
        """One short question first: a server that is gone or refuses us is asked once, not once per topic."""
        patience = min(HELLO_SECONDS, self.deadline * _PATIENCE)
        try:
            with pymongo.timeout(patience):
                await self._client.admin.command("ping")
        except (e.PyMongoError, BSONError) as error:
            raise SourceError(reason(error, patience)) from error

    async def _topic(self, topic: Topic, now: datetime) -> Iterable[Reading]:
        begun = time.perf_counter()
        try:
            answer = await self._asks[topic](now)
        except Exception as error:  # noqa: BLE001 - one topic's trouble must not blind the others
            took = (time.perf_counter() - begun) * 1000
            return [
                Pulse(self.name, now, topic, ok=False, reason=reason(error, self.deadline * _PATIENCE), took_ms=took)
            ]
        took = time.perf_counter() - begun
        # Never so long that its last answer could go stale meanwhile.
        self._due[topic] = now + timedelta(seconds=min(_RESTS * took, self._plan.cadence.mongo_stale / 4))
        doubt = _doubt(answer)
        counts = (answer.newest, answer.unreadable, answer.total)
        return [*answer.readings, Pulse(self.name, now, topic, not doubt, doubt, took * 1000, *counts)]

    async def _journeys(self, base: q.Base, now: datetime) -> q.Answer:
        """Look again at what may still have come in late, and at everything since."""
        since = self._lookback(now)
        names = [journey.id for journey in self._plan.journeys]
        looks = [q.Look(name, since, self._last.get(name), self._plan.gap) for name in names]
        try:
            answer = _together(await asyncio.gather(*(q.beat(base, now, look) for look in looks)))
        except e.PyMongoError as error:
            if error.timeout and self._looked is None:
                # A first look that reaches too far would time out for ever: reach half as far next time.
                self._since = now - (now - since) / 2
            raise
        self._looked = now
        for beat in answer.readings:
            if isinstance(beat, Beat) and beat.newest is not None:
                self._last[beat.journey] = max(beat.newest, self._last.get(beat.journey, beat.newest))
        return answer

    def _lookback(self, now: datetime) -> datetime:
        gap = timedelta(seconds=self._plan.gap)
        late = timedelta(seconds=self._plan.cadence.data_latency)
        wanted = self._looked - late if self._looked else self._since or now - 2 * gap
        return min(max(wanted, now - _RUNS_BACK * gap), now)

    async def _collections(self, base: q.Base, now: datetime) -> q.Answer:
        return _together(await asyncio.gather(*(q.size(base, now, rule) for rule in self._plan.collections)))


def _together(answers: Sequence[q.Answer]) -> q.Answer:
    return q.Answer(
        tuple(reading for answer in answers for reading in answer.readings),
        sum(answer.unreadable for answer in answers),
        sum(answer.total for answer in answers),
        max((answer.newest for answer in answers if answer.newest), default=None),
    )


def _doubt(answer: q.Answer) -> str:
    """Say why an answer proves nothing: over 1 % unreadable. A single bad document is forgiven, unless it is all."""
    bad, total = answer.unreadable, answer.total
    if bad and (bad > max(1, total // 100) or bad >= total):
        return f"{bad:,} of {total:,} unreadable"
    return ""
