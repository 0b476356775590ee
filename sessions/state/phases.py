"""The course of a session: who watches, which phase is flown, what is paused."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from msgspec.structs import replace

from sessions.file_format.promises import CHANGED, plan_in
from sessions.plan.loader import plan_from
from sessions.plan.model import Plan
from sessions.plan.strict_table import TableError
from sessions.state.clock_shift import moved
from sessions.state.model import UNWATCHED, Pause, Span, State, added
from sessions.values.entries import Entry
from sessions.values.verdicts import Level


def _session_started(state: State, entry: Entry) -> State:
    return replace(state, name=entry.said("name"), started_at=entry.at, entered_at=entry.at, visits=((0, entry.at),))


def _watch_started(state: State, entry: Entry) -> State:
    return replace(
        state, watching=True, watched_at=entry.at, answers=entry.listed("answers"), runnable=entry.listed("runs")
    )


def _watch_stopped(state: State, _entry: Entry) -> State:
    return replace(state, watching=False)


def _gap_found(state: State, entry: Entry) -> State:
    """Time that nobody watched is a hole; a clock that moved makes none: it moves all times with it."""
    if by := entry.counted("moved"):
        return moved(state, timedelta(seconds=by), entry.at)
    since, until = entry.dated("since") or entry.at, entry.dated("until") or entry.at
    return replace(state, holes=added(state.holes, Span(since, until, entry.said("cause"))))


def _phase_entered(state: State, entry: Entry) -> State:
    """A phase starts anew: its ticks, all waivers and all verdicts but the unwatched ones are forgotten.

    So are acting risks: one that still acts here turns, pauses and lights its fuse again.

    The week ends with the last phase: below 100 % there is nothing to stabilise. What was concluded goes on.
    """
    fresh = {task.id for phase in state.plan.phases if phase.percent == entry.phase for task in phase.activities}
    return replace(
        state,
        phase=entry.phase,
        entered_at=entry.at,
        visits=(*state.visits, (entry.phase, entry.at)),
        ticked={task: at for task, at in state.ticked.items() if task not in fresh},
        waivers={},
        verdicts={name: mark for name, mark in state.verdicts.items() if mark in UNWATCHED},
        levels={name: level for name, level in state.levels.items() if level is not Level.ACT},
        fuses={},
        turned={},
        flaps={},
        week_at=None if state.plan.after(entry.phase) else state.week_at,
        concluded_at=None,
    )


def _paused(state: State, entry: Entry) -> State:
    """Who pauses what is paused gives a newer cause; the pause is as old as it was."""
    since = state.paused.at if state.paused else entry.at
    return replace(state, paused=Pause(since, entry.by, entry.said("cause")))


def _resumed(state: State, entry: Entry) -> State:
    if state.paused is None:
        return state
    return replace(state, paused=None, pauses=added(state.pauses, Span(state.paused.at, entry.at, state.paused.cause)))


def _week_started(state: State, entry: Entry) -> State:
    """Ticks of an earlier week are forgotten: its chores carry the same names."""
    ours = {f"d{day}.{task.id}" for task in state.plan.week.tasks for day in task.days}
    return replace(state, week_at=entry.at, ticked={task: at for task, at in state.ticked.items() if task not in ours})


def _concluded(state: State, entry: Entry) -> State:
    return replace(state, concluded_at=entry.at)


def _plan_changed(state: State, entry: Entry) -> State:
    """New promises: what was ticked by the old ones is to be looked at again, what was counted to be counted again.

    It says itself what it changed: whoever reads the whole file begins with the newest plan.
    """
    plan = _promised(entry)
    if plan is None:
        return state
    counted = {} if "collections" in entry.listed("parts") else state.baseline
    return replace(
        state, plan=plan, ticked={}, verdicts={}, baseline=counted, baseline_at=state.baseline_at if counted else None
    )


def _promised(entry: Entry) -> Plan | None:
    """A key that a newer cockpit knows is ignored, as in the header."""
    try:
        return plan_from(plan_in(entry) or {}, [])
    except TableError:
        return None


FOLDS: Mapping[str, Callable[[State, Entry], State]] = {
    "session.started": _session_started,
    "watch.started": _watch_started,
    "watch.stopped": _watch_stopped,
    "gap.found": _gap_found,
    "phase.entered": _phase_entered,
    "rollout.paused": _paused,
    "rollout.resumed": _resumed,
    "week.started": _week_started,
    "session.concluded": _concluded,
    CHANGED: _plan_changed,
}
