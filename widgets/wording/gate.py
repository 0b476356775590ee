"""What a gate means, in a word and a colour: one that only waits is calm."""

from sessions.gate.judgement import ChoreStatus, Condition
from sessions.gate.wording import short
from sessions.values.verdicts import Level, Mark
from widgets.base.meanings import Meaning, colour
from widgets.base.styled import Bit
from widgets.base.symbols import DIM
from widgets.base.view import View

_SIGNS = {Meaning.HARM: "◆", Meaning.UNKNOWN: "◌", Meaning.LOOK: "▲", Meaning.CALM: "…", Meaning.PROVED: "●"}


def meant(view: View) -> Meaning:
    """Return what the gate means: it is open, a breach, unknown, somebody is late or paused it, or it only waits."""
    gate = view.judgement.gate
    if gate.open:
        return Meaning.PROVED
    found = {meant_by(view, row) for row in gate.blockers}
    late = any(chore.status in (ChoreStatus.OVERDUE, ChoreStatus.MISSED) for chore in view.judgement.week)
    found |= {Meaning.LOOK} if late else set()
    worst = (Meaning.HARM, Meaning.UNKNOWN, Meaning.LOOK)
    return next((meaning for meaning in worst if meaning in found), Meaning.CALM)


def meant_by(view: View, condition: Condition) -> Meaning:
    """Return what a condition means: a pause or a freeze is a person's or a measure's, and no breach."""
    if condition.name == "running" and condition.mark is Mark.BREACH and (view.state.paused or view.state.frozen):
        return Meaning.LOOK
    if condition.mark in DIM:
        return Meaning.UNKNOWN
    return Meaning.HARM if condition.mark is Mark.BREACH else Meaning.CALM


def gate_word(view: View) -> Bit:
    """Return whether the gate is open, coloured by why it holds: one that only waits is calm."""
    meaning = meant(view)
    week = view.state.week_at is not None
    word = ("MET" if week else "OPEN") if meaning is Meaning.PROVED else "NOT MET" if week else "HOLD"
    tone = colour(meaning)
    return (f"{_SIGNS[meaning]} {word}", tone if meaning is Meaning.CALM else f"bold {tone}")


def words_of(view: View, condition: Condition) -> tuple[str, ...]:
    """Return what a condition says, and the same in fewer words, each of them whole: the first that fits is shown."""
    text = condition.text
    if condition.name == "risks":
        return (text, *_risks(view, text))
    return (text, short(text)) if short(text) != text else (text,)


def _risks(view: View, text: str) -> tuple[str, ...]:
    """Say how many risks hold, and name as many as fit: their values stand beside them."""
    parts = text.split(", ")
    held = [risk for risk in view.plan.risks if any(part.startswith(f"{risk.title} ") for part in parts)]
    if len(held) < 2:
        return ()
    acting = all(view.judgement.risks[risk.id].level is Level.ACT for risk in held if risk.id in view.judgement.risks)
    head, names = f"{len(held)} {'act' if acting else 'hold'}", [risk.title for risk in held]
    fewer = [f"{head}: {', '.join(names[:count])} +{len(names) - count}" for count in range(len(names) - 1, 0, -1)]
    return (f"{head}: {', '.join(names)}", *fewer, head)
