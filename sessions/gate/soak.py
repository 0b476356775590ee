"""Soak: how long the phase was proved, and when that could be enough.

A second counts while it was watched, not paused, with the flag where the phase has it, and with no criterion in breach.
"""

import math
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from sessions.gate.busy import busy_share
from sessions.gate.judgement import Soak
from sessions.state.lapses import FLAG, HIDDEN, stretches
from sessions.state.measures import measures
from sessions.state.reducer import State
from sessions.text.intervals import Stretch, clipped, joined, total
from sessions.text.units import duration, figure
from sessions.values.flag_value import FlagStatus
from sessions.values.percent import Percent
from sessions.values.verdicts import CRITERIA, Mark


def soak(state: State, now: datetime, alive_at: datetime | None = None) -> Soak:
    """Count the soak of the phase in force.

    `alive_at` is the last sign of life of a watch that is no longer there; without it, the watch's newest entry is.
    """
    needed = state.plan.phase(state.phase).soak
    if state.entered_at is None:
        return Soak(needed=needed, text="not started")
    missed = joined(clipped(unwatched_times(state, now, alive_at), state.entered_at, now))
    since = _count_begins(state, missed, state.entered_at)
    holes = clipped(missed, since, now)
    elapsed = (now - since).total_seconds()
    lost = (*holes, *clipped(uncounted_times(state, now), since, now))
    counted = Soak(
        needed=needed,
        done=round(elapsed - total(lost), 6),
        elapsed=elapsed,
        coverage=round(100.0 * (elapsed - total(holes)) / elapsed, 9) if elapsed > 0 else None,
        busy=busy_share(state, since, lost, now) if needed else None,
        widest_hole=max((total([hole]) for hole in missed), default=0.0),
        tail_whole=not clipped(missed, now - timedelta(seconds=_tail(state, needed)), now),
        since=since,
    )
    return _judged(state, counted, missed, now)


def unwatched_times(state: State, now: datetime, alive_at: datetime | None = None) -> tuple[Stretch, ...]:
    """Return every stretch that nobody watched or a source left dark, open ones up to `now`; they may overlap."""
    closed = [(hole.since, hole.until) for hole in state.holes]
    dark = [(since, now) for since in state.unwatched.values()]
    absent = [] if state.watching else [(alive_at or state.alive_at or state.entered_at or now, now)]
    return tuple(sorted((*closed, *dark, *absent)))


def uncounted_times(state: State, now: datetime) -> tuple[Stretch, ...]:
    """Return every stretch that was watched and counts for nothing, open ones up to `now`; they may overlap."""
    return (*_pauses(state, now), *stretches(state, now, (FLAG, *_harmful(state))))


def _harmful(state: State) -> tuple[str, ...]:
    """What keeps time from counting beside the flag, by the plan."""
    return (*CRITERIA, *HIDDEN.values()) if state.plan.soak.counts == "healthy" else ()


def _pauses(state: State, now: datetime) -> Iterable[Stretch]:
    closed = [(pause.since, pause.until) for pause in state.pauses]
    return [*closed, (state.paused.at, now)] if state.paused else closed


def _count_begins(state: State, missed: tuple[Stretch, ...], entered_at: datetime) -> datetime:
    """Return when the count begins again, after a hole that is too long."""
    return max((end for start, end in missed if total([(start, end)]) > state.plan.soak.hole), default=entered_at)


def _tail(state: State, needed: float) -> float:
    return min(state.plan.soak.tail, needed)


def _judged(state: State, counted: Soak, missed: tuple[Stretch, ...], now: datetime) -> Soak:
    """Say what the count means: enough, a matter of time, or nothing that time alone will mend."""
    dark = bool(missed) and missed[-1][1] >= now
    if not counted.needed or _enough(state, counted):
        return replace(counted, mark=Mark.PASS, eta=now, text=_reached(counted))
    if dark:
        return replace(counted, mark=Mark.BLIND, text=f"not watched: {_who_is_dark(state)}")
    if state.paused:
        return replace(counted, mark=Mark.WARMING, text=f"paused, {_left(counted)}")
    if state.lapsing and (why := _stands(state)):
        return replace(counted, mark=Mark.WARMING, text=f"{why}, {_time_left(counted)}")
    return replace(counted, mark=Mark.WARMING, eta=_eta(state, counted, missed, now), text=_waits(state, counted))


def _enough(state: State, counted: Soak) -> bool:
    return counted.done >= counted.needed and _covered(state, counted) and counted.tail_whole and _busy(state, counted)


def _busy(state: State, counted: Soak) -> bool:
    """Whether enough of the time had traffic; where no window was told of, that is the criteria's own story."""
    return counted.busy is None or counted.busy >= state.plan.soak.busy


def _covered(state: State, counted: Soak) -> bool:
    return counted.coverage is not None and counted.coverage >= state.plan.soak.coverage


def _eta(state: State, counted: Soak, missed: tuple[Stretch, ...], now: datetime) -> datetime | None:
    """Return when the last of the rules is met if nothing else happens; None if full coverage is past mending.

    None too where too little of the time was busy: nobody can tell when somebody comes.
    """
    bound = state.plan.soak.coverage / 100
    uncovered = total(clipped(missed, counted.since or now, now))
    if (bound >= 1 and uncovered) or not _busy(state, counted):
        return None
    waits = [counted.needed - counted.done, 0.0]
    if uncovered:
        waits.append(uncovered / (1 - bound) - counted.elapsed)
    if missed:
        waits.append(_tail(state, counted.needed) - (now - missed[-1][1]).total_seconds())
    return now + timedelta(milliseconds=math.ceil(round(max(waits) * 1000, 3)))


def _stands(state: State) -> str:
    """Say what keeps this very moment from counting."""
    if FLAG in state.lapsing:
        return f"flag not {'at' if state.flag.status == FlagStatus.DRIFTED else 'confirmed at'} {state.phase} %"
    broken = [name for name in _harmful(state) if name in state.lapsing]
    if any(name in HIDDEN.values() for name in broken):
        return ", ".join(f"{item.title} hides {', '.join(item.hides)}" for item in measures(state) if item.hides)
    return f"{', '.join(broken)} in breach" if broken else ""


def _reached(counted: Soak) -> str:
    if not counted.needed:
        return "none needed"
    return f"{duration(counted.done)} ≥ {duration(counted.needed)}{_how_busy(counted)}"


def _how_busy(counted: Soak) -> str:
    return "" if counted.busy is None else f" ({counted.busy:.0f} % of it with traffic)"


def _left(counted: Soak) -> str:
    return f"{_time_left(counted)} of {duration(counted.needed)}"


def _time_left(counted: Soak) -> str:
    return f"{duration(max(counted.needed - counted.done, 0.0))} left"


def _waits(state: State, counted: Soak) -> str:
    if counted.done < counted.needed:
        return _left(counted)
    if not _covered(state, counted):
        return f"watched {figure(counted.coverage, '%')} < {figure(state.plan.soak.coverage, '%')}"
    if not _busy(state, counted):
        return f"with traffic {figure(counted.busy, '%')} < {figure(state.plan.soak.busy, '%')}"
    return f"not all of the last {duration(_tail(state, counted.needed))} was watched"


def _who_is_dark(state: State) -> str:
    return ", ".join(state.unwatched) if state.watching else "no watch is running"


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
