"""What was kept of a flight, in the order in which a watch saw it: its entries, and its readings by when they came.

Of a window only its last measurement is kept, and of what a source answered, only what it measured. So a window is
shown at the first poll after its end; and an answer stands behind each reading, unless the log says that it was dark.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TypeGuard

from msgspec import Struct
from msgspec.structs import replace

from sessions.history.queries import KEPT
from sessions.plan.model import Plan
from sessions.replay.darkness import answered, darkness
from sessions.text.intervals import Overlaps, Stretch, joined
from sessions.values import readings as r
from sessions.values.entries import Entry
from sessions.values.flag_value import FlagValue
from sessions.values.presence import VOUCHED

_TOPICS: dict[type[object], r.Topic] = {
    r.Traffic: r.Topic.TRAFFIC,
    r.Beat: r.Topic.JOURNEYS,
    r.Size: r.Topic.COLLECTIONS,
    r.Triage: r.Topic.TRIAGE,
    r.Alerts: r.Topic.ALERTS,
    r.Tickets: r.Topic.QUEUE,
    r.Capsules: r.Topic.CAPSULES,
    r.Returns: r.Topic.RETURNS,
    r.Csat: r.Topic.CSAT,
    FlagValue: r.Topic.FLAG,
    r.Exposure: r.Topic.EXPOSURE,
}
"""What answered where such a reading was kept."""


_FOR_EVER = datetime.max.replace(tzinfo=UTC)
SILENT = 500
"""So many moments on end are judged without a reading or an entry: by then all is blind, and stays so."""
_MOST_STEPS = 1_000
"""No window is longer than so many polls."""
_SIGHTED = 0.01
"""The share of a window that is vouched for where it was only seen: too little to be judged by."""


class Record(Struct, frozen=True):
    """One flight: `readings` by when they are shown, which `shown` says; `count` is how many were kept.

    `minutes_since` is when the oldest minute that was kept begins, None without one; `compacted` says that there were
    older ones, of which only is left what they prove. `until` is the newest moment that anything says.
    """

    entries: tuple[Entry, ...]
    readings: tuple[r.Reading, ...]
    shown: tuple[datetime, ...]
    count: int
    since: datetime
    until: datetime
    minutes_since: datetime | None = None
    compacted: bool = False

    def between(self, after: datetime, until: datetime) -> Sequence[r.Reading]:
        """Return what came later than `after`, up to `until`."""
        return self.readings[bisect_right(self.shown, after) : bisect_right(self.shown, until)]

    def following(self, at: datetime) -> datetime | None:
        """Return when the next reading after `at` is shown, None where none is."""
        number = bisect_right(self.shown, at)
        return self.shown[number] if number < len(self.shown) else None

    @property
    def measured(self) -> tuple[datetime, datetime] | None:
        """From when until when there are readings; None where there are none."""
        return (self.shown[0], self.shown[-1]) if self.shown else None


def silences(plan: Plan, record: Record) -> tuple[Stretch, ...]:
    """Return the times in which nothing was recorded for so long that nothing of them is known.

    Before the oldest reading that is kept only a time longer than readings are kept is one: their silence says nothing.
    """
    moments = sorted({record.since, *(entry.at for entry in record.entries), *record.shown, record.until})
    least, first = timedelta(seconds=SILENT * pace(plan)), record.shown[0] if record.shown else _FOR_EVER
    return tuple(
        (since, until)
        for since, until in pairwise(moments)
        if until - since > (least if since >= first else max(least, KEPT))
    )


def pace(plan: Plan) -> float:
    """Return how many seconds lie between two judgements of a replay: traffic is asked for that often."""
    return max(plan.cadence.traffic, plan.cadence.tick)


def recorded(plan: Plan, entries: Sequence[Entry], kept: Iterable[r.Reading], now: datetime) -> Record:
    """Return the flight that these entries and readings tell; what is dated later than `now` proves nothing."""
    readings = [_shown(plan, one) for one in kept if not isinstance(one, r.Turn) and one.at <= now]
    minutes = [one.start for one in readings if isinstance(one, r.Traffic) and one.grain is r.Grain.MINUTE]
    first = min(minutes, default=None)
    answers = _answers(plan, readings, first, entries)
    rows = sorted([*readings, *answers], key=lambda one: one.at)
    back = max((number for number, entry in enumerate(entries) if entry.counted("moved") < 0), default=0)
    ends = [*(entry.at for entry in entries[back:]), *(one.at for one in readings)]
    return Record(
        tuple(entries),
        tuple(rows),
        tuple(one.at for one in rows),
        len(readings),
        entries[0].at,
        max(ends),
        first,
        any(isinstance(one, r.Traces) for one in readings),
    )


def _shown(plan: Plan, reading: r.Reading) -> r.Reading:
    """Return a reading with the time it was first known: of a window, the first poll after it."""
    if not isinstance(reading, r.Traffic) or reading.grain is r.Grain.MINUTE:
        return reading
    polled = timedelta(seconds=min(pace(plan), plan.windows.settle))
    return replace(reading, at=min(reading.at, reading.end + polled))


def _answers(
    plan: Plan, readings: Sequence[r.Reading], minutes_since: datetime | None, entries: Sequence[Entry]
) -> Iterator[r.Reading]:
    """Yield the answers that must have come, since something was measured, but for what the log calls dark."""
    dark, moments = darkness(entries), dict[r.Topic, dict[datetime, str]]()
    for one in readings:
        if (topic := _TOPICS.get(type(one))) is not None:
            moments.setdefault(topic, {})[one.at] = str(getattr(one, "source", "history"))
    for topic, found in moments.items():
        for at in answered(found, dark.get(topic, ())):
            yield r.Pulse(found[at], at, topic, ok=True)
    before = minutes_since or _FOR_EVER
    traffic = Overlaps(dark.get(r.Topic.TRAFFIC, ()))
    for since, until in _watched_windows(readings, _MOST_STEPS * pace(plan)):
        for at in _steps(since, min(until, before), pace(plan)):
            if traffic.until(at) is None:
                yield r.Pulse("history", at, r.Topic.TRAFFIC, ok=True)
    yield from (_sighting(one, pace(plan)) for one in readings if _whole(one) and one.start < before)


def _sighting(window: r.Traffic, step: float) -> r.Traffic:
    """Whoever was seen in the whole of a window was seen as it began; how much of it is not known."""
    at = window.start + timedelta(seconds=step)
    none = {"requests": 0.0, "errors": 0.0, "refused": 0.0, "p95_ms": None, "over": None, "split": None}
    return replace(window, at=at, covered=_SIGHTED, **none)


def _whole(reading: r.Reading) -> TypeGuard[r.Traffic]:
    """Whether it is a window that was seen from its start to its end."""
    return (
        isinstance(reading, r.Traffic)
        and reading.grain is r.Grain.WINDOW
        and reading.covered >= VOUCHED
        and reading.at >= reading.end
    )


def _watched_windows(readings: Sequence[r.Reading], longest: float) -> tuple[Stretch, ...]:
    """Return the time of the windows that were seen whole: whoever measured them answered all through it.

    One that is longer than any window, over `longest` s, was measured by a clock that was wrong.
    """
    spans = ((one.start, one.at) for one in readings if _whole(one))
    return joined((start, at) for start, at in spans if (at - start).total_seconds() <= longest)


def _steps(since: datetime, until: datetime, step: float) -> Iterator[datetime]:
    at = since
    while at < until:
        yield at
        at += timedelta(seconds=step)
