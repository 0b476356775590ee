"""What was judged, in words that carry the value and its bound."""

import math

from sessions.gate.judgement import Judgement
from sessions.plan.model import Plan
from sessions.text.subjects import EVERY, about
from sessions.text.units import amount, figure, off
from sessions.values.entries import Entry
from sessions.values.verdicts import Mark, RiskState, Verdict

_WITHIN = {"latency": "≤", "errors": "<", "analytics": "≤"}
_ABOUT = {"latency": "p95 "}
_BEYOND = {"latency": ">", "errors": "≥", "analytics": ">"}
_WORDS = {Mark.WARMING: "waiting"}
_JUDGED_BY_VALUE = (Mark.PASS, Mark.BREACH)


def phrase(verdict: Verdict) -> str:
    """Say a verdict in one short line: `p95 438 ms ≤ 500 ms (worst GET /concierge, 3 of 3 windows)`.

    What stands in brackets at its end may be left out where room is short: never a value, never a bound.
    """
    text = (verdict.text or word(verdict.mark)).replace("  ", " · ")
    if verdict.text and verdict.mark is Mark.PASS and verdict.criterion in _WITHIN:
        value, _, windows = text.partition(" · ")
        text = f"{value}{_bracket(_worst(verdict), _judged_on(windows))}"
    told = verdict.criterion in _WITHIN or verdict.criterion == "growth"
    if not told or verdict.mark not in _JUDGED_BY_VALUE or not (finite(verdict.value) and finite(verdict.bound)):
        return text
    growth = verdict.criterion == "growth"
    value = off(verdict.value, verdict.unit) if growth else figure(verdict.value, verdict.unit, over=verdict.over)
    opening = text.removeprefix("gap ").removeprefix(f"{verdict.subject} ")
    if not opening.startswith(value) or opening.startswith(f"{value} failed"):  # a pool says its bound itself
        return text
    beside = " (vs expected growth)" if growth else ""
    return _ABOUT.get(verdict.criterion, "") + text.replace(value, _against(verdict, value), 1) + beside


def spoken(said: RiskState) -> str:
    """Say a risk with what it is about: `p95 812 ms > 500 ms on POST /capsules`, `112 duplicates ≥ 1 in capsules`."""
    measured = said.text.startswith(figure(said.value, said.unit, over=said.over))
    head = "p95 " if said.risk == "latency_spike" and finite(said.value) and measured else ""
    return f"{head}{said.text}{about(said.risk, said.subject)}".strip()


def figure_of(entry: Entry) -> str:
    """Say the value of a turn of a verdict or risk: `812 ms`, or `over 5000 ms` if its text says so."""
    value, unit = entry.counted("value"), entry.said("unit")
    return figure(value, unit, over=f"p95 {figure(value, unit, over=True)}" in entry.text)


def _worst(verdict: Verdict) -> str:
    return f"worst {verdict.subject}" if verdict.subject and verdict.subject != EVERY else ""


def _bracket(*words: str) -> str:
    told = ", ".join(filter(None, words))
    return f" ({told})" if told else ""


def short(text: str) -> str:
    """Return a condition's words without the brackets at the end."""
    return text.rpartition(" (")[0] or text if text.endswith(")") else text


def _against(verdict: Verdict, value: str) -> str:
    """Say `438 ms ≤ 500 ms`, `40 % low > 25 %`; growth needs no sign because it says low or high."""
    within = verdict.mark is Mark.PASS
    if verdict.criterion != "growth":
        sign = (_WITHIN if within else _BEYOND)[verdict.criterion]
        return f"{value} {sign} {figure(verdict.bound, verdict.unit)}"
    return f"{value} {'≤' if within else '>'} {amount(verdict.bound, verdict.unit)}"


def word(mark: Mark) -> str:
    """Return the word for a verdict on screens; files and JSON keep its name."""
    return _WORDS.get(mark, mark.value)


def _judged_on(windows: str) -> str:
    """Say `3/3 windows (pooled over 40 min)` as `3 of 3 windows, pooled over 40 min`."""
    count, opening, pool = windows.partition(" (")
    return count.replace("/", " of ") + (f", {pool.removesuffix(')')}" if opening else "")


def step(judgement: Judgement) -> str:
    """Say what the gate's conditions are of: the next step, or the week once that runs."""
    if judgement.state.week_at is not None:
        return "Conditions in the week"
    return f"Gate to {judgement.gate.goal or 'nothing'}"


def standing_of(judgement: Judgement) -> str:
    """Say whether they are met: `open` or `hold` of a gate, `met` or `not met` of the week."""
    if judgement.state.week_at is not None:
        return "met" if judgement.gate.open else "not met"
    return "open" if judgement.gate.open else "hold"


def held_by(judgement: Judgement) -> str:
    """Say it with the names of what holds: `open`, `held by soak, tasks`, `not met: growth`."""
    names = ", ".join(row.name for row in judgement.gate.blockers)
    if judgement.gate.open or not names:
        return standing_of(judgement)
    return f"not met: {names}" if judgement.state.week_at is not None else f"held by {names}"


def switch_said(plan: Plan, name: str, *, on: bool, done: bool = True) -> str:
    """Say what a switch means: that of a flow freezes it."""
    flows = [flow.title for flow in plan.flows if flow.flag == name]
    word, no = "on" if on else "off", "" if done else "NOT "
    if not flows:
        return f"switch {name} {no}{word}"
    return f"{', '.join(flows)} {no}{'frozen' if on else 'thawed'}: switch {name} is {no.lower()}{word}"


def titled(plan: Plan, name: str) -> str:
    """Return the title of the risk or flow with that id, the name itself where there is none."""
    titles = {flow.id: flow.title for flow in plan.flows} | {risk.id: risk.title for risk in plan.risks}
    return titles.get(name, name)


def finite(value: float | None) -> bool:
    """Whether there is a number at all."""
    return value is not None and math.isfinite(value)
