"""The concierge over HTTP, with Prometheus metrics; the rules are the shop's, the waiting is real."""

import asyncio
import json
import random
from collections.abc import Awaitable, Callable
from datetime import datetime
from email.utils import format_datetime

from aiohttp import web
from msgspec import Struct
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from cockpit.demo.world.scenarios import Scene
from cockpit.demo.world.shop import RUN, Body, Shop
from cockpit.demo.world.traffic.headers import HAD_FLAG, RUN_ID, SYNTHETIC
from cockpit.demo.world.traffic.request_log import RequestLog

BUCKETS = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.5, 2.5, 5.0)
"""Upper bounds in seconds; the plan's bound and twice the bound are among them."""

LATENCY = {
    "GET /concierge": 0.11,
    "POST /shortlists": 0.12,
    "POST /capsules": 0.17,
    "POST /returns": 0.15,
    "POST /stylist/tickets": 0.14,
    "POST /csat": 0.10,
}
"""Seconds that half of the requests stay below; one in twenty takes half as long again."""

SLOW = 0.82
LONGEST = 0.34

Now = Callable[[], datetime]
Handler = Callable[[web.Request], Awaitable[web.Response]]


def delay(endpoint: str, scene: Scene, rng: random.Random, flag: str = "on") -> float:
    """Return how long one request takes, in seconds; what is slow is slow for those with the flag."""
    if endpoint in scene.effects.busy or (endpoint in scene.effects.slow and flag == "on"):
        return rng.uniform(SLOW - 0.06, SLOW + 0.06)
    return min(LATENCY[endpoint] * rng.lognormvariate(0.0, 0.27), LONGEST)


class Metrics:
    """The service's own registry: how long, how many, by method, endpoint and status, and by who had the flag."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._seconds = Histogram(
            "http_request_duration_seconds",
            "Time to answer, in seconds",
            ("method", "endpoint", "flag"),
            buckets=BUCKETS,
            registry=self.registry,
        )
        self._requests = Counter(
            "http_requests_total", "Requests answered", ("method", "endpoint", "status", "flag"), registry=self.registry
        )

    def note(self, endpoint: str, status: int, flag: str, seconds: float) -> None:
        """Count one answered request."""
        method, path = endpoint.split(" ", 1)
        self._seconds.labels(method, path, flag).observe(seconds)
        self._requests.labels(method, path, str(status), flag).inc()


def application(shop: Shop, scene: Scene, rng: random.Random, now: Now) -> web.Application:
    """Build the service: the shop's endpoints, /metrics and /healthz."""
    app, told = web.Application(client_max_size=64 * 1024), Told(Metrics(), RequestLog(shop.records), now)
    app.on_response_prepare.append(_dated(now))
    for endpoint in shop.endpoints:
        method, path = endpoint.split(" ", 1)
        app.router.add_route(method, path, _handler(endpoint, shop, scene, told, rng))
    app.router.add_get("/metrics", _exposition(told.metrics, scene))
    app.router.add_get("/healthz", _health)
    return app


class Told(Struct, frozen=True):
    """Where the service writes about each request, and its clock."""

    metrics: Metrics
    log: RequestLog
    now: Now


def _handler(endpoint: str, shop: Shop, scene: Scene, told: Told, rng: random.Random) -> Handler:
    clock = asyncio.get_running_loop().time

    async def handle(request: web.Request) -> web.Response:
        began, call = clock(), told.log.begin()
        body = {**await _body(request), **call.marks}
        flag = "off" if request.headers.get(HAD_FLAG) == "off" else "on"
        await asyncio.sleep(delay(endpoint, scene, rng, flag))
        answer = shop.rehearse if SYNTHETIC in request.headers else shop.answer
        now = told.now()
        status, reply = answer(endpoint, body, now)
        told.metrics.note(endpoint, status, flag, clock() - began)
        told.log.note(call, endpoint, status, clock() - began, now, flag, reply)
        return web.Response(status=status, body=json.dumps(reply).encode(), content_type="application/json")

    return handle


def _dated(now: Now) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    """Date answers by the demo's clock, because readers compare it with their own."""

    async def date(_request: web.Request, response: web.StreamResponse) -> None:
        response.headers["Date"] = format_datetime(now(), usegmt=True)

    return date


async def _body(request: web.Request) -> Body:
    """Return the JSON object sent (the query of a GET); what is none reads as empty, which the shop refuses.

    A synthetic run names itself in a header.
    """
    marked = {RUN: request.headers[RUN_ID][:80]} if RUN_ID in request.headers else {}
    if request.method == "GET":
        return {**request.query, **marked}
    try:
        body = json.loads(await request.read())
    except ValueError:
        return {}
    return {**body, **marked} if isinstance(body, dict) else {}


def _exposition(metrics: Metrics, scene: Scene) -> Handler:
    async def handle(_request: web.Request) -> web.Response:
        if scene.effects.deaf:
            return web.Response(status=503, text="metrics are down\n")
        return web.Response(body=generate_latest(metrics.registry), headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4})

    return handle


async def _health(_request: web.Request) -> web.Response:
    return web.Response(text='{"ok": true}', content_type="application/json")
