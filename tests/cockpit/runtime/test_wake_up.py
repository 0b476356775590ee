"""A wait that signals interrupt at any moment: no lock is left half way, nothing told is lost."""

import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from cockpit import __main__ as program
from cockpit.cli.commands import demo
from cockpit.runtime.wake_up import WakeUp

INTERRUPTED = """
import signal
from cockpit.runtime.wake_up import WakeUp
wake, told = WakeUp(), 0
def tell(*_):
    global told
    told += 1
    wake.set()
signal.signal(signal.SIGALRM, tell)
signal.setitimer(signal.ITIMER_REAL, 0.0002, 0.0002)
while told < 5000:
    wake.wait(60)
signal.setitimer(signal.ITIMER_REAL, 0)
print(told)
"""


def test_a_signal_may_set_it_in_the_middle_of_a_wait():
    command = [sys.executable, "-c", INTERRUPTED]
    root = Path(__file__).parents[3]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, cwd=root)
    assert (done.returncode, done.stderr) == (0, "")
    assert int(done.stdout) >= 5000


def test_what_was_told_before_the_wait_is_not_lost():
    wake = WakeUp()
    wake.set()
    wake.set()
    assert wake.wait(60)
    assert not wake.wait(0)


@pytest.mark.parametrize("teller", [1, 4])
def test_other_threads_wake_the_wait(teller):
    wake = WakeUp()
    tellers = [threading.Thread(target=wake.set) for _ in range(teller)]
    for one in tellers:
        one.start()
    assert wake.wait(60)
    for one in tellers:
        one.join()


def breaking(number):
    """Break as a lock does that a signal's exception leaves half way."""
    try:
        signal.raise_signal(number)
    except SystemExit:
        raise RuntimeError("cannot release un-acquired lock") from None


@pytest.mark.parametrize("number", demo.SIGNALS)
def test_what_breaks_while_a_signal_unwinds_the_demo_is_still_that_end(number, monkeypatch):
    monkeypatch.setattr(demo, "HARD_SECONDS", 3600.0)
    with pytest.raises(SystemExit) as ended, demo.ended_by_signals():
        breaking(number)
    assert ended.value.code == 128 + number


def test_what_breaks_without_a_signal_is_told_as_it_is():
    with pytest.raises(RuntimeError, match="a defect"), demo.ended_by_signals():
        raise RuntimeError("a defect")


@pytest.fixture
def heard():
    """Let ctrl+c be heard as in a program of its own, whatever a screen in this process made of it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heard")
def test_ctrl_c_that_leaves_a_lock_half_way_is_no_traceback(monkeypatch):
    def interrupted(_arguments):
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            raise RuntimeError("cannot release un-acquired lock")  # noqa: B904

    monkeypatch.setattr(program, "asked", interrupted)
    assert program.run(["status"]) == 130
