"""Certificates: their dates read from DER, and row 56: what users could not trust is an error, with reason and date."""

import asyncio
import base64
import ssl
from datetime import UTC, datetime, timedelta

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st

from cockpit.runtime.finding import Sight
from cockpit.sources.probe.certificates import refusal, shown_by, validity
from tests.support.peers.small_shop import small_shop
from tests.support.sources.probing import GET, ONE, asked, probing, until

NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture(scope="module")
def roots(authority, tmp_path_factory):
    path = tmp_path_factory.mktemp("roots") / "roots.pem"
    authority.cert_pem.write_to_path(path)
    return path


def facing(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


def by_itself(tmp_path):
    """Return a server context whose certificate is its own issuer."""
    alone = trustme.CA()
    (tmp_path / "own.pem").write_bytes(alone.private_key_pem.bytes() + alone.cert_pem.bytes())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "own.pem")
    return context


async def told(context, text=ONE, host="localhost"):
    async with small_shop(tls=context) as shop, probing(shop.port, text, scheme="https", host=host) as source:
        return await until(source, asked(GET, 2))


async def test_row_56_a_certificate_that_is_trusted_is_none_of_our_business(authority, roots):
    sums, pulse = await told(facing(authority.issue_cert("localhost")), f'{ONE}\nca_file = "{roots}"')
    assert sums[GET][1] == 0
    assert (pulse.ok, pulse.note) == (True, "")


async def test_row_56_a_certificate_that_ends_soon_is_noted(authority, roots):
    ends = NOW + 5 * DAY
    sums, pulse = await told(
        facing(authority.issue_cert("localhost", not_after=ends)), f'{ONE}\nca_file = "{roots}"\ntls_days = 7'
    )
    assert sums[GET][1] == 0
    assert pulse.note == f"certificate ends in 4 d, {ends:%Y-%m-%d}"


REFUSED = [
    ({"not_before": NOW - 9 * DAY, "not_after": NOW - 2 * DAY}, "localhost", "certificate has ended"),
    ({"not_before": NOW + 2 * DAY, "not_after": NOW + 9 * DAY}, "localhost", "certificate is not valid yet"),
    ({"not_before": NOW - DAY, "not_after": NOW + DAY}, "elsewhere.test", "certificate is for another host"),
    ({"not_before": NOW - DAY, "not_after": NOW + DAY}, "10.9.9.9", "certificate is for another host"),
]


@pytest.mark.parametrize(("dates", "name", "why"), REFUSED)
async def test_row_56_a_certificate_that_users_could_not_trust_is_an_error(authority, roots, dates, name, why):
    """Users see it too: every request counts as failed, the pulse is good and says why and when."""
    context = facing(authority.issue_cert(name, **dates))
    sums, pulse = await told(context, f'{ONE}\nca_file = "{roots}"')
    assert sums[GET][1] == sums[GET][0]
    dated = f"{dates['not_before']:%Y-%m-%d} to {dates['not_after']:%Y-%m-%d}"
    assert (pulse.ok, pulse.note) == (True, f"{GET}: {why}, {dated}")


async def test_row_56_a_certificate_signed_by_itself_or_by_a_stranger(authority, tmp_path):
    sums, pulse = await told(by_itself(tmp_path))
    assert sums[GET][1] == sums[GET][0]
    assert pulse.note.startswith(f"{GET}: certificate signed by itself, 2")
    _, pulse = await told(facing(authority.issue_cert("localhost")))
    assert pulse.note.startswith(f"{GET}: certificate of an unknown issuer, 2")


async def test_row_56_a_peer_that_speaks_no_tls_is_an_error():

    async def plain(reader, writer):
        await reader.read(5)
        writer.write(b"HTTP/1.0 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(plain, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, probing(port, ONE, scheme="https", host="localhost") as source:
        _, pulse = await until(source, asked(GET, 2))
    assert pulse.note == f"{GET}: TLS refused"


async def test_nothing_is_sent_to_a_server_that_is_not_trusted(authority):
    async with small_shop(tls=facing(authority.issue_cert("localhost"))) as shop:
        async with probing(shop.port, ONE, scheme="https", host="localhost") as source:
            await until(source, asked(GET, 2))
        first, last = await shown_by("localhost", shop.port)
    assert shop.asked == []
    assert first < NOW < last


async def test_examining_says_when_the_certificate_ends(authority, roots):
    soon = facing(authority.issue_cert("localhost", not_after=NOW + 5 * DAY))
    async with small_shop(tls=soon) as shop:
        text = f'{ONE}\nca_file = "{roots}"'
        async with probing(shop.port, text, scheme="https", host="localhost") as source:
            found = {item.what: item for item in await source.examine(datetime.now(UTC))}
    assert found["certificate"].sight is Sight.WARNING
    assert found["certificate"].text == f"ends in 4 d, {NOW + 5 * DAY:%Y-%m-%d}"


def der(pem):
    return ssl.PEM_cert_to_DER_cert(pem.bytes().decode())


@pytest.mark.parametrize("last", [datetime(2049, 12, 31, tzinfo=UTC), datetime(2050, 1, 1, 23, 59, 59, tzinfo=UTC)])
def test_dates_are_read_on_both_sides_of_2050(authority, last):
    first = datetime(1999, 5, 4, 3, 2, 1, tzinfo=UTC)
    leaf = authority.issue_cert("localhost", not_before=first, not_after=last)
    assert validity(der(leaf.cert_chain_pems[0])) == (first, last)


@given(st.binary(max_size=60), st.integers(0, 400))
def test_no_bytes_are_read_as_a_certificate_that_they_are_not(noise, cut):
    """Anything but a certificate raises ValueError and nothing else."""
    for bytes_of in (noise, CERTIFICATE[:cut], CERTIFICATE[:cut] + noise):
        try:
            first, last = validity(bytes_of)
        except ValueError:
            continue
        assert first.tzinfo is last.tzinfo is UTC


CERTIFICATE = base64.b64decode(
    "".join(trustme.CA().issue_cert("localhost").cert_chain_pems[0].bytes().decode().split("\n")[1:-2])
)


def test_why_a_certificate_is_refused_is_found_behind_other_errors():
    inner = ssl.SSLCertVerificationError(1, "x")
    inner.verify_code = 10
    outer = OSError("lost")
    outer.__cause__ = ExceptionGroup("all", [inner])
    assert refusal(outer) == "certificate has ended"
    assert refusal(ssl.SSLError(1, "x")) == "TLS refused"
    assert refusal(asyncio.IncompleteReadError(b"", 1)) == ""
    assert refusal(None) == ""
