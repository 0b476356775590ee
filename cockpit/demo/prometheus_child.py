"""A Prometheus for the demo: a child process on a free port that scrapes the addresses it is given."""

import json
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping, Sequence
from os import getpid
from pathlib import Path

from cockpit.demo.world.database import free_port
from cockpit.demo.world.tether import surroundings
from cockpit.runtime.leash import LEASH

PROGRAM = "prometheus"
JOB = "concierge"
START_SECONDS = 20.0
_TRIES = 3


class ChildError(Exception):
    """The program is missing or did not start; the text is one line for the owner."""


class PrometheusChild:
    """A Prometheus that scrapes `targets` (host:port) each `scrape_interval` s: a context manager that gives its URL.

    All it writes is in `folder`, and it dies with us; `options` go to the program. Entering raises ChildError.
    """

    def __init__(
        self, targets: Sequence[str], folder: Path, scrape_interval: float = 1.0, options: Sequence[str] = ()
    ) -> None:
        self._targets = tuple(targets)
        self._folder = folder
        self._interval = scrape_interval
        self._options = options
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> str:
        """Start it and return its URL once it is ready; a port taken in the meantime is tried again."""
        program = shutil.which(PROGRAM)
        if program is None:
            raise ChildError("there is no program called prometheus: apt install prometheus, or choose another source")
        self._configure()
        try:
            if url := self._started(program):
                return url
        except BaseException:
            self._end()
            raise
        raise ChildError(f"prometheus did not start, see {self._folder / 'prometheus.log'}")

    def __exit__(self, *_: object) -> None:
        """End it: what it holds is thrown away anyway."""
        self._end()

    def _started(self, program: str) -> str:
        """Start it and return its URL, empty if it would not."""
        for _ in range(_TRIES):
            port = free_port()
            self._child = self._spawn(program, port)
            LEASH.hold_group(self._child.pid)
            if is_ready(self._child, f"http://127.0.0.1:{port}/-/ready"):
                return f"http://127.0.0.1:{port}"
            self._end()
        return ""

    @property
    def pid(self) -> int:
        """The child's process id, 0 while there is none."""
        return self._child.pid if self._child is not None else 0

    def aim(self, targets: Sequence[str]) -> None:
        """Say what is scraped from now on; what is left out leaves the service discovery."""
        fresh = self._folder / "targets.new"
        fresh.write_text(json.dumps([{"targets": list(targets)}]), "utf-8")
        fresh.replace(self._folder / "targets.json")

    def _end(self) -> None:
        if self._child is not None:
            self._child.kill()
            LEASH.let_go_group(self._child.pid)
            self._child.wait()
            self._child = None

    def _configure(self) -> None:
        self.aim(self._targets)
        span = f"{round(self._interval * 1000)}ms"
        found = [{"files": [str(self._folder / "targets.json")]}]
        job: Mapping[str, object] = {"job_name": JOB, "file_sd_configs": found}
        whole = {"global": {"scrape_interval": span, "scrape_timeout": span}, "scrape_configs": [job]}
        # JSON is YAML too.
        (self._folder / "prometheus.yml").write_text(json.dumps(whole), "utf-8")

    def _spawn(self, program: str, port: int) -> subprocess.Popen[bytes]:
        options = [
            f"--config.file={self._folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={self._folder / 'prometheus'}",
            f"--web.listen-address=127.0.0.1:{port}",
            "--scrape.discovery-reload-interval=100ms",
            *self._options,
        ]
        return tethered([program, *options], self._folder / "prometheus.log")


def tethered(command: Sequence[str], log: Path) -> subprocess.Popen[bytes]:
    """Start a program (an absolute path and its arguments) that dies with us; what it says goes to `log`.

    It leads a group of its own. Linux ends it with the thread that calls this: call it from one that stays.
    """
    tether = [sys.executable, "-P", "-m", "cockpit.demo.world.tether", str(getpid())]
    with log.open("ab") as said:
        return subprocess.Popen(  # noqa: S603 (our own interpreter)
            [*tether, *command],
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            env=surroundings(),
            start_new_session=True,
        )


def is_ready(child: subprocess.Popen[bytes], url: str) -> bool:
    """Wait until `url` is answered with 200; False when the child ends or takes too long."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + START_SECONDS
    while child.poll() is None and time.monotonic() < deadline:
        try:
            with direct.open(url, timeout=1.0):
                return child.poll() is None
        except OSError:
            time.sleep(0.05)
    return False
