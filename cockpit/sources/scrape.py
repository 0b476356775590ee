"""The scrape source: Prometheus text from every instance's /metrics, turned into traffic windows."""

import asyncio
import time
from collections.abc import Sequence
from datetime import datetime

import httpx

from cockpit.sources.base import Finding, Sight, SourceError
from cockpit.sources.exposition import Exposition, Names, Scraped
from cockpit.sources.http import FAILURES, fetch, place_of, reason
from cockpit.sources.windows import Windows
from sessions.clean import clean
from sessions.figures import duration
from sessions.plan import Plan
from sessions.readings import Pulse, Reading, Topic

_HEADERS = {"accept": "text/plain; version=0.0.4", "accept-encoding": "gzip"}
_PATIENCE = 0.8


class Scrape:
    """Asks every instance at once. One that fails leaves the answer partial: measured, but no proof of anything."""

    name = "scrape"
    topics = (Topic.TRAFFIC,)

    def __init__(self, client: httpx.AsyncClient, urls: Sequence[str], plan: Plan, names: Names | None = None) -> None:
        self.interval = plan.cadence.traffic
        self.deadline = plan.cadence.deadline
        self._client = client
        self._stale = plan.cadence.traffic_stale
        self._targets = {url: Exposition(plan.endpoints, names or Names()) for url in urls}
        self._windows = Windows(plan.windows, self.interval, self.name)

    async def read(self, now: datetime) -> Sequence[Reading]:
        """Return the windows that changed, the last minute, and one pulse. Raises SourceError when nobody answers."""
        begun = time.perf_counter()
        answers = await asyncio.gather(*(self._ask(url, now) for url in self._targets))
        failed = [answer for answer in answers if isinstance(answer, str)]
        scraped = [answer for answer in answers if isinstance(answer, Scraped)]
        if not scraped:
            raise SourceError(failed[0] if failed else "no address to ask")
        for url, answer in zip(self._targets, answers, strict=True):
            if isinstance(answer, Scraped):
                self._windows.feed(url, now, answer.values)
        unreadable, lines = sum(one.unreadable for one in scraped), sum(one.lines for one in scraped)
        if unreadable * 100 > lines:
            failed.append(f"{unreadable:,} of {lines:,} lines unreadable")
        took = (time.perf_counter() - begun) * 1000
        reason = clean("; ".join(failed), 120)
        pulse = Pulse(self.name, now, Topic.TRAFFIC, not failed, reason, took, now, unreadable, lines)
        return [*self._windows.readings(now), pulse]

    async def examine(self, now: datetime) -> Sequence[Finding]:
        """Measure once and say what was seen."""
        readings = await self.read(now)
        return [Finding(Sight.GOOD, self.name, f"{len(readings)} readings")]

    async def aclose(self) -> None:
        """Close the client's connections."""
        await self._client.aclose()

    async def _ask(self, url: str, now: datetime) -> Scraped | str:
        """Return one instance's answer, or why there is none; with several, the reason names the instance."""
        patience = self.deadline * _PATIENCE
        try:
            async with asyncio.timeout(patience):
                scraped = await asyncio.to_thread(self._targets[url].read, await self._text(url))
            self._check_age(scraped, now)
        except TimeoutError:
            return self._named(url, f"no answer in {patience:g} s")
        except FAILURES as error:
            return self._named(url, reason(error, patience))
        return scraped

    def _named(self, url: str, why: str) -> str:
        return why if len(self._targets) == 1 else clean(f"{place_of(url)}: {why}", 100)

    def _check_age(self, scraped: Scraped, now: datetime) -> None:
        if scraped.stamped is not None and (age := now.timestamp() - scraped.stamped) > self._stale:
            raise SourceError(f"samples are {duration(age)} old")

    async def _text(self, url: str) -> str:
        patience = httpx.Timeout(self.deadline * _PATIENCE)
        return (
            await fetch(self._client, self._client.build_request("GET", url, headers=_HEADERS, timeout=patience))
        ).body.decode()
