"""Since when the owner was away: a moment on today's clock, and which entries are newer.

Entries are chosen by number, not by time, so that a clock change meanwhile hides none.
"""

from bisect import bisect_right
from datetime import datetime, timedelta

from msgspec import Struct

from sessions.history.queries import Look
from sessions.state.reducer import State
from sessions.values.entries import Entry
from sessions.values.remembered import remembered

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
    """Return the entries of the hand-over, oldest first."""
    return _told(state.entries, since)


@remembered(4)
def _told(entries: tuple[Entry, ...], since: Since) -> tuple[Entry, ...]:
    return _from(entries, since.seq)


def _after(state: State, seq: int) -> tuple[Entry, ...]:
    return _from(state.entries, seq)


def _from(entries: tuple[Entry, ...], seq: int) -> tuple[Entry, ...]:
    return entries[bisect_right(entries, seq, key=lambda entry: entry.seq) :]


def _since(state: State, look: Look, now: datetime, words: str = "", note: str = "") -> Since:
    """A clock that was put back left no reading that is dated later: what was measured then begins where it began."""
    moves = [entry for entry in _after(state, look.seq) if _moved(entry)]
    back = [entry.at for entry in moves if _moved(entry) < timedelta()]
    at = look.at + sum((_moved(entry) for entry in moves), timedelta())
    return Since(min(at, now), look.seq, now, min([look.at, *back]), words, note)


def _moved(entry: Entry) -> timedelta:
    """By how much the clock was moved here."""
    return timedelta(seconds=entry.counted("moved")) if entry.kind == "gap.found" else timedelta()
