"""One task of the week, opened: where it stands, what was found, and its numbers."""

from collections.abc import Iterator
from textwrap import wrap

from sessions.gate.judgement import Chore, ChoreStatus
from sessions.gate.week import due_words
from sessions.state.model import Tick
from sessions.text.clean import clean
from sessions.text.units import counted
from sessions.values.sheets import Section, Sheet
from widgets.base.pane import Pane, Picture
from widgets.base.styled import BLANK, BLIND, LEAD, PLAIN, QUIET, STRONG, Line, fit
from widgets.base.symbols import CHORES, RUNNING
from widgets.base.view import View
from widgets.detail.rows import lay
from widgets.detail.week_grid import day_words


class WeekCell(Pane):
    """The numbers of the task that is open, and the finding once it is done."""

    NAME = "cell"

    def __init__(self) -> None:
        super().__init__()
        self.opened = ""
        self.sheet: Sheet | None = None
        self.busy = False
        self.trouble = ""
        self._top = 0
        self._most = 0

    def open(self, task: str) -> None:
        """Begin with another task, or again with the same one."""
        self.opened, self.sheet, self.busy, self.trouble, self._top = task, None, True, "", 0

    def roll(self, lines: int) -> None:
        """Roll the numbers."""
        self._top = max(0, min(self._most, self._top + lines))

    def picture(self, view: View, width: int, height: int) -> Picture:
        """Return as many of the numbers as there is room for; the foot counts what is below."""
        chore = next((one for one in view.judgement.week if one.id == self.opened), None)
        lines = [*_stands(view, chore, self.opened, width), *self._numbers(view, chore, width)]
        self._most = max(0, len(lines) - height)
        self._top = min(self._top, self._most)
        below = len(lines) - self._top - height
        more: Line = ((f"{counted(below, 'lines')} below, page down", QUIET),) if below > 0 else ()
        return Picture(_title(view, chore, self.opened), tuple(lines[self._top : self._top + height]), more)

    def _numbers(self, view: View, chore: Chore | None, width: int) -> Iterator[Line]:
        if chore is not None and view.now < chore.opens_at:
            return
        tick = view.state.ticks.get(self.opened) if self.opened in view.state.ticked else None
        if tick is not None and tick.rows:
            yield from lay((Section("What was looked at", tick.rows),), view, width).lines
            return
        if self.busy:
            yield ((f"{RUNNING} collecting the numbers", LEAD),)
        if self.trouble:
            yield ((f"◌ {self.trouble}", BLIND),)
        if self.sheet is not None:
            yield from lay(self.sheet.sections, view, width).lines


def _title(view: View, chore: Chore | None, task: str) -> Line:
    if chore is not None:
        name = chore.task.replace("_", " ")
        return ((f"Day {chore.day}, {day_words(view, chore.day, '%A')} {name}", STRONG),)
    known = {one.id: one.text for phase in view.plan.phases for one in phase.activities}
    return ((known.get(task, "No such task on that day"), STRONG),)


def _stands(view: View, chore: Chore | None, task: str, width: int) -> Iterator[Line]:
    """Say what the task is, where it stands, and what was found."""
    if chore is not None:
        yield ((chore.text, PLAIN),)
        glyph, style = CHORES[chore.status]
        said_of = f"due {due_words(chore, view.tz)}"
        if view.now < chore.opens_at:
            said_of += ": not before its day"
        elif chore.status is ChoreStatus.MISSED:
            said_of += ": it can still be done, late"
        yield ((f"{glyph} {chore.status}", f"bold {style}"), (f"  {said_of}", QUIET))
    tick = view.state.ticks.get(task) if task in view.state.ticked else None
    if tick is not None:
        yield from _done(view, chore, tick, width)
    yield BLANK


def _done(view: View, chore: Chore | None, tick: Tick, width: int) -> Iterator[Line]:
    late = ", late" if chore is not None and chore.late else ""
    seen = (
        ", nothing looked at" if tick.unseen else f", its check did not pass: {tick.unproved}" if tick.unproved else ""
    )
    when = f"{tick.at.astimezone(view.tz):%a %d %b %H:%M}"
    yield ((f"✔ done {when} by {tick.by}{late}{seen}", QUIET),)
    for number, line in enumerate(wrap(clean(tick.finding), max(10, width - 9))):
        yield (fit("" if number else "finding", 9, QUIET), (line, STRONG))
