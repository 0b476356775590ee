"""With the flag and without it: whether it is the flag that breaks the plan's bound. It informs; it judges nothing.

Both groups are compared over the newest windows of the phase: as few as decide it, at most so many as make an hour.
"""

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct

from sessions.criteria.errors import ALL
from sessions.criteria.freshness import AHEAD
from sessions.criteria.windows import WHOLE, counted_since
from sessions.state.lapses import FLAG, stretches
from sessions.state.reducer import State
from sessions.statistics.chance import proved, proved_worse
from sessions.text.units import figure
from sessions.values.readings import Side, Traffic

LATENCY, ERRORS = "latency", "errors"
SLOW = 0.05
"""The share of requests that a p95 leaves over itself."""
AS_BAD = 1.5
"""Half as many again: a group that surely has fewer bad requests than this, by its size, is no worse than the other."""
_LOOKED_BACK = 12


class Answer(StrEnum):
    """What can be said of a bound that is broken."""

    FLAG = "the flag"
    NOT_FLAG = "not the flag"
    UNKNOWN = "cannot tell"


class Tally(Struct, frozen=True):
    """One group over some windows: `bad` of its requests were slow, or failed; None where nobody can tell.

    `low` to `high` is where its p95 (ms) lies, or its share of errors (%); `capped`: somewhere over `low`.
    """

    requests: float = 0.0
    bad: float | None = 0.0
    low: float | None = None
    high: float | None = None
    capped: bool = False


class Comparison(Struct, frozen=True):
    """Both groups over `windows` windows that lie within `span` s; `neither` requests belong to no group."""

    on: Tally
    off: Tally
    unit: str
    answer: Answer
    windows: int
    span: float
    neither: float = 0.0

    @property
    def figures(self) -> str:
        """Say the figure of each group: `with the flag 812 ms, without 214 ms`."""
        return f"with the flag {_said(self.on, self.unit)}, without {_said(self.off, self.unit)}"

    @property
    def counts(self) -> str:
        """Say how many requests each had: `1,204 and 9,880 requests`; over several windows also in what time."""
        time = f"{self.span / 60:.0f} min" if self.span >= 60 else f"{self.span:.0f} s"
        return f"{self.on.requests:,.0f} and {self.off.requests:,.0f} requests" + (
            f" in {time}" if self.windows > 1 else ""
        )

    @property
    def sentence(self) -> str:
        """Say it all in one line: `with the flag 812 ms, without 214 ms (1,204 and 9,880 requests): the flag`."""
        return f"{self.figures} ({self.counts}): {self.answer.value}"


def compared(state: State, criterion: str, subject: str, now: datetime) -> Comparison | None:
    """Compare an endpoint's requests, or those of all (errors only); None where nothing says who had the flag.

    Where nothing decides, the figures are those of the newest windows that hold enough requests of each group.
    """
    pool: list[Traffic] = []
    found: Comparison | None = None
    for rows in _newest_first(state, subject, now):
        pool += rows
        more = _over(state, criterion, pool)
        if more.answer is not Answer.UNKNOWN:
            return more
        if found is None or min(found.on.requests, found.off.requests) < state.plan.windows.min_requests:
            found = more
    return found


def answer(on: Tally, off: Tally, share: float, confidence: float) -> Answer:
    """Say whether it is the flag that makes more than `share` (0..1) of the requests bad, with `confidence` in %.

    That those with the flag are worse is Fisher's exact test: whatever share is bad, it needs none to be known. That
    they are not half as bad again is the conditional test of two Poisson rates, which knows factors; shares vary less
    than those, so that it claims too little rather than too much.
    """
    if on.bad is None or off.bad is None:
        return Answer.UNKNOWN
    if proved(on.requests - on.bad, on.requests, 1 - share, confidence):
        return Answer.NOT_FLAG
    fair = off.requests / (off.requests + AS_BAD * on.requests) if on.requests else 1.0
    if proved(off.bad, off.requests, share, confidence) and proved(off.bad, on.bad + off.bad, fair, confidence):
        return Answer.NOT_FLAG
    worse = proved_worse((on.bad, on.requests), (off.bad, off.requests), confidence)
    return Answer.FLAG if worse and on.bad > share * on.requests else Answer.UNKNOWN


def _newest_first(state: State, subject: str, now: datetime) -> Iterator[list[Traffic]]:
    """Yield what is comparable, window by window: whole as far as it ran, of this phase, the flag in its place."""
    windows, found = state.plan.windows, defaultdict[datetime, list[Traffic]](list)
    if (begun := counted_since(state)) is None:
        return
    since = max(begun, now - timedelta(seconds=_LOOKED_BACK * windows.length))
    away = stretches(state, now, (FLAG,))
    for endpoint in state.plan.endpoints if subject == ALL else (subject,):
        for row in reversed(state.seen.windows.get(endpoint, ())):
            if row.start < since:
                break
            elsewhere = any(left < row.end and back > row.start for left, back in away)
            if row.split is not None and row.covered >= WHOLE and row.at <= now + AHEAD and not elsewhere:
                found[row.start].append(row)
    yield from (found[start] for start in sorted(found, reverse=True))


def _over(state: State, criterion: str, rows: Sequence[Traffic]) -> Comparison:
    splits, slow = [row.split for row in rows if row.split is not None], criterion == LATENCY
    tally = _slow if slow else _failed
    on, off = tally([split.on for split in splits]), tally([split.off for split in splits])
    share = SLOW if slow else state.plan.errors.share / 100
    starts = {row.start for row in rows}
    span = (max(min(row.end, row.at) for row in rows) - min(starts)).total_seconds()
    said = answer(on, off, share, state.plan.confidence)
    neither = math.fsum(split.neither for split in splits)
    return Comparison(on, off, "ms" if slow else "%", said, len(starts), span, neither)


def _slow(sides: Sequence[Side]) -> Tally:
    """A quantile of several windows together lies between the least and the highest of theirs."""
    busy = [side for side in sides if side.requests > 0]
    bad = None if any(side.over is None for side in busy) else math.fsum((s.over or 0.0) * s.requests for s in busy)
    known, requests = [side.p95_ms for side in busy if side.p95_ms is not None], math.fsum(s.requests for s in busy)
    if not known or len(known) < len(busy):
        return Tally(requests, bad)
    return Tally(requests, bad, min(known), max(known), any(side.p95_capped for side in busy))


def _failed(sides: Sequence[Side]) -> Tally:
    requests = math.fsum(side.requests for side in sides)
    if any(side.errors is None for side in sides):
        return Tally(requests, None)
    errors = math.fsum(side.errors or 0.0 for side in sides)
    share = 100 * errors / requests if requests > 0 else None
    return Tally(requests, errors, share, share)


def _said(tally: Tally, unit: str) -> str:
    low, high = figure(tally.low, unit, over=tally.capped), figure(tally.high, unit)
    if tally.capped:
        return low
    return high if low == high else f"{low.removesuffix(f' {unit}')}–{high}"
