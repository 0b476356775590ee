"""The card of a condition of the gate: what is missing, what the plan asks for, and what helps."""

from collections.abc import Callable, Iterator, Mapping

from sessions.gate.judgement import Condition
from sessions.gate.wording import word
from sessions.plan.model import Plan
from sessions.text.units import duration, figure, moment
from sessions.values.verdicts import Mark, Part, Pool
from widgets.base.styled import BLANK, PLAIN, QUIET, STRONG, Line, fit
from widgets.base.symbols import MARKS, said
from widgets.base.view import View
from widgets.dialogs.cards.card import NAMES, fact

_MOST_PARTS = 8


def condition_lines(view: View, name: str, width: int) -> tuple[Line, ...]:
    """Return the card of the condition of that name, as it is by now."""
    condition = next((one for one in view.judgement.gate.conditions if one.name == name), None)
    if condition is None:
        return (((f"The gate has no condition {name} in this phase", QUIET),),)
    verdict = view.judgement.verdicts.get(name)
    parts = [part for part in verdict.parts if part.mark is not Mark.PASS][:_MOST_PARTS] if verdict else []
    lines = [*fact("now", _now(condition), width, said(condition.mark) or STRONG)]
    since = "data last good" if verdict else "since"
    lines += fact(since, moment(condition.since, view.now, view.tz) if condition.since else "", width)
    lines += fact("earliest pass", _eta(view, condition), width)
    lines += [line for part in parts for line in _part(part, width)]
    asked = _ASKED.get(name)
    lines += [BLANK, *fact("the plan", asked(view.plan) if asked else "", width)]
    lines += [] if condition.ok else [BLANK, *fact("what helps", _helps(view, condition), width, STRONG)]
    return tuple(lines)


def _now(condition: Condition) -> str:
    return f"{MARKS[condition.mark][0]} {condition.mark.value}: {condition.text}"


def _eta(view: View, condition: Condition) -> str:
    if condition.ok:
        return ""
    if condition.eta is None:
        return "unknown: time alone does not help"
    return "now, by hand" if condition.eta <= view.now else moment(condition.eta, view.now, view.tz)


def _part(part: Part, width: int) -> Iterator[Line]:
    """Say of an endpoint, journey or collection that does not pass what is wrong, and which windows say so."""
    measured, bound = figure(part.value, part.unit, over=part.over), figure(part.bound, part.unit)
    value = f"{measured} against {bound}" if part.bound is not None else ""
    words = part.text or value or word(part.mark)
    windows = "".join(f" {MARKS[mark][0]}" for mark in part.marks)
    yield BLANK
    yield (
        (f"{MARKS[part.mark][0]} ", MARKS[part.mark][1]),
        fit(part.subject, max(12, width - 2), STRONG),
    )
    yield from fact("", words, width)
    if windows:
        yield (fit("", NAMES), ("windows, oldest first", QUIET), (windows, PLAIN))
    pool: Pool | None = part.pools[-1] if part.pools else None
    if pool is not None:
        yield from fact("", f"judged together: {pool.requests:.0f} requests in {duration(pool.seconds)}", width, QUIET)


def _windows(plan: Plan) -> str:
    rule = plan.windows
    each = f"at least {rule.min_requests} requests each"
    return f"in each of the {rule.count} newest windows of {duration(rule.length)}, {each}"


_ASKED: Mapping[str, Callable[[Plan], str]] = {
    "latency": lambda plan: f"p95 at most {figure(plan.latency.p95_ms, 'ms')} for every endpoint, {_windows(plan)}",
    "errors": lambda plan: (
        f"fewer than {figure(plan.errors.share, '%')} errors for every endpoint and in all, {_windows(plan)}; "
        f"no minute with {plan.errors.spike_errors:g} server errors that make {plan.errors.spike_share:g} % of it"
    ),
    "analytics": lambda plan: (
        f"no gap over {duration(plan.gap)} between two events of a journey that has traffic, since the phase began"
    ),
    "growth": lambda plan: (
        f"every collection within {plan.growth.tolerance:g} % of the documents that are expected, "
        f"give or take {plan.growth.slack:g}, and no duplicate"
    ),
    "incidents": lambda _: "no P0 or P1 opened in this phase, no critical line or alert open",
    "exposure": lambda _: "the share of users who are seen to have it is the phase's, as far as chance allows",
    "soak": lambda plan: (
        f"the phase's minimum of proved time: at least {plan.soak.coverage:g} % of it watched, "
        f"no hole over {duration(plan.soak.hole)}, the last {duration(plan.soak.tail)} whole"
    ),
    "tasks": lambda _: "every task of the phase ticked, and those opened since",
    "risks": lambda _: "no risk acts, and every risk can be judged",
    "fuse": lambda _: "no fuse burns",
    "flag": lambda _: (
        "the flag reads back this phase's percentage, confirmed and served, its switches as they were set"
    ),
    "journal": lambda _: "every entry is on the disk",
    "running": lambda _: "watched, not paused, no flow frozen",
    "sources": lambda _: "every source that is needed answers",
    "baseline": lambda _: "every collection counted once before the first phase: growth is measured from there",
    "hours": lambda _: (
        "more users get it only in the hours and on the days that the plan allows; going back is always allowed"
    ),
}


def _helps(view: View, condition: Condition) -> str:
    """Say what mends it, with the key that begins it."""
    if condition.mark is Mark.BLIND and condition.name not in ("running", "risks"):
        return "Its source does not answer. cockpit doctor tries every setting once and says which one fails."
    words = _HELPS.get(condition.name, "")
    return words.format_map({name.replace(".", "_"): _key(view, name) for name in _KEYS})


_KEYS: Mapping[str, str] = {
    "rollout.pause": "space",
    "rollout.resume": "space",
    "rollout.revert": "r",
    "rollout.freeze": "f",
    "rollout.waive": "w",
    "rollout.advance": "a",
    "fuse.defuse": "d",
    "fuse.extend": "x",
    "log.incident": "i",
    "log.tasks": "t",
    "screen.detail": "2",
    "screen.risks": "3",
}


def _key(view: View, name: str) -> str:
    return view.keys.get(name, _KEYS[name])


_CRITERION = (
    "It passes by itself once its newest windows are within the bound; {screen_detail} shows its charts, "
    "{screen_risks} its risk and steps. {rollout_waive} overrules it for this phase, with a reason."
)
_HELPS: Mapping[str, str] = {
    "latency": _CRITERION,
    "errors": _CRITERION,
    "analytics": "Send the events again, or move the flag back ({rollout_revert}). {screen_risks} shows its risk and "
    "steps. A gap stays in the phase: {rollout_waive} overrules it, with a reason.",
    "growth": "Find out what writes too much, too little or twice; {screen_risks} shows the risk of duplicates and its "
    "steps. {rollout_waive} overrules it for this phase, with a reason.",
    "incidents": "Resolve what is open ({log_incident}), then overrule it with a reason ({rollout_waive}).",
    "exposure": "Compare what the flag reads with who is seen to have it. {rollout_revert} takes it back, "
    "{rollout_waive} overrules it for this phase, with a reason.",
    "soak": "Only time helps, while it is watched, not paused and nothing breaches. Keep cockpit open, or run "
    "cockpit watch.",
    "tasks": "{log_tasks} opens the tasks: enter looks at one, space ticks it.",
    "risks": "{screen_risks} opens the risks with the steps of each.",
    "fuse": "Repair the cause, or defuse it with a reason ({fuse_defuse}), or give it more time ({fuse_extend}). At "
    "zero the rollout reverts if the plan says so.",
    "flag": "The watch writes it and reads it back by itself. If that fails, set it by hand to this phase's "
    "percentage, or go back ({rollout_revert}).",
    "journal": "Free disk space, or repair the rights of the folder. Missing entries are then written automatically.",
    "running": "{rollout_resume} resumes what is paused, {rollout_freeze} thaws a flow; where nobody watches, open the "
    "session or run cockpit watch.",
    "sources": "Wait for the first answers. cockpit doctor tries every source once and says what is wrong.",
    "baseline": "It is counted with the first answers of the database; you need to do nothing.",
    "hours": "Wait until it opens. {rollout_revert} works at any time.",
}
