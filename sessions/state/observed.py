"""What the sources have shown so far: a fold over readings that forgives order and repetition."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from msgspec import Struct, field
from msgspec.structs import replace

from sessions.values import readings as r
from sessions.values.flag_value import FlagValue

Alone = r.Triage | r.Alerts | r.Capsules | r.Returns | r.Csat | r.Exposure
Trend = TypeVar("Trend", r.Size, r.Tickets)

WINDOWS_KEPT = 48
MINUTES_KEPT = 96
TREND_KEPT = 48
GAPS_KEPT = 32
SENT_KEPT = 96

_NAMES: Mapping[type[Alone], str] = {
    r.Triage: "triage",
    r.Alerts: "alerts",
    r.Capsules: "capsules",
    r.Returns: "returns",
    r.Csat: "csat",
    r.Exposure: "exposure",
}
"""Where each reading that stands alone is kept."""


class Health(Struct, frozen=True):
    """How a topic's source is doing: last attempt, last success, and the reason while it fails."""

    source: str
    tried_at: datetime
    good_at: datetime | None
    reason: str
    took_ms: float
    newest: datetime | None
    unreadable: int = 0
    total: int = 0
    note: str = ""


class Seen(Struct, frozen=True):
    """The newest of everything measured, and as much of the past as judging and drawing need.

    `windows` and `minutes` are per endpoint, oldest first; `gaps` per journey; `sizes` per collection, oldest first;
    `flag_before` is the newest reading of the flag that said something else than `flag`;
    `runs` is the newest run by name; `sent` is per journey when synthetic runs reached the service, oldest first.
    """

    health: Mapping[r.Topic, Health] = field(default_factory=dict)
    windows: Mapping[str, tuple[r.Traffic, ...]] = field(default_factory=dict)
    minutes: Mapping[str, tuple[r.Traffic, ...]] = field(default_factory=dict)
    beats: Mapping[str, r.Beat] = field(default_factory=dict)
    gaps: Mapping[str, tuple[tuple[datetime, datetime], ...]] = field(default_factory=dict)
    sizes: Mapping[str, tuple[r.Size, ...]] = field(default_factory=dict)
    runs: Mapping[str, r.Run] = field(default_factory=dict)
    sent: Mapping[str, tuple[datetime, ...]] = field(default_factory=dict)
    triage: r.Triage | None = None
    alerts: r.Alerts | None = None
    tickets: tuple[r.Tickets, ...] = ()
    capsules: r.Capsules | None = None
    returns: r.Returns | None = None
    csat: r.Csat | None = None
    flag: FlagValue | None = None
    flag_before: FlagValue | None = None
    exposure: r.Exposure | None = None


def see(seen: Seen, reading: r.Reading) -> Seen:
    """Return `seen` with one more reading; an older reading never replaces a newer one."""
    match reading:
        case r.Pulse():
            return replace(seen, health={**seen.health, reading.topic: _health(seen, reading)})
        case r.Traffic():
            return _see_traffic(seen, (reading,))
        case r.Beat():
            return _see_beat(seen, reading)
        case r.Size() | r.Tickets():
            return _see_trend(seen, reading)
        case r.Run():
            return _see_run(seen, reading)
        case _:
            return _see_flag(seen, reading) if isinstance(reading, FlagValue) else _see_newest(seen, reading)


def see_all(seen: Seen, readings: Iterable[r.Reading]) -> Seen:
    """Return `seen` with all of these readings, as if they were seen one by one; traffic comes in hundreds."""
    traffic: list[r.Traffic] = []
    for reading in readings:
        if isinstance(reading, r.Traffic):
            traffic.append(reading)
        else:
            seen = see(seen, reading)
    return _see_traffic(seen, traffic) if traffic else seen


def _see_newest(seen: Seen, reading: Alone) -> Seen:
    """These have no past worth keeping: the newest stands alone."""
    name = _NAMES[type(reading)]
    known: Alone | None = getattr(seen, name)
    newest: dict[str, Any] = {name: reading if known is None or known.at <= reading.at else known}
    return replace(seen, **newest)


def _see_flag(seen: Seen, reading: FlagValue) -> Seen:
    known, before = seen.flag, seen.flag_before
    if known is None or known.at <= reading.at:
        other = known if known is not None and known.percent != reading.percent else before
        return replace(seen, flag=reading, flag_before=other)
    if reading.percent != known.percent and (before is None or before.at <= reading.at):
        return replace(seen, flag_before=reading)
    return seen


def _see_traffic(seen: Seen, readings: Iterable[r.Traffic]) -> Seen:
    windows, minutes = dict(seen.windows), dict(seen.minutes)
    for reading in readings:
        window = reading.grain is r.Grain.WINDOW
        kept, most = (windows, WINDOWS_KEPT) if window else (minutes, MINUTES_KEPT)
        kept[reading.endpoint] = _placed(kept.get(reading.endpoint, ()), reading)[-most:]
    return replace(seen, windows=windows, minutes=minutes)


def _health(seen: Seen, pulse: r.Pulse) -> Health:
    """The later attempt speaks; the last success is the newest one, in whatever order they arrive."""
    old = seen.health.get(pulse.topic)
    good = old is not None and old.good_at is not None and (not pulse.ok or old.good_at > pulse.at)
    good_at, newest = (
        (old.good_at, old.newest) if old and good else (pulse.at, pulse.newest) if pulse.ok else (None, None)
    )
    if old is not None and old.tried_at > pulse.at:
        return replace(old, good_at=good_at, newest=newest)
    counts = (pulse.unreadable, pulse.total)
    return Health(pulse.source, pulse.at, good_at, pulse.reason, pulse.took_ms, newest, *counts, pulse.note)


def _placed(row: tuple[r.Traffic, ...], reading: r.Traffic) -> tuple[r.Traffic, ...]:
    """Put the reading in its place by start; of two for one span the later measured stays."""
    if not row or row[-1].start < reading.start:
        return (*row, reading)
    if row[-1].start == reading.start:
        return row if row[-1].at > reading.at else (*row[:-1], reading)
    spans = {item.start: item for item in row}
    known = spans.get(reading.start)
    if known is not None and known.at > reading.at:
        return row
    spans[reading.start] = reading
    return tuple(spans[start] for start in sorted(spans))


def _see_beat(seen: Seen, beat: r.Beat) -> Seen:
    """The later beat speaks, of the newest event that any beat saw; one from the future is gone with its own beat."""
    known = seen.beats.get(beat.journey)
    gaps = tuple(sorted({*seen.gaps.get(beat.journey, ()), *beat.gaps}))[-GAPS_KEPT:]
    later, earlier = (known, beat) if known is not None and known.at > beat.at else (beat, known)
    if earlier is not None and earlier.newest is not None and earlier.newest <= earlier.at:
        later = replace(later, newest=max(later.newest or earlier.newest, earlier.newest))
    return replace(seen, beats={**seen.beats, beat.journey: later}, gaps={**seen.gaps, beat.journey: gaps})


def _see_trend(seen: Seen, reading: r.Size | r.Tickets) -> Seen:
    if isinstance(reading, r.Tickets):
        return replace(seen, tickets=_trend(seen.tickets, reading))
    trend = _trend(seen.sizes.get(reading.collection, ()), reading)
    return replace(seen, sizes={**seen.sizes, reading.collection: trend})


def _see_run(seen: Seen, run: r.Run) -> Seen:
    """The newest run of each runner speaks; a run that is done is not undone by a step that comes late."""
    if run.journey and run.sent is not None:
        times = tuple(sorted({*seen.sent.get(run.journey, ()), run.sent}))[-SENT_KEPT:]
        seen = replace(seen, sent={**seen.sent, run.journey: times})
    known = seen.runs.get(run.name)
    if known is not None and _rank(known) > _rank(run):
        return seen
    return replace(seen, runs={**seen.runs, run.name: run})


def _rank(run: r.Run) -> tuple[datetime, str, bool, datetime]:
    return run.begun, run.id, run.done, run.at


def _trend(row: tuple[Trend, ...], reading: Trend) -> tuple[Trend, ...]:
    past = {item.at: item for item in row}
    past[reading.at] = reading
    return tuple(past[at] for at in sorted(past))[-TREND_KEPT:]
