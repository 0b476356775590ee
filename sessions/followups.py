"""Follow-up tasks: what a risk that acted leaves to be done, whatever phase is flown meanwhile."""

from collections.abc import Mapping

from sessions.entries import Draft
from sessions.plan import Risk
from sessions.state import State


def opening(state: State, risk: Risk, by: str) -> tuple[Draft, ...]:
    """Open every follow-up task of the risk that is not open; one that was done is to be done again."""
    return tuple(
        Draft("task.opened", by, text, {"task": task, "risk": risk.id})
        for task, text in _named(risk).items()
        if task not in still_open(state)
    )


def still_open(state: State, risk: str = "") -> Mapping[str, str]:
    """Return what is open and not ticked, text by id; of one risk, or of all."""
    return {
        task: text
        for task, text in state.opened.items()
        if task not in state.ticked and (not risk or task.startswith(f"{risk}."))
    }


def at_hand(state: State) -> Mapping[str, str]:
    """Return what can be ticked or unticked now: the open ones, and those that were done in this phase."""
    since = state.entered_at or state.started_at
    done = {task for task, at in state.ticked.items() if since is None or at >= since}
    return {task: text for task, text in state.opened.items() if task in done or task not in state.ticked}


def _named(risk: Risk) -> Mapping[str, str]:
    return {f"{risk.id}.followup.{number}": text for number, text in enumerate(risk.follow_up, 1)}
