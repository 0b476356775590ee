"""The p95 by instance, as a Prometheus answers it."""

import json
import re

import pytest
from msgspec.structs import replace

from cockpit.sources.interface.source import SourceError
from cockpit.sources.prometheus.by_instance import open_shows
from sessions.values.verdicts import Mark
from tests.support.build import T0
from tests.support.sources.ordering import SLOW, order, spec

BOUND = SLOW.latency.p95_ms
LEAST = SLOW.windows.min_requests


def series(part, instance, value, path="/capsules", method="POST"):
    labels = {"cockpit_part": part, "instance": instance, "method": method, "endpoint": path}
    return {"metric": {name: text for name, text in labels.items() if text is not None}, "value": [0, str(value)]}


async def looked(httpserver, rows, text="", plan=SLOW, status=200):
    asked = []

    def answer(request):
        asked.append(request.form["query"])
        return json.dumps({"status": "success", "data": {"resultType": "vector", "result": rows}})

    handler = httpserver.expect_request(re.compile("/api/v1/query"))
    _ = handler.respond_with_handler(answer) if status == 200 else handler.respond_with_data("x", status=status)
    shows = open_shows(order(plan), spec("prometheus", f'url = "{httpserver.url_for("/")}"\n{text}'), ("by_instance",))
    try:
        (found,) = await shows.show("by_instance", T0)
    finally:
        await shows.aclose()
    return found, asked


async def test_the_slowest_instance_stands_first_and_few_requests_are_thin(httpserver):
    rows = [series("p95", "a:1", 0.21), series("count", "a:1", 200), series("p95", "b:1", 0.9)]
    rows += [series("count", "b:1", 180), series("p95", "c:1", 4), series("count", "c:1", LEAST - 1)]
    found, asked = await looked(httpserver, rows)
    assert [(one.what, one.value, one.bound, one.mark) for one in found.rows] == [
        ("POST /capsules at c:1", f"4000 ms of {LEAST - 1} requests", f"≤ {BOUND:g} ms", Mark.THIN),
        ("POST /capsules at b:1", "900 ms of 180 requests", f"≤ {BOUND:g} ms", Mark.BREACH),
        ("POST /capsules at a:1", "210 ms of 200 requests", f"≤ {BOUND:g} ms", Mark.PASS),
    ]
    assert found.title == "p95 by instance, last 15 min"
    assert "by (le, method, endpoint, instance)" in asked[0]
    assert len(asked) == 1


@pytest.mark.parametrize(
    "row",
    [
        series("p95", "a:1", "NaN"),
        series("p95", "a:1", "+Inf"),
        series("count", "a:1", 500),
    ],
)
async def test_what_is_no_number_is_no_pass(httpserver, row):
    found, _ = await looked(httpserver, [row])
    assert [(one.mark, one.value.partition(" of ")[0]) for one in found.rows] == [(Mark.THIN, "–")]


async def test_of_strangers_and_of_no_instance_nothing_is_told(httpserver):
    rows = [series("p95", "a:1", 9, "/other"), series("p95", None, 9), series("p95", "", 9)]
    found, _ = await looked(httpserver, rows)
    assert (found.rows, found.trouble) == ((), "no series of the plan's endpoints has the label instance")


async def test_own_questions_tell_no_instance(httpserver):
    found, asked = await looked(httpserver, [], 'selector = "job=\'shop\'"\nqueries = { p95 = "x[$window]" }')
    assert (asked, found.rows) == ([], ())
    assert found.trouble.startswith("queries.p95 asks by endpoint alone")


async def test_an_instance_is_another_mans_word(httpserver):
    found, _ = await looked(httpserver, [series("p95", "[/]\x1b[2J", 0.1), series("count", "[/]\x1b[2J", 99)])
    assert found.rows[0].what == "POST /capsules at [/]^[[2J"


async def test_a_server_that_fails_says_why(httpserver):
    with pytest.raises(SourceError, match="500"):
        await looked(httpserver, [], plan=replace(SLOW), status=500)
