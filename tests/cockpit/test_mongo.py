"""The Mongo source: seven topics that fail on their own, and every way a server can be gone."""

import gc
import signal
import subprocess
import sys
import warnings
from dataclasses import replace

import pytest
from pymongo import MongoClient
from pymongo import errors as e

from cockpit.sources import queries as q
from cockpit.sources.base import SourceError
from cockpit.sources.mongo import MongoSource, mongo_client, reason
from sessions.readings import Beat, Capsules, Csat, Pulse, Returns, Size, Tickets, Topic, Triage
from tests.build import PLAN, T0, after

QUICK = replace(PLAN, cadence=replace(PLAN.cadence, mongo=0.5, mongo_stale=2.5, deadline=1.0))
NAMES = [journey.id for journey in PLAN.journeys]


def pulses(readings: list) -> dict:
    return {one.topic: one for one in readings if isinstance(one, Pulse)}


def beats(readings: list) -> dict:
    return {one.journey: one for one in readings if isinstance(one, Beat)}


def event(age: float, journey: str = NAMES[0], since=T0) -> dict:
    return {"journey": journey, "ts": after(-age, since)}


async def close(source: MongoSource) -> None:
    """The driver leaves sockets of refused connections to the garbage collector: let that be said here and nowhere."""
    await source.aclose()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


async def refused(source: MongoSource, now=T0) -> str:
    """Return why the source fails; nothing holds on to the error and the sockets behind it."""
    with pytest.raises(SourceError) as caught:
        await source.read(now)
    return str(caught.value)


@pytest.fixture
async def source(mongo, mongo_base):
    return MongoSource(mongo, mongo_base, PLAN)


@pytest.fixture
async def frail(own_server):
    """A source on a server that is the test's own, with a deadline of a second."""
    source = MongoSource(mongo_client(own_server.uri), "frail", QUICK)
    yield source
    await close(source)


async def test_every_topic_is_answered(source, base):
    await base.analytics_events.insert_many([event(age, name) for age in (5, 200) for name in NAMES])
    await base.capsules.insert_one({"shopperId": 1, "lookId": 2, "status": "held", "expiresAt": after(60)})
    readings = await source.read(T0)
    found = pulses(readings)
    assert set(found) == set(source.topics) == set(Topic) - {Topic.TRAFFIC, Topic.FLAG}
    assert all(one.ok and one.at == T0 and one.source == "mongo" and one.took_ms > 0 for one in found.values())
    assert found[Topic.JOURNEYS].newest == after(-5)
    kinds = [type(one) for one in readings if not isinstance(one, Pulse)]
    assert kinds.count(Beat) == len(NAMES)
    assert kinds.count(Size) == len(PLAN.collections)
    assert {Triage, Tickets, Capsules, Returns, Csat} <= set(kinds)


async def test_an_empty_database_is_an_answer(source):
    readings = await source.read(T0)
    assert all(one.ok for one in pulses(readings).values())
    assert all(one.newest is None for one in beats(readings).values())


async def test_a_gap_between_two_looks_is_found(source, base):
    await base.analytics_events.insert_one(event(10))
    assert beats(await source.read(T0))[NAMES[0]].gaps == ()
    later = after(1200)
    await base.analytics_events.insert_one(event(30, since=later))
    beat = beats(await source.read(later))[NAMES[0]]
    assert beat.gaps == ((after(-10), after(-30, later)),)
    assert beat.newest == after(-30, later)
    assert beats(await source.read(after(60, later)))[NAMES[0]].newest == after(-30, later)


async def test_events_that_come_late_are_still_read(source, base):
    await base.analytics_events.insert_one(event(400))
    await source.read(T0)
    await base.analytics_events.insert_one(event(120))
    beat = beats(await source.read(after(60)))[NAMES[0]]
    assert (beat.newest, beat.count) == (after(-120), 1)


async def test_the_first_look_reaches_back_as_told(mongo, mongo_base, base):
    await base.analytics_events.insert_many([event(age) for age in (9000, 5000, 4900, 300)])
    source = MongoSource(mongo, mongo_base, PLAN, since=after(-5500))
    beat = beats(await source.read(T0))[NAMES[0]]
    assert (beat.since, beat.count) == (after(-5500), 3)
    assert beat.gaps == ((after(-9000), after(-5000)), (after(-4900), after(-300)))


async def test_a_topic_that_takes_long_rests(source):
    """Row 64."""
    await source.read(T0)
    assert all(T0 < due <= after(PLAN.cadence.mongo_stale / 4) for due in source._due.values())
    source._due = dict.fromkeys(source.topics, after(30))
    assert await source.read(after(29)) == []
    assert len(pulses(await source.read(after(30)))) == 7


async def test_one_bad_document_is_forgiven_and_many_are_not(source, base):
    """Row 65."""
    good = [{"status": "held", "expiresAt": after(60), "shopperId": number, "lookId": 1} for number in range(150)]
    await base.capsules.insert_many([*good, {"status": "held", "expiresAt": "soon", "shopperId": "x", "lookId": 1}])
    pulse = pulses(await source.read(T0))[Topic.CAPSULES]
    assert (pulse.ok, pulse.unreadable, pulse.total) == (True, 1, 151)
    await base.capsules.insert_one({"status": "held", "shopperId": "y", "lookId": 1})
    pulse = pulses(await source.read(after(600)))[Topic.CAPSULES]
    assert (pulse.ok, pulse.reason) == (False, "2 of 152 unreadable")


async def test_when_all_there_is_is_unreadable_nothing_is_proved(source, base):
    """Row 65."""
    await base.csat.insert_one({"score": "5", "ts": after(-5)})
    pulse = pulses(await source.read(T0))[Topic.CSAT]
    assert (pulse.ok, pulse.reason) == (False, "1 of 1 unreadable")


async def test_a_failing_question_blinds_its_topic_only(source, monkeypatch):
    async def broken(*args, **kwargs):
        raise e.OperationFailure("no", 2, {"errmsg": "bad \x1b[2J thing"})

    source._asks[Topic.QUEUE] = broken
    found = pulses(await source.read(T0))
    assert (found[Topic.QUEUE].ok, found[Topic.QUEUE].reason) == (False, "refused, code 2: bad ^[[2J thing")
    assert [topic for topic, one in found.items() if not one.ok] == [Topic.QUEUE]


async def test_even_an_unforeseen_error_blinds_its_topic_only(source):
    async def odd(*args, **kwargs):
        raise AttributeError("secret")

    source._asks[Topic.CSAT] = odd
    found = pulses(await source.read(T0))
    assert found[Topic.CSAT].reason == "unreadable answer, AttributeError"
    assert sum(one.ok for one in found.values()) == 6


async def test_a_first_look_that_takes_too_long_reaches_less_far(mongo, mongo_base, monkeypatch):
    """Row 64."""

    async def slow(*args):
        raise e.NetworkTimeout("slow")

    source = MongoSource(mongo, mongo_base, PLAN, since=after(-8000))
    with monkeypatch.context() as patch:
        patch.setattr(q, "beat", slow)
        assert pulses(await source.read(T0))[Topic.JOURNEYS].reason == "no answer in 4.5 s"
    beat = beats(await source.read(T0))[NAMES[0]]
    assert beat.since == after(-4000)


async def test_nobody_listens():
    """Row 61."""
    source = MongoSource(mongo_client("mongodb://user:hunter2@127.0.0.1:9/"), "none", QUICK)
    assert await refused(source) == "no server"
    await close(source)


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
    assert len(pulses(await frail.read(after(120)))) == 7


def spoil(server, commands: list, *, off: bool = False, **data) -> None:
    mode = "off" if off else "alwaysOn"
    with MongoClient(server.uri) as client:
        client.admin.command("configureFailPoint", "failCommand", mode=mode, data={"failCommands": commands, **data})


async def test_faults_of_the_server_are_told_apart(frail, own_server):
    """Rows 60, 63 and 64."""
    lost = {"connection lost", "no answer in 0.9 s", "no server"}
    for data, told in [({"errorCode": 18}, {"login refused"}), ({"closeConnection": True}, lost)]:
        spoil(own_server, ["ping"], **data)
        assert await refused(frail) in told
    spoil(own_server, ["aggregate"], errorCode=13)
    found = pulses(await frail.read(T0))
    assert {one.reason for one in found.values()} == {"not allowed"}
    spoil(own_server, ["aggregate"], blockConnection=True, blockTimeMS=3000)
    late = pulses(await frail.read(after(60)))
    assert {one.reason for topic, one in late.items() if topic is not Topic.TRIAGE} == {"no answer in 0.9 s"}
    spoil(own_server, ["aggregate"], off=True)
    left = set(frail.topics) - late.keys()
    assert left
    again = list(pulses(await frail.read(after(120))))
    assert set(again) == set(frail.topics)
    assert left <= set(again[: len(left) + 2])


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (e.OperationFailure("x", 18), "login refused"),
        (e.OperationFailure("x", 13), "not allowed"),
        (e.ServerSelectionTimeoutError("h:1: [SSL: CERTIFICATE_VERIFY_FAILED]"), "TLS refused"),
        (e.ServerSelectionTimeoutError("h:1: refused"), "no server"),
        (e.ExecutionTimeout("x", 50), "no answer in 2 s"),
        (e.NetworkTimeout("x"), "no answer in 2 s"),
        (e.AutoReconnect("x"), "connection lost"),
        (e.InvalidURI("mongodb://u:hunter2@h"), "unreadable answer, InvalidURI"),
    ],
)
def test_reasons_are_short_and_keep_secrets(error, told):
    """Rows 61 to 64, 84."""
    assert reason(error, 2.0) == told


def test_the_ground_floor_loads_no_driver():
    code = "import sys, cockpit.sources.base, cockpit.flags.flagd; sys.exit('pymongo' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
