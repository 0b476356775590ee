"""The Mongo source at the door: what it may send, how often it knocks, how it is opened and examined."""

import dataclasses
import re
import subprocess
import sys
from pathlib import Path

import pytest
from msgspec.structs import replace
from pymongo import AsyncMongoClient, monitoring
from pymongo import errors as e
from pymongo.asynchronous.database import AsyncDatabase

from cockpit.runtime.finding import Sight
from cockpit.settings.schema.secrets import Secret, Secrets
from cockpit.sources.database import client as mongo_link
from cockpit.sources.database.client import mongo_client
from cockpit.sources.interface.source import Order, SourceError
from cockpit.sources.mongo.source import open_source
from sessions.values.readings import Topic
from tests.support.build import PLAN, T0, after
from tests.support.sources.mongo_asking import JOURNEYS, OURS, ago, event, pulses, sizes, source_on

TOPICS = set(Topic) - {Topic.TRAFFIC, Topic.ALERTS, Topic.FLAG, Topic.EXPOSURE}
FIRST = JOURNEYS[0]


@pytest.fixture
async def source(mongo, mongo_base):
    one = source_on(mongo, mongo_base)
    yield one
    await one._collections.aclose()


def asks(source, topic, answer):
    """Put another answer in a topic's place."""
    source._asks[topic] = answer


async def test_a_refused_login_is_tried_ever_more_seldom(source, monkeypatch):
    """Row 63: no retry storm, which would lock the account."""
    tries = 0

    async def refuse(*args, **kwargs):
        nonlocal tries
        tries += 1
        raise e.OperationFailure("no", 18)

    monkeypatch.setattr(AsyncDatabase, "command", refuse)
    told = []
    for minute in range(60):
        with pytest.raises(SourceError) as caught:
            await source.read(after(60 * minute))
        told.append(str(caught.value))
    assert told[0] == "login refused"
    assert told[1] == "login refused, asked again at 10:02:00 UTC"
    assert tries == 6, "at minutes 0, 2, 6, 14, 30 and 46"


async def test_a_login_that_is_refused_in_between_stops_the_others(source):
    """Row 63."""

    async def refused(now, until):
        raise e.OperationFailure("no", 18)

    for topic in source.topics:
        asks(source, topic, refused)
    found = pulses(await source.read(T0))
    assert len(found) <= 3
    assert {one.reason for one in found.values()} == {"login refused"}
    with pytest.raises(SourceError, match="asked again at 10:02:00"):
        await source.read(after(60))


class Ledger(monitoring.CommandListener):
    def __init__(self):
        self.commands, self.failures = [], []

    def started(self, event):
        self.commands.append((event.command_name, event.command))

    def succeeded(self, event):
        """Nothing to note."""

    def failed(self, event):
        self.failures.append((event.command_name, event.failure.get("code")))


READING = {"find", "aggregate", "count", "ping", "listIndexes", "connectionStatus", "endSessions"}
FORBIDDEN = ("$where", "$function", "$accumulator", "$out", "$merge", "$$NOW", "mapReduce")


async def test_only_questions_are_asked_each_with_a_time_limit(mongo_uri, mongo_base, base):
    """Row 67: whatever is sent is one of the reading commands. Row 64: the server itself stops what takes long."""
    await base.capsules.create_index([("shopperId", 1), ("lookId", 1)])
    await base.capsules.insert_many([{"shopperId": "a", "lookId": 1, "status": "held"} for _ in range(3)])
    await base.analytics_events.insert_many([event(age, name) for age in (5, 7000) for name in JOURNEYS])
    client = AsyncMongoClient(mongo_uri, event_listeners=[ledger := Ledger()], tz_aware=True)
    source = source_on(client, mongo_base)
    assert len(pulses(await source.read(T0))) == 7
    await base.capsules.insert_one({"shopperId": "a", "lookId": 1, "status": "held"})
    assert sizes(await source.read(after(60)))["capsules"].duplicates == 3
    await source.aclose()
    assert set(ledger.failures) <= {("listIndexes", 26)}, "of a collection that is not there"
    names = {name for name, _ in ledger.commands}
    assert {"find", "aggregate", "count"} <= names <= READING
    assert not [word for _, command in ledger.commands for word in FORBIDDEN if word in str(command)]
    timeless = {name for name, command in ledger.commands if not command.get("maxTimeMS")}
    assert timeless <= {"endSessions"}, "nothing waits for its answer"


async def test_examining_says_what_each_question_saw(source, base):
    await base.analytics_events.insert_many([event(age, name) for age in (40, 200) for name in JOURNEYS])
    await base.csat.insert_one({"score": "5", "ts": ago(5)})
    found = {one.what: one for one in await source.examine(T0) if one.what in {*TOPICS}}
    assert set(found) == {*TOPICS}
    events, csat = found["journeys"], found["csat"]
    assert events.sight is Sight.GOOD
    assert events.text.startswith(f"{2 * len(JOURNEYS)} documents in ")
    assert events.text.endswith(" ms, newest 40s old")
    assert csat.sight is Sight.PROBLEM
    assert csat.text.endswith(": 1 of 1 unreadable")
    assert csat.fix


async def test_a_plan_cannot_bring_an_operator(mongo_uri):
    """Row 67."""
    order = Order("db", PLAN, Secrets({"URI": mongo_uri}), None, {})
    spec = dataclasses.replace(OURS, uri=Secret("${URI}"))
    (source,) = open_source(order, spec)
    assert (source.name, source.interval, source.deadline) == ("db", PLAN.cadence.mongo, PLAN.cadence.deadline)
    await source.aclose()
    (other,) = open_source(order, dataclasses.replace(spec, every=30.0, timeout=9.0))
    assert (other.interval, other.deadline) == (30.0, 9.0)
    await other.aclose()
    bad = replace(PLAN, collections=(replace(PLAN.collections[0], key=("$where",)),))
    with pytest.raises(SourceError, match='"\\$where" holds an operator'):
        open_source(replace(order, plan=bad), spec)


@pytest.mark.parametrize(
    ("options", "mode"),
    [
        ("?timeoutMS=900", "SecondaryPreferred"),
        ("?readPreference=primary", "Primary"),
        ("?READPREFERENCE=nearest", "Nearest"),
    ],
)
async def test_a_secondary_is_asked_unless_the_owner_says_otherwise(options, mode):
    client = mongo_client(f"mongodb://127.0.0.1:9/{options}")
    assert client.read_preference.name == mode
    assert client.options.timeout is None, "a driver that hangs up leaves its question with the server"
    assert not client.options.retry_reads, "nothing is asked twice"
    await client.close()


def test_the_ground_floor_loads_no_driver():
    code = (
        "import sys, cockpit.sources.interface.source, cockpit.flags.flagd.writer; sys.exit('pymongo' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_whoever_asks_a_database_goes_through_its_budget():
    """One file knows the driver's questions; every other asks that one."""
    words = re.compile(
        r"count_documents|estimated_document_count|find_one|\.aggregate\(|index_information|pymongo\.timeout"
    )
    root = Path(mongo_link.__file__).parents[1]
    found = {
        path.name for path in root.rglob("*.py") if "demo" not in path.parts and words.search(path.read_text("utf-8"))
    }
    assert found == {"database.py"}
