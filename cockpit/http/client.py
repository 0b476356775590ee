"""What all that asks over HTTP shares: one bounded answer, and why there was none, without addresses or secrets."""

import socket
import ssl
import zlib
from base64 import b64encode
from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

import httpx
from msgspec import Struct

from cockpit.http.exchange import Exchange, Moment, ahead, send
from cockpit.http.login import Login, printed_in, why_refused
from cockpit.http.proxy import wire_of
from cockpit.runtime.errors import AnswerError
from cockpit.settings.schema.http_access import Reach
from cockpit.settings.schema.secrets import Secrets
from sessions.text.clean import clean

BODY_LIMIT = 8_000_000
CLOCK_BOUND = 2.0
"""Seconds by which two clocks may differ before that is reported."""
FAILURES = (AnswerError, httpx.HTTPError, httpx.InvalidURL, zlib.error, UnicodeDecodeError, OSError, ExceptionGroup)
"""What a request may end in; anything else is a defect of ours."""

_PACKED = {"gzip", "x-gzip", "deflate"}


class Fetched(Struct, frozen=True):
    """One whole answer; `headers` have names in small letters, `unmended` says why no new secret mended a refusal.

    `exchange` is when it was under way, None if nobody measured that.
    """

    status: int
    body: bytes
    headers: Mapping[str, str]
    unmended: str = ""
    exchange: Exchange | None = None


def open_client(access: Reach, secrets: Secrets, patience: float) -> httpx.AsyncClient:
    """Return a client with the owner's credentials, `patience` in s; no proxy, cookie or netrc of the environment.

    What commands print is asked for when something is sent. Raises SecretError if a variable is not set, AnswerError
    where the certificates cannot be read.
    """
    token, password = (secrets.reveal(each) if not each.argv else "" for each in (access.token, access.password))
    auth = (access.user, password) if password else None
    secrets.keep(b64encode(":".join(auth).encode()).decode() if auth else "")
    headers = {name: secrets.reveal(value) for name, value in access.headers.items() if not value.argv}
    if not all(text.isascii() and text.isprintable() for text in (token, *headers, *headers.values())):
        raise AnswerError("a header or the token is not plain ASCII")
    try:
        trust = ssl.create_default_context(cafile=access.ca_file) if access.ca_file else True
    except (OSError, ssl.SSLError) as error:
        raise AnswerError(f"ca_file {clean(access.ca_file, 60)}: {type(error).__name__}") from error
    wire = wire_of(access, secrets, trust)
    return httpx.AsyncClient(
        transport=Login(wire, access, secrets, patience) if printed_in(access) else wire,
        headers=headers | ({"authorization": f"Bearer {token}"} if token else {}),
        event_hooks={"request": [_adding({name: secrets.reveal(each) for name, each in access.params.items()})]},
        auth=auth,
        timeout=patience,
        follow_redirects=False,
        trust_env=False,
    )


def _adding(params: Mapping[str, str]) -> Callable[[httpx.Request], Awaitable[None]]:
    """Return what adds parameters to a request's own: as the client's they would replace those."""

    async def add(request: httpx.Request) -> None:
        request.url = request.url.copy_merge_params(params) if params else request.url

    return add


async def fetch(
    client: httpx.AsyncClient, request: httpx.Request, limit: int = BODY_LIMIT, right: int = httpx.codes.OK
) -> Fetched:
    """Return one answer of status `right`, at most `limit` bytes unpacked. A redirect is reported, never followed.

    Build the request with `client.build_request`, which carries the credentials. The caller sets the total deadline.
    Raises one of FAILURES; `reason` says it in words.
    """
    response, exchange = await send(client, request)
    try:
        if response.is_redirect:
            raise AnswerError(f"redirected to {place_of(response.headers.get('location', ''))}")
        if response.status_code != right:
            raise AnswerError(told_status(response))
        body = await body_of(response, limit)
        return Fetched(response.status_code, body, dict(response.headers), exchange=exchange)
    finally:
        await response.aclose()


async def body_of(response: httpx.Response, limit: int = BODY_LIMIT) -> bytes:
    """Return the unpacked body; packed or not, never more than `limit` bytes are held. Raises AnswerError."""
    packing = response.headers.get("content-encoding", "identity").strip().lower()
    if packing not in {*_PACKED, "identity"}:
        raise AnswerError(f"packed as {clean(packing, 20)}")
    # 32 + 15: zlib finds out by itself whether it is gzip or deflate.
    inflate = zlib.decompressobj(wbits=47) if packing in _PACKED else None
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += inflate.decompress(chunk, limit + 1 - len(body)) if inflate else chunk
        if len(body) > limit:
            raise AnswerError(f"answer over {limit // 1_000_000} MB")
        if inflate and inflate.unused_data:
            raise AnswerError("answer goes on after its end")
    if inflate and not inflate.eof:
        raise AnswerError("answer cut short")
    return bytes(body)


def dated(answer: Fetched, moment: Moment) -> float | None:
    """Return by how many seconds the server's clock is before ours, None if it does not tell.

    Its Date header counts whole seconds and was written somewhen in the exchange. `moment` is one of ours.
    """
    if answer.exchange is None:
        return None
    try:
        date = parsedate_to_datetime(answer.headers.get("date", ""))
        stamp = (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
    return ahead(stamp, 1.0, answer.exchange, moment)


def status_of(code: int) -> str:
    """Say an HTTP status shortly."""
    return f"{code}, credentials?" if code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN) else str(code)


def told_status(response: httpx.Response) -> str:
    """Say the status of an answer shortly, and why what a command prints did not mend it."""
    return ", ".join(filter(None, (status_of(response.status_code), why_refused(response))))


def place_of(url: str) -> str:
    """Return host and port of a URL, never its credentials or query."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        return "?"
    host = parsed.host + (f":{parsed.port}" if parsed.port else "")
    return clean(host or parsed.path, 60)


_ADVICE = (
    ("401", "give token, or user and password"),
    ("403", "give token, or user and password"),
    ("404", "correct the path of the address"),
    ("429", "ask less often: every"),
    ("redirected", "write the address that it redirects to, if it is yours"),
    ("proxy ", "see [http] proxy, and no_proxy for what is to be asked directly"),
    ("unknown host", "correct the host of the address"),
    ("certificate", "name the certificate's issuer with ca_file"),
    ("not ", "is this the right address? something else answers there"),
    ("answer over", "ask a page that holds less"),
    ("over ", "ask a page that holds less"),
)


def advice(why: str) -> str:
    """Say what an owner can do about the reason why a request failed."""
    return next((fix for word, fix in _ADVICE if why.startswith(word)), "is it running, and is the address right?")


_REASONS: tuple[tuple[type[BaseException], str], ...] = (
    (ConnectionRefusedError, "refused"),
    (socket.gaierror, "unknown host"),
    (ssl.SSLError, "certificate or TLS refused"),
    (UnicodeDecodeError, "not Prometheus text"),
    (zlib.error, "not Prometheus text"),
    (httpx.UnsupportedProtocol, "no http address"),
    (httpx.InvalidURL, "no http address"),
    (OverflowError, "no http address"),
    (httpx.ConnectError, "no connection"),
)


def reason(error: Exception, patience: float) -> str:
    """Say shortly why a request failed, without the address: it may hold credentials."""
    if isinstance(error, AnswerError):
        return str(error)
    if isinstance(error, httpx.TimeoutException):
        return f"no answer in {patience:g} s"
    causes = list(causes_of(error))
    known = (text for kind, text in _REASONS if any(isinstance(cause, kind) for cause in causes))
    return next(known, "connection lost")


def causes_of(error: BaseException | None) -> Iterator[BaseException]:
    """Yield the error and everything behind it, groups opened."""
    waiting, seen = [error], set[int]()
    while waiting:
        cause = waiting.pop()
        if cause is None or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        waiting += [cause.__cause__, cause.__context__]
        if isinstance(cause, BaseExceptionGroup):
            waiting += cause.exceptions
