import asyncio
import random

import pytest
from aiohttp.test_utils import TestClient, TestServer
from prometheus_client.parser import text_string_to_metric_families

from cockpit.demo.world.document_writer import Records
from cockpit.demo.world.flag_file import Flags
from cockpit.demo.world.scenarios import CALM, Effects, Scene
from cockpit.demo.world.seed import past
from cockpit.demo.world.service import BUCKETS, LATENCY, application, delay
from cockpit.demo.world.shop import Shop
from cockpit.demo.world.traffic.headers import HAD_FLAG, RUN_ID, SYNTHETIC
from cockpit.runtime.clock import Clock
from tests.support.build import PLAN, T0

NEW = {
    "POST /shortlists": {"shopperId": "s0001", "listNo": 900_001},
    "POST /capsules": {"shopperId": "s0001", "lookId": "new-look-1"},
    "POST /returns": {"orderId": "new-order-1", "itemId": "item-1"},
    "POST /stylist/tickets": {"caseId": "case-1", "title": "[/] markup", "priority": "P3", "urgent": True},
    "POST /csat": {"answerId": "answer-1", "score": 5},
}


class World:
    """A service on a free port, its scene, and records that are never written."""

    def __init__(self):
        self.scene = Scene(1.0)
        self.records = Records(None, 0)
        documents = past(PLAN, random.Random(1), T0)
        self.shop = Shop(PLAN, self.scene, self.records, documents)

    def written(self):
        """How many documents there are beside the log of requests."""
        return self.records.total - self.pending("request_log")

    def pending(self, collection):
        return len(self.records._pending[collection])


@pytest.fixture
def world():
    return World()


@pytest.fixture
async def client(world, monkeypatch):
    monkeypatch.setattr("cockpit.demo.world.service.delay", lambda *_: 0.0)
    async with TestClient(TestServer(application(world.shop, world.scene, random.Random(1), Clock().now))) as client:
        yield client


async def ask(client, endpoint, body=None):
    method, path = endpoint.split(" ", 1)
    async with client.request(method, path, **({"json": body} if method == "POST" else {})) as response:
        return response.status, await response.json()


async def totals(client):
    text = await (await client.get("/metrics")).text()
    return {
        (sample.labels["method"], sample.labels["endpoint"], sample.labels.get("status", "")): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name in ("http_requests_total", "http_request_duration_seconds_count")
    }


async def test_every_endpoint_of_the_plan_answers_and_is_counted(client):
    for endpoint in PLAN.endpoints:
        status, _ = await ask(client, endpoint, NEW.get(endpoint))
        assert status == 200
    counted = await totals(client)
    for endpoint in PLAN.endpoints:
        method, path = endpoint.split(" ", 1)
        assert counted[method, path, "200"] == 1
        assert counted[method, path, ""] == 1


async def test_health_is_told(client):
    assert await ask(client, "GET /healthz") == (200, {"ok": True})


async def test_a_business_key_creates_once_and_is_found_afterwards(client, world):
    for endpoint, collection in (("POST /capsules", "capsules"), ("POST /returns", "returns")):
        assert (await ask(client, endpoint, NEW[endpoint]))[1] == {"created": True}
        assert (await ask(client, endpoint, NEW[endpoint]))[1] == {"created": False}
        assert world.pending(collection) == 1


@pytest.mark.parametrize("body", [None, [], "x", {}, {"shopperId": "s1"}, {"shopperId": 1}])
async def test_a_body_that_says_nothing_is_refused_and_never_an_error_of_ours(client, world, body):
    status, _ = await ask(client, "POST /capsules", body)
    assert status == 400
    assert not any(world.pending(name) for name in ("capsules", "analytics_events"))


@pytest.mark.parametrize("score", [0, 6, "much", None])
async def test_a_score_outside_one_to_five_is_refused(client, score):
    assert (await ask(client, "POST /csat", {"answerId": "a", "score": score}))[0] == 400


async def test_a_frozen_flow_answers_but_writes_nothing(client, world):
    world.scene.flags = Flags(10, frozenset({"capsules-flow"}))
    assert await ask(client, "POST /capsules", NEW["POST /capsules"]) == (200, {"frozen": True})
    assert world.pending("capsules") == 0
    assert (await ask(client, "POST /returns", NEW["POST /returns"]))[1] == {"created": True}


async def test_the_journey_is_heard_even_where_its_flow_is_frozen(client, world):
    world.scene.flags = Flags(10, frozenset({"capsules-flow"}))
    await ask(client, "POST /capsules", NEW["POST /capsules"])
    assert world.pending("analytics_events") == 1


@pytest.mark.parametrize(("switches", "escalated", "priority"), [((), True, "P1"), (("cap-escalations",), False, "P3")])
async def test_the_cap_keeps_new_tickets_from_being_escalated(client, world, switches, escalated, priority):
    world.scene.flags = Flags(10, frozenset(switches))
    await ask(client, "POST /stylist/tickets", NEW["POST /stylist/tickets"])
    assert (world.shop.tickets[-1]["escalated"], world.shop.tickets[-1]["priority"]) == (escalated, priority)


@pytest.mark.parametrize(("switches", "status"), [((), 503), (("stub-fallback",), 200)])
async def test_without_a_database_it_errs_unless_the_stub_falls_in(client, world, switches, status):
    world.records.healthy = False
    world.scene.flags = Flags(10, frozenset(switches))
    assert (await ask(client, "POST /capsules", NEW["POST /capsules"]))[0] == status
    assert (await totals(client))["POST", "/capsules", str(status)] == 1


@pytest.mark.parametrize(("switches", "errors"), [((), 12), (("stub-fallback",), 0)])
@pytest.mark.parametrize("headers", [{}, {SYNTHETIC: "1"}], ids=["shopper", "probe"])
async def test_a_failing_endpoint_errs_every_second_time_unless_the_stub_falls_in(
    client, world, switches, errors, headers
):
    world.scene.effects = Effects(failing=frozenset({"POST /returns"}))
    world.scene.flags = Flags(25, frozenset(switches))
    statuses = []
    for number in range(24):
        body = {"orderId": f"o{number}", "itemId": "i"}
        statuses.append((await client.post("/returns", json=body, headers=headers)).status)
    assert statuses.count(503) == errors
    assert statuses.count(200) == 24 - errors
    assert (await ask(client, "POST /capsules", NEW["POST /capsules"]))[0] == 200


async def test_deaf_metrics_fail_while_the_rest_goes_on(client, world):
    world.scene.effects = Effects(deaf=True)
    assert (await client.get("/metrics")).status == 503
    assert (await ask(client, "GET /concierge"))[0] == 200
    world.scene.effects = CALM
    assert (await client.get("/metrics")).status == 200


async def test_the_waiting_is_real(world):
    clock = asyncio.get_running_loop().time
    async with TestClient(TestServer(application(world.shop, world.scene, random.Random(1), Clock().now))) as client:
        began = clock()
        await ask(client, "GET /concierge")
        assert clock() - began >= 0.04


@pytest.mark.parametrize("endpoint", LATENCY)
def test_calm_p95_lies_well_under_the_bound_and_a_spike_well_over_it(endpoint):
    rng, scene = random.Random(7), Scene(1.0)
    p95 = sorted(delay(endpoint, scene, rng) for _ in range(4000))[3800]
    assert 0.14 <= p95 <= 0.3
    scene.effects = Effects(slow=frozenset({endpoint}))
    assert all(0.75 <= delay(endpoint, scene, rng) <= 0.9 for _ in range(100))


def test_the_bounds_of_the_plan_are_buckets():
    bound = PLAN.latency.p95_ms / 1000
    assert {bound, bound * PLAN.latency.spike_factor} <= set(BUCKETS)


async def test_what_a_synthetic_run_writes_carries_its_id_and_a_shopper_s_does_not(client, world):
    def marks(collection):
        rows = (operation._doc for operation in world.records._pending[collection])
        return [row.get("$setOnInsert", row).get("runId") for row in rows]

    async def send(endpoint, body, **headers):
        method, path = endpoint.split(" ", 1)
        async with client.request(method, path, json=body, headers=headers) as response:
            assert response.status == 200

    for run in ("r1", "r2"):
        await send("POST /capsules", {"shopperId": run, "lookId": "linen"}, **{"X-Run-Id": run})
    await send("POST /capsules", {"shopperId": "s0001", "lookId": "linen"})
    assert marks("capsules") == ["r1", "r2", None]
    assert marks("analytics_events") == ["r1", "r2", None]


async def probed(client, endpoint, **headers):
    method, path = endpoint.split(" ", 1)
    async with client.request(method, path, json={}, headers={SYNTHETIC: "1", **headers}) as response:
        return response.status, await response.json()


async def test_a_synthetic_request_is_counted_like_any_other_and_writes_nothing(client, world):
    for endpoint in PLAN.endpoints:
        assert await probed(client, endpoint) == (200, {"synthetic": True})
    counted = await totals(client)
    assert all(counted[*endpoint.split(" ", 1), "200"] == 1 for endpoint in PLAN.endpoints)
    assert world.written() == 0
    assert all(world.pending(name) == 0 for name in ("capsules", "analytics_events", "stylistTickets", "csat"))


async def test_a_walk_of_the_monitor_writes_its_events_and_nothing_else(client, world):
    world.scene.effects = Effects(mute=frozenset({"return_started"}))
    world.scene.flags = Flags(10, frozenset({"capsules-flow"}))
    for endpoint in PLAN.endpoints:
        assert (await probed(client, endpoint, **{RUN_ID: "monitor-1"}))[0] == 200
    written = [operation._doc for operation in world.records._pending["analytics_events"]]
    heard = {journey.id for journey in PLAN.journeys} - {"return_started"}
    assert {(row["journey"], row["runId"]) for row in written} == {(name, "monitor-1") for name in heard}
    assert world.written() == len(heard)


async def test_a_synthetic_request_meets_what_a_shopper_would(client, world):
    world.scene.flags = Flags(10, frozenset({"capsules-flow"}))
    assert await probed(client, "POST /capsules") == (200, {"frozen": True})
    world.records.healthy = False
    assert (await probed(client, "POST /returns"))[0] == 503
    world.scene.flags = Flags(10, frozenset({"stub-fallback"}))
    assert await probed(client, "POST /stylist/tickets") == (200, {"stub": True})
    assert (await probed(client, "GET /concierge"))[0] == 200


async def test_the_metrics_say_who_had_the_flag(client):
    for headers in ({HAD_FLAG: "off"}, {HAD_FLAG: "on"}, {}, {SYNTHETIC: "1"}):
        await client.post("/returns", json=NEW["POST /returns"], headers=headers)
    text = await (await client.get("/metrics")).text()
    counted = {
        (sample.name, sample.labels["flag"]): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name in ("http_requests_total", "http_request_duration_seconds_count")
    }
    for name in ("http_requests_total", "http_request_duration_seconds_count"):
        assert (counted[name, "off"], counted[name, "on"]) == (1, 3)


@pytest.mark.parametrize("endpoint", LATENCY)
def test_a_spike_leaves_those_without_the_flag_alone(endpoint):
    rng, scene = random.Random(7), Scene(1.0, effects=Effects(slow=frozenset({endpoint})))
    assert all(delay(endpoint, scene, rng, "off") < 0.4 for _ in range(1000))


@pytest.mark.parametrize("flag", ["on", "off"])
def test_a_busy_endpoint_is_slow_for_everybody(flag):
    rng, scene = random.Random(7), Scene(1.0, effects=Effects(busy=frozenset({"GET /concierge"})))
    assert all(delay("GET /concierge", scene, rng, flag) > 0.7 for _ in range(100))
    assert delay("POST /capsules", scene, rng, flag) < 0.4
