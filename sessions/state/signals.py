"""What turned: verdicts, risks, and the fuses that risks light."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from msgspec.structs import replace

from sessions.state.model import UNSEEN, UNWATCHED, Fuse, Span, State
from sessions.values.entries import Entry
from sessions.values.verdicts import CRITERIA, Level, Mark


def _verdict_turned(state: State, entry: Entry) -> State:
    """A criterion that turns blind or silent opens a hole. Exposure opens none: where nobody came nobody was met."""
    name, mark = entry.said("criterion"), _mark(entry.said("verdict"))
    state = replace(state, verdicts={**state.verdicts, name: mark})
    return _seen(state, name, entry, dark=mark in UNWATCHED)


def _mark(word: str) -> Mark:
    """A word from a newer cockpit proves nothing to this one."""
    return Mark(word) if word in tuple(Mark) else Mark.BLIND


def _risk_turned(state: State, entry: Entry) -> State:
    word = entry.said("level")
    level = Level(word) if word in tuple(Level) else Level.BLIND
    state = replace(state, levels={**state.levels, entry.said("risk"): level})
    return _seen(state, entry.said("topic"), entry, dark=level is Level.BLIND)


def _seen(state: State, name: str, entry: Entry, *, dark: bool) -> State:
    """What is not seen any more opens a hole in the coverage where the data was last good, until it is seen again."""
    if dark and name in (*CRITERIA, *UNSEEN):
        return replace(state, unwatched={name: entry.dated("since") or entry.at, **state.unwatched})
    if dark or name not in state.unwatched:
        return state
    unwatched = dict(state.unwatched)
    hole = Span(unwatched.pop(name), entry.at, name)
    return replace(state, unwatched=unwatched, holes=(*state.holes, hole))


def _fuse_lit(state: State, entry: Entry) -> State:
    """Whatever the entry says, no fuse has more left than its own length."""
    risk = entry.said("risk")
    latest = entry.at + _spans(state, risk)[0]
    fuse = Fuse(
        risk, entry.at, min(entry.dated("deadline") or entry.at, latest), entry.text, since=entry.dated("since")
    )
    return replace(state, fuses={**state.fuses, risk: fuse})


def _spans(state: State, risk: str) -> tuple[timedelta, timedelta]:
    """Return how long a risk's fuse is, and by how much it is extended at a time; nothing for a risk of no plan."""
    spans = ((one.fuse, one.extension) for one in state.plan.risks if one.id == risk)
    fuse, extension = next(spans, (0.0, 0.0))
    return timedelta(seconds=fuse), timedelta(seconds=extension)


def _fuse_extended(state: State, entry: Entry) -> State:
    fuse = state.fuses.get(entry.said("risk"))
    if fuse is None:
        return state
    latest = max(fuse.deadline, entry.at) + _spans(state, fuse.risk)[1]
    longer = replace(fuse, deadline=min(entry.dated("deadline") or fuse.deadline, latest))
    return replace(state, fuses={**state.fuses, fuse.risk: longer})


def _fuse_defused(state: State, entry: Entry) -> State:
    gone = entry.said("risk")
    return replace(state, fuses={risk: fuse for risk, fuse in state.fuses.items() if risk != gone})


def _fuse_blown(state: State, entry: Entry) -> State:
    fuse = state.fuses.get(entry.said("risk"))
    if fuse is None:
        return state
    return replace(state, fuses={**state.fuses, fuse.risk: replace(fuse, blown=True, text=entry.text)})


FOLDS: Mapping[str, Callable[[State, Entry], State]] = {
    "verdict.turned": _verdict_turned,
    "risk.turned": _risk_turned,
    "fuse.lit": _fuse_lit,
    "fuse.extended": _fuse_extended,
    "fuse.defused": _fuse_defused,
    "fuse.blown": _fuse_blown,
}
