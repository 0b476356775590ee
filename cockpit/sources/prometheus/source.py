"""The prometheus source: windows and the last minute by questions to a server that counts for us."""

import asyncio
import math
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from msgspec import Struct

from cockpit.http.client import CLOCK_BOUND, FAILURES, open_client, reason
from cockpit.http.exchange import Exchange, Moment, ahead, steady
from cockpit.runtime.finding import Finding, Sight
from cockpit.settings.models.traffic import Prometheus
from cockpit.sources.interface.source import Order, SourceError
from cockpit.sources.interface.who_had_it import neither, splits_of
from cockpit.sources.prometheus.api import Api, QueryResult
from cockpit.sources.prometheus.buckets import Buckets
from cockpit.sources.prometheus.cells import Cells, Frame, otherwise, sorted_by_time, traffic, unlabelled, whole
from cockpit.sources.prometheus.examine import examined
from cockpit.sources.prometheus.promql import EDGES, PART, Span, Wording, union
from sessions.plan.model import Windows
from sessions.text.clean import clean
from sessions.text.units import duration
from sessions.values.readings import Grain, Pulse, Reading, Topic, Traffic

MOST = 48
"""So many windows are caught up with at most."""

_GRAIN = 1e-6
_UNHEARD = 3


class Pending:
    """Windows are pending from the one that ran at `since`, when somebody last watched; without it from the first ask.

    `interval` is the pace of asking in s, `at_once` how many windows one question may be about. Windows are counted
    from the epoch by their index.
    """

    def __init__(self, rule: Windows, interval: float, since: datetime | None, at_once: int = MOST) -> None:
        self._rule = rule
        self._interval = interval
        self._at_once = at_once
        self._next = None if since is None else self._index(since)
        self._heard = since
        self._open: set[int] = set()
        self._late: set[int] = set()

    def ask(self, now: datetime) -> Sequence[int]:
        """Return the newest closed windows that are not final at `now` and follow each other, oldest first."""
        current = self._index(now)
        fresh = range(max(current if self._next is None else self._next, current - MOST), current)
        self._late |= {index for index in fresh if self._unheard(index)}
        # A clock that went back makes windows run anew that had closed before.
        self._open = {index for index in {*self._open, *fresh} if current - MOST <= index < current}
        self._late &= self._open
        self._next = current
        return _newest_run(self._open, self._at_once)

    def answered(self, asked: Sequence[int], now: datetime, newest: datetime) -> None:
        """Take note of a whole answer: what had settled by `now`, with data as `newest` behind it, is final."""
        self._heard = now
        settled = self._index(min(now - timedelta(seconds=self._rule.settle), newest))
        self._open -= {index for index in asked if index < settled}

    def late(self, index: int) -> bool:
        """Whether a window passed, or ended, while nobody watched."""
        return index in self._late

    def running(self, now: datetime) -> tuple[datetime, float]:
        """Return the start of the window that runs at `now`, and how many seconds it has run."""
        start = datetime.fromtimestamp(self._index(now) * self._rule.length, UTC)
        return start, (now - start).total_seconds()

    def _index(self, at: datetime) -> int:
        return math.floor(at.timestamp() / self._rule.length + _GRAIN)

    def _unheard(self, index: int) -> bool:
        end = (index + 1) * self._rule.length
        return self._heard is not None and self._heard.timestamp() < end - _UNHEARD * self._interval


def _newest_run(indices: set[int], most: int) -> Sequence[int]:
    """Return the newest numbers that follow each other without a hole, `most` of them at most."""
    if not indices:
        return ()
    newest = first = max(indices)
    while first - 1 in indices and newest - first + 1 < most:
        first -= 1
    return range(first, newest + 1)


_PATIENCE = 0.8
_TOLD = 2
_AT_ONCE = 400
"""Windows times endpoints in one question: what a server answers within the deadline."""

_MINUTE, _RUNNING, _CLOSED = "minute", "running", "closed"
_WATCH = "as the watch"
_AS_THE_WATCH = "mend what it says; without a reading a window is silent, and holds"


def open_source(order: Order, spec: Prometheus) -> "Sequence[PrometheusSource]":
    """Return the source that asks `spec.url`. Raises SecretError and SourceError."""
    patience = (spec.timeout or order.plan.cadence.deadline) * _PATIENCE
    return [PrometheusSource(order, spec, Api(open_client(spec, order.secrets, patience), spec.url))]


class _Now(Struct, frozen=True):
    """The newest answer: the server's clock before ours in s, the newest scrape by our clock, the running window."""

    answer: QueryResult
    skew: float
    newest: datetime
    start: datetime


class PrometheusSource:
    """Asks once for the last minute and the running window, and once for the closed windows that are not yet final.

    A closed window is final when it was asked for after it settled, with newer samples behind the answer.
    """

    topics = (Topic.TRAFFIC,)

    def __init__(self, order: Order, spec: Prometheus, api: Api) -> None:
        self.name = order.name
        self.interval = spec.every or order.plan.cadence.traffic
        self.deadline = spec.timeout or order.plan.cadence.deadline
        self._plan = order.plan
        self._spec = spec
        self._api = api
        self._scrub = order.secrets.scrub
        self._wording = Wording(spec, order.plan.endpoints, order.plan.latency.p95_ms)
        at_once = max(1, min(MOST, _AT_ONCE // max(1, len(order.plan.endpoints))))
        self._buckets = Buckets(spec, order.plan.latency.p95_ms)
        self._pending = Pending(order.plan.windows, self.interval, order.since if spec.backfill else None, at_once)
        self._minute = Span(max(order.plan.windows.minute, 2 * spec.scrape_interval), spec.scrape_interval)
        self._window = Span(order.plan.windows.length, spec.scrape_interval)

    async def read(self, now: datetime) -> Sequence[Reading]:
        """Return the windows that may have changed, the last minute, and one pulse. Raises SourceError."""
        patience = self.deadline * _PATIENCE
        try:
            async with asyncio.timeout(patience):
                return await self._read(now)
        except TimeoutError:
            raise SourceError(f"no answer in {patience:g} s") from None
        except FAILURES as error:
            raise SourceError(self._scrub(reason(error, patience))) from None

    async def examine(self, now: datetime) -> Sequence[Finding]:
        """Say what the server is, what it knows of the plan's endpoints, and how well it sees them."""
        begun = steady()
        try:
            found = await examined(self._api, self._wording, self._plan, now)
            return [*found, *await self._watched(Moment(now, begun).at(steady()))]
        except FAILURES as error:
            raise SourceError(self._scrub(reason(error, self.deadline))) from None

    async def aclose(self) -> None:
        """Close the connections."""
        await self._api.aclose()

    async def _watched(self, now: datetime) -> Sequence[Finding]:
        """Ask once all that a watch asks, in its own words, and say what it would be told."""
        try:
            *readings, pulse = await self._read(now)
        except FAILURES as error:
            return [Finding(Sight.PROBLEM, _WATCH, self._scrub(reason(error, self.deadline)), _AS_THE_WATCH)]
        seen = {one.endpoint for one in readings if isinstance(one, Traffic)}
        unseen = [name for name in self._plan.endpoints if name not in seen]
        why = getattr(pulse, "reason", "") or (getattr(pulse, "note", "") if unseen else "")
        text = f"reads {len(seen)} of {len(self._plan.endpoints)} endpoints{': ' if why else ''}{why}"
        if not seen or not getattr(pulse, "ok", False):
            return [Finding(Sight.PROBLEM, _WATCH, text, _AS_THE_WATCH)]
        return [Finding(Sight.WARNING if unseen else Sight.GOOD, _WATCH, text, _AS_THE_WATCH if unseen else "")]

    async def _read(self, now: datetime) -> Sequence[Reading]:
        begun = time.perf_counter()
        seen = await self._now(now)
        indices = self._pending.ask(now)
        closed = await self._closed(indices, seen.skew) if indices else QueryResult(())
        doubts: list[str] = []
        readings = [*self._windows(closed, indices, now, seen.skew, doubts), *self._live(seen, now, doubts)]
        warnings = [*closed.warnings, *seen.answer.warnings]
        others = next(iter(otherwise(seen.answer.rows).values()), "")
        if not warnings:
            self._pending.answered(indices, now, seen.newest)
        infos = [*closed.infos, *seen.answer.infos]
        skewed = [f"server clock {_signed(seen.skew)}"] if seen.skew else []
        note = _listed(
            self._scrub,
            [
                *skewed,
                *unlabelled(seen.answer.rows, self._spec),
                *doubts,
                *self._nobody(readings),
                *self._neither(readings),
                *infos,
            ],
        )
        partial = f"partial: {_listed(self._scrub, warnings)}" if warnings else ""
        why = "; ".join(filter(None, (clean(self._scrub(others)), partial)))
        took = (time.perf_counter() - begun) * 1000
        pulse = Pulse(self.name, now, Topic.TRAFFIC, not why, why, took, seen.newest, note=note)
        return [*readings, pulse]

    async def _now(self, now: datetime) -> _Now:
        """Ask for the minute and the running window at the server's own now. Raises SourceError if it is stale."""
        start, elapsed = self._pending.running(now)
        parts = [self._wording.moment(self._window), self._wording.several(self._window)]
        parts += [self._wording.traffic(self._minute, _MINUTE, brief=True)]
        if elapsed >= self._window.step:
            parts.append(self._wording.traffic(Span(elapsed, self._spec.scrape_interval), _RUNNING))
        edges = self._buckets.due(now)
        parts += [union({EDGES: self._wording.edges()})] if edges else []
        moment = Moment(now, steady())
        answer = await self._api.now(" or ".join(parts))
        clock, newest = whole(answer.rows, "clock"), whole(answer.rows, "newest")
        if clock is None:
            raise SourceError("not a Prometheus answer")
        if newest is None:
            raise SourceError(
                f"no scrape in the last {duration(max(20 * self._window.scrape, 2 * self._window.length))}"
            )
        if (age := clock - newest) > self._plan.cadence.traffic_stale:
            raise SourceError(f"no scrape for {duration(age)}")
        if edges and not answer.warnings:
            self._buckets.learn((row for row in answer.rows if row.labels.get(PART) == EDGES), now)
        skew = ahead(clock, 0.0, answer.exchange or Exchange(moment.steady, steady()), moment)
        skew = skew if abs(skew) > CLOCK_BOUND else 0.0
        return _Now(answer, skew, now - timedelta(seconds=max(0.0, age)), start)

    async def _closed(self, indices: Sequence[int], skew: float) -> QueryResult:
        """Ask for some windows that follow each other, each evaluated at its end by the server's clock."""
        length = self._window.length
        ends = [(index + 1) * length + skew for index in indices]
        query = f"{self._wording.traffic(self._window, _CLOSED)} or {self._wording.several(self._window)}"
        return await self._api.over(query, ends[0], ends[-1] + 0.001, length)

    def _windows(
        self, closed: QueryResult, indices: Sequence[int], now: datetime, skew: float, doubts: list[str]
    ) -> list[Traffic]:
        length, readings = self._window.length, list[Traffic]()
        cells = {
            round((at - skew) / length) - 1: cell
            for at, cell in sorted_by_time(closed.rows, self._spec, _CLOSED).items()
        }
        others = {round((at - skew) / length) - 1 for at in otherwise(closed.rows)}
        for index in indices:
            start, end = (datetime.fromtimestamp(edge * length, UTC) for edge in (index, index + 1))
            late = self._pending.late(index)
            partial = bool(closed.warnings) or index in others
            frame = Frame(self.name, now, Grain.WINDOW, start, end, self._window.steps, partial, late)
            readings += self._told(cells.get(index, Cells()), frame, doubts)
        return readings

    def _live(self, seen: _Now, now: datetime, doubts: list[str]) -> list[Traffic]:
        """The running window and the last minute; each was evaluated at one moment."""
        readings: list[Traffic] = []
        end = seen.start + timedelta(seconds=self._window.length)
        elapsed = Span((now - seen.start).total_seconds() or self._window.length, self._spec.scrape_interval)
        minute = now - timedelta(seconds=self._minute.length)
        partial = bool(seen.answer.warnings or otherwise(seen.answer.rows))
        for name, grain, span, start, until in (
            (_RUNNING, Grain.WINDOW, elapsed, seen.start, end),
            (_MINUTE, Grain.MINUTE, self._minute, minute, now),
        ):
            frame = Frame(self.name, now, grain, start, until, span.steps, partial)
            for cells in sorted_by_time(seen.answer.rows, self._spec, name).values():
                readings += [one for one in self._told(cells, frame, doubts) if one.covered > 0 or frame.partial]
        return readings

    def _told(self, cells: Cells, frame: Frame, doubts: list[str]) -> list[Traffic]:
        readings, found = traffic(cells, frame, self._plan.endpoints, self._spec)
        doubts += found
        return [self._buckets.fitted(one) for one in readings]

    def _neither(self, readings: Sequence[Reading]) -> Sequence[str]:
        told = neither(splits_of(readings), self._spec.variant) if self._wording.parted else ""
        return (told,) if told else ()

    def _nobody(self, readings: Sequence[Reading]) -> Sequence[str]:
        return (
            ()
            if readings
            else (f"no series of {self._spec.metrics.requests} for the plan's endpoints, by {self._wording.needed}",)
        )


def _signed(skew: float) -> str:
    return f"+{duration(skew)}" if skew > 0 else duration(skew)


def _listed(scrub: Callable[[str], str], texts: Sequence[str]) -> str:
    """The first few of some texts in one, and how many more there are."""
    several = list(dict.fromkeys(texts))
    more = f" and {len(several) - _TOLD} more" if len(several) > _TOLD else ""
    return clean(scrub("; ".join(several[:_TOLD])), 110 - len(more)) + more
