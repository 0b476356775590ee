"""What the charts of a report are drawn from: one line for each subject, thinned so that no peak of it is lost."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from msgspec import Struct

from sessions.handover.peaks import ERRORS_OF_WHOLE, OPEN, P95_OF_WHOLE, error_share
from sessions.history.queries import Worth
from sessions.reports.periods import Period
from sessions.state.reducer import State
from sessions.values import readings as r

MOST_POINTS = 240
"""So many points of one line are drawn; of a longer one each is the highest of its stretch."""
_COUNT = "json_extract(body, '$.count')"

Kind = TypeVar("Kind", r.Traffic, r.Size, r.Tickets)
Point = tuple[datetime, float]
Thinned = Callable[[Worth, str, datetime, datetime, float], Sequence[r.Reading]]
"""Returns of each so many s of a span the reading of the highest worth of one subject, oldest first."""


class Curve(Struct, frozen=True):
    """One line: what was measured of one subject, oldest first.

    `capped` is the least value that only says that the true one is somewhere above it, None if there is none.
    """

    subject: str
    points: tuple[Point, ...]
    capped: float | None = None

    @property
    def top(self) -> Point | None:
        """The highest of it, the first where there are several; None of nothing."""
        return max(self.points, key=lambda point: point[1], default=None)


class Curves(Struct, frozen=True):
    """All that is charted of a period: p95 in ms and failed requests in % of each endpoint, documents, open tickets.

    `step` is how many s one point stands for at most.
    """

    p95: tuple[Curve, ...]
    errors: tuple[Curve, ...]
    sizes: tuple[Curve, ...]
    queue: Curve
    step: float


def curves(thinned: Thinned, state: State, period: Period) -> Curves:
    """Ask a history for the lines of a period: whole windows with enough requests, and counts as they were taken."""
    plan = state.plan
    length, least = plan.windows.length, float(plan.windows.min_requests)
    step = max(period.seconds / MOST_POINTS, length / 2)
    first, last = period.since - timedelta(seconds=length), period.until - timedelta(seconds=length)

    def windows(worth: str, value: Callable[[r.Traffic], float]) -> tuple[Curve, ...]:
        found = ((name, thinned(Worth("window", worth, least), name, first, last, step)) for name in plan.endpoints)
        return tuple(Curve(name, tuple(_traffic(rows, value)), _capped(rows, worth, value)) for name, rows in found)

    def counts(kind: str, worth: str, subject: str) -> Sequence[r.Reading]:
        return thinned(Worth(kind, worth), subject, period.since, period.until, step)

    sizes = ((one.name, counts("size", _COUNT, one.name)) for one in plan.collections)
    tickets = counts("tickets", OPEN, "")
    return Curves(
        windows(P95_OF_WHOLE, lambda window: window.p95_ms or 0.0),
        windows(ERRORS_OF_WHOLE, error_share),
        tuple(Curve(name, tuple((one.at, float(one.count)) for one in _of(r.Size, rows))) for name, rows in sizes),
        Curve("", tuple((one.at, float(one.open)) for one in _of(r.Tickets, tickets))),
        step,
    )


def _traffic(rows: Iterable[r.Reading], value: Callable[[r.Traffic], float]) -> Iterable[Point]:
    return ((one.start, value(one)) for one in _of(r.Traffic, rows))


def _capped(rows: Iterable[r.Reading], worth: str, value: Callable[[r.Traffic], float]) -> float | None:
    values = (value(one) for one in _of(r.Traffic, rows) if one.p95_capped and worth == P95_OF_WHOLE)
    return min(values, default=None)


def _of(kind: type[Kind], rows: Iterable[r.Reading]) -> Iterable[Kind]:
    return (one for one in rows if isinstance(one, kind))
