"""A prepared message about one risk, as Markdown: what happened, what was done, what is asked, and the proof."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, tzinfo

from sessions.actions.evidence import evidence
from sessions.gate.judgement import Judgement
from sessions.gate.wording import held_by, step
from sessions.plan.model import Risk, Step
from sessions.state.reducer import State
from sessions.text.markdown import bullets, plain
from sessions.text.units import counted, duration, figure, zone
from sessions.values.entries import Entry
from sessions.values.readings import Traffic
from sessions.values.verdicts import Level, RiskState

_OF_ALL = (
    "rollout.paused",
    "rollout.resumed",
    "phase.entered",
    "flag.drifted",
    "flag.returned",
    "flag.unread",
)
"""Kinds of acts on the whole rollout: they belong in the message, whatever caused them."""

_OF_RISK = (
    *("fuse.lit", "fuse.extended", "fuse.defused", "fuse.blown", "task.ticked", "task.opened", "draft.written"),
    *("flow.frozen", "flow.thawed", "switch.confirmed", "switch.refused", "waiver.given", "waiver.lapsed"),
)
"""What was done about one risk: it belongs into the message of that risk alone."""


def draft(judgement: Judgement, risk: Risk, step: Step, tz: tzinfo | None) -> str:
    """Return the message of a `draft` step at the judgement's moment; `tz` None is the system's.

    It covers the time since the risk was last calm. Foreign text is shown as it is and forms no Markdown.
    """
    began, ended = trouble(judgement.state.entries, risk)
    done = () if began is None else tuple(_done(judgement.state, risk, began.at))
    sections = (
        ("What happened", bullets(_happened(judgement, risk, began, tz), "Nothing is on record.")),
        *(_seen(judgement, risk, tz)),
        ("What was done", bullets((_told(entry, tz) for entry in done), "Nothing yet.")),
        ("What is asked", plain(step.ask) or "Nothing: this is for your information."),
        ("Where the rollout stands", bullets(_standing(judgement), "")),
        ("Evidence", bullets(map(plain, evidence(judgement)), "None.")),
    )
    body = "\n\n".join(f"## {title}\n\n{text}" for title, text in sections)
    return f"{_head(judgement, risk, step, ended, tz)}\n\n{body}\n"


def trouble(entries: Iterable[Entry], risk: Risk) -> tuple[Entry | None, Entry | None]:
    """Return the turn that began the newest trouble of a risk, and the turn that ended it; None for what is not."""
    began, ended = None, None
    for entry in entries:
        if entry.kind != "risk.turned" or entry.said("risk") != risk.id:
            continue
        if entry.said("level") == Level.CALM:
            ended = entry
        elif began is None or ended is not None:
            began, ended = entry, None
    return began, ended


def _head(judgement: Judgement, risk: Risk, step: Step, ended: Entry | None, tz: tzinfo | None) -> str:
    state, at = judgement.state, judgement.at.astimezone(tz)
    said = _said(judgement, risk)
    word = f"over since {_when(ended.at, tz)}" if ended and said.level is Level.CALM else said.level.value
    told = f"written {at:%d %B %Y %H:%M:%S} {zone(at)}, session {plain(state.name)}, {counted(state.seq, 'entries')}"
    return (
        f"# {plain(state.plan.title)} · {plain(risk.title)} · {state.phase} %\n\n"
        f"**{plain(risk.title)}: {word}, {plain(said.text) or 'no figure'}.**\n"
        f"{plain(step.text)}: {told}. Read it before you send it; all times are {zone(at)}."
    )


def _said(judgement: Judgement, risk: Risk) -> RiskState:
    return judgement.risks.get(risk.id, RiskState(risk.id, Level.BLIND, text="not judged"))


def _happened(judgement: Judgement, risk: Risk, began: Entry | None, tz: tzinfo | None) -> Iterator[str]:
    """Every turn since the trouble began, then what is measured now, with its bound."""
    for entry in judgement.state.entries:
        mine = entry.kind == "risk.turned" and entry.said("risk") == risk.id
        if mine and began is not None and entry.seq >= began.seq:
            yield f"{_when(entry.at, tz)} {plain(entry.said('level'))}: {plain(entry.text)} (#{entry.seq})"
    said = _said(judgement, risk)
    on = f" on {plain(said.subject)}" if said.subject else ""
    yield (
        f"now {said.level.value}: {plain(said.text) or 'no figure'}{on}"
        f" (value {figure(said.value, said.unit, over=said.over)}, acts at {figure(said.bound, said.unit)})"
    )
    if began is not None and said.level is not Level.CALM:
        yield f"it has lasted {duration((judgement.at - began.at).total_seconds())}"


def _seen(judgement: Judgement, risk: Risk, tz: tzinfo | None) -> Iterator[tuple[str, str]]:
    if risk.id in _SUBJECTS:
        title, rows, none = _SUBJECTS[risk.id]
        yield title, bullets(rows(judgement, tz), none)


def _failing(judgement: Judgement, tz: tzinfo | None) -> Iterator[str]:
    """The newest span with errors of each endpoint, the newest first."""
    state, count = judgement.state, judgement.state.plan.windows.count
    newest: dict[str, Traffic] = {}
    for endpoint in state.plan.endpoints:
        rows = (*state.seen.windows.get(endpoint, ())[-count:], *state.seen.minutes.get(endpoint, ())[-count:])
        bad = [row for row in rows if row.errors > 0]
        if bad:
            newest[endpoint] = max(bad, key=lambda row: (row.end, row.errors))
    for endpoint, row in sorted(newest.items(), key=lambda item: (item[1].end, item[1].errors), reverse=True):
        yield f"{plain(endpoint)}: {failed(row)}, {_span(row, judgement.at, tz)}"


def failed(row: Traffic) -> str:
    """Say how many requests of one window failed, with the share of these numbers.

    A source may give fractions of requests; the share is computed from the rounded numbers that are shown.
    """
    errors, asked = round(row.errors), max(round(row.requests), round(row.errors))
    if not errors:
        return f"less than one of {asked or 1} requests failed"
    return f"{errors} of {asked} requests failed ({figure(100 * errors / asked, '%')})"


def _span(row: Traffic, now: datetime, tz: tzinfo | None) -> str:
    """Say what a window covers so far: one that runs ends where it was measured, not in the future."""
    until = max(row.start, min(row.end, row.at, now))
    return f"{_when(row.start, tz)} to {until.astimezone(tz):%H:%M:%S}{' so far' if until < row.end else ''}"


def _beats(judgement: Judgement, tz: tzinfo | None) -> Iterator[str]:
    """The newest event of every journey, and how long ago that is."""
    for journey in judgement.state.plan.journeys:
        beat = judgement.state.seen.beats.get(journey.id)
        if beat is None or beat.newest is None:
            yield f"{plain(journey.id)}: no event seen"
        else:
            ago = duration((judgement.at - beat.newest).total_seconds())
            yield f"{plain(journey.id)}: newest event {_when(beat.newest, tz)}, {ago} ago"


_SUBJECTS: Mapping[str, tuple[str, Callable[[Judgement, tzinfo | None], Iterator[str]], str]] = {
    "error_rate": ("Newest failing endpoints", _failing, "No endpoint fails in the newest windows."),
    "analytics_outage": ("Newest events", _beats, "No journey is monitored."),
}


def _done(state: State, risk: Risk, since: datetime) -> Iterator[Entry]:
    """What was written since the trouble began; protection is written just before the turn, at the same moment."""
    for entry in state.entries:
        if entry.at >= since and (entry.kind in _OF_ALL or (entry.kind in _OF_RISK and _about(entry, risk))):
            yield entry


def _about(entry: Entry, risk: Risk) -> bool:
    """Whether an entry is about this risk: it names the risk, a task or flow of it, or what a step of it aims at."""
    if "risk" in entry.facts or "task" in entry.facts:
        return risk.id in (entry.said("risk"), entry.said("task").partition(".")[0])
    targets = {target for step in risk.steps for target in step.targets} | set(risk.flows)
    return bool({entry.said("flow"), entry.said("switch"), entry.said("subject")} & targets)


def _standing(judgement: Judgement) -> Iterator[str]:
    state = judgement.state
    doing = "paused" if state.paused else "frozen" if state.frozen else "running"
    yield f"{plain(state.plan.phase(state.phase).title)} · {state.phase} % of shoppers, {doing}"
    known = f"{state.flag.percent} % {state.flag.status}" if state.flag.status != "none" else "never moved"
    yield f"Flag {plain(state.plan.flag)}: {known}"
    yield f"{plain(step(judgement))}: {held_by(judgement)}"


def _told(entry: Entry, tz: tzinfo | None) -> str:
    return f"{_when(entry.at, tz)} {plain(entry.text)} (#{entry.seq})"


def _when(at: datetime, tz: tzinfo | None) -> str:
    return f"{at.astimezone(tz):%d %b %H:%M:%S}"
