"""The six risk cards: calm, watch, act, or blind where the data is missing or old."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from msgspec.structs import replace

from sessions.criteria.analytics import bound_of
from sessions.criteria.freshness import current, freshness
from sessions.criteria.windows import boundary
from sessions.gate.traffic_risks import error_rate, latency_spike, settled
from sessions.plan.model import Journey, Risk
from sessions.plan.uses import RISK_TOPICS
from sessions.state.reducer import State
from sessions.state.signals import newest
from sessions.text.units import counted, duration, figure
from sessions.values.readings import Topic
from sessions.values.verdicts import Level, Mark, RiskState, Verdict

_WORST_FIRST = (Level.ACT, Level.BLIND, Level.WATCH, Level.CALM)


def assess(state: State, verdicts: Mapping[str, Verdict], now: datetime) -> Mapping[str, RiskState]:
    """Judge every risk of the plan, in its order. `verdicts` tell which subjects are dark or without traffic."""
    return {risk.id: _assess(state, risk, verdicts, now) for risk in state.plan.risks}


def cleared(state: State, risk: str, since: datetime, now: datetime) -> bool:
    """Whether the risk is over by proof: a whole clean window that began since, and after it last acted.

    What is not read from traffic has no windows: it has to be measured calm, and to have stayed so for as long as one.
    """
    rule = state.plan.risk(risk)
    if risk == "latency_spike":
        return settled(state, rule, since, now)
    said = _assess(state, rule, {}, now)
    return said.level is Level.CALM and said.value is not None and _stayed(state, risk, now)


def _stayed(state: State, risk: str, now: datetime) -> bool:
    """Whether a whole window has passed since the level last turned; one that flaps has not stayed."""
    turns = state.turned.get(f"risk.{risk}", ())
    if not turns:
        return True
    windows, turn = state.plan.windows, newest(state, f"risk.{risk}")
    calm = turn is None and state.levels.get(risk) is Level.CALM
    return calm and now >= boundary(state, turns[-1].at) + timedelta(seconds=windows.length + windows.settle)


def _assess(state: State, risk: Risk, verdicts: Mapping[str, Verdict], now: datetime) -> RiskState:
    fresh = freshness(state, RISK_TOPICS[risk.id], now)
    if not fresh.ok:
        return replace(_blind(risk, fresh.text), asking=fresh.mark is Mark.WARMING)
    if risk.id == "latency_spike":
        return latency_spike(state, risk, verdicts.get("latency"), now)
    if risk.id == "error_rate":
        return error_rate(state, risk, verdicts.get("errors"), now)
    if risk.id == "analytics_outage":
        return _analytics_outage(state, risk, verdicts.get("analytics"), now)
    return _CARDS[risk.id](state, risk, now)


def _blind(risk: Risk, why: str, subject: str = "") -> RiskState:
    return RiskState(risk.id, Level.BLIND, subject, text=why)


def _analytics_outage(state: State, risk: Risk, verdict: Verdict | None, now: datetime) -> RiskState:
    """The widest gap with traffic speaks. A waived criterion makes it a known gap: watched, no longer acted on."""
    marks = {part.subject: part.mark for part in verdict.parts} if verdict else {}
    cards = [_gap(state, risk, journey, marks.get(journey.id), now) for journey in state.plan.journeys]
    if not cards:
        return _blind(risk, "no journey to watch")
    worst = min(cards, key=lambda card: (_WORST_FIRST.index(card.level), -(card.value or 0.0)))
    if worst.level is Level.ACT and "analytics" in state.waivers:
        text = f"known gap {duration(worst.value or 0.0)} > {duration(worst.bound or 0.0)}"
        return RiskState(risk.id, Level.WATCH, worst.subject, worst.value, worst.bound, "s", text)
    return worst


def _gap(state: State, risk: Risk, one: Journey, mark: Mark | None, now: datetime) -> RiskState:
    """One journey's gap at its own beat: a poll that comes late is no gap. Without traffic a gap says nothing.

    Where the journey has a rhythm the bounds are longer by as much as its own gap is.
    """
    journey, longer = one.id, bound_of(state, one) / state.plan.gap
    risk = replace(risk, watch=risk.watch * longer, act=risk.act * longer) if longer > 1 else risk
    beat, began = state.seen.beats.get(journey), state.entered_at or now
    if beat is None or not current(state, Topic.JOURNEYS, beat.at, now):
        return _blind(risk, "no fresh events", journey)
    gap = max((beat.at - max(beat.newest or began, began)).total_seconds(), 0.0)
    if gap >= risk.watch and mark in (Mark.BLIND, Mark.SILENT):
        return _blind(risk, "traffic is unknown", journey)
    within = f"gap {duration(gap)} ≤ {duration(risk.act)}"
    if gap < risk.watch or mark is Mark.THIN:
        thin = gap >= risk.watch
        text = "thin: no traffic" if thin else within
        return RiskState(risk.id, Level.CALM, journey, gap, risk.act, "s", text, thin)
    if gap > risk.act:
        return RiskState(risk.id, Level.ACT, journey, gap, risk.act, "s", f"gap {duration(gap)} > {duration(risk.act)}")
    return RiskState(risk.id, Level.WATCH, journey, gap, risk.act, "s", within)


def _duplication(state: State, risk: Risk, now: datetime) -> RiskState:
    """Duplicates in the collections whose flow the risk names; in all where it names no flow."""
    rows = (item for item in state.plan.collections if item.flow in risk.flows or not risk.flows)
    cards = [_copies(state, risk, item.name, now) for item in rows]
    if not cards:
        return _blind(risk, "no collection to watch")
    return min(cards, key=lambda card: (_WORST_FIRST.index(card.level), -(card.value or 0.0)))


def _copies(state: State, risk: Risk, name: str, now: datetime) -> RiskState:
    row = state.seen.sizes.get(name, ())
    if not row or not current(state, Topic.COLLECTIONS, row[-1].at, now, row[-1].holds):
        return _blind(risk, "not counted", name)
    count = row[-1].duplicates
    level = Level.ACT if count >= risk.act else Level.WATCH if count >= risk.watch else Level.CALM
    said = f"{counted(count, 'duplicates')} {'≥' if level is Level.ACT else '<'} {risk.act:g}"
    return RiskState(risk.id, level, name, count, risk.act, "", said)


def _support_queue(state: State, risk: Risk, now: datetime) -> RiskState:
    """Open tickets. Where there may be more of them, a count that acts is proved, and no other one."""
    if not state.seen.tickets or not current(state, Topic.QUEUE, state.seen.tickets[-1].at, now):
        return _blind(risk, "no fresh tickets")
    newest = state.seen.tickets[-1]
    card = _over(risk, newest.open, "", "tickets")
    return card if card.level is Level.ACT or not newest.doubt else _blind(risk, newest.doubt)


def _csat(state: State, risk: Risk, now: datetime) -> RiskState:
    """The share of low scores, once there are enough answers."""
    csat = state.seen.csat
    if csat is None or not current(state, Topic.CSAT, csat.at, now):
        return _blind(risk, "no fresh answers")
    if csat.answers < risk.min_answers:
        text = f"thin: {counted(csat.answers, 'answers')} < {risk.min_answers} needed"
        return RiskState(risk.id, Level.CALM, bound=risk.act, unit="%", text=text, thin=True)
    return _over(risk, 100 * csat.low / csat.answers, "%", "low scores")


def _over(risk: Risk, value: float, unit: str, noun: str) -> RiskState:
    """The queue is watched from its bound on, the share of low scores only over it; both act over theirs."""
    said, bound = f"{figure(value, unit)} {noun}", figure(risk.act, unit)
    watched = value >= risk.watch if risk.id == "support_queue" else value > risk.watch
    if value > risk.act:
        return RiskState(risk.id, Level.ACT, "", value, risk.act, unit, f"{said} > {bound}")
    return RiskState(risk.id, Level.WATCH if watched else Level.CALM, "", value, risk.act, unit, f"{said} ≤ {bound}")


_CARDS: Mapping[str, Callable[[State, Risk, datetime], RiskState]] = {
    "duplication": _duplication,
    "support_queue": _support_queue,
    "csat": _csat,
}
