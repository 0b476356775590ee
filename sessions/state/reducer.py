"""The state of a session: a fold over its entries and readings, so that a restart is a replay.

All that changes state is here and in `folds`; nothing here judges.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime

from msgspec.structs import replace

from sessions.plan.model import Plan
from sessions.state import flags as steered
from sessions.state import phases as course
from sessions.state import records as kept
from sessions.state import signals
from sessions.state.alarms import alarmed
from sessions.state.clock_shift import in_order, moves, stamped, stamps
from sessions.state.lapses import lapsed
from sessions.state.model import (
    UNWATCHED,
    FlagState,
    Fuse,
    Incident,
    Pause,
    Raised,
    Span,
    State,
    Switch,
    Waiver,
    growing,
    grown,
)
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

Stamp = tuple[datetime | None, datetime | None]
"""How far the log has come, and when a watch last wrote."""
_Folds = Mapping[str, Callable[[State, Entry], State]]
_FOLDS: _Folds = {
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
    rows, turns = tuple(entries), signals.Running()
    last: tuple[State, Stamp] | None = None
    for newest in _along(plan, rows, turns):
        last = newest
    if last is None:
        return State(plan)
    return _written(_stamped(turns.told(grown(last[0])), last[1]), rows)


def along(plan: Plan, entries: Iterable[Entry]) -> Iterator[State]:
    """Yield the state after each entry, without entries and turns, to be read before the next is taken."""
    return (_stamped(state, stamp) for state, stamp in _along(plan, entries, signals.Running()))


def _along(plan: Plan, entries: Iterable[Entry], turns: signals.Running) -> Iterator[tuple[State, Stamp]]:
    """Fold in one go: what only gets longer is not copied for each entry."""
    state, folds = growing(State(plan)), {**_FOLDS, **turns.folds}
    stamp: Stamp = (None, None)
    for entry in entries:
        if shifts := moves(entry, stamp[0]):
            state = in_order(turns.told(_stamped(state, stamp)), entry)
            turns.take(state)
        state = _turned(state, entry, folds)
        if shifts:
            stamp = (state.reached_at, state.alive_at)
        if entry.kind == "phase.entered" or (shifts and entry.kind == "gap.found"):  # it forgot or moved them
            turns.take(state)
        stamp = stamps(*stamp, entry)
        yield state, stamp


def _stamped(state: State, stamp: Stamp) -> State:
    return replace(state, reached_at=stamp[0], alive_at=stamp[1])


def _turned(state: State, entry: Entry, folds: _Folds = _FOLDS) -> State:
    """What was written late counts from when it happened."""
    fold, entry = folds.get(entry.kind), replace(entry, at=entry.happened) if LATE in entry.facts else entry
    return alarmed(lapsed(fold(state, entry) if fold else state, entry), entry)


def _written(state: State, entries: tuple[Entry, ...]) -> State:
    return replace(state, seq=entries[-1].seq, last_at=entries[-1].at, entries=entries)
