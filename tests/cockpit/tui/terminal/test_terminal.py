"""The terminal is left as it was found, whatever ends the screen; nothing foreign reaches it."""

import os
import re
import signal
import sys
import time

import psutil
import pytest

from tests.support.processes.terminal import RESTORED, Terminal, changed
from tests.support.screen.sample import TOUGH

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
READY = b"Ops log"


@pytest.fixture
def terminal():
    opened = []

    def start(*args: str) -> Terminal:
        opened.append(Terminal(*args))
        opened[-1].until(READY)
        opened[-1].until(b"Help")
        return opened[-1]

    yield start
    for one in opened:
        one.close()


def restored(terminal: Terminal) -> None:
    assert terminal.flags() == terminal.before
    assert changed(terminal.out) == set()
    for code in RESTORED:
        assert code in terminal.out, code
    assert terminal.out.rindex(b"\x1b[?1049l") > terminal.out.rindex(b"\x1b[?1049h")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT], ids=lambda number: number.name)
def test_a_signal_leaves_the_terminal_as_it_was(terminal, number):
    """Row 32."""
    here = terminal("calm")
    assert here.flags() != here.before
    os.kill(here.pid, number)
    assert here.wait() == 128 + number
    restored(here)
    assert b"the session is saved" in here.out
    assert b"25 %" in here.out[here.out.rindex(b"\x1b[?1049l") :]


def test_q_leaves_with_zero(terminal):
    here = terminal("calm")
    here.until("\x1b[22;0t\x1b]0;25 % ▲ hold\a".encode())
    here.send(b"q")
    assert here.wait() == 0
    restored(here)
    assert b"\x1b[23;0t" in here.out


def test_ctrl_c_does_not_leave(terminal):
    here = terminal("calm")
    here.send(b"\x03")
    here.shows("Press q to leave")
    here.send(b"q")
    assert here.wait() == 0
    restored(here)


def test_an_exception_is_one_line_without_locals(terminal):
    here = terminal("fails")
    here.send(b"\x03")
    assert here.wait() == 1
    restored(here)
    said = here.out[here.out.rindex(b"\x1b[?1049l") :]
    assert b"the screen failed: RuntimeError: no such thing as 7" in re.sub(rb"\s+", b" ", said)
    assert b"hunter2" not in here.out
    assert b"Traceback" not in said


def test_ctrl_z_gives_the_terminal_back_and_fg_takes_it_again(terminal):
    here = terminal("calm")
    here.send(b"\x1a")
    here.stopped()
    assert here.flags() == here.before
    restored(here)
    here.out = b""
    os.kill(here.pid, signal.SIGCONT)
    here.until(b"\x1b[?1049h")
    here.until(READY)
    here.send(b"q")
    assert here.wait() == 0
    restored(here)


def test_a_terminal_that_does_not_read_cannot_hold_the_screen_back(terminal):
    """Rows 32 and 34: the painting is stuck, the signal still ends it and gives the flags back."""
    here = terminal("calm")
    here.send(b"2")
    here.shows("bound 500")
    for number in range(400):  # arrows repaint the chart; nobody reads what is painted
        os.write(here.master, b"\x1b[B" if number % 2 else b"\x1b[C")
    child = psutil.Process(here.pid)
    child.send_signal(signal.SIGTERM)
    end = time.monotonic() + 60
    while child.status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < end
        time.sleep(0.02)
    assert here.flags() == here.before
    assert here.wait() == 143
    assert changed(here.out) == set()


def test_a_terminal_that_is_gone_ends_the_screen_without_spinning(terminal):
    """Row 33."""
    here = terminal("calm")
    child = psutil.Process(here.pid)
    os.kill(here.pid, 0)
    os.close(here.slave)
    os.close(here.master)
    used, started = sum(child.cpu_times()[:2]), time.monotonic()
    end = started + 10
    while child.status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < end
        last = sum(child.cpu_times()[:2])
        time.sleep(0.02)
    assert last - used < 2.0
    os.waitpid(here.pid, 0)
    here.pid = 0


@pytest.mark.parametrize("text", TOUGH, ids=["markup", "control", "wide"])
def test_no_foreign_control_sequence_reaches_the_terminal(terminal, text):
    """Rows 82 and 83: no clipboard, no title, no link, no colour of its own."""
    here = terminal("hostile", text.encode("utf-8", "surrogatepass").hex())
    here.send(b"4")
    here.shows("Filter")
    here.send(b"q")
    assert here.wait() == 0
    assert b"\x1b]52" not in here.out
    assert b"owned\x07" not in here.out
    assert b"\x1b]8;" not in here.out
    assert b"\x9b31m" not in here.out.replace("界".encode(), b"")
    assert b"\x1b[31m" not in here.out
    assert b"\x00" not in here.out
    restored(here)


def test_keys_pasted_raw_into_the_terminal_ask_nothing(terminal):
    """Row 79."""
    here = terminal("calm")
    here.send(b"ry q\rn")
    here.shows("Pasted?")
    assert b"Revert to" not in here.out
    here.send(b"\r")
    here.shows("Ignored what came all at once")
    here.send(b"q")
    assert here.wait() == 0
