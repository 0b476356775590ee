"""The Mongo source: up to eight topics, each measured, and failing, on its own."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from bson.errors import BSONError
from msgspec.structs import replace
from pymongo import errors as e

from cockpit.runtime.finding import Finding, Sight
from cockpit.settings.models.mongo import Mongo, why_no_name
from cockpit.sources.database.answer import Dates, Place, TopicAnswer, doubt, found, unanswered
from cockpit.sources.database.client import Client, is_refused, mongo_client, reason
from cockpit.sources.database.database import Base
from cockpit.sources.database.hello import Hello
from cockpit.sources.database.pace import Pace
from cockpit.sources.interface.budget import Budget
from cockpit.sources.interface.sliding_span import starts
from cockpit.sources.interface.source import Order, Source, SourceError, Steady, stands
from cockpit.sources.mongo import examine as mongo_exam
from cockpit.sources.mongo.duplicates.collections import collections
from cockpit.sources.mongo.login import logged_in
from cockpit.sources.mongo.topics.capsules import capsules
from cockpit.sources.mongo.topics.csat import csat
from cockpit.sources.mongo.topics.exposures import exposures
from cockpit.sources.mongo.topics.journeys import Journeys
from cockpit.sources.mongo.topics.returns import returns
from cockpit.sources.mongo.topics.tickets import tickets
from cockpit.sources.mongo.topics.triage import triage
from sessions.plan.model import Plan
from sessions.text.clean import clean
from sessions.values.readings import Pulse, Reading, Spans, Topic

Ask = Callable[[datetime, float], Awaitable[TopicAnswer]]

_PATIENCE = 0.9
_STARTS = 0.6
_ABREAST = 3
_LONGEST_REST = 16
_FAILURES = (e.PyMongoError, BSONError, TimeoutError)


def open_source(order: Order, spec: Mongo) -> Sequence[Source]:
    """Return the source, none if nothing is asked of it.

    Raises SecretError, and SourceError for an address or a plan's name that is none.
    """
    names = [name for rule in order.plan.collections for name in (rule.name, *rule.key)]
    if why := next(filter(None, map(why_no_name, names)), ""):
        raise SourceError(f"the plan's collections: {why}")

    def begin(order: Order, uri: str) -> Source:
        gone = order.gaps
        return MongoSource(mongo_client(uri), spec, order.plan, order.since, order.name, order.budgets.of(uri), gone)

    topics = topics_of(spec)
    return [logged_in(order, spec, topics, begin)] if topics else []


def topics_of(spec: Mongo) -> Sequence[Topic]:
    """Return the topics that it answers for."""
    return (*map(Topic, spec.topics), *([Topic.EXPOSURE] if spec.exposures.collection else []))


class MongoSource(Steady):
    """Asks for a few topics at a time. One that takes long, or is given up, rests ten times as long.

    `since` is how far back the first look at the journeys goes; without it, twice the bound of a gap.
    """

    def __init__(  # noqa: PLR0913, PLR0917 (a source is told all of its order)
        self,
        client: Client,
        spec: Mongo,
        plan: Plan,
        since: datetime | None = None,
        name: str = "mongo",
        budget: Budget | None = None,
        gaps: Mapping[str, Spans] | None = None,
    ) -> None:
        self.name = name
        self.interval = spec.every or plan.cadence.mongo
        self.deadline = spec.timeout or plan.cadence.deadline
        self.topics = topics_of(spec)
        self._client = client
        self._base = Base(client[spec.database], budget or Budget(), self._patience)
        self._hello = Hello(self._base, self._patience)
        # Half of what is left before an answer is stale: one failure in between is forgiven. What is slow is seen again
        # within two intervals, its own time included.
        cap = min(max(0.0, plan.cadence.mongo_stale - self.interval - self.deadline) / 2, 1.5 * self.interval)
        pace = Pace(self.interval, cap)
        self._kinds = {topic: self._base.kind() for topic in Topic}
        self._dates = Dates(max(0.0, plan.cadence.mongo_stale - self.interval - self.deadline))
        self._collections = collections(Place(self._base, name, self._dates), plan, spec.made, spec.full_pass, pace)
        self._asks = self._questions(spec, plan, since, gaps or {})
        self._paces = dict[Topic, Pace]((one, replace(pace)) for one in self.topics if one is not Topic.COLLECTIONS)
        self._tried: dict[Topic, float] = {}
        self._spec = spec
        self._plan = plan
        self._rights: str | None = None
        self._refusals = 0
        self._asks_again: datetime | None = None
        self._one_at_a_time = asyncio.Lock()

    @property
    def _patience(self) -> float:
        return self.deadline * _PATIENCE

    def _questions(
        self, spec: Mongo, plan: Plan, since: datetime | None, gaps: Mapping[str, Spans]
    ) -> dict[Topic, Ask]:
        place = {topic: Place(kind, self.name, self._dates) for topic, kind in self._kinds.items()}
        week = plan.week.days * plan.week.day
        journeys = Journeys(place[Topic.JOURNEYS], plan, spec.events, since, gaps)
        return {
            Topic.JOURNEYS: lambda now, _: journeys.ask(now),
            Topic.COLLECTIONS: partial(self._collections.ask, patience=self._patience),
            Topic.TRIAGE: lambda now, _: triage(place[Topic.TRIAGE], now, week, spec.triage),
            Topic.QUEUE: lambda now, _: tickets(place[Topic.QUEUE], now, spec.tickets),
            Topic.CAPSULES: lambda now, _: capsules(place[Topic.CAPSULES], now, plan.queue, spec.capsules),
            Topic.RETURNS: lambda now, _: returns(place[Topic.RETURNS], now, plan.queue, spec.returns),
            Topic.CSAT: lambda now, _: csat(place[Topic.CSAT], now, plan.queue, spec.csat),
            Topic.EXPOSURE: lambda now, _: exposures(
                place[Topic.EXPOSURE], now, starts(plan, now, spec.exposures.span), plan.flag, spec.exposures
            ),
        }

    async def read(self, now: datetime) -> Sequence[Reading]:
        """Return the readings of the topics that are due, with their pulses. Raises SourceError when nobody answers."""
        async with self._one_at_a_time:
            paces = [*self._paces.values(), *self._collections.paces]
            if not any(pace.ready(now) or pace.in_vain for pace in paces) or not self._base.budget.has_room():
                return []
            begun = asyncio.get_running_loop().time()
            if await self._say_hello(now):
                for pace in paces:
                    pace.spare()
            due = [topic for topic in self.topics if self._ready(topic, now)]
            due.sort(key=lambda topic: self._tried.get(topic, 0))
            end = begun + self._patience
            # Of what is slow, one after the other is answered sooner than several that wait for each other.
            abreast = 1 if any(pace.in_vain for pace in paces) else _ABREAST
            taken = await asyncio.gather(*(self._take(due, begun, end, now) for _ in range(abreast)))
            return [reading for readings in taken for reading in readings]

    async def examine(self, now: datetime) -> Sequence[Finding]:
        """Look at the server, then ask for each topic once: what was seen, how fast and how old."""
        begun = time.perf_counter()
        await self._say_hello(now)
        here = now + timedelta(seconds=time.perf_counter() - begun)
        seen = await mongo_exam.examine(self._base, self._spec, self._plan, here)
        return [*seen, *await asyncio.gather(*(self._examined(topic, now) for topic in self.topics))]

    async def aclose(self) -> None:
        """Give up what is under way and close the client's connections."""
        await self._collections.aclose()
        await self._base.aclose()
        await self._client.close()

    def _ready(self, topic: Topic, now: datetime) -> bool:
        if topic is Topic.COLLECTIONS:
            return any(pace.ready(now) for pace in self._collections.paces)
        return self._paces[topic].ready(now)

    async def _take(self, due: list[Topic], begun: float, end: float, now: datetime) -> list[Reading]:
        """Ask for one topic after the other. What there is no time for comes first in the next turn."""
        readings: list[Reading] = []
        clock, until = asyncio.get_running_loop().time, begun + self.deadline * _STARTS
        while due and clock() < until and not self._refusals and self._base.budget.has_room():
            topic = due.pop(0)
            self._tried[topic] = clock()
            readings += await self._topic(topic, now, end)
        return readings

    async def _say_hello(self, now: datetime) -> bool:
        """Ask a short question first: a server that is gone or refuses us is asked once, not once per topic."""
        if self._asks_again is not None and now < self._asks_again:
            # Each attempt may count towards locking the account.
            raise SourceError(f"login refused, asked again at {self._asks_again:%H:%M:%S} UTC")
        try:
            fast = await self._hello.say()
            if self._rights is None:
                self._rights = await self._hello.rights(self._spec.database)
        except _FAILURES as error:
            self._heed(error, now)
            raise SourceError(reason(error, self._hello.patience)) from error
        self._refusals, self._asks_again = 0, None
        return fast

    def _heed(self, error: Exception, now: datetime) -> None:
        """Rest twice as long after each login that was refused."""
        if is_refused(error):
            self._refusals += 1
            rest = self.interval * min(2**self._refusals, _LONGEST_REST)
            self._asks_again = now + timedelta(seconds=rest)

    async def _topic(self, topic: Topic, now: datetime, end: float) -> Iterable[Reading]:
        clock, kind, pace = asyncio.get_running_loop().time, self._kinds[topic], self._paces.get(topic)
        if (waits := kind.waits) is not None:
            return [Pulse(self.name, now, topic, ok=False, reason=unanswered(waits))]
        begun = clock()
        try:
            async with asyncio.timeout_at(end):
                answer = await self._asks[topic](now, end)
        except Exception as error:  # noqa: BLE001 - one topic's trouble must not blind the others
            took = (clock() - begun) * 1000
            self._heed(error, now)
            if pace and kind.in_vain(error):
                pace.abandoned(now, kind.limit)
            return [Pulse(self.name, now, topic, ok=False, reason=reason(error, self._patience), took_ms=took)]
        took = clock() - begun
        if pace:
            pace.answered(now, took)
        # Rights are told once, at the first topic.
        rights = self._rights or "" if topic is self.topics[0] else ""
        return [*answer.readings, self._pulse(topic, now, took, answer, rights)]

    def _pulse(self, topic: Topic, now: datetime, took: float, answer: TopicAnswer, rights: str = "") -> Pulse:
        why = clean(answer.trouble or doubt(answer.unreadable, answer.total))
        own = self._paces[topic].note if topic in self._paces else ""
        note = clean("; ".join(part for part in (answer.note, own, rights) if part), 200)
        counts = (answer.newest, answer.unreadable, answer.total)
        rest = self._paces[topic].rest if topic in self._paces else 0.0
        holds = round(stands(self.interval, took, rest), 3)
        return Pulse(self.name, now, topic, not why, why, took * 1000, *counts, note, holds)

    async def _examined(self, topic: Topic, now: datetime) -> Finding:
        clock = asyncio.get_running_loop().time
        begun = clock()
        try:
            async with asyncio.timeout(self._patience):
                answer = await self._asks[topic](now, begun + self._patience)
        except _FAILURES as error:
            why = reason(error, self._patience)
            return Finding(Sight.PROBLEM, str(topic), why, "see docs/sources-mongo.md for what it needs")
        doubts = filter(None, (getattr(reading, "doubt", "") for reading in answer.readings))
        return found(str(topic), self._pulse(topic, now, clock() - begun, answer), next(doubts, ""))
