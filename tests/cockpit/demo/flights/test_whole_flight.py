"""One flight by a headless watch, two attached screens and the command line at once: one journal, nothing lost.

With COCKPIT_WHOLE_FLIGHT=1 it goes through every phase into the 7-day plan; else to 25 % and back.
"""

import itertools
import os
import subprocess
import sys
import threading
import time

import pytest

from cockpit.cli.commands.sessions import begin
from cockpit.demo.launch import World
from cockpit.demo.settings_file import settings_text
from cockpit.runtime.clock import DEMO_CLOCK
from cockpit.settings.file.wiring import MONGO_VARIABLE, Wiring
from sessions.plan.loader import bundled, scaled
from sessions.storage.folders import SESSION, prepare
from sessions.storage.journal import load
from tests.support.processes.terminal import ROOT, Terminal
from tests.support.trust.trusting import trusted

WHOLE = os.environ.get("COCKPIT_WHOLE_FLIGHT") == "1"
SPEED = 300 if WHOLE else 240
GOALS = (10, 25, 50, 100, None) if WHOLE else (10, 25)
PATIENCE = 600.0 if WHOLE else 240.0
PLAN = scaled(bundled(), SPEED)


class Crew:
    """The processes of one session: a watch without a screen, two screens, and commands that come and go."""

    def __init__(self, folder, environ):
        self.folder, self.environ = folder, environ
        command = [sys.executable, "-m", "cockpit", "watch", str(folder)]
        self.watch = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environ, cwd=ROOT)
        assert self.watch.stdout.readline().startswith("watching")
        self.drain = threading.Thread(target=self.watch.stdout.read, daemon=True)
        self.drain.start()
        self.screens = [Terminal("open", str(folder), program=("-m", "cockpit")) for _ in range(2)]
        for screen in self.screens:
            screen.until(b"Help", 60)
        self.noted = set()
        self.number = itertools.count(1)

    def tell(self, *words):
        """Run a command; return its code and its words."""
        command = [sys.executable, "-m", "cockpit", *words, str(self.folder)]
        done = subprocess.run(command, capture_output=True, text=True, env=self.environ, cwd=ROOT, check=False)
        return done.returncode, (done.stdout + done.stderr).strip()

    def note(self):
        """Write a note by the command line, and one by the keys of each screen."""
        text = f"cli {next(self.number)}"
        assert self.tell("note", text)[0] == 0
        self.noted.add(text)
        for which, screen in enumerate(self.screens):
            text = f"key{which} {next(self.number)}"
            self.press(screen, "n", "hat happened")
            self.press(screen, text, text[1:])
            screen.send(b"\r")
            self.written(screen, text)
            self.noted.add(text)

    def look(self, seconds):
        """Read what the screens paint: three notes in a second leave two cores no time for the flight itself."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for screen in self.screens:
                screen.pump(0.1)

    def written(self, screen, text):
        """Wait until a note is in the file; the screen's toasts of earlier ones say nothing of it."""
        end = time.monotonic() + 60
        while f'"{text}"' not in (self.folder / SESSION).read_text("utf-8"):
            assert time.monotonic() < end, (text, screen.text)
            screen.pump(0.1)

    def phase(self):
        """The phase that the log tells of."""
        entered = [entry.phase for entry in load(self.folder / SESSION).entries if entry.kind == "phase.entered"]
        return entered[-1] if entered else 0

    def press(self, screen, keys, *shows):
        """Press keys one by one, wait until the screen shows what comes of it, and return which of these it is."""
        for key in keys:
            screen.send(key.encode())
            screen.pump(0.05)
        return screen.shows(*shows)

    def end(self):
        self.watch.kill()
        self.watch.wait()
        self.drain.join()
        self.watch.stdout.close()
        for screen in self.screens:
            screen.close()


@pytest.fixture
def crew(tmp_path, monkeypatch):
    world = World(PLAN, "calm", 3)
    with world as address:
        folder = prepare(tmp_path / "flight")
        world.keep_time(folder / DEMO_CLOCK)
        path = folder / "cockpit.toml"
        trusted(path, settings_text("scrape", PLAN, address, MONGO_VARIABLE))
        begin(folder, "flight", PLAN, Wiring(settings=str(path)))
        environ = {**os.environ, MONGO_VARIABLE: address.mongo_uri}
        monkeypatch.setenv(MONGO_VARIABLE, address.mongo_uri)
        made = Crew(folder, environ)
        try:
            yield made
        finally:
            made.end()


def may_advance(crew):
    """Tick what is listed and wait until the gate opens, writing notes from everywhere meanwhile."""
    _, listed = crew.tell("task", "list")
    for line in listed.splitlines():
        task, status = line.split()[:2]
        if status == "open":
            assert crew.tell("task", "tick", task, "--reason", "seen by hand")[0] == 0
    end = time.monotonic() + PATIENCE
    while (answer := crew.tell("check"))[0] != 0:
        assert time.monotonic() < end, answer
        crew.note()
        crew.look(2.0)


def advanced(crew, goal):
    """Advance by the command line and by a screen's keys in turn; the gate may close between a look and the act."""
    tried = by_keys if goal == 25 else by_command
    end = time.monotonic() + PATIENCE
    while not tried(crew, goal):
        assert time.monotonic() < end, goal
        may_advance(crew)


def by_command(crew, goal):
    """Whether the command went through; only a gate that holds is an answer to try again."""
    code, said = crew.tell("advance", *(("--to", str(goal)) if goal else ()))
    assert code == 0 or said.startswith("cockpit: hold:"), said
    return code == 0


def by_keys(crew, goal):
    """Whether the key, and its dialog, moved the flag; the dialog of a gate that holds is left."""
    screen = crew.screens[0]
    if crew.phase() == goal:  # an answer of the attempt before may have been read as that of the last one
        return True
    if crew.press(screen, "a", "Advance to", "not pass.") == "not pass.":
        screen.send(b"\x1b")
        return False
    crew.press(screen, "y", f"{goal} % entered", "hold:")
    return crew.phase() == goal


@pytest.mark.flight
@pytest.mark.timeout(1800 if WHOLE else 600)
def test_a_flight_in_many_hands_is_one_journal(crew):
    for goal in GOALS:
        may_advance(crew)
        advanced(crew, goal)
    crew.press(crew.screens[1], " ", "Paused")
    assert crew.tell("resume")[0] == 0
    assert crew.tell("revert")[0] == 0
    crew.note()
    for screen in crew.screens:
        screen.send(b"q")
        assert screen.wait() == 0
    crew.watch.terminate()
    assert crew.watch.wait(60) == 143
    found = load(crew.folder / SESSION)
    notes = [entry.text for entry in found.entries if entry.kind == "note.written"]
    assert (found.damage, found.torn) == (None, b"")
    assert sorted(text for text in notes if text.startswith(("cli ", "key"))) == sorted(crew.noted)
    assert {entry.by for entry in found.entries if entry.text in crew.noted} == {"cli", "owner"}
    phases = [entry.phase for entry in found.entries if entry.kind == "phase.entered"]
    assert phases == [*(goal for goal in GOALS if goal), 50 if WHOLE else 10]
    started = [entry for entry in found.entries if entry.kind == "watch.started"]
    assert [entry.counted("pid") for entry in started] == [crew.watch.pid]
    once = ("flag.intended", "rollout.paused", "rollout.resumed", "baseline.captured")
    counts = {kind: sum(entry.kind == kind for entry in found.entries) for kind in once}
    assert counts["flag.intended"] == len(phases)
    assert (counts["rollout.paused"], counts["rollout.resumed"], counts["baseline.captured"]) == (1, 1, 1)
