"""What every source over HTTP shares: bounded, without the environment, without a leak."""

import asyncio
import base64
import socket
import ssl
import zlib
from contextlib import asynccontextmanager

import httpx
import pytest

from cockpit.http.client import FAILURES, Fetched, advice, dated, fetch, open_client, place_of, reason
from cockpit.http.exchange import Exchange, Moment
from cockpit.runtime.errors import AnswerError
from cockpit.settings.schema.http_access import Access
from cockpit.settings.schema.secrets import Secret, SecretError, Secrets
from tests.support.build import T0
from tests.support.faults.fault_proxy import Fault, FaultProxy
from tests.support.sources.scrape_kit import peer, reply

CANARY = "hunter2-canary"
ENVIRON = {"CANARY": CANARY}
SECRET = Secret("${CANARY}")
FULL = Access(
    token=SECRET, headers={"X-Scope-OrgID": Secret("shop"), "X-Api-Key": SECRET}, params={"team": Secret("shop")}
)


@asynccontextmanager
async def client(access=None, environ=None):
    async with open_client(access or Access(), Secrets(environ or ENVIRON), 20) as opened:
        yield opened


async def asked_with(access, path="/x"):
    """Return the request's head as the peer got it."""
    async with peer(reply(b"{}")) as (url, asked), client(access) as ours:
        await fetch(ours, ours.build_request("GET", url.replace("/metrics", path)))
    return asked[0].decode().lower()


async def test_the_owners_credentials_are_sent():
    head = await asked_with(FULL, "/x?page=2")
    assert head.startswith("get /x?page=2&team=shop http/1.1")
    assert f"authorization: bearer {CANARY}" in head
    assert "x-scope-orgid: shop" in head
    assert f"x-api-key: {CANARY}" in head
    basic = base64.b64encode(f"shop:{CANARY}".encode()).decode().lower()
    assert f"authorization: basic {basic}" in await asked_with(Access(user="shop", password=SECRET))


async def test_credentials_go_to_no_other_host():
    """Row 48: not even a client that follows redirects is led away."""
    async with peer(reply(b"mine")) as (elsewhere, taken):
        moved = reply(b"", f"Location: {elsewhere}", status="307 Moved")
        async with peer(moved) as (url, asked), client(FULL) as ours:
            ours.follow_redirects = True
            with pytest.raises(AnswerError, match="redirected to 127"):
                await fetch(ours, ours.build_request("GET", url))
    assert (len(asked), taken) == (1, [])


async def test_nothing_of_the_environment_is_used(monkeypatch, tmp_path):
    """Neither a proxy, nor a netrc, nor a cookie that came before."""
    async with peer(reply(b"through the proxy")) as (proxy, through):
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy)
        netrc = tmp_path / "netrc"
        netrc.write_text(f"machine 127.0.0.1 login owner password {CANARY}\n")
        netrc.chmod(0o600)
        monkeypatch.setenv("NETRC", str(netrc))
        head = await asked_with(Access())
    assert through == []
    assert "authorization" not in head


async def test_an_unset_secret_opens_nothing():
    with pytest.raises(SecretError, match="CANARY is not set"):
        open_client(FULL, Secrets({}), 1)


@pytest.mark.parametrize("value", ["geheimnis\u00e4canary", "one\ntwo", "a\x00b"])
def test_a_secret_that_no_header_can_carry_is_told_without_it(value):
    with pytest.raises(AnswerError) as caught:
        open_client(FULL, Secrets({"CANARY": value}), 1)
    assert str(caught.value) == "a header or the token is not plain ASCII"


def test_certificates_that_cannot_be_read(tmp_path):
    (tmp_path / "bad.pem").write_text("no certificate")
    for name in ("missing.pem", "bad.pem"):
        with pytest.raises(AnswerError, match=r"^ca_file "):
            open_client(Access(ca_file=str(tmp_path / name)), Secrets({}), 1)


@pytest.mark.parametrize("fault", [Fault(stall=True), Fault(trickle=0.05)])
async def test_who_gives_up_closes_the_socket_at_once(httpserver, fault):
    """Row 42: the deadline is the caller's, and nothing is left open behind it."""
    httpserver.expect_request("/x").respond_with_data("y" * 5000)
    async with FaultProxy(httpserver.port) as proxy, client() as ours:
        await proxy.spoil(fault)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await fetch(ours, ours.build_request("GET", f"http://127.0.0.1:{proxy.port}/x"))
        await proxy.idle()
        assert (proxy.accepted, proxy.open) == (1, 0)


async def test_a_task_that_is_cancelled_closes_it_too(httpserver):
    httpserver.expect_request("/x").respond_with_data("y")
    async with FaultProxy(httpserver.port) as proxy, client() as ours:
        await proxy.spoil(Fault(stall=True))
        task = asyncio.create_task(fetch(ours, ours.build_request("GET", f"http://127.0.0.1:{proxy.port}/x")))
        await proxy.met()
        task.cancel()
        await proxy.idle()
        assert task.cancelled()


async def test_a_limit_of_ones_own():
    """Row 47."""
    async with peer(reply(b"x" * 2_000_001)) as (url, _), client() as ours:
        with pytest.raises(AnswerError, match="answer over 2 MB"):
            await fetch(ours, ours.build_request("GET", url), limit=2_000_000)


def _chained(outer: Exception, inner: BaseException) -> Exception:
    outer.__cause__ = inner
    return outer


ADDRESS = f"http://owner:{CANARY}@in.example/?key={CANARY}"
REQUEST = httpx.Request("GET", ADDRESS)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (AnswerError("503"), "503"),
        (httpx.ReadTimeout(ADDRESS, request=REQUEST), "no answer in 4 s"),
        (httpx.PoolTimeout(ADDRESS), "no answer in 4 s"),
        (httpx.ConnectError(ADDRESS, request=REQUEST), "no connection"),
        (_chained(httpx.ConnectError(ADDRESS), ConnectionRefusedError(111, ADDRESS)), "refused"),
        (_chained(httpx.ConnectError(ADDRESS), socket.gaierror(-2, ADDRESS)), "unknown host"),
        (_chained(httpx.ConnectError(ADDRESS), ssl.SSLCertVerificationError(1, ADDRESS)), "certificate or TLS refused"),
        (
            _chained(
                httpx.ConnectError(ADDRESS), ExceptionGroup(ADDRESS, [OSError(ADDRESS), ConnectionRefusedError()])
            ),
            "refused",
        ),
        (httpx.RemoteProtocolError(ADDRESS, request=REQUEST), "connection lost"),
        (httpx.ReadError(ADDRESS), "connection lost"),
        (httpx.LocalProtocolError(ADDRESS), "connection lost"),
        (httpx.UnsupportedProtocol(ADDRESS), "no http address"),
        (httpx.InvalidURL(ADDRESS), "no http address"),
        (zlib.error(ADDRESS), "not Prometheus text"),
        (OSError(24, ADDRESS), "connection lost"),
        (ExceptionGroup(ADDRESS, [OSError(ADDRESS)]), "connection lost"),
    ],
)
def test_a_reason_shows_neither_address_nor_secret(error, told):
    """Rows 41, 48, 84."""
    assert isinstance(error, FAILURES)
    assert reason(error, 4) == told
    assert CANARY not in reason(error, 4)
    assert advice(told)


def test_a_loop_of_causes_ends():
    first, second = httpx.ReadError("a"), OSError("b")
    first.__cause__, second.__cause__ = second, first
    assert reason(first, 1) == "connection lost"


@pytest.mark.parametrize(
    ("url", "place"),
    [
        (f"https://owner:{CANARY}@shop.example:8443/x?key={CANARY}#{CANARY}", "shop.example:8443"),
        ("http://shop.example/metrics", "shop.example"),
        ("http://[::1]:9090/x", "::1:9090"),
        ("http://[::1", "?"),
        ("/login", "/login"),
        ("http://sh\x1b[2Jop/", "?"),
    ],
)
def test_a_place_is_host_and_port(url, place):
    """Rows 81 and 84."""
    assert place_of(url) == place


@pytest.mark.parametrize(
    ("date", "ahead"),
    [
        ("Mon, 23 Nov 2026 10:00:00 GMT", 0),
        ("Mon, 23 Nov 2026 10:00:02 GMT", 0),
        ("Mon, 23 Nov 2026 09:59:59 GMT", 0),
        ("Mon, 23 Nov 2026 10:03:02 GMT", 180),
        ("Mon, 23 Nov 2026 09:57:00 GMT", -179),
        ("Mon, 23 Nov 2026 10:03:02", 180),
        ("yesterday", None),
        ("", None),
        ("Mon, 23 Nov 99999 10:00:00 GMT", None),
    ],
)
def test_a_servers_clock_against_ours(date, ahead):
    """Row 52: asked at 10:00:00, answered two seconds later."""
    answer = Fetched(200, b"", {"date": date}, exchange=Exchange(7.0, 9.0))
    assert dated(answer, Moment(T0, 7.0)) == ahead
