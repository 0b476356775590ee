"""Time in which a phase proves nothing although it is watched.

The flag is not at its percentage, a criterion breaches, or a temporary measure hides what it measures. A waived
criterion lets time count: that was overruled.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from msgspec.structs import replace

from sessions.state.measures import hidden
from sessions.state.model import Span, State, added
from sessions.text.intervals import Stretch
from sessions.values.entries import Entry
from sessions.values.flag_value import FlagStatus
from sessions.values.verdicts import CRITERIA, Mark

FLAG = "flag"
"""The lapse of the flag; every other is named by its criterion."""
HIDDEN: Mapping[str, str] = {name: f"{name} hidden" for name in CRITERIA}
"""The lapse of each criterion that a measure hides."""


def lapsed(state: State, entry: Entry) -> State:
    """Return the state after an entry that may have begun or ended such a time."""
    if entry.kind.startswith("flag."):
        return _flag(state, entry)
    if entry.kind == "phase.entered":
        anew = _over(state, tuple(name for name in state.lapsing if name != FLAG), entry.at)
        return _hidden(_flag(anew, entry), entry)
    if entry.kind == "task.ticked" or entry.kind.startswith("switch."):
        return _hidden(state, entry)
    if entry.kind == "verdict.turned" and entry.said("criterion") in CRITERIA:
        return _judged(state, entry.said("criterion"), entry.dated("breached") or entry.at, entry.at)
    if entry.kind in ("waiver.given", "waiver.lapsed"):
        return _hidden(_judged(state, entry.said("subject"), entry.at, entry.at), entry)
    return state


def stretches(state: State, now: datetime, names: Iterable[str]) -> tuple[Stretch, ...]:
    """Return the lapses of these names, open ones up to `now`; they may overlap."""
    wanted = set(names)
    closed = [(span.since, span.until) for span in state.lapses if span.cause in wanted]
    return (*closed, *((since, max(since, now)) for name, since in state.lapsing.items() if name in wanted))


def _flag(state: State, entry: Entry) -> State:
    if _there(state):
        return _over(state, (FLAG,), entry.at)
    since = entry.dated("since") if entry.kind == "flag.drifted" else None
    return _begun(state, FLAG, min(since or entry.at, entry.at))


def _there(state: State) -> bool:
    """Whether users get what the phase says, as far as was read back; an advance that was refused changed nothing."""
    flag = state.flag
    if flag.status == FlagStatus.REFUSED:
        return flag.percent == state.phase < flag.wanted
    return not state.phase or (flag.status == FlagStatus.CONFIRMED and flag.percent == state.phase and flag.served)


def _hidden(state: State, entry: Entry) -> State:
    """While a measure hides what a criterion measures, the time proves nothing of it."""
    now = {HIDDEN[name] for name in hidden(state) if name not in state.waivers}
    for name in HIDDEN.values():
        state = _begun(state, name, entry.at) if name in now else _over(state, (name,), entry.at)
    return state


def _judged(state: State, name: str, since: datetime, at: datetime) -> State:
    if state.verdicts.get(name) is Mark.BREACH and name not in state.waivers and name in CRITERIA:
        return _begun(state, name, min(since, at))
    return _over(state, (name,), at)


def _begun(state: State, name: str, since: datetime) -> State:
    return state if name in state.lapsing else replace(state, lapsing={**state.lapsing, name: since})


def _over(state: State, names: tuple[str, ...], at: datetime) -> State:
    ended = tuple(Span(state.lapsing[name], at, name) for name in names if name in state.lapsing)
    if not ended:
        return state
    going = {name: since for name, since in state.lapsing.items() if name not in names}
    return replace(state, lapsing=going, lapses=added(state.lapses, *ended))
