"""The peaks of a stretch of time: the highest readings in it, asked of the history and not read one by one."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from msgspec import Struct

from sessions.criteria.windows import WHOLE
from sessions.handover.absence import Since
from sessions.history.queries import Worth
from sessions.state.reducer import State
from sessions.values import readings as r

Kind = TypeVar("Kind", r.Traffic, r.Tickets, r.Beat)

_AT, _END, _NEWEST = (f"julianday(json_extract(body, '$.{name}'))" for name in ("at", "end", "newest"))
_P95, _ERRORS, _REQUESTS, _COVERED, OPEN = (
    f"json_extract(body, '$.{name}')" for name in ("p95_ms", "errors", "requests", "covered", "open")
)
_WHOLE = f"{_AT} >= {_END} AND {_COVERED} >= {WHOLE} AND {_REQUESTS} > 0 AND {_REQUESTS} >= :given"
P95_OF_WHOLE = f"CASE WHEN {_WHOLE} THEN {_P95} END"
ERRORS_OF_WHOLE = f"CASE WHEN {_WHOLE} THEN {_ERRORS} * 1.0 / {_REQUESTS} END"
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
        _top(highest(Worth("window", P95_OF_WHOLE, least), first, last), r.Traffic, lambda one: one.p95_ms or 0.0),
        _top(highest(Worth("window", ERRORS_OF_WHOLE, least), first, last), r.Traffic, error_share),
        _top(highest(Worth("tickets", OPEN), since.measured, since.back), r.Tickets, lambda one: one.open),
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
