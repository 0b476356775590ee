"""The mouse is the cockpit's, or the terminal's: by the settings, by a key at once, and put away in both states."""

import os
import signal
import sys
from contextlib import contextmanager

import pytest

from tests.cockpit.tui.terminal.test_signals import as_before, offered, stopped_and_continued
from tests.support.processes.terminal import Terminal, changed

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal"),
    pytest.mark.slow,
]
REPORTS = {"1000", "1003", "1006", "1015"}
TAKEN, LEFT = "cockpit's again", "the terminal's"


@contextmanager
def screen(what: str):
    here = Terminal(what)
    try:
        here.until(b"Help")
        yield here
    finally:
        here.close()


def pressed(here, key: bytes, answer: str) -> None:
    here.send(key)
    here.shows(answer)


def reported(here) -> set[str]:
    return changed(here.out) & (REPORTS | {"1016"})


def quit_by_key(here) -> None:
    here.send(b"q")
    assert here.wait() == 0
    as_before(here)


def test_the_key_leaves_the_mouse_to_the_terminal_at_once_and_takes_it_again():
    with screen("calm") as here:
        offered(here)
        assert reported(here) == REPORTS | {"1016"}
        pressed(here, b"M", LEFT)
        assert reported(here) == set()
        here.quiet()
        pressed(here, b"M", TAKEN)
        assert reported(here) == REPORTS | {"1016"}
        quit_by_key(here)


@pytest.mark.parametrize("keys", [b"", b"M"], ids=["left", "taken meanwhile"])
def test_settings_without_a_mouse_never_ask_for_it_until_the_key_does(keys):
    with screen("mouseless") as here:
        here.until(b"\x1b[?2048$p")
        here.send(b"\x1b[?2048;2$y")
        here.until(b"\x1b[?2048h")
        assert not any(f"\x1b[?{mode}h".encode() in here.out for mode in (*REPORTS, "1016"))
        for _ in keys:
            pressed(here, b"M", TAKEN)
            assert reported(here) >= REPORTS
        quit_by_key(here)


@pytest.mark.parametrize("keys", [b"", b"M"], ids=["cockpit's", "terminal's"])
def test_a_stop_and_a_signal_put_the_mouse_away_in_both_states_and_going_on_keeps_the_state(keys):
    with screen("calm") as here:
        offered(here)
        for _ in keys:
            pressed(here, b"M", LEFT)
        wanted = reported(here)
        stopped_and_continued_as(here, wanted)
        os.kill(here.pid, signal.SIGTERM)
        assert here.wait() == 128 + signal.SIGTERM
        as_before(here)


def stopped_and_continued_as(here, wanted: set[str]) -> None:
    if wanted:
        stopped_and_continued(here, signal.SIGTSTP)
    else:
        os.kill(here.pid, signal.SIGTSTP)
        here.stopped()
        as_before(here)
        before, here.out = here.out, b""
        os.kill(here.pid, signal.SIGCONT)
        here.until(b"\x1b[?2004h")
        here.until(b"Ops log")
        here.out = before + here.out
    assert reported(here) - {"1016"} == wanted - {"1016"}
