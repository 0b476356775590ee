"""The conversations: what is asked of the owner before an act is asked of the Watch; each ends in a request or none."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol, TypeVar

from textual.screen import ModalScreen

from cockpit.tui.findings import decision, feedback
from sessions.actions.concluding import undone
from sessions.actions.rollout import blast, no_next
from sessions.gate.judgement import Judgement
from sessions.plan.model import Step
from sessions.state.measures import unsaid
from sessions.text.clean import clean
from sessions.values.percent import Percent
from sessions.values.requests import MOST_TEXT, Act, Request
from widgets.base.styled import BLANK, GOOD, HOLD, PLAIN, QUIET, STRONG, Bit, Line
from widgets.base.view import View
from widgets.dialogs.base import Blank, Confirm, Fill, required
from widgets.dialogs.choices import Checks, Choice, Choose, TickList
from widgets.dialogs.tasks import run_lines, task_rows
from widgets.frame.header import burning
from widgets.panes.gate import condition_line
from widgets.wording.gate import gate_word

T = TypeVar("T")


class Asker(Protocol):
    """Who can be asked: the view of the moment, and a way to put a dialog to the owner and wait."""

    def look(self) -> View:
        """Return the view of this moment."""
        ...

    async def put(self, dialog: ModalScreen[T]) -> T | None:
        """Show the dialog and return its answer, None when it was left."""
        ...

    def send(self, request: Request) -> None:
        """Ask the Watch for an act while the conversation goes on."""
        ...

    def say(self, text: str, *, ok: bool = True) -> None:
        """Say one line in the place of answers."""
        ...

    def open_sheet(self, task: str) -> None:
        """Show the sheet of a task or a runbook step."""
        ...


Asked = Callable[[Asker], Awaitable[Request | None]]


def changes(judgement: Judgement, percent: Percent) -> tuple[Line, ...]:
    """Return what moving the flag to `percent` changes, a line each."""
    return (BLANK, (("What changes", STRONG),), *((("  " + line, PLAIN),) for line in blast(judgement, percent)))


def _conditions(view: View, width: int) -> tuple[Line, ...]:
    rows = view.judgement.gate.conditions
    names = max((len(row.name) for row in rows), default=0)
    return tuple(condition_line(view, row, names, width) for row in rows)


async def advance(asker: Asker) -> Request | None:
    """Ask for the advance: confirm an open gate, overrule a held one with its percentage and a reason.

    Where there is nowhere to go to nothing is asked: the answer says so.
    """
    judgement = asker.look().judgement
    gate = judgement.gate
    if no_next(judgement):
        return Request(Act.ADVANCE)
    return await (_confirm_advance(asker) if gate.open else _override(asker))


async def _confirm_advance(asker: Asker) -> Request | None:
    gate = asker.look().judgement.gate

    def body(view: View, width: int) -> tuple[Line, ...]:
        now = view.judgement.gate
        word = ("Every condition passes.", GOOD) if now.open else ("The gate holds again.", QUIET)
        after = changes(view.judgement, gate.percent) if gate.percent is not None else ()
        return ((word,), BLANK, *_conditions(view, width), *after)

    yes = await asker.put(Confirm(f"Advance to {gate.goal}", asker.look(), body, "advance"))
    return Request(Act.ADVANCE, percent=gate.percent) if yes else None


async def _override(asker: Asker) -> Request | None:
    gate = asker.look().judgement.gate
    wanted = str(gate.percent) if gate.percent is not None else "7"

    def body(view: View, width: int) -> tuple[Line, ...]:
        now = view.judgement.gate
        held = len(now.blockers)
        word: Bit = (
            ("The gate has opened meanwhile: press escape, then advance without a reason.", f"bold {GOOD}")
            if now.open
            else (
                f"The gate holds: {held} of {len(now.conditions)} conditions {'does' if held == 1 else 'do'} not pass.",
                gate_word(view)[1],
            )
        )
        rows: tuple[Line, ...] = ((word,), BLANK, *_conditions(view, width))
        after = changes(view.judgement, gate.percent) if gate.percent is not None else ()
        ask = f"To overrule it type {wanted} and a reason; escape leaves."
        return (*rows, *after, BLANK, ((ask, QUIET),))

    typed = Blank("percent", f"{wanted} to go on", lambda text: "" if text.strip(" %") == wanted else f"type {wanted}")
    reason = Blank("reason", "reason, one line", required("The reason"))
    filled = await asker.put(Fill(f"Gate to {gate.goal}", asker.look(), body, (typed, reason)))
    if filled is None:
        return None
    return Request(Act.ADVANCE, percent=gate.percent, reason=filled[1], override=True)


async def revert(asker: Asker) -> Request | None:
    """Ask once, with what it changes: protection is cheap."""
    state = asker.look().state
    back = state.plan.before(state.phase)

    def body(view: View, width: int) -> tuple[Line, ...]:
        del width
        return changes(view.judgement, back.percent)[1:]

    yes = await asker.put(Confirm(f"Revert to {back.percent} %", asker.look(), body, "revert"))
    return Request(Act.REVERT, percent=back.percent) if yes else None


async def freeze(asker: Asker) -> Request | None:
    """Freeze or thaw one flow; with a single flow nothing is asked."""

    def rows(view: View) -> tuple[Choice, ...]:
        frozen = view.state.frozen
        return tuple(
            Choice(flow.id, f"{'Thaw' if flow.id in frozen else 'Freeze'} {clean(flow.title, 40).lower()}", flow.flag)
            for flow in view.plan.flows
        )

    flows = rows(asker.look())
    chosen: str | None = flows[0].id if len(flows) == 1 else None
    if len(flows) > 1:
        chosen = await asker.put(Choose("Freeze or thaw", asker.look(), rows))
    if chosen is None:
        return None
    return await _thaw(asker, chosen) if chosen in asker.look().state.frozen else Request(Act.FREEZE, subject=chosen)


async def _thaw(asker: Asker, *flows: str) -> Request | None:
    reason = await _may_thaw(asker, flows)
    if reason is None:
        return None
    for flow in flows[:-1]:
        asker.send(Request(Act.THAW, subject=flow, reason=reason))
    return Request(Act.THAW, subject=flows[-1], reason=reason)


async def _may_thaw(asker: Asker, flows: tuple[str, ...]) -> str | None:
    """Ask for what is to be said before a thaw: it is said now, or a reason is given; return that, None to leave."""
    state = asker.look().state
    owed = tuple(dict.fromkeys(item for flow in flows for item in unsaid(state, flow)))
    if not owed:
        return ""
    words = ", ".join(clean(step.text, 40) for _, step in owed)

    def rows(_view: View) -> tuple[Choice, ...]:
        return (
            Choice("said", f"{words}: say so, and thaw", ""),
            Choice("thaw", "Thaw without it", "asks for a reason"),
        )

    chosen = await asker.put(Choose(f"{words}?", asker.look(), rows))
    if chosen == "said":
        for risk, step in owed:
            asker.send(Request(Act.STEP, subject=f"{risk.id}.{step.id}"))
        return ""
    return await one_line(asker, "Thaw", "reason, one line", required("The reason")) if chosen else None


async def one_line(
    asker: Asker, title: str, hint: str, wrong: Callable[[str], str], body: tuple[Line, ...] = ()
) -> str | None:
    """Ask for one line that nothing is wrong with; None when it was left."""
    blank = Blank("text", hint, wrong)
    filled = await asker.put(Fill(title, asker.look(), lambda _view, _width: body, (blank,)))
    return filled[0] if filled else None


async def note(asker: Asker) -> Request | None:
    """Ask for one line."""
    text = await one_line(asker, "Note", "what happened", required("The note", MOST_TEXT))
    return Request(Act.NOTE, text=text) if text else None


SEVERITIES = {"P0": "holds the gate", "P1": "holds the gate", "P2": "", "P3": ""}
"""What an incident may be opened as, with what that does. No incident's id is one of them."""


async def incident(asker: Asker) -> Request | None:
    """Open an incident with severity and title, or resolve an open one."""
    new = tuple(Choice(level, f"Open {level}", note) for level, note in SEVERITIES.items())

    def rows(view: View) -> tuple[Choice, ...]:
        still = [one for one in view.state.incidents.values() if one.resolved_at is None]
        old = (Choice(one.id, f"Resolve {one.severity} {one.title}", view.time(one.opened_at)) for one in still)
        return (*new, *old)

    chosen = await asker.put(Choose("Incident", asker.look(), rows))
    if chosen is None:
        return None
    if chosen not in SEVERITIES:
        return Request(Act.RESOLVE_INCIDENT, subject=chosen)
    title = await one_line(asker, f"{chosen} incident", "title, one line", required("The title", MOST_TEXT))
    return Request(Act.OPEN_INCIDENT, subject=chosen, text=title) if title else None


async def tasks(asker: Asker) -> Request | None:
    """Show today's tasks and the phase's activities; every tick, and every run, is an act of its own.

    A line with a sheet opens it; it is ticked there, or here with nothing looked at. The line that counts the missed
    tasks opens, and closes again.
    """
    whole = False

    def rows(view: View) -> tuple[Choice, ...]:
        return task_rows(view, whole=whole)

    def ticked(choice: Choice) -> None:
        nonlocal whole
        if choice.ticked is None:
            whole = not whole
            return
        asker.send(Request(Act.UNTICK if choice.ticked else Act.TICK, subject=choice.id))

    def run(choice: Choice) -> None:
        asker.send(Request(Act.RUN, subject=choice.id))

    chosen = await asker.put(TickList("Tasks", asker.look(), rows, ticked, Checks(run, run_lines)))
    if chosen is not None:
        asker.open_sheet(chosen)
    return None


async def waive(asker: Asker) -> Request | None:
    """Choose what does not pass, and say why it may be overruled."""

    def rows(view: View) -> tuple[Choice, ...]:
        return tuple(
            Choice(name, f"{name.capitalize()} {verdict.mark.value}", verdict.text)
            for name, verdict in view.judgement.verdicts.items()
            if verdict.mark.value != "pass"
        )

    if not rows(asker.look()):
        asker.say("w: every criterion passes, there is nothing to waive", ok=False)
        return None
    chosen = await asker.put(Choose("Waive for this phase", asker.look(), rows))
    return await waive_for(asker, chosen) if chosen else None


async def waive_for(asker: Asker, criterion: str) -> Request | None:
    """Ask why one criterion may be overruled."""
    reason = await one_line(asker, f"Waive {criterion}", "reason, one line", required("The reason"))
    return Request(Act.WAIVE, subject=criterion, reason=reason) if reason else None


async def defuse(asker: Asker) -> Request | None:
    """Ask why the fuse that ends first may be put out."""
    fuse = burning(asker.look())
    if fuse is None:
        return None
    then = "At zero the rollout reverts, as long as a cockpit watches."
    body: tuple[Line, ...] = (((fuse.text, STRONG),), ((then, QUIET),))
    reason = await one_line(asker, "Defuse", "reason, one line", required("The reason"), body)
    return Request(Act.DEFUSE, subject=fuse.risk, reason=reason) if reason else None


async def extend(asker: Asker) -> Request | None:
    """Give the fuse that ends first more time."""
    fuse = burning(asker.look())
    return Request(Act.EXTEND, subject=fuse.risk) if fuse else None


def step_request(risk: str, step: Step) -> Asked:
    """Return the conversation about a runbook step: one that is a look opens its sheet, one that overrules asks why."""

    async def ask(asker: Asker) -> Request | None:
        subject, frozen = f"{risk}.{step.id}", asker.look().state.frozen
        if step.effect == "record" and step.sheet:
            asker.open_sheet(subject)
            return None
        if step.effect == "freeze" and all(flow in frozen for flow in step.targets):
            return await _thaw(asker, *step.targets)
        if step.effect != "waive":
            return Request(Act.STEP, subject=subject)
        reason = await one_line(asker, clean(step.text, 60), "reason, one line", required("The reason"))
        return Request(Act.STEP, subject=subject, reason=reason) if reason else None

    return ask


async def decide(asker: Asker) -> Request | None:
    """Ask for a decision, for any task that wants one."""
    return await decision(asker, "", ())


async def conclude(asker: Asker) -> Request | None:
    """Ask once, with what is not done yet; where that is anything the answer is the refusal."""

    def body(view: View, width: int) -> tuple[Line, ...]:
        del width
        left = [(f"  ▲ {line}", HOLD) for line in undone(view.judgement)]
        head = ("Not everything is done:", HOLD) if left else ("Everything is done.", GOOD)
        then = "After that nothing is judged. Notes, reports and a revert are still possible."
        return ((head,), *((line,) for line in left), BLANK, ((then, QUIET),))

    yes = await asker.put(Confirm("Conclude the session", asker.look(), body, "conclude"))
    return Request(Act.CONCLUDE) if yes else None


ASKS: Mapping[str, Asked] = {
    "advance": advance,
    "revert": revert,
    "freeze": freeze,
    "note": note,
    "incident": incident,
    "tasks": tasks,
    "waive": waive,
    "extend": extend,
    "defuse": defuse,
    "decide": decide,
    "feedback": feedback,
    "conclude": conclude,
}
