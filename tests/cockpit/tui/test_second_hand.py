"""A judgement that turned is painted soon, one whose figures only moved with the second; never twice for one."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from cockpit.tui import second_hand
from cockpit.tui.second_hand import LEAST, SECOND, SecondHand
from sessions.values.verdicts import Mark
from tests.support.screen.grown_flight import NOW, Flight, entered, started
from tests.support.screen.sample import breach, calm, calm_flight


class Hand:
    """A second hand over a time of its own."""

    def __init__(self, monkeypatch):
        self.time, self.paints, self.asked = 100.0, 0, []
        monkeypatch.setattr(second_hand, "_time", lambda: self.time)
        self.hand = SecondHand(self)
        self.shown = calm()
        self.paint()

    def now(self):
        return NOW + timedelta(seconds=self.time - 100.0)

    def set_timer(self, seconds, ask):
        self.asked.append((self.time + seconds, ask))

    def paint(self):
        self.paints += 1
        self.hand.painted(self.shown, self.now())

    def told(self, judgement, at):
        """Tell of a judgement at a time; return when it is to be painted, None where that is asked for already."""
        self.time = 100.0 + at
        self.shown = judgement
        before = len(self.asked)
        self.hand.changed(judgement, self.now())
        return round(self.asked[-1][0] - 100.0, 2) if len(self.asked) > before else None

    def until(self, at):
        """Let the time come, and do what was asked for by then."""
        while due := [one for one in self.asked if one[0] <= 100.0 + at]:
            self.asked.remove(due[0])
            self.time = due[0][0]
            due[0][1]()
        self.time = 100.0 + at


@pytest.fixture
def hand(monkeypatch):
    return Hand(monkeypatch)


def grown(seconds):
    return calm_flight().judged(NOW + timedelta(seconds=seconds))


def test_figures_that_move_wait_for_the_second_and_are_painted_once(hand):
    assert hand.told(grown(0.3), 0.3) == SECOND
    assert hand.told(grown(0.6), 0.6) is None
    hand.until(0.9)
    assert hand.paints == 1
    hand.until(1.1)
    assert hand.paints == 2
    hand.hand.passed()
    assert hand.paints == 2


TURNED = {
    "a verdict": breach(),
    "an entry": entered(started(Flight())).wrote(NOW, "note.written", "look").judged(),
    "a fault": replace(calm(), state=replace(calm().state, faults={"watch": "it lost a part"})),
    "the log": replace(calm(), state=replace(calm().state, journal_fault="disk full")),
    "a condition": replace(
        calm(),
        gate=replace(
            calm().gate,
            conditions=tuple(replace(one, mark=Mark.BLIND) for one in calm().gate.conditions),
        ),
    ),
}


@pytest.mark.parametrize("judgement", TURNED.values(), ids=TURNED)
def test_what_turned_is_painted_soon(hand, judgement):
    assert hand.told(judgement, 0.05) == LEAST
    hand.until(0.3)
    assert hand.paints == 2


def test_what_turned_overtakes_figures_that_wait(hand):
    assert hand.told(grown(0.1), 0.1) == SECOND
    assert hand.told(breach(), 0.5) == 0.5
    hand.until(0.6)
    assert hand.paints == 2
    hand.until(1.2)
    assert hand.paints == 2


def test_another_moment_of_a_replay_is_painted_soon(hand):
    hand.now = lambda: NOW + timedelta(seconds=90)
    assert hand.told(grown(90), 0.05) == LEAST


def test_without_the_watch_the_second_hand_goes_on(hand):
    hand.time += 0.5
    hand.hand.passed()
    assert hand.paints == 1
    hand.time += 0.5
    hand.hand.passed()
    assert hand.paints == 2
