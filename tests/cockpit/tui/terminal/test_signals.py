"""Every signal on every screen and in every dialog: modes and flags of the terminal are as before it was opened.

Each place meets one signal, and the deck each; `COCKPIT_SIGNALS=all` puts every signal to every place.
"""

import os
import signal
import sys

import pytest

from tests.support.processes.terminal import Terminal, changed

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal"),
    pytest.mark.slow,
]
PLACES = {
    "deck": b"",
    "detail": b"2",
    "risks": b"3",
    "log": b"4",
    "log, filtering": b"4/",
    "week": b"5",
    "report": b"6",
    "help": b"?",
    "palette": b":",
    "advance": b"a",
    "revert": b"r",
    "freeze": b"f",
    "note": b"n",
    "incident": b"i",
    "tasks": b"t",
    "decision": b"D",
    "feedback": b"+",
}
SIGNALS = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGQUIT)
EVERYWHERE = os.environ.get("COCKPIT_SIGNALS") == "all"
MET = [
    pytest.param(place, signum, id=f"{place}-{signum.name}")
    for number, place in enumerate(PLACES)
    for turn, signum in enumerate(SIGNALS)
    if EVERYWHERE or place == "deck" or turn == number % len(SIGNALS)
]
OFFERS = {b"\x1b[?2048$p": b"\x1b[?2048;2$y", b"\x1b[?2026$p": b"\x1b[?2026;2$y"}
"""What a terminal answers that offers sizes in band and held-back painting."""
ANOTHER = b"\x1b]22;default"
"""Written when another screen or a dialog is up."""


@pytest.fixture
def opened():
    here = Terminal("calm")
    here.until(b"Help")
    offered(here)
    yield here
    here.close()


def offered(here):
    for asked, answer in OFFERS.items():
        here.until(asked)
        here.send(answer)
    here.until(b"\x1b[?1016h")


def gone_to(here, keys):
    for key in keys:
        before, here.out = here.out, b""
        here.send(bytes([key]))
        here.until(b"Filter" if key == ord("/") else ANOTHER)
        here.out = before + here.out


def as_before(here):
    assert changed(here.out) == set()
    assert here.flags() == here.before


def stopped_and_continued(here, number):
    os.kill(here.pid, number)
    here.stopped()
    if number == signal.SIGTSTP:
        as_before(here)
    before, here.out = here.out, b""
    os.kill(here.pid, signal.SIGCONT)
    here.until(b"\x1b[?1049h")
    offered(here)
    here.out = before + here.out


@pytest.mark.parametrize(("place", "number"), MET)
def test_suspended_continued_and_ended_the_terminal_is_as_it_was(opened, place, number):
    """Row 32."""
    gone_to(opened, PLACES[place])
    stopped_and_continued(opened, signal.SIGTSTP)
    os.kill(opened.pid, number)
    assert opened.wait() == 128 + number
    as_before(opened)


def test_who_was_stopped_without_being_asked_puts_away_what_was_there_before(opened):
    stopped_and_continued(opened, signal.SIGSTOP)
    stopped_and_continued(opened, signal.SIGTSTP)
    opened.until(b"Help")
    opened.send(b"q")
    assert opened.wait() == 0
    as_before(opened)


def test_a_signal_to_go_on_for_who_goes_on_changes_nothing(opened):
    before, opened.out = opened.out, b""
    os.kill(opened.pid, signal.SIGCONT)
    opened.until(b"\x1b[?1049h")
    opened.until(b"Help")
    opened.out = before + opened.out
    opened.send(b"q")
    assert opened.wait() == 0
    as_before(opened)
