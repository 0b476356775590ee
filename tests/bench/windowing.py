"""Windows of a wide service asked of a real Prometheus: the time of one whole answer, and of the closed windows' first.

Without the program called prometheus there is nothing to measure and no row.
"""

import asyncio
import itertools
import shutil
import threading
import time
import urllib.request
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tools import wide
from tools.row import Row

from cockpit.demo.prometheus_child import PROGRAM, PrometheusChild
from cockpit.settings.models.traffic import Prometheus
from cockpit.settings.schema.secrets import Secrets
from cockpit.sources.interface.source import Order
from cockpit.sources.prometheus.source import open_source
from sessions.plan.loader import scaled
from sessions.values.readings import Grain, Reading, Traffic

PLAN = scaled(wide.WIDE, 120)
"""Windows of 2.5 s."""

INTERVAL = 0.5
CLOSED = 3
PATIENCE = 20.0


class _Counting(BaseHTTPRequestHandler):
    """Each look finds ten requests more on every endpoint."""

    count = itertools.count(100, 10)

    def do_GET(self) -> None:
        body = wide.page(PLAN.endpoints, next(self.count)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def measure(rounds: int) -> list[Row]:
    """Let Prometheus scrape until some windows have closed, then ask, four times a round."""
    if shutil.which(PROGRAM) is None:
        return []
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Counting)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with TemporaryDirectory(prefix="cockpit-bench-") as place:
            child = PrometheusChild([f"127.0.0.1:{server.server_address[1]}"], Path(place), INTERVAL)
            with child as url:
                _scraped(url)
                time.sleep((CLOSED + 1 if rounds > 1 else 2) * PLAN.windows.length)
                first, later, windows = asyncio.run(_asked(url, 4 * rounds))
    finally:
        server.shutdown()
        server.server_close()
    size = f"{wide.ENDPOINTS} endpoints, {wide.ENDPOINTS * (len(wide.BUCKETS) + 2):,} series, a real Prometheus"
    return [
        Row("Ask Prometheus for windows", 1000 * median(later), "ms", "", size),
        Row("Ask it for those that closed", 1000 * first, "ms", "", f"{windows} windows each, at the start"),
    ]


def _scraped(url: str) -> None:
    """Wait until Prometheus has scraped for the first time."""
    deadline = time.monotonic() + PATIENCE
    while '"value"' not in urllib.request.urlopen(f"{url}/api/v1/query?query=up", timeout=5).read().decode():
        assert time.monotonic() < deadline, "nothing was scraped"
        time.sleep(0.1)


async def _asked(url: str, times: int) -> tuple[float, list[float], int]:
    """Return the seconds of the first answer and of each later one, and how many windows the first one told."""
    since = datetime.now(UTC) - timedelta(seconds=CLOSED * PLAN.windows.length)
    spec = Prometheus(url=url, scrape_interval=INTERVAL, timeout=30.0)
    (source,) = open_source(Order("prometheus", PLAN, Secrets({}), since, {}), spec)
    took, first = list[float](), 0
    try:
        for turn in range(times + 1):
            begun = time.perf_counter()
            found = await source.read(datetime.now(UTC))
            took.append(time.perf_counter() - begun)
            first = first or _windows(found)
            assert turn or first, "nothing was told"
            await asyncio.sleep(INTERVAL)
    finally:
        await source.aclose()
    return took[0], took[1:], first


def _windows(found: Sequence[Reading]) -> int:
    """How many windows each endpoint was told."""
    rows = [reading for reading in found if isinstance(reading, Traffic) and reading.grain is Grain.WINDOW]
    return len(rows) // wide.ENDPOINTS
