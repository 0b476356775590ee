"""Flies a plan with the autopilot and without a screen: one line per entry, an end when the goal is reached."""

import time
from collections.abc import Callable
from datetime import tzinfo

from msgspec import Struct

from cockpit.demo.autopilot import next_request
from cockpit.demo.looking import looked
from cockpit.runtime.wake_up import WakeUp
from cockpit.session.interface import WatchInterface
from sessions.gate.judgement import ChoreStatus, Judgement
from sessions.values.entries import line
from sessions.values.percent import Percent

ALL = "all"
_PATIENCE = 4
_GRACE = 120.0
_ANSWER = 30.0


class Goal(Struct, frozen=True):
    """Where the flight ends: once the phase `percent` is entered from below, or None for the end of the week."""

    percent: Percent | None

    def reached(self, judgement: Judgement) -> bool:
        """Whether the flight is over."""
        if self.percent is None:
            return bool(judgement.week) and all(chore.status == ChoreStatus.DONE for chore in judgement.week)
        return judgement.state.phase >= self.percent

    def patience(self, judgement: Judgement) -> float:
        """Return the seconds after which the flight ends unfinished: four times what the plan needs at least."""
        plan = judgement.state.plan
        last = 100 if self.percent is None else self.percent
        soaks = sum(phase.soak for phase in plan.phases if phase.percent < last or self.percent is None)
        week = plan.week.days * plan.week.day if self.percent is None else 0.0
        return _PATIENCE * (soaks + week) + _GRACE


def fly(
    door: WatchInterface,
    goal: Goal,
    say: Callable[[str], None],
    tz: tzinfo | None,
    steady: Callable[[], float] = time.monotonic,
) -> bool:
    """Fly until the goal is reached; False when patience ran out, by a clock that also runs when the watch is gone.

    `say` gets each line.
    """
    news = WakeUp()
    door.on_change(news.set)
    begun, told = steady(), 0
    while True:
        judgement = door.latest()
        for entry in judgement.state.entries[told:]:
            say(line(entry, tz))
        told = len(judgement.state.entries)
        if goal.reached(judgement):
            return True
        if steady() - begun > goal.patience(judgement):
            return False
        request = next_request(judgement)
        if request is not None and door.ask(looked(door, judgement, request)).result(_ANSWER).ok:
            continue
        news.wait(_ANSWER)
