"""Flying the demo to its goal: how long it is tried, and what is said of it."""

from concurrent.futures import Future
from datetime import timedelta, timezone

import pytest

from cockpit.demo.autopilot import BY
from cockpit.demo.headless import Goal, fly
from sessions.gate.judgement import Judgement
from sessions.state.reducer import State
from sessions.values.entries import Entry, line
from sessions.values.requests import Act, Answer, Request
from sessions.values.sheets import Exhibit
from sessions.values.verdicts import Level
from sessions.week.past import Past
from tests.support.build import PLAN, T0, after
from tests.support.sessions.acting import but
from tests.support.sessions.flight import begun, cards
from tests.support.watch.piloting import CHORES, told


@pytest.mark.parametrize(
    ("goal", "phase", "over"),
    [(25, 0, False), (25, 10, False), (25, 25, True), (25, 50, True), (10, 10, True), (100, 50, False)],
)
def test_a_goal_is_reached_once_its_phase_is_entered(goal, phase, over):
    assert Goal(goal).reached(told(State(PLAN, phase=phase))) is over


@pytest.mark.parametrize(("week", "over"), [((), False), (CHORES, False), (CHORES[3:], True)])
def test_the_whole_plan_is_flown_when_every_daily_task_is_done(week, over):
    assert Goal(None).reached(told(State(PLAN, phase=100), week=week)) is over


@pytest.mark.parametrize(
    ("goal", "hours"), [(10, 0), (25, 2), (50, 2 + 4), (100, 2 + 4 + 6), (None, 2 + 4 + 6 + 24 + 7 * 24)]
)
def test_patience_is_four_times_what_the_plan_needs_and_two_minutes(goal, hours):
    assert Goal(goal).patience(told(State(PLAN))) == 4 * hours * 3600 + 120


def test_an_entry_is_one_line():
    entry = Entry(3, T0, "phase.entered", BY, 25, "25 % entered · 12 of 12 conditions passed")
    zone = timezone(timedelta(hours=1))
    assert line(entry, zone) == "11:00:00   25 %  phase.entered      25 % entered · 12 of 12 conditions passed"


def test_row_82_no_entry_reaches_the_terminal_uncleaned():
    entry = Entry(3, T0, "note\x1b[2J", BY, 0, "\x1b]0;x\x07\nsecond\u202e line")
    assert line(entry, None).isprintable()


class Script:
    """A door whose moments are written beforehand: each act, and each look that has nothing to ask, is one further."""

    viewer = ""

    def __init__(self, *moments: Judgement, ok: bool = True) -> None:
        self.moments, self.ok = list(moments), ok
        self.asked: list[Act] = []

    def latest(self) -> Judgement:
        return self.moments[0]

    def steady(self) -> float:
        return self.moments[0].at.timestamp()

    def further(self) -> None:
        if len(self.moments) > 1:
            self.moments.pop(0)
        self.wake()

    def on_change(self, wake) -> None:
        self.wake = wake
        wake()

    def look_up(self, _sheet: str) -> "Future[tuple[Exhibit, ...]]":
        found: Future[tuple[Exhibit, ...]] = Future()
        found.set_result(())
        return found

    def past(self, task: str) -> "Future[Past | None]":
        raise LookupError(task)

    def ask(self, request: Request) -> "Future[Answer]":
        self.asked.append(request.act)
        self.further()
        answer: Future[Answer] = Future()
        answer.set_result(Answer(self.ok, "done" if self.ok else "refused"))
        return answer


def wishing(at: float, phase: int = 0) -> Judgement:
    """A moment in which there is something to ask for."""
    pen = begun()
    pen.write(at, "note.written", f"note at {at:g}")
    return told(but(pen, phase=phase, ticked={}), at=after(at), risks=cards(csat=Level.ACT))


def test_it_flies_until_the_goal_and_says_each_entry_once():
    said: list[str] = []
    door = Script(wishing(1), wishing(2), wishing(3, phase=10))
    assert fly(door, Goal(10), said.append, None)
    assert door.asked == [Act.STEP, Act.STEP]
    assert len(said) == 3
    assert said[-1].endswith("note at 1")


def test_it_gives_up_when_its_patience_is_over_and_a_refusal_is_no_progress():
    door = Script(wishing(0), wishing(120), wishing(121), ok=False)
    assert not fly(door, Goal(10), lambda _line: None, None, door.steady)
    assert door.asked == [Act.STEP, Act.STEP]
