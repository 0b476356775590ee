"""The scrape source: Prometheus text from every instance's /metrics, turned into traffic windows."""

import asyncio
import socket
import ssl
import time
import zlib
from collections.abc import Iterator, Sequence
from datetime import datetime

import httpx

from cockpit.sources.base import SourceError
from cockpit.sources.exposition import Exposition, Names, Scraped
from cockpit.sources.windows import Windows
from sessions.clean import clean
from sessions.figures import duration
from sessions.plan import Plan
from sessions.readings import Pulse, Reading, Topic

BODY_LIMIT = 8_000_000
_HEADERS = {"accept": "text/plain; version=0.0.4", "accept-encoding": "gzip"}
_PATIENCE = 0.8
_FAILURES = (SourceError, httpx.HTTPError, httpx.InvalidURL, zlib.error, UnicodeDecodeError, OSError, ExceptionGroup)
_PACKED = {"gzip", "x-gzip", "deflate"}


class Scrape:
    """Asks every instance at once. One that fails leaves the answer partial: measured, but no proof of anything."""

    name = "scrape"
    topics = (Topic.TRAFFIC,)

    def __init__(self, client: httpx.AsyncClient, urls: Sequence[str], plan: Plan, names: Names | None = None) -> None:
        self.interval = plan.cadence.traffic
        self.deadline = plan.cadence.deadline
        self._client = client
        self._stale = plan.cadence.traffic_stale
        self._targets = {url: Exposition(plan.endpoints, names or Names()) for url in urls}
        self._windows = Windows(plan.windows, self.interval, self.name)

    async def read(self, now: datetime) -> Sequence[Reading]:
        """Return the windows that changed, the last minute, and one pulse. Raises SourceError when nobody answers."""
        begun = time.perf_counter()
        answers = await asyncio.gather(*(self._ask(url, now) for url in self._targets))
        failed = [answer for answer in answers if isinstance(answer, str)]
        scraped = [answer for answer in answers if isinstance(answer, Scraped)]
        if not scraped:
            raise SourceError(failed[0] if failed else "no address to ask")
        for url, answer in zip(self._targets, answers, strict=True):
            if isinstance(answer, Scraped):
                self._windows.feed(url, now, answer.values)
        unreadable, lines = sum(one.unreadable for one in scraped), sum(one.lines for one in scraped)
        if unreadable * 100 > lines:
            failed.append(f"{unreadable:,} of {lines:,} lines unreadable")
        took = (time.perf_counter() - begun) * 1000
        reason = clean("; ".join(failed), 120)
        pulse = Pulse(self.name, now, Topic.TRAFFIC, not failed, reason, took, now, unreadable, lines)
        return [*self._windows.readings(now), pulse]

    async def aclose(self) -> None:
        """Close the client's connections."""
        await self._client.aclose()

    async def _ask(self, url: str, now: datetime) -> Scraped | str:
        """Return one instance's answer, or why there is none; with several, the reason names the instance."""
        patience = self.deadline * _PATIENCE
        try:
            async with asyncio.timeout(patience):
                scraped = await asyncio.to_thread(self._targets[url].read, await self._text(url))
            self._check_age(scraped, now)
        except TimeoutError:
            return self._named(url, f"no answer in {patience:g} s")
        except _FAILURES as error:
            return self._named(url, reason(error, patience))
        return scraped

    def _named(self, url: str, why: str) -> str:
        return why if len(self._targets) == 1 else clean(f"{_place(url)}: {why}", 100)

    def _check_age(self, scraped: Scraped, now: datetime) -> None:
        if scraped.stamped is not None and (age := now.timestamp() - scraped.stamped) > self._stale:
            raise SourceError(f"samples are {duration(age)} old")

    async def _text(self, url: str) -> str:
        patience = httpx.Timeout(self.deadline * _PATIENCE)
        request = self._client.stream("GET", url, headers=_HEADERS, follow_redirects=False, timeout=patience)
        async with request as response:
            if response.is_redirect:
                raise SourceError(f"redirected to {_place(response.headers.get('location', ''))}")
            if response.status_code != httpx.codes.OK:
                raise SourceError(_status(response.status_code))
            return (await _body(response)).decode()


async def _body(response: httpx.Response) -> bytes:
    """Return the unpacked body; packed or not, never more than the limit is held."""
    packing = response.headers.get("content-encoding", "identity").strip().lower()
    if packing not in {*_PACKED, "identity"}:
        raise SourceError(f"packed as {clean(packing, 20)}")
    # 32 + 15: zlib finds out by itself whether it is gzip or deflate.
    inflate = zlib.decompressobj(wbits=47) if packing in _PACKED else None
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += inflate.decompress(chunk, BODY_LIMIT + 1 - len(body)) if inflate else chunk
        if len(body) > BODY_LIMIT:
            raise SourceError(f"answer over {BODY_LIMIT // 1_000_000} MB")
    if inflate and not inflate.eof:
        raise SourceError("answer cut short")
    return bytes(body)


def _status(code: int) -> str:
    return f"{code}, credentials?" if code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN) else str(code)


def _place(url: str) -> str:
    """Return host and port of a URL, never its credentials or query."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        return "?"
    host = parsed.host + (f":{parsed.port}" if parsed.port else "")
    return clean(host or parsed.path, 60)


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
    if isinstance(error, SourceError):
        return str(error)
    if isinstance(error, httpx.TimeoutException):
        return f"no answer in {patience:g} s"
    causes = list(_causes(error))
    known = (text for kind, text in _REASONS if any(isinstance(cause, kind) for cause in causes))
    return next(known, "connection lost")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield the error and everything behind it, groups opened."""
    waiting: list[BaseException | None] = [error]
    seen: set[int] = set()
    while waiting:
        cause = waiting.pop()
        if cause is None or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        waiting += [cause.__cause__, cause.__context__]
        if isinstance(cause, BaseExceptionGroup):
            waiting += cause.exceptions
