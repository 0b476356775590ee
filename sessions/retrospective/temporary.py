"""Temporary measures of a whole flight: what was on, since when, and when it was taken back."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from sessions.plan.model import Plan
from sessions.state.measures import Measure, measures
from sessions.state.model import State
from sessions.state.reducer import apply
from sessions.values.entries import Entry

_TURNS = ("task.", "switch.", "flow.", "gap.found")


class Spell(Struct, frozen=True):
    """A measure while it was on: `until` is None where it still is."""

    measure: Measure
    until: datetime | None

    def lasted(self, now: datetime) -> float:
        """Return the seconds for which it was on, up to now where it still is."""
        return ((self.until or now) - self.measure.since).total_seconds()


def spells(plan: Plan, entries: Sequence[Entry]) -> tuple[Spell, ...]:
    """Return every spell, by the clock of then, the oldest first."""
    state, on, over = State(plan), dict[str, Measure](), list[Spell]()
    for entry in entries:
        state = replace(apply(state, entry), entries=(entry,))
        if not entry.kind.startswith(_TURNS):
            continue
        now = {one.id: one for one in measures(state)}
        over += [Spell(one, entry.happened) for name, one in on.items() if name not in now]
        on = {name: on.get(name, one) for name, one in now.items()}
    return tuple(sorted((*over, *(Spell(one, None) for one in on.values())), key=lambda row: row.measure.since))
