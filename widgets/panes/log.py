"""The newest of the ops log, newest first."""

from datetime import date

from sessions.text.units import counted
from sessions.values.entries import Entry
from widgets.base.pane import Pane, Picture
from widgets.base.styled import QUIET, STRONG, Line, joined, length
from widgets.base.target import aimed
from widgets.base.view import View
from widgets.frame.alarms import alarm_mark
from widgets.wording.entries import about, entry_lines, entry_short

DOT = (" · ", QUIET)


class LogPane(Pane):
    """The tail of the log."""

    NAME = "log"

    def __init__(self) -> None:
        super().__init__()
        self._laid: tuple[object, tuple[object, ...], tuple[Line, ...]] | None = None

    @classmethod
    def lines(cls, view: View) -> tuple[int, ...]:
        """Return a few lines: it has what the others leave."""
        del view
        return (4, 8)

    def picture(self, view: View, width: int, height: int) -> Picture:
        """Return as many entries as there is room for, each with all its words; a single line holds the newest."""
        entries = view.state.entries
        if height == 1:
            return Picture((), (_single(view, width),))
        day = bool(entries) and entries[max(0, len(entries) - height)].at.astimezone(view.tz).date() != _today(view)
        asked = (view.tz, width, height, day)
        if self._laid is None or self._laid[0] is not entries or self._laid[1] != asked:
            self._laid = (entries, asked, _rows(view, width, height, day=day))
        rows = self._laid[2]
        foot: Line = ((f"{counted(len(entries), 'entries')} · 4 opens all", QUIET),)
        return Picture(joined(((("Ops log", STRONG),), alarm_mark(view)), DOT), rows or _NOTHING, foot)


_NOTHING: tuple[Line, ...] = ((("Nothing has happened yet", QUIET),),)


def _single(view: View, width: int) -> Line:
    """Return the alarms that ring, then the newest entry."""
    mark: Line = tuple(alarm_mark(view))
    room = width - length(mark) - len(DOT[0])
    if not view.state.entries:
        return joined((mark, _NOTHING[0]), DOT)
    newest = view.state.entries[-1]
    return aimed(about(newest, view.tz), joined((mark, entry_short(newest, view.tz, room)), DOT))


def _rows(view: View, width: int, height: int, *, day: bool) -> tuple[Line, ...]:
    """Return the newest entries; the last one has what is left, and is left out where that cuts its words."""
    rows: list[Line] = []
    for entry in reversed(view.state.entries[-height:]):
        lines = [aimed(about(entry, view.tz), line) for line in entry_lines(entry, view.tz, width, day=day)]
        room = height - len(rows)
        if len(lines) > room:
            rows += _cut(entry, view, width, room, day=day) if not rows else []
            break
        rows += lines
    return tuple(rows)


def _cut(entry: Entry, view: View, width: int, room: int, *, day: bool) -> list[Line]:
    """Return an entry that is longer than the pane: as much as fits, and how many lines more there are."""
    lines = [aimed(about(entry, view.tz), line) for line in entry_lines(entry, view.tz, width, day=day)]
    left = len(lines) - room + 1
    return (
        [*lines[: room - 1], ((f"  +{counted(left, 'lines')} more · 4 opens all", QUIET),)]
        if room > 1
        else lines[:room]
    )


def _today(view: View) -> date:
    return view.now.astimezone(view.tz).date()
