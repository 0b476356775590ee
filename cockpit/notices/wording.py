"""The text of a notice: the phase, what changed and since when, what was done, what to do."""

from collections.abc import Iterator, Mapping
from datetime import tzinfo

from cockpit.notices.notice import Item
from sessions.alarms.alarms import Alarm
from sessions.alarms.stories import Story
from sessions.alarms.undelivered import OVER
from sessions.gate.judgement import Judgement
from sessions.gate.wording import titled
from sessions.state.pending import rest
from sessions.state.reducer import Fuse
from sessions.text.clean import clean
from sessions.text.units import duration, moment
from sessions.values.entries import Entry

ENTRIES: Mapping[str, str] = {"phase.entered": "phase", "report.exported": "report", "message.written": "message"}
"""The event by which each kind of entry is sent."""

_LONGEST = 400
_ASKED: Mapping[str, str] = {
    "fuse": "see that the flag goes back",
    "incident": "resolve it; its gate opens once it is waived with a reason",
    "risk": "do what its runbook says",
    "verdict": "see what changed; the gate holds until it passes",
    "flag": "see who moves the flag; the gate holds until it reads as it should",
    "switch": "set it by hand, or see why the flag's back end refuses",
    "blind": "check that its source runs: what is not measured is not protected",
    "overdue": "do it and write what you found: screen 5, or cockpit task tick",
    "journal": "free disk space for the session file; until then nothing advances",
    "judging": "update the cockpit, or report it; until then nothing advances",
    "watch": "see the output of the watch, or restart it; until then nothing advances",
    "history": "check history.sqlite; charts may have gaps, decisions are not affected",
    "sources": "run `cockpit doctor`: it says what cannot be opened",
}


def head(judgement: Judgement, service: str) -> str:
    """Say the state of the flight: `shop · Phase 2 · 25 %`."""
    plan, percent = judgement.state.plan, judgement.state.phase
    titles = [phase.title for phase in plan.phases if phase.percent == percent]
    return clean(" · ".join([service or plan.title, *titles[:1], f"{percent} %"]), 120)


def of_alarm(judgement: Judgement, alarm: Alarm, tz: tzinfo | None, story: Story | None = None) -> Item:
    """Say what turned, since when, how often where it flaps, what the cockpit did, and what is asked."""
    glyph = "◌" if alarm.id.startswith("blind.") else "◆"
    since = f"since {moment(alarm.at, judgement.at, tz)}"
    if story is not None and story.spells > 1:
        began = moment(story.since, judgement.at, tz)
        since = f"since {moment(story.at, judgement.at, tz)}, {story.spells} times since {began}"
    what = f"{glyph} {alarm.text} · {since}"
    done = ", ".join(_done(judgement, alarm, tz))
    lines = (what, f"Done: {done}", f"Asked: {_asked(judgement, alarm, tz)}")
    return Item("alarms", alarm.parts, _cleaned(*lines), alarm.at, alarm.urgent)


def of_end(judgement: Judgement, story: Story, tz: tzinfo | None) -> Item:
    """Say that something is over, how long it lasted, and how often it came if it flapped."""
    over_at = story.over_at or judgement.at
    often = f", {story.spells} times" if story.spells > 1 else ""
    span = f"{moment(story.since, judgement.at, tz)} to {moment(over_at, judgement.at, tz)}"
    ids = tuple(f"{OVER}{part}" for part in story.alarm.parts)
    return Item("alarms", ids, _cleaned(f"● over: {story.alarm.text} · {span}{often}"), over_at)


def is_told(entry: Entry) -> bool:
    """Whether an entry is sent to anybody: a message only if the owner sends it."""
    return entry.kind in ENTRIES and entry.facts.get("send", True) is True


def of_entry(judgement: Judgement, entry: Entry, tz: tzinfo | None) -> Item:
    """Say what was done and when; also by whom, if not by the watch."""
    by, event = "" if entry.by == "watch" else f" (by {entry.by})", ENTRIES[entry.kind]
    when = moment(entry.at, judgement.at, tz)
    if event == "message":
        return Item(
            event, (f"{event}.{entry.seq}",), _cleaned(*entry.listed("lines"), f"{by.strip(' ()')} · {when}"), entry.at
        )
    return Item(event, (f"{event}.{entry.seq}",), _cleaned(f"{entry.text}{by} · {when}"), entry.at)


def of_gate(judgement: Judgement) -> Item:
    """Say that the gate is open."""
    gate = judgement.gate
    count, week = len(gate.conditions), judgement.state.week_at is not None
    what = "the conditions in the week are met" if week else f"gate to {gate.goal} is open"
    asked = () if week else ("Asked: advance when you are ready",)
    return Item("gate", ("gate",), _cleaned(f"● {what}: {count} of {count} conditions pass", *asked), judgement.at)


def _done(judgement: Judgement, alarm: Alarm, tz: tzinfo | None) -> Iterator[str]:
    """Yield what the cockpit did, or keeps from happening."""
    state = judgement.state
    if state.paused:
        yield "paused" if state.paused.by == "watch" else f"paused by {state.paused.by}"
    if fuse := _fuse(judgement):
        late = judgement.at - fuse.deadline
        when = moment(fuse.deadline, judgement.at, tz)
        yield f"fuse overdue by {duration(late.total_seconds())}" if late.total_seconds() >= 0 else f"fuse until {when}"
    if state.frozen:
        yield f"frozen: {', '.join(titled(state.plan, flow) for flow in state.frozen)}"
    if alarm.id == "revert":
        yield f"tried again every {duration(rest(state.plan))}"
    if not judgement.gate.open:
        yield "the gate holds"


def _asked(judgement: Judgement, alarm: Alarm, tz: tzinfo | None) -> str:
    kind = alarm.id.partition(".")[0]
    if kind == "revert":
        return f"set the flag to {judgement.state.flag.wanted} % by hand; the cockpit shows how"
    fuse = _fuse(judgement)
    if kind == "fuse" and fuse is not None:
        return _or_else(judgement, fuse, tz)
    return _ASKED.get(kind, "look at it")


def _or_else(judgement: Judgement, fuse: Fuse, tz: tzinfo | None) -> str:
    """Say what happens at a fuse's zero."""
    plan, phase = judgement.state.plan, judgement.state.phase
    reverts = any(risk.id == fuse.risk and risk.at_zero == "revert" for risk in plan.risks)
    then = f"the flag goes back to {plan.before(phase).percent} %" if reverts else "you are asked to decide"
    when = (
        f"at {moment(fuse.deadline, judgement.at, tz)}" if fuse.deadline > judgement.at else "once it is measured again"
    )
    return f"resolve it, or defuse it with a reason; {when} {then}"


def _fuse(judgement: Judgement) -> Fuse | None:
    alight = [fuse for fuse in judgement.state.fuses.values() if not fuse.blown]
    return min(alight, key=lambda fuse: fuse.deadline, default=None)


def _cleaned(*lines: str) -> tuple[str, ...]:
    return tuple(clean(line, _LONGEST) for line in lines)
