"""What tighter or wider bounds would have said: the same readings, judged again."""

from collections.abc import Callable, Iterable, Iterator
from datetime import tzinfo

from msgspec import Struct

from sessions.gate.wording import titled
from sessions.handover.sections import Wording
from sessions.plan.model import Plan
from sessions.plan.strict_table import TableError
from sessions.replay.changes import changed
from sessions.replay.course import Course, Visit, as_judged, as_recorded, longest
from sessions.replay.flight import Moment, Replay
from sessions.replay.limits import consequences, limits
from sessions.replay.record import Record
from sessions.replay.side_by_side import GateRow, HappenedRow, SideBySide, side_by_side
from sessions.text.units import exact

FACTORS = (0.8, 1.2)
_SCALED = ("latency_spike", "error_rate", "analytics_outage")
"""The risks whose cards have the bounds of a criterion; the others count documents, tickets and answers."""
_ACTS = {
    "fuse.lit": "fuse lit",
    "fuse.blown": "fuse blown, a revert",
    "rollout.paused": "paused",
    "flow.frozen": "frozen",
}

Count = Callable[[Iterable[Moment], Record], Iterable[Moment]]
"""Passes the moments of a replay on, and may tell how far it is."""


class Scaled(Struct, frozen=True):
    """The flight by bounds that are `factor` times as wide; `trouble` says why there is nothing to compare.

    `limits` is what cannot be told of it, beside what cannot be told by the plan's own bounds.
    """

    factor: float
    sides: SideBySide | None = None
    trouble: str = ""
    limits: tuple[str, ...] = ()


def settings(plan: Plan, factor: float) -> tuple[str, ...]:
    """Return the keys of the plan with their bounds scaled, as `cockpit replay --set` takes them.

    A narrower gap is left as it is: only gaps over the plan's were kept.
    """
    rows = [
        f"criteria.latency.p95_ms={plan.latency.p95_ms * factor:g}",
        f"criteria.errors.share={min(plan.errors.share * factor, 100):g}",
    ]
    if plan.collections:
        rows.append(f"criteria.growth.tolerance={plan.growth.tolerance * factor:g}")
        rows.append(f"criteria.growth.slack={plan.growth.slack * factor:g}")
    if plan.journeys and factor >= 1:
        rows.append(f"criteria.analytics.gap={exact(plan.gap * plan.speed * factor)}")
    for risk in plan.risks:
        if risk.id in _SCALED:
            by = factor * (plan.speed if risk.id == "analytics_outage" else 1.0)
            rows += [f"risks.{risk.id}.watch={risk.watch * by:g}", f"risks.{risk.id}.act={risk.act * by:g}"]
    return tuple(rows)


def judged_with(  # noqa: PLR0913, PLR0917 (a flight, how it was, and by what it is judged)
    plan: Plan, record: Record, anew: Course, factor: float, count: Count, tz: tzinfo | None
) -> Scaled:
    """Judge the flight with scaled bounds, to compare with `anew`, the replay with the plan's own."""
    try:
        other, _ = changed(plan, settings(plan, factor))
    except TableError as error:
        return Scaled(factor, trouble="; ".join(map(str, error.problems)))
    course = as_judged(other, record, count(Replay(other, plan, record).moments(), record))
    known = {*limits(plan, record, None, tz)}
    told = (*limits(plan, record, other, tz), *consequences(record, course, tz))
    more = tuple(line for line in told if line not in known)
    return Scaled(factor, side_by_side(plan, as_recorded(plan, record), anew, course), limits=more)


def differences(plan: Plan, scaled: Scaled, say: Wording) -> Iterator[str]:
    """Yield a sentence for each gate and each act of protection that would have differed."""
    if scaled.sides is None:
        yield f"it cannot be judged: {scaled.trouble}"
        return
    yield from (_gate(row, say) for row in scaled.sides.gates if row.differs and row.changed is not None)
    for row in scaled.sides.happened:
        if row.differs and row.what in _ACTS:
            yield _act(plan, row, say)


def _gate(row: GateRow, say: Wording) -> str:
    stay, other = row.recorded, row.changed or row.anew
    return f"gate from {stay.phase} % to {stay.goal}: {_opened(other, say)} instead of {_opened(row.anew, say)}"


def _opened(stay: Visit, say: Wording) -> str:
    if stay.opened is not None:
        return f"open {say.at(stay.opened)}"
    held = next(longest(stay), "")
    return f"never open{f' (longest held by {held})' if held else ''}"


def _act(plan: Plan, row: HappenedRow, say: Wording) -> str:
    _, before, after = row.times
    at = after or before
    when = f" {say.at(at)}" if at else ""
    return f"{'new' if after else 'gone'}: {titled(plan, row.about)}, {_ACTS[row.what]}{when}"
