"""One source stalled, all others keep their cadence: how late the latest poll of any other source came.

A real Watch polls a page and a database of real sockets four times a second; then one of them accepts and is silent.
"""

import asyncio
import os
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from tools import wide
from tools.row import Row

from cockpit.cli.commands.sessions import begin
from cockpit.demo.world.database import Server
from cockpit.engine.watch import Means, Watch
from cockpit.flags.recorded_only import SessionFlag
from cockpit.runtime.clock import Clock
from cockpit.session.session import Session
from cockpit.settings.file.wiring import Wiring
from cockpit.settings.models.mongo import Mongo
from cockpit.settings.models.settings import Source as Spec
from cockpit.settings.models.traffic import Scrape
from cockpit.settings.schema.secrets import Secret, Secrets
from cockpit.sources.flag import FlagReadBack
from cockpit.sources.interface.source import Order, Source
from cockpit.sources.opening import opened
from sessions.history.history import History
from sessions.plan.loader import bundled, scaled
from sessions.storage.folders import HISTORY, SESSION, prepare
from sessions.storage.journal import Journal
from sessions.values.readings import Reading, Topic

PLAN = scaled(bundled(), 240)
"""Every source is polled each 0.25 s, the least there is: a delay weighs most there."""

MINUTE = 60.0
WARM = 1.0
PAGE = wide.page(PLAN.endpoints, 1).encode()


@dataclass
class Witness:
    """A source that remembers when each of its polls began."""

    source: Source
    begun: list[float] = field(default_factory=list)

    def __getattr__(self, name: str) -> object:
        return getattr(self.source, name)

    async def read(self, now: datetime) -> Sequence[Reading]:
        self.begun.append(time.monotonic())
        return await self.source.read(now)

    def latest(self, since: float, until: float) -> float:
        """Return by how much its longest wait between two polls was over the interval, as a share of it in %."""
        moments = [since, *(at for at in self.begun if since <= at <= until), until]
        longest = max(late - early for early, late in pairwise(moments))
        return 100 * max(0.0, longest / self.source.interval - 1)


class Page(ThreadingHTTPServer):
    """A /metrics page that falls silent while `quiet`: it accepts and never answers."""

    daemon_threads = True

    def __init__(self) -> None:
        self.speaks = threading.Event()
        self.speaks.set()
        super().__init__(("127.0.0.1", 0), _Answer)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/metrics"


class _Answer(BaseHTTPRequestHandler):
    server: Page

    def do_GET(self) -> None:
        self.server.speaks.wait()
        try:
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.send_header("Content-Length", str(len(PAGE)))
            self.end_headers()
            self.wfile.write(PAGE)
        except OSError:
            return  # whoever asked has gone

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def measure(rounds: int) -> list[Row]:
    """Watch for a minute each: all well, the page silent, the database stopped; 1 round only proves that it works."""
    span = MINUTE if rounds > 1 else WARM
    with TemporaryDirectory(prefix="cockpit-bench-") as place, _pages() as pages, _database(Path(place)) as database:
        silent, spoken = pages
        specs: dict[str, Spec] = {
            "silent": Scrape(urls=(silent.url,)),
            "spoken": Scrape(urls=(spoken.url,)),
            "records": Mongo(uri=Secret(database.uri), database="bench"),
        }
        with _watch(Path(place) / "flight", specs) as seen:
            time.sleep(WARM)
            calm = _worst(seen, (), span)
            silent.speaks.clear()
            page = _worst(seen, ("silent",), span)
            silent.speaks.set()
            time.sleep(WARM)
            os.kill(database.pid, signal.SIGSTOP)
            stopped = _worst(seen, ("records",), span)
            os.kill(database.pid, signal.SIGCONT)
    note = f"{span:.0f} s at 4 polls a second; jitter is ± 10 %"
    return [
        Row("Latest poll: all well", calm, "% of the interval", "", note),
        Row("Latest poll: a page silent", page, "% of the interval", "", "accepts, never answers; the others"),
        Row("Latest poll: MongoDB stopped", stopped, "% of the interval", "", "SIGSTOP in mid-flight; the others"),
    ]


def _worst(seen: dict[str, Witness], stalled: Sequence[str], span: float) -> float:
    """Return how late the latest poll of a source that is not stalled came within the next `span` s."""
    since = time.monotonic()
    time.sleep(span)
    until = time.monotonic()
    return max(witness.latest(since, until) for name, witness in seen.items() if name not in stalled)


@contextmanager
def _pages() -> Iterator[tuple[Page, Page]]:
    pages = (Page(), Page())
    for page in pages:
        threading.Thread(target=page.serve_forever, daemon=True).start()
    try:
        yield pages
    finally:
        for page in pages:
            page.speaks.set()
            page.shutdown()
            page.server_close()


@dataclass(frozen=True)
class _Child:
    uri: str
    pid: int


@contextmanager
def _database(place: Path) -> Iterator[_Child]:
    server = Server(place)
    uri = asyncio.run(server.start())
    assert server._child is not None
    try:
        yield _Child(uri, server._child.pid)
    finally:
        server.end()


@contextmanager
def _watch(folder: Path, specs: dict[str, Spec]) -> Iterator[dict[str, Witness]]:
    """Give what each source of a real Watch remembers, by its name."""
    clock, seen, secrets = Clock(), dict[str, Witness](), Secrets({})
    prepare(folder)
    begin(folder, "bench", PLAN, Wiring())
    journal = Journal(folder / SESSION)
    session = Session(folder, journal.open(clock.now()), journal, History(folder / HISTORY), None, clock.now())

    async def open_all() -> Sequence[Source]:
        found = [one for name, spec in specs.items() for one in opened(Order(name, PLAN, secrets, None, specs), spec)]
        found.append(FlagReadBack(SessionFlag(), PLAN.cadence))
        seen.update({source.name: Witness(source) for source in found})
        return list(seen.values())  # type: ignore[arg-type]

    watch = Watch(session, Means(lambda _watched: [open_all], SessionFlag(), answers=(Topic.TRAFFIC,)), clock)
    watch.start()
    try:
        while not seen or not all(witness.begun for witness in seen.values()):
            time.sleep(0.05)
        yield seen
    finally:
        watch.stop("bench over")
        session.close()
