"""The charts of a report: p95 and failed requests by endpoint, growth by collection, the queue, each with its bound."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta, tzinfo

from msgspec import Struct

from sessions.criteria.growth import band
from sessions.gate.judgement import Judgement
from sessions.handover.sections import Wording
from sessions.plan.model import Collection
from sessions.reports.html.chart import Chart
from sessions.reports.html.curves import Curve, Curves
from sessions.reports.page import saying
from sessions.reports.periods import Period
from sessions.state.reducer import State
from sessions.text.units import figure

_MOST = 24
"""So many subjects of one kind are charted, the worst first where there are more."""
_BAND_POINTS = 60
_QUEUE = "support_queue"
GOOD, BAD, BLIND = "good", "bad", "blind"


class Group(Struct, frozen=True):
    """Charts of one kind under one title; `left` were lower than these, `empty` are the names of what has no point."""

    title: str
    charts: tuple[Chart, ...]
    left: int = 0
    empty: tuple[str, ...] = ()


def groups(judgement: Judgement, period: Period, lines: Curves, tz: tzinfo | None) -> tuple[Group, ...]:
    """Return the charts of a period, by kind."""
    state, say = judgement.state, saying(judgement, period, tz)
    plan = state.plan
    slow, failing = plan.latency.p95_ms, plan.errors.share
    parted = max(1.6 * plan.windows.length, 2.5 * lines.step)
    waiting = max(plan.cadence.mongo_stale, 2.5 * lines.step)
    acts = next((risk.act for risk in plan.risks if risk.id == _QUEUE), None)
    return tuple(
        group
        for group in (
            _measured("p95 by endpoint", lines.p95, _Rule("ms", slow, "≤", lambda top: top > slow), parted, say),
            _measured(
                "Failed requests by endpoint",
                lines.errors,
                _Rule("%", failing, "<", lambda top: top >= failing),
                parted,
                say,
            ),
            _told("Growth by collection", tuple(_growth(state, period, lines.sizes, waiting, say))),
            *(_queue(lines.queue, acts, waiting, say) if acts is not None else ()),
        )
        if group.charts or group.empty
    )


class _Rule(Struct, frozen=True):
    """A bound with its unit, how it is written, and whether a figure is over it."""

    unit: str
    bound: float
    sign: str
    over: Callable[[float], bool]

    @property
    def words(self) -> str:
        return f"bound {self.sign} {figure(self.bound, self.unit)}"


def _measured(title: str, lines: Sequence[Curve], rule: _Rule, gap: float, say: Wording) -> Group:
    kept = sorted((one for one in lines if one.top), key=_height, reverse=True)[:_MOST]
    shown = tuple(_of(one, one.subject, rule, gap, say) for one in lines if one in kept or not one.top)
    return _told(title, shown, sum(one.top is not None for one in lines) - len(kept))


def _told(title: str, charts: Sequence[Chart], left: int = 0) -> Group:
    drawn = tuple(one for one in charts if one.points)
    return Group(title, drawn, left, tuple(one.title for one in charts if not one.points))


def _height(line: Curve) -> float:
    return line.top[1] if line.top else -1.0


def _queue(line: Curve, acts: float, gap: float, say: Wording) -> Iterator[Group]:
    rule = _Rule("open", acts, "≤", lambda top: top > acts)
    yield _told("Support queue", (_of(line, "Open tickets", rule, gap, say),))


def _of(line: Curve, title: str, rule: _Rule, gap: float, say: Wording) -> Chart:
    """A chart that says its peak and whether that is over the bound, in a sign and in words."""
    if line.top is None:
        return Chart(title, rule.unit, (), gap)
    at, top = line.top
    over = rule.over(top)
    within = "● within" if rule.unit == "open" else "● whole windows within"
    capped = line.capped is not None and top >= line.capped
    peak = figure(top, rule.unit, over=True) if capped else f"up to {figure(top, rule.unit)}"
    tone = BAD if over else BLIND if capped else GOOD
    sign = {BAD: "◆ over its bound", BLIND: "◌ its highest bucket is below the bound", GOOD: within}[tone]
    words = f"{sign}: {peak} at {say.at(at)}, {rule.words}"
    return Chart(title, rule.unit, line.points, gap, words, tone, rule.bound, capped=line.capped)


def _growth(state: State, period: Period, lines: Sequence[Curve], gap: float, say: Wording) -> Iterator[Chart]:
    known = {one.name: one for one in state.plan.collections}
    for line in lines:
        drawn = tuple(_band(state, known[line.subject], period))
        outside = next((at for at, count in line.points if _is_outside(state, known[line.subject], at, count)), None)
        words, tone = "◌ no baseline, no band", BLIND
        if drawn:
            words = "● inside its expected band" if outside is None else f"◆ outside its band at {say.at(outside)}"
            tone = GOOD if outside is None else BAD
        yield Chart(line.subject, "docs", line.points, gap, words if line.points else "", tone, band=drawn, floor=None)


def _band(state: State, collection: Collection, period: Period) -> Iterator[tuple[datetime, float, float]]:
    if state.baseline_at is None:
        return
    since = max(period.since, state.baseline_at)
    step = (period.until - since) / _BAND_POINTS
    if step <= timedelta():
        return
    for number in range(_BAND_POINTS + 1):
        at = since + step * number
        if (edges := band(state, collection, at)) is not None:
            yield at, edges[0], edges[2]


def _is_outside(state: State, collection: Collection, at: datetime, count: float) -> bool:
    edges = band(state, collection, at)
    judged = edges is not None and state.baseline_at is not None and at >= state.baseline_at
    return judged and edges is not None and not edges[0] <= count <= edges[2]
