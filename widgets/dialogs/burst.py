"""Letters that came all at once, from a terminal that does not mark its pastes: ignored, or taken as keys."""

from collections.abc import Sequence
from textwrap import wrap
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType

from sessions.text.clean import clean
from sessions.text.units import counted
from widgets.base.styled import BLANK, HOLD, PLAIN, Line
from widgets.base.view import View
from widgets.dialogs.base import Dialog

_MOST_LINES = 4


class Burst(Dialog[bool]):
    """Answers True where they are keys; enter ignores them, as an end of line in what was pasted would do."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "leave", "Ignore", tooltip="Ignore the letters", id="burst.ignore"),
        Binding("ctrl+t", "take", "Take", tooltip="Take the letters as keys, in order", id="burst.take"),
    ]

    def __init__(self, burst: list[events.Event], view: View) -> None:
        super().__init__("Pasted?", view, self._lines, (("enter", "ignore"), ("ctrl+t", "take as keys")))
        self.burst = burst

    def add(self, burst: list[events.Event]) -> None:
        """Take more of the same paste."""
        self.burst.extend(burst)
        self.show(self._view)

    def action_take(self) -> None:
        """They are keys."""
        self.dismiss(True)

    def _lines(self, _view: View, width: int) -> tuple[Line, ...]:
        text = _text(self.burst)
        count = sum(isinstance(event, events.Key) for event in self.burst)
        rows = wrap(clean(text, 2000), width) or [""]
        more = len(rows) - _MOST_LINES
        return (
            ((f"{count} keys came all at once: pasted, or typed on a slow line?", HOLD),),
            BLANK,
            *(((row, PLAIN),) for row in rows[:_MOST_LINES]),
            *(((f"and {counted(more, 'lines')} more", PLAIN),) for _ in range(more > 0)),
        )


def _text(burst: Sequence[events.Event]) -> str:
    """Return what the letters say, other keys by their names."""
    keys = [event for event in burst if isinstance(event, events.Key)]
    return "".join(key.character if key.is_printable and key.character else f" {key.key} " for key in keys)
