"""What the tests of the scrape source share: a service that counts, peers that misbehave, a source that asks them."""

import asyncio
from contextlib import asynccontextmanager

import httpx
import pytest
from msgspec.structs import replace
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.openmetrics import exposition as openmetrics
from werkzeug import Response

from cockpit.settings.models.traffic import Metrics
from cockpit.settings.models.traffic import Scrape as Spec
from cockpit.sources.interface.source import SourceError
from cockpit.sources.scrape.source import Scrape
from tests.support.build import PLAN, T0

QUICK = replace(PLAN, cadence=replace(PLAN.cadence, deadline=0.5))
SLOW = replace(PLAN, cadence=replace(PLAN.cadence, deadline=20))
BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)


class Service:
    """A concierge's metrics, counted by the official client."""

    def __init__(self, buckets=BUCKETS):
        self.registry = CollectorRegistry()
        self.requests = Counter("http_requests", "n", ["method", "endpoint", "status"], registry=self.registry)
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

    def answer(self, request=None) -> Response:
        """Answer a scrape in Prometheus' own text."""
        return page(self.text())

    def open_answer(self, request=None) -> Response:
        """Answer a scrape in OpenMetrics."""
        return Response(openmetrics.generate_latest(self.registry), content_type=openmetrics.CONTENT_TYPE_LATEST)


def page(body: bytes, kind: str = "text/plain; version=0.0.4") -> Response:
    return Response(body, content_type=kind)


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
async def scraping(*urls: str, plan=SLOW, metrics=None):
    async with httpx.AsyncClient(follow_redirects=True) as client:
        yield Scrape(client, Spec(urls=urls, metrics=metrics or Metrics()), plan, apart=0)


def reply(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", "Connection: close", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


async def why(*answers: bytes, plan=SLOW, **script) -> str:
    """Return the reason why these answers are none."""
    async with peer(*answers, **script) as (url, _), scraping(url, plan=plan) as source:
        with pytest.raises(SourceError) as caught:
            await source.read(T0)
    return str(caught.value)
