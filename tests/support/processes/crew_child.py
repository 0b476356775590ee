"""A process of a session, for tests: it opens it as `cockpit open` and `cockpit watch` do, over a flag in a file.

    python -m tests.support.processes.crew_child FOLDER FLAG [steer]

It prints `watching` once it watches, and for `steer` moves the flag up and down for ever, printing every answer.
"""

import os
import sys
import threading
from pathlib import Path

from cockpit.engine.task_runs import Runs
from cockpit.engine.watch import Means, Watch
from cockpit.runtime.clock import Clock
from sessions.values.flag_value import FlagValue
from sessions.values.requests import Act, Request
from tests.support.watch.watching import documents, session_in, traffic


class LoggedFlag:
    """A flag whose file keeps every value ever written with its intent, a line each; the last is what it holds."""

    name, moves = "logged", True

    def __init__(self, path):
        self._path = path

    async def read(self, now):
        newest = self._path.read_text("utf-8").splitlines()[-1]
        return FlagValue(self.name, now, int(newest.split()[0]), None)

    async def write(self, percent, *, expected="", comment=""):
        fd = os.open(self._path, os.O_WRONLY | os.O_APPEND)
        os.write(fd, f"{percent} {comment.split()[1]}\n".encode())
        os.close(fd)

    async def switch(self, name, *, on, comment=""):
        pass

    async def renew(self):
        return False

    async def verify(self, percent, now):
        return ""

    def by_hand(self, percent):
        return ()

    async def aclose(self):
        pass


def opened(folder, flag):
    """Return a Watch over the session, not yet started."""
    clock = Clock()

    async def sources():
        return [traffic(), documents()]

    means = Means(lambda _watched: [sources], LoggedFlag(flag), seed=1)
    return Watch(session_in(folder, clock), means, clock, runs=Runs({}, clock))


def say(line):
    os.write(1, f"{line}\n".encode())


def steer(door):
    """Go on against the gate and back again; say what was acknowledged."""
    for number in range(10**6):
        state = door.latest().state
        following = state.plan.after(state.phase)
        if following is not None and number % 3:
            request = Request(Act.ADVANCE, percent=following.percent, override=True, reason="drill")
        else:
            request = Request(Act.REVERT)
        note = door.ask(Request(Act.NOTE, text=f"{os.getpid()}-{number}")).result(60)
        if note.ok:
            say(f"noted {os.getpid()}-{number}")
        answer = door.ask(request).result(60)
        say(f"{'moved' if answer.ok else 'held'} {answer.text}")


def main():
    folder, flag = Path(sys.argv[1]), Path(sys.argv[2])
    door, told = opened(folder, flag), threading.Event()

    def wake():
        if not door.follows and not told.is_set() and door.latest().state.watching:
            told.set()
            say("watching")

    door.on_change(wake)
    door.start()
    say("up")
    if "steer" in sys.argv:
        steer(door)
    sys.stdin.read()
    door.stop("over")


if __name__ == "__main__":
    main()
