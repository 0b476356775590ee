"""A cockpit that is killed, and what it left: everything it started inherits its mark and its temporary folder."""

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import time
import uuid
from pathlib import Path

import psutil

from tests.support.processes.terminal import Terminal

SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGHUP)
MARK = "COCKPIT_KILL_MARK"
SOON = 60.0


class Scene:
    """The surroundings of one killed cockpit."""

    def __init__(self, folder: Path) -> None:
        self.mark = uuid.uuid4().hex
        self.folder = folder
        self.temp = folder / "temp"
        self.temp.mkdir(parents=True)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        homes = {name: str(folder / "home") for name in ("HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME")}
        self.env = {**os.environ, **homes, MARK: self.mark, "TMPDIR": str(self.temp)}
        self.env.pop("COCKPIT_MONGO_URI", None)

    def processes(self):
        """Return all that carry our mark and are no zombies."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if process.environ().get(MARK) == self.mark and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
        return found

    def left(self):
        """Return what is still there, in words."""
        running = [str(process) for process in self.processes()]
        folders = [str(path) for path in self.temp.iterdir()]
        with socket.socket() as probe:
            taken = [f"port {self.port}"] if probe.connect_ex(("127.0.0.1", self.port)) == 0 else []
        return running + folders + taken

    def assert_nothing_is_left(self):
        deadline = time.monotonic() + SOON
        while left := self.left():
            if time.monotonic() > deadline:
                for process in self.processes():
                    process.kill()
                raise AssertionError(left)
            time.sleep(0.05)

    def words(self, *more):
        place = ("--out", str(self.folder / "flight"), "--port", str(self.port))
        return ("-m", "cockpit", "demo", *place, *more)

    def headless(self):
        """Start a headless demo."""
        words = [sys.executable, *self.words("--headless", "--speed", "240")]
        return subprocess.Popen(words, env=self.env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)


def kill_headless(scene, number, dice, *, flying):
    """Kill a headless demo, while it starts or after its first line."""
    with scene.headless() as child:
        if flying:
            child.stdout.readline()
        time.sleep(dice.uniform(0, 2.5))  # the random moment itself
        child.send_signal(number)
        try:
            child.communicate(timeout=SOON)
        finally:
            child.kill()


def kill_on_screen(scene, number, dice, *, flying):
    """Kill a demo on a terminal, while it starts or after its deck was painted."""
    terminal = Terminal(program=scene.words(), env=scene.env)
    try:
        if flying:
            terminal.until(b"10 %", SOON)
        end = time.monotonic() + dice.uniform(0, 2.5)
        while time.monotonic() < end:
            terminal.pump(0.05)
        os.kill(terminal.pid, number)
        terminal.wait(SOON)
    finally:
        terminal.close()


def moment(turn):
    """Return dice, signal, way and time of kill `turn`: twelve kinds in turn, each at a moment of its own."""
    ways = (kill_headless, kill_on_screen)
    return random.Random(turn), SIGNALS[turn % 3], ways[turn // 3 % 2], (turn + turn // 6) % 2 == 1
