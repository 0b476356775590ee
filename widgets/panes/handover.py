"""The hand-over on the deck: what happened while nobody looked, over the log, until it is closed.

It is no dialog: the acts go on meaning what they mean, so that a key that was meant for the deck does what the owner
meant; only `enter`, `escape` and the arrows, which mean nothing on the deck, are its own. The header and its fuse stay
above it.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import ClassVar

from textual.binding import Binding, BindingType

from sessions.gate.judgement import Judgement
from sessions.handover.handover import Absence, Handover, handover
from sessions.handover.sections import Row, Section, Tone
from sessions.text.units import counted
from widgets.base.pane import Pane, Picture
from widgets.base.styled import BAD, BLANK, BLIND, GOOD, HOLD, LEAD, PLAIN, QUIET, STRONG, Bit, Line, fit, length
from widgets.base.view import View
from widgets.wording.rows import told_in

TONES: Mapping[Tone, Bit] = {
    Tone.PLAIN: (" ", PLAIN),
    Tone.GOOD: ("●", GOOD),
    Tone.HOLD: ("▲", HOLD),
    Tone.BAD: ("◆", BAD),
    Tone.BLIND: ("◌", BLIND),
}
WIDE = 100
"""Cells from which on titles stand beside their rows instead of above them."""
_FRAME, _SIDES = 2, 4
_MOST_TOLD = 6
"""Lines of one row at most."""
_ABOVE = 3
"""Lines of header and phases that stay in sight."""


class HandoverPane(Pane):
    """What happened since the owner left; hidden until there is something to tell."""

    NAME = "handover"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter,escape", "close", "Close", tooltip="Close the hand-over", id="handover.close", key_display="enter"
        ),
        Binding("up", "roll(-1)", "Up", tooltip="Roll up", id="handover.up", show=False),
        Binding("down", "roll(1)", "Down", tooltip="Roll down", id="handover.down", show=False),
        Binding("pageup", "roll(-10)", "Page up", tooltip="Roll a page up", id="handover.pageup", show=False),
        Binding("pagedown", "roll(10)", "Page down", tooltip="Roll a page down", id="handover.pagedown", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._absence: Absence | None = None
        self._told: tuple[Judgement, Handover] | None = None
        self._laid: tuple[Handover, int, int, tuple[Line, ...]] | None = None
        self._top = self._high = 0

    def tell(self, absence: Absence) -> None:
        """Open and show an absence; it updates like every pane."""
        self._absence, self._told, self._top, self._high = absence, None, 0, 0
        self.can_focus = True
        self.add_class("-told")
        self._draw()
        self.focus()

    def picture(self, view: View, width: int, height: int) -> Picture:
        """Return as many of its lines as fit, from where it was rolled to."""
        told = self._handed(view)
        if told is None:
            return Picture(BLANK, ())
        lines = self._lines(view, width)
        self._top = max(0, min(self._top, len(lines) - height))
        below = len(lines) - self._top - height
        foot: Line = (("enter", f"bold {LEAD}"), (" closes", QUIET))
        if self._top or below > 0:
            foot = (("↑↓", f"bold {LEAD}"), (f" {counted(max(0, below), 'more lines')}  ", QUIET), *foot)
        title = told.headline[:1].upper() + told.headline[1:]
        return Picture(((title, STRONG),), lines[self._top : self._top + height], foot, "-lead")

    def action_close(self) -> None:
        """Close it; the same absence is not told again."""
        self._absence = self._told = None
        self.blur()
        self.can_focus = False
        self.remove_class("-told")

    def action_roll(self, lines: int) -> None:
        """Roll the lines."""
        self._top = max(0, self._top + lines)
        self._draw()

    def _draw(self) -> None:
        """Draw in the lines that it has; more of them come after what else is painted now.

        Another height lays the whole screen out anew, and what is told here is past: what a key does is seen first.
        """
        if self._absence is None or self._view is None or not self.is_attached:  # one that leaves has no screen
            return
        if self._high and self._high != self._wanted(self._view):
            self.call_after_refresh(self._grow)
        else:
            self._grow()

    def _grow(self) -> None:
        if self._absence is not None and self._view is not None and self.is_attached:
            high = self._wanted(self._view)
            if high != self._high:
                self._high = high
                self.styles.height = high
            super()._draw()

    def _wanted(self, view: View) -> int:
        """Return as many lines as there are to tell, from below: what is newest in the log stays in sight longest."""
        size = self.screen.size
        try:
            lines = len(self._lines(view, size.width - _SIDES))
        except Exception:  # noqa: BLE001 - the picture says what is wrong with it
            lines = _FRAME
        return min(lines + _FRAME, max(_FRAME + 1, size.height - _ABOVE))

    def _lines(self, view: View, width: int) -> tuple[Line, ...]:
        told, room = self._handed(view), self.screen.size.height // 2
        if told is None:
            return ()
        if self._laid is None or self._laid[0] is not told or self._laid[1:3] != (width, room):
            self._laid = (told, width, room, handover_lines(told, width, room))
        return self._laid[3]

    def _handed(self, view: View) -> Handover | None:
        """The hand-over of the newest judgement, made once."""
        if self._absence is None:
            return None
        if self._told is None or self._told[0] is not view.judgement:
            self._told = (view.judgement, handover(view.judgement, self._absence, view.tz))
        return self._told[1]


def handover_lines(told: Handover, width: int, room: int) -> tuple[Line, ...]:
    """Return the lines; sections stand apart where all of it then fits into `room` lines."""
    parts = [_laid(part, told.columns, width) for part in told.sections]
    apart = sum(len(part) + 1 for part in parts) <= room
    return tuple(line for number, part in enumerate(parts) for line in (*([BLANK] if apart and number else []), *part))


@lru_cache(64)
def _laid(part: Section, columns: tuple[int, int], width: int) -> tuple[Line, ...]:
    """Of several sections one or two go on with the time."""
    return tuple(_section(part, columns, width))


def _section(part: Section, columns: tuple[int, int], width: int) -> Iterator[Line]:
    (titles, what), beside = columns, width >= WIDE
    if not beside:
        yield ((part.title, STRONG),)
    for number, row in enumerate(part.rows):
        title = (fit(part.title if number == 0 else "", titles, STRONG), ("  ", PLAIN)) if beside else ()
        yield from _row(row, what, title, width)


def _row(row: Row, what: int, title: Line, width: int) -> Iterator[Line]:
    """Yield a row with all its words: what does not fit goes on below them."""
    glyph, style = TONES[row.tone]
    about = (fit(row.what, what, style or QUIET), ("  ", PLAIN)) if row.what else ()
    head: Line = (*title, (glyph, style), (" ", PLAIN), *about)
    start = length(head)
    for number, text in enumerate(told_in(row.text, width - start, _MOST_TOLD)):
        yield (*(head if not number else ((" " * start, PLAIN),)), (text, PLAIN))
