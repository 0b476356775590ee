"""Traffic readings out of running totals: windows aligned to the wall clock, and the last minute.

The requests between two scrapes are spread evenly over the time between them, so each is counted exactly once and a
window's edge is off by less than one scrape interval. A hole wider than three intervals is not vouched for.
"""

import math
from collections import deque
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from msgspec import Struct

from cockpit.settings.models.variant import NEITHER, OFF, ON
from cockpit.sources.scrape.counters import Growth, Past, Totals, first, grown, later
from cockpit.sources.scrape.quantile import over, quantile
from sessions.plan.model import Windows as Rule
from sessions.values.readings import Grain, Side, Split, Traffic

WINDOWS_KEPT = 48
_HOLE = 3
_P95 = 0.95


class Span(Struct, frozen=True):
    """What one instance's endpoints did between two scrapes, `start`..`end` in epoch seconds."""

    start: float
    end: float
    growth: dict[str, Growth]


class Frame(Struct, frozen=True):
    """What one reading is about: which endpoint in which span, and the share of it that samples vouch for."""

    endpoint: str
    grain: Grain
    start: datetime
    end: datetime
    covered: float


class Windows:
    """Folds scrapes of several instances into windows.

    `interval` is the pace of scraping in seconds, `bound` the p95's in seconds, for the share of requests over it.
    """

    def __init__(self, rule: Rule, interval: float, source: str, bound: float = math.nan) -> None:
        self._rule = rule
        self._interval = interval
        self._source = source
        self._bound = bound
        self._past: dict[str, tuple[float, Past]] = {}
        self._recent: dict[str, deque[Span]] = {}
        self._bins: dict[int, dict[tuple[str, str], Growth]] = {}
        self._touched: set[int] = set()
        self._homes: dict[str, set[str]] = {}

    def feed(self, instance: str, at: datetime, totals: Totals, *, restarted: bool = False) -> None:
        """Take one instance's scrape. A first one, and one from before the last, only sets where counting begins.

        `restarted`: its process says that it began since the last one.
        """
        now = at.timestamp()
        since, past = self._past.get(instance, (now, first(totals)))
        if instance in self._past and now == since:
            return
        self._past[instance] = (now, later(past, totals) if now > since and not restarted else first(totals))
        for series, _ in totals.values():
            self._homes.setdefault(series.endpoint, set()).add(instance)
        if now < since:
            self._forget(now)
        elif now > since:
            whole = now - since <= _HOLE * self._interval
            growth = grown(past, totals, now - since if whole else 0.0, restarted=restarted)
            self._book(instance, Span(since, now, growth))

    def distrust(self, instance: str, at: datetime, totals: Totals, since: float) -> None:
        """Treat one instance's scrape as a first one, and drop what was counted for it from `since` on, in s."""
        self._past[instance] = (at.timestamp(), first(totals))
        self._recent.pop(instance, None)
        for index, cells in self._bins.items():
            if (index + 1) * self._rule.length > since:
                taken = [key for key, growth in cells.items() if key[1] == instance and growth != Growth()]
                cells.update(dict.fromkeys(taken, Growth()))
                self._touched |= {index} if taken else set()

    def readings(self, at: datetime) -> list[Traffic]:
        """Return every window that has changed since the last call, oldest first, then the last minute."""
        now = at.timestamp()
        touched, self._touched = sorted(self._touched), set()
        windows = [reading for index in touched for reading in self._window(index, at)]
        return windows + self._minute(now, at)

    def _forget(self, now: float) -> None:
        """Forget the shown window and all later ones: the clock was set back."""
        shown = int(now // self._rule.length)
        self._bins = {index: cells for index, cells in self._bins.items() if index < shown}
        self._recent.clear()

    def _book(self, instance: str, span: Span) -> None:
        length = self._rule.length
        newest = int(span.end // length)
        for index in range(max(int(span.start // length), newest - WINDOWS_KEPT), newest + 1):
            inside = min(span.end, (index + 1) * length) - max(span.start, index * length)
            if inside > 0:
                self._add(index, instance, span, inside / (span.end - span.start))
        self._bins = {index: cells for index, cells in self._bins.items() if index > newest - WINDOWS_KEPT}
        self._touched &= self._bins.keys()
        self._remember(instance, span)

    def _add(self, index: int, instance: str, span: Span, share: float) -> None:
        cells = self._bins.setdefault(index, {})
        for endpoint, growth in span.growth.items():
            key = (endpoint, instance)
            cells[key] = cells.get(key, Growth()).plus(growth.part(share))
        self._touched.add(index)

    def _remember(self, instance: str, span: Span) -> None:
        """Keep the spans that make the last minute; a minute may be as short as one poll."""
        recent = self._recent.setdefault(instance, deque())
        recent.append(span)
        oldest = span.end - self._rule.minute - self._interval / 2
        while len(recent) > 1 and recent[0].start < oldest:
            recent.popleft()

    def _window(self, index: int, at: datetime) -> Iterable[Traffic]:
        start, end = (_moment(edge * self._rule.length) for edge in (index, index + 1))
        seen = (min(at, end) - start).total_seconds()
        homes: dict[str, dict[str, Growth]] = {}
        for (endpoint, instance), growth in self._bins[index].items():
            homes.setdefault(endpoint, {})[instance] = growth
        for endpoint, parts in homes.items():
            frame = Frame(endpoint, Grain.WINDOW, start, end, self._covered(endpoint, seen, parts))
            yield self._traffic(at, frame, _sum(parts.values()))

    def _minute(self, now: float, at: datetime) -> list[Traffic]:
        """The newest spans that reach back about a minute, from every instance that has just answered."""
        fresh = {home: spans for home, spans in self._recent.items() if spans[-1].end == now}
        endpoints = dict.fromkeys(name for spans in fresh.values() for name in spans[-1].growth)
        return [reading for endpoint in endpoints for reading in self._last(endpoint, fresh, at)]

    def _last(self, endpoint: str, fresh: dict[str, deque[Span]], at: datetime) -> Iterable[Traffic]:
        vouched = {
            home: [span for span in spans if _vouches(span, endpoint)]
            for home, spans in fresh.items()
            if _vouches(spans[-1], endpoint)
        }
        if not vouched:
            return
        start = min(span.start for spans in vouched.values() for span in spans)
        parts = {home: _sum(span.growth[endpoint] for span in spans) for home, spans in vouched.items()}
        seconds = max(self._rule.minute, at.timestamp() - start)
        frame = Frame(endpoint, Grain.MINUTE, _moment(start), at, self._covered(endpoint, seconds, parts))
        yield self._traffic(at, frame, _sum(parts.values()))

    def _traffic(self, at: datetime, frame: Frame, total: Growth) -> Traffic:
        """Return one reading; of instances with different buckets those that all have are told."""
        p95 = None if total.torn else quantile(_P95, total.buckets)
        told = p95 is not None and not p95.capped
        beyond = None if total.torn else over(self._bound, total.buckets)
        return Traffic(
            self._source,
            at,
            frame.endpoint,
            frame.grain,
            frame.start,
            frame.end,
            round(total.requests, 6),
            round(total.errors, 6),
            round(p95.value * 1000, 3) if p95 else None,
            frame.covered,
            p95_capped=p95 is not None and p95.capped,
            reset=total.reset,
            bucket_ms=(round(p95.low * 1000, 3), round(p95.high * 1000, 3)) if p95 and told else None,
            over=None if beyond is None else round(beyond, 6),
            no_p95=total.torn,
            refused=round(total.refused, 6),
            split=self._split(total) if total.sides and frame.grain is Grain.WINDOW else None,
        )

    def _split(self, total: Growth) -> Split | None:
        """Return who had the flag; nothing if no line of the endpoint says on or off."""
        if not (ON in total.sides or OFF in total.sides):
            return None
        on, off = (self._side(total.sides.get(side, Growth()), total) for side in (ON, OFF))
        return Split(on, off, round(total.sides.get(NEITHER, Growth()).requests, 6))

    def _side(self, part: Growth, total: Growth) -> Side:
        """Leave out for a part what is unknown for the whole."""
        p95 = None if total.torn else quantile(_P95, part.buckets)
        beyond = None if total.torn else over(self._bound, part.buckets)
        return Side(
            round(part.requests, 6),
            round(part.errors, 6),
            round(p95.value * 1000, 3) if p95 else None,
            None if beyond is None else round(beyond, 6),
            p95_capped=p95 is not None and p95.capped,
        )

    def _covered(self, endpoint: str, seconds: float, parts: Mapping[str, Growth]) -> float:
        """Return the share that every instance known to serve the endpoint vouches for."""
        vouched = min(parts[home].seconds if home in parts else 0.0 for home in self._homes[endpoint])
        return min(1.0, round(vouched / seconds, 6)) if seconds > 0 else 0.0


def _vouches(span: Span, endpoint: str) -> bool:
    return endpoint in span.growth and span.growth[endpoint].seconds > 0


def _sum(parts: Iterable[Growth]) -> Growth:
    total = Growth()
    for part in parts:
        total = total.plus(part)
    return total


def _moment(epoch: float) -> datetime:
    return datetime.fromtimestamp(epoch, UTC)
