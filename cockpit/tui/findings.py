"""What is asked where a tick is not enough: a decision with its reason, feedback with its source and tone."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from sessions.actions.go_or_hold import WORDS
from sessions.actions.oplog import TONES
from sessions.sheets.course import message as drafted
from sessions.values.requests import MOST_TEXT, Act, Request
from sessions.values.sheets import Row
from widgets.base.styled import Line
from widgets.base.view import View
from widgets.dialogs.base import Blank, Fill, required
from widgets.dialogs.choices import Choice, Choose
from widgets.dialogs.compose import Compose

if TYPE_CHECKING:
    from cockpit.tui.prompts import Asker

_MEANS = {
    "go": "to the next phase, by the gate",
    "hold": "stay where we are",
    "revert": "asks nothing of the flag: r does",
}


async def decision(asker: "Asker", task: str, rows: tuple[Row, ...]) -> Request | None:
    """Ask for go, hold or revert, and why."""
    chosen = await asker.put(Choose("Decision", asker.look(), _decisions))
    if chosen is None:
        return None
    filled = await asker.put(
        Fill(f"Decision: {chosen}", asker.look(), _nothing, (Blank("reason", "why, one line", required("The reason")),))
    )
    if filled is None:
        return None
    return Request(Act.DECIDE, subject=task, text=chosen, reason=filled[0], rows=rows, looked=bool(rows))


async def feedback(asker: "Asker") -> Request | None:
    """Ask for a tone, who said it, and the words."""
    tone = await asker.put(Choose("Feedback", asker.look(), _tones))
    if tone is None:
        return None
    blanks = (
        Blank("source", "who said it, or where", required("The source")),
        Blank("words", "what was said, one line", required("The feedback", MOST_TEXT)),
    )
    filled = await asker.put(Fill(f"Feedback, {tone}", asker.look(), _nothing, blanks))
    return Request(Act.FEEDBACK, subject=tone, reason=filled[0], text=filled[1]) if filled else None


async def message(asker: "Asker", task: str, copied: Callable[[str], None]) -> Request | None:
    """Have the message to stakeholders edited; it is kept, or kept and sent."""
    view = asker.look()
    answer = await asker.put(Compose("Message to stakeholders", view, drafted(view.judgement, view.tz), copied))
    if answer is None:
        return None
    what, text = answer
    return Request(Act.MESSAGE, subject=task, text=what, lines=tuple(text.rstrip().splitlines()))


def _decisions(_view: View) -> tuple[Choice, ...]:
    return tuple(Choice(word, word.capitalize(), _MEANS[word]) for word in WORDS)


def _tones(_view: View) -> tuple[Choice, ...]:
    return tuple(Choice(tone, tone.capitalize(), "") for tone in TONES)


def _nothing(_view: View, _width: int) -> tuple[Line, ...]:
    return ()
