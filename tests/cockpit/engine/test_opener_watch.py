"""What the Watch knows of its sources: one that is slow to open delays no other, and what it has a source for."""

import asyncio
import random

from msgspec.structs import replace

from cockpit.engine.opening import opened
from cockpit.engine.poller import Poller
from cockpit.engine.watch import Means, Watch
from cockpit.runtime.clock import Clock
from cockpit.session.session import Session
from cockpit.settings.models.settings import Settings
from cockpit.settings.models.traffic import Scrape
from sessions.history.history import History
from sessions.storage.folders import HISTORY, SESSION
from sessions.storage.journal import Journal
from sessions.values import readings as r
from tests.support.build import T0, pulse
from tests.support.watch.watching import FakeFlag, Scripted, failing, kinds, made, ticking, traffic, until, written


def test_a_source_that_never_opens_delays_no_other(tmp_path):
    journal = Journal(made(tmp_path) / SESSION)
    session = Session(tmp_path, journal.open(Clock().now()), journal, History(tmp_path / HISTORY), None, Clock().now())

    async def at_once():
        return [traffic()]

    async def broken():
        raise RuntimeError("driver broken, token hunter2")

    def openings(_watched):
        return [lambda: asyncio.sleep(3600), broken, at_once]

    watch = Watch(session, Means(openings, FakeFlag(), scrub=lambda text: text.replace("hunter2", "***")), Clock())
    watch.start()
    seen = until(watch, lambda now: r.Topic.TRAFFIC in now.state.seen.health and now.state.faults)
    assert seen.state.faults["sources"] == "sources cannot be opened: driver broken, token ***"
    ticking(watch)
    watch.stop("over")
    session.close()


def test_the_watch_writes_what_it_has_a_source_for(tmp_path):
    settings = Settings(sources={"pages": Scrape(urls=("http://127.0.0.1:1/metrics",))})
    with opened(made(tmp_path), Clock(), None, {}, settings) as door:
        door.start()
        last = until(door, lambda now: {r.Topic.TRAFFIC, r.Topic.CSAT} <= set(now.state.seen.health))
    assert kinds(tmp_path)[-1] == "watch.stopped"  # who leaves without a word has stopped it too
    assert written(tmp_path, "watch.started")[0].listed("answers") == ("traffic",)
    assert last.state.answers == ("traffic",)
    assert last.state.seen.health[r.Topic.CSAT].reason == "no source in cockpit.toml"
    assert r.Topic.ALERTS not in last.state.seen.health


async def read(source):
    scrub = lambda text: text.replace("hunter2", "***")  # noqa: E731 - as short as it is
    return await Poller(source, Clock(), print, random.Random(1), scrub)._read()


async def test_a_poller_masks_every_word_of_a_pulse():
    topics = (r.Topic.QUEUE,)
    told = replace(pulse(r.Topic.QUEUE, T0), reason="says hunter2", note="knows hunter2")
    (masked,) = await read(Scripted("desk", topics, lambda _now: [told]))
    assert (masked.reason, masked.note) == ("says ***", "knows ***")
    (failed,) = await read(failing("desk", topics, RuntimeError("lost hunter2")))
    assert failed.reason == "lost ***"
