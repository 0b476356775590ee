"""What no single key of a plan shows to be wrong: an order, a repetition, a name that leads nowhere."""

from collections.abc import Iterator

from sessions.plan.model import Plan, Risk, Step
from sessions.plan.strict_table import Problem
from sessions.plan.uses import criteria
from sessions.values.verdicts import CRITERIA

SCREEN_KEYS = frozenset("CDHMadefinoqrtwx")
"""The letters that steer the screen; a runbook step cannot have them."""

_AIMED = ("freeze", "switch", "waive")
"""The effects that need a target."""


def contradictions(plan: Plan) -> tuple[Problem, ...]:
    """Return every contradiction of a plan whose single keys are in order."""
    risks = (problem for number, risk in enumerate(plan.risks) for problem in _risk(plan, risk, f"risks[{number}]"))
    return (*_order(plan), *_repetitions(plan), *_names(plan), *risks)


def _order(plan: Plan) -> Iterator[Problem]:
    percents = [phase.percent for phase in plan.phases]
    if percents != sorted(set(percents)):
        yield Problem("phases", f"percent runs {percents[1:]}", "write growing percentages")
    if plan.delay >= plan.gap:
        yield Problem("criteria.analytics.delay", "is not shorter than the gap", "no request could prove an outage")


def _repetitions(plan: Plan) -> Iterator[Problem]:
    named = {
        "phases.activities": [task.id for phase in plan.phases for task in phase.activities],
        "risks.steps": [step.key for risk in plan.risks for step in risk.steps],
        "risks": [risk.id for risk in plan.risks],
        "expected": [item.of for item in plan.expected],
    }
    for path, words in named.items():
        for word in sorted(set(words)):
            if words.count(word) > 1:
                yield Problem(path, f'"{word}" stands twice', "give each its own")


def _names(plan: Plan) -> Iterator[Problem]:
    flows = {flow.id for flow in plan.flows}
    for number, collection in enumerate(plan.collections):
        if collection.flow and collection.flow not in flows:
            yield _unknown(f"criteria.growth.collections[{number}].flow", "flow", collection.flow, flows)
    for number, journey in enumerate(plan.journeys):
        for endpoint in journey.endpoints:
            if endpoint not in plan.endpoints:
                path = f"criteria.analytics.journeys[{number}].endpoints"
                yield Problem(path, f'endpoint "{endpoint}" is not in endpoints')
    expectable = {*plan.endpoints, *(journey.id for journey in plan.journeys)}
    for number, item in enumerate(plan.expected):
        if item.of not in expectable:
            yield _unknown(f"expected[{number}].of", "endpoint or journey", item.of, expectable)


def _risk(plan: Plan, risk: Risk, path: str) -> Iterator[Problem]:
    """A typo here would silently take a protection away."""
    flows = {flow.id for flow in plan.flows}
    lacks = {"analytics_outage": (plan.journeys, "journey"), "duplication": (plan.collections, "collection")}
    named, noun = lacks.get(risk.id, ((), ""))
    if noun and not named:
        yield Problem(f"{path}.id", f'"{risk.id}" has no {noun} to watch', f"name a {noun}, or leave this risk out")
    for flow in risk.flows:
        if flow not in flows:
            yield _unknown(f"{path}.flows", "flow", flow, flows)
    if "fuse" in risk.automatic and not risk.fuse:
        yield Problem(f"{path}.fuse", "is missing or zero", 'an automatic fuse needs a length like "15m"')
    if "freeze" in risk.automatic and not risk.flows:
        yield Problem(f"{path}.flows", "is missing", "an automatic freeze needs the flows to freeze")
    follows = "follow" in risk.automatic or any(step.effect == "follow" for step in risk.steps)
    if follows and not any(text.strip() for text in risk.follow_up):
        yield Problem(f"{path}.follow_up", "is missing", "say which tasks are to be opened")
    for number, step in enumerate(risk.steps):
        yield from _step(step, flows, set(criteria(plan)), f"{path}.steps[{number}]")


def _step(step: Step, flows: set[str], judged: set[str], path: str) -> Iterator[Problem]:
    if len(step.key) != 1 or not "a" <= step.key <= "z":
        yield Problem(f"{path}.key", f'"{step.key}" is no key', "write one small letter from a to z")
    elif step.key in SCREEN_KEYS:
        yield Problem(f"{path}.key", f'"{step.key}" steers the screen', "choose another letter")
    known = {"freeze": ("flow", flows), "waive": ("criterion", judged)}.get(step.effect)
    if step.effect in _AIMED and not step.targets:
        yield Problem(f"{path}.targets", "is missing", f"say what to {step.effect}")
    for name in step.hides:
        if step.effect != "switch":
            yield Problem(f"{path}.hides", "is for a switch alone", 'write effect = "switch", or leave it out')
        elif name not in CRITERIA:
            yield _unknown(f"{path}.hides", "criterion", name, set(CRITERIA))
    if known is not None:
        noun, names = known
        for target in step.targets:
            if target not in names:
                yield _unknown(f"{path}.targets", noun, target, names)


def _unknown(path: str, noun: str, name: str, known: set[str]) -> Problem:
    return Problem(path, f'{noun} "{name}" is unknown', f"known: {', '.join(sorted(known)) or 'none'}")
