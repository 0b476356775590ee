"""Readings as a changed plan may use them: what was measured by a bound that is another one now is not known."""

from collections.abc import Callable, Iterable, Iterator

from msgspec.structs import replace

from sessions.criteria.latency import straddles
from sessions.plan.model import Plan
from sessions.plan.strict_table import Problem
from sessions.text.units import duration
from sessions.values.percent import Percent
from sessions.values.readings import Beat, Reading, Traffic

_LEAST = 0.05 + 1e-9
"""More than this share of the requests is over whatever their p95 is over."""
Readings = Callable[[Iterable[Reading]], list[Reading]]


def told(plan: Plan, flown: Plan, readings: Iterable[Reading]) -> list[Reading]:
    """Return the readings of a flight by `flown`, as far as they say something by `plan`."""
    if plan.latency.p95_ms == flown.latency.p95_ms and plan.gap <= flown.gap:
        return list(readings)
    return [_told(one, plan, flown) for one in readings]


def _told(reading: Reading, plan: Plan, flown: Plan) -> Reading:
    if isinstance(reading, Traffic) and plan.latency.p95_ms != flown.latency.p95_ms:
        return replace(reading, over=_over(reading, plan, flown), split=None)
    if isinstance(reading, Beat):
        wide = tuple(gap for gap in reading.gaps if (gap[1] - gap[0]).total_seconds() > plan.gap)
        return replace(reading, gaps=wide)
    return reading


def _over(reading: Traffic, plan: Plan, flown: Plan) -> float | None:
    """Return the least share of requests over another bound than they were counted by; None where nobody can tell.

    What was over a higher bound was over a lower one. It is told of those alone whose p95 is over it: no pool passes by
    a share that is a least one.
    """
    bound, value = plan.latency.p95_ms, reading.p95_ms
    if reading.over is None or value is None or bound > flown.latency.p95_ms or value <= bound:
        return None
    return None if straddles(reading, bound) else max(reading.over, _LEAST)


def unfit(plan: Plan, flown: Plan) -> Iterator[Problem]:
    """Yield what of a changed plan the readings of a flight cannot be judged by: they were taken by the old one."""
    wanted = {
        "endpoints": (plan.endpoints, flown.endpoints),
        "windows.length": (plan.windows.length, flown.windows.length),
        "windows.minute": (plan.windows.minute, flown.windows.minute),
        "criteria.analytics.journeys": (plan.journeys, flown.journeys),
        "criteria.growth.collections": (_counted(plan), _counted(flown)),
        "flows": (plan.flows, flown.flows),
        "phases": (_percents(plan), _percents(flown)),
        "queue": (plan.queue, flown.queue),
        "speed": (plan.speed, flown.speed),
        "flag": (plan.flag, flown.flag),
        "cadence": (_polls(plan), _polls(flown)),
    }
    for path, (new, old) in wanted.items():
        if new != old:
            yield Problem(path, "what was measured was measured by it", "a replay cannot change it")
    if plan.gap < flown.gap:
        least = duration(flown.gap * flown.speed)
        yield Problem("criteria.analytics.gap", f"only gaps over {least} were kept", f"write {least} or more")


def _counted(plan: Plan) -> list[tuple[object, ...]]:
    return [(one.name, one.key, one.flow) for one in plan.collections]


def _percents(plan: Plan) -> list[Percent]:
    return [phase.percent for phase in plan.phases]


def _polls(plan: Plan) -> tuple[float, ...]:
    cadence = plan.cadence
    return cadence.traffic, cadence.mongo, cadence.flag, cadence.tick, cadence.deadline
