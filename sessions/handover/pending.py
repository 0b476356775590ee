"""What waits for the owner: unfinished moves, holds, due tasks."""

from collections.abc import Iterator

from sessions.alarms.alarms import silent_until, standing
from sessions.gate.gate import WEEK
from sessions.gate.judgement import Judgement
from sessions.gate.week import missed_words
from sessions.gate.wording import standing_of, titled
from sessions.handover.sections import MOST, Row, Tone, Wording, few, row
from sessions.state.pending import revert_owed
from sessions.values.verdicts import Mark

_TONES = {Mark.BREACH: Tone.BAD, Mark.BLIND: Tone.BLIND, Mark.SILENT: Tone.BLIND}
_UNSEEN = (Mark.BLIND, Mark.SILENT)
_FEW = 2


def waiting(judgement: Judgement, say: Wording) -> tuple[Row, ...]:
    """Return what waits for the owner, the most urgent first; what time alone will bring is not among it."""
    return (
        *_alarms(judgement, say),
        *_stopped(judgement, say),
        *_incidents(judgement, say),
        *_gate(judgement),
        *_tasks(judgement, say),
    )


def undone(judgement: Judgement, say: Wording) -> Iterator[Row]:
    """Yield the revert that is not known to be done, with what to do by hand."""
    flag = judgement.state.flag
    if revert_owed(judgement.state):
        since = f" since {say.at(flag.at)}" if flag.at else ""
        yield row("flag", f"REVERT NOT DONE, {flag.status}{since}, wanted {flag.wanted} % · {flag.text}", Tone.BAD)
        yield from (row("by hand", line, Tone.BAD) for line in flag.by_hand)


def earliest(judgement: Judgement, say: Wording) -> str:
    """Say how the gate stands: `to 50 %: open`, `to 50 %: hold, earliest 14:51`, `in the week: not met`."""
    gate, week = judgement.gate, judgement.state.week_at is not None
    head = "in the week" if week else f"to the {gate.goal}" if gate.goal == WEEK else f"to {gate.goal or 'nothing'}"
    if gate.open or not gate.conditions:
        return f"{head}: {standing_of(judgement) if gate.conditions else 'hold, nothing is judged'}"
    when = f"earliest {say.at(gate.earliest)}" if gate.earliest else "no forecast"
    return f"{head}: {standing_of(judgement)}, {when}"


def _alarms(judgement: Judgement, say: Wording) -> tuple[Row, ...]:
    """What stands, the worst first: acknowledged it is silent, and stands all the same."""
    rows = []
    for alarm in standing(judgement)[:MOST]:
        until = silent_until(alarm, judgement.state.quieted, judgement.at)
        silent = f", acknowledged until {say.at(until)}" if until else ""
        rows.append(row("alarm", f"{alarm.text}, since {say.at(alarm.at)}{silent}", Tone.BAD))
    return tuple(rows)


def _stopped(judgement: Judgement, say: Wording) -> Iterator[Row]:
    """What stands still until somebody lets it go on."""
    state = judgement.state
    if state.paused is not None:
        cause = titled(state.plan, state.paused.cause)
        yield row("paused", f"since {say.at(state.paused.at)}: {cause}", Tone.HOLD)
    for flow, at in state.frozen.items():
        yield row("frozen", f"{titled(state.plan, flow)} since {say.at(at)}", Tone.HOLD)


def _incidents(judgement: Judgement, say: Wording) -> tuple[Row, ...]:
    unresolved = [one for one in judgement.state.incidents.values() if one.resolved_at is None]
    texts = [f"{one.severity} {one.title}, open since {say.at(one.opened_at)}" for one in unresolved]
    return few([row("incident", text, Tone.BAD) for text in texts])


def _gate(judgement: Judgement) -> Iterator[Row]:
    """Every condition that time alone does not clear, but for what a row of its own says; many blind ones are one."""
    state, said = judgement.state, {"fuse"}
    if state.paused is not None or state.frozen:
        said.add("running")
    held = [one for one in judgement.gate.blockers if one.eta is None and one.name not in said]
    blind = [one for one in held if one.mark in _UNSEEN]
    if len(blind) > _FEW:
        yield row("blind", f"{', '.join(one.name for one in blind)} · {blind[0].name} {blind[0].text}", Tone.BLIND)
        held = [one for one in held if one not in blind]
    yield from (row(one.name, one.text, _TONES.get(one.mark, Tone.HOLD)) for one in held)


def _tasks(judgement: Judgement, say: Wording) -> Iterator[Row]:
    state = judgement.state
    tasks = state.plan.phase(state.phase).activities
    undone = [task.text for task in tasks if task.id not in state.ticked]
    if undone:
        yield row("tasks", f"{len(undone)} of {len(tasks)} open: {', '.join(undone)}")
    for status, tone in (("overdue", Tone.HOLD), ("due", Tone.PLAIN)):
        chores = [chore for chore in judgement.week if chore.status == status]
        yield from few(
            [row(status, f"day {chore.day}: {chore.text}, {say.at(chore.due_at)}", tone) for chore in chores], 3
        )
    if gone := missed_words(judgement.week):
        yield row("missed", gone)
    follow = [text for task, text in state.opened.items() if task not in state.ticked]
    yield from few([row("follow-up", text) for text in follow])
