"""Every question to a request log against answers computed here, with both ways of ranking."""

import math
import random
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from bson import Decimal128, Int64
from pymongo.errors import OperationFailure

from cockpit.settings.models.mongo import RequestLog
from cockpit.sources.database.database import Records
from cockpit.sources.mongo import request_log_queries as q
from tests.support.build import PLAN, T0, after
from tests.support.sources.mongo_asking import asking

FIELDS = RequestLog(collection="request_log")
ENDPOINTS = PLAN.endpoints
START, END = after(-300), T0


@pytest.fixture(params=[True, False], ids=["percentile", "sorted"])
def ranks(request):
    return request.param


@pytest.fixture
def log(base):
    return q.Log(asking(base)["request_log"], FIELDS, ENDPOINTS, 500.0)


def request(age: float, endpoint: str = ENDPOINTS[0], **facts) -> dict:
    method, _, path = endpoint.partition(" ")
    return {"ts": after(-age), "method": method, "endpoint": path, "status": 200, "duration": 5.0, **facts}


def crowd(rng: random.Random) -> list[dict]:
    return [
        request(
            rng.uniform(-30, 400),
            rng.choice(ENDPOINTS),
            status=rng.choice([200, 201, 404, 499, 500, 503]),
            duration=rng.choice([round(rng.expovariate(0.01), 3), rng.randrange(900), Int64(rng.randrange(900))]),
        )
        for _ in range(700)
    ]


async def test_requests_errors_and_p95_per_endpoint(base, log, ranks):
    rows = crowd(random.Random(4))
    await base.request_log.insert_many([dict(row) for row in rows])
    found = await q.count(log, START, END, ranks)
    inside = [row for row in rows if START <= row["ts"] < END]
    for endpoint in ENDPOINTS:
        mine = [row for row in inside if f"{row['method']} {row['endpoint']}" == endpoint]
        durations = sorted(row["duration"] for row in mine)
        errors = sum(row["status"] >= 500 for row in mine)
        assert found.flows[endpoint].requests == len(mine) > 20
        assert found.flows[endpoint].errors == errors > 0
        assert found.flows[endpoint].refused == sum(400 <= row["status"] < 500 for row in mine) > 0
        assert found.flows[endpoint].over == round(sum(took > 500 for took in durations) / len(durations), 6)
        # The server's t-digest lies between the neighbours of the exact rank; the other way is exact.
        rank = math.ceil(0.95 * len(mine)) - 1
        around = durations[rank - 1 : rank + 2] if ranks else [durations[rank]]
        assert around[0] <= found.flows[endpoint].p95_ms <= around[-1]
    assert (found.odd, found.total) == (0, len(inside))


@pytest.mark.parametrize(("count", "rank"), [(1, 1), (19, 19), (20, 19), (21, 20), (40, 38), (100, 95)])
async def test_the_rank_of_the_p95(base, log, count, rank):
    await base.request_log.insert_many([request(number + 1, duration=number) for number in range(1, count + 1)])
    assert (await q.count(log, START, END, ranks=False)).flows[ENDPOINTS[0]].p95_ms == rank


async def test_both_ways_agree_on_few_requests(base, log):
    await base.request_log.insert_many([request(number, duration=number * 7.5) for number in range(1, 21)])
    p95s = {(await q.count(log, START, END, ranks)).flows[ENDPOINTS[0]].p95_ms for ranks in (True, False)}
    assert p95s == {142.5}


@pytest.mark.parametrize(
    ("facts", "flow", "odd"),
    [
        ({"status": "500"}, (0, 0, 5.0), 1),
        ({"status": None}, (0, 0, 5.0), 1),
        ({"status": math.nan}, (0, 0, 5.0), 1),
        ({"status": 7}, (0, 0, 5.0), 1),
        ({"status": True}, (0, 0, 5.0), 1),
        ({"status": Decimal128("503")}, (1, 1, 5.0), 0),
        ({"status": 500.0}, (1, 1, 5.0), 0),
        ({"status": 499}, (1, 0, 5.0), 0),
        ({"duration": math.nan}, (1, 0, None), 1),
        ({"duration": math.inf}, (1, 0, None), 1),
        ({"duration": -1}, (1, 0, None), 1),
        ({"duration": "5"}, (1, 0, None), 1),
        ({"duration": None, "status": 500}, (1, 1, None), 1),
        ({"duration": Decimal128("2.5")}, (1, 0, 2.5), 0),
        ({"duration": 0}, (1, 0, 0.0), 0),
    ],
)
async def test_documents_that_make_no_sense_are_counted(base, ranks, facts, flow, odd):
    """Row 65: what can be read of them counts, the rest proves nothing."""
    await base.request_log.insert_one(request(5, **facts))
    log = q.Log(asking(base)["request_log"], FIELDS, ENDPOINTS, 500.0)
    found = await q.count(log, START, END, ranks)
    assert found.flows[ENDPOINTS[0]] == q.Flow(
        *flow, over=None if flow[2] is None else 0.0, refused=int(facts.get("status") == 499)
    )
    assert (found.odd, found.total) == (odd, 1)


async def test_documents_without_their_fields(base, log, ranks):
    """Row 65."""
    bare = [{"ts": after(-5)}, {"ts": after(-5), "method": "GET", "endpoint": 7}, {"ts": after(-5), "endpoint": "/x"}]
    short = request(5)
    del short["duration"], short["status"]
    await base.request_log.insert_many([*bare, short, {"duration": 3}])
    found = await q.count(log, START, END, ranks)
    assert found.flows == {ENDPOINTS[0]: q.Flow(0, 0, None)}
    assert (found.odd, found.total) == (4, 4)


async def test_endpoints_of_others_are_left_where_they_are(base, log, ranks):
    """Rows 50 and 81: a name that is not the plan's neither counts nor comes back."""
    others = [
        request(5, "POST [@click=app.quit]"),
        request(5, "get /capsules"),
        request(5, "GET $endpoint", status="x"),
    ]
    await base.request_log.insert_many([*others, request(5)])
    found = await q.count(log, START, END, ranks)
    assert (list(found.flows), found.odd, found.total) == ([ENDPOINTS[0]], 0, 1)


@pytest.mark.parametrize("name", ["GET $endpoint", "GET $$NOW", 'GET {"$gt": ""}', "GET $where", "$status", "GET "])
async def test_an_endpoint_that_looks_like_an_operator_is_a_text(base, ranks, name):
    """Row 67."""
    log = q.Log(asking(base)["request_log"], FIELDS, (name, "GET /calm"), 500.0)
    await base.request_log.insert_many([request(5, name), request(5, "GET /calm"), request(5, "GET /calm")])
    found = await q.count(log, START, END, ranks)
    assert {each: flow.requests for each, flow in found.flows.items()} == {name: 1, "GET /calm": 2}


async def test_fields_may_have_other_names_and_lie_deeper(base, ranks):
    fields = replace(
        FIELDS, method="", endpoint="req.route", status="res.code", duration="took.s", unit="s", at="place"
    )
    log = q.Log(asking(base)["log"], fields, ENDPOINTS, 200.0)
    rows = [
        {"place": after(-9), "req": {"route": ENDPOINTS[1]}, "res": {"code": 502}, "took": {"s": 0.25}},
        {"place": after(-9), "req": {"route": ENDPOINTS[1]}, "res": {"code": 200}, "took": {"s": 0.125}},
        {"place": after(-9), "req": "broken", "res": [], "took": None},
    ]
    await base.log.insert_many(rows)
    found = await q.count(log, START, END, ranks)
    assert found == q.Count({ENDPOINTS[1]: q.Flow(2, 1, 250.0, 0.5)}, 1, 3)
    assert await q.newest(log, T0) == after(-9)


async def test_a_span_of_nothing(base, log, ranks):
    assert await q.count(log, START, END, ranks) == q.Count({}, 0, 0)
    await base.request_log.insert_many([request(0), request(300.001)])
    assert await q.count(log, START, END, ranks) == q.Count({}, 0, 0)


async def test_the_newest_document_is_one_that_can_be_believed(base, log):
    """Rows 65 and 66: year 9999, a text and a number are no date; seconds ahead are now."""
    assert await q.newest(log, T0) is None
    odd = [datetime(9999, 12, 31, tzinfo=UTC), "2026-11-23", 1_900_000_000_000, None, math.nan, after(61)]
    await base.request_log.insert_many([{"ts": date} for date in odd])
    assert await q.newest(log, T0) is None
    assert await q.misdated(log, T0) == (4, 2)
    await base.request_log.insert_many([request(77), request(99), {"x": 1}])
    assert await q.newest(log, T0) == after(-77)
    await base.request_log.insert_one(request(-30))
    assert await q.newest(log, T0) == T0
    assert await q.misdated(log, T0) == (5, 2)


async def test_whether_the_server_ranks_is_tried_and_not_read_off_its_version(base, log, monkeypatch):
    assert await q.can_rank(log)

    def unknown(value):
        return {"$percentil": {"input": value}}

    with monkeypatch.context() as patch:
        patch.setattr(q, "_percentile", unknown)
        assert not await q.can_rank(log)


@pytest.mark.parametrize("code", [13, 18])
async def test_a_refusal_says_nothing_about_ranking(base, log, monkeypatch, code):
    async def refused(*args):
        raise OperationFailure("no", code)

    monkeypatch.setattr(Records, "rows", refused)
    with pytest.raises(OperationFailure):
        await q.can_rank(log)


async def test_two_hundred_endpoints(base, ranks):
    names = tuple(f"GET /shelf/{number}" for number in range(200))
    log = q.Log(asking(base)["request_log"], FIELDS, names, 500.0)
    await base.request_log.create_index([("endpoint", 1), ("ts", 1), ("duration", 1)])
    await base.request_log.insert_many([request(5, name, duration=number) for number, name in enumerate(names)])
    found = await q.count(log, START, END, ranks)
    assert {name: flow.p95_ms for name, flow in found.flows.items()} == {name: at for at, name in enumerate(names)}
