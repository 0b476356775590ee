"""Traffic out of a log of requests in MongoDB: counted by the server, window by window, never pulled.

A log vouches for a span only as far as its newest document goes: an empty window of a live log is no traffic, one of a
dead log is unknown.
"""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from bson.errors import BSONError
from msgspec.structs import replace
from pymongo.errors import PyMongoError

from cockpit.runtime.finding import Finding, Sight
from cockpit.settings.models.mongo import Mongo
from cockpit.sources.database.answer import doubt, unanswered
from cockpit.sources.database.client import Client, is_refused, mongo_client, reason
from cockpit.sources.database.database import Base
from cockpit.sources.database.hello import Hello
from cockpit.sources.database.pace import Pace
from cockpit.sources.interface.budget import Budget
from cockpit.sources.interface.source import Order, Source, SourceError, Steady
from cockpit.sources.interface.who_had_it import neither, splits_of
from cockpit.sources.mongo import request_log_queries as q
from cockpit.sources.mongo.login import logged_in
from cockpit.sources.mongo.request_log_queries import Agenda, Window, covered
from sessions.plan.model import Plan
from sessions.text.clean import clean
from sessions.text.units import counted, duration
from sessions.values.readings import Grain, Pulse, Reading, Topic, Traffic

_PATIENCE = 0.9
_STARTS = 0.5
_NOW = 2
_LOOKED_THROUGH = 12
_FAILURES = (PyMongoError, BSONError, TimeoutError)


def open_source(order: Order, spec: Mongo) -> Sequence[Source]:
    """Return the source of a request log, none if none counts traffic. Raises SecretError, SourceError."""
    if not spec.requests.counts:
        return []

    def begin(order: Order, uri: str) -> Source:
        return RequestLogSource(mongo_client(uri), spec, order.plan, order.name, order.since, order.budgets.of(uri))

    return [logged_in(order, spec, RequestLogSource.topics, begin)]


class RequestLogSource(Steady):
    """Asks for the running window, the last minute, and each closed window until it is final.

    `since` is when somebody last watched: what was missed from then on is asked for too.
    """

    topics = (Topic.TRAFFIC,)

    def __init__(  # noqa: PLR0913, PLR0917 (a source is told all of its order)
        self,
        client: Client,
        spec: Mongo,
        plan: Plan,
        name: str,
        since: datetime | None = None,
        budget: Budget | None = None,
    ) -> None:
        self.name = name
        self.deadline = spec.timeout or plan.cadence.deadline
        self._every = plan.cadence.traffic
        self._pace = Pace(self._every, min(plan.cadence.traffic_stale, plan.windows.length) / 2)
        self._client = client
        self._plan = plan
        self._patience = self.deadline * _PATIENCE
        self._base = Base(client[spec.database], budget or Budget(), self._patience)
        self._hello = Hello(self._base, self._patience)
        self._log = q.Log(self._base[spec.requests.collection], spec.requests, plan.endpoints, plan.latency.p95_ms)
        self._agenda = Agenda(plan, since)
        self._ranks: bool | None = None
        self._newest: datetime | None = None
        self._moved: datetime | None = None
        self._one_at_a_time = asyncio.Lock()

    @property
    def interval(self) -> float:
        """A look that takes long is followed by a long rest, but never so long that its answer could go stale.

        Nor so long that a window would be looked at less than twice: what is judged is seen while it is new.
        After one that was given up the server is only greeted until the rest is over.
        """
        return self._every if self._pace.in_vain else max(self._every, self._pace.rest)

    async def read(self, now: datetime) -> Sequence[Reading]:
        """Return the windows that are due, the last minute, and one pulse. Raises SourceError when nobody answers.

        One short question comes first: a server that is gone or refuses us is asked only that.
        """
        async with self._one_at_a_time:
            if (waits := self._base.waits) is not None:
                raise SourceError(unanswered(waits))
            return self._noted(await self._asked(now)) if self._base.budget.has_room() else []

    def _noted(self, readings: Sequence[Reading]) -> Sequence[Reading]:
        """Say in the pulse why some requests belong to no group, those with the flag and those without."""
        if not (told := neither(splits_of(readings), self._log.fields.variant)):
            return readings
        pulses = (one for one in readings if isinstance(one, Pulse))
        noted = {one: replace(one, note="; ".join(filter(None, (one.note, told)))) for one in pulses}
        return [noted[one] if isinstance(one, Pulse) else one for one in readings]

    async def _asked(self, now: datetime) -> Sequence[Reading]:
        begun = asyncio.get_running_loop().time()
        try:
            if await self._hello.say():
                self._pace.spare()
            self._rest_out(now)
            async with asyncio.timeout_at(begun + self._patience):
                return await self._look(now, begun)
        except _FAILURES as error:
            self._slow_down(error, now)
            raise SourceError(reason(error, self._patience)) from error

    def _rest_out(self, now: datetime) -> None:
        """Ask nothing for ten times as long as an answer was waited for in vain."""
        if self._pace.in_vain and not self._pace.ready(now):
            raise SourceError(f"gave up after {self._patience:g} s, asks again after {self._pace.rest:g} s")

    def _slow_down(self, error: Exception, now: datetime) -> None:
        """A question that was given up costs its whole time; one that is refused is put seldom: that locks accounts."""
        if self._base.in_vain(error):
            self._pace.abandoned(now, self._patience)
        else:
            self._pace.rest = self._plan.cadence.traffic_stale if is_refused(error) else 0.0

    async def _look(self, now: datetime, begun: float) -> Sequence[Reading]:
        newest = await q.newest(self._log, now)
        if self._ranks is None:
            self._ranks = await q.can_rank(self._log)
        dates = await q.misdated(self._log, now)
        readings, odd = await self._spans(now, newest, begun) if newest else ([], (0, 0))
        self._notice(now, newest)
        bad = _worse(odd, await self._dates(dates))
        took = asyncio.get_running_loop().time() - begun
        self._pace.answered(now, took)
        why = self._doubt(now, bad)
        pulse = Pulse(self.name, now, Topic.TRAFFIC, not why, why, took * 1000, newest, *bad, _note(newest, dates))
        return [*readings, pulse]

    async def _spans(self, now: datetime, newest: datetime, begun: float) -> tuple[list[Reading], tuple[int, int]]:
        """Return the readings of the minute and the windows, and of how many documents how many were unreadable."""
        since = now - timedelta(seconds=self._plan.windows.minute)
        minute = await self._count(since, now)
        readings = self._traffic(minute, now, Window(0, since, now), Grain.MINUTE, newest) if newest > since else []
        counts = await self._windows(now, newest, begun)
        for window, count in counts.items():
            readings += self._traffic(count, now, window, Grain.WINDOW, newest)
            self._agenda.looked(window, now, newest)
        together = sum(count.odd for count in counts.values()), sum(count.total for count in counts.values())
        return readings, max(together, (minute.odd, minute.total), key=lambda pair: pair[1])

    async def _windows(self, now: datetime, newest: datetime, begun: float) -> dict[Window, q.Count]:
        """Ask for the windows that are due. Old ones wait for another turn when this one has taken long."""
        counts: dict[Window, q.Count] = {}
        for window in self._agenda.due(now, newest):
            old = len(counts) >= _NOW
            if old and asyncio.get_running_loop().time() > begun + self.deadline * _STARTS:
                break
            try:
                counts[window] = await self._count(window.start, window.end)
            except (PyMongoError, asyncio.CancelledError):
                if old:
                    # One that is too much for the server must not stand in the way for ever.
                    self._agenda.drop(window)
                raise
        return counts

    async def _count(self, start: datetime, end: datetime) -> q.Count:
        return await q.count(self._log, start, end, bool(self._ranks))

    def _traffic(self, count: q.Count, now: datetime, span: Window, grain: Grain, newest: datetime) -> list[Reading]:
        """Every endpoint of the plan: without a document in a span that the log vouches for it had no request."""
        share, late = covered(span.start, min(span.end, now), newest), span.backfilled
        flows = [(name, count.flows.get(name, q.Flow(0, 0, None))) for name in self._plan.endpoints]
        return [
            Traffic(
                *(self.name, now, name, grain, span.start, span.end),
                *_figures(flow),
                share,
                over=flow.over,
                backfilled=late,
                refused=float(flow.refused),
                split=flow.split if grain is Grain.WINDOW else None,
            )
            for name, flow in flows
        ]

    async def _dates(self, dates: tuple[int, int]) -> tuple[int, int]:
        """Documents outside every span by their date, of all that the log has."""
        bad = sum(dates)
        return bad, max(bad, await self._log.collection.estimate()) if bad else 0

    def _notice(self, now: datetime, newest: datetime | None) -> None:
        """Remember when the log last went on."""
        if self._newest is not None and newest is not None and newest > self._newest:
            self._moved = now
        self._newest = newest

    def _doubt(self, now: datetime, bad: tuple[int, int]) -> str:
        """Say why an answer proves nothing: over 1 % unreadable, or a log that is old and does not go on.

        A log that is old and goes on is late, and windows settle later with it.
        """
        if why := doubt(*bad):
            return why
        bound = timedelta(seconds=self._plan.cadence.data_latency)
        if self._newest is None or now - self._newest <= bound or (self._moved and now - self._moved <= bound):
            return ""
        return f"newest request is {duration((now - self._newest).total_seconds())} old"

    async def examine(self, now: datetime) -> Sequence[Finding]:
        """Look through the last hour (twelve windows): which endpoints were seen, how good the documents are."""
        readings = await self._asked(now)
        since = now - timedelta(seconds=_LOOKED_THROUGH * self._plan.windows.length)
        try:
            async with asyncio.timeout(self._patience):
                count = await self._count(since, now)
        except _FAILURES as error:
            raise SourceError(reason(error, self._patience)) from error
        pulse = next(one for one in readings if isinstance(one, Pulse))
        what, span = clean(self._log.fields.collection, 60), duration((now - since).total_seconds())
        total = sum(flow.requests for flow in count.flows.values())
        how = "the server ranks" if self._ranks else "ranked endpoint by endpoint, $percentile is missing"
        text = f"{counted(total, 'requests')} in {span}, {pulse.took_ms:.0f} ms, p95: {how}"
        return [
            Finding(Sight.GOOD if total else Sight.WARNING, what, text, "" if total else _NAMES),
            *(Finding(Sight.PROBLEM, what, pulse.reason, _DATES) for _ in range(not pulse.ok)),
            *(Finding(Sight.WARNING, what, pulse.note, _DATES) for _ in range(bool(pulse.note))),
            *(
                Finding(Sight.WARNING, clean(name, 80), f"no request in {span}", _NAMES)
                for name in self._plan.endpoints
                if total and name not in count.flows
            ),
            *self._by_flag(count),
        ]

    def _by_flag(self, count: q.Count) -> Iterator[Finding]:
        """Say whether the field that says who had the flag is there, and says it of all."""
        variant, splits = self._log.fields.variant, [flow.split for flow in count.flows.values() if flow.requests]
        if told := neither(splits, variant):
            yield Finding(Sight.WARNING, "flag", told, "compare requests.variant with what the documents hold")
        elif variant.label and splits:
            yield Finding(Sight.GOOD, "flag", f"by field {clean(variant.label, 40)}")

    async def aclose(self) -> None:
        """Give up what is under way and close the client's connections."""
        await self._base.aclose()
        await self._client.close()


_NAMES = "compare requests.method and requests.endpoint with what the documents hold"
_DATES = "let the service write dates in UTC, and compare requests.at, status and duration with the documents"


def _figures(flow: q.Flow) -> tuple[float, float, float | None]:
    return float(flow.requests), float(flow.errors), flow.p95_ms


def _worse(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    """Of two (unreadable, total) the one with the larger share."""
    return max(one, other, key=lambda pair: pair[0] / pair[1] if pair[1] else 0.0)


def _note(newest: datetime | None, dates: tuple[int, int]) -> str:
    if newest is None:
        return "the request log is empty"
    return f"{counted(dates[1], 'requests')} dated ahead of this clock" if dates[1] else ""
