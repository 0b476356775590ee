"""Three processes over one session: how soon an act is on the disk, how soon another takes the watch over.

And one whose terminal does not read: how many of its polls are on time all the same.
"""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

from stalling import PLAN, Page
from tools.row import Row
from tools.terminal import Terminal

from cockpit.cli.commands.sessions import begin
from cockpit.engine.opening import opened
from cockpit.engine.watch import Watch
from cockpit.runtime.clock import Clock
from cockpit.settings.file.wiring import Wiring
from sessions.storage.folders import prepare
from sessions.storage.locks import watcher
from sessions.values.requests import Act, Request
from tests.support.trust.trusting import trusted

COCKPIT = (sys.executable, "-m", "cockpit")
NOTES = 60
DEAF = 60.0
ON_TIME = 1.25
"""A poll is on time that comes within a quarter of an interval: a tenth of that is wanted jitter."""


def measure(rounds: int) -> list[Row]:
    """Write notes, kill whoever watches, and leave a terminal unread; 1 round only proves that it works."""
    with TemporaryDirectory(prefix="cockpit-bench-") as place, _counted() as page:
        folder = _session(Path(place), page.url)
        acks = _acknowledged(folder, NOTES * rounds)
        waits = _taken_over(folder, 3 * rounds)
        deaf = _deaf(folder, page, DEAF if rounds > 1 else 2.0)
    ordered = quantiles(acks, n=100)
    note = f"{len(acks)} notes by a screen that follows, beside a headless watch and another screen"
    return [
        Row("Key to durable entry, p50", ordered[49], "ms", "", note),
        Row("Key to durable entry, p99", ordered[98], "ms", "≤ 100 ms", "the same"),
        Row("Take-over after kill -9", 1000 * median(waits), "ms", "≤ 10 s", f"worst {1000 * max(waits):.0f} ms"),
        Row("Polls on time, terminal unread", deaf, "%", "≥ 95 %", f"{DEAF:.0f} s at 4 polls a second"),
    ]


class _Counted(Page):
    """A /metrics page that remembers when it was asked."""

    def __init__(self) -> None:
        self.asked: list[float] = []
        super().__init__()

    def process_request(self, request: object, client_address: object) -> None:
        self.asked.append(time.monotonic())
        super().process_request(request, client_address)  # type: ignore[arg-type]


@contextmanager
def _counted() -> Iterator[_Counted]:
    page = _Counted()
    threading.Thread(target=page.serve_forever, daemon=True).start()
    try:
        yield page
    finally:
        page.shutdown()
        page.server_close()


def _session(place: Path, url: str) -> Path:
    folder, settings = prepare(place / "flight"), place / "cockpit.toml"
    trusted(settings, f'[sources.page]\nkind = "scrape"\nurls = ["{url}"]\n')
    begin(folder, "bench", PLAN, Wiring(settings=str(settings)))
    return folder


@contextmanager
def _headless(folder: Path, count: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Give processes that watch or stand by, ended by their own pids."""
    crew = [_begun(folder) for _ in range(count)]
    try:
        _until(lambda: watcher(folder) is not None)
        yield crew
    finally:
        for child in crew:
            child.kill()
            child.wait()


def _begun(folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([*COCKPIT, "watch", str(folder)], stdout=subprocess.DEVNULL)


def _acknowledged(folder: Path, count: int) -> list[float]:
    """Write notes through a door that follows, beside two other processes; return the milliseconds that each took."""
    took = []
    with _headless(folder, 1), Terminal([*COCKPIT, "open", str(folder)], {}) as screen:
        screen.until(lambda text: "Help" in text)
        with opened(folder, Clock(), None) as door:
            assert isinstance(door, Watch)
            door.start()
            assert door.follows
            for number in range(count):
                begun = time.perf_counter()
                assert door.ask(Request(Act.NOTE, text=f"note {number}")).result(30).ok
                took.append(1000 * (time.perf_counter() - begun))
    return took


def _taken_over(folder: Path, count: int) -> list[float]:
    """Kill whoever watches, again and again; return the seconds until another process did."""
    waits = []
    with _headless(folder, 2) as crew:
        for _ in range(count):
            _until(lambda: _watching(folder, crew) is not None)
            victim = _watching(folder, crew)
            assert victim is not None
            begun = time.perf_counter()
            victim.kill()
            victim.wait()
            crew.remove(victim)
            _until(lambda: _watching(folder, crew) is not None)
            waits.append(time.perf_counter() - begun)
            crew.append(_begun(folder))
            time.sleep(1.0)  # the new one stands by before the next is killed
    return waits


def _watching(folder: Path, crew: list[subprocess.Popen[bytes]]) -> subprocess.Popen[bytes] | None:
    """Return which of them watches, None while none of them says so."""
    holder = watcher(folder)
    return next((child for child in crew if holder is not None and child.pid == holder.pid), None)


def _deaf(folder: Path, page: _Counted, span: float) -> float:
    """Watch with a screen whose terminal is not read; return the share of polls that were on time, in %."""
    with Terminal([*COCKPIT, "open", str(folder)], {}) as screen:
        screen.until(lambda text: "Help" in text)
        screen.unread()
        since = time.monotonic()
        time.sleep(span)
        moments = [at for at in page.asked if at >= since]
    interval = PLAN.cadence.traffic
    waits = [late - early for early, late in pairwise([since, *moments])]
    missed = sum(max(0.0, wait / interval - 1) for wait in waits if wait > ON_TIME * interval)
    return 100 * len([wait for wait in waits if wait <= ON_TIME * interval]) / (len(waits) + missed)


def _until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.002)
