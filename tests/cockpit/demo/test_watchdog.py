"""The world's watchdog: it hears while the main thread is stuck, ends hard, and kills no group that is not its own."""

import signal
import subprocess
import sys

import pytest

from cockpit.demo.world.tether import surroundings

PATIENCE = 60.0
STUCK = """
import subprocess, sys, threading
from cockpit.demo.watchdog import Watchdog
dog = Watchdog(0.2)
if "child" in sys.argv:  # it holds stdout open: its end is seen there
    subprocess.Popen(["sleep", "600"])
print("up", flush=True)
while "spins" in sys.argv:
    pass
if "sleeps" in sys.argv:
    threading.Event().wait()
dog.let_go.result()
print("let go", flush=True)
"""
PIPES = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}


def started(*words):
    return subprocess.Popen([*words], env=surroundings(), start_new_session=True, **PIPES)


def end(world, cause):
    assert world.stdout.readline() == b"up\n"
    if cause == "SIGTERM":
        world.send_signal(signal.SIGTERM)
    else:
        world.stdin.close()


@pytest.mark.parametrize("how", ["spins", "sleeps"])
@pytest.mark.parametrize("cause", ["SIGTERM", "end of stdin"])
def test_whoever_is_stuck_ends_hard_with_its_group(how, cause):
    with started(sys.executable, "-c", STUCK, how, "child") as stuck:
        end(stuck, cause)
        assert stuck.wait(PATIENCE) == -signal.SIGKILL
        assert stuck.stdout.read() == b""  # the child is gone too: nobody holds the other end


@pytest.mark.parametrize("cause", ["SIGTERM", "end of stdin"])
def test_whoever_listens_ends_by_itself(cause):
    with started(sys.executable, "-c", STUCK) as world:
        end(world, cause)
        assert world.stdout.readline() == b"let go\n"
        assert world.wait(PATIENCE) == 0


def test_a_lost_parent_is_seen_although_stdin_stays_open():
    parent = f"import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', {STUCK!r}, 'spins']).wait()"
    with started(sys.executable, "-c", parent) as first:
        assert first.stdout.readline() == b"up\n"
        first.kill()
        assert first.stdout.read() == b""


def test_a_group_that_is_not_its_own_is_left_alone():
    with started("sh", "-c", '"$0" -c "$1" spins; echo "survived $?"', sys.executable, STUCK) as shell:
        end(shell, "end of stdin")
        assert shell.stdout.readline() == b"survived 137\n"
        assert shell.wait(PATIENCE) == 0
