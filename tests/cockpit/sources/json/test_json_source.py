"""The json source against real sockets: what it asks, what it makes of the answer, and everything instead of one.

Rows 41-44, 47, 48, 52 and 59 of the fault matrix.
"""

import gzip
import json
import re
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from msgspec.structs import replace
from werkzeug import Response

from cockpit.runtime.finding import Sight
from cockpit.settings.schema.secrets import SecretError
from cockpit.sources.interface.source import SourceError
from cockpit.sources.json.http import open_source
from sessions.values.readings import Beat, Pulse, Tickets, Topic, Traffic
from tests.cockpit.conftest import free_port
from tests.support.build import PLAN, T0, after
from tests.support.faults.fault_proxy import Fault, FaultProxy
from tests.support.peers.small_shop import small_shop
from tests.support.sources.ordering import QUICK, SLOW, TARGETS, order, spec

ENDPOINT = PLAN.endpoints[0]


@asynccontextmanager
async def asking(url, text='topic = "queue"', *, plan=SLOW, environ=None):
    (source,) = open_source(order(plan, environ), spec("json", f'url = "{url}"\n{text}'))
    try:
        yield source
    finally:
        await source.aclose()


async def refused(url, text='topic = "queue"', **how):
    async with asking(url, text, **how) as source:
        with pytest.raises(SourceError) as told:
            await source.read(T0)
    return str(told.value)


async def test_a_queue_is_asked_for_with_the_owners_credentials(httpserver):
    httpserver.expect_oneshot_request(
        "/count", query_string="team=shop", headers={"authorization": "Bearer sesame", "X-Org": "a"}
    ).respond_with_json({"count": 23})
    text = 'topic = "queue"\nfields = { open = "count" }\ntoken = "${T}"\nheaders = { X-Org = "a" }'
    async with asking(httpserver.url_for("/count") + "?team=shop", text, environ={"T": "sesame"}) as source:
        tickets, pulse = await source.read(T0)
    assert isinstance(tickets, Tickets)
    assert tickets.open == 23
    assert (pulse.topic, pulse.ok, pulse.source, pulse.at) == (Topic.QUEUE, True, "desk", T0)
    httpserver.check()


def test_a_secret_that_is_not_set_is_told_at_opening():
    with pytest.raises(SecretError, match=r"\$T is not set"):
        open_source(order(), spec("json", 'url = "http://h/"\ntopic = "queue"\ntoken = "${T}"'))


def test_pace_and_deadline_are_the_plans_unless_said():
    (plain,) = open_source(order(PLAN), spec("json", 'url = "http://h/"\ntopic = "queue"'))
    (own,) = open_source(
        order(PLAN), spec("json", 'url = "http://h/"\ntopic = "traffic"\nevery = "7s"\ntimeout = "2s"')
    )
    assert (plain.interval, plain.deadline) == (PLAN.cadence.mongo, PLAN.cadence.deadline)
    assert (own.interval, own.deadline) == (7, 2)


TRAFFIC = """
topic = "traffic"
method = "POST"
rows = "results"
fields = { endpoint = "[0]", requests = "[1]", errors = "[2]", p95_ms = "[3]" }
body = { query = { from = "{start}", to = "before {end}", limit = 5 } }
"""


async def test_traffic_is_asked_for_the_newest_closed_window_and_for_those_missed(httpserver):
    asked = []

    def answer(request):
        asked.append(request.get_json()["query"])
        return Response(json.dumps({"results": [[ENDPOINT, 40, 0, 120]]}), content_type="application/json")

    httpserver.expect_request("/hogql").respond_with_handler(answer)
    async with asking(httpserver.url_for("/hogql"), TRAFFIC) as source:
        first = await source.read(after(10))
        again = await source.read(after(40))
        late = await source.read(after(40 + 600))
        long_after = await source.read(after(40 + 6000))
    assert asked[0] == {"from": "2026-11-23T09:55:00Z", "to": "before 2026-11-23T10:00:00Z", "limit": 5}
    starts = [[item.start for item in found if isinstance(item, Traffic)] for found in (first, again, late)]
    assert starts == [[after(-300)], [after(-300)], [T0, after(300)]]
    assert len([item for item in long_after if isinstance(item, Traffic)]) == 3
    assert first[-1].ok
    assert first[-1].newest == T0


async def test_a_window_read_before_it_settled_is_read_again(httpserver):
    httpserver.expect_request("/hogql").respond_with_json({"results": [[ENDPOINT, 40, 0, 120]]})
    async with asking(httpserver.url_for("/hogql"), TRAFFIC) as source:
        await source.read(after(10))
        found = await source.read(after(310))
    assert [item.start for item in found if isinstance(item, Traffic)] == [after(-300), T0]


async def test_a_window_may_stand_in_the_address(httpserver):
    httpserver.expect_oneshot_request("/t", query_string="from=2026-11-23T09:55:00Z").respond_with_json(
        [{"endpoint": ENDPOINT, "requests": 1, "errors": 0}]
    )
    async with asking(httpserver.url_for("/t") + "?from={start}", 'topic = "traffic"') as source:
        found = await source.read(T0)
    assert (found[0].start, found[0].end, found[0].p95_ms) == (after(-300), T0, None)


async def test_gaps_of_a_journey_are_found_from_poll_to_poll(httpserver):
    name, newest = PLAN.journeys[0].id, [T0.timestamp()]
    httpserver.expect_request("/j").respond_with_handler(
        lambda _: Response(json.dumps([{"journey": name, "newest": newest[0]}]), content_type="application/json")
    )
    async with asking(httpserver.url_for("/j"), 'topic = "journeys"') as source:
        await source.read(after(1))
        await source.read(after(700))
        newest[0] += 750
        beat = (await source.read(after(760)))[0]
    assert isinstance(beat, Beat)
    assert beat.gaps == ((T0, after(700)),)


BODIES = [
    (b"<html>", "text/html", "not JSON but text/html"),
    (b"<html>", "application/json", "not JSON at line 1, column 1"),
    (b'{"open": 1', "application/json", "not JSON at line 1, column 11"),
    (b"", "application/json", "empty answer"),
    (b'{"open": NaN}', "application/json", "NaN in the JSON is no number"),
    (b'{"open": -Infinity}', "application/json", "-Infinity in the JSON is no number"),
    (b'{"open": 1e999}', "application/json", "open is no usable number but inf"),
    (b'{"open": ' + b"9" * 5000 + b"}", "application/json", "a number of absurd length in the JSON"),
    (b"[" * 200_000, "application/json", "JSON nested too deeply"),
    (b'{"open": "\xff"}', "application/json", "not JSON: no UTF-8 text"),
    (b"null", "application/json", "open is missing"),
    (b"[]", "application/json", "open is missing"),
    (b'{"status": "error"}', "application/problem+json", "open is missing"),
    (b"\x1f\x8b\x00", "image/png", "not JSON but image/png"),
    (b'"\x1b[2J"', "text/plain", "not JSON at line 1, column 2"),
]


@pytest.mark.parametrize(("body", "kind", "said"), BODIES, ids=range(len(BODIES)))
async def test_row_44_an_answer_that_is_none(httpserver, body, kind, said):
    httpserver.expect_request("/q").respond_with_data(body, content_type=kind)
    assert await refused(httpserver.url_for("/q")) == said


@pytest.mark.parametrize(
    ("status", "said"), [(500, "500"), (503, "503"), (429, "429"), (401, "401, credentials?"), (204, "204")]
)
async def test_row_43_a_status_that_is_no_answer(httpserver, status, said):
    httpserver.expect_request("/q").respond_with_data("{}", status=status, content_type="application/json")
    assert await refused(httpserver.url_for("/q")) == said


async def test_row_41_a_port_where_nobody_listens():
    assert await refused(f"http://127.0.0.1:{free_port()}/q") == "refused"


@pytest.mark.parametrize("fault", [Fault(trickle=0.05), Fault(stall=True)], ids=["trickle", "stall"])
async def test_row_42_an_answer_that_never_ends_meets_the_total_deadline(httpserver, fault):
    httpserver.expect_request("/q").respond_with_json({"open": 1, "filler": "x" * 500})
    async with FaultProxy(httpserver.port) as proxy:
        await proxy.spoil(fault)
        said = await refused(f"http://127.0.0.1:{proxy.port}/q", plan=QUICK)
        await proxy.heal()
        await proxy.idle()
    assert said == "no answer in 0.425 s"


async def test_row_47_a_huge_answer_and_a_bomb(httpserver):
    httpserver.expect_request("/big").respond_with_data(b" " * 8_000_001, content_type="application/json")
    bomb = gzip.compress(b" " * 30_000_000)
    httpserver.expect_request("/bomb").respond_with_data(
        bomb, content_type="application/json", headers={"content-encoding": "gzip"}
    )
    assert await refused(httpserver.url_for("/big")) == "answer over 8 MB"
    assert await refused(httpserver.url_for("/bomb")) == "answer over 8 MB"


@pytest.mark.parametrize("target", TARGETS)
async def test_rows_48_and_59_a_redirect_is_told_and_never_followed(httpserver, target):
    """Also not to our own host: only what the settings name is asked."""
    httpserver.expect_request("/q").respond_with_data("", status=302, headers={"location": target})
    said = await refused(httpserver.url_for("/q"), 'topic = "queue"\ntoken = "${T}"', environ={"T": "sesame"})
    assert said.startswith("redirected to ") or said == "no http address"
    assert "sesame" not in said
    assert len(httpserver.log) == 1


async def test_a_part_that_is_missing_is_named_with_its_expression(httpserver):
    httpserver.expect_request("/q").respond_with_json({"total": 3})
    said = await refused(httpserver.url_for("/q"), 'topic = "queue"\nfields = { open = "count" }')
    assert said == 'open ("count") is missing'


async def test_unreadable_rows_leave_the_answer_without_proof(httpserver):
    httpserver.expect_request("/t").respond_with_json([{"id": 1}])
    async with asking(httpserver.url_for("/t"), 'topic = "triage"') as source:
        pulse = (await source.read(T0))[-1]
    assert isinstance(pulse, Pulse)
    assert not pulse.ok
    assert pulse.reason == "1 of 1 rows unreadable: at is missing"
    assert (pulse.unreadable, pulse.total) == (1, 1)


async def test_examining_says_what_was_seen_and_what_of_the_plan_was_not(httpserver):
    rows = [{"endpoint": ENDPOINT, "requests": 3, "errors": 0}, {"endpoint": "GET /else", "requests": 1, "errors": 0}]
    httpserver.expect_request("/t").respond_with_json(rows)
    async with asking(httpserver.url_for("/t") + "?from={start}", 'topic = "traffic"') as source:
        found = await source.examine(after(20))
    assert found[0].sight is Sight.GOOD
    assert found[0].text.endswith("2 rows")
    assert [(item.sight, item.text) for item in found[1:3]] == [
        (Sight.WARNING, "1 row of nothing in the plan"),
        (Sight.GOOD, "newest data 20s old"),
    ]
    assert [item.what for item in found if item.sight is Sight.PROBLEM] == list(PLAN.endpoints[1:])


async def test_examining_leaves_what_polls_remember_alone(httpserver):
    name = PLAN.journeys[0].id
    httpserver.expect_request("/j").respond_with_json([{"journey": name, "newest": T0.timestamp()}])
    async with asking(httpserver.url_for("/j"), 'topic = "journeys"', plan=replace(SLOW, gap=60)) as source:
        await source.examine(after(1))
        assert source._stills == {}


async def test_row_52_a_clock_that_differs_is_told_by_examining():
    ahead = format_datetime(datetime.now(UTC) + timedelta(seconds=180), usegmt=True)
    handler = small_shop(lambda _line: (200, '{"open": 1}', 0, f"Date: {ahead}"))
    async with handler as shop, asking(f"http://127.0.0.1:{shop.port}/q") as source:
        found = await source.examine(T0)
    (warning,) = [item.text for item in found if item.sight is Sight.WARNING]
    assert re.fullmatch(r"its clock is \+1[78]\d s off ours", warning)
