"""The scrape source against real sockets: what it reads, and everything a peer can do instead of answering."""

import asyncio
import gzip
import random
import time
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from werkzeug import Response

from cockpit.sources.base import SourceError
from cockpit.sources.exposition import SERIES_LIMIT, Exposition, Names
from cockpit.sources.http import BODY_LIMIT
from cockpit.sources.scrape import Scrape
from sessions.readings import Grain, Pulse, Topic, Traffic
from tests.build import PLAN, T0, after

QUICK = replace(PLAN, cadence=replace(PLAN.cadence, deadline=0.5))
SLOW = replace(PLAN, cadence=replace(PLAN.cadence, deadline=20))


class Service:
    """A concierge's metrics, counted by the official client."""

    def __init__(self):
        self.registry = CollectorRegistry()
        self.requests = Counter("http_requests", "n", ["method", "endpoint", "status"], registry=self.registry)
        buckets = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
        self.times = Histogram(
            "http_request_duration_seconds", "s", ["method", "endpoint"], registry=self.registry, buckets=buckets
        )

    def serve(self, endpoint: str, seconds: float, status: int = 200, times: int = 1) -> None:
        method, path = endpoint.split()
        for _ in range(times):
            self.requests.labels(method, path, status).inc()
            self.times.labels(method, path).observe(seconds)

    def text(self) -> bytes:
        return generate_latest(self.registry)


@asynccontextmanager
async def peer(*answers: bytes, pause: float = 0.0, close: bool = True):
    """A peer that says the given bytes piece by piece, whatever it is asked; it yields its address."""
    asked = []

    async def speak(reader, writer):
        try:
            asked.append(await reader.readuntil(b"\r\n\r\n"))
            for answer in answers:
                writer.write(answer)
                await writer.drain()
                await asyncio.sleep(pause)
            if not close:
                await reader.read()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(speak, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/metrics", asked
    finally:
        server.close()


@asynccontextmanager
async def scraping(*urls: str, plan=QUICK):
    async with httpx.AsyncClient(follow_redirects=True) as client:
        yield Scrape(client, urls, plan)


def reply(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", "Connection: close", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


async def why(*answers: bytes, plan=QUICK, **script) -> str:
    """Return the reason why these answers are none."""
    async with peer(*answers, **script) as (url, _), scraping(url, plan=plan) as source:
        with pytest.raises(SourceError) as caught:
            await source.read(T0)
    return str(caught.value)


async def test_two_scrapes_of_a_real_service_make_a_window(httpserver):
    service = Service()
    httpserver.expect_request("/metrics").respond_with_handler(lambda request: _response(service.text()))
    rng = random.Random(11)
    async with scraping(httpserver.url_for("/metrics")) as source:
        assert source.topics == (Topic.TRAFFIC,)
        (first,) = await source.read(T0)
        assert (first.ok, first.newest, first.topic) == (True, T0, Topic.TRAFFIC)
        for _ in range(200):
            service.serve("POST /capsules", rng.uniform(0.26, 0.49))
        service.serve("POST /capsules", 0.3, 500, times=3)
        service.serve("GET /elsewhere", 9, 500, times=50)
        readings = await source.read(after(15))
    traffic = {(one.endpoint, one.grain): one for one in readings if isinstance(one, Traffic)}
    assert set(traffic) == {("POST /capsules", Grain.WINDOW), ("POST /capsules", Grain.MINUTE)}
    window = traffic["POST /capsules", Grain.WINDOW]
    assert (window.start, window.end, window.at) == (T0, after(300), after(15))
    assert (window.requests, window.errors, window.covered) == (203, 3, 1)
    assert window.p95_ms == pytest.approx(250 + 250 * 0.95)
    assert httpserver.log[0][0].headers["Accept"] == "text/plain; version=0.0.4"


def _response(body: bytes, **more):
    return Response(body, content_type="text/plain; version=0.0.4", **more)


async def test_packed_answers_are_unpacked():
    text = gzip.compress(Service().text() + b"up 1\n")
    async with peer(reply(text, "Content-Encoding: gzip")) as (url, asked), scraping(url) as source:
        (pulse,) = await source.read(T0)
    assert pulse.ok
    assert b"accept-encoding: gzip\r\n" in asked[0].lower()


async def test_refused():
    """Row 41."""
    async with peer() as (url, _):
        pass
    async with scraping(url.replace("http://", "http://owner:hunter2@")) as source:
        with pytest.raises(SourceError) as caught:
            await source.read(T0)
    assert str(caught.value) == "refused"


@pytest.mark.parametrize("body", [[b"HTTP/1.1 "], [b"HTTP/1.1 200 OK\r\n\r\n", *[b"u"] * 500]])
async def test_an_answer_that_dribbles_is_given_up(body):
    """Row 42."""
    begun = time.monotonic()
    assert await why(*body, pause=0.01, close=False) == "no answer in 0.4 s"
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ("500 Oops", "500"),
        ("503 \x1b[2J", "503"),
        ("429 Slow", "429"),
        ("404 No", "404"),
        ("204 None", "204"),
        ("401 Who", "401, credentials?"),
        ("403 Not you", "403, credentials?"),
    ],
)
async def test_other_answers_than_200(status, told):
    """Row 43."""
    assert await why(reply(b"up 1\n", status=status).replace(b"\x1b[2J", b"busy")) == told


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "empty answer"),
        (b"\n\n", "empty answer"),
        (b"<!doctype html>\n<p>Sign in</p>\n", "not Prometheus text"),
        (b'{"status": "ok"}\n', "not Prometheus text"),
        (b'{"status": "ok"}', "not Prometheus text"),
        (b"Hello world\n", "not Prometheus text"),
        (b"\xff\xfe\x00", "not Prometheus text"),
        (b"\x1f\x8b\x08", "not Prometheus text"),
        (b"http_requests_total{method=\n", "not Prometheus text"),
        (b"up 1\nhttp_requests_tot", "answer cut short"),
        (b'# HELP x\nhttp_requests_total{method="GET"} 12', "answer cut short"),
        (b"up 1\n<p>\n<p>\n", None),
    ],
)
async def test_what_is_no_prometheus_text(body, told):
    """Row 44."""
    if told is None:
        async with peer(reply(body)) as (url, _), scraping(url) as source:
            (pulse,) = await source.read(T0)
        assert (pulse.ok, pulse.reason, pulse.unreadable) == (False, "2 of 3 lines unreadable", 2)
    else:
        assert await why(reply(body)) == told


async def test_no_http_at_all():
    """Row 44."""
    assert await why(b"SSH-2.0-OpenSSH_9\r\n") == "connection lost"


async def test_a_body_cut_by_the_peer():
    """Row 44."""
    assert await why(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\nup 1\n") == "connection lost"
    whole = gzip.compress(b"up 1\n" * 1000)
    assert await why(reply(whole[:-9], "Content-Encoding: gzip")) == "answer cut short"


async def test_a_body_without_end():
    """Row 47."""
    line = b"a_metric_of_somebody_else 1\n" * 4000
    endless = [b"HTTP/1.1 200 OK\r\n\r\n", *[line] * (BODY_LIMIT // len(line) + 2)]
    assert await why(*endless, plan=SLOW) == "answer over 8 MB"


async def test_a_gzip_bomb():
    """Row 47."""
    bomb = gzip.compress(b"\n" * 300_000_000, compresslevel=1)
    assert len(bomb) < BODY_LIMIT
    assert await why(reply(bomb, "Content-Encoding: gzip"), plan=SLOW) == "answer over 8 MB"


async def test_an_unknown_packing():
    assert await why(reply(b"up 1\n", "Content-Encoding: br")) == "packed as br"


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("http://owner:hunter2@169.254.169.254/latest?token=s3", "redirected to 169.254.169.254"),
        ("https://elsewhere.example:8443/x", "redirected to elsewhere.example:8443"),
        ("/metrics", "redirected to /metrics"),
        ("file:///etc/passwd", "redirected to /etc/passwd"),
    ],
)
async def test_redirects_are_named_and_not_followed(target, told):
    """Rows 48, 59 and 84."""
    async with peer(reply(b"", f"Location: {target}", status="302 Found")) as (url, asked), scraping(url) as source:
        with pytest.raises(SourceError) as caught:
            await source.read(T0)
    assert str(caught.value) == told
    assert len(asked) == 1


async def test_a_dead_instance_makes_the_answer_partial(httpserver):
    """Row 46: what the others say is shown, and proves nothing."""
    service = Service()
    service.serve("POST /csat", 0.1)
    httpserver.expect_request("/metrics").respond_with_handler(lambda request: _response(service.text()))
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


@pytest.mark.parametrize("url", ["metrics", "ftp://127.0.0.1/x", "http://", "http://[::1", "http://127.0.0.1:99999/"])
async def test_an_address_that_is_none(url):
    async with scraping(url) as source:
        with pytest.raises(SourceError) as caught:
            await source.read(T0)
    assert str(caught.value) in {"no http address", "no connection", "unknown host"}


async def test_when_all_endpoints_vanish_the_source_still_answers():
    """Row 50: the pulse is good, and there is no window: the judge says silent."""
    async with peer(reply(b"up 1\n")) as (url, _), scraping(url) as source:
        assert [type(one) for one in await source.read(T0)] == [Pulse]
        (pulse,) = await source.read(after(15))
    assert pulse.ok


async def test_samples_that_carry_an_old_time_are_stale():
    """Row 51."""
    line = 'http_requests_total{method="POST",endpoint="/csat",status="200"} 5 %d\n'
    stamp = int(T0.timestamp() * 1000)
    assert await why(reply((line % (stamp - 250_000)).encode())) == "samples are 4m10s old"
    async with peer(reply((line % stamp).encode())) as (url, _), scraping(url) as source:
        (pulse,) = await source.read(after(PLAN.cadence.traffic_stale))
    assert pulse.ok


def read(text: str, *, names: Names | None = None):
    return Exposition(PLAN.endpoints, names or Names()).read(text)


CSAT = '{method="POST",endpoint="/csat",status="200"}'


@pytest.mark.parametrize(
    ("line", "good"),
    [
        (f"http_requests_total{CSAT} 5", True),
        (f"  http_requests_total {CSAT}\t5 ", True),
        (f"http_requests_total{CSAT} 5\r", True),
        (f"http_requests_total{CSAT} 1.5e3 1795400000000", True),
        ('http_requests_total{status="200",pod="a}b{\\"c",endpoint="/csat",method="POST"} 5', True),
        (f"http_requests_total{CSAT} NaN", False),
        (f"http_requests_total{CSAT} +Inf", False),
        (f"http_requests_total{CSAT} -1", False),
        (f"http_requests_total{CSAT} 5_0", False),
        (f"http_requests_total{CSAT}", False),
        (f"http_requests_total{CSAT[:-1]} 5", False),
        ('http_requests_total{method="POST",endpoint="/csat"} 5', False),
        ("http_requests_total 5", False),
        ('http_request_duration_seconds_bucket{method="POST",endpoint="/csat"} 5', False),
        ('http_request_duration_seconds_bucket{method="POST",endpoint="/csat",le="often"} 5', False),
        ('http_request_duration_seconds_bucket{method="POST",endpoint="/csat",le="NaN"} 5', False),
        ('http_request_duration_seconds_bucket{method="POST",endpoint="/csat",le="0.50"} 5', True),
    ],
)
def test_lines_that_are_wanted(line, good):
    """Rows 45 and 54."""
    found = read(f"up 1\n{line}\n")
    assert (len(found.values), found.unreadable, found.lines) == (int(good), int(not good), 2)


def test_a_series_named_twice_is_not_counted_twice():
    """Row 54."""
    found = read(f"http_requests_total{CSAT} 5\nhttp_requests_total{CSAT} 9\n")
    assert ([value for _, value in found.values.values()], found.unreadable) == ([5], 1)


def test_labels_and_metrics_may_have_other_names():
    names = Names("hits", "took_bucket", "verb", "route", "code")
    found = read(
        'hits{verb="POST",route="/csat",code="503"} 5\ntook_bucket{verb="POST",route="/csat",le="+Inf"} 5\n',
        names=names,
    )
    series = [series for series, _ in found.values.values()]
    assert [(one.endpoint, one.bound, one.failed) for one in series] == [
        ("POST /csat", None, True),
        ("POST /csat", float("inf"), False),
    ]


def test_too_many_series():
    """Row 54."""
    with pytest.raises(SourceError, match="over 50,000 series"):
        read("x 1\n" * (SERIES_LIMIT + 1))


@given(st.text())
def test_any_text_is_read_or_refused(text):
    """Row 44."""
    told = ""
    try:
        found = read(text + "\n")
    except SourceError as error:
        told = str(error)
    else:
        assert found.unreadable <= found.lines
    assert told in {"", "not Prometheus text", "empty answer"}


def test_a_service_that_has_not_counted_yet_is_no_failure():
    assert read("# HELP http_requests_total n\n# TYPE http_requests_total counter\n").lines == 0
