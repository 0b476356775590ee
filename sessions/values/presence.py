"""When an endpoint had requests, and when it surely had none: kept for a whole phase in a few numbers an hour.

Requests that were refused (4xx) are none here: nobody is served by them, and no event comes of them.
A union of what readings vouch for: neither order nor repetition matters, and only a later measurement of the very same
window takes anything back.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache, reduce

from msgspec import Struct
from msgspec.structs import replace

from sessions.text.intervals import Stretch, clipped, joined
from sessions.values.readings import Chain, Grain, Hour, Spans, Traces, Traffic

VOUCHED = 0.9
"""The share of a span that samples must vouch for before it says anything of all of it."""
BUSY = 20
"""So many requests in one reading that they cannot all lie in the quarter of it that sticks out of a stretch."""
STICKS_OUT = 0.25

_HOUR = 3600
_GRAIN = 1e-6
_LONGEST = timedelta(days=31)
"""No reading lasts longer: one that says so was taken by a clock that was wrong, and says nothing."""


class Presence(Struct, frozen=True):
    """The hours of one subject by their number since 1970: `hour` is the newest, `past` are all before it.

    `at` is the newest measurement behind any of them.
    """

    hour: int
    now: Hour
    at: datetime
    past: Mapping[int, Hour] = {}


def noted(known: Presence | None, reading: Traffic, oldest: datetime | None = None) -> Presence | None:
    """Return what is known with one more reading; a window that still runs says nothing here.

    Hours before `oldest` are forgotten.
    """
    if reading.grain is Grain.WINDOW and reading.at < reading.end:
        return known
    if known is not None and reading.grain is Grain.MINUTE and (more := _gone_on(known, reading)):
        return more
    hours = _hours_of(reading)
    return _merged(known, hours, oldest) if hours else known


def corrected(known: Presence | None, reading: Traffic) -> Presence | None:
    """Return what is known without what an earlier measurement of the same window said."""
    if known is None or reading.grain is Grain.MINUTE or reading.at < reading.end:
        return known
    if reading.end - reading.start > _LONGEST:
        return known
    span, hours = (reading.start, reading.end), dict(_hours(known))
    for number, part in _by_hour(span):
        if (hour := hours.get(number)) is not None:
            hours[number] = _without(hour, part)
    return replace(known, now=hours.pop(known.hour), past=hours)


def recalled(known: Presence | None, traces: Traces, oldest: datetime | None = None) -> Presence | None:
    """Return what is known with one hour that was kept on the disk."""
    return _merged(known, {_number(traces.since): traces.hour}, oldest)


def passed(
    known: Presence | None, at: datetime, measured: datetime, reach: float, oldest: datetime | None = None
) -> Presence | None:
    """Return what is known with one moment of traffic; moments no further apart than `reach` s become one chain."""
    chain = Chain(at, at, at + timedelta(seconds=reach), (at, at), (at, at), reach)
    return _merged(known, {_number(at): Hour(measured, chains=(chain,))}, oldest)


def measured_by(known: Presence, now: datetime, readings: Iterable[Traffic]) -> Presence | None:
    """Return what was known at `now`: hours with a later measurement are made anew of `readings`, those up to then."""
    sound = {number: hour for number, hour in _hours(known) if hour.at <= now}
    again = reduce(noted, (one for one in readings if one.at <= now), None)
    return _merged(again, sound, None) if sound else again


def compacted(readings: Iterable[Traffic]) -> Mapping[datetime, Hour]:
    """Return the hours of one endpoint's readings, by their start."""
    known: Presence | None = None
    for reading in readings:
        known = noted(known, reading)
    return {_start(number): hour for number, hour in _hours(known)} if known else {}


def united(one: Hour, other: Hour) -> Hour:
    """Return all that two accounts of one hour vouch for."""
    return Hour(
        max(one.at, other.at),
        _union(one.quiet, other.quiet),
        _union(one.used, other.used),
        _union(one.heavy, other.heavy),
        _union(one.calm, other.calm),
        reduce(_chained, other.chains, one.chains),
    )


def newest_hour(known: Presence) -> datetime:
    """Return where its newest hour begins: what came before changes only with a late reading."""
    return _start(known.hour)


def had_requests(known: Presence, stretch: Stretch, grain: float, length: float, now: datetime) -> bool:
    """Whether a reading measured by `now` proves a request inside the stretch.

    Requests are booked with the grain of a poll, so the first and last `grain` s prove nothing; `length` is a window's.
    """
    since, until = stretch[0] + timedelta(seconds=grain), stretch[1] - timedelta(seconds=grain)
    if since > until:
        return False
    early = since - timedelta(seconds=length)
    hours = [hour for _, hour in _within(known, early, until, now)]
    if any(_inside(chain, since, until) for hour in hours for chain in hour.chains):
        return True
    out = timedelta(seconds=STICKS_OUT * length)
    used, heavy = (joined(span for hour in hours for span in getattr(hour, name)) for name in ("used", "heavy"))
    return (
        _whole_window(used, since, until, length)
        or _whole_window(heavy, since - out, until, length)
        or _whole_window(heavy, since, until + out, length)
    )


def windows_told(rows: Iterable[Presence], stretch: Stretch, now: datetime) -> tuple[Spans, Spans]:
    """Return the parts of the stretch in which a window had requests for any of these, and those that any tells of.

    Of closed windows, measured by `now`. Many subjects share their windows: each is looked at once.
    """
    hours = [hour for known in rows for _, hour in _within(known, *stretch, now)]
    used = {span for hour in hours for span in hour.used}
    quiet = {span for hour in hours for span in hour.quiet}
    return clipped(joined(used), *stretch), clipped(joined(used | quiet), *stretch)


def without_requests(known: Presence, stretch: Stretch, now: datetime) -> Spans:
    """Return the parts of the stretch without requests, proved by readings measured until `now`."""
    hours = [hour for _, hour in _within(known, *stretch, now)]
    used = joined(span for hour in hours for span in hour.used)
    quiet = (part for hour in hours for span in hour.quiet for part in _less(span, used))
    return clipped((*quiet, *(span for hour in hours for span in hour.calm)), *stretch)


def _hours_of(reading: Traffic) -> dict[int, Hour]:
    """Return what one reading says of each hour that it touches."""
    span = (reading.start, min(reading.end, reading.at))
    empty = reading.served == 0 and reading.covered >= VOUCHED
    if not timedelta() < span[1] - span[0] <= _LONGEST or not (empty or reading.served > 0):
        return {}
    if reading.grain is Grain.MINUTE:
        if not empty:
            return {_number(span[0]): Hour(reading.at, chains=(_chain(span, heavy=reading.served >= BUSY),))}
        return {number: Hour(reading.at, calm=(part,)) for number, part in _by_hour(span)}
    if empty:
        return {number: Hour(reading.at, quiet=(part,)) for number, part in _by_hour(span)}
    heavy = reading.served >= BUSY
    return {number: Hour(reading.at, used=(part,), heavy=(part,) if heavy else ()) for number, part in _by_hour(span)}


def _gone_on(known: Presence, reading: Traffic) -> Presence | None:
    """Return what is known with the minute that follows the newest one, as almost all do; None for any other."""
    now, start, end = known.now, reading.start, min(reading.end, reading.at)
    if not start < end <= _start(known.hour + 1):
        return None
    calm, chains = now.calm, now.chains
    if reading.served == 0 and reading.covered >= VOUCHED:
        if not (calm and calm[-1][0] <= start <= calm[-1][1] <= end):
            return None
        calm = (*calm[:-1], (calm[-1][0], end))
    elif reading.served > 0:
        chain = _longer(chains[-1], start, end, heavy=reading.served >= BUSY) if chains else None
        if chain is None:
            return None
        chains = (*chains[:-1], chain)
    else:
        return None
    hour = Hour(max(now.at, reading.at), now.quiet, now.used, now.heavy, calm, chains)
    return Presence(known.hour, hour, max(known.at, reading.at), known.past)


def _longer(chain: Chain, start: datetime, end: datetime, *, heavy: bool) -> Chain | None:
    """Return a chain with a reading that begins and ends after all that it is made of; None where it does not."""
    length = end - start
    out = length * STICKS_OUT if heavy else timedelta()
    last, reach = (start + out, end), end + length
    if not (chain.last[0] < last[0] and chain.since <= start <= chain.reach):
        return None
    if end < chain.until or end - out < chain.first[1] or reach < chain.reach:
        return None
    return Chain(chain.since, end, reach, chain.first, last, max(chain.sure, 3 * length.total_seconds()))


def _chain(span: Stretch, *, heavy: bool) -> Chain:
    """A reading with many requests proves as much where a quarter of it, at either end, sticks out."""
    length = span[1] - span[0]
    out = length * STICKS_OUT if heavy else timedelta()
    return Chain(
        *span, span[1] + length, (span[0], span[1] - out), (span[0] + out, span[1]), 3 * length.total_seconds()
    )


def _merged(known: Presence | None, hours: Mapping[int, Hour], oldest: datetime | None) -> Presence | None:
    least = _number(oldest) if oldest else -math.inf
    more = {number: hour for number, hour in hours.items() if number >= least}
    if not more:
        return known
    at = max(hour.at for hour in more.values())
    if known is None:
        newest = max(more)
        return Presence(newest, more.pop(newest), at, more)
    at = max(at, known.at)
    if list(more) == [known.hour]:
        return replace(known, now=united(known.now, more[known.hour]), at=at)
    known_hours = {number: hour for number, hour in _hours(known) if number >= least}
    for number, hour in more.items():
        known_hours[number] = united(known_hours[number], hour) if number in known_hours else hour
    newest = max(known_hours)
    return Presence(newest, known_hours.pop(newest), at, known_hours)


def _hours(known: Presence) -> Iterator[tuple[int, Hour]]:
    yield from known.past.items()
    yield known.hour, known.now


def _within(known: Presence, since: datetime, until: datetime, now: datetime) -> Iterator[tuple[int, Hour]]:
    """Yield the hours that a stretch touches; one with a measurement from after `now` proves nothing."""
    first, last = _number(since), _number(until)
    numbers: Sequence[int] = range(first, last + 1)
    if len(numbers) > len(known.past):  # a clock that was wrong makes it long: there are no more than are known
        numbers = sorted(number for number in (*known.past, known.hour) if first <= number <= last)
    for number in numbers:
        hour = known.now if number == known.hour else known.past.get(number)
        if hour is not None and hour.at <= now:
            yield number, hour


def _number(at: datetime) -> int:
    return math.floor(at.timestamp() / _HOUR)


@lru_cache(maxsize=1024)
def _start(number: int) -> datetime:
    return datetime.fromtimestamp(number * _HOUR, UTC)


def _without(hour: Hour, part: Stretch) -> Hour:
    """Return an hour whose windows say nothing about a part."""
    quiet, used, heavy = (
        tuple(left for span in spans for left in _less(span, (part,))) for spans in (hour.quiet, hour.used, hour.heavy)
    )
    return replace(hour, quiet=quiet, used=used, heavy=heavy)


def _by_hour(span: Stretch) -> Iterator[tuple[int, Stretch]]:
    """Cut a span where an hour ends."""
    first, last = _number(span[0]), _number(span[1])
    if first == last:
        yield first, span
        return
    for number in range(first, last + 1):
        part = (max(span[0], _start(number)), min(span[1], _start(number + 1)))
        if part[0] < part[1]:
            yield number, part


def _union(one: Spans, other: Spans) -> Spans:
    """Return the union of two lists of spans; the usual case is one that goes on where the other ends."""
    if not one or not other:
        return one or other
    if len(other) == 1:
        (since, until), (first, last) = other[0], one[-1]
        if since > last:
            return (*one, other[0])
        if since >= first:
            return one if until <= last else (*one[:-1], (first, until))
    return joined((*one, *other))


def _chained(chains: tuple[Chain, ...], chain: Chain) -> tuple[Chain, ...]:
    """Put a chain among those that it does not touch, one with all that it does."""
    if not chains or chain.since > chains[-1].reach:
        return (*chains, chain)
    apart = [one for one in chains if one.since > chain.reach or chain.since > one.reach]
    if len(apart) == len(chains):
        return tuple(sorted((*chains, chain), key=lambda one: one.since))
    whole = reduce(_as_one, (one for one in chains if one.since <= chain.reach and chain.since <= one.reach), chain)
    return tuple(sorted((*apart, whole), key=lambda one: one.since))


def _as_one(one: Chain, other: Chain) -> Chain:
    return Chain(
        min(one.since, other.since),
        max(one.until, other.until),
        max(one.reach, other.reach),
        min(one.first, other.first, key=lambda span: (span[1], _back(span[0]))),
        max(one.last, other.last, key=lambda span: (span[0], _back(span[1]))),
        max(one.sure, other.sure),
    )


def _back(at: datetime) -> float:
    return -at.timestamp()


def _inside(chain: Chain, since: datetime, until: datetime) -> bool:
    """Whether one of the readings of the chain is in `since`..`until`."""
    if chain.since > until or chain.until < since:
        return False
    ends = any(since <= start and end <= until for start, end in (chain.first, chain.last))
    return ends or (min(chain.until, until) - max(chain.since, since)).total_seconds() >= chain.sure


def _whole_window(spans: Iterable[Stretch], since: datetime, until: datetime, length: float) -> bool:
    """Whether a whole aligned window of a span is in `since`..`until`."""
    for start, end in spans:
        low, high = max(start, since).timestamp(), min(end, until).timestamp()
        if math.ceil(low / length - _GRAIN) + 1 <= high / length + _GRAIN:
            return True
    return False


def _less(span: Stretch, others: Spans) -> Iterator[Stretch]:
    """Yield what is left of a span without the others, which are sorted and lie apart."""
    since, until = span
    for start, end in others:
        if start < until and end > since:
            if since < start:
                yield since, start
            since = max(since, end)
    if since < until:
        yield since, until
