"""The next thing to do, in one line: the gate's first line in every phase, with the key that does it."""

from collections.abc import Iterator, Mapping

from msgspec import Struct

from sessions.gate.judgement import Chore, ChoreStatus, Condition
from sessions.gate.week import missed, todays
from sessions.gate.wording import titled
from sessions.state.pending import at_hand, revert_owed
from sessions.text.units import counted, duration, moment
from sessions.values.verdicts import Mark
from widgets.base.styled import BLANK, LEAD, QUIET, STRONG, Line, fit, wide
from widgets.base.view import View, unasked

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_DARK = (Mark.BLIND, Mark.SILENT)


class Step(Struct, frozen=True):
    """What to do next: the act by its id in the keymap and its usual key, the words, and shorter ones.

    Without a key there is nothing to press: it is waited.
    """

    words: str
    short: str = ""
    act: str = ""
    key: str = ""


def next_step(view: View) -> Step:
    """Return the next thing to do; what protects comes first."""
    return next(_steps(view))


def step_line(view: View, width: int) -> Line:
    """Return `▶ press t: confirm three assumptions` in `width` cells; empty where nothing can be asked."""
    if not view.state.whole:
        return BLANK
    step = next_step(view)
    head: Line = (("▶ ", LEAD),)
    if view.viewer and step.key:
        step = Step(f"the owner: {step.short or step.words}", step.short or step.words)
    if step.key:
        key = view.keys.get(step.act, step.key)
        head = (*head, ("press ", STRONG), (key, f"bold {LEAD}"), (": ", STRONG))
    room = width - sum(wide(text) for text, _ in head)
    words = step.words if wide(step.words) <= room else step.short or step.words
    return (*head, fit(words, room, STRONG if step.key else QUIET))


def _steps(view: View) -> Iterator[Step]:
    yield from _protecting(view)
    yield from _standing_still(view)
    yield from _in_the_week(view)
    gate = view.judgement.gate
    if gate.open and gate.percent is not None:
        yield Step(f"go to {gate.goal}", act="rollout.advance", key="a")
    elif gate.open and view.state.week_at is None:
        yield Step("begin the 7-day plan", act="rollout.advance", key="a")
    yield from _missing(view)
    yield Step("nothing to do, all conditions are met" if gate.open else "wait: nothing is judged yet")


def _protecting(view: View) -> Iterator[Step]:
    """What cannot wait: a revert that is owed, a fuse."""
    state = view.state
    if state.concluded_at is not None:
        yield Step("nothing to do: the session is concluded", "the session is concluded")
    if revert_owed(state):
        yield Step("revert again, the last one is not done", "revert again", "rollout.revert", "r")
    if any(not fuse.blown for fuse in state.fuses.values()):
        words = "repair it, then defuse it"
        yield Step(
            f"see what burns; repair it, or {view.keys.get('rollout.revert', 'r')} reverts", words, "screen.risks", "3"
        )


def _standing_still(view: View) -> Iterator[Step]:
    """What nobody but a person takes back, and what must be there before anything can be judged."""
    state = view.state
    if state.paused is not None:
        span = duration((view.now - state.paused.at).total_seconds())
        yield Step(f"resume, it has been paused for {span}", f"resume, paused for {span}", "rollout.resume", "space")
    if state.frozen:
        flows = ", ".join(titled(state.plan, flow).lower() for flow in state.frozen)
        yield Step(f"thaw {flows} once it is safe", f"thaw {flows}", "rollout.freeze", "f")
    if not state.watching:
        yield Step("nobody watches: run `cockpit open`", "nobody watches it")
    waiting = unasked(view)
    if waiting and not any(row.mark is Mark.BREACH for row in view.judgement.gate.conditions):
        yield Step(f"wait: asking for {counted(len(waiting), 'kinds')} of data", "wait: asking the sources")


def _missing(view: View) -> Iterator[Step]:
    """What holds the gate: the worst first, then what the owner does, then what time does."""
    rows = view.judgement.gate.blockers
    for row in (row for row in rows if row.mark is Mark.BREACH):
        yield _look(view, row)
    for row in (row for row in rows if row.mark in _DARK):
        yield _look(view, row)
    yield from _tasks(view)
    yield from _waiting(view, rows)


def _look(view: View, row: Condition) -> Step:
    """Say where to look at a condition that time alone will not mend."""
    if row.name == "incidents" and row.mark is Mark.BREACH:
        return Step("resolve the incident", act="log.incident", key="i")
    if row.name == "risks":
        return Step("see which risk acts, and its steps", "see which risk acts", "screen.risks", "3")
    if row.name in ("latency", "errors", "analytics", "growth", "incidents"):
        seen = "breaches its bound" if row.mark is Mark.BREACH else "is not measured"
        return Step(f"see why {row.name} {seen}", f"see {row.name}", "screen.detail", "2")
    words, few = _REMEDIES.get(row.name, (f"{row.name}: {row.text}", f"see {row.name}"))
    revert, waive = view.keys.get("rollout.revert", "r"), view.keys.get("rollout.waive", "w")
    return Step(words.format(revert=revert, waive=waive) if row.name in _REMEDIES else words, few)


_REMEDIES: Mapping[str, tuple[str, str]] = {
    "journal": ("free disk space, or repair the rights of the session's folder", "free disk space"),
    "flag": ("set the flag by hand to this phase, or press {revert} to revert", "set the flag by hand"),
    "sources": ("run `cockpit doctor`: it says why sources do not answer", "run `cockpit doctor`"),
    "exposure": ("compare the flag with who has it, or press {waive} to waive", "compare flag and users"),
}
"""What to do about a condition that needs more than one key, in full and in few words."""


def _tasks(view: View) -> Iterator[Step]:
    """What the owner still has to tick."""
    state = view.state
    tasks = [*(task.id for task in state.plan.phase(state.phase).activities), *at_hand(state)]
    left = sum(task not in state.ticked for task in tasks)
    if not left:
        return
    number = _NUMBERS[left] if left < len(_NUMBERS) else str(left)
    noun = ("assumption" if state.phase == 0 else "task") + ("" if left == 1 else "s")
    yield Step(f"{'confirm' if state.phase == 0 else 'do and tick'} {number} {noun}", act="log.tasks", key="t")


def _waiting(view: View, rows: tuple[Condition, ...]) -> Iterator[Step]:
    """The step for conditions that only need time, with its end if known."""
    names = ", ".join(row.name for row in rows)
    at = view.judgement.gate.earliest
    if rows and at is not None and at > view.now:
        yield Step(
            f"wait until {moment(at, view.now, view.tz)}: {names}", f"wait until {moment(at, view.now, view.tz)}"
        )
    if rows:
        yield Step(f"wait for {names}", f"wait for {rows[0].name}")


def _in_the_week(view: View) -> Iterator[Step]:
    """The tasks of the week: what is late or due, then when the next one is."""
    week = view.judgement.week
    if not week:
        return
    today = todays(week, view.now)
    now = [chore for chore in today if chore.status in (ChoreStatus.OVERDUE, ChoreStatus.DUE)]
    if now:
        yield _chore(now[0])
    if gone := missed(week):
        yield Step(
            f"catch up on {counted(len(gone), 'tasks')} of earlier days", "catch up on missed tasks", "log.tasks", "t"
        )
    if any(row.mark is Mark.BREACH for row in view.judgement.gate.blockers):
        return
    later = [chore for chore in week if chore.status is ChoreStatus.LATER]
    if later:
        when = moment(later[0].due_at, view.now, view.tz)
        yield Step(f"nothing to do until {when}", f"wait until {when}")
    if all(chore.status is ChoreStatus.DONE for chore in week):
        yield Step("conclude, the week is done", "conclude", "rollout.conclude", "C")


def _chore(chore: Chore) -> Step:
    name = chore.task.replace("_", " ") or chore.text
    return Step(f"do day {chore.day}'s {name} task, {chore.status}", f"do the {name} task", "log.tasks", "t")
