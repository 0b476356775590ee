"""What a replay can judge and what it cannot, in plain words: what is not kept is unknown, never calm."""

from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo

from sessions.plan.model import Plan
from sessions.replay.course import Course, grain
from sessions.replay.flight import away
from sessions.replay.record import Record, silences
from sessions.text.intervals import total
from sessions.text.units import duration
from sessions.values.entries import Entry


def limits(plan: Plan, record: Record, other: Plan | None, tz: tzinfo | None) -> Iterator[str]:
    """Yield a line for each thing that cannot be judged again; `other` is the changed plan."""
    if record.measured is None:
        yield "no reading is kept: nothing can be judged anew, only the log speaks"
        yield from _silences(plan, record, tz)
        return
    apart, (first, last) = timedelta(seconds=grain(plan)), record.measured
    if first - record.since > apart:
        yield f"no reading from before {_at(first, tz)} is kept: until then nothing can be judged anew"
    if record.until - last > apart:
        yield f"no reading from after {_at(last, tz)} is kept: from then on all turns blind"
    yield from _minutes(plan, record, tz)
    yield from _silences(plan, record, tz)
    if lost := total(away(record.entries)):
        yield f"nobody watched for {duration(lost)}: that time is unknown in every column"
    for entry in record.entries:
        if entry.kind == "gap.found" and entry.counted("moved"):
            yield _clock(entry, tz)
    if other is not None and other.latency.p95_ms != plan.latency.p95_ms:
        proof = f"requests over {plan.latency.p95_ms:g} ms prove it, or " if _tighter(other, plan) else ""
        yield (
            f"how many requests took over {other.latency.p95_ms:g} ms is not kept: a latency spike by that bound acts "
            f"where {proof}{plan.windows.count} windows in a row are over it"
        )


def _silences(plan: Plan, record: Record, tz: tzinfo | None) -> Iterator[str]:
    """A watch writes readings: where none and no entry was written the clock was wrong, or nobody watched."""
    gone = away(record.entries)
    found = [
        span for span in silences(plan, record) if not any(since <= span[0] and span[1] <= end for since, end in gone)
    ]
    if not found:
        return
    since, until = max(found, key=lambda span: span[1] - span[0])
    more = f", and {len(found) - 1} times more for shorter" if len(found) > 1 else ""
    yield (
        f"nothing was recorded for {duration((until - since).total_seconds())} from {_at(since, tz)} on{more}: nobody "
        "watched or a clock was wrong, that time is unknown in every column"
    )


def _clock(entry: Entry, tz: tzinfo | None) -> str:
    """What is dated later than a clock that was put back is forgotten as it is."""
    by = entry.counted("moved")
    if by > 0:
        return f"the clock was put forward {duration(by)} at {_at(entry.at, tz)}: what was before counts as it did then"
    return (
        f"the clock was put back {duration(-by)} at {_at(entry.at, tz)}: what was measured so long before is not kept"
    )


def _tighter(plan: Plan, flown: Plan) -> bool:
    return plan.latency.p95_ms < flown.latency.p95_ms


def consequences(record: Record, course: Course, tz: tzinfo | None) -> Iterator[str]:
    """Yield where the flight itself goes on otherwise than a replay would have it: what was measured stays the same."""
    if record.measured is None:
        return
    apart = timedelta(seconds=course.grain)
    reverts = [stay.until for stay in course.visits if stay.left == "revert"]
    for one in course.happened:
        if one.what == "fuse.blown" and not any(abs(at - one.at) <= apart for at in reverts):
            yield f"a revert at {_at(one.at, tz)} was not flown: what is judged after it is of a flag that stayed up"
    blown = [one.at for one in course.happened if one.what == "fuse.blown"]
    for entry in record.entries:
        if entry.kind == "fuse.blown" and not any(abs(at - entry.at) <= apart for at in blown):
            yield f"the revert at {_at(entry.at, tz)} was flown, although nothing calls for it here"


def _minutes(plan: Plan, record: Record, tz: tzinfo | None) -> Iterator[str]:
    """Of a window that ran only its end is kept, and of old minutes only when somebody came."""
    late = duration(plan.windows.length + plan.windows.settle)
    if record.minutes_since is None:
        yield f"no minutes are kept: what acted in a running window comes up to {late} later here, or not at all"
    elif record.compacted:
        yield (
            f"minutes are kept from {_at(record.minutes_since, tz)} on: before, what acted in a running window or in "
            f"one minute comes up to {late} later here, or not at all, and errors are unknown where a spike may hide"
        )


def _at(at: datetime, tz: tzinfo | None) -> str:
    return f"{at.astimezone(tz):%Y-%m-%d %H:%M:%S}"
