"""A real server that is slow, or behind a slow way: what is given up is bounded there, and leaves no cursor."""

import asyncio
import dataclasses
import time
from itertools import count

import pytest
from bson import ObjectId
from msgspec.structs import replace
from pymongo import MongoClient, monitoring

from cockpit.sources.database.client import mongo_client
from cockpit.sources.interface.budget import AT_ONCE
from cockpit.sources.interface.source import SourceError
from cockpit.sources.mongo.source import MongoSource
from sessions.values.readings import Topic
from tests.support.build import PLAN, after
from tests.support.faults.fault_proxy import Fault, FaultProxy
from tests.support.sources.mongo_asking import OURS, ended, pulses

MOST = AT_ONCE + 1
"""What may be open at once: a budget's operations, and one look through everything."""
HASTY = replace(PLAN, cadence=replace(PLAN.cadence, deadline=1.0))
ASKED = (Topic.COLLECTIONS, Topic.CAPSULES, Topic.RETURNS, Topic.CSAT)
MADE = {"status": "held", "expiresAt": after(90_000), "updatedAt": after(0)}
TURN = PLAN.cadence.mongo
BUSY = {"aggregate", "find", "count", "getMore"}


class Ledger(monitoring.CommandListener):
    """When each question was sent. What the driver says of its end is not what the server does."""

    def __init__(self):
        self.sent, self.first = [], asyncio.Event()

    def started(self, event):
        if event.command_name in BUSY:
            self.sent.append(time.monotonic())
            self.first.set()

    def succeeded(self, event):
        """The server knows better."""

    def failed(self, event):
        """The server knows better."""

    def peak(self, seconds):
        """How many were open at once at a server that takes so long for each."""
        return max((sum(one - seconds < other <= one for other in self.sent) for one in self.sent), default=0)


@pytest.fixture
def ledger():
    """Hears what every client sends that is made meanwhile."""
    one = Ledger()
    monitoring.register(one)
    yield one
    monitoring._LISTENERS.command_listeners.remove(one)


def made(number):
    """Return the id of a document of T0."""
    return ObjectId(ObjectId.from_datetime(after(0)).binary[:4] + number.to_bytes(8, "big"))


def filled(uri):
    """Put so many documents into every collection that they do not fit into the first batch of a cursor."""
    with MongoClient(uri) as client:
        for rule in PLAN.collections:
            records, key = client.shop[rule.name], [(name, 1) for name in rule.key]
            records.create_index(key)
            records.insert_many([{"_id": made(n), **MADE, **dict.fromkeys(rule.key, n)} for n in range(150)])


def open_cursors(uri):
    with MongoClient(uri) as client:
        return client.admin.command("serverStatus")["metrics"]["cursor"]["open"]["total"]


def source_at(uri, plan=HASTY):
    return MongoSource(
        mongo_client(uri), dataclasses.replace(OURS, database="shop", topics=tuple(map(str, ASKED))), plan
    )


async def turn(source, number):
    """Ask once; return the pulses, none where nobody answers."""
    await asyncio.sleep(0)  # a read that is refused at once never waits
    try:
        return pulses(await source.read(after(TURN * number)))
    except SourceError:
        return {}


async def turns(source, numbers):
    """Ask turn by turn, as fast as answers come or are given up; return all topics that were seen."""
    seen = set()
    for number in numbers:
        seen |= {topic for topic, one in (await turn(source, number)).items() if one.ok}
        if seen == set(ASKED):
            break
    return seen


async def seen(source, begin):
    """Ask until every topic was seen: at once, or as soon as this machine can."""
    async with asyncio.timeout(60):
        await turns(source, count(begin))


async def acquainted(source):
    """Let it look through every collection, and up each document as often as it wants to; then nothing is open."""
    await seen(source, 0)
    for one in source._collections._counted:
        await one.scan.wait(60)
        assert one.scan._known
    for begin in (1000, 2000, 3000):
        await seen(source, begin)
    await settled(source)


async def settled(source):
    """Wait until nothing of ours is open at the server."""
    budget = source._base.budget
    async with asyncio.timeout(60):
        for _ in range(AT_ONCE):
            await budget.enter()
    for _ in range(AT_ONCE):
        budget._leave()


async def test_a_server_under_load_is_asked_no_more_than_it_can_take(own_server, ledger):
    """Each operation takes it two seconds, for which nobody waits."""
    filled(own_server.uri)
    source = source_at(own_server.uri)
    await acquainted(source)
    ledger.sent.clear()
    with MongoClient(own_server.uri) as client:
        block = {"failCommands": ["aggregate", "find", "count"], "blockConnection": True, "blockTimeMS": 2000}
        client.admin.command("configureFailPoint", "failCommand", mode="alwaysOn", data=block)
        await turns(source, range(4000, 4006))
        client.admin.command("configureFailPoint", "failCommand", mode="off")
    assert 0 < ledger.peak(2.0) <= MOST
    await settled(source)
    assert open_cursors(own_server.uri) == 0
    await seen(source, 5000)
    assert open_cursors(own_server.uri) == 0
    await ended(source)


async def test_answers_that_come_too_late_leave_no_cursor(own_server, ledger):
    """A slow way: every answer is a third of a second late, the server is as fast as ever."""
    filled(own_server.uri)
    async with FaultProxy(own_server.port) as proxy:
        source = source_at(f"mongodb://127.0.0.1:{proxy.port}/?directConnection=true")
        await acquainted(source)
        ledger.sent.clear()
        await proxy.spoil(Fault(delay=0.35))
        await turns(source, range(4000, 4005))
        assert ledger.peak(0.35) <= MOST
        await proxy.heal()
        await settled(source)
        assert open_cursors(own_server.uri) == 0
        await seen(source, 5000)
        await ended(source)


@pytest.mark.parametrize(
    "fault", [Fault(stall=True), Fault(refuse=True), Fault(reset=True)], ids=["mute", "gone", "cut"]
)
async def test_a_way_that_is_shut_for_many_turns(own_server, fault, ledger):
    filled(own_server.uri)
    async with FaultProxy(own_server.port) as proxy:
        source = source_at(f"mongodb://127.0.0.1:{proxy.port}/?directConnection=true")
        await acquainted(source)
        ledger.sent.clear()
        await proxy.spoil(fault)
        assert await turns(source, range(4000, 4004)) == set()
        assert len(ledger.sent) <= MOST
        await proxy.heal()
        await settled(source)
        await seen(source, 5000)
        assert open_cursors(own_server.uri) == 0
        await ended(source)


async def test_whoever_is_cancelled_leaves_nothing_behind(own_server, ledger):
    """The watch ends while everything is asked."""
    filled(own_server.uri)
    source = source_at(own_server.uri, PLAN)
    await acquainted(source)
    with MongoClient(own_server.uri) as client:
        block = {"failCommands": ["getMore", "find"], "blockConnection": True, "blockTimeMS": 700}
        client.admin.command("configureFailPoint", "failCommand", mode="alwaysOn", data=block)
        ledger.first = asyncio.Event()
        reading = asyncio.ensure_future(source.read(after(4000 * TURN)))
        async with asyncio.timeout(60):
            await ledger.first.wait()
        reading.cancel()
        await asyncio.wait({reading})
        await settled(source)
        assert open_cursors(own_server.uri) == 0
        client.admin.command("configureFailPoint", "failCommand", mode="off")
    await ended(source)
