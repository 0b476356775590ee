"""Ends what only a person can end, when the replay began it at another time than the flight.

A pause, a frozen flow, a follow-up task of the replay ends as it was recorded. One that the flight does not have then
ends by itself, once its risk no longer acts and its fuse is out: it is not held against a gate for the rest of a phase.
"""

from collections.abc import Iterator

from sessions.state.model import State
from sessions.values.entries import Draft
from sessions.values.verdicts import Level

WHY = "its risk is over, and the flight had it not"


def released(state: State, log: State) -> tuple[Draft, ...]:
    """Return what ends now; `log` is the state that the session file says."""
    return (*_pause(state, log), *_flows(state, log), *_tasks(state, log))


def _pause(state: State, log: State) -> Iterator[Draft]:
    pause = state.paused
    if pause is None or pause.by != "watch" or log.paused is not None or not _over(state, pause.cause):
        return
    yield Draft("rollout.resumed", "watch", f"resumed: {WHY}", {"evidence": ()})


def _flows(state: State, log: State) -> Iterator[Draft]:
    """Thaw flows that the replay froze automatically; freezes by a person are in the log."""
    for risk in state.plan.risks:
        if "freeze" not in risk.automatic or not _over(state, risk.id):
            continue
        for flow in risk.flows:
            if flow in state.frozen and flow not in log.frozen:
                yield Draft("flow.thawed", "watch", f"{flow} thawed: {WHY}", {"flow": flow, "cause": WHY})


def _tasks(state: State, log: State) -> Iterator[Draft]:
    over = all(_over(state, risk.id) for risk in state.plan.risks if risk.follow_up)
    for task in state.opened:
        done = task in log.ticked or (task not in log.opened and over)
        if task not in state.ticked and done:
            yield Draft("task.ticked", "watch", f"{task} ticked: as it was recorded", {"task": task, "done": True})


def _over(state: State, risk: str) -> bool:
    known = any(one.id == risk for one in state.plan.risks)
    return known and state.levels.get(risk) is not Level.ACT and risk not in state.fuses
