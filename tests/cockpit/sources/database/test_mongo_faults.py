"""Every way in which a database can be gone, slow or closed to us."""

import asyncio
import signal
from typing import Any

import pytest
from msgspec.structs import replace
from pymongo import MongoClient
from pymongo import errors as e

from cockpit.sources.database.client import mongo_client, reason
from cockpit.sources.interface.source import SourceError
from sessions.values.readings import Topic
from tests.support.build import PLAN, T0, after
from tests.support.sources.mongo_asking import ended, pulses, source_on

WAITING = {Topic.JOURNEYS, Topic.QUEUE, Topic.CAPSULES, Topic.RETURNS, Topic.CSAT}
"""Their questions are asked within the read itself, by aggregations."""

QUICK = replace(PLAN, cadence=replace(PLAN.cadence, mongo=0.5, mongo_stale=2.5, deadline=1.0))


async def refused(source, now=T0):
    """Return why the source fails; nothing holds on to the error and the sockets behind it."""
    with pytest.raises(SourceError) as caught:
        await source.read(now)
    return str(caught.value)


async def come_home(source):
    """Wait for the answers that nobody waits for any more."""
    while still := source._base._all:
        await asyncio.wait(still, timeout=60)


@pytest.fixture
async def frail(own_server):
    """A source on a server that is the test's own, with a deadline of a second."""
    source = source_on(mongo_client(own_server.uri), "frail", QUICK)
    yield source
    await ended(source)


async def test_nobody_listens():
    """Row 61."""
    source = source_on(mongo_client("mongodb://user:hunter2@127.0.0.1:9/"), "none", QUICK)
    assert await refused(source) == "no server"
    await ended(source)


@pytest.mark.parametrize("uri", ["", "http://x:hunter2@y", "mongodb://", "mongodb://h:99999999", "mongodb://a:b:c@d/"])
def test_an_address_that_is_none(uri):
    with pytest.raises(SourceError, match="no usable MongoDB address") as caught:
        mongo_client(uri)
    assert "hunter2" not in str(caught.value)


async def test_a_killed_server_is_missed_and_found_again(frail, own_server):
    """Row 61."""
    assert all(one.ok for one in pulses(await frail.read(T0)).values())
    own_server.signal(signal.SIGKILL)
    own_server.child.wait()
    assert await refused(frail, after(60)) in {"no server", "no answer in 0.9 s", "connection lost"}
    own_server.start()
    assert all(one.ok for one in pulses(await frail.read(after(120))).values())


async def test_a_stopped_server_is_given_up(frail, own_server):
    """Row 62."""
    await frail.read(T0)
    own_server.signal(signal.SIGSTOP)
    assert await refused(frail, after(60)) in {"no answer in 0.9 s", "no server"}
    own_server.signal(signal.SIGCONT)
    await come_home(frail)
    assert len(pulses(await frail.read(after(120)))) == 7


def spoil(server, commands: list, *, off: bool = False, **data) -> None:
    mode = "off" if off else "alwaysOn"
    with MongoClient(server.uri) as client:
        client.admin.command("configureFailPoint", "failCommand", mode=mode, data={"failCommands": commands, **data})


async def test_faults_of_the_server_are_told_apart(frail, own_server):
    """Rows 60, 63 and 64."""
    lost = {"connection lost", "no answer in 0.9 s", "no server"}
    faults: list[tuple[dict[str, Any], set[str]]] = [
        ({"errorCode": 18}, {"login refused"}),
        ({"closeConnection": True}, lost),
    ]
    for data, told in faults:
        spoil(own_server, ["ping"], **data)
        assert await refused(frail, after(30 if data.get("closeConnection") else 0)) in told
    spoil(own_server, ["aggregate"], errorCode=13)
    found = pulses(await frail.read(after(40)))
    assert found.pop(Topic.COLLECTIONS).reason.startswith("capsules: looking for duplicates: not allowed")
    assert {one.reason for one in found.values()} == {"not allowed"}
    spoil(own_server, ["aggregate"], blockConnection=True, blockTimeMS=3000)
    late = pulses(await frail.read(after(60)))
    assert {one.reason for topic, one in late.items() if topic in WAITING} == {"no answer in 0.9 s"}
    spoil(own_server, ["aggregate"], off=True)
    await come_home(frail)
    left = set(frail.topics) - late.keys()
    assert left
    assert set(pulses(await frail.read(after(120)))) == set(frail.topics)
    assert set(sorted(frail.topics, key=frail._tried.__getitem__)[: len(left)]) == left, "what waited comes first"


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (e.OperationFailure("x", 18), "login refused"),
        (e.OperationFailure("x", 13), "not allowed"),
        (e.ServerSelectionTimeoutError("h:1: [SSL: CERTIFICATE_VERIFY_FAILED]"), "TLS refused"),
        (e.ServerSelectionTimeoutError("h:1: refused"), "no server"),
        (e.ExecutionTimeout("x", 50), "too slow: over 2 s"),
        (e.NetworkTimeout("x"), "no answer in 2 s"),
        (e.AutoReconnect("x"), "connection lost"),
        (e.InvalidURI("mongodb://u:hunter2@h"), "unreadable answer, InvalidURI"),
    ],
)
def test_reasons_are_short_and_keep_secrets(error, told):
    """Rows 61 to 64, 84."""
    assert reason(error, 2.0) == told
