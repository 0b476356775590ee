"""What grows with the number of endpoints: the page, one poll, one judgement, what is asked of a metrics server.

Prometheus and VictoriaMetrics are asked where their programs are; without one its rows are left out.
"""

import asyncio
import json
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tools import wide
from tools.row import Row

from cockpit.demo.prometheus_child import PROGRAM, PrometheusChild, is_ready, tethered
from cockpit.demo.world.database import free_port
from cockpit.settings.models.traffic import Metrics, Prometheus
from cockpit.settings.schema.secrets import Secrets
from cockpit.sources.interface.source import Order, SourceError
from cockpit.sources.prometheus.api import apart
from cockpit.sources.prometheus.promql import Span, Wording
from cockpit.sources.prometheus.source import open_source
from cockpit.sources.scrape.exposition import Exposition
from cockpit.sources.scrape.windows import Windows
from sessions.gate.evaluate import judge
from sessions.plan.loader import scaled
from sessions.plan.model import Plan
from sessions.state.reducer import observe_all

WIDTHS = (10, 100, 1000)
VICTORIA = "victoria-metrics"
INTERVAL = 2.0
PATIENCE = 180.0
_SPEED = 15
"""Windows of 20 s."""


def measure(rounds: int) -> list[Row]:
    """Measure each width by itself; a server is asked of the narrowest and the widest alone."""
    rows = list[Row]()
    for width in WIDTHS if rounds > 1 else WIDTHS[:1]:
        rows += _ours(wide.plan(width), width, rounds)
        if width in (WIDTHS[0], WIDTHS[-1]):
            rows += _theirs(scaled(wide.plan(width), _SPEED), width, rounds)
    return rows


def _ours(plan: Plan, width: int, rounds: int) -> Iterator[Row]:
    """What our own process spends on it."""
    now, read, fed = datetime.now(UTC), list[float](), list[float]()
    judged, again = list[float](), list[float]()
    exposition = Exposition(plan.endpoints, Metrics())
    windows = Windows(plan.windows, plan.cadence.traffic, "scrape", plan.latency.p95_ms / 1000)
    state, size, lines = wide.state(now, plan), 0, 0
    for turn in range(3 * rounds + 1):
        at = now + timedelta(seconds=(turn + 1) * plan.cadence.traffic)
        text = wide.page(plan.endpoints, 100 * (turn + 1))
        begun = time.process_time()
        scraped = exposition.read(text)
        after = time.process_time()
        windows.feed("instance", at, scraped.values)
        windows.readings(at)
        folded = time.process_time()
        state = observe_all(state, wide.poll(at, plan))
        judge(state, at, UTC)
        new = time.process_time()
        judge(state, at + timedelta(seconds=1), UTC)
        if turn:
            read.append(after - begun)
            fed.append(folded - after)
            judged.append(new - folded)
            again.append(time.process_time() - new)
        size, lines = len(text), scraped.lines
    told = f"{width} endpoints, {lines:,} series, a page of {size / 1000:,.0f} kB"
    yield Row(f"Read a page, {width} endpoints", 1000 * median(read), "ms CPU", "", told)
    yield Row(f"Windows of it, {width} endpoints", 1000 * median(fed), "ms CPU", "", "each 15 s")
    yield Row(f"Fold and judge, {width} endpoints", 1000 * median(judged), "ms CPU", "", "after a poll")
    yield Row(f"Judge again, {width} endpoints", 1000 * median(again), "ms CPU", "", "each 1 s without a poll")


def _theirs(plan: Plan, width: int, rounds: int) -> Iterator[Row]:
    """What a metrics server takes to answer one poll."""
    words, span = Wording(Prometheus(url="http://x"), plan.endpoints, plan.latency.p95_ms), Span(300.0, 15.0)
    query = f"{words.traffic(span, 'minute', brief=True)} or {words.traffic(span, 'running')}"
    asked = f"{len(query) / 1000:.0f} kB of question in {len(apart(query))} requests"
    for program, started in ((PROGRAM, _prometheus), (VICTORIA, _victoria)):
        if shutil.which(program) is None:
            continue
        with (
            _pages(plan) as target,
            TemporaryDirectory(prefix="cockpit-bench-") as place,
            started(target, Path(place)) as url,
        ):
            took = asyncio.run(_polled(url, plan, 2 * rounds))
        yield Row(f"Ask {program}, {width} endpoints", 1000 * median(took), "ms", "", asked)


@contextmanager
def _pages(plan: Plan) -> Iterator[str]:
    begun = time.monotonic()

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = wide.page(plan.endpoints, 100 + round(20 * (time.monotonic() - begun))).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def _prometheus(target: str, folder: Path) -> PrometheusChild:
    return PrometheusChild([target], folder, INTERVAL)


@contextmanager
def _victoria(target: str, folder: Path) -> Iterator[str]:
    job = {"job_name": "shop", "static_configs": [{"targets": [target]}]}
    whole = {"global": {"scrape_interval": f"{INTERVAL:g}s"}, "scrape_configs": [job]}
    (folder / "scraping.yml").write_text(json.dumps(whole), "utf-8")  # JSON is YAML too
    port = free_port()
    places = [f"-promscrape.config={folder / 'scraping.yml'}", f"-storageDataPath={folder / 'data'}"]
    program = str(shutil.which(VICTORIA))
    child = tethered([program, f"-httpListenAddr=127.0.0.1:{port}", *places], folder / "victoria.log")
    try:
        assert is_ready(child, f"http://127.0.0.1:{port}/health"), "it did not start"
        yield f"http://127.0.0.1:{port}"
    finally:
        child.kill()
        child.wait()


async def _polled(url: str, plan: Plan, times: int) -> list[float]:
    """Return the seconds of each whole poll, once some windows have closed."""
    spec = Prometheus(url=url, scrape_interval=INTERVAL, timeout=30.0)
    (source,) = open_source(Order("prometheus", plan, Secrets({}), None, {}), spec)
    took, until, why = list[float](), time.monotonic() + PATIENCE, ""
    try:
        while len(took) < times:
            begun = time.perf_counter()
            try:
                rows = len(await source.read(datetime.now(UTC)))
            except SourceError as error:
                rows, why = 0, str(error)
            if rows > 2 * len(plan.endpoints):
                took.append(time.perf_counter() - begun)
            assert time.monotonic() < until, f"{rows} rows, {why}"
            await asyncio.sleep(INTERVAL / 2)
    finally:
        await source.aclose()
    return took
