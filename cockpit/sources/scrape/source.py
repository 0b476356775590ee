"""The scrape source: Prometheus text from every instance's /metrics, turned into traffic windows."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import httpx

from cockpit.http.client import FAILURES, dated, fetch, open_client, place_of, reason
from cockpit.http.exchange import Moment, steady
from cockpit.runtime.finding import Finding
from cockpit.settings.models.traffic import Scrape as Spec
from cockpit.sources.interface.offers import instead
from cockpit.sources.interface.source import Order, Source, SourceError
from cockpit.sources.scrape.examine import Look, by_flag, findings, repeated, sameness, unmapped, who_had_it
from cockpit.sources.scrape.exposition import ACCEPT, ACCEPT_QUOTED, Exposition
from cockpit.sources.scrape.one_process import REMEDY, TWO, OneProcess
from cockpit.sources.scrape.quantile import layouts, misfit
from cockpit.sources.scrape.windows import Windows
from sessions.plan.model import Plan
from sessions.text.clean import clean
from sessions.text.units import duration
from sessions.values.readings import Pulse, Reading, Topic

_HEADERS = {"accept-encoding": "gzip", "connection": "close"}
"""Each look has a connection of its own: one that is kept leads to the same process behind an address for ever."""
_PATIENCE = 0.8
_LOOKS, _APART = 3, 0.7
"""How often an examination looks whether the same process answers, and how many seconds apart."""
_STEADY_WINDOWS, _STEADY_POLLS = 2, 8
"""After so many windows, and polls, without a sign of another process an address is measured again."""


def open_source(order: Order, spec: Spec) -> Sequence[Source]:
    """Return the source behind `[sources.NAME]` of kind scrape. Raises SecretError and SourceError."""
    client = open_client(spec, order.secrets, spec.timeout or order.plan.cadence.deadline)
    return [Scrape(client, spec, order.plan, order.name)]


class Scrape:
    """Asks every instance at once. One that fails leaves the answer partial: measured, but no proof of anything."""

    topics = (Topic.TRAFFIC,)

    def __init__(
        self, client: httpx.AsyncClient, spec: Spec, plan: Plan, name: str = "scrape", *, apart: float = _APART
    ) -> None:
        self.name = name
        self.interval = spec.every or plan.cadence.traffic
        self.deadline = spec.timeout or plan.cadence.deadline
        self._client = client
        self._spec = spec
        self._plan = plan
        self._met = False
        self._apart = apart
        patience = max(_STEADY_WINDOWS * plan.windows.length, _STEADY_POLLS * self.interval)
        self._heard = {url: OneProcess(patience) for url in spec.urls}
        self._targets = {url: Exposition(plan.endpoints, spec.metrics, spec.variant) for url in spec.urls}
        self._windows = Windows(plan.windows, self.interval, name, plan.latency.p95_ms / 1000)

    async def read(self, now: datetime) -> Sequence[Reading]:
        """Return the windows that changed, the last minute, and one pulse. Raises SourceError when nobody answers."""
        begun = time.perf_counter()
        looks = await self._look(Moment(now, steady()))
        good = [look for look in looks if look.scraped is not None]
        failed = [self._named(look, look.why) for look in looks if look.why]
        if not good:
            raise SourceError(failed[0] if failed else "no address to ask")
        failed = [*filter(None, (self._fed(look, now) for look in good)), *failed, *self._weak(good)]
        took, measured = (time.perf_counter() - begun) * 1000, _measured(good, now)
        told, note = clean("; ".join(failed)), self._note(good)
        at = now if failed else measured
        unreadable, lines = sum(look.unreadable for look in good), sum(look.lines for look in good)
        pulse = Pulse(self.name, at, Topic.TRAFFIC, not failed, told, took, measured, unreadable, lines, note)
        return [*self._windows.readings(now), pulse]

    def _fed(self, look: Look, now: datetime) -> str:
        """Count one instance's answer; return why it is not counted."""
        if look.scraped is None:
            return ""
        heard = self._heard[look.url].hear(now.timestamp(), look.scraped)
        if heard.why or heard.unsure:
            self._windows.distrust(look.url, now, look.values, heard.since)
        else:
            self._windows.feed(look.url, now, look.values, restarted=heard.restarted)
        if not heard.why:
            return ""
        place = f"; {look.place}" if len(self._targets) > 1 else ""
        return f"{heard.why}{place}" + (f"; {REMEDY}" if heard.why == TWO else "")

    def _weak(self, good: Sequence[Look]) -> Iterator[str]:
        """Say what is wrong with answers that came."""
        unreadable, lines = sum(look.unreadable for look in good), sum(look.lines for look in good)
        if unreadable * 100 > lines:
            yield f"{unreadable:,} of {lines:,} lines unreadable"
        for look in good:
            yield from (self._named(look, why) for why in unmapped(self._spec.metrics, look))
        if self._vanished(good):
            yield "all series vanished"

    async def examine(self, now: datetime) -> Sequence[Finding]:
        """Ask every instance three times, some way apart, and say what was seen; nothing is counted."""
        moment = Moment(now, steady())
        rounds = [await self._look(moment)]
        while len(rounds) < _LOOKS and any(look.scraped for look in rounds[0]):
            await asyncio.sleep(self._apart)
            rounds.append(await self._look(Moment(moment.at(steady()), steady())))
        first = rounds[0]
        parted = by_flag(self._spec.variant, first)
        return [*findings(self._plan, self._spec.metrics, first), *parted, *repeated(first), *sameness(rounds)]

    async def aclose(self) -> None:
        """Close the client's connections."""
        await self._client.aclose()

    def _vanished(self, looks: Sequence[Look]) -> bool:
        """Whether no endpoint is left of those that were there: a page that answers would keep old windows fresh."""
        there = any(look.values for look in looks)
        self._met = self._met or there
        return self._met and not there

    def _note(self, looks: Sequence[Look]) -> str:
        buckets = misfit(self._plan.latency.p95_ms, {one for look in looks for one in layouts(look.values)})
        return clean("; ".join(filter(None, (buckets, who_had_it(self._spec.variant, looks)))))

    def _named(self, look: Look, why: str) -> str:
        """Return what is wrong with an instance; with several, the reason names the instance."""
        return why if len(self._targets) == 1 else clean(f"{look.place}: {why}")

    async def _look(self, moment: Moment) -> Sequence[Look]:
        return await asyncio.gather(*(self._ask(url, moment) for url in self._targets))

    async def _ask(self, url: str, moment: Moment) -> Look:
        """Return one instance's answer, or why there is none."""
        now, patience, begun = moment.now, self.deadline * _PATIENCE, time.perf_counter()
        place = place_of(url)
        try:
            async with asyncio.timeout(patience):
                headers = {**_HEADERS, "accept": ACCEPT if self._targets[url].names.plain else ACCEPT_QUOTED}
                request = self._client.build_request("GET", url, headers=headers, timeout=httpx.Timeout(patience))
                fetched = await fetch(self._client, request)
                took = time.perf_counter() - begun
                text, kind = fetched.body.decode(), fetched.headers.get("content-type", "")
                scraped = await asyncio.to_thread(self._targets[url].read, text, kind)
            self._check_age(scraped.stamped, now)
        except TimeoutError:
            return Look(url, place, f"no answer in {patience:g} s")
        except FAILURES as error:
            return Look(url, place, reason(error, patience))
        ahead = dated(fetched, moment)
        strangers = tuple(clean(name, 60) for name in self._targets[url].strangers)
        odd, metrics = tuple(self._targets[url].odd), self._spec.metrics
        lacks = {metrics.requests, f"{metrics.durations}_bucket"} - scraped.names
        other = instead(metrics, await asyncio.to_thread(self._targets[url].offers, text)) if lacks else ""
        return Look(url, place, "", scraped, took * 1000, ahead, strangers, now, odd, other)

    def _check_age(self, stamped: float | None, now: datetime) -> None:
        """Refuse samples with an old time: repeated old numbers prove nothing."""
        age = 0.0 if stamped is None else now.timestamp() - stamped
        if age > self._plan.cadence.traffic_stale:
            raise SourceError(f"samples are {duration(age)} old")
        if age < -self._plan.cadence.traffic_stale:
            raise SourceError(f"samples are dated {duration(-age)} ahead")


def _measured(looks: Sequence[Look], now: datetime) -> datetime:
    """Return when the numbers were taken: now, or what the oldest sample with a time of its own says."""
    stamps = [look.scraped.stamped for look in looks if look.scraped and look.scraped.stamped is not None]
    return min([now, *(datetime.fromtimestamp(stamp, UTC) for stamp in stamps)])
