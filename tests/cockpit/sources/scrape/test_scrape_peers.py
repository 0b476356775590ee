"""Everything a peer can do instead of answering a scrape, over real sockets."""

import gzip
import time
import tracemalloc

import pytest

from cockpit.http.client import BODY_LIMIT
from cockpit.sources.interface.source import SourceError
from tests.support.build import PLAN, T0, after
from tests.support.faults.fault_proxy import Fault, FaultProxy
from tests.support.sources.scrape_kit import QUICK, SLOW, Service, peer, reply, scraping, why


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
    assert await why(*body, pause=0.01, close=False, plan=QUICK) == "no answer in 0.4 s"
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
    assert await why(*endless) == "answer over 8 MB"


async def test_a_gzip_bomb_leaves_memory_flat():
    """Row 47."""
    bomb = gzip.compress(b"\n" * 300_000_000, compresslevel=1)
    assert len(bomb) < BODY_LIMIT
    async with peer(reply(bomb, "Content-Encoding: gzip")) as (url, _), scraping(url) as source:
        tracemalloc.start()
        try:
            with pytest.raises(SourceError, match=r"^answer over 8 MB$"):
                await source.read(T0)
            assert tracemalloc.get_traced_memory()[1] < 4 * BODY_LIMIT
        finally:
            tracemalloc.stop()


async def test_what_follows_the_end_of_a_packed_answer_is_no_part_of_it():
    """Row 44: a second member would be lost without a word."""
    twice = gzip.compress(b"up 1\n") + gzip.compress(b"http_requests_total 1\n")
    assert await why(reply(twice, "Content-Encoding: gzip")) == "answer goes on after its end"


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


async def test_samples_that_carry_an_old_time_are_stale():
    """Row 51."""
    line = 'http_requests_total{method="POST",endpoint="/csat",status="200"} 5 %d\n'
    stamp = int(T0.timestamp() * 1000)
    assert await why(reply((line % (stamp - 250_000)).encode())) == "samples are 4m10s old"
    async with peer(reply((line % stamp).encode())) as (url, _), scraping(url) as source:
        (pulse,) = await source.read(after(PLAN.cadence.traffic_stale))
    assert pulse.ok


@pytest.mark.parametrize("url", ["metrics", "ftp://127.0.0.1/x", "http://", "http://[::1", "http://127.0.0.1:99999/"])
async def test_an_address_that_is_none(url):
    async with scraping(url) as source:
        with pytest.raises(SourceError) as caught:
            await source.read(T0)
    assert str(caught.value) in {"no http address", "no connection", "unknown host"}


@pytest.mark.parametrize(
    "kind", ["text/html; charset=utf-8", "Application/JSON", "application/vnd.google.protobuf; encoding=delimited"]
)
async def test_another_content_type_is_believed(kind):
    """Row 44."""
    assert await why(reply(b"up 1\n", f"Content-Type: {kind}")) == "not Prometheus text"


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (Fault(refuse=True), "refused"),
        (Fault(trickle=0.02), "no answer in 0.4 s"),
        (Fault(delay=5), "no answer in 0.4 s"),
        (Fault(stall=True), "no answer in 0.4 s"),
        (Fault(cut=300), "connection lost"),
        (Fault(cut=0), "connection lost"),
        (Fault(garbage=b"\x16\x03\x01 hello"), "connection lost"),
        (Fault(garbage=b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n\x00\xff\xfe\x01\n"), "not Prometheus text"),
        (Fault(reset=True), "connection lost"),
    ],
)
async def test_a_bad_line_to_a_good_service(httpserver, fault, told):
    """Rows 41, 42 and 44: each fault is told, and forgotten once it is over."""
    httpserver.expect_request("/metrics").respond_with_handler(Service().answer)
    plan = QUICK if told.startswith("no answer") else SLOW
    async with (
        FaultProxy(httpserver.port) as proxy,
        scraping(f"http://127.0.0.1:{proxy.port}/metrics", plan=plan) as source,
    ):
        await proxy.spoil(fault)
        with pytest.raises(SourceError) as caught:
            await source.read(T0)
        assert str(caught.value) == told
        await proxy.idle()
        await proxy.heal()
        source.deadline = SLOW.cadence.deadline
        *_, pulse = await source.read(after(15))
    assert pulse.ok


async def test_a_redirect_to_itself_is_asked_once(httpserver):
    """Row 48."""
    httpserver.expect_request("/metrics").respond_with_data(status=301, headers={"Location": "/metrics"})
    async with scraping(httpserver.url_for("/metrics")) as source:
        with pytest.raises(SourceError, match=r"^redirected to /metrics$"):
            await source.read(T0)
    assert len(httpserver.log) == 1


async def test_samples_from_the_future_prove_nothing():
    """Rows 51 and 52."""
    line = 'http_requests_total{method="POST",endpoint="/csat",status="200"} 5 %d\n'
    ahead = int((T0.timestamp() + 180) * 1000)
    assert await why(reply((line % ahead).encode())) == "samples are dated 3m00s ahead"


async def test_one_old_sample_among_fresh_ones_is_told():
    """Row 51: the newest would hide it. What nobody wants may be as old as it likes."""
    line = 'http_requests_total{method="POST",endpoint="/csat",status="%d"} 5 %d\n'
    stamp = int(T0.timestamp() * 1000)
    fresh, old = line % (200, stamp), line % (500, stamp - 120_000)
    assert await why(reply((fresh + old).encode())) == "samples are 2m00s old"
    unwanted = f"somebody_else 5 {stamp - 999_000}\n"
    async with peer(reply((fresh + unwanted).encode())) as (url, _), scraping(url) as source:
        (pulse,) = await source.read(T0)
    assert pulse.ok
