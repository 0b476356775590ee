"""What a session wants of its flag's writer."""

from collections.abc import Callable

from cockpit.flags.opening import Wanted
from sessions.state.pending import plan_switches, switched_on
from sessions.state.reducer import State
from sessions.values.percent import Percent


def wanted_by(state: Callable[[], State]) -> Wanted:
    """Return what the session whose `state` is handed in wants."""
    plan = state().plan

    def recorded() -> tuple[Percent, tuple[str, ...]]:
        return state().flag.percent, switched_on(state())

    return Wanted(plan.flag, plan_switches(plan), plan.cadence.deadline, recorded)
