"""The topics that are rows, one for each endpoint and window, journey or collection: how one row becomes a reading."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import TypeVar

from msgspec import Struct

from cockpit.sources.json.parts import Finder, Parts, UnreadableError
from sessions.plan.model import Plan, Windows
from sessions.text.intervals import Stretch
from sessions.values import readings as r
from sessions.values.readings import Triage, TriageLine

_OFF = 0.01
_EXAMPLES = 3


class Skip(Enum):
    """Why a good row is left out: the plan does not name its subject, or its window is not cut like ours."""

    STRANGER = "of nothing in the plan"
    CUT = "of windows cut differently"


class Asking(Struct, frozen=True):
    """What was asked for: on behalf of which source, when, by which plan, and about which window if any.

    `unit` is that of durations, in ms.
    """

    source: str
    now: datetime
    plan: Plan
    window: Stretch | None = None
    unit: float = 1.0


class ReadRow(Struct, frozen=True):
    """One row read: its `reading`, the `key` that no other row may share, and the time of its newest datum."""

    key: str
    reading: r.Reading
    newest: datetime | None = None


Make = Callable[[Parts, Asking], ReadRow | Skip]


def traffic(parts: Parts, asking: Asking) -> ReadRow | Skip:
    """Read requests, errors and p95 of an endpoint in one of our windows; `p95_ms`, `over`, `refused` may be absent.

    So may `with_flag` and `without_flag`, which part the same requests by who had the flag.
    """
    endpoint = parts.text("endpoint")
    if endpoint not in asking.plan.endpoints:
        return Skip.STRANGER
    window = _own(parts) or asking.window
    if window is None:
        raise UnreadableError("start and end are missing, and the question names no {start}")
    side = _side(parts, asking.unit, needed=True)
    refused = parts.number("refused") if parts.has("refused") else 0.0
    if (side.errors or 0.0) + refused > side.requests:
        raise UnreadableError(f"errors and {refused:g} refused are more than {side.requests:g} requests")
    start, end = _aligned(window, asking.plan.windows) or (None, None)
    if start is None or end is None:
        return Skip.CUT
    if start > asking.now:
        raise UnreadableError("start lies in the future")
    facts = (asking.source, asking.now, endpoint, r.Grain.WINDOW, start, end)
    figures = (side.requests, side.errors or 0.0, side.p95_ms)
    found = r.Traffic(
        *facts, *figures, over=side.over, refused=refused, split=_split(parts, asking.unit, side.requests)
    )
    return ReadRow(f"{endpoint} {start:%H:%M:%S.%f}", found, min(end, asking.now))


def _side(parts: Parts, unit: float, *, needed: bool) -> r.Side:
    """Read the figures of some requests: of all of an endpoint, whose errors are `needed`, or of one group."""
    requests = parts.number("requests")
    errors = parts.number("errors") if needed or parts.has("errors") else None
    p95 = parts.number("p95_ms") * unit if parts.has("p95_ms") else None
    over = parts.number("over") if parts.has("over") else None
    if errors is not None and errors > requests:
        raise UnreadableError(f"errors are {errors:g} of {requests:g} requests")
    if over is not None and over > 1:
        raise UnreadableError(f"over is {over:g}, and a share is at most 1")
    return r.Side(requests, errors, p95, over)


def _split(parts: Parts, unit: float, requests: float) -> r.Split | None:
    """Read both groups; what is no group compares nothing, and takes nothing from what is judged."""
    try:
        on, off = (_side(parts.inner(name), unit, needed=False) for name in ("with_flag", "without_flag"))
    except UnreadableError:
        return None
    neither = requests - on.requests - off.requests
    return r.Split(on, off, neither) if neither >= 0 else None


def journey(parts: Parts, asking: Asking) -> ReadRow | Skip:
    """Read the newest event of a journey; it may be absent only where `count` says 0."""
    name = parts.text("journey")
    if name not in {journey.id for journey in asking.plan.journeys}:
        return Skip.STRANGER
    newest = parts.past("newest") if parts.has("newest") else None
    count = parts.whole("count", 1 if newest else None)
    if newest is None and count:
        raise UnreadableError(f"newest is missing, and count is {count}")
    return ReadRow(name, r.Beat(asking.source, asking.now, name, asking.now, newest, count), newest)


def collection(parts: Parts, asking: Asking) -> ReadRow | Skip:
    """Read a collection's count and its duplicates; a missing count is not zero."""
    name = parts.text("collection")
    if name not in {collection.name for collection in asking.plan.collections}:
        return Skip.STRANGER
    count, duplicates = parts.whole("count"), parts.whole("duplicates")
    if duplicates > count:
        raise UnreadableError(f"duplicates are {duplicates} of {count}")
    examples = parts.texts("examples", _EXAMPLES)
    return ReadRow(name, r.Size(asking.source, asking.now, name, count, duplicates, examples))


MAKERS: Mapping[str, Make] = {"traffic": traffic, "journeys": journey, "collections": collection}


def _own(parts: Parts) -> Stretch | None:
    """The window that the row names itself; half of one is none."""
    start, end = parts.has("start"), parts.has("end")
    if start != end:
        raise UnreadableError(f"{'end' if start else 'start'} is missing")
    return (parts.moment("start"), parts.moment("end")) if start else None


def _aligned(window: Stretch, rule: Windows) -> Stretch | None:
    """Our own window that the stretch is, give or take a hundredth; None if it is cut differently."""
    start, end = (edge.timestamp() for edge in window)
    index = round(start / rule.length)
    ours = index * rule.length, (index + 1) * rule.length
    if max(abs(start - ours[0]), abs(end - ours[1])) > _OFF * rule.length:
        return None
    return datetime.fromtimestamp(ours[0], UTC), datetime.fromtimestamp(ours[1], UTC)


T = TypeVar("T")

_LINES_KEPT = 100


def triage(rows: Sequence[object], finder: Finder, asking: Asking) -> tuple[Triage, tuple[str, ...]]:
    """Return the lines that are open or young, newest first, and why some of the rows were not wholly readable."""
    read = [_line(place, Parts(finder, item, asking.now), asking.now) for place, item in enumerate(rows, 1)]
    young = asking.now - timedelta(seconds=asking.plan.week.days * asking.plan.week.day)
    kept: dict[str, TriageLine] = {}
    for line, _ in sorted(read, key=lambda one: (one[0].open, one[0].at)):  # of two lines of one id the open one stays
        if line.open or line.at >= young:
            kept[line.id] = line
    newest = sorted(kept.values(), key=lambda line: (line.open, line.at), reverse=True)[:_LINES_KEPT]
    lines = tuple(sorted(newest, key=lambda line: line.at, reverse=True))
    return Triage(asking.source, asking.now, lines, len(rows)), tuple(why for _, why in read if why)


def _line(place: int, parts: Parts, now: datetime) -> tuple[TriageLine, str]:
    wrong: list[str] = []

    def tried(read: Callable[[], T], default: T) -> T:
        try:
            return read()
        except UnreadableError as error:
            wrong.append(str(error))
            return default

    found = TriageLine(
        tried(lambda: parts.text("id", 60), f"row {place}"),
        tried(lambda: parts.past("at"), now),
        tried(lambda: parts.text("title"), "(no title)"),
        tried(lambda: parts.flag("open", default=True), default=True),
    )
    return found, wrong[0] if wrong else ""
