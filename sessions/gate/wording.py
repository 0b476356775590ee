"""What was judged, in words that carry the value and its bound."""

import math

from sessions.plan.model import Plan
from sessions.text.units import figure, signed
from sessions.values.verdicts import Mark, Verdict

_WITHIN = {"latency": "≤", "errors": "<", "analytics": "≤"}
_BEYOND = {"latency": ">", "errors": "≥", "analytics": ">"}
_SIDES = {(True, True): "≤", (True, False): "≥", (False, True): ">", (False, False): "<"}
_JUDGED_BY_VALUE = (Mark.PASS, Mark.BREACH)


def phrase(verdict: Verdict) -> str:
    """Say a verdict in one short line: `438 ms ≤ 500 ms · 3/3`, `shortlists +41 % > +25 % runaway`."""
    text = (verdict.text or verdict.mark.value).replace("  ", " · ")
    if verdict.mark is Mark.PASS:
        text = text.removesuffix(" windows").replace(" windows (", " (")
    told = verdict.criterion in _WITHIN or verdict.criterion == "growth"
    if not told or verdict.mark not in _JUDGED_BY_VALUE or not (finite(verdict.value) and finite(verdict.bound)):
        return text
    value = (signed if verdict.criterion == "growth" else figure)(verdict.value, verdict.unit)
    opening = text.removeprefix("gap ").removeprefix(f"{verdict.subject} ")
    return text.replace(value, _against(verdict, value), 1) if opening.startswith(value) else text


def _against(verdict: Verdict, value: str) -> str:
    """Say `438 ms ≤ 500 ms`, `-40 % < -25 %`."""
    within = verdict.mark is Mark.PASS
    if verdict.criterion != "growth":
        sign = (_WITHIN if within else _BEYOND)[verdict.criterion]
        return f"{value} {sign} {figure(verdict.bound, verdict.unit)}"
    above = (verdict.bound or 0.0) >= 0
    return f"{value} {_SIDES[within, above]} {signed(verdict.bound, verdict.unit)}"


def titled(plan: Plan, name: str) -> str:
    """Return the title of the risk or flow with that id, the name itself where there is none."""
    titles = {flow.id: flow.title for flow in plan.flows} | {risk.id: risk.title for risk in plan.risks}
    return titles.get(name, name)


def finite(value: float | None) -> bool:
    """Whether there is a number at all."""
    return value is not None and math.isfinite(value)
