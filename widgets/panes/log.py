"""The newest of the ops log, newest first."""

from widgets.base.pane import Pane, Picture
from widgets.base.styled import QUIET, STRONG, Line, joined
from widgets.base.target import aimed
from widgets.base.view import View
from widgets.frame.alarms import alarm_mark
from widgets.wording.entries import about, entry_line

DOT = (" · ", QUIET)


class LogPane(Pane):
    """The tail of the log."""

    NAME = "log"

    def picture(self, view: View, width: int, height: int) -> Picture:
        """Return as many entries as there are lines."""
        entries = view.state.entries
        day = bool(entries) and entries[max(0, len(entries) - height)].at.astimezone(view.tz).date() != _today(view)
        shown = tuple(reversed(entries[-height:]))
        rows = tuple(aimed(about(entry, view.tz), entry_line(entry, view.tz, width, day=day)) for entry in shown)
        empty: tuple[Line, ...] = ((("Nothing has happened yet", QUIET),),)
        foot: Line = ((f"{len(entries):,} entries · 4 opens all", QUIET),)
        return Picture(joined(((("Ops log", STRONG),), alarm_mark(view)), DOT), rows or empty, foot)


def _today(view: View) -> object:
    return view.now.astimezone(view.tz).date()
