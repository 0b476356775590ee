"""What the sources of a made-up history answer: its raw facts as the readings that a watch would get."""

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from sessions.values import readings as r
from sessions.values.flag_value import FlagValue
from tests.support.build import after
from tests.support.worlds.clocks import dated, during, offset, wall
from tests.support.worlds.pages import Pages
from tests.support.worlds.plan import BASELINE, ENDPOINTS, GAP, JOURNEY, LENGTH, PLAN
from tests.support.worlds.world import MS

World = dict[str, Any]
DOUBT = "first page only"
_BACK = 5
"""So many windows before the running one are asked for again each time."""


class Sources:
    """Asked once a round; `world["asked"]` remembers who answered what, as raw facts."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._pages = Pages(world) if world["source"] == "scrape" else None
        self._lines = {name: dated(world, rows) for name, rows in world["batches"].items()}
        self._events = dated(world, world["events"])
        straggles = any(row[0] != row[1] for rows in world["batches"].values() for row in rows)
        unseen = world["away"] or world["dark"].get("traffic")
        self._back = _BACK if straggles or world["late"] or unseen else 1
        world["asked"] = []

    def ask(self, at: int) -> list[r.Reading]:
        """Return the readings of one round at `at`."""
        world, now = self._world, wall(self._world, at)
        asked: dict[str, Any] = {"at": at, "good": set(), "page": "", "flag": _flag_at(world, at)}
        world["asked"].append(asked)
        readings: list[r.Reading] = []
        for topic, answer in _ANSWERS.items():
            if topic in ("triage", "alerts") and topic not in world["topics"]:
                continue
            if during(world["dark"].get(topic, ()), at):
                readings.append(r.Pulse("made", now, r.Topic(topic), ok=False, reason="no answer"))
                continue
            asked["good"].add(topic)
            readings += answer(self, at, now)
        return readings

    def traffic(self, at: int, now: datetime) -> Iterator[r.Reading]:
        """Yield what a page of totals says, or what a log does."""
        if self._pages is not None:
            yield from self._pages.read(at, now, self._world["asked"][-1])
            return
        newest = now - timedelta(seconds=self._world["late"])
        yield r.Pulse("made", now, r.Topic.TRAFFIC, ok=True, newest=newest)
        shown = at + offset(self._world, at)
        for endpoint in ENDPOINTS:
            for number in range(shown // LENGTH - self._back, shown // LENGTH + 1):
                yield self._logged(at, endpoint, r.Grain.WINDOW, number * LENGTH, (number + 1) * LENGTH)
            yield self._logged(at, endpoint, r.Grain.MINUTE, shown - 60, shown)

    def _logged(self, at: int, endpoint: str, grain: r.Grain, start: int, end: int) -> r.Traffic:
        """Return what a log counts between two moments of the wall clock, in s from T0."""
        world, shift, late = self._world, offset(self._world, at), self._world["late"]
        until, gone, rows = min(end, at + shift), world["gone"][endpoint], self._lines[endpoint]
        vouched = min(until, at + shift - late) - start
        missing = sum(max(0, min(until - shift, span[1]) - max(start - shift, span[0])) for span in gone)
        fast = middle = slow = worse = errors = 0
        for _, row in rows[bisect_left(rows, (start,)) : bisect_left(rows, (until,))]:
            if row[1] <= at and row[0] <= at - late and not during(gone, row[0]):
                fast, middle, slow, worse = fast + row[2], middle + row[3], slow + row[4], worse + row[5]
                errors += row[6]
        count = fast + middle + slow + worse
        p95 = _p95((fast, middle, slow, worse)) if world["timed"] and count else None
        share = (slow + worse) / count if p95 is not None else None
        covered = max(0.0, min(1.0, (vouched - missing) / max(until - start, 1)))
        return r.Traffic(
            "made",
            after(at + shift),
            endpoint,
            grain,
            after(start),
            after(end),
            float(count),
            float(errors),
            p95,
            covered,
            over=share,
        )

    def journeys(self, at: int, now: datetime) -> Iterator[r.Reading]:
        """Yield the beat of the journey: its newest event and every gap over the bound, by the dates of the events."""
        dates = [date for date, row in self._events if row[1] <= at]
        seen = [self._world["skew"], *dates]  # before the first look there was none
        gaps = tuple((after(one), after(two)) for one, two in pairwise(seen) if two - one > GAP)
        newest = after(dates[-1]) if dates else None
        yield r.Pulse("made", now, r.Topic.JOURNEYS, ok=True, newest=newest)
        yield r.Beat("made", now, JOURNEY, wall(self._world, 0), newest, len(dates), gaps)

    def collections(self, at: int, now: datetime) -> Iterator[r.Reading]:
        """Yield the size of the collection, and how many documents share a key with another."""
        there = [row[2] for row in self._world["docs"] if row[0] <= at < row[1]]
        twice = sum(count - 1 for count in Counter(there).values())
        yield r.Pulse("made", now, r.Topic.COLLECTIONS, ok=True, newest=now)
        yield r.Size("made", now, PLAN.collections[0].name, BASELINE + len(there), twice)

    def triage(self, at: int, now: datetime) -> Iterator[r.Reading]:
        """Yield the critical lines of the whole log, or of its first page."""
        world = self._world
        lines = sorted((row for row in world["triage"] if row[0] <= at), reverse=True)
        cut = next((span for span in world["cuts"] if span[0] <= at < span[1]), None)
        page = lines if cut is None else lines[: cut[2]]
        told = tuple(r.TriageLine(row[2], wall(world, row[0]), "broken", at < row[1]) for row in page)
        yield r.Pulse("made", now, r.Topic.TRIAGE, ok=True, newest=now)
        yield r.Triage("made", now, told, len(lines) + world["noise"], DOUBT if cut else "")

    def alerts(self, at: int, now: datetime) -> Iterator[r.Reading]:
        """Yield what fires, or nothing where nobody feeds the alert manager, which its missing heartbeat tells."""
        world, fed = self._world, not during(self._world["heartless"], at)
        firing = [(number, span) for number, span in enumerate(world["alerts"]) if fed and span[0] <= at < span[1]]
        told = tuple(r.TriageLine(f"a{number}", wall(world, span[0]), "burns", open=True) for number, span in firing)
        yield r.Pulse("made", now, r.Topic.ALERTS, ok=True, newest=now)
        yield r.Alerts("made", now, told, len(told), "" if fed else "no heartbeat")

    def queue(self, at: int, now: datetime) -> Iterator[r.Reading]:
        """Yield how many tickets are open; of a first page only, at most five."""
        count = sum(row[0] <= at < row[1] for row in self._world["tickets"])
        cut = during(self._world["doubts"], at)
        yield r.Pulse("made", now, r.Topic.QUEUE, ok=True, newest=now)
        yield r.Tickets("made", now, min(count, 5) if cut else count, None, (), 0, doubt=DOUBT if cut else "")

    def csat(self, at: int, now: datetime) -> Iterator[r.Reading]:
        """Yield the answers of the last hour."""
        scores = [score for when, score in self._world["scores"] if when <= at]
        yield r.Pulse("made", now, r.Topic.CSAT, ok=True, newest=now)
        yield r.Csat("made", now, len(scores), sum(score <= 2 for score in scores))

    def flag(self, at: int, now: datetime) -> Iterator[r.Reading]:
        """Yield what the flag's back end says."""
        percent, narrowed = _flag_at(self._world, at)
        yield r.Pulse("made", now, r.Topic.FLAG, ok=True, newest=now)
        yield FlagValue("made", now, percent, narrowed=narrowed)


_ANSWERS = {
    name: getattr(Sources, name)
    for name in ("traffic", "journeys", "collections", "triage", "alerts", "queue", "csat", "flag")
}


def _flag_at(world: World, at: int) -> tuple[int | None, str]:
    return next((step[1], step[2]) for step in reversed(world["flag"]) if step[0] <= at)


def _p95(speeds: tuple[int, ...]) -> float:
    """Return how long all but one in twenty take at most: the nearest rank."""
    rank, below = math.ceil(0.95 * sum(speeds)), 0
    for speed, count in zip(MS, speeds, strict=True):
        below += count
        if below >= rank:
            return float(speed)
    raise AssertionError
