"""Exposure out of Prometheus: users with the flag and all users, by the owner's own PromQL, over parts of a span."""

import asyncio
import math
import time
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from cockpit.http.client import FAILURES, open_client, reason
from cockpit.runtime.finding import Finding, Sight
from cockpit.settings.models.traffic import Prometheus
from cockpit.sources.interface.sliding_span import exposure, starts
from cockpit.sources.interface.source import Order, SourceError
from cockpit.sources.prometheus.api import Api, QueryResult, QuerySeries
from cockpit.sources.prometheus.cells import otherwise, whole
from cockpit.sources.prometheus.promql import PART, Span, Wording, ms, union
from sessions.text.clean import clean
from sessions.text.units import duration
from sessions.values.readings import Exposure, Pulse, Reading, Topic

_PATIENCE = 0.8
_EACH = 3
"""A long span costs the server more than a short one: every third part is asked for."""

_ROUNDED = 1.01
"""What a server extrapolates may be a little more of a part than of the whole."""


def open_source(order: Order, spec: Prometheus) -> "Sequence[PromExposure]":
    """Return the source, none if no PromQL is given. Raises SecretError and SourceError."""
    if not spec.exposure.users:
        return []
    patience = (spec.timeout or order.plan.cadence.deadline) * _PATIENCE
    return [PromExposure(order, spec, Api(open_client(spec, order.secrets, patience), spec.url))]


class PromExposure:
    """Asks for all parts of the span at once, at the server's own now."""

    topics = (Topic.EXPOSURE,)

    def __init__(self, order: Order, spec: Prometheus, api: Api) -> None:
        self.name = order.name
        self.interval = spec.every or order.plan.cadence.mongo
        self.deadline = spec.timeout or order.plan.cadence.deadline
        self._plan, self._spec, self._api = order.plan, spec, api
        self._scrub = order.secrets.scrub
        wording = Wording(spec, order.plan.endpoints, order.plan.latency.p95_ms)
        span = Span(order.plan.windows.length, spec.scrape_interval)
        self._moment = f"{wording.moment(span)} or {wording.several(span)}"

    async def read(self, now: datetime) -> Sequence[Reading]:
        """Return how many users were counted, and a pulse. Raises SourceError, also if an answer is no number."""
        found, answer, took = await self._asked(now)
        warnings = f"partial: {answer.warnings[0]}" if answer.warnings else ""
        why = clean(self._scrub(warnings))
        return [found, Pulse(self.name, now, Topic.EXPOSURE, not why, why, took, found.newest)]

    async def examine(self, now: datetime) -> Sequence[Finding]:
        """Ask once; say how many users were met, and how many of them have the flag."""
        found, answer, _ = await self._asked(now)
        if answer.warnings:
            told = clean(self._scrub(f"partial: {answer.warnings[0]}"))
            return [Finding(Sight.PROBLEM, "exposure", told, "mend what the server warns of")]
        span = duration((now - found.since).total_seconds())
        return [Finding(Sight.GOOD, "exposure", f"{found.exposed:,} of {found.users:,} users in {span}")]

    async def aclose(self) -> None:
        """Close the connections."""
        await self._api.aclose()

    async def _asked(self, now: datetime) -> tuple[Exposure, QueryResult, float]:
        begun, patience = time.perf_counter(), self.deadline * _PATIENCE
        since = starts(self._plan, now, self._spec.exposure.span)[::_EACH]
        try:
            async with asyncio.timeout(patience):
                answer = await self._api.now(f"{self._moment} or {self._wanted(since, now)}")
            found = self._read(answer, since, now)
        except TimeoutError:
            raise SourceError(f"no answer in {patience:g} s") from None
        except FAILURES as error:
            raise SourceError(self._scrub(reason(error, patience))) from None
        return found, answer, (time.perf_counter() - begun) * 1000

    def _wanted(self, since: Iterable[datetime], now: datetime) -> str:
        own, spans = self._spec.exposure, [ms((now - start).total_seconds()) for start in since]
        asked = {f"users.{place}": own.users.replace("$window", span) for place, span in enumerate(spans)}
        asked |= {f"exposed.{place}": own.exposed.replace("$window", span) for place, span in enumerate(spans)}
        return union({name: f"({query})" for name, query in asked.items()})

    def _read(self, answer: QueryResult, since: Sequence[datetime], now: datetime) -> Exposure:
        """A server goes on answering out of old samples: no scrape for a while is no answer."""
        clock, newest = whole(answer.rows, "clock"), whole(answer.rows, "newest")
        if clock is None or newest is None:
            raise SourceError("not a Prometheus answer" if clock is None else "no scrape of the service")
        if (age := clock - newest) > self._plan.cadence.mongo_stale:
            raise SourceError(f"no scrape for {duration(age)}")
        if others := otherwise(answer.rows):
            raise SourceError(next(iter(others.values())))
        counts = tuple((start, *_users(answer.rows, place)) for place, start in enumerate(since))
        return exposure(self.name, now, counts, now - timedelta(seconds=max(0.0, age)))


def _users(rows: Sequence[QuerySeries], place: int) -> tuple[int, int]:
    users, exposed = _number(rows, "users", place), _number(rows, "exposed", place)
    return round(users), round(min(exposed, users) if exposed <= users * _ROUNDED else exposed)


def _number(rows: Sequence[QuerySeries], part: str, place: int) -> float:
    """Return the one value of a part. What is missing is no zero."""
    found = [row.points[0][1] for row in rows if row.labels.get(PART) == f"{part}.{place}" and row.points]
    if len(found) != 1:
        raise SourceError(f"{part}: {len(found)} series, wrap it in sum()" if found else f"{part}: no series")
    if not math.isfinite(found[0]) or found[0] < 0:
        raise SourceError(f"{part}: {found[0]:g} is no count")
    return found[0]
