"""The state of a session: a fold over its entries and readings, so that a restart is a replay.

All that changes state is here and in `folds`; nothing here judges.
"""

from collections.abc import Callable, Iterable, Mapping

from msgspec.structs import replace

from sessions.plan.model import Plan
from sessions.state import flags as steered
from sessions.state import phases as course
from sessions.state import records as kept
from sessions.state import signals
from sessions.state.alarms import alarmed
from sessions.state.clock_shift import in_order, moves, stamped, stamps
from sessions.state.lapses import lapsed
from sessions.state.model import UNWATCHED, FlagState, Fuse, Incident, Pause, Raised, Span, State, Switch, Waiver
from sessions.state.observed import lookback, see, see_all
from sessions.values.entries import LATE, Entry
from sessions.values.readings import Reading

__all__ = [
    "UNWATCHED",
    "FlagState",
    "Fuse",
    "Incident",
    "Pause",
    "Raised",
    "Span",
    "State",
    "Switch",
    "Waiver",
    "apply",
    "observe",
    "observe_all",
    "replay",
]

_FOLDS: Mapping[str, Callable[[State, Entry], State]] = {
    **course.FOLDS,
    **signals.FOLDS,
    **steered.FOLDS,
    **kept.FOLDS,
}


def observe(state: State, reading: Reading) -> State:
    """Return the state with one more reading."""
    return replace(state, seen=see(state.seen, reading, lookback(state.plan, state.entered_at)))


def observe_all(state: State, readings: Iterable[Reading]) -> State:
    """Return the state with all of these readings, as if they were observed one by one."""
    return replace(state, seen=see_all(state.seen, readings, lookback(state.plan, state.entered_at)))


def apply(state: State, entry: Entry) -> State:
    """Return the state with one more entry. An unknown kind counts as written and changes nothing else."""
    turned = stamped(_turned(in_order(state, entry), entry), entry)
    return _written(turned, (*state.entries, entry))


def replay(plan: Plan, entries: Iterable[Entry]) -> State:
    """Return the state that these entries lead to, as if they were applied one by one."""
    state, rows = State(plan), tuple(entries)
    reached = alive = None
    for entry in rows:
        if moves(entry, reached):
            state = in_order(replace(state, reached_at=reached, alive_at=alive), entry)
            state = _turned(state, entry)
            reached, alive = state.reached_at, state.alive_at
        else:
            state = _turned(state, entry)
        reached, alive = stamps(reached, alive, entry)
    return _written(replace(state, reached_at=reached, alive_at=alive), rows) if rows else state


def _turned(state: State, entry: Entry) -> State:
    """What was written late counts from when it happened."""
    fold, entry = _FOLDS.get(entry.kind), replace(entry, at=entry.happened) if LATE in entry.facts else entry
    return alarmed(lapsed(fold(state, entry) if fold else state, entry), entry)


def _written(state: State, entries: tuple[Entry, ...]) -> State:
    return replace(state, seq=entries[-1].seq, last_at=entries[-1].at, entries=entries)
