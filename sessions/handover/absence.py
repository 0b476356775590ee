"""Since when the owner was away: a moment on today's clock, and which entries are newer.

Entries are told by their number and not by their time, so that a clock that was moved meanwhile hides none.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from msgspec import Struct

from sessions.criteria.windows import WHOLE
from sessions.history.queries import Look, Worth
from sessions.state.reducer import State
from sessions.values import readings as r
from sessions.values.entries import Entry

_HANDS = ("owner", "cli")
_NO_SCREEN = "no screen was up"


class Since(Struct, frozen=True):
    """Where a hand-over begins: at `at` on today's clock, with the entry after `seq`; `back` is when the owner came.

    `measured` is where its readings begin, by the clock that dated them; `words` say what `at` is, where it is no
    moment that somebody asked for, and `note` why it is none better.
    """

    at: datetime
    seq: int
    back: datetime
    measured: datetime
    words: str = ""
    note: str = ""

    @property
    def away(self) -> float:
        """Seconds of absence, never negative."""
        return max(0.0, (self.back - self.at).total_seconds())


def since_last(state: State, look: Look | None, now: datetime) -> Since:
    """Count from the last look, else from the owner's last act, else from the session's start, and say which it is."""
    if look is not None:
        return _since(state, look, now, "you left")
    acts = (entry for entry in reversed(state.entries) if entry.by in _HANDS and entry.kind != "session.started")
    if act := next(acts, None):
        return _since(state, Look(act.at, act.seq), now, "your last act", _NO_SCREEN)
    start = Look(state.started_at or now, 0)
    return _since(state, start, now, "the session began", _NO_SCREEN)


def since_moment(state: State, at: datetime, now: datetime) -> Since:
    """Count from a moment on today's clock."""
    moved = timedelta()
    for entry in reversed(state.entries):
        if entry.at + moved < at:
            return _since(state, Look(at - moved, entry.seq), now)
        moved += _moved(entry)
    return _since(state, Look(at - moved, 0), now)


def newer(state: State, since: Since) -> tuple[Entry, ...]:
    """Return the entries that are told, oldest first."""
    return _after(state, since.seq)


def _after(state: State, seq: int) -> tuple[Entry, ...]:
    return state.entries[bisect_right(state.entries, seq, key=lambda entry: entry.seq) :]


def _since(state: State, look: Look, now: datetime, words: str = "", note: str = "") -> Since:
    """A clock that was put back left no reading that is dated later: what was measured then begins where it began."""
    moves = [entry for entry in _after(state, look.seq) if _moved(entry)]
    back = [entry.at for entry in moves if _moved(entry) < timedelta()]
    at = look.at + sum((_moved(entry) for entry in moves), timedelta())
    return Since(min(at, now), look.seq, now, min([look.at, *back]), words, note)


def _moved(entry: Entry) -> timedelta:
    """By how much the clock was moved here."""
    return timedelta(seconds=entry.counted("moved")) if entry.kind == "gap.found" else timedelta()


Kind = TypeVar("Kind", r.Traffic, r.Tickets, r.Beat)

_AT, _END, _NEWEST = (f"julianday(json_extract(body, '$.{name}'))" for name in ("at", "end", "newest"))
_P95, _ERRORS, _REQUESTS, _COVERED, _OPEN = (
    f"json_extract(body, '$.{name}')" for name in ("p95_ms", "errors", "requests", "covered", "open")
)
_WHOLE = f"{_AT} >= {_END} AND {_COVERED} >= {WHOLE} AND {_REQUESTS} > 0 AND {_REQUESTS} >= :given"
_P95_OF_WHOLE = f"CASE WHEN {_WHOLE} THEN {_P95} END"
_ERRORS_OF_WHOLE = f"CASE WHEN {_WHOLE} THEN {_ERRORS} * 1.0 / {_REQUESTS} END"
_GAP = f"{_AT} - max({_NEWEST}, julianday(:given))"


class Peaks(Struct, frozen=True):
    """The highest of each; None where nothing was measured well enough to count. `gap` is the beat that came latest."""

    p95: r.Traffic | None = None
    errors: r.Traffic | None = None
    tickets: r.Tickets | None = None
    gap: r.Beat | None = None


Highest = Callable[[Worth, datetime, datetime], Sequence[r.Reading]]
"""Returns of each subject the reading of the highest worth, kept under a moment in that stretch."""


def peaks(highest: Highest, state: State, since: Since) -> Peaks:
    """Return the peaks since then: whole windows with enough requests, and gaps of the phase in force."""
    length, least = timedelta(seconds=state.plan.windows.length), float(state.plan.windows.min_requests)
    first, last = since.measured - length, since.back - length
    begun = state.entered_at or since.at
    return Peaks(
        _top(highest(Worth("window", _P95_OF_WHOLE, least), first, last), r.Traffic, lambda one: one.p95_ms or 0.0),
        _top(highest(Worth("window", _ERRORS_OF_WHOLE, least), first, last), r.Traffic, error_share),
        _top(highest(Worth("tickets", _OPEN), since.measured, since.back), r.Tickets, lambda one: one.open),
        _top(
            highest(Worth("beat", _GAP, begun.isoformat()), since.measured, since.back), r.Beat, partial(_late, begun)
        ),
    )


def error_share(window: r.Traffic) -> float:
    """Return errors / requests in %."""
    return 100.0 * window.errors / window.requests if window.requests else 0.0


def _late(begun: datetime, beat: r.Beat) -> float:
    return (beat.at - max(beat.newest, begun)).total_seconds() if beat.newest else 0.0


def _top(found: Sequence[r.Reading], kind: type[Kind], worth: Callable[[Kind], float]) -> Kind | None:
    return max((one for one in found if isinstance(one, kind)), key=worth, default=None)
