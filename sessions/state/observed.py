"""What the sources have shown so far: a fold over readings that forgives order and repetition.

Everything that a rule looks back on is kept for as long as it looks back, never by number: readings as they are for as
long as they are judged one by one, and for the whole phase what they prove.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, TypeVar

from msgspec import Struct, field
from msgspec.structs import replace

from sessions.plan.model import Plan, Windows
from sessions.values import readings as r
from sessions.values.event_gaps import Told, with_beat
from sessions.values.flag_value import FlagValue
from sessions.values.percent import Percent
from sessions.values.presence import Presence, corrected, noted, passed, recalled

Alone = r.Triage | r.Capsules | r.Returns | r.Csat | r.Exposure
Trend = TypeVar("Trend", r.Size, r.Tickets)

TREND_KEPT = 48
"""So many points of a trend are drawn; only its newest is judged."""
ALERTS_KEPT = 100
"""So many alerts that are over are remembered, the newest: one of this phase is enough to hold it."""
HOURS_KEPT = 192
"""So many hours of a collection's growth are remembered: what a day is like, and a week of stabilisation."""
_CHART = 48
"""So many windows are drawn."""
_SETTLING = 12
"""So many windows more than the plan judges are kept, for data that comes late."""

_NAMES: Mapping[type[Alone], str] = {
    r.Triage: "triage",
    r.Capsules: "capsules",
    r.Returns: "returns",
    r.Csat: "csat",
    r.Exposure: "exposure",
}
"""Where each reading that stands alone is kept."""


class Lookback(Struct, frozen=True):
    """How far back readings are kept as they are, and since when what they prove is; `near` s apart runs are as one.

    `hour` is how long an hour of the day is, in s.
    """

    windows: timedelta
    minutes: timedelta
    near: float
    since: datetime | None = None
    hour: float = 3600.0


def lookback(plan: Plan, since: datetime | None) -> Lookback:
    """Return how far the rules of a plan look back in a phase that was entered at `since`."""
    windows, minutes, near = _spans(
        plan.windows,
        plan.windows.settle + plan.cadence.data_latency + 2 * plan.windows.minute,
        max((risk.fuse + risk.extension for risk in plan.risks), default=0.0),
        plan.gap,
    )
    return Lookback(windows, minutes, near, since - windows if since else None, 3600 / plan.speed)


@lru_cache(maxsize=64)
def _spans(rule: Windows, late: float, fuse: float, gap: float) -> tuple[timedelta, timedelta, float]:
    """A spike holds for as many windows as are judged; a fuse is put out by endpoints that breached when it was lit.

    The oldest window that is judged may be judged together with those before it.
    """
    windows = max(_CHART * rule.length, (rule.count + _SETTLING) * rule.length + rule.pool) + fuse
    return timedelta(seconds=windows), timedelta(seconds=(rule.count + 1) * rule.length + late + fuse), gap / 4


USUAL = Lookback(timedelta(hours=4), timedelta(hours=1), 150.0)
"""Where no plan says how far."""


class Health(Struct, frozen=True):
    """How a topic's source is doing: last attempt, last success, and the reason while it fails.

    `holds` is for how many seconds the last success stands by the source's own pace.
    """

    source: str
    tried_at: datetime
    good_at: datetime | None
    reason: str
    took_ms: float
    newest: datetime | None
    unreadable: int = 0
    total: int = 0
    note: str = ""
    holds: float = 0.0


class Seen(Struct, frozen=True):
    """The newest of everything measured, and as much of the past as judging and drawing need.

    `windows` and `minutes` are per endpoint, oldest first; `traces` are per endpoint when it had requests and when it
    had none; `gaps` per journey, those in force by all that was `told`; `sizes` per collection, oldest first, and
    `hourly` the first one of each hour; `runs` is the newest run by name; `sent` is per journey when synthetic runs
    reached the service; `flag_before` is the newest reading of the flag that said something else than `flag`.
    """

    health: Mapping[r.Topic, Health] = field(default_factory=dict)
    windows: Mapping[str, tuple[r.Traffic, ...]] = field(default_factory=dict)
    minutes: Mapping[str, tuple[r.Traffic, ...]] = field(default_factory=dict)
    traces: Mapping[str, Presence] = field(default_factory=dict)
    beats: Mapping[str, r.Beat] = field(default_factory=dict)
    gaps: Mapping[str, r.Spans] = field(default_factory=dict)
    told: Mapping[str, Told] = field(default_factory=dict)
    sizes: Mapping[str, tuple[r.Size, ...]] = field(default_factory=dict)
    hourly: Mapping[str, tuple[r.Size, ...]] = field(default_factory=dict)
    runs: Mapping[str, r.Run] = field(default_factory=dict)
    sent: Mapping[str, Presence] = field(default_factory=dict)
    triage: r.Triage | None = None
    alerts: r.Alerts | None = None
    tickets: tuple[r.Tickets, ...] = ()
    capsules: r.Capsules | None = None
    returns: r.Returns | None = None
    csat: r.Csat | None = None
    flag: FlagValue | None = None
    flag_before: FlagValue | None = None
    exposure: r.Exposure | None = None
    turns: Mapping[str, r.Turn] = field(default_factory=dict)


def see(seen: Seen, reading: r.Reading, back: Lookback = USUAL) -> Seen:
    """Return `seen` with one more reading; an older reading never replaces a newer one."""
    match reading:
        case r.Traffic():
            return _see_traffic(seen, (reading,), back)
        case r.Traces() | r.Beat() | r.Run() | r.Turn():
            return _see_proof(seen, reading, back)
        case r.Pulse():
            return replace(seen, health={**seen.health, reading.topic: _health(seen, reading)})
        case r.Size() | r.Tickets():
            return _see_trend(seen, reading, back.hour)
        case r.Alerts():
            return _see_alerts(seen, reading)
        case _:
            return _see_flag(seen, reading) if isinstance(reading, FlagValue) else _see_newest(seen, reading)


def see_all(seen: Seen, readings: Iterable[r.Reading], back: Lookback = USUAL) -> Seen:
    """Return `seen` with all of these readings, as if they were seen one by one; traffic comes in hundreds."""
    traffic: list[r.Traffic] = []
    for reading in readings:
        if isinstance(reading, r.Traffic):
            traffic.append(reading)
        else:
            seen = see(seen, reading, back)
    return _see_traffic(seen, traffic, back) if traffic else seen


def _see_newest(seen: Seen, reading: Alone) -> Seen:
    """These have no past worth keeping: the newest stands alone."""
    name = _NAMES[type(reading)]
    known: Alone | None = getattr(seen, name)
    newest: dict[str, Any] = {name: reading if known is None or known.at <= reading.at else known}
    return replace(seen, **newest)


def _see_flag(seen: Seen, reading: FlagValue) -> Seen:
    known, before = seen.flag, seen.flag_before
    if known is None or known.at <= reading.at:
        other = known if known is not None and _reads(known) != _reads(reading) else before
        return replace(seen, flag=reading, flag_before=other)
    if _reads(reading) != _reads(known) and (before is None or before.at <= reading.at):
        return replace(seen, flag_before=reading)
    return seen


def _reads(reading: FlagValue) -> tuple[Percent | None, bool]:
    """What a reading of the flag says: how many get it, and whether that is a share of all."""
    return reading.percent, bool(reading.narrowed)


def _see_alerts(seen: Seen, reading: r.Alerts) -> Seen:
    """The newest says what fires; an alert that was told before and is no more stays told, as one that is over.

    An alert manager forgets what is over, and so does whoever asked it, when he ends.
    """
    known = seen.alerts
    if known is None:
        return replace(seen, alerts=reading)
    newest, older = (reading, known) if known.at <= reading.at else (known, reading)
    told = {_line_key(line) for line in newest.critical}
    gone = [replace(line, open=False) for line in older.critical if _line_key(line) not in told]
    over = sorted((*(line for line in newest.critical if not line.open), *gone), key=_line_key, reverse=True)
    lines = (*(line for line in newest.critical if line.open), *over[:ALERTS_KEPT])
    return replace(seen, alerts=replace(newest, critical=tuple(sorted(lines, key=_line_key, reverse=True))))


def _line_key(line: r.TriageLine) -> tuple[datetime, str]:
    return line.at, line.id


def _see_traffic(seen: Seen, readings: Iterable[r.Traffic], back: Lookback) -> Seen:
    windows, minutes, traces = dict(seen.windows), dict(seen.minutes), dict(seen.traces)
    for reading in readings:
        name, window = reading.endpoint, reading.grain is r.Grain.WINDOW
        kept, span = (windows, back.windows) if window else (minutes, back.minutes)
        row = kept.get(name, ())
        kept[name] = _placed(row, reading, span)
        if kept[name] is row:
            continue
        again = window and len(kept[name]) == len(row) > 0 and row[0].start <= reading.start
        known = corrected(traces.get(name), reading) if again else traces.get(name)
        if known := noted(known, reading, back.since):
            traces[name] = known
    return replace(seen, windows=windows, minutes=minutes, traces=traces)


def _see_proof(seen: Seen, reading: r.Traces | r.Beat | r.Run | r.Turn, back: Lookback) -> Seen:
    """What these prove is looked back on for the whole phase."""
    match reading:
        case r.Beat():
            return _see_beat(seen, reading, back)
        case r.Run():
            return _see_run(seen, reading, back)
        case r.Turn():
            turn = seen.turns.get(reading.name, reading)
            return replace(seen, turns={**seen.turns, reading.name: turn if turn.at > reading.at else reading})
        case _:
            known = recalled(seen.traces.get(reading.endpoint), reading, back.since)
            return replace(seen, traces={**seen.traces, reading.endpoint: known}) if known else seen


def _health(seen: Seen, pulse: r.Pulse) -> Health:
    """The later attempt speaks; the last success is the newest one, in whatever order they arrive."""
    old = seen.health.get(pulse.topic)
    known = (old.good_at, old.newest, old.holds) if old is not None else (None, None, 0.0)
    newer = pulse.ok and (known[0] is None or known[0] <= pulse.at)
    good_at, newest, holds = (pulse.at, pulse.newest, pulse.holds) if newer else known
    if old is not None and old.tried_at > pulse.at:
        return replace(old, good_at=good_at, newest=newest, holds=holds)
    counts = (pulse.unreadable, pulse.total)
    return Health(pulse.source, pulse.at, good_at, pulse.reason, pulse.took_ms, newest, *counts, pulse.note, holds)


def _placed(row: tuple[r.Traffic, ...], reading: r.Traffic, span: timedelta) -> tuple[r.Traffic, ...]:
    """Put the reading in its place by start; of two that begin alike one stays. What is too old goes."""
    if not row:
        return (reading,)
    if row[-1].start < reading.start:
        return (*_young(row, reading.start - span), reading)
    place = bisect_left(row, reading.start, key=_start)
    known = row[place]
    if known.start != reading.start:
        return _young((*row[:place], reading, *row[place:]), row[-1].start - span)
    return row if _speaks(known, reading) is known else (*row[:place], reading, *row[place + 1 :])


def _speaks(known: r.Traffic, reading: r.Traffic) -> r.Traffic:
    """Of one span by one source the later measured; of another length or source the one that saw more of the time.

    A source sees of one span no less when it looks again, so neither order nor repetition changes what stays.
    """
    if (known.end, known.source) == (reading.end, reading.source):
        return known if known.at > reading.at else reading
    return max(known, reading, key=_weight)


def _weight(item: r.Traffic) -> tuple[float, datetime, datetime, str]:
    """For how many seconds since its start samples vouch, then what tells two equal ones apart."""
    vouched = (min(item.end, item.at) - item.start).total_seconds() * min(max(item.covered, 0.0), 1.0)
    return round(vouched, 3), item.at, item.end, item.source


def _young(row: tuple[r.Traffic, ...], since: datetime) -> tuple[r.Traffic, ...]:
    return row if row[0].start >= since else row[bisect_left(row, since, key=_start) :]


def _start(reading: r.Traffic) -> datetime:
    return reading.start


def _see_beat(seen: Seen, beat: r.Beat, back: Lookback) -> Seen:
    """The later beat speaks, of the newest event that any beat saw; one from the future is gone with its own beat."""
    known, was = seen.beats.get(beat.journey), seen.told.get(beat.journey, Told())
    told = with_beat(was, beat, back.since)
    if told is not was:
        seen = replace(
            seen,
            told={**seen.told, beat.journey: told},
            gaps={**seen.gaps, beat.journey: told.in_force},
        )
    later, earlier = (known, beat) if known is not None and known.at > beat.at else (beat, known)
    if earlier is not None and earlier.newest is not None and earlier.newest <= earlier.at:
        later = replace(later, newest=max(later.newest or earlier.newest, earlier.newest))
    return replace(seen, beats={**seen.beats, beat.journey: later})


def _see_trend(seen: Seen, reading: r.Size | r.Tickets, hour: float) -> Seen:
    if isinstance(reading, r.Tickets):
        return replace(seen, tickets=_trend(seen.tickets, reading))
    trend = _trend(seen.sizes.get(reading.collection, ()), reading)
    seen = replace(seen, sizes={**seen.sizes, reading.collection: trend})
    firsts = seen.hourly.get(reading.collection, ())
    more = _with_first(firsts, reading, hour)
    return seen if more is firsts else replace(seen, hourly={**seen.hourly, reading.collection: more})


def _with_first(firsts: tuple[r.Size, ...], size: r.Size, hour: float) -> tuple[r.Size, ...]:
    """Return the first count of each hour with one more, oldest first."""
    number = size.at.timestamp() // hour
    if firsts and firsts[-1].at <= size.at and firsts[-1].at.timestamp() // hour == number:
        return firsts
    known = {one.at.timestamp() // hour: one for one in firsts}
    if number in known and known[number].at <= size.at:
        return firsts
    known[number] = size
    return tuple(known[each] for each in sorted(known))[-HOURS_KEPT:]


def _see_run(seen: Seen, run: r.Run, back: Lookback) -> Seen:
    """The newest run of each runner speaks; a run that is done is not undone by a step that comes late."""
    if run.journey and run.sent is not None:
        known_times = passed(seen.sent.get(run.journey), run.sent, run.sent, back.near, back.since)
        seen = replace(seen, sent={**seen.sent, run.journey: known_times} if known_times else seen.sent)
    known = seen.runs.get(run.name)
    if known is not None and _rank(known) > _rank(run):
        return seen
    return replace(seen, runs={**seen.runs, run.name: run})


def _rank(run: r.Run) -> tuple[datetime, str, bool, datetime]:
    return run.begun, run.id, run.done, run.at


def _trend(row: tuple[Trend, ...], reading: Trend) -> tuple[Trend, ...]:
    past = {item.at: item for item in row}
    past[reading.at] = reading
    in_order = not row or row[-1].at < reading.at  # as almost all come
    return tuple(past.values() if in_order else (past[at] for at in sorted(past)))[-TREND_KEPT:]
