"""What is asked slowly stands until it can be asked again; what is really silent does not."""

import asyncio
import random
from dataclasses import replace

import pytest

from cockpit.engine.poller import Poller
from cockpit.settings.models.mongo import RequestLog
from cockpit.sources.interface.source import Steady
from cockpit.sources.mongo.duplicates import incremental
from cockpit.sources.mongo.duplicates.index import Known
from cockpit.sources.mongo.request_log import RequestLogSource
from cockpit.sources.mongo.source import MongoSource
from sessions.criteria.freshness import LONGEST, freshness, stale_after
from sessions.criteria.growth import judge
from sessions.state.reducer import observe_all
from sessions.values.readings import Pulse, Topic
from sessions.values.verdicts import Mark
from tests.support.build import PLAN, after
from tests.support.faults.slow_server import SlowServer
from tests.support.faults.virtual import run_virtual
from tests.support.sessions.flight import in_phase
from tests.support.sources.mongo_asking import OURS

TOPIC = Topic.COLLECTIONS
FIRST = 300.0
"""So long the first look of all three collections may take, one after the other."""
FLOWN = 3600.0


def looks_of(clock, took, hangs_at=float("inf")):
    """A look through a collection without an index: it takes `took` seconds of the clock, or never ends."""

    async def look(_shelf, now, _recount, _lag):
        begun = clock.boot()
        await asyncio.sleep(took if begun < hangs_at else 1e9)
        return Known(now, 100, clock.boot() - begun, None, False, 0, 0, {}, 0)

    return look


class Eyes:
    """Folds what a source tells, and says each second whether it can be judged."""

    def __init__(self):
        self.state = in_phase(10).state

    def take(self, readings):
        self.state = observe_all(self.state, readings)

    async def looked(self, clock, until, judged):
        marks = []
        while clock.boot() < until:
            marks.append((clock.boot(), judged(self.state, clock.now())))
            await asyncio.sleep(1)
        return marks


def growth_mark(state, now):
    return judge(state, now).mark


async def flown(clock, source, judged, seed, until=FLOWN):
    eyes = Eyes()
    polling = asyncio.ensure_future(Poller(source, clock, eyes.take, random.Random(seed)).run())
    marks = await eyes.looked(clock, until, judged)
    polling.cancel()
    await source.aclose()
    return marks


def unseen(marks, since=FIRST):
    """The share of the time in which nothing can be told."""
    told = [mark for at, mark in marks if at >= since]
    return sum(mark in (Mark.SILENT, Mark.BLIND) for mark in told) / len(told)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("took", [0.2, 2.0, 5.0, 10.0, 15.0, 20.0, 40.0, 58.0])
def test_growth_that_is_looked_through_slowly_is_covered(took, seed, monkeypatch):
    async def flight(clock):
        monkeypatch.setattr(incremental, "look_through", looks_of(clock, took))
        return await flown(clock, MongoSource(SlowServer().client, OURS, PLAN), growth_mark, seed)

    assert unseen(run_virtual(flight)) == 0


@pytest.mark.parametrize("took", [0.2, 10.0, 20.0, 100.0])
def test_a_look_that_never_ends_is_told(took, monkeypatch):
    """The bound follows the pace, and has an end of its own."""
    hangs = 1200.0

    async def flight(clock):
        monkeypatch.setattr(incremental, "look_through", looks_of(clock, took, hangs))
        return await flown(clock, MongoSource(SlowServer().client, OURS, PLAN), growth_mark, 1)

    marks = run_virtual(flight)
    longest = LONGEST * stale_after(PLAN, TOPIC)
    assert {mark for at, mark in marks if at > hangs + longest + took} <= {Mark.SILENT, Mark.BLIND}


@pytest.mark.parametrize("took", [0.2, 15.0])
def test_a_server_that_is_gone_is_told_as_soon_as_ever(took, monkeypatch):
    """How long a collection is looked through makes nobody wait longer for a source that is silent."""
    gone, near = 1200.0, PLAN.cadence.mongo + PLAN.cadence.deadline

    async def flight(clock):
        monkeypatch.setattr(incremental, "look_through", looks_of(clock, took))
        server = SlowServer()
        asyncio.get_running_loop().call_later(gone, lambda: setattr(server, "power", 1e-9))
        return await flown(clock, MongoSource(server.client, OURS, PLAN), growth_mark, 1, gone + 400)

    marks = run_virtual(flight)
    assert {mark for at, mark in marks if at > gone + stale_after(PLAN, TOPIC) + near} == {Mark.BLIND}


@pytest.mark.parametrize("work", [0.02, 0.3, 0.8])
def test_a_request_log_that_is_counted_slowly_is_covered_though_an_answer_fails(work):
    """Asked every 30 s where it takes 3 s or more: one answer that fails in between is forgiven as ever."""

    async def flight(clock):
        server = SlowServer(work=work)
        source = RequestLogSource(server.client, replace(OURS, requests=RequestLog(collection="log")), PLAN, "log")
        read, turns = source.read, iter(range(10_000))

        async def now_and_then(now):
            if next(turns) % 3 == 2:
                raise OSError("reset")
            return await read(now)

        source.read = now_and_then
        return await flown(clock, source, lambda state, now: freshness(state, Topic.TRAFFIC, now).mark, 1)

    assert unseen(run_virtual(flight), 60.0) == 0


class Seldom(Steady):
    """A source that is asked as seldom as its owner says."""

    name, topics, deadline = "json", (Topic.CSAT,), 5.0

    def __init__(self, every, silent_at=float("inf")):
        self.interval, self._silent_at = every, after(silent_at) if silent_at < 1e9 else None

    async def read(self, now):
        if self._silent_at and now > self._silent_at:
            raise OSError("gone")
        return [Pulse(self.name, now, Topic.CSAT, ok=True)]

    async def aclose(self):
        """Nothing is open."""


@pytest.mark.parametrize("every", [15.0, 60.0, 120.0, 240.0, 400.0])
def test_what_its_owner_has_asked_seldom_is_covered_and_its_silence_told(every):
    def csat(state, now):
        return freshness(state, Topic.CSAT, now).mark

    marks = run_virtual(lambda clock: flown(clock, Seldom(every), csat, 1))
    assert unseen(marks, 1.0) == 0
    marks = run_virtual(lambda clock: flown(clock, Seldom(every, 1800.0), csat, 1))
    longest = max(stale_after(PLAN, Topic.CSAT), 2.2 * every) + 1
    assert {mark for at, mark in marks if at > 1800.0 + longest} == {Mark.BLIND}
