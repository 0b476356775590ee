"""What a database does and what took long, by what its user may see; what is missing is named."""

import asyncio
import threading

import pytest
from pymongo import MongoClient

from cockpit.sources.database.client import mongo_client
from cockpit.sources.mongo.lookups import slow_operations as look
from cockpit.sources.mongo.lookups.slow_operations import slow_operations
from sessions.values.verdicts import Mark
from tests.cockpit.conftest import owned
from tests.cockpit.sources.database.test_mongo_rights import uri
from tests.support.build import PLAN, T0
from tests.support.sources.looking import FULL, Looked, only, told
from tests.support.sources.mongo_asking import ago

UNDER, NOTED = "under way", "profiler"


async def test_an_operation_of_another_is_seen_while_it_goes_on(own_server):
    """It sleeps on the server until the test has seen it."""
    with MongoClient(own_server.uri, appname="report") as other:
        other.shop.capsules.insert_one({"a": 1})
        fault = {"failCommands": ["distinct"], "blockConnection": True, "blockTimeMS": 3000}
        other.admin.command("configureFailPoint", "failCommand", mode={"times": 1}, data=fault)
        asking = threading.Thread(target=lambda: other.shop.capsules.distinct("a", {"secret": "hunter2"}))
        asking.start()
        async with mongo_client(own_server.uri) as client:
            rows = await _until_seen(Looked(client.shop, FULL).desk())
        asking.join(60)
    assert rows[0].what in {"distinct (does not say on what) by report", "command shop.capsules by report"}
    assert rows[0].value == "under way" or rows[0].value.startswith("running for ")
    assert "hunter2" not in repr(rows)


async def _until_seen(desk):
    for _ in range(400):
        found = only(await slow_operations(desk), UNDER)
        assert found.trouble == ""
        if rows := [one for one in found.rows if one.what.endswith("by report")]:
            return rows
        await asyncio.sleep(0.01)
    raise AssertionError("never seen")


async def test_what_the_profiler_noted_is_told_newest_first_and_without_its_query(own_server):
    with MongoClient(own_server.uri, appname="report") as other:
        other.shop.command("profile", 2, slowms=0)
        other.shop.capsules.insert_one({"secret": "hunter2"})
        list(other.shop.returns.find({"secret": "hunter2"}))
        async with mongo_client(own_server.uri) as client:
            found = only(await slow_operations(Looked(client.shop, FULL).desk()), NOTED)
    assert any("shop.returns" in one.what for one in found.rows)
    assert any("shop.capsules" in one.what for one in found.rows)
    assert all(one.at is not None for one in found.rows)
    assert [one.at for one in found.rows] == sorted((one.at for one in found.rows), reverse=True)
    assert "hunter2" not in repr(found)


async def test_a_quiet_profiler_says_that_it_may_be_off(base):
    found = only(await slow_operations(Looked(base, FULL).desk()), NOTED)
    assert found.rows == ()
    assert found.trouble.startswith("the profiler noted nothing")


@pytest.mark.xdist_group("mongo with logins")
@pytest.mark.parametrize("user", ["reader", "nobody"])
async def test_what_a_user_may_not_see_is_named_with_the_right_that_is_missing(guarded, user):
    async with mongo_client(uri(guarded, user)) as client:
        found = await slow_operations(Looked(client.shop, FULL).desk())
    noted = only(found, NOTED)
    assert noted.rows == ()
    assert noted.trouble == look._UNSEEN or user == "reader"  # a real server lets no reader see it, the local one does
    under = only(found, UNDER)
    assert "inprog" in under.trouble
    assert "clusterMonitor" in under.trouble
    assert not [one for one in under.rows if one.mark is Mark.PASS]


AS_A_REAL_SERVER_SAYS = [
    {"op": "query", "ns": "shop.capsules", "ts": ago(9), "millis": 812, "planSummary": "COLLSCAN",
     "docsExamined": 90210, "appName": "report"},
    {"op": "command", "ns": "shop.returns", "ts": ago(19), "millis": 130, "planSummary": "IXSCAN { status: 1 }"},
    {"op": "query", "ns": "shop.capsules", "ts": ago(29), "millis": 700, "appName": "cockpit"},
    {"op": 7, "ns": None, "ts": "then", "millis": "long", "planSummary": 3},
]  # fmt: skip


def test_a_collection_scan_is_marked_and_our_own_looks_are_left_out():
    rows = [look._noted(one) for one in AS_A_REAL_SERVER_SAYS if not look._is_ours(one)]
    assert [(one.what, one.value, one.bound, one.mark) for one in rows] == [
        ("query shop.capsules by report", "812 ms, 90,210 documents read", "reads the whole collection (COLLSCAN)",
         Mark.BREACH),
        ("command shop.returns", "130 ms", "IXSCAN { status: 1 }", None),
        ("7 (does not say on what)", "–", "", None),
    ]  # fmt: skip
    assert [one.at for one in rows] == [ago(9), ago(19), None]


@pytest.mark.parametrize(
    ("operation", "value", "mark"),
    [
        ({"microsecs_running": 250_000}, "running for 0.2s", None),
        ({"microsecs_running": 1_000_000}, "running for 1s", Mark.WARMING),
        ({"secs_running": 75, "waitingForLock": True}, "running for 1m15s, waits for a lock", Mark.WARMING),
        ({"microsecs_running": 5, "planSummary": "COLLSCAN"}, "running for 0.0s", Mark.BREACH),
        ({"secs_running": "long"}, "under way", None),
    ],
)
def test_an_operation_that_runs_long_is_marked(operation, value, mark):
    row = look._now({"op": "query", "ns": "shop.x", **operation})
    assert (row.value, row.mark) == (value, mark)


@pytest.mark.xdist_group("mongo with logins")
async def test_more_rights_are_asked_for_in_vain_once_and_the_own_ones_are_seen(guarded):
    owned()
    async with mongo_client(uri(guarded, "owner")) as client:
        found = only(await slow_operations(Looked(client.shop, FULL).desk(now=T0, plan=PLAN)), UNDER)
    assert "clusterMonitor" in found.trouble or told(found) == [("under way", "nothing of others", "")]
