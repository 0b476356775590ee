"""What was known at a moment, in words: the evidence of a decision, and the entries of what turned."""

import math
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from sessions.actions.flapping import LEVELS, MARKS, told
from sessions.criteria.by_flag import ERRORS, LATENCY, compared
from sessions.criteria.freshness import freshness
from sessions.criteria.windows import next_start
from sessions.gate.judgement import Condition, Judgement
from sessions.gate.waivers import standing
from sessions.gate.wording import finite, phrase, spoken
from sessions.plan.uses import RISK_TOPICS
from sessions.state.model import UNSEEN, State
from sessions.values.entries import Draft, Fact
from sessions.values.verdicts import Level, Mark, RiskState, Verdict

_NEAR = 1e-6
_WINDOWED = (LATENCY, ERRORS)
_CRITERIA = {"latency_spike": LATENCY, "error_rate": ERRORS}
"""What the requests of a risk are compared by."""


def evidence(judgement: Judgement) -> tuple[str, ...]:
    """Return a line per gate condition: `pass latency 438 ms ≤ 500 ms · 3/3 [13:45-14:00 UTC]`."""
    return tuple(_line(judgement, condition) for condition in judgement.gate.conditions)


def behind(judgement: Judgement, said: RiskState) -> tuple[str, ...]:
    """Return the evidence of what a risk called for: where it is known who had the flag, both groups are compared."""
    criterion = _CRITERIA.get(said.risk, "")
    found = compared(judgement.state, criterion, said.subject, judgement.at) if criterion and said.subject else None
    return (*evidence(judgement), *([f"{criterion} {said.subject} {found.sentence}"] if found else []))


def turns(judgement: Judgement) -> tuple[Draft, ...]:
    """Return an entry for every verdict and risk that differs from the one last recorded."""
    return (*_verdicts(judgement), *_risks(judgement))


def _line(judgement: Judgement, condition: Condition) -> str:
    window = _window(judgement) if condition.name in _WINDOWED else ""
    return f"{condition.mark.value} {condition.name} {condition.text}{window}"


def _window(judgement: Judgement) -> str:
    """The stretch that the newest closed windows cover; nothing before the first has closed."""
    state, windows = judgement.state, judgement.state.plan.windows
    until = next_start(state, judgement.at)
    if until is None or state.entered_at is None:
        return ""
    since = max(
        until - timedelta(seconds=windows.count * windows.length), _first_start(state.entered_at, windows.length)
    )
    if since >= until:
        return ""
    form = "%H:%M" if windows.length >= 60 else "%H:%M:%S"
    return f" [{since:{form}}-{until:{form}} UTC]"


def _first_start(entered_at: datetime, length: float) -> datetime:
    return datetime.fromtimestamp(math.ceil(entered_at.timestamp() / length) * length, UTC)


def _verdicts(judgement: Judgement) -> Iterator[Draft]:
    state, now = judgement.state, judgement.at
    for name, verdict in judgement.verdicts.items():
        was, mark = state.verdicts.get(name, Mark.WARMING), standing(state, verdict)
        entered = told(state, f"verdict.{name}", (was.value, mark.value), MARKS, now)
        if entered is None:
            continue
        facts: dict[str, Fact] = {"criterion": name, "verdict": entered.word, "was": was.value}
        facts["since"] = min(verdict.since or now, now)
        if mark is Mark.BREACH:
            facts["breached"] = _breached(judgement, verdict)
        words = " ".join(part for part in (name, entered.about, phrase(verdict)) if part)
        yield Draft("verdict.turned", "watch", words, {**facts, **entered.more, **_measured(verdict)})


def _breached(judgement: Judgement, verdict: Verdict) -> datetime:
    """Return since when a breach may have lasted that is measured now: its window's start, its gap's, else now."""
    now, windows = judgement.at, judgement.state.plan.windows
    if verdict.criterion in _WINDOWED:
        back = max((_since(part.marks[-windows.count :]) for part in verdict.parts), default=1)
        return (next_start(judgement.state, now) or now) - timedelta(seconds=back * windows.length)
    return _gap_began(judgement.state, verdict, now) if verdict.criterion == "analytics" else now


def _gap_began(state: State, verdict: Verdict, now: datetime) -> datetime:
    """Return where the gap of a journey begins that a verdict tells the length of."""
    beat, entered, gap = state.seen.beats.get(verdict.subject), state.entered_at or now, verdict.value or 0.0
    gaps = state.seen.gaps.get(verdict.subject, ())
    spans = [(max(since, entered), until) for since, until in gaps]
    spans += [(max(beat.newest or entered, entered), beat.at)] if beat else []
    found = (since for since, until in spans if abs((until - since).total_seconds() - gap) < _NEAR)
    return min(found, default=now - timedelta(seconds=gap if finite(gap) else 0.0))


def _since(newest: Sequence[Mark]) -> int:
    """Return how many windows ago the oldest one breached that did; the newest may be the one where none says."""
    return len(newest) - newest.index(Mark.BREACH) if Mark.BREACH in newest else 1


def _risks(judgement: Judgement) -> Iterator[Draft]:
    state = judgement.state
    for risk in state.plan.risks:
        said, was = judgement.risks.get(risk.id), state.levels.get(risk.id, Level.CALM)
        if said is None or _not_asked_yet(judgement, said):
            continue
        entered = told(state, f"risk.{risk.id}", (was.value, said.level.value), LEVELS, judgement.at)
        if entered is None:
            continue
        facts: dict[str, Fact] = {"risk": risk.id, "level": entered.word, "was": was.value}
        if (topic := RISK_TOPICS[risk.id]) in UNSEEN:
            good_at = freshness(state, topic, judgement.at).good_at
            facts |= {"topic": topic.value, "since": min(good_at or judgement.at, judgement.at)}
        words = " ".join(part for part in (risk.title, entered.about, spoken(said)) if part)
        yield Draft("risk.turned", "watch", words, {**facts, **entered.more, **_measured(said)})


def _not_asked_yet(judgement: Judgement, said: RiskState) -> bool:
    """A source that has had no time to answer turned nothing yet."""
    fresh = freshness(judgement.state, RISK_TOPICS[said.risk], judgement.at)
    return said.level is Level.BLIND and fresh.mark is Mark.WARMING


def _measured(said: Verdict | RiskState) -> dict[str, Fact]:
    """The figures behind the words, where there are any: a fact is never absent and never infinite."""
    facts: dict[str, Fact] = {}
    if said.subject:
        facts["subject"] = said.subject
    if said.value is not None and finite(said.value):
        facts["value"] = float(said.value)
        if said.bound is not None and finite(said.bound):
            facts["bound"] = float(said.bound)
        if said.unit:
            facts["unit"] = said.unit
    return facts
