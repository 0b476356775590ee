"""A flag that flaps is logged once: after the third turn in ten minutes, and once at the end.

Until it has been stable for ten minutes its worst state counts, drifted or unread, and no soak is counted.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from msgspec.structs import replace

from sessions.state.reducer import State
from sessions.state.signals import FLAPS, TURNS, span
from sessions.text.units import duration
from sessions.values.entries import Draft, Entry
from sessions.values.flag_value import FlagStatus

_ANEW = ("phase.entered", "flag.intended", "flag.confirmed")
"""Where somebody moved the flag on purpose another story begins."""
_TURNS = ("flag.drifted", "flag.returned", "flag.unread")
_UNREAD = "not read"
_OF_THE_TURN = ("expected", "seen", "since", "reason")
"""What the entry of a flap has from the turn that it goes on with: neither how that was written nor who moved it."""


def told(state: State, draft: Draft, now: datetime) -> Draft | None:
    """Return what is entered of a turn of the flag at `now`, None where nothing is."""
    if draft.kind not in _TURNS:
        return draft
    past = list(_turns(state))
    flap = next((entry for entry in past if entry.facts.get(FLAPS) is True), None)
    if flap is not None and past[0] is flap:
        return _flapping(state, flap, draft, now)
    young = [entry for entry in past if now - entry.at < span(state.plan)]
    if len(young) < TURNS:
        return draft
    between = dict.fromkeys([*(_word(entry) for entry in reversed(young)), _word(draft)])
    went = f"{len(young) + 1} times in {duration((now - young[-1].at).total_seconds())}"
    return _flap(state, past, draft, tuple(between), went)


def _turns(state: State) -> Iterator[Entry]:
    """Yield the turns of the flag since it was last moved on purpose, newest first."""
    for entry in reversed(state.entries):
        if entry.kind in _ANEW:
            return
        if entry.kind in _TURNS:
            yield entry


def _flapping(state: State, flap: Entry, draft: Draft, now: datetime) -> Draft | None:
    """Report a new state at once, and a return only when it has lasted."""
    between, word = flap.listed("between"), _word(draft)
    if word not in between:
        return _flap(state, [flap], draft, (*between, word), "still")
    before = state.seen.flag_before
    stood = now - max(flap.at, before.at if before else flap.at)
    if draft.kind != "flag.returned" or stood < span(state.plan):
        return None
    return replace(draft, text=f"{draft.text}, after it flapped")


def _flap(state: State, past: Sequence[Entry], draft: Draft, between: tuple[str, ...], times: str) -> Draft:
    """Return the entry that it flaps: as drifted wherever it drifted, since it may be gone again at any moment."""
    kind = "flag.drifted" if FlagStatus.DRIFTED in (state.flag.status, draft.kind[5:]) else "flag.unread"
    known = next((entry.facts for entry in past if entry.kind == kind), {})
    facts = draft.facts if draft.kind == kind else {name: known[name] for name in _OF_THE_TURN if name in known}
    text = f"flag flaps ({times}: {', '.join(between)}), now {_word(draft)}"
    return Draft(kind, draft.by, text, {**facts, FLAPS: True, "between": between})


def _word(turn: Entry | Draft) -> str:
    reads = turn.facts.get("seen" if turn.kind == "flag.drifted" else "percent", _UNREAD)
    return f"{reads} %" if isinstance(reads, (int, float)) else str(reads)
