"""What was proved in the phases that are left: how much of the soak was done, and whether a gate was overruled."""

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from sessions.gate.soak import soak
from sessions.state.reducer import State
from sessions.values.percent import Percent

_ONWARD = ("phase.entered", "week.started")


class Stay(Struct, frozen=True):
    """The newest stay in a phase: its soak in seconds, proved and needed; `overruled` where the gate out of it held."""

    done: float
    needed: float
    overruled: bool = False

    @property
    def proved(self) -> bool:
        """Whether the whole soak was proved."""
        return self.done >= self.needed


def stays(state: State, now: datetime) -> Mapping[Percent, Stay]:
    """Return the newest stay in each phase that was left, the last one where the week has begun."""
    ends = [*(at for _, at in state.visits[1:]), state.week_at or now]
    found: dict[Percent, Stay] = {}
    for (percent, entered), left in zip(state.visits, ends, strict=False):
        if percent == state.phase and state.week_at is None:
            continue
        counted = soak(replace(state, phase=percent, entered_at=entered), max(entered, left))
        found[percent] = Stay(counted.done, counted.needed, _overruled(state, left))
    return found


def _overruled(state: State, left: datetime) -> bool:
    """Whether the entry that ended the stay overruled its gate."""
    return any(
        entry.at == left and entry.kind in _ONWARD and entry.facts.get("override") is True for entry in state.entries
    )
