"""What calls the owner: only entries raise and end alarms, so that a replay raises the same.

Unknown data neither confirms nor clears a breach. A cause that comes back soon is the same alarm.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from msgspec.structs import replace

from sessions.state.model import UNWATCHED, Raised, State
from sessions.values.entries import Entry
from sessions.values.flag_value import FlagStatus
from sessions.values.verdicts import Level, Mark

RESTS = (timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6), timedelta(hours=24))
"""How long an alarm must have been over to begin anew: the first time, the second, the third; after the last it is new
again."""

_GRAVE = ("P0", "P1")
_INCIDENTS = "incidents"
"""A criterion, and the subject of its breach by incidents that somebody recorded: those are alarms of their own."""
_ALONE = ("support_queue", "csat")
"""Risks that are read from what no criterion is read from: nobody else says that they are blind."""
_OF_PHASE = ("verdict.", "risk.", "fuse.")


def alarmed(state: State, entry: Entry) -> State:
    """Return the state, in which the entry is folded already, with the alarms that the entry raises or ends."""
    turn = _TURNS.get(entry.kind)
    return turn(state, entry) if turn else state


def _verdict_turned(state: State, entry: Entry) -> State:
    name = entry.said("criterion")
    mark = state.verdicts.get(name, Mark.BLIND)
    if mark in UNWATCHED:
        return _raised(state, f"blind.{name}", entry)
    state = _ended(state, f"blind.{name}", entry.at)
    if mark is Mark.BREACH and (name, entry.said("subject")) != (_INCIDENTS, _INCIDENTS) and not _waived(state, name):
        return _raised(state, f"verdict.{name}", entry)
    return _ended(state, f"verdict.{name}", entry.at) if mark is Mark.PASS else state


def _waiver_given(state: State, entry: Entry) -> State:
    name = entry.said("subject")
    return _ended(state, f"verdict.{name}", entry.at) if _waived(state, name) else state


def _waiver_lapsed(state: State, entry: Entry) -> State:
    """Raise an alarm if a waived breach got worse."""
    name = f"verdict.{entry.said('subject')}"
    breaches = state.verdicts.get(entry.said("subject")) is Mark.BREACH
    return _raised(_dropped(state, name), name, entry) if breaches else state


def _waived(state: State, name: str) -> bool:
    """Whether a waiver ends the alarm of a breach; an incident reported by others may still be open."""
    return name in state.waivers and name != _INCIDENTS


def _risk_turned(state: State, entry: Entry) -> State:
    name = entry.said("risk")
    level = state.levels.get(name, Level.BLIND)
    if level is Level.BLIND:
        return _raised(state, f"blind.{name}", entry) if name in _ALONE else state
    state = _ended(state, f"blind.{name}", entry.at)
    if level is Level.ACT:
        return _raised(state, f"risk.{name}", entry)
    return _ended(state, f"risk.{name}", entry.at)


def _fuse_lit(state: State, entry: Entry) -> State:
    return _raised(state, f"fuse.{entry.said('risk')}", entry)


def _fuse_blown(state: State, entry: Entry) -> State:
    """The alarm of the fuse stays, with newer words."""
    return _fuse_lit(state, entry) if f"fuse.{entry.said('risk')}" in state.raised else state


def _fuse_defused(state: State, entry: Entry) -> State:
    return _dropped(state, f"fuse.{entry.said('risk')}")


def _flag_turned(state: State, entry: Entry) -> State:
    """Raise the alarm of the flag: a revert that is not done, else an unknown outcome, else drift."""
    status = state.flag.status
    if status in (FlagStatus.REFUSED, FlagStatus.UNKNOWN) and state.flag.wanted <= state.phase:
        return _raised(_ended(state, "flag", entry.at), "revert", entry)
    if status in (FlagStatus.UNKNOWN, FlagStatus.DRIFTED):
        return _raised(_dropped(state, "revert"), "flag", entry)
    return _ended(_dropped(state, "revert"), "flag", entry.at)


def _switch_refused(state: State, entry: Entry) -> State:
    return _raised(state, f"switch.{entry.said('switch')}", entry)


def _switch_confirmed(state: State, entry: Entry) -> State:
    return _ended(state, f"switch.{entry.said('switch')}", entry.at)


def _incident_opened(state: State, entry: Entry) -> State:
    """The owner need not be told what the owner has just said."""
    if entry.by == "owner" or entry.said("severity") not in _GRAVE:
        return state
    return _raised(state, f"incident.{entry.said('incident')}", entry)


def _incident_resolved(state: State, entry: Entry) -> State:
    return _dropped(state, f"incident.{entry.said('incident')}")


def _notice_failed(state: State, entry: Entry) -> State:
    return _raised(state, f"notice.{entry.said('channel')}", entry)


def _notice_sent(state: State, entry: Entry) -> State:
    return _ended(state, f"notice.{entry.said('channel')}", entry.at)


def _phase_entered(state: State, _entry: Entry) -> State:
    """Begin a phase: a breach in it is a new alarm."""
    return _dropped(state, *(name for name in state.raised if name.startswith(_OF_PHASE)))


def _raised(state: State, name: str, entry: Entry) -> State:
    known = state.raised.get(name)
    if known is not None and known.over_at is None:
        return _with(state, replace(known, text=entry.text))
    rest = entry.at - known.over_at if known is not None and known.over_at is not None else RESTS[-1]
    if known is None or rest >= RESTS[-1] / state.plan.speed:
        return _with(_dropped(state, name), Raised(name, entry.at, entry.text, seq=entry.seq))
    if rest > RESTS[known.times - 1] / state.plan.speed:
        again = Raised(name, entry.at, entry.text, seq=entry.seq, times=known.times + 1)
        return _with(_dropped(state, name), again)
    return _with(state, replace(known, text=entry.text, over_at=None, back_at=entry.at))


def _ended(state: State, name: str, at: datetime) -> State:
    """Its end is remembered: it may come back."""
    known = state.raised.get(name)
    return state if known is None or known.over_at is not None else _with(state, replace(known, over_at=at))


def _dropped(state: State, *names: str) -> State:
    """Forget the given alarms and their acknowledgements."""
    raised = {name: alarm for name, alarm in state.raised.items() if name not in names}
    quieted = {name: until for name, until in state.quieted.items() if name not in names}
    return replace(state, raised=raised, quieted=quieted)


def _with(state: State, alarm: Raised) -> State:
    return replace(state, raised={**state.raised, alarm.id: alarm})


_TURNS: Mapping[str, Callable[[State, Entry], State]] = {
    "verdict.turned": _verdict_turned,
    "waiver.given": _waiver_given,
    "waiver.lapsed": _waiver_lapsed,
    "risk.turned": _risk_turned,
    "fuse.lit": _fuse_lit,
    "fuse.defused": _fuse_defused,
    "fuse.blown": _fuse_blown,
    "flag.confirmed": _flag_turned,
    "flag.refused": _flag_turned,
    "flag.unknown": _flag_turned,
    "flag.drifted": _flag_turned,
    "flag.returned": _flag_turned,
    "switch.refused": _switch_refused,
    "switch.confirmed": _switch_confirmed,
    "incident.opened": _incident_opened,
    "incident.resolved": _incident_resolved,
    "notice.failed": _notice_failed,
    "notice.sent": _notice_sent,
    "phase.entered": _phase_entered,
}
