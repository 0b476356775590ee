"""What the tests of the Watch share: a session on disk, sources and a flag that do as told, a wait without sleep."""

import asyncio
import contextlib
import copy
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from cockpit.cli.commands.sessions import begin
from cockpit.engine.task_runs import Runs
from cockpit.engine.watch import Means, Watch
from cockpit.flags.interface.writer import FlagError
from cockpit.runtime.clock import Clock
from cockpit.session.session import Session
from cockpit.settings.file.wiring import Wiring
from sessions.history.history import History
from sessions.plan.loader import bundled, plan_from, scaled
from sessions.storage.disk import DISK
from sessions.storage.folders import HISTORY, SESSION
from sessions.storage.journal import Journal, LockedError, load
from sessions.values import readings as r
from sessions.values.entries import Draft
from sessions.values.flag_value import FlagValue
from sessions.values.requests import Act, Request
from tests.support.build import after, minute, pulse, window

FAST = scaled(bundled(), 240)
"""Ticks and polls of 0.25 s, windows of 1.25 s."""

MONGO = tuple(topic for topic in r.Topic if topic not in (r.Topic.TRAFFIC, r.Topic.FLAG))
PATIENCE = 60.0


def short_fuse(span: str = "2m"):
    """Return the fast plan whose latency fuse burns half a second."""
    table: dict[str, Any] = copy.deepcopy(dict(FAST.table))
    next(risk for risk in table["risks"] if risk["id"] == "latency_spike")["fuse"] = span
    return plan_from(table)


class ShiftedClock(Clock):
    """The real clock, moved on order: `wall` alone is a clock that jumps, both are a machine that slept."""

    wall = 0.0
    boot_shift = 0.0

    def now(self):
        return super().now() + timedelta(seconds=self.wall)

    def boot(self):
        return super().boot() + self.boot_shift


class Scripted:
    """A source that does what `work` says; it counts its looks and remembers that it was closed."""

    def __init__(self, name, topics, work, interval=0.25, deadline=1.0):
        self.name, self.topics, self.interval, self.deadline = name, topics, interval, deadline
        self.work, self.looks, self.closed = work, 0, False

    async def read(self, now):
        self.looks += 1
        answer = self.work(now)
        return await answer if asyncio.iscoroutine(answer) else answer

    async def aclose(self):
        self.closed = True


def traffic(plan=FAST, p95=lambda: 240.0):
    """Return a source of calm traffic on every endpoint; `p95` is asked at every look."""

    def work(now):
        length, closed = plan.windows.length, int(now.timestamp() // plan.windows.length)
        rows = [pulse(r.Topic.TRAFFIC, now)]
        for endpoint in plan.endpoints:
            for back in (3, 2, 1):
                start = after((closed - back) * length, EPOCH)
                end = after(length, start)
                rows.append(window(endpoint, start, end=end, at=min(after(0.01, end), now), p95_ms=240.0))
            row = minute(endpoint, now, p95_ms=p95())
            start = after(-plan.windows.minute, now)
            rows.append(
                r.Traffic(row.source, now, endpoint, row.grain, start, now, 30.0, 0.0, row.p95_ms, over=row.over)
            )
        return rows

    return Scripted("scrape", (r.Topic.TRAFFIC,), work)


EPOCH = after(0).fromtimestamp(0, after(0).tzinfo)


def documents(plan=FAST, **told):
    """Return a source of everything the database says, all calm but for what is `told`."""

    def work(now):
        rows = [pulse(topic, now) for topic in MONGO]
        rows += [r.Beat("mongo", now, item.id, after(-60, now), now, 40) for item in plan.journeys]
        copies = told.get("duplicates", int)()
        rows += [r.Size("mongo", now, item.name, 100, copies) for item in plan.collections]
        rows += [r.Triage("mongo", now, (), 4), r.Csat("mongo", now, 40, 2)]
        rows.append(r.Tickets("mongo", now, told.get("tickets", lambda: 3)(), None, (("high", 1),), 0))
        return rows

    return Scripted("mongo", MONGO, work)


def failing(name, topics, error, **facts):
    def work(_now):
        raise error

    return Scripted(name, topics, work, **facts)


def hanging(name, topics, deadline=0.2):
    return Scripted(name, topics, lambda _now: asyncio.sleep(3600), deadline=deadline)


@dataclass
class FakeFlag:
    """A flag that confirms; `on_write`, `on_read` and `on_switch` are called first and may raise or wait."""

    percent: int = 0
    name: str = "fake"
    moves: bool = True
    written: list = field(default_factory=list)
    switches: dict = field(default_factory=dict)
    on_write: object = None
    on_read: object = None
    on_switch: object = None

    async def read(self, now):
        await _done(self.on_read)
        return FlagValue(self.name, now, self.percent, tuple(sorted(self.switches)))

    async def write(self, percent, *, expected="", comment=""):
        self.written.append(percent)
        if await _done(self.on_write, percent) is not False:
            self.percent = percent

    async def switch(self, name, *, on, comment=""):
        await _done(self.on_switch)
        self.switches[name] = on

    async def renew(self):
        return False

    async def verify(self, percent, now):
        return ""

    def by_hand(self, percent):
        return (f"set the fake flag to {percent} %",)

    async def aclose(self):
        pass


async def _done(work, *facts):
    answer = work(*facts) if work else None
    return await answer if asyncio.iscoroutine(answer) else answer


def refusing(*_):
    raise FlagError("the back end says no")


def lost(*_):
    raise ConnectionError("connection reset")


def forever(*_):
    return asyncio.sleep(3600)


def made(folder, plan=FAST, percent=0, ago=0.0):
    """Make a session, in the phase of `percent` since `ago` seconds."""
    folder.mkdir(parents=True, exist_ok=True)
    begin(folder, "flight", plan, Wiring())
    if percent:
        enter(folder, plan, percent, after(-ago, Clock().now()))
    return folder


def enter(folder, plan, percent, at=None):
    before = plan.before(percent).percent
    names = tuple(item.name for item in plan.collections)
    put(
        folder,
        before,
        Draft("baseline.captured", "watch", "b", {"collections": names, "counts": tuple(100.0 for _ in names)}),
        Draft("flag.intended", "owner", "i", {"intent": "m1", "percent": percent, "previous": before, "writer": "f"}),
        Draft("flag.confirmed", "watch", "c", {"intent": "m1", "percent": percent}),
        Draft("phase.entered", "owner", "e", {"previous": before, "evidence": ()}, phase=percent),
        at=at,
    )


def put(folder, phase, *drafts, at=None):
    """Append entries as some process did, as soon as no other writes."""
    now, until = at or Clock().now(), Clock().boot() + 60
    with contextlib.closing(Journal(folder / SESSION)) as journal:
        journal.open(now)
        while True:
            try:
                return journal.append(drafts, phase=phase, now=now)
            except LockedError:
                assert Clock().boot() < until


def kinds(folder):
    return [entry.kind for entry in load(folder / SESSION).entries]


def written(folder, kind):
    return [entry for entry in load(folder / SESSION).entries if entry.kind == kind]


def session_in(folder, clock=None, files=None):
    """Open a session for writing, as any process does."""
    now = (clock or Clock()).now()
    journal = Journal(folder / SESSION, files) if files else Journal(folder / SESSION)
    return Session(folder, journal.open(now), journal, History(folder / HISTORY), None, now, files or DISK)


@contextmanager
def watched(folder, *sources, flag=None, clock=None, files=None, reason="test over", runs=None, dispatcher=None):
    """Give a started Watch over a session; it is stopped and closed on leaving."""
    clock = clock or Clock()
    session = session_in(folder, clock, files)

    async def opened():
        return sources

    runs = Runs(runs or {}, clock)
    told = {"dispatcher": dispatcher} if dispatcher else {}
    means = Means(lambda _watched: [opened], flag or FakeFlag(session.state.phase), runs.tasks, seed=1, **told)
    watch = Watch(session, means, clock, runs=runs)
    watch.start()
    try:
        yield watch
    finally:
        watch.stop(reason)
        session.close()


def until(door, holds, patience=PATIENCE):
    """Wait until the newest judgement satisfies `holds`; each change is looked at, the clock only ends it."""
    news, deadline = threading.Event(), time.monotonic() + patience
    door.on_change(news.set)
    while not holds(door.latest()):
        left = deadline - time.monotonic()
        if left <= 0 or not news.wait(left):
            tail = [(entry.kind, entry.text) for entry in door.latest().state.entries[-6:]]
            raise AssertionError(f"never so; last entries {tail}, gate {door.latest().gate.blockers}")
        news.clear()
    return door.latest()


def ticking(door):
    """Wait until the Watch has judged anew: its clock runs."""
    begun = door.latest().at
    return until(door, lambda judgement: judgement.at > begun + timedelta(seconds=0.2))


def asked(door, act, patience=PATIENCE, **facts):
    return door.ask(Request(act, **facts)).result(patience)


def ready(door):
    """Tick the pre-flight and wait until the gate to the first phase is open."""
    for task in door.latest().state.plan.phase(0).activities:
        assert asked(door, Act.TICK, subject=task.id).ok
    return until(door, lambda judgement: judgement.gate.open)


def fresh(topic):
    return lambda judgement: topic in judgement.state.seen.health and judgement.state.seen.health[topic].good_at
