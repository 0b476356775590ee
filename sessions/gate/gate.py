"""The gate: every condition of the next step, in order, each with its value and bound.

A condition passes only by proof; a waiver overrules a criterion, never an incident that is still open.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta, tzinfo

from sessions.criteria.freshness import current, freshness
from sessions.criteria.incidents import grave, resolved, told_by
from sessions.gate.judgement import Condition, Gate, Soak
from sessions.gate.waivers import outgrown, unseen
from sessions.gate.wording import phrase, spoken, titled
from sessions.plan.calendar import Calendar
from sessions.plan.uses import criteria, needed
from sessions.state.model import Waiver
from sessions.state.pending import at_hand, revert_owed, switched_on
from sessions.state.reducer import State
from sessions.state.signals import newest, span
from sessions.text.clean import clean, placed
from sessions.text.units import counted, duration, moment
from sessions.values.flag_value import FlagStatus, FlagValue
from sessions.values.readings import Topic
from sessions.values.verdicts import Level, Mark, RiskState, Verdict

WEEK = "7-day plan"


def gate(  # noqa: PLR0913, PLR0917 (a judgement has these parts)
    state: State,
    verdicts: Mapping[str, Verdict],
    risks: Mapping[str, RiskState],
    soak: Soak,
    now: datetime,
    tz: tzinfo | None = None,
) -> Gate:
    """Judge the next step: the pre-flight has its own list of conditions, later phases have all of them."""
    if not state.whole:  # what cannot be read has no phase, and no step follows it
        return Gate("", None, (_journal(state),))
    following = state.plan.after(state.phase)
    conditions = _flight(state, verdicts, risks, soak, now) if state.phase else _preflight(state, verdicts, now)
    goal, percent = (f"{following.percent} %", following.percent) if following else (WEEK, None)
    calendar = state.plan.calendar if following else None
    if calendar is None:
        return Gate(goal, percent, conditions, _earliest(conditions, now))
    conditions = (*conditions, _hours(calendar, now, tz))
    earliest = _earliest(conditions, now)
    return Gate(goal, percent, conditions, calendar.opening(earliest, tz) if earliest else None)


def _preflight(state: State, verdicts: Mapping[str, Verdict], now: datetime) -> tuple[Condition, ...]:
    """Before the first phase nobody needs to have the flag; a user who has it at 0 % holds the gate."""
    met = verdicts.get("exposure")
    return (
        _sources(state, now),
        *([_baseline(state)] if state.plan.collections else []),
        _tasks(state, now),
        _flag(state, now),
        _journal(state),
        _running(state, now),
        _criterion(state, "incidents", verdicts),
        *([_criterion(state, "exposure", verdicts)] if met is not None and met.mark is Mark.BREACH else []),
    )


def _flight(
    state: State, verdicts: Mapping[str, Verdict], risks: Mapping[str, RiskState], soak: Soak, now: datetime
) -> tuple[Condition, ...]:
    return (
        *(_criterion(state, name, verdicts) for name in criteria(state.plan)),
        *([_criterion(state, "exposure", verdicts)] if Topic.EXPOSURE in state.answers else []),
        Condition("soak", soak.mark, soak.text, soak.since, soak.eta),
        _tasks(state, now),
        *([_risks(state, risks)] if state.plan.risks else []),
        _fuse(state, now),
        _flag(state, now),
        _journal(state),
        _running(state, now),
    )


def _earliest(conditions: Iterable[Condition], now: datetime) -> datetime | None:
    """Return when the last blocker could give way; None if one of them waits for more than time."""
    etas = [condition.eta for condition in conditions if not condition.ok]
    known = [eta for eta in etas if eta is not None]
    return max([now, *known]) if len(known) == len(etas) else None


def _hours(calendar: Calendar, now: datetime, tz: tzinfo | None) -> Condition:
    """More users get it only in the hours of the plan; back it may go at any time."""
    opens, closes = calendar.opening(now, tz), calendar.closing(now, tz)
    if opens == now:
        return Condition("hours", Mark.PASS, f"until {_day(closes, now, tz)}" if closes else "always open")
    text = f"closed until {_day(opens, now, tz)}" if opens else "closed for more than a year"
    return Condition("hours", Mark.WARMING, text, eta=opens)


def _day(at: datetime, now: datetime, tz: tzinfo | None) -> str:
    """Say a moment; in another week with its date."""
    return f"{at.astimezone(tz):%a %d %b %H:%M}" if at - now > timedelta(days=6) else moment(at, now, tz)


def _criterion(state: State, name: str, verdicts: Mapping[str, Verdict]) -> Condition:
    verdict, flapping = verdicts.get(name), newest(state, f"verdict.{name}")
    if verdict is not None and verdict.mark is Mark.PASS and flapping is None:
        return Condition(name, Mark.PASS, phrase(verdict), verdict.since, verdict.eta)
    waiver = state.waivers.get(name)
    if waiver is not None and _covered(state, name, waiver, verdict):
        return Condition(name, Mark.PASS, f"waived: {clean(waiver.reason)}", waiver.at)
    if verdict is None:
        return Condition(name, Mark.BLIND, "not judged")
    if flapping is not None:
        mark = Mark.WARMING if verdict.mark is Mark.PASS else verdict.mark
        text = f"flaps, {flapping.times} times: {phrase(verdict)}"
        return Condition(name, mark, text, verdict.since, flapping.at + span(state.plan))
    return Condition(name, verdict.mark, phrase(verdict), verdict.since, verdict.eta)


def _covered(state: State, name: str, waiver: Waiver, verdict: Verdict | None) -> bool:
    """Whether a waiver covers what is judged now: nothing worse than it knew, nothing that it did not see."""
    if name == "incidents" and not _covers_incidents(state, waiver.at):
        return False
    return verdict is None or not (outgrown(waiver, verdict) or unseen(waiver, verdict))


def _covers_incidents(state: State, given_at: datetime) -> bool:
    """A waiver covers what was known when it was given, and lets the gate open only when all of it is resolved."""
    logs = {Topic.TRIAGE: state.seen.triage, Topic.ALERTS: state.seen.alerts}
    told = [logs[topic] for topic in told_by(state)]
    lines = [line for log in told if log is not None for line in log.critical]
    dates = [*(incident.opened_at for incident in grave(state)), *(line.at for line in lines)]
    return resolved(state) and not any(line.open for line in lines) and all(at <= given_at for at in dates)


def _tasks(state: State, now: datetime) -> Condition:
    tasks = [*(task.id for task in state.plan.phase(state.phase).activities), *at_hand(state)]
    done = sum(task in state.ticked for task in tasks)
    text = f"{done} of {len(tasks)} ticked" if tasks else "none"
    return Condition("tasks", Mark.PASS if done == len(tasks) else Mark.WARMING, text, eta=now)


def _risks(state: State, risks: Mapping[str, RiskState]) -> Condition:
    """An acting risk holds, and so does one that cannot be seen."""
    acting, dark = list[str](), list[str]()
    for risk in state.plan.risks:
        said = risks.get(risk.id)
        if said is None or said.level is Level.BLIND:
            dark.append(f"{risk.title} blind")
        elif said.level is Level.ACT:
            acting.append(f"{risk.title} {spoken(said)}")
        elif (turn := newest(state, f"risk.{risk.id}")) and state.levels.get(risk.id) is Level.ACT:
            acting.append(f"{risk.title} flaps, {turn.times} times")
    if acting:
        return Condition("risks", Mark.BREACH, ", ".join((*acting, *dark)))
    if dark:
        return Condition("risks", Mark.BLIND, ", ".join(dark))
    return Condition("risks", Mark.PASS, f"0 of {len(state.plan.risks)} risks act")


def _fuse(state: State, now: datetime) -> Condition:
    if not state.fuses:
        return Condition("fuse", Mark.PASS, "none burns")
    fuse = min(state.fuses.values(), key=lambda item: item.deadline)
    left = (fuse.deadline - now).total_seconds()
    when = "blown" if fuse.blown else f"{duration(left)} left" if left > 0 else f"overdue {duration(-left)}"
    return Condition("fuse", Mark.BREACH, f"{titled(state.plan, fuse.risk)} {when}", fuse.lit_at)


def _flag(state: State, now: datetime) -> Condition:
    """The flag reads back what the phase says: fresh, and confirmed once it was ever moved."""
    fresh, seen, known = freshness(state, Topic.FLAG, now), state.seen.flag, state.flag
    if not fresh.ok:
        return Condition("flag", fresh.mark, fresh.text, fresh.good_at)
    if seen is None or not current(state, Topic.FLAG, seen.at, now):
        return Condition("flag", Mark.BLIND, "not read back")
    untouched = state.phase == 0 and known.status == FlagStatus.NONE
    reads = (seen.percent or 0) if untouched else seen.percent
    if revert_owed(state):
        return Condition("flag", Mark.BREACH, f"REVERT NOT DONE, outcome {known.status}", known.at)
    if reads != state.phase or seen.narrowed:
        return _unlike(state, seen) if reads != state.phase else _narrowed(seen)
    if not untouched and (known.status, known.percent) != (FlagStatus.CONFIRMED, state.phase):
        mark = Mark.WARMING if known.status == FlagStatus.INTENDED else Mark.BREACH
        return Condition("flag", mark, f"move to {known.wanted} % {known.status}, not confirmed")
    return _switches(state, seen) or _served(state, seen)


def _narrowed(seen: FlagValue) -> Condition:
    """What it reads is another share of the users than the phase's, however exact the number is."""
    return Condition("flag", Mark.BREACH, clean(seen.narrowed), seen.at)


def _switches(state: State, seen: FlagValue) -> Condition | None:
    """A switch that was to be set and is not holds: what it protects is not protected."""
    on = set(switched_on(state))
    for name, known in state.switches.items():
        word = "on" if name in on else "off"
        if not known.set and known.on is (name in on):
            return Condition("flag", Mark.BREACH, f"switch {clean(name)} NOT {word}: {clean(known.reason)}", known.at)
        if known.set and seen.switches is not None and seen.at > known.at and (name in seen.switches) is not known.on:
            return Condition("flag", Mark.BREACH, f"switch {clean(name)} does not read {word}", seen.at)
    return None


def _served(state: State, seen: FlagValue) -> Condition:
    if not state.flag.served:
        return Condition("flag", Mark.WARMING, f"{state.phase} % written, not served yet", state.flag.at)
    return Condition("flag", Mark.PASS, f"{state.phase} % read back", seen.at)


def _unlike(state: State, seen: FlagValue) -> Condition:
    reads = f"{seen.percent} %" if seen.percent is not None else "MIXED" if seen.targets else "no flag"
    by = f", set by {clean(seen.by)}" if seen.by else ""
    return Condition("flag", Mark.BREACH, f"reads {reads}, not {state.phase} %{by}", seen.at)


def _journal(state: State) -> Condition:
    if state.journal_fault:
        return Condition("journal", Mark.BREACH, placed(clean(state.journal_fault)))
    return Condition("journal", Mark.PASS, f"{counted(state.seq, 'entries')} kept")


def _running(state: State, now: datetime) -> Condition:
    """Paused by somebody, frozen in a flow, or not watched at all: each holds."""
    if state.paused is not None:
        span = duration((now - state.paused.at).total_seconds())
        return Condition(
            "running",
            Mark.BREACH,
            f"paused {span}: {clean(titled(state.plan, state.paused.cause))}",
            state.paused.at,
        )
    if state.frozen:
        flows = ", ".join(titled(state.plan, flow) for flow in state.frozen)
        return Condition("running", Mark.BREACH, f"frozen: {flows}", min(state.frozen.values()))
    if not state.watching:
        return Condition("running", Mark.BLIND, "nobody watches")
    if broken := [state.faults[origin] for origin in ("judging", "watch") if origin in state.faults]:
        return Condition("running", Mark.BLIND, clean("; ".join(broken), 80))
    return Condition("running", Mark.PASS, "watched, not paused")


def _sources(state: State, now: datetime) -> Condition:
    wanted = needed(state.plan, state.answers)
    answers = {topic: freshness(state, topic, now) for topic in wanted}
    dark = [topic.value for topic, fresh in answers.items() if fresh.mark is Mark.BLIND]
    if dark:
        text = f"blind: {', '.join(dark)}" if len(dark) < len(answers) else "no source answers"
        return Condition("sources", Mark.BLIND, text)
    fresh = sum(answer.ok for answer in answers.values())
    mark = Mark.PASS if fresh == len(answers) else Mark.WARMING
    return Condition("sources", mark, f"{fresh} of {len(answers)} topics answer")


def _baseline(state: State) -> Condition:
    names = [collection.name for collection in state.plan.collections]
    counted = sum(name in state.baseline for name in names) if state.baseline_at else 0
    mark = Mark.PASS if counted == len(names) else Mark.WARMING
    return Condition("baseline", mark, f"{counted} of {len(names)} collections counted", state.baseline_at)
