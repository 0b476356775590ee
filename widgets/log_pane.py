"""The newest of the ops log, newest first."""

from widgets.alarm_mark import alarm_mark
from widgets.entry_words import entry_line
from widgets.ink import QUIET, STRONG, Line, joined
from widgets.pane import Pane, Picture
from widgets.view import View

DOT = (" · ", QUIET)


class LogPane(Pane):
    """The tail of the log."""

    NAME = "log"

    def picture(self, view: View, width: int, height: int) -> Picture:
        """Return as many entries as there are lines."""
        entries = view.state.entries
        day = bool(entries) and entries[max(0, len(entries) - height)].at.astimezone(view.tz).date() != _today(view)
        rows = tuple(entry_line(entry, view.tz, width, day=day) for entry in reversed(entries[-height:]))
        empty: tuple[Line, ...] = ((("Nothing has happened yet", QUIET),),)
        foot: Line = ((f"{len(entries):,} entries · 4 opens all", QUIET),)
        return Picture(joined(((("Ops log", STRONG),), alarm_mark(view)), DOT), rows or empty, foot)


def _today(view: View) -> object:
    return view.now.astimezone(view.tz).date()
