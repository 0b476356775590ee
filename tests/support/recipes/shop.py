"""A real service as a child of a test, and requests of known number, with the truth about them."""

import asyncio
import math
import os
import time
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx
import pytest

from cockpit.demo.prometheus_child import is_ready, tethered
from sessions.values.readings import Grain, Pulse
from tests.support.peers.real_programs import program

FAST, SLOW = 0.02, 0.3
"""What a request takes at least, in s; one in five is slow, so that the p95 is one of the slow ones."""


@contextmanager
def running(folder, name, words, ready, *, environ=None):
    """A program on loopback that answers at `ready`, ended by its pid."""
    log = folder / f"{name}.log"
    with _surroundings(environ or {}):
        child = tethered([program(name), *words], log)
    try:
        assert is_ready(child, ready), log.read_text("utf-8", "replace")[-2000:]
        yield child
    finally:
        child.kill()
        child.wait(60)


@contextmanager
def _surroundings(more):
    before = dict(os.environ)
    os.environ.update(more)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@dataclass
class Truth:
    """What was sent to one endpoint: how each request ended and what it took, as who sent it saw it."""

    statuses: list = field(default_factory=list)
    took_ms: list = field(default_factory=list)

    @property
    def requests(self):
        return len(self.statuses)

    @property
    def errors(self):
        return sum(status >= 500 for status in self.statuses)

    @property
    def p95_ms(self):
        return sorted(self.took_ms)[math.ceil(0.95 * len(self.took_ms)) - 1]


async def sent(url, endpoints=("GET /concierge", "POST /capsules"), times=20, failed=2):
    """Send requests to each endpoint and return the truth about them: one in five is slow, `failed` end with 503.

    The service takes FAST or SLOW by `slow`, and fails by `fail`, both in the query.
    """
    truth = {endpoint: Truth() for endpoint in endpoints}
    async with httpx.AsyncClient(timeout=60, limits=httpx.Limits(max_connections=8), trust_env=False) as client:

        async def one(endpoint, number):
            method, path = endpoint.split()
            path = path if path.startswith("/") else f"/{path}"
            query = {"slow": int(number % 5 == 0), "fail": int(number < failed)}
            begun = time.perf_counter()
            answer = await client.request(method, f"{url}{path}", params=query)
            truth[endpoint].took_ms.append((time.perf_counter() - begun) * 1000)
            truth[endpoint].statuses.append(answer.status_code)

        await asyncio.gather(*(one(endpoint, number) for endpoint in endpoints for number in range(times)))
    return truth


def minutes(readings):
    """Return the last minute of each endpoint; what proves nothing is the test's own."""
    assert isinstance(readings[-1], Pulse)
    assert readings[-1].ok, readings[-1]
    return {one.endpoint: one for one in readings[:-1] if getattr(one, "grain", None) is Grain.MINUTE}


def agree(told, truth, *, floor_ms=SLOW * 1000, edges=()):
    """Hold what a source says against what was sent.

    Requests and errors are counted to the last one. A service measures a shorter time than who asks it, and a slow
    request takes `floor_ms` at least: between the two lies the p95, give or take the bucket that it is told by. Where
    the source does not know that bucket, it is one of `edges` in ms.
    """
    assert told.keys() == truth.keys()
    for endpoint, one in told.items():
        sent_to = truth[endpoint].requests, truth[endpoint].errors
        assert (one.requests, one.errors) == pytest.approx(sent_to, abs=1e-3), endpoint
        assert one.p95_ms is not None, endpoint
        low, high = one.bucket_ms or _around(one.p95_ms, edges)
        assert low <= truth[endpoint].p95_ms, (endpoint, one, truth[endpoint].p95_ms)
        assert (math.inf if one.p95_capped else high) >= floor_ms, (endpoint, one)
        assert low <= one.p95_ms <= high, (endpoint, one)


def _around(p95_ms, edges):
    low = max((edge for edge in (0, *edges) if edge < p95_ms), default=p95_ms) if edges else p95_ms
    return low, min((edge for edge in edges if edge >= p95_ms), default=p95_ms)
