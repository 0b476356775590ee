"""The world's end: a driver that swallows a cancellation, a world that is stopped, and a cockpit that is killed."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from cockpit.demo.clock.keeper import Keeper
from cockpit.demo.world.__main__ import _write, cancelled
from cockpit.demo.world.tether import surroundings

PATIENCE = 60.0
COCKPIT = """
import sys
from pathlib import Path
from cockpit.demo.launch import World
from sessions.plan.loader import bundled, scaled
given = Path(sys.argv[1]) if len(sys.argv) > 1 else None
world = World(scaled(bundled(), 240), "calm", 1, given)
print(world.start().folder, world._child.pid, flush=True)
sys.stdin.read()
"""


async def deaf():
    """Wait for long, and swallow the first cancellation, as the driver does where an answer comes at that moment."""
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.sleep(600)


async def test_a_swallowed_cancellation_is_told_again():
    async def run():
        await deaf()
        await asyncio.sleep(600)

    task = asyncio.ensure_future(run())
    await asyncio.sleep(0)
    async with asyncio.timeout(PATIENCE):
        await cancelled(task)
    assert task.cancelled()


async def test_the_writer_ends_although_the_driver_swallowed_its_cancellation():
    class Records:
        flush = staticmethod(deaf)

    class Backoffice:
        async def work(self, _now):
            pass

    async def group():
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_write(Backoffice(), Records(), 72.0, Keeper(72.0)))

    task = asyncio.ensure_future(group())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    async with asyncio.timeout(PATIENCE):
        await cancelled(task)
    assert task.cancelled()


def gone(processes):
    """Say whether all end; whoever does not is killed: a test that fails leaves nothing either."""
    left = psutil.wait_procs(processes, timeout=PATIENCE)[1]
    for process in left:
        process.kill()
    return left == []


def until(wanted):
    deadline = time.monotonic() + PATIENCE
    while not wanted():
        assert time.monotonic() < deadline
        time.sleep(0.05)  # a pause between two looks


@pytest.mark.parametrize("own", [True, False], ids=["its folder", "a given folder"])
def test_a_world_that_hears_nothing_is_ended_once_its_cockpit_was_killed(tmp_path, own):
    words = [sys.executable, "-c", COCKPIT, *([] if own else [str(tmp_path)])]
    with subprocess.Popen(words, env=surroundings(), stdin=subprocess.PIPE, stdout=subprocess.PIPE) as cockpit:
        folder, pid = cockpit.stdout.readline().decode().split()
        world = psutil.Process(int(pid))
        processes = [world, *world.children(recursive=True)]
        for process in reversed(processes):
            os.kill(process.pid, signal.SIGSTOP)
        cockpit.kill()
        assert gone(processes)
    until(lambda: not Path(folder, "mongo").exists())
    until(lambda: Path(folder).exists() != own)
