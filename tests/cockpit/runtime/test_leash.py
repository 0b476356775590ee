"""The leash and its warden: what is held ends with its holder however that ends, what was let go stays."""

import contextlib
import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from cockpit.demo.world.tether import surroundings
from cockpit.runtime import leash
from cockpit.runtime.leash import Leash

PATIENCE = 60.0
HOLDER = """
import os, signal, subprocess, sys, time
from pathlib import Path
from cockpit.runtime.leash import LEASH
def child(text, **more):
    started = subprocess.Popen([sys.executable, "-c", text], start_new_session=True, **more)
    print(started.pid, flush=True)
    return started.pid
SLEEP = "import time; time.sleep(600)"
folder = Path(sys.argv[1])
"""
READY = "\nprint('ready', flush=True)\nsys.stdin.read()\n"


class Holder:
    """A process that holds what its script says, then waits to be killed; `pids` of what it started, in order."""

    def __init__(self, script, folder):
        words = [sys.executable, "-c", HOLDER + script + READY, str(folder)]
        self.child = subprocess.Popen(words, env=surroundings(), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        lines = iter(self.child.stdout.readline, b"ready\n")
        self.pids = [int(line) for line in lines]

    def end(self, number=signal.SIGKILL):
        self.child.send_signal(number)
        self.child.wait(PATIENCE)
        self.child.stdin.close()
        self.child.stdout.close()


@pytest.fixture
def holder(tmp_path):
    made = []

    def hold(script):
        made.append(Holder(script, tmp_path / "held"))
        return made[-1]

    yield hold
    for one in made:
        one.end()
        for pid in one.pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def alive(pid):
    with contextlib.suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    return False


def until(wanted):
    deadline = time.monotonic() + PATIENCE
    while not wanted():
        assert time.monotonic() < deadline
        time.sleep(0.02)  # a pause between two looks


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_what_is_held_goes_with_its_holder_whatever_ends_it(holder, tmp_path, number):
    held = holder("folder.mkdir(); LEASH.hold_folder(folder); LEASH.hold_group(child(SLEEP))")
    held.end(number)
    until(lambda: not alive(held.pids[0]) and not (tmp_path / "held").exists())


def test_one_that_is_stopped_goes_too(holder):
    held = holder("LEASH.hold_group(child(SLEEP))")
    os.kill(held.pids[0], signal.SIGSTOP)
    held.end()
    until(lambda: not alive(held.pids[0]))


def test_a_folder_goes_although_somebody_of_the_group_writes_into_it(holder, tmp_path):
    held = holder(
        "folder.mkdir(); LEASH.hold_folder(folder)\n"
        "write = 'import itertools, pathlib\\nfor n in itertools.count(): pathlib.Path(str(n % 99)).touch()'\n"
        "LEASH.hold_group(child(write, cwd=folder))"
    )
    until(lambda: any((tmp_path / "held").iterdir()))
    held.end()
    until(lambda: not (tmp_path / "held").exists())


def test_one_with_patience_may_end_by_itself_and_its_folder_waits_for_it(holder, tmp_path):
    held = holder(
        "for each in (folder, folder.with_name('other')): each.mkdir()\n"
        "LEASH.hold_group(child(SLEEP), 600); LEASH.hold_folder(folder)\n"
        "LEASH.hold_group(child(SLEEP))"
    )
    held.end()
    until(lambda: not alive(held.pids[1]))
    assert alive(held.pids[0])
    assert (tmp_path / "held").exists()
    os.kill(held.pids[0], signal.SIGKILL)
    until(lambda: not (tmp_path / "held").exists())


def test_what_was_let_go_stays(holder, tmp_path):
    kept = tmp_path / "kept"
    kept.mkdir()
    held = holder(
        "for hold in (LEASH.hold_folder, LEASH.let_go_folder): hold(folder.with_name('kept'))\n"
        "pid = child(SLEEP); LEASH.hold_group(pid); LEASH.let_go_group(pid)\n"
        "folder.mkdir(); LEASH.hold_folder(folder)"
    )
    held.end()
    until(lambda: not (tmp_path / "held").exists())  # the last thing that a warden does
    assert kept.exists()
    assert alive(held.pids[0])


def test_a_folder_may_be_held_before_it_is_made(holder, tmp_path):
    held = holder("LEASH.hold_folder(folder); folder.mkdir()")
    held.end()
    until(lambda: not (tmp_path / "held").exists())


def test_a_fork_that_keeps_the_pipe_open_keeps_nobody_alive(holder, tmp_path):
    held = holder(
        "folder.mkdir(); LEASH.hold_folder(folder)\n"
        "pid = os.fork()\n"
        "if pid == 0: time.sleep(600)\n"
        "print(pid, flush=True)"
    )
    held.end()
    until(lambda: not (tmp_path / "held").exists())


def test_a_killed_warden_is_replaced_by_one_that_knows_all(holder, tmp_path):
    held = holder(
        "folder.mkdir(); LEASH.hold_folder(folder)\n"
        "LEASH._warden.kill(); LEASH._warden.wait()\n"
        "LEASH.hold_group(child(SLEEP))"
    )
    held.end()
    until(lambda: not alive(held.pids[0]) and not (tmp_path / "held").exists())


def test_a_stopped_warden_keeps_nobody_waiting():
    ours = Leash()
    ours.hold_group(2**22 + 1)  # above the highest number that Linux gives
    first = ours._warden
    first.send_signal(signal.SIGSTOP)
    for _ in range(10_000):
        ours.hold_group(2**22 + 2)
        ours.let_go_group(2**22 + 2)
    assert ours._warden is not first
    assert first.returncode == -signal.SIGKILL
    last = ours._warden
    ours.close()
    assert last.wait(PATIENCE) == 0


def test_without_a_warden_nothing_is_refused(monkeypatch, tmp_path):
    def none():
        raise OSError("no more processes")

    monkeypatch.setattr(leash, "_started", none)
    ours = Leash()
    ours.hold_folder(tmp_path)
    ours.hold_group(2**22 + 1)
    ours.let_go_group(2**22 + 1)
    ours.close()
    assert tmp_path.exists()


def test_nothing_held_is_no_process():
    ours = Leash()
    ours.let_go_group(2**22 + 1)
    assert ours._warden is None
    ours.close()


def test_an_orderly_end_leaves_no_warden():
    script = "from cockpit.runtime.leash import LEASH\nLEASH.hold_group(2**22 + 1)\nLEASH.let_go_group(2**22 + 1)\n"
    done = subprocess.run(
        [sys.executable, "-c", script + "print(LEASH._warden.pid)"],
        env=surroundings(),
        stdout=subprocess.PIPE,
        check=True,
    )
    until(lambda: not alive(int(done.stdout)))
