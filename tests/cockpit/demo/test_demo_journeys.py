"""The demo's own checks, run for real against its service and its database."""

from datetime import UTC, datetime

import pytest
from pymongo import MongoClient

from cockpit.demo.launch import World
from cockpit.demo.settings_file import journeys
from cockpit.sources.journey.source import JourneyRunner
from sessions.plan.loader import bundled, scaled
from tests.support.sources.walking import order_of, ran, settings_of, shape

FAST = scaled(bundled(), 240)


@pytest.fixture(scope="module")
def flight(mongo_uri):
    with World(FAST, "calm", 1, mongo_uri=mongo_uri) as address, MongoClient(mongo_uri, timeoutMS=3000) as client:
        yield address, client[address.database]


def settings(address):
    records = f'[sources.records]\nkind = "mongo"\nuri = "{address.mongo_uri}"\ndatabase = "{address.database}"\n'
    found, problems = settings_of(records + journeys(address.metrics_url.removesuffix("/metrics"), "records"))
    assert problems == []
    return found


@pytest.mark.parametrize(("task", "steps", "looks"), [("p1.wf7", 2, 2), ("p4.wf7", 5, 6)])
async def test_wf7_passes_again_and_again_without_a_duplicate(flight, task, steps, looks):
    address, database = flight
    name = settings(address).activities[task].journey
    spec = settings(address).sources[name]
    assert spec.journey in {journey.id for journey in FAST.journeys}
    for _ in range(2):
        run, told = await ran(JourneyRunner(order_of(settings(address), name, plan=FAST), spec), datetime.now(UTC))
        assert run.ok, run.lines
        assert shape(run.lines[-1]) == f"{steps} steps, {looks} documents in #"
        assert len(told) == steps + looks + 2
        assert database.capsules.count_documents({"runId": run.id}) == 1
        assert database.analytics_events.count_documents({"runId": run.id, "journey": spec.journey}) == 1
    for collection in FAST.collections:
        key = {field: f"${field}" for field in collection.key}
        twins = [{"$match": {"runId": {"$exists": True}}}, {"$group": {"_id": key, "n": {"$sum": 1}}}]
        assert all(group["n"] == 1 for group in database[collection.name].aggregate(twins))


def test_every_task_that_the_demo_runs_is_one_of_the_plan():
    found, problems = settings_of(journeys("http://a.test", "records"))
    assert problems == []
    tasks = {task.id for phase in bundled().phases for task in phase.activities}
    assert {"p1.wf7", "p4.wf7"} == set(found.activities) <= tasks
