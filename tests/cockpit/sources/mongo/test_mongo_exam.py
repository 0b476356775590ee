"""The examination of a database: what it says of the server, of each collection, and of what would be faster."""

from dataclasses import replace
from datetime import timedelta

import pytest
from pymongo.errors import OperationFailure

from cockpit.runtime.finding import Sight
from cockpit.settings.models.mongo import Events, Exposures, Mongo, RequestLog
from cockpit.settings.schema.secrets import Secret
from cockpit.sources.database.client import mongo_client
from cockpit.sources.database.database import Base
from cockpit.sources.mongo import examine as mongo_exam
from cockpit.sources.mongo import indexes as mongo_indexes
from cockpit.sources.mongo.examine import examine, wanted_of
from cockpit.sources.mongo.indexes import Need, advice, create, needs
from tests.cockpit.conftest import free_port
from tests.support.build import PLAN, T0, after
from tests.support.sources.mongo_asking import OURS, THEIRS, ago, asking

ADVICE = {
    "analytics_events: journey, ts": "db.analytics_events.createIndex({journey: 1, ts: 1})",
    "stylistTickets: status, createdAt": "db.stylistTickets.createIndex({status: 1, createdAt: 1})",
    "capsules: status, expiresAt": "db.capsules.createIndex({status: 1, expiresAt: 1})",
    "capsules: shopperId, lookId": "db.capsules.createIndex({shopperId: 1, lookId: 1})",
    "returns: status, updatedAt": "db.returns.createIndex({status: 1, updatedAt: 1})",
    "returns: orderId, itemId": "db.returns.createIndex({orderId: 1, itemId: 1})",
    "csat: ts": "db.csat.createIndex({ts: 1})",
    "request_log: ts": "db.request_log.createIndex({ts: 1})",
    "exposures: flag, ts": "db.exposures.createIndex({flag: 1, ts: 1})",
}


@pytest.fixture
def spec(mongo_base):
    optional = {"requests": RequestLog(collection="request_log"), "exposures": Exposures(collection="exposures")}
    return replace(OURS, database=mongo_base, **optional)


async def fill(base):
    await base.analytics_events.insert_many([{"journey": "x", "ts": ago(age)} for age in (12, 50)])
    await base.stylistTickets.insert_one({"status": "open", "createdAt": ago(60)})
    await base.capsules.insert_one({"shopperId": 1, "lookId": 2, "status": "held"})
    await base.returns.insert_one({"status": "requested", "updatedAt": ago(61)})
    await base.csat.insert_one({"score": 1, "ts": ago(62)})
    await base.request_log.insert_one({"ts": ago(63)})
    await base.exposures.insert_one({"userId": 1, "flag": PLAN.flag, "exposed": True, "ts": ago(64)})


async def seen(client, spec, plan=PLAN, now=T0):
    found = await examine(asking(client[spec.database]), spec, plan, now)
    assert all(finding.text and (finding.fix or finding.sight is Sight.GOOD) for finding in found)
    return {finding.what: finding for finding in found}


async def test_it_says_who_answers_and_what_is_there(mongo, base, spec):
    await fill(base)
    found = await seen(mongo, spec)
    assert found["server"].sight is Sight.GOOD
    assert found["server"].text.startswith("answers in ")
    assert (found["analytics_events"].sight, found["analytics_events"].text) == (
        Sight.GOOD,
        "2 documents, newest 12s old",
    )
    assert found["capsules"].text == "1 document"
    missing = {finding.what: finding.text for finding in found.values() if "is missing" in finding.text}
    assert missing == {
        "shortlists": "is missing: nothing for growth",
        "triage_log": "is missing: nothing for triage",
    }
    assert all(found[name].sight is Sight.WARNING for name in missing)


async def test_only_what_is_asked_for_is_wanted():
    spec = replace(OURS, topics=("csat",), requests=RequestLog(collection="log"))
    assert [(one.name, one.purpose, one.at) for one in wanted_of(spec, PLAN)] == [
        ("csat", "csat", "ts"),
        ("log", "traffic", "ts"),
    ]
    assert {need.collection for need in needs(spec, PLAN, T0)} == {"csat", "log"}
    shared = {one.name: one.purpose for one in wanted_of(OURS, PLAN)}
    assert shared["capsules"] == "capsules, growth"


async def test_dates_that_lie_ahead_are_told(mongo, base, spec):
    """Row 66: local time written as if it were UTC."""
    await base.csat.insert_many([{"ts": ago(5)}, {"ts": after(3600)}, {"ts": after(3600)}])
    found = (await seen(mongo, spec))["csat"]
    assert (found.sight, found.text) == (Sight.WARNING, "3 documents, newest 5s old, 2 dated ahead of this clock")


@pytest.mark.parametrize(
    ("ahead", "sight", "text"), [(0, Sight.GOOD, ""), (-180, Sight.WARNING, "+3m00s"), (180, Sight.WARNING, "−3m00s")]
)
async def test_clocks_are_compared(mongo, spec, ahead, sight, text):
    """Row 52, for a database."""
    theirs = (await mongo.admin.command("hello", codec_options=mongo.codec_options))["localTime"]
    found = (await seen(mongo, spec, now=theirs + timedelta(seconds=ahead)))["clock"]
    assert found.sight is sight
    assert text in found.text


async def test_a_question_that_reads_everything_gets_the_index_it_needs(mongo, base, spec):
    await fill(base)
    found = await seen(mongo, spec)
    told = {what: finding.fix for what, finding in found.items() if "createIndex" in finding.fix}
    assert told == ADVICE
    assert found["capsules: status, expiresAt"].text == "each look reads all of 1 document"
    assert "indexes" not in found
    for need in needs(spec, PLAN, T0):
        await base[need.collection].create_index([(field, 1) for field in need.fields])
    found = await seen(mongo, spec)
    assert not [finding for finding in found.values() if "createIndex" in finding.fix]
    assert found["indexes"].text == f"{len(needs(spec, PLAN, T0))} polled questions, none reads every document"


@pytest.mark.parametrize("refusal", [OperationFailure("no such command", 59), None])
async def test_where_the_server_explains_nothing_its_indexes_tell(base, monkeypatch, refusal):
    need = Need("csat", ("ts",), {"ts": {"$gte": T0}})

    command = Base.command

    async def dumb(self, name, *args, **kwargs):
        if name == "explain" and refusal:
            raise refusal
        return {"ok": 1.0, "queryPlanner": {}} if name == "explain" else await command(self, name, *args, **kwargs)

    await base.csat.create_index([("score", 1), ("ts", 1)])
    await base.csat.create_index([("ts", 1)], partialFilterExpression={"score": 1})
    monkeypatch.setattr(Base, "command", dumb)
    assert (await advice(asking(base), need)).fix == "db.csat.createIndex({ts: 1})"
    monkeypatch.undo()
    await base.csat.create_index([("ts", -1)])
    monkeypatch.setattr(Base, "command", dumb)
    assert await advice(asking(base), need) is None


@pytest.mark.parametrize(
    ("plan", "stages"),
    [
        ({"winningPlan": {"queryPlan": {"stage": "FETCH", "inputStage": {"stage": "IXSCAN"}}}}, ["FETCH", "IXSCAN"]),
        ({"winningPlan": {"stage": "SHARD_MERGE", "shards": [{"winningPlan": {"stage": "COLLSCAN"}}]}}, None),
        ({"winningPlan": {"stage": "IXSCAN"}, "rejectedPlans": [{"stage": "COLLSCAN"}]}, ["IXSCAN"]),
        ({"winningPlan": {"stage": "OR", "inputStages": [{"stage": "IXSCAN"}, {"stage": "COLLSCAN"}]}}, None),
        ({"winningPlan": {"stage": "EOF"}}, ["EOF"]),
    ],
)
def test_a_plan_is_read_however_deep_it_lies(plan, stages):
    """The shapes of several versions: nested plans, shards, branches; what lost does not count."""
    found = list(mongo_indexes._stages({"queryPlanner": plan, "command": {"stage": "COLLSCAN"}}))
    assert found == stages if stages else "COLLSCAN" in found


@pytest.mark.parametrize(
    ("collection", "fields", "command"),
    [
        ("log.events", ("what.id", "at"), 'db.getCollection("log.events").createIndex({"what.id": 1, at: 1})'),
        ('a"b', ("x y",), 'db.getCollection("a\\"b").createIndex({"x y": 1})'),
        ("csat\x1b[2J", ("ts",), 'db.getCollection("csat\\u001b[2J").createIndex({ts: 1})'),
    ],
)
def test_the_command_is_one_that_the_shell_takes(collection, fields, command):
    assert create(Need(collection, fields, {})) == command


async def test_other_names_are_examined_under_theirs(mongo, base):
    await base["log.events"].insert_one({"what": {"id": "x"}, "meta": {"when": ago(9)}})
    found = await seen(mongo, replace(THEIRS, database=base.name))
    assert found["log.events"].text == "1 document, newest 9s old"
    assert found["log.events: what.id, meta.when"].fix == (
        'db.getCollection("log.events").createIndex({"what.id": 1, "meta.when": 1})'
    )


async def test_a_server_that_does_not_rank_needs_one_more_index(mongo, base, spec, monkeypatch):
    async def no(log):
        return False

    monkeypatch.setattr(mongo_exam, "can_rank", no)
    await base.request_log.create_index([("ts", 1)])
    found = await seen(mongo, spec)
    assert found["request_log: endpoint, ts, duration"].fix.endswith("createIndex({endpoint: 1, ts: 1, duration: 1})")


async def test_nobody_there_is_the_only_finding():
    """Row 61."""
    spec = Mongo(uri=Secret("x"), database="shop", events=Events())
    async with mongo_client(f"mongodb://127.0.0.1:{free_port()}/") as client:
        [found] = await examine(asking(client[spec.database]), spec, PLAN, T0)
    assert (found.sight, found.what, found.text) == (Sight.PROBLEM, "server", "no server")
