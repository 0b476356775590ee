"""How soon a source that lies, fails or falls silent is no proof any more: the stale bound and one poll (T15)."""

import asyncio
import gzip

import httpx
import pytest
from msgspec.structs import replace

from cockpit.http.client import BODY_LIMIT
from cockpit.settings.models.traffic import Scrape as Spec
from cockpit.sources.interface.source import SourceError
from cockpit.sources.scrape.source import Scrape
from sessions.criteria import errors, latency
from sessions.state.reducer import observe
from sessions.values.readings import Pulse, Topic
from sessions.values.verdicts import Mark
from tests.support.build import PLAN, T0, after
from tests.support.faults.fault_proxy import Fault, FaultProxy
from tests.support.screen.grown_flight import Flight
from tests.support.sources.scrape_kit import Service, peer, reply, scraping

POLL, STALE = PLAN.cadence.traffic, PLAN.cadence.traffic_stale
LAST = 1200
HASTY = replace(PLAN, cadence=replace(PLAN.cadence, deadline=0.1))
PATIENT = replace(PLAN, cadence=replace(PLAN.cadence, deadline=20))


def flown(service, each, seconds=LAST):
    """Return the state after a flight over a service without sockets; `each` serves between two polls."""
    flight = Flight().wrote(T0, "watch.started", "watch started", pid=1, host="here")
    flight.wrote(T0, "flag.confirmed", "flag confirmed", intent="a", percent=10)
    flight.wrote(T0, "phase.entered", "10 % entered", by="owner", phase=10, previous=0, evidence=())

    async def fly():
        transport = httpx.MockTransport(lambda request: httpx.Response(200, stream=httpx.ByteStream(service.text())))
        async with httpx.AsyncClient(transport=transport) as client:
            source = Scrape(client, Spec(urls=("http://shop/metrics",)), PATIENT)
            for second in range(0, seconds + 1, int(POLL)):
                flight.saw(*await source.read(after(second)))
                each()

    asyncio.run(fly())
    return flight.state


@pytest.fixture(scope="module")
def good():
    """Twenty calm minutes, all endpoints busy."""
    service = Service()
    state = flown(service, lambda: [service.serve(endpoint, 0.2, times=3) for endpoint in PLAN.endpoints])
    assert marks(state, LAST) == (Mark.PASS, Mark.PASS)
    return state


def marks(state, second):
    return latency.judge(state, after(second)).mark, errors.judge(state, after(second)).mark


async def unproved(state, source):
    """Poll a broken source from its last good answer on; return when nothing passes any more, and what is said."""
    for second in range(LAST + int(POLL), LAST + int(STALE + POLL) + 1, int(POLL)):
        try:
            readings = await source.read(after(second))
        except SourceError as error:
            readings = [Pulse("scrape", after(second), Topic.TRAFFIC, False, str(error))]
        for reading in readings:
            state = observe(state, reading)
        if not any(mark is Mark.PASS for mark in marks(state, second)):
            return second - LAST, latency.judge(state, after(second)).text
    return None, latency.judge(state, after(second)).text


def old_page():
    """A page that repeats what was counted when the last good answer came."""
    stamp = int(after(LAST).timestamp() * 1000)
    rows = (endpoint.split() for endpoint in PLAN.endpoints)
    lines = (f'http_requests_total{{method="{m}",endpoint="{p}",status="200"}} 5 {stamp}\n' for m, p in rows)
    return reply("".join(lines).encode())


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        pytest.param(reply(b"x 1\n", status="500 No"), "500", id="row 43"),
        pytest.param(reply(b"x 1\n", status="429 No"), "429", id="row 43, slower"),
        pytest.param(reply(b"x 1\n", status="401 No"), "401, credentials?", id="row 43, login"),
        pytest.param(reply(b"<html></html>\n"), "not Prometheus text", id="row 44"),
        pytest.param(reply(b""), "empty answer", id="row 44, empty"),
        pytest.param(
            reply(gzip.compress(b"\n" * (BODY_LIMIT + 1)), "Content-Encoding: gzip"), "answer over 8 MB", id="row 47"
        ),
        pytest.param(reply(b"", "Location: http://in.example/", status="302 No"), "redirected", id="row 48"),
        pytest.param(reply(b'http_requests_total{a="b"} NaN\n'), "not Prometheus text", id="row 45"),
        pytest.param(old_page(), "samples are", id="row 51"),
        pytest.param(reply(b"x 1\n" * 50_001), "over 50,000 series", id="row 54"),
    ],
)
async def test_a_wrong_answer_is_no_proof_in_time(good, answer, told):
    async with peer(answer) as (url, _), scraping(url, plan=PATIENT) as source:
        taken, text = await unproved(good, source)
    assert taken is not None
    assert taken <= STALE + POLL
    assert told in text


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        pytest.param(Fault(refuse=True), "refused", id="row 41"),
        pytest.param(Fault(stall=True), "no answer in 0.08 s", id="row 42"),
        pytest.param(Fault(trickle=0.02), "no answer in 0.08 s", id="row 42, a byte at a time"),
    ],
)
async def test_a_dead_line_is_no_proof_in_time(good, httpserver, fault, told):
    httpserver.expect_request("/metrics").respond_with_handler(Service().answer)
    async with FaultProxy(httpserver.port) as proxy:
        await proxy.spoil(fault)
        async with scraping(f"http://127.0.0.1:{proxy.port}/metrics", plan=HASTY) as source:
            taken, text = await unproved(good, source)
    assert taken is not None
    assert told in text


async def test_one_failed_poll_is_forgiven(good):
    """Below the stale bound nothing turns: the promise has two sides."""
    state = observe(good, Pulse("scrape", after(LAST + 15), Topic.TRAFFIC, False, "refused"))
    assert marks(state, LAST + 15) == (Mark.PASS, Mark.PASS)
    assert marks(state, LAST + int(STALE)) == (Mark.PASS, Mark.PASS)
    assert marks(state, LAST + int(STALE) + 1) == (Mark.BLIND, Mark.BLIND)


async def test_vanished_series_are_no_proof_in_time(good):
    """Row 50: the page answers, and what was on it is gone."""
    async with peer(reply(b"up 1\n")) as (url, _), scraping(url, plan=PATIENT) as source:
        source._met = True
        taken, text = await unproved(good, source)
    assert taken is not None
    assert "all series vanished" in text


def test_little_traffic_is_thin():
    """Row 53: it says how much is missing."""
    service = Service()
    state = flown(service, lambda: [service.serve(endpoint, 0.2) for endpoint in PLAN.endpoints])
    assert marks(state, LAST)[0] is Mark.PASS
    sparse = Service()
    turns = iter(range(1000))
    state = flown(sparse, lambda: next(turns) % 2 or [sparse.serve(endpoint, 0.2) for endpoint in PLAN.endpoints])
    verdict = latency.judge(state, after(LAST))
    assert verdict.mark is Mark.THIN
    assert verdict.text == f"10 requests in 5 min < 20 needed on {PLAN.endpoints[0]}"
