"""The scrape source against real sockets: what it reads, of one service and of several instances."""

import gzip
import random

import pytest

from cockpit.sources.interface.source import SourceError
from cockpit.sources.scrape.source import open_source
from sessions.values.readings import Grain, Pulse, Topic, Traffic
from tests.support.build import T0, after
from tests.support.sources.ordering import order, spec
from tests.support.sources.scrape_kit import Service, peer, reply, scraping


async def test_two_scrapes_of_a_real_service_make_a_window(httpserver):
    service = Service()
    httpserver.expect_request("/metrics").respond_with_handler(service.answer)
    rng = random.Random(11)
    async with scraping(httpserver.url_for("/metrics")) as source:
        assert source.topics == (Topic.TRAFFIC,)
        (first,) = await source.read(T0)
        assert (first.ok, first.newest, first.topic) == (True, T0, Topic.TRAFFIC)
        for _ in range(200):
            service.serve("POST /capsules", rng.uniform(0.26, 0.49))
        service.serve("POST /capsules", 0.3, 500, times=3)
        service.serve("POST /capsules", 0.3, 404, times=20)
        service.serve("GET /elsewhere", 9, 500, times=50)
        readings = await source.read(after(15))
    traffic = {(one.endpoint, one.grain): one for one in readings if isinstance(one, Traffic)}
    assert set(traffic) == {("POST /capsules", Grain.WINDOW), ("POST /capsules", Grain.MINUTE)}
    window = traffic["POST /capsules", Grain.WINDOW]
    assert (window.start, window.end, window.at) == (T0, after(300), after(15))
    assert (window.requests, window.errors, window.refused, window.covered) == (223, 3, 20, 1)
    assert window.p95_ms == pytest.approx(250 + 250 * 0.95)
    assert httpserver.log[0][0].headers["Accept"].startswith("text/plain;version=0.0.4, application/openmetrics-text")


async def test_packed_answers_are_unpacked():
    text = gzip.compress(Service().text() + b"up 1\n")
    async with peer(reply(text, "Content-Encoding: gzip")) as (url, asked), scraping(url) as source:
        (pulse,) = await source.read(T0)
    assert pulse.ok
    assert b"accept-encoding: gzip\r\n" in asked[0].lower()


async def test_a_dead_instance_makes_the_answer_partial(httpserver):
    """Row 46: what the others say is shown, and proves nothing."""
    service = Service()
    service.serve("POST /csat", 0.1)
    httpserver.expect_request("/metrics").respond_with_handler(service.answer)
    async with peer() as (dead, _), scraping(httpserver.url_for("/metrics"), dead) as source:
        await source.read(T0)
        service.serve("POST /csat", 0.1, times=9)
        *traffic, pulse = await source.read(after(15))
    place = dead.removeprefix("http://").removesuffix("/metrics")
    assert (pulse.ok, pulse.reason) == (False, f"{place}: connection lost")
    assert {one.requests for one in traffic} == {9}


async def test_all_instances_dead():
    async with peer() as (one, _), peer() as (two, _), scraping(one, two) as source:
        with pytest.raises(SourceError, match="connection lost"):
            await source.read(T0)


async def test_nobody_to_ask():
    async with scraping() as source:
        with pytest.raises(SourceError, match="no address"):
            await source.read(T0)


async def test_a_page_that_never_had_an_endpoint_still_answers():
    """Row 50: the pulse is good, and there is no window: the judge says silent."""
    async with peer(reply(b"up 1\n")) as (url, _), scraping(url) as source:
        assert [type(one) for one in await source.read(T0)] == [Pulse]
        (pulse,) = await source.read(after(15))
    assert pulse.ok


async def test_a_page_that_loses_every_endpoint_proves_nothing_any_more(httpserver):
    """Row 50: otherwise the windows of before would stay fresh."""
    service = Service()
    service.serve("POST /csat", 0.1)
    httpserver.expect_request("/metrics").respond_with_handler(service.answer)
    async with scraping(httpserver.url_for("/metrics")) as source:
        await source.read(T0)
        service.requests.clear()
        service.times.clear()
        *_, pulse = await source.read(after(15))
        assert (pulse.ok, pulse.reason) == (False, "all series vanished")
        service.serve("POST /csat", 0.1)
        *_, pulse = await source.read(after(30))
    assert pulse.ok


async def test_a_restarted_service_begins_at_zero(httpserver):
    """Row 49: the rate is neither negative nor a spike, and the window says what happened."""
    service = Service()
    service.serve("POST /csat", 0.1, times=900)
    httpserver.expect_request("/metrics").respond_with_handler(lambda request: service.answer())
    async with scraping(httpserver.url_for("/metrics")) as source:
        await source.read(T0)
        service = Service()
        service.serve("POST /csat", 0.3, times=40)
        window, minute, pulse = await source.read(after(15))
    assert (window.requests, window.errors, window.reset, window.covered) == (40, 0, True, 1)
    assert (minute.requests, minute.reset, pulse.ok) == (40, True, True)
    assert 250 < window.p95_ms <= 500


async def test_open_metrics_are_read_by_their_content_type(httpserver):
    service = Service()
    service.serve("POST /csat", 0.1)
    httpserver.expect_request("/metrics").respond_with_handler(service.open_answer)
    async with scraping(httpserver.url_for("/metrics")) as source:
        await source.read(T0)
        service.serve("POST /csat", 0.3, times=30)
        window, _, pulse = await source.read(after(15))
    assert (window.requests, window.bucket_ms, window.over) == (30, (250, 500), 0)
    assert (pulse.ok, pulse.unreadable, pulse.newest) == (True, 0, after(15))


async def test_a_bound_inside_a_bucket_is_noted_from_the_start(httpserver):
    service = Service(buckets=(0.4, 0.75))
    service.serve("POST /csat", 0.1)
    httpserver.expect_request("/metrics").respond_with_handler(service.answer)
    async with scraping(httpserver.url_for("/metrics")) as source:
        (pulse,) = await source.read(T0)
    assert (pulse.ok, pulse.note) == (True, "500 ms lies inside a bucket (400–750 ms)")


async def test_samples_with_a_time_are_as_old_as_they_say():
    """Row 51: the answer counts from when it was measured, so the stale bound is not granted twice."""
    line = 'http_requests_total{method="POST",endpoint="/csat",status="200"} 5 %d\n'
    async with peer(reply((line % int(T0.timestamp() * 1000)).encode())) as (url, _), scraping(url) as source:
        (pulse,) = await source.read(after(40))
    assert (pulse.ok, pulse.at, pulse.newest) == (True, T0, T0)


async def test_the_settings_name_pace_and_credentials():
    text = """
        urls = ["URL"]
        token = "${TOKEN}"
        every = "20s"
        timeout = "3s"
        metrics = { method = "", endpoint = "route" }
    """
    series = b'http_requests_total{route="POST /csat",status="200"} 5\n'
    async with peer(reply(series)) as (url, asked):
        (source,) = open_source(
            order(environ={"TOKEN": "hunter2"}, name="shop"), spec("scrape", text.replace("URL", url))
        )
        await source.read(T0)
        *traffic, pulse = await source.read(after(20))
        await source.aclose()
    assert (source.name, source.interval, source.deadline) == ("shop", 20, 3)
    assert b"authorization: bearer hunter2" in asked[0].lower()
    assert {one.source for one in (*traffic, pulse)} == {"shop"}
    assert {one.endpoint for one in traffic} == {"POST /csat"}
