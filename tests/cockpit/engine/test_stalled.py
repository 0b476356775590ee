"""One source that hangs holds up no other: counted in polls, never in seconds."""

import asyncio
import socket

import pytest

from cockpit.settings.models.mongo import Mongo
from cockpit.settings.models.traffic import Scrape
from cockpit.settings.schema.secrets import Secret, Secrets
from cockpit.sources.interface.source import Order
from cockpit.sources.opening import opened
from sessions.values.readings import Topic
from tests.support.watch.watching import FAST, Scripted, documents, hanging, made, traffic, until, watched

POLLS = 12
LONG = 600.0


@pytest.fixture
def silent():
    """A port that takes every connection and never says a word."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        yield listener.getsockname()[1]


def brisk(*sources):
    """Let them be asked more often than any plan does."""
    for source in sources:
        source.interval = 0.05
    return sources


def go_on(door, *sources):
    """Wait until each source was asked that often again."""
    begun = [source.looks for source in sources]
    until(door, lambda _: all(one.looks >= was + POLLS for one, was in zip(sources, begun, strict=True)))


def test_rows_41_62_while_one_hangs_all_others_are_asked_on(tmp_path):
    hung = hanging("mongo", (Topic.CSAT,), deadline=LONG)
    others = brisk(traffic(), documents(), Scripted("more", (Topic.ALERTS,), lambda _: []))
    with watched(made(tmp_path / "flight"), hung, *others) as door:
        until(door, lambda _: hung.looks == 1)
        go_on(door, *others)
        assert hung.looks == 1


@pytest.mark.parametrize("kind", ["page", "database"])
def test_rows_41_62_a_real_peer_that_never_answers_holds_up_nobody(tmp_path, silent, kind):
    specs = {
        "page": Scrape(urls=(f"http://127.0.0.1:{silent}/metrics",), timeout=LONG),
        "database": Mongo(uri=Secret(f"mongodb://127.0.0.1:{silent}"), database="shop", timeout=LONG),
    }
    (mute,) = opened(Order(kind, FAST, Secrets({}), None, specs), specs[kind])
    entered = asyncio.Event()
    answer = mute.read

    async def read(now):
        entered.set()
        return await answer(now)

    mute.read = read
    (other,) = brisk(traffic() if kind == "database" else documents())
    with watched(made(tmp_path / "flight"), mute, other) as door:
        until(door, lambda _: entered.is_set())
        go_on(door, other)


def test_row_58_all_that_hang_leave_the_watch_judging(tmp_path):
    hung = [hanging(topic.value, (topic,), deadline=LONG) for topic in Topic if topic is not Topic.FLAG]
    with watched(made(tmp_path / "flight"), *hung) as door:
        until(door, lambda _: all(source.looks == 1 for source in hung))
        begun = door.latest().at
        until(door, lambda judgement: (judgement.at - begun).total_seconds() >= 4 * FAST.cadence.tick)
        assert not door.latest().gate.open
