"""What turned: verdicts, risks, and the fuses that risks light.

After the third turn in ten minutes a verdict or a risk flaps, and no single turn is an entry. While it flaps the worst
that it is between is in force. How often it turned meanwhile is measured, not entered.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from heapq import heappop, heappush

from msgspec.structs import replace

from sessions.plan.model import Plan
from sessions.state.model import UNSEEN, UNWATCHED, Flap, Fuse, Span, State, Turned, added
from sessions.values.entries import Entry
from sessions.values.readings import Turn
from sessions.values.verdicts import CRITERIA, Level, Mark

SPAN = timedelta(minutes=10)
"""So long without a turn ends it."""
TURNS = 3
"""So many turns within the span are entered one by one."""
FLAPS = "flaps"
"""The fact of an entry that begins a flap (true) or ends it (false)."""

Count = Callable[[State, str, str, Entry], State]
"""Counts one more turn of what has that name, to that word, by that entry."""


def _verdict_turned(state: State, entry: Entry, count: Count | None = None) -> State:
    """A criterion that turns blind or silent opens a hole. Exposure opens none: where nobody came nobody was met."""
    name, mark = entry.said("criterion"), _mark(entry.said("verdict"))
    state = replace(state, verdicts={**state.verdicts, name: mark})
    dark = mark in UNWATCHED or any(word in UNWATCHED for word in entry.listed("between"))
    return (count or _counted)(_seen(state, name, entry, dark=dark), f"verdict.{name}", mark.value, entry)


def _mark(word: str) -> Mark:
    """A word from a newer cockpit proves nothing to this one."""
    return Mark(word) if word in tuple(Mark) else Mark.BLIND


def _risk_turned(state: State, entry: Entry, count: Count | None = None) -> State:
    word = entry.said("level")
    level = Level(word) if word in tuple(Level) else Level.BLIND
    name = entry.said("risk")
    risen = (
        {**state.risen, name: entry.at} if entry.said("was") == Level.CALM and level is not Level.CALM else state.risen
    )
    state = replace(state, levels={**state.levels, name: level}, risen=risen)
    dark = level is Level.BLIND or Level.BLIND in entry.listed("between")
    seen = _seen(state, entry.said("topic"), entry, dark=dark)
    return (count or _counted)(seen, f"risk.{name}", level.value, entry)


def _seen(state: State, name: str, entry: Entry, *, dark: bool) -> State:
    """What is not seen any more opens a hole in the coverage where the data was last good, until it is seen again."""
    if dark and name in (*CRITERIA, *UNSEEN):
        return replace(state, unwatched={name: entry.dated("since") or entry.at, **state.unwatched})
    if dark or name not in state.unwatched:
        return state
    unwatched = dict(state.unwatched)
    hole = Span(unwatched.pop(name), entry.at, name)
    return replace(state, unwatched=unwatched, holes=added(state.holes, hole))


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


def span(plan: Plan) -> timedelta:
    """Return how long a plan waits for the next turn."""
    return SPAN / plan.speed


def _counted(state: State, name: str, word: str, entry: Entry) -> State:
    """Return the state that knows of one more turn, and whether what turned flaps; what had warmed up turned not."""
    since = entry.at - span(state.plan)
    turns = tuple(turn for turn in state.turned.get(name, ()) if turn.at > since)
    if _counts(entry):
        turns = (*turns, Turned(entry.at, word))
    return replace(
        _flapped(state, name, word, entry, turns[0].at if turns else None), turned={**state.turned, name: turns}
    )


def _counts(entry: Entry) -> bool:
    return entry.said("was") != Mark.WARMING


def _flapped(state: State, name: str, word: str, entry: Entry, first: datetime | None) -> State:
    """Return the state that knows whether it flaps; `first` is the oldest turn of the span."""
    if entry.facts.get(FLAPS) is not True and name not in state.flaps:
        return state
    flaps = {one: flap for one, flap in state.flaps.items() if one != name}
    if entry.facts.get(FLAPS) is True:
        known = state.flaps.get(name)
        begun = known.since if known else first or entry.at
        now, times = entry.said("now", word), int(entry.counted("times"))
        flaps[name] = Flap(begun, tuple(entry.listed("between")), Turn(entry.by, entry.at, name, now, times))
    return replace(state, flaps=flaps)


class _Turns:
    """The turns of one name in the order of their entries; what is to be forgotten is found by its moment.

    Entries may be dated a little before the one that they follow, so the oldest need not be the first.
    """

    def __init__(self, turns: Iterable[Turned] = ()) -> None:
        self._rows = OrderedDict[int, Turned]()
        self._by_moment = list[tuple[datetime, int]]()
        self._next = 0
        for turn in turns:
            self.add(turn)

    def add(self, turn: Turned) -> None:
        self._rows[self._next] = turn
        heappush(self._by_moment, (turn.at, self._next))
        self._next += 1

    def forget(self, since: datetime) -> None:
        """Forget what turned at `since` or before."""
        while self._by_moment and self._by_moment[0][0] <= since:
            del self._rows[heappop(self._by_moment)[1]]

    def first(self) -> datetime | None:
        return next((turn.at for turn in self._rows.values()), None)

    def told(self) -> tuple[Turned, ...]:
        return tuple(self._rows.values())


class Running:
    """Counts the turns of a whole log in one go: the very same as entry by entry, however many turn within a span."""

    def __init__(self) -> None:
        self._turns = dict[str, _Turns]()
        self.folds: Mapping[str, Callable[[State, Entry], State]] = {
            "verdict.turned": partial(_verdict_turned, count=self._count),
            "risk.turned": partial(_risk_turned, count=self._count),
        }

    def told(self, state: State) -> State:
        """Return the state with the turns that were counted."""
        return replace(state, turned={name: turns.told() for name, turns in self._turns.items()})

    def take(self, state: State) -> None:
        """Go on from the turns of a state."""
        self._turns = {name: _Turns(turns) for name, turns in state.turned.items()}

    def _count(self, state: State, name: str, word: str, entry: Entry) -> State:
        turns = self._turns.setdefault(name, _Turns())
        turns.forget(entry.at - span(state.plan))
        if _counts(entry):
            turns.add(Turned(entry.at, word))
        return _flapped(state, name, word, entry, turns.first())


def young(state: State, name: str, now: datetime) -> Sequence[Turned]:
    """Return the turns that were entered within the span before `now`, oldest first."""
    return [turn for turn in state.turned.get(name, ()) if now - turn.at < span(state.plan)]


def newest(state: State, name: str) -> Turn | None:
    """Return the newest turn of what flaps, None for what does not."""
    flap = state.flaps.get(name)
    if flap is None:
        return None
    seen = state.seen.turns.get(name)
    return seen if seen is not None and seen.at > flap.turn.at else flap.turn


FOLDS: Mapping[str, Callable[[State, Entry], State]] = {
    "verdict.turned": _verdict_turned,
    "risk.turned": _risk_turned,
    "fuse.lit": _fuse_lit,
    "fuse.extended": _fuse_extended,
    "fuse.defused": _fuse_defused,
    "fuse.blown": _fuse_blown,
}
