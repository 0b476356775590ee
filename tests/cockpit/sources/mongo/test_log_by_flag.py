"""Who had the flag, by a field of the request log: the groups beside totals that stay what they were."""

import random
from dataclasses import replace as changed

import pytest
from msgspec.structs import replace

from cockpit.runtime.finding import Sight
from cockpit.settings.models.mongo import Mongo, RequestLog
from cockpit.settings.models.variant import Variant
from cockpit.settings.schema.secrets import Secret
from cockpit.sources.mongo import request_log_queries as q
from cockpit.sources.mongo.request_log import RequestLogSource
from sessions.values.readings import Grain, Pulse, Split, Traffic
from tests.support.build import PLAN, T0, after
from tests.support.sources.mongo_asking import asking
from tests.support.sources.ordering import problems, spec

BY_FLAG = Variant(label="ctx.flag")
FIELDS = RequestLog(collection="request_log", variant=BY_FLAG)
ENDPOINT = PLAN.endpoints[0]
START, END = after(-300), T0
MONGO = 'uri = "mongodb://127.0.0.1"\ndatabase = "shop"\n'


@pytest.fixture(params=[True, False], ids=["percentile", "sorted"])
def ranks(request):
    return request.param


def request(age, says=..., **facts):
    method, _, path = ENDPOINT.partition(" ")
    plain = {"ts": after(-age), "method": method, "endpoint": path, "status": 200, "duration": 5.0}
    return {**plain, **({} if says is ... else {"ctx": {"flag": says}}), **facts}


def crowd(rng, words):
    return [
        request(rng.uniform(1, 290), rng.choice(words), status=rng.choice([200, 404, 503]), duration=rng.randrange(900))
        for _ in range(600)
    ]


def figures(rows):
    """What is to be counted: requests, errors, how many are slow, the p95 by rank."""
    took = sorted(row["duration"] for row in rows)
    slow = sum(one > 500 for one in took)
    return len(rows), sum(row["status"] >= 500 for row in rows), slow / len(rows), took[-(-len(rows) * 95 // 100) - 1]


@pytest.mark.parametrize(
    ("named", "words"),
    [
        (BY_FLAG, ["on", "off", "On", 1, True, None, ...]),
        (changed(BY_FLAG, on="true", off="false"), [True, False, "on"]),
    ],
)
async def test_both_groups_and_those_in_neither(base, ranks, named, words):
    rows = crowd(random.Random(9), words)
    await base.request_log.insert_many([dict(row) for row in rows])
    log = q.Log(asking(base)["request_log"], changed(FIELDS, variant=named), PLAN.endpoints, 500.0)
    plain = q.Log(asking(base)["request_log"], RequestLog(collection="request_log"), PLAN.endpoints, 500.0)
    flow = (await q.count(log, START, END, ranks)).flows[ENDPOINT]
    assert replace(flow, split=None) == (await q.count(plain, START, END, ranks)).flows[ENDPOINT]
    says = {"on": (named.on, True), "off": (named.off, False)}
    groups = {
        side: [
            row for row in rows if row.get("ctx", {}).get("flag") in ((word, truth) if named.on == "true" else (word,))
        ]
        for side, (word, truth) in says.items()
    }
    for side, mine in groups.items():
        requests, errors, over, p95 = figures(mine)
        found = getattr(flow.split, side)
        assert (found.requests, found.errors, found.over) == (requests, errors, pytest.approx(over, abs=1e-6))
        assert found.p95_ms == pytest.approx(p95, abs=20 if ranks else 0)
    assert flow.split.neither == len(rows) - sum(map(len, groups.values())) > 0


async def test_a_group_that_nobody_came_in_has_no_figures(base, ranks):
    await base.request_log.insert_many([request(5, "on"), request(6, "on", duration=None)])
    log = q.Log(asking(base)["request_log"], FIELDS, PLAN.endpoints, 500.0)
    split = (await q.count(log, START, END, ranks)).flows[ENDPOINT].split
    assert (split.on.requests, split.on.p95_ms, split.off.requests, split.off.p95_ms) == (2, 5.0, 0, None)


async def test_without_the_field_there_is_nothing_to_compare(base, ranks):
    await base.request_log.insert_many([request(5), request(6, "beta")])
    log = q.Log(asking(base)["request_log"], FIELDS, PLAN.endpoints, 500.0)
    assert (await q.count(log, START, END, ranks)).flows[ENDPOINT].split is None


NEITHER = 'some requests say neither "on" nor "off" by ctx.flag'


@pytest.mark.parametrize(
    ("words", "sight", "said"),
    [
        (["on", "off"], Sight.GOOD, "by field ctx.flag"),
        (["on", ...], Sight.WARNING, NEITHER),
        (["beta", ...], Sight.WARNING, 'no request says "on" or "off" by ctx.flag'),
    ],
)
async def test_the_source_and_the_doctor_say_it_once(mongo, base, words, sight, said):
    await base.request_log.insert_many([request(number / 10, words[number % 2]) for number in range(1, 60)])
    named = Mongo(uri=Secret("x"), database=base.name, requests=FIELDS)
    source = RequestLogSource(mongo, named, PLAN, "shop", after(-300))
    assert [(one.sight, one.text) for one in await source.examine(T0) if one.what == "flag"] == [(sight, said)]
    readings = await source.read(T0)
    [pulse] = [one for one in readings if isinstance(one, Pulse)]
    assert (pulse.ok, pulse.note) == (True, "" if sight is Sight.GOOD else said)
    traffic = [one for one in readings if isinstance(one, Traffic) and one.requests]
    parted = {one.grain: isinstance(one.split, Split) for one in traffic}
    assert parted == {Grain.MINUTE: False, Grain.WINDOW: words[0] == "on"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('label = "$where"', "holds an operator"),
        ('label = "a..b"', "is no name"),
        ('label = "flag", on = "$x"', "holds an operator"),
        ('label = "flag", on = "off"', "says the same as on"),
    ],
)
def test_no_operator_comes_from_outside(text, said):
    assert any(said in one for one in problems("mongo", f"{MONGO}requests = {{ variant = {{ {text} }} }}"))


def test_the_settings_name_it():
    found = spec("mongo", f'{MONGO}requests = {{ collection = "log", variant = {{ label = "ctx.flag" }} }}')
    assert found.requests.variant == BY_FLAG
