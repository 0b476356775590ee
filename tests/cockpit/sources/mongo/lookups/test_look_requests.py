"""Failing requests with their ids, what fails together, and the p95 by instance, against answers computed here."""

import math
import random
from dataclasses import replace

import pytest

from cockpit.sources.mongo.lookups import by_instance as look
from cockpit.sources.mongo.lookups.by_instance import by_instance
from cockpit.sources.mongo.lookups.failing_requests import failing_requests
from sessions.values.verdicts import Mark
from tests.support.build import PLAN
from tests.support.sources.looking import FULL, looked, only, plain, row, told
from tests.support.sources.mongo_asking import BROKEN, ago

__all__ = ["looked", "plain"]
HOUR = 3600
BOUND, LEAST = PLAN.latency.p95_ms, PLAN.windows.min_requests


def request(number, status=200, age=60.0, endpoint="POST /capsules", **more):
    method, path = endpoint.split()
    known = {"requestId": f"r{number}", "method": method, "endpoint": path, "status": status, "ts": ago(age)}
    return {**known, "duration": 100.0, "pod": "one", **more}


def error(code, field=None):
    return {"error.code": code, **({"error.field": field} if field else {})}


async def test_what_fails_together_and_the_newest_with_their_ids(looked):
    rows = [request(n, age=n) for n in range(30)]
    rows += [request(100 + n, 422, 200 + n, **error("not a size", "size")) for n in range(3)]
    rows += [request(200, 503, 9, "POST /returns", **error("no database"), pod="two"), request(201, 500, HOUR + 5)]
    await looked.insert("requests", rows)
    found = await failing_requests(looked.desk())
    together = only(found, "fails together")
    assert told(together) == [
        ("POST /capsules", "3 with 422", "field size: not a size"),
        ("POST /returns", "1 with 503", "no database"),
    ]
    assert [one.mark for one in together.rows] == [Mark.WARMING, Mark.BREACH]
    assert [one.at for one in together.rows] == [ago(200), ago(9)]
    newest = only(found, "Newest failing")
    assert [(one.what, one.value, one.bound, one.at) for one in newest.rows[:2]] == [
        ("r200", "POST /returns · 503 · two", "no database", ago(9)),
        ("r100", "POST /capsules · 422 · one", "size: not a size", ago(200)),
    ]
    assert len(newest.rows) == 4
    assert newest.trouble == ""


async def test_a_log_without_a_failure_is_good_and_one_without_a_request_is_not(looked):
    assert [one.rows for one in await failing_requests(looked.desk())] == [()]
    assert (await failing_requests(looked.desk()))[0].trouble.startswith("no request in the last 60 min")
    await looked.insert("requests", [request(1)])
    (none,) = only(await failing_requests(looked.desk()), "fails together").rows
    assert (none.value, none.mark) == ("none of 1 requests", Mark.PASS)


async def test_what_is_no_status_fails_nothing(looked):
    odd = [request(n, status) for n, status in enumerate((None, "500", math.nan, 7, 99_999, True, math.inf))]
    await looked.insert("requests", [*odd, *({**request(50, 500), "ts": date} for date in BROKEN)])
    assert [one.what for one in only(await failing_requests(looked.desk()), "Newest").rows] == ["failed or refused"]


async def test_words_of_a_request_are_no_markup_and_end(looked):
    hostile = error("[@click=app.quit]\x1b[2J" + "x" * 500, "\u202eemit")
    await looked.insert("requests", [request("[/]\x07", 500, **hostile)])
    found = only(await failing_requests(looked.desk()), "Newest").rows[0]
    assert found.what == "r[/]^G"
    assert found.bound.startswith("<U+202E>emit: [@click=app.quit]^[[2J")
    assert len(found.bound) <= 80


async def test_without_a_field_the_documents_id_stands_there_and_is_told(plain):
    desk = plain.desk(requests=replace(FULL.requests, id="", instance="", error="", field=""))
    await plain.base.request_log.insert_one({**request(1, 500), "_id": "doc"})
    found = only(await failing_requests(desk), "Newest")
    assert found.rows[0].what == "doc"
    assert found.trouble == "their ids are those of the log: name the requests' own, requests.id"


@pytest.mark.parametrize("ranks", [True, False])
async def test_the_p95_of_each_instance(looked, monkeypatch, ranks):
    async def can(_log):
        return ranks

    monkeypatch.setattr(look, "can_rank", can)
    rng, rows = random.Random(3), []
    for pod, slow in (("one", 1.0), ("two", 6.0)):
        rows += [
            request(f"{pod}{n}", age=rng.uniform(1, 800), duration=slow * rng.uniform(80, 120), pod=pod)
            for n in range(40)
        ]
    rows += [request("few", duration=9000.0, pod="three"), request("stranger", endpoint="GET /other", duration=9e9)]
    rows += [request("old", age=2 * HOUR, duration=9e9), request("odd", duration="slow", pod="one")]
    await looked.insert("requests", rows)
    (found,) = await by_instance(looked.desk())
    assert [(one.what, one.mark) for one in found.rows] == [
        ("POST /capsules at three", Mark.THIN),
        ("POST /capsules at two", Mark.BREACH),
        ("POST /capsules at one", Mark.PASS),
    ]
    times = sorted(one["duration"] for one in rows if one["pod"] == "two")
    told_ms = float(found.rows[1].value.split()[0])
    assert times[36] <= told_ms + 0.5
    assert told_ms - 0.5 <= times[38]
    assert found.rows[2].value.endswith("of 41 requests")
    assert {one.bound for one in found.rows} == {f"≤ {BOUND:g} ms"}
    assert LEAST <= 40


async def test_without_its_field_no_instance_is_told(looked):
    (found,) = await by_instance(looked.desk(requests=replace(looked.spec.requests, instance="")))
    assert (found.rows, found.trouble) == ((), "the log's field of the instance is not named: requests.instance")
    (empty,) = await by_instance(looked.desk())
    assert empty.trouble.startswith("no request of the plan's endpoints")


async def test_a_request_of_no_instance_says_so(looked):
    await looked.insert("requests", [{k: v for k, v in request(n).items() if k != "pod"} for n in range(3)])
    (found,) = await by_instance(looked.desk())
    assert row(found, "POST /capsules at (no instance)").mark is Mark.THIN
