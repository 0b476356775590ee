"""Pages of running totals, as a service's processes show them, read by the scrape source's own arithmetic."""

import math
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from cockpit.sources.scrape.exposition import Scraped
from cockpit.sources.scrape.one_process import OneProcess
from cockpit.sources.scrape.series import PROCESS_START, Series
from cockpit.sources.scrape.windows import Windows
from sessions.values import readings as r
from tests.support.worlds.clocks import during, wall
from tests.support.worlds.plan import ENDPOINTS, LENGTH, PLAN, ROUND
from tests.support.worlds.world import MS

World = dict[str, Any]


class Pages:
    """One address: process A, which may restart, and for some time B beside it, which takes every other batch."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._windows = Windows(PLAN.windows, ROUND, "made", PLAN.latency.p95_ms / 1000)
        self._one = OneProcess(max(2 * LENGTH, 8 * ROUND))
        self._totals: dict[str, dict[str, tuple[Series, float]]] = {"A": _zero(world, 40_000), "B": _zero(world, 9_000)}
        self._starts = {"A": -5000, "B": -900}
        self._counted = -1
        self._turn = 0

    def read(self, at: int, now: datetime, asked: dict[str, Any]) -> Iterator[r.Reading]:
        """Yield the readings of one page, as the scrape source would."""
        world = self._world
        self._count(at)
        who = asked["page"] = self._who(at)
        gone = {name for name in ENDPOINTS if during(world["gone"][name], at)}
        values = {key: pair for key, pair in self._totals[who].items() if pair[0].endpoint not in gone}
        starts = {PROCESS_START: wall(world, self._starts[who]).timestamp()} if world["starts"] else {}
        heard = self._one.hear(now.timestamp(), Scraped(values, len(values), 0, starts=starts))
        if heard.why or heard.unsure:
            self._windows.distrust("", now, values, heard.since)
        else:
            self._windows.feed("", now, values, restarted=heard.restarted)
        yield from self._windows.readings(now)
        why = heard.why or ("" if values else "all series vanished")
        yield r.Pulse("made", now, r.Topic.TRAFFIC, not why, why, newest=now)

    def _who(self, at: int) -> str:
        """Say which process answers: while there are two, one or the other."""
        twin = next((row for row in self._world["twins"] if row[0] <= at < row[1]), None)
        if twin is None:
            return "A"
        self._turn += 1
        return "AB"[int(self._turn * twin[2] * 7) % 2]

    def _count(self, at: int) -> None:
        """Let the processes count what came since the last page; a restart loses what A had counted."""
        world = self._world
        for moment in sorted(moment for moment in world["restarts"] if self._counted < moment <= at):
            self._add(self._counted, moment)
            self._totals["A"], self._starts["A"], self._counted = _zero(world), moment, moment
        self._add(self._counted, at)
        self._counted = at

    def _add(self, since: int, until: int) -> None:
        for endpoint in ENDPOINTS:
            rows = [row for row in self._world["batches"][endpoint] if since < row[0] <= until]
            for number, row in enumerate(rows):
                twins = any(span[0] <= row[0] < span[1] for span in self._world["twins"])
                _book(self._totals["B" if twins and number % 2 else "A"], endpoint, row)


def _zero(world: World, already: float = 0.0) -> dict[str, tuple[Series, float]]:
    """Return the totals of a process that has begun, or has `already` answered so many, all of them well and fast."""
    totals = {}
    for endpoint in ENDPOINTS:
        for failed in (False, True):
            key = f"{endpoint} {failed}"
            totals[key] = (Series(endpoint, key, None, failed=failed), 0.0 if failed else already)
        for bound in (*world["buckets"], math.inf) if world["timed"] else ():
            totals[f"{endpoint} {bound}"] = (Series(endpoint, f"{endpoint} le", bound), already)
    return totals


def _book(totals: dict[str, tuple[Series, float]], endpoint: str, row: list[int]) -> None:
    for failed, count in ((True, row[6]), (False, sum(row[2:6]) - row[6])):
        series, total = totals[key := f"{endpoint} {failed}"]
        totals[key] = (series, total + count)
    for key, (series, total) in totals.items():
        if series.bound is not None and series.endpoint == endpoint:
            under = sum(count for ms, count in zip(MS, row[2:6], strict=True) if ms / 1000 <= series.bound)
            totals[key] = (series, total + under)
