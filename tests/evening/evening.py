"""An evening with the cockpit from an empty folder: its commands as the docs have them, and programs beside it."""

import json
import os
import queue
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

import pytest

from cockpit.demo.prometheus_child import tethered
from cockpit.demo.world.database import free_port
from sessions.history.history import History
from sessions.values.readings import Grain, Traffic
from tests.bench.tools.terminal import Terminal
from tests.evening.setting_up import rehearsal
from tests.evening.truth import served

ROOT = Path(__file__).parents[2]
SERVICES = Path(__file__).parent / "services"
PATIENCE = 60.0
_COCKPIT = ("nice", sys.executable, "-m", "cockpit")
"""It looks on from the same machine: what it looks at comes first."""
_STRANGE = ("COLUMNS", "LINES", "COCKPIT_HOME", "COCKPIT_STATE", "COCKPIT_MONGO_URI")


def part(name: str) -> str:
    """Return where a program that .ci/real makes is; without it the evening is skipped aloud."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"NOT PROVEN: there is no program called {name}; .ci/real makes it where its packages can be had")
    return found


class Evening:
    """A folder of its own with a home of its own; `environ` is what the owner has exported. A context manager."""

    def __init__(self, folder: Path, name: str, **environ: str) -> None:
        self.folder, self.name = folder / "evening", name
        self.folder.mkdir()
        home = folder / "home"
        home.mkdir()
        self.truth = folder / "truth.tsv"
        self.fault = folder / "fault"
        homes = {"HOME": str(home), "XDG_DATA_HOME": "", "XDG_STATE_HOME": "", "XDG_CONFIG_HOME": ""}
        kept = {name: value for name, value in os.environ.items() if name not in {*_STRANGE, *homes}}
        self.environ = {**kept, "HOME": str(home), "PYTHONPATH": str(ROOT), "TZ": "UTC", **environ}
        self._folder, self._children = folder, ExitStack()
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.said: list[str] = []
        self.turns: list[float] = []
        self.unproven = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._children.close()

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, "utf-8")

    def cockpit(self, *words: str, code: int | None = 0) -> str:
        """Run one command to its end; return what it printed, both streams."""
        done = subprocess.run(
            [*_COCKPIT, *words],
            check=False,
            cwd=self.folder,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=90,
        )
        said = (done.stdout + done.stderr).decode()
        assert code is None or done.returncode == code, f"{' '.join(words)} ended with {done.returncode}: {said}"
        return said

    def asks(self, *words: str) -> int:
        """Run one command; return its exit code."""
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "stdin": subprocess.DEVNULL}
        done = subprocess.run([*_COCKPIT, *words], cwd=self.folder, env=self.environ, timeout=90, check=False, **quiet)
        return done.returncode

    def status(self) -> dict:
        return json.loads(self.cockpit("status", self.name, "--json"))

    def service(self, runner: str, script: str, *words: str, **environ: str) -> str:
        """Start a service of tests/evening/services on a port of its own; return its address once it answers."""
        port = free_port()
        command = [part(runner), str(SERVICES / script), str(port), *words, str(self.fault)]
        child = self._started(command, script, **environ)
        url = f"http://127.0.0.1:{port}"
        said = (self._folder / f"{script}.log").read_text
        assert answers(child, port), said("utf-8")
        return url

    def loaded(self, url: str, rate: float, *endpoints: str) -> None:
        """Start the load generator."""
        self._started(
            [sys.executable, str(ROOT / "tests/evening/load.py"), url, str(rate), str(self.truth), *endpoints]
        )

    def until_page(self, url: str, endpoints: int) -> None:
        """Wait until a page or an answer names so many endpoints: somebody must have come before there is a look."""
        end = time.monotonic() + PATIENCE
        while True:
            with urllib.request.urlopen(url, timeout=10) as answer:
                if len(set(re.findall(r'(?:path|handler)"?[=:]"(/[a-z]+)"', answer.read().decode()))) >= endpoints:
                    return
            assert time.monotonic() < end, url
            threading.Event().wait(0.1)

    def until_scraped(self, server: str, endpoints: int) -> None:
        """Wait until a Prometheus knows so many endpoints, with growth to tell."""
        self.until_page(f"{server}/api/v1/query?query=increase(http_requests_total[5s])", endpoints)

    def watch(self) -> None:
        """Start `cockpit watch`; what it prints is waited for by `until`."""
        child = subprocess.Popen(
            [*_COCKPIT, "watch", self.name],
            cwd=self.folder,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._watch = child

        def listen() -> None:
            for line in child.stdout:
                self._lines.put(line.rstrip())

        reader = threading.Thread(target=listen, daemon=True)
        reader.start()

        def end() -> None:
            if child.poll() is None:
                child.send_signal(signal.SIGTERM)
            child.wait(60)
            reader.join(60)
            child.stdout.close()

        self._children.callback(end)
        self.until("watching ")

    def until(self, *words: str, patience: float = PATIENCE) -> str:
        """Wait for a line of the watch that holds these words; return it. What came before is in `said`."""
        end = time.monotonic() + patience
        while True:
            line = self._heard(end - time.monotonic())
            assert time.monotonic() < end, f"the watch never said {words}: {self.said[-12:]}"
            if all(word in line for word in words):
                return line

    def _heard(self, patience: float) -> str:
        """Return the next line of the watch, empty where none comes in time."""
        try:
            self.said.append(self._lines.get(timeout=max(0.01, patience)))
        except queue.Empty:
            return ""
        return self.said[-1]

    def until_code(self, code: int, *words: str, patience: float = 4 * PATIENCE) -> None:
        """Ask a command again and again until it ends with this code."""
        end = time.monotonic() + patience
        while (ended := self.asks(*words)) != code:
            assert time.monotonic() < end, f"{words} ends with {ended}: {self.cockpit(*words, code=None)}"
            self._heard(1.0)

    def init(self, *options: str) -> None:
        """Let the cockpit write plan and settings from what it finds, then make the plan one of minutes."""
        self.cockpit("init", self.name, *options)
        self.write("plan.toml", rehearsal((self.folder / "plan.toml").read_text("utf-8")))

    def ready(self, assumption: str) -> None:
        """Check the plan, try everything, begin, watch, and tick what is assumed before the first user."""
        self.cockpit("plan", "check", "plan.toml")
        self.until_code(0, "doctor")
        self.cockpit("new", self.name)
        self.watch()
        self.cockpit("task", "tick", assumption, self.name)

    def edit(self, name: str, edits: dict[str, str]) -> None:
        """Edit a file as its owner does; each edit must find its words."""
        text = (self.folder / name).read_text("utf-8")
        for words, other in edits.items():
            assert words in text, (words, text)
            text = text.replace(words, other)
        self.write(name, text)

    def append(self, name: str, text: str) -> None:
        """Write more at the end of a file."""
        self.write(name, (self.folder / name).read_text("utf-8") + text)

    def up_to(self, percent: int, *activities: str) -> None:
        """Wait for the gate, advance, and tick what the phase asks for; the gate may close between the first two."""
        self.until_code(0, "check", self.name)
        self.until_code(0, "advance", self.name, "--to", str(percent))
        self.until("phase.entered", f"{percent} %")
        for activity in activities:
            self.cockpit("task", "tick", activity, self.name)

    def breaks(self, how: str) -> None:
        """Let the service have its fault from now on."""
        self.turns.append(time.time())
        self.fault.write_text(how, "utf-8")

    def heals(self) -> None:
        """Take the fault away."""
        self.turns.append(time.time())
        self.fault.unlink()

    def until_served(self, least: float, most: float) -> None:
        """Wait until the users whom the load generator sends have the flag as often as that, in the last 4 s."""
        end = time.monotonic() + PATIENCE
        while not least < (share := served(self.truth, since=-4)) < most:
            assert time.monotonic() < end, share
            self.cockpit("status", self.name)

    def exported(self, *words: str) -> str:
        """Export the report and return it; it holds these words."""
        self.cockpit("export", self.name, "--out", "report")
        (path,) = (self.folder / "report").glob("*.md")
        text = path.read_text("utf-8")
        assert all(word in text for word in words), text
        return text

    def stop_watch(self) -> None:
        self._watch.send_signal(signal.SIGTERM)
        assert self._watch.wait(60) == 128 + signal.SIGTERM

    @contextmanager
    def deck(self):
        """Open the session on a terminal of 160x48 and give it once it is painted."""
        with self._surroundings():
            terminal = Terminal([*_COCKPIT, "open", self.name, "--read-only"], {})
        with terminal:
            terminal.until(lambda text: "? Help" in text)
            yield terminal

    def windows(self) -> list[Traffic]:
        """Return the closed windows that the session's history holds."""
        (path,) = Path(self.environ["HOME"]).rglob("history.sqlite")
        with closing(History.open_readonly(path)) as history:
            until = datetime.now(UTC)
            found = history.between(until - timedelta(hours=1), until)
        rows = [one for one in found if isinstance(one, Traffic) and one.grain is Grain.WINDOW and one.at >= one.end]
        return sorted(rows, key=lambda one: (one.start, one.endpoint))

    @contextmanager
    def _surroundings(self):
        """Be in the owner's folder, with the owner's environment."""
        before, here = dict(os.environ), Path.cwd()
        os.environ.clear()
        os.environ.update(self.environ)
        os.chdir(self.folder)
        try:
            yield
        finally:
            os.chdir(here)
            os.environ.clear()
            os.environ.update(before)

    def run_child(self, command: list[str], log: str, **environ: str) -> subprocess.Popen[bytes]:
        return self._started(command, log, **environ)

    def _started(self, command: list[str], log: str = "load", **environ: str) -> subprocess.Popen[bytes]:
        before = {name: os.environ.get(name) for name in environ}
        os.environ.update(environ)
        try:
            child = tethered(command, self._folder / f"{log}.log")
        finally:
            for name, value in before.items():
                os.environ.pop(name) if value is None else os.environ.update({name: value})
        self._children.callback(_ended, child)
        return child


def _ended(child: subprocess.Popen[bytes]) -> None:
    child.kill()
    child.wait(60)


def answers(child: subprocess.Popen[bytes], port: int) -> bool:
    """Wait until a port is listened at; False when the child ends or takes too long."""
    end = time.monotonic() + PATIENCE
    while child.poll() is None and time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return True
        try:
            child.wait(0.05)
        except subprocess.TimeoutExpired:
            continue
    return False
