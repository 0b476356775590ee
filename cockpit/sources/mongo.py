"""The Mongo source: up to eight topics, each measured, and failing, on its own."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import pymongo
from bson.errors import BSONError
from pymongo import errors as e

from cockpit.settings.records import Mongo, why_no_name
from cockpit.sources import mongo_exam
from cockpit.sources.base import Finding, Sight, Source, SourceError
from cockpit.sources.mongo_link import HELLO_SECONDS, Client, is_refused, mongo_client, reason
from cockpit.sources.mongo_login import logged_in
from cockpit.sources.mongo_rights import rights_note
from cockpit.sources.order import Order
from cockpit.sources.records.answer import Answer, Place
from cockpit.sources.records.capsules import capsules
from cockpit.sources.records.csat import csat
from cockpit.sources.records.exposures import exposures
from cockpit.sources.records.growth import collections
from cockpit.sources.records.journeys import Journeys
from cockpit.sources.records.pace import Pace
from cockpit.sources.records.returns import returns
from cockpit.sources.records.tickets import tickets
from cockpit.sources.records.triage import triage
from cockpit.sources.records.words import doubt, found
from cockpit.sources.sliding import starts
from sessions.clean import clean
from sessions.plan import Plan
from sessions.readings import Pulse, Reading, Topic

Ask = Callable[[datetime, float], Awaitable[Answer]]

_PATIENCE = 0.9
_STARTS = 0.6
_ABREAST = 3
_LONGEST_REST = 16


def open_source(order: Order, spec: Mongo) -> Sequence[Source]:
    """Return the source. Raises SecretError, and SourceError for an address or a plan's name that is none."""
    names = [name for rule in order.plan.collections for name in (rule.name, *rule.key)]
    if why := next(filter(None, map(why_no_name, names)), ""):
        raise SourceError(f"the plan's collections: {why}")

    def begin(order: Order, uri: str) -> Source:
        return MongoSource(mongo_client(uri), spec, order.plan, order.since, order.name)

    return [logged_in(order, spec, topics_of(spec), begin)]


def topics_of(spec: Mongo) -> Sequence[Topic]:
    """Return the topics that it answers for."""
    return (*map(Topic, spec.topics), *([Topic.EXPOSURE] if spec.exposures.collection else []))


class MongoSource:
    """Asks for a few topics at a time. One that takes long rests ten times as long.

    `since` is how far back the first look at the journeys goes; without it, twice the bound of a gap.
    """

    def __init__(
        self, client: Client, spec: Mongo, plan: Plan, since: datetime | None = None, name: str = "mongo"
    ) -> None:
        self.name = name
        self.interval = spec.every or plan.cadence.mongo
        self.deadline = spec.timeout or plan.cadence.deadline
        self.topics = topics_of(spec)
        self._client = client
        # Half of what is left before an answer is stale: one failure in between is forgiven.
        cap = max(0.0, plan.cadence.mongo_stale - self.interval - self.deadline) / 2
        pace = Pace(self.interval, cap)
        place = Place(client[spec.database], name)
        self._collections = collections(place, plan, spec.made, spec.full_pass, pace)
        self._asks = self._questions(place, spec, plan, since)
        self._paces = dict[Topic, Pace]((one, replace(pace)) for one in self.topics if one is not Topic.COLLECTIONS)
        self._tried: dict[Topic, float] = {}
        self._spec = spec
        self._plan = plan
        self._rights: str | None = None
        self._refusals = 0
        self._asks_again: datetime | None = None
        self._one_at_a_time = asyncio.Lock()

    def _questions(self, place: Place, spec: Mongo, plan: Plan, since: datetime | None) -> dict[Topic, Ask]:
        week = plan.week.days * plan.week.day
        journeys = Journeys(place, plan, spec.events, since)
        return {
            Topic.JOURNEYS: lambda now, _: journeys.ask(now),
            Topic.COLLECTIONS: partial(self._collections.ask, patience=self.deadline * _PATIENCE),
            Topic.TRIAGE: lambda now, _: triage(place, now, week, spec.triage),
            Topic.QUEUE: lambda now, _: tickets(place, now, spec.tickets),
            Topic.CAPSULES: lambda now, _: capsules(place, now, plan.queue, spec.capsules),
            Topic.RETURNS: lambda now, _: returns(place, now, plan.queue, spec.returns),
            Topic.CSAT: lambda now, _: csat(place, now, plan.queue, spec.csat),
            Topic.EXPOSURE: lambda now, _: exposures(
                place, now, starts(plan, now, spec.exposures.span), plan.flag, spec.exposures
            ),
        }

    async def read(self, now: datetime) -> Sequence[Reading]:
        """Return the readings of the topics that are due, with their pulses. Raises SourceError when nobody answers."""
        async with self._one_at_a_time:
            due = [topic for topic in self.topics if self._ready(topic, now)]
            if not due:
                return []
            until = time.perf_counter() + self.deadline * _STARTS
            with pymongo.timeout(self.deadline * _PATIENCE):
                await self._hello(now)
                due.sort(key=lambda topic: self._tried.get(topic, 0))
                taken = await asyncio.gather(*(self._take(due, until, now) for _ in range(_ABREAST)))
            return [reading for readings in taken for reading in readings]

    async def examine(self, now: datetime) -> Sequence[Finding]:
        """Look at the server, then ask for each topic once: what was seen, how fast and how old."""
        with pymongo.timeout(self.deadline * _PATIENCE):
            await self._hello(now)
        seen = await mongo_exam.examine(self._client, self._spec, self._plan, now)
        return [*seen, *await asyncio.gather(*(self._examined(topic, now) for topic in self.topics))]

    async def aclose(self) -> None:
        """Give up what is under way and close the client's connections."""
        await self._collections.aclose()
        await self._client.close()

    def _ready(self, topic: Topic, now: datetime) -> bool:
        if topic is Topic.COLLECTIONS:
            return self._collections.ready(now)
        return self._paces[topic].ready(now)

    async def _take(self, due: list[Topic], until: float, now: datetime) -> list[Reading]:
        """Ask for one topic after the other. What a slow server leaves no time for comes first in the next turn."""
        readings: list[Reading] = []
        while due and time.perf_counter() < until and not self._refusals:
            topic = due.pop(0)
            self._tried[topic] = time.perf_counter()
            readings += await self._topic(topic, now, until)
        return readings

    async def _hello(self, now: datetime) -> None:
        """One short question first: a server that is gone or refuses us is asked once, not once per topic."""
        if self._asks_again is not None and now < self._asks_again:
            # Each attempt may count towards locking the account.
            raise SourceError(f"login refused, asked again at {self._asks_again:%H:%M:%S} UTC")
        patience = min(HELLO_SECONDS, self.deadline * _PATIENCE)
        try:
            with pymongo.timeout(patience):
                await self._client.admin.command("ping")
                if self._rights is None:
                    self._rights = await rights_note(self._client, self._spec.database)
        except (e.PyMongoError, BSONError) as error:
            self._heed(error, now)
            raise SourceError(reason(error, patience)) from error
        self._refusals, self._asks_again = 0, None

    def _heed(self, error: Exception, now: datetime) -> None:
        """Rest twice as long after each login that was refused."""
        if is_refused(error):
            self._refusals += 1
            rest = self.interval * min(2**self._refusals, _LONGEST_REST)
            self._asks_again = now + timedelta(seconds=rest)

    async def _topic(self, topic: Topic, now: datetime, until: float) -> Iterable[Reading]:
        begun, patience = time.perf_counter(), self.deadline * _PATIENCE
        pace = self._paces.get(topic)
        try:
            answer = await self._asks[topic](now, until)
        except Exception as error:  # noqa: BLE001 - one topic's trouble must not blind the others
            took = (time.perf_counter() - begun) * 1000
            self._heed(error, now)
            if pace and isinstance(error, e.PyMongoError) and error.timeout:
                pace.timed_out(now)
            return [Pulse(self.name, now, topic, ok=False, reason=reason(error, patience), took_ms=took)]
        took = time.perf_counter() - begun
        if pace:
            pace.answered(now, took)
        # Rights are told once, at the first topic.
        rights = self._rights or "" if topic is self.topics[0] else ""
        return [*answer.readings, self._pulse(topic, now, took, answer, rights)]

    def _pulse(self, topic: Topic, now: datetime, took: float, answer: Answer, rights: str = "") -> Pulse:
        why = clean(answer.trouble or doubt(answer.unreadable, answer.total), 120)
        own = self._paces[topic].note if topic in self._paces else ""
        note = clean("; ".join(part for part in (answer.note, own, rights) if part), 120)
        counts = (answer.newest, answer.unreadable, answer.total)
        return Pulse(self.name, now, topic, not why, why, took * 1000, *counts, note)

    async def _examined(self, topic: Topic, now: datetime) -> Finding:
        begun, patience = time.perf_counter(), self.deadline * _PATIENCE
        try:
            with pymongo.timeout(patience):
                answer = await self._asks[topic](now, begun + self.deadline * _STARTS)
        except (e.PyMongoError, BSONError) as error:
            return Finding(Sight.PROBLEM, str(topic), reason(error, patience), "see docs/sources.md for what it needs")
        return found(str(topic), self._pulse(topic, now, time.perf_counter() - begun, answer))
