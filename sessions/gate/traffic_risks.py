"""The two risks read from traffic: a latency spike and a high error rate.

Only what has enough requests, or is no chance, says anything; what is missing neither alarms nor clears.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import takewhile

from msgspec import Struct

from sessions.criteria.errors import ALL, share
from sessions.criteria.freshness import current, freshness
from sessions.criteria.latency import pool_is_clean, straddles
from sessions.criteria.windows import Line, Slot, lines
from sessions.gate.wording import finite
from sessions.plan.model import Risk
from sessions.state.reducer import State
from sessions.statistics.chance import proved
from sessions.text.units import figure, minutes
from sessions.values.readings import Topic, Traffic
from sessions.values.verdicts import Level, Mark, RiskState, Verdict

_DARK = (Mark.BLIND, Mark.SILENT)
_RANK = {Level.CALM: 0, Level.WATCH: 1, Level.ACT: 2}


class Sample(Struct, frozen=True):
    """One figure of one endpoint that has enough requests behind it, and what it means against its bound.

    `doubt` says of one that is over its bound why it may be chance. `over`: the true value is somewhere above `value`.
    """

    endpoint: str
    value: float
    bound: float
    level: Level
    doubt: str = ""
    over: bool = False


def latency_spike(state: State, risk: Risk, verdict: Verdict | None, now: datetime) -> RiskState:
    """Judge every endpoint's newest closed windows, those that run or settle, and its last minute, in ms.

    It acts only on proof that more requests are slow than the plan allows; what may be chance is watched.
    """
    seen = lines(state, now)
    samples = [one for name in state.plan.endpoints for one in _latencies(state, risk, name, seen[name], now)]
    return _card(risk, verdict, samples, "ms", ">")


def error_rate(state: State, risk: Risk, verdict: Verdict | None, now: datetime) -> RiskState:
    """Judge the share of errors of every endpoint and of all, in %, over the same spans, by the same proof."""
    samples = [sample for rows in _error_rows(state, risk, now) if (sample := _share(state, risk, *rows)) is not None]
    return _card(risk, verdict, samples, "%", "≥")


def settled(state: State, risk: Risk, since: datetime, now: datetime) -> bool:
    """Whether every endpoint that had breached has shown one full clean window begun after `since` and its breaches.

    One with too few requests is clean together with others that began as late. Where no breach is remembered, every
    endpoint has to show one.
    """
    if not freshness(state, Topic.TRAFFIC, now).ok or latency_spike(state, risk, None, now).level is Level.ACT:
        return False
    ends = {endpoint: _breached(state, risk, endpoint, since) for endpoint in state.plan.endpoints}
    breached = {endpoint: max(end, since) for endpoint, end in ends.items() if end is not None}
    wanted = breached or dict.fromkeys(state.plan.endpoints, since)
    return all(_clean(state, risk, endpoint, begun, now) for endpoint, begun in wanted.items())


_WITHIN = {">": "≤", "≥": "<"}


def _card(risk: Risk, verdict: Verdict | None, samples: list[Sample], unit: str, beyond: str) -> RiskState:
    """Return the state of the worst sample; an endpoint without data comes before anything below `act`."""
    samples += _pooled(verdict)
    worst = max(samples, key=lambda item: (_RANK[item.level], item.value), default=None)
    if worst is None or worst.level is not Level.ACT:
        dark = [part for part in verdict.parts if part.mark in _DARK] if verdict else []
        if dark:
            return RiskState(risk.id, Level.BLIND, dark[0].subject, text=dark[0].text)
    if worst is None:
        text = _by_pool(verdict)
        return RiskState(risk.id, Level.CALM, bound=risk.act, unit=unit, text=text or _THIN, thin=not text)
    said = figure(worst.value, unit, over=worst.over)
    sign = "against" if worst.over and worst.value <= worst.bound else beyond
    over = f"{said} {sign} {figure(worst.bound, unit)}"
    near = min((bound for bound in (risk.act, worst.bound) if worst.value <= bound), default=worst.bound)
    within = f"{said} {_WITHIN[beyond]} {figure(near, unit)}"
    text = within if worst.level is Level.CALM else over + (f": {worst.doubt}" if worst.doubt else "")
    return RiskState(risk.id, worst.level, worst.endpoint, worst.value, worst.bound, unit, text, over=worst.over)


def _pooled(verdict: Verdict | None) -> Iterator[Sample]:
    """What breaches over windows that have enough requests only together is watched: it acts where they prove it."""
    for part in verdict.parts if verdict else ():
        pool = part.pools[-1] if part.pools else None
        if pool is not None and part.marks[-1] is Mark.BREACH and part.value is not None:
            doubt = _chance(pool.hits, pool.requests) if pool.hits is not None else ""
            yield Sample(part.subject, part.value, part.bound or 0.0, Level.WATCH, doubt, part.over)


def _by_pool(verdict: Verdict | None) -> str:
    """Say by what the criterion passes though no span has enough requests; empty where it does not."""
    pools = [part.pools[-1] for part in verdict.parts if part.pools] if verdict else []
    widest = max((pool for pool in pools if pool is not None), key=lambda pool: pool.seconds, default=None)
    if verdict is None or verdict.mark is not Mark.PASS or widest is None:
        return ""
    return f"within the bound, pooled over {minutes(widest.seconds)}"


def _latencies(state: State, risk: Risk, endpoint: str, line: Line, now: datetime) -> Iterator[Sample]:
    """What is over its bound by the letter is watched, and acts where it is proved to be no chance."""
    spike = state.plan.latency.p95_ms * state.plan.latency.spike_factor
    closed, minute = _proven(state, risk, line), _judged_minute(state, risk, endpoint, line, now)
    if closed and risk.id in state.fuses and _clean_together(state, risk, endpoint, closed.end, now):
        closed = None
    spans = (
        (closed.reading if closed else None, risk.act),
        (minute, spike),
        *((reading, risk.watch) for reading in line.pending),
    )
    for reading, bound in spans:
        value = _p95(state, reading)
        if reading is None or value is None:
            continue
        if value <= bound and reading.p95_capped:
            yield Sample(endpoint, value, bound, Level.WATCH, _UNTOLD, over=True)
        elif value <= bound:
            yield Sample(endpoint, value, bound, Level.CALM)
        else:
            lasts = closed is not None and reading is closed.reading and _lasts(state, risk, line)
            yield _over(endpoint, value, bound, sure=lasts or _slow(state, [reading]), reading=reading)
    proof = _together(
        line, lambda row: _slow_share(row) > _SLOW, lambda row: _slow_share(row) > 0, partial(_slow, state)
    )
    if proof:
        highest, capped = max(row.p95_ms or 0.0 for row in proof), any(row.p95_capped for row in proof)
        yield Sample(endpoint, highest, risk.act, Level.ACT, over=capped)


def _over(endpoint: str, value: float, bound: float, *, sure: bool, reading: Traffic) -> Sample:
    if sure:
        return Sample(endpoint, value, bound, Level.ACT, over=reading.p95_capped)
    if straddles(reading, bound):
        return Sample(endpoint, value, bound, Level.WATCH, _UNTOLD, reading.p95_capped)
    doubt = "" if reading.over is None else _chance(reading.over * reading.requests, reading.requests)
    return Sample(endpoint, value, bound, Level.WATCH, doubt, reading.p95_capped)


_UNTOLD = "the buckets cannot tell"


def _chance(hits: float, of: float) -> str:
    """Say that it may be chance, and of how many requests: that yields where a card has no room."""
    return f"may be chance ({hits:.0f} of {of:.0f} requests)"


def _slow_share(row: Traffic) -> float:
    """The share 0..1 of slow requests of a reading that has a p95; none where nobody can tell."""
    return (row.over or 0.0) if finite(row.p95_ms) else 0.0


def _slow(state: State, readings: Sequence[Traffic]) -> bool:
    """Whether these readings together prove that more than the p95's 5 % of requests are over the plan's bound."""
    if any(reading.over is None for reading in readings):
        return False
    hits = sum((reading.over or 0.0) * reading.requests for reading in readings)
    return proved(hits, sum(reading.requests for reading in readings), _SLOW, state.plan.confidence)


def _lasts(state: State, risk: Risk, line: Line) -> bool:
    """Whether every window that counts is over the bound: what a source that cannot say how many are slow can prove."""
    count = state.plan.windows.count
    rows = [slot.reading for slot in line.slots[-count:]]
    return len(rows) == count and all(
        row is not None and row.over is None and (_p95(state, row) or 0.0) > risk.act and not straddles(row, risk.act)
        for row in rows
    )


def _together(
    line: Line,
    over: Callable[[Traffic], bool],
    hit: Callable[[Traffic], bool],
    proves: Callable[[Sequence[Traffic]], bool],
) -> list[Traffic]:
    """The newest closed windows, as few as can, that prove together what none may alone; none where none do.

    Only while the newest itself is `over`, and each before it has a `hit`: what is past is not held against it.
    """
    pool: list[Traffic] = []
    for slot in reversed(line.slots):
        if slot.reading is None or not (hit if pool else over)(slot.reading):
            break
        pool.append(slot.reading)
        if proves(pool):
            return pool
    return []


_THIN = "thin: too few requests"
_SLOW = 0.05
"""The share of requests that a p95 leaves over itself."""


def _proven(state: State, risk: Risk, line: Line) -> Slot | None:
    """The newest closed window with a figure; while a fuse burns, however old: missing data clears nothing."""
    rows = line.slots if risk.id in state.fuses else line.slots[-state.plan.windows.count :]
    return next((slot for slot in reversed(rows) if _p95(state, slot.reading) is not None), None)


def _p95(state: State, reading: Traffic | None) -> float | None:
    """The p95 in ms if it can be compared with a bound; one above the highest bucket can, unless that is below ours."""
    if reading is None or not _enough(state, reading.requests) or not finite(reading.p95_ms):
        return None
    value = reading.p95_ms or 0.0
    return None if value < 0 or (reading.p95_capped and value <= state.plan.latency.p95_ms) else value


def _enough(state: State, requests: float) -> bool:
    return finite(requests) and requests >= state.plan.windows.min_requests


def _last_minute(state: State, endpoint: str, now: datetime) -> Traffic | None:
    """Return the newest fresh minute of this phase."""
    rows = state.seen.minutes.get(endpoint, ())
    since = state.entered_at or now
    usable = (row for row in reversed(rows) if row.start >= since and current(state, Topic.TRAFFIC, row.at, now))
    return next(usable, None)


def _judged_minute(state: State, risk: Risk, endpoint: str, line: Line, now: datetime) -> Traffic | None:
    """Return the minute to judge; while a fuse burns one that proved its breach stays until a later figure."""
    newest, since = _last_minute(state, endpoint, now), state.entered_at or now
    if risk.id not in state.fuses:
        return newest
    spike = state.plan.latency.p95_ms * state.plan.latency.spike_factor
    rows = (row for row in reversed(state.seen.minutes.get(endpoint, ())) if row.start >= since)
    proof = next((row for row in rows if (_p95(state, row) or 0.0) > spike and _slow(state, [row])), None)
    closed = [slot for slot in line.slots if _p95(state, slot.reading) is not None]
    if proof is None or (closed and closed[-1].start >= proof.end):
        return newest
    return newest if _clean_together(state, risk, endpoint, proof.end, now) else proof


def _error_rows(state: State, risk: Risk, now: datetime) -> Iterator[tuple[str, list[Traffic], bool]]:
    """Yield what is judged together, and whether it is closed: an endpoint's spans, then those of all endpoints."""
    endpoints, seen, count = state.plan.endpoints, lines(state, now), state.plan.windows.count
    windows = [[slot.reading for slot in seen[endpoint].slots[-count:]] for endpoint in endpoints]
    minutes = [_last_minute(state, endpoint, now) for endpoint in endpoints]
    for endpoint, row, minute in zip(endpoints, windows, minutes, strict=True):
        proven = (reading for reading in reversed(row) if reading is not None and _enough(state, reading.requests))
        yield from ((endpoint, [reading], True) for reading in [next(proven, None)] if reading)
        bad = _together(seen[endpoint], partial(_fails_much, risk), lambda row: row.errors > 0, partial(_fails, state))
        yield from ((endpoint, pool, True) for pool in [bad] if pool)
        failing = [reading for reading in seen[endpoint].pending if reading.errors > 0]
        yield from ((endpoint, [reading], False) for reading in (minute, *failing) if reading)
    yield ALL, _present(row[-1] if row else None for row in windows), True
    yield ALL, _present(minutes), False
    yield ALL, _present(seen[endpoint].running for endpoint in endpoints), False


def _fails_much(risk: Risk, row: Traffic) -> bool:
    value = share(row.errors, row.requests) if row.errors > 0 else None
    return value is not None and value >= risk.act


def _fails(state: State, readings: Sequence[Traffic]) -> bool:
    """Whether these readings together prove that more requests fail than the plan allows."""
    errors, requests = sum(row.errors for row in readings), sum(row.requests for row in readings)
    return proved(errors, requests, state.plan.errors.share / 100, state.plan.confidence)


def _present(readings: Iterable[Traffic | None]) -> list[Traffic]:
    return [reading for reading in readings if reading is not None]


def _share(state: State, risk: Risk, subject: str, readings: list[Traffic], closed: bool) -> Sample | None:
    """Few requests of a closed span say something only where they prove it; those of one that runs say nothing."""
    requests, errors = sum(row.requests for row in readings), sum(row.errors for row in readings)
    value = share(errors, requests)
    if value is None:
        return None
    enough, much = _enough(state, requests), value >= risk.act
    if not much:
        level = Level.WATCH if value >= risk.watch else Level.CALM
        return Sample(subject, value, risk.watch, level) if enough else None
    sure = _fails(state, readings)
    if not enough and not (closed and sure):
        return None
    doubt = "" if sure else _chance(errors, requests)
    return Sample(subject, value, risk.act, Level.ACT if sure else Level.WATCH, doubt)


def _breached(state: State, risk: Risk, endpoint: str, since: datetime) -> datetime | None:
    """Return when the newest window or minute ended, near `since` or later, that was over its bound."""
    windows, spike = state.plan.windows, state.plan.latency.p95_ms * state.plan.latency.spike_factor
    rows = (
        (state.seen.windows, windows.length, risk.act),
        (state.seen.minutes, windows.minute, spike),
    )
    ends = (
        min(reading.end, reading.at)
        for kept, length, bound in rows
        for reading in kept.get(endpoint, ())
        if reading.end > since - timedelta(seconds=2 * length) and (_p95(state, reading) or 0.0) > bound
    )
    return max(ends, default=None)


def breached_since(state: State, risk: Risk, endpoint: str) -> datetime | None:
    """Return the start of the oldest window or minute of the run of breaches that the newest readings end in."""
    spike = state.plan.latency.p95_ms * state.plan.latency.spike_factor
    windows = _run(state, state.seen.windows.get(endpoint, ()), risk.act)
    minutes = _run(state, state.seen.minutes.get(endpoint, ()), spike)
    return min((row.start for row in (*windows, *minutes)), default=None)


def _run(state: State, rows: Sequence[Traffic], bound: float) -> Iterator[Traffic]:
    return takewhile(lambda row: (_p95(state, row) or 0.0) > bound, reversed(rows))


def _clean(state: State, risk: Risk, endpoint: str, since: datetime, now: datetime) -> bool:
    later = [slot for slot in lines(state, now)[endpoint].slots if slot.start >= since]
    value = _p95(state, later[-1].reading) if later else None
    if value is not None:
        return value <= risk.act
    return _clean_together(state, risk, endpoint, since, now)


def _clean_together(state: State, risk: Risk, endpoint: str, since: datetime, now: datetime) -> bool:
    """Whether newest windows with too few requests, begun since then, pass as a pool, and by the risk's bound too."""
    return risk.act >= state.plan.latency.p95_ms and pool_is_clean(state, endpoint, since, now)
