"""The week as a grid: a column for each day, a row for each task; below it the activities of the phase."""

from msgspec import Struct

from sessions.gate.judgement import Chore, ChoreStatus
from sessions.gate.week import day_begins
from sessions.text.units import counted, moment
from widgets.base.pane import Pane, Picture
from widgets.base.styled import BLANK, GOOD, LEAD, PLAIN, QUIET, STRONG, Bit, Line, fit
from widgets.base.symbols import CHORES
from widgets.base.target import Target, aimed
from widgets.base.view import View
from widgets.wording.rows import told_in

COLUMN = 12
_TIME = 6
_MOST_SAID = 4


class Place(Struct, frozen=True):
    """One row of the grid: a task of the week by its plan's id, or an activity of the phase."""

    id: str
    text: str
    daily: bool
    due: str = ""


def places(view: View) -> tuple[Place, ...]:
    """Return the rows: the tasks of the week in the order in which they fall due, then the activities of the phase."""
    tasks = sorted(view.plan.week.tasks, key=lambda task: task.due)
    todo = next((phase.activities for phase in view.plan.phases if phase.percent == view.state.phase), ())
    return (
        *(Place(task.id, task.text, True, _due(view, task.due)) for task in tasks),
        *(Place(task.id, task.text, False) for task in todo),
    )


def _due(view: View, due: float) -> str:
    """Say when in its day a task is due, where a day is one of the calendar."""
    minutes = int(due // 60)
    return f"{minutes // 60 % 24:02d}:{minutes % 60:02d}" if view.plan.speed == 1 else ""


def today(view: View) -> int:
    """Return the number of the day that is now; after the last one that of the last."""
    return max((chore.day for chore in view.judgement.week if chore.opens_at <= view.now), default=1)


def day_words(view: View, day: int, style: str = "%a %d %b") -> str:
    """Say a day by the calendar; on a faster clock when it begins."""
    began = day_begins(view.state, view.state.week_at or view.now, day, view.tz)
    return f"{began.astimezone(view.tz):{style}}" if view.plan.speed == 1 else view.time(began)


class WeekGrid(Pane):
    """Where each task of each day stands; the cursor is on one of them."""

    NAME = "week"

    def __init__(self) -> None:
        super().__init__()
        self.row = 0
        self.day = 1

    def move(self, view: View, down: int, right: int) -> None:
        """Move the cursor, as far as there are rows and days."""
        self.row = max(0, min(len(places(view)) - 1, self.row + down))
        self.day = max(1, min(view.plan.week.days, self.day + right))

    def place(self, view: View) -> Place | None:
        """Return the row under the cursor."""
        rows = places(view)
        return rows[min(self.row, len(rows) - 1)] if rows else None

    def point_at(self, view: View, name: str, column: int) -> bool:
        """Put the cursor on the task of a row, and on the day of a column where it is one of a day."""
        names = [place.id for place in places(view)]
        if name not in names:
            return False
        self.row, label = names.index(name), _label(view)
        days = self._days(view, (self.content_size.width - label) // COLUMN)
        if column >= label and (column - label) // COLUMN < len(days):
            self.day = days[(column - label) // COLUMN]
        return True

    def pointed(self, view: View) -> Target | None:
        """Return what is under the cursor: the task of its day, and where it stands."""
        place, name = self.place(view), self.chosen(view)
        chore = next((one for one in view.judgement.week if one.id == name), None)
        if place is None or view.state.week_at is None:
            return None
        stands = f": {chore_words(view, chore)}" if chore else ""
        return Target("task", name or place.id, f"{f'day {self.day}, ' if chore else ''}{place.text}{stands}")

    def chosen(self, view: View) -> str:
        """Return the id of the task under the cursor, empty where that day has none."""
        place = self.place(view)
        if place is None or not place.daily:
            return place.id if place else ""
        name = f"d{self.day}.{place.id}"
        return name if any(chore.id == name for chore in view.judgement.week) else ""

    def picture(self, view: View, width: int, height: int) -> Picture:
        """Return the grid; before the week starts what it will hold."""
        if view.state.week_at is None:
            return _before(view, width)
        rows, label = places(view), _label(view)
        days = self._days(view, (width - label) // COLUMN)
        chores = {chore.id: chore for chore in view.judgement.week}
        body = [
            aimed(Target("task", place.id, place.text), self._line(view, number, place, label, days, chores, width))
            for number, place in enumerate(rows)
        ]
        daily = sum(place.daily for place in rows)
        if daily < len(rows):
            body.insert(daily, ((f"  {view.plan.phase(view.state.phase).title}", QUIET),))
        at = self.row + (self.row >= daily)
        room = max(1, height - 2)
        top = max(0, min(at - room // 2, len(body) - room))
        return Picture(_title(view, days), (*_heads(view, label, days), *body[top : top + room]), _foot(view))

    def _days(self, view: View, most: int) -> range:
        """Return the days that are shown: all, or those around today, or around the cursor where that is elsewhere."""
        last, shown = view.plan.week.days, max(1, most)
        first = max(1, min(today(view) - shown // 2, last - shown + 1))
        first = min(max(first, self.day - shown + 1), self.day)
        return range(first, min(last, first + shown - 1) + 1)

    def _line(  # noqa: PLR0913, PLR0917 (a line is made of these)
        self, view: View, number: int, place: Place, label: int, days: range, chores: dict[str, Chore], width: int
    ) -> Line:
        here = number == self.row
        if not place.daily:
            done = place.id in view.state.ticked
            box: Bit = ("✔ ", GOOD) if done else ("☐ ", QUIET)
            return (_cursor(here), box, fit(place.text, width - 4, STRONG if here else PLAIN))
        name = place.id.replace("_", " ").capitalize()
        head = (fit(name, label - _TIME, STRONG if here else PLAIN), fit(place.due, _TIME, QUIET))
        cells = (
            _cell(view, chores.get(f"d{day}.{place.id}"), here=here and day == self.day, today=day == today(view))
            for day in days
        )
        return (*head, *(bit for cell in cells for bit in cell))


def _label(view: View) -> int:
    names = max((len(task.id) for task in view.plan.week.tasks), default=0)
    return min(20, names + 1) + _TIME


def _cursor(here: bool) -> Bit:
    return ("▶ ", LEAD) if here else ("  ", PLAIN)


def _cell(view: View, chore: Chore | None, *, here: bool, today: bool) -> Line:
    if chore is None:
        return (_cursor(here), fit("", COLUMN - 2))
    glyph, style = CHORES[chore.status]
    words = chore_words(view, chore)
    tone = QUIET if chore.status is ChoreStatus.LATER else f"bold {style}" if today or here else style
    return (_cursor(here), (f"{glyph} ", style), fit(words, COLUMN - 4, tone))


def chore_words(view: View, chore: Chore) -> str:
    """Say the status of a task in one word; for a done one its time, and whether it was late."""
    if chore.done_at is None:
        return chore.status.value
    return "late" if chore.late else view.time(chore.done_at)[:5]


def _heads(view: View, label: int, days: range) -> tuple[Line, Line]:
    """The number and the date of each day; today's is marked."""
    first, second = [fit("", label)], [fit("", label)]
    for day in days:
        now = day == today(view)
        style = f"bold {LEAD}" if now else QUIET
        first.append(fit(f"{'▾ ' if now else '  '}Day {day}", COLUMN, style))
        second.append(fit(f"  {day_words(view, day)}", COLUMN, style))
    return tuple(first), tuple(second)


def _title(view: View, days: range) -> Line:
    last = view.plan.week.days
    more = f"  days {days[0]} to {days[-1]} shown" if len(days) < last else ""
    return (("Week", STRONG), (f"  day {today(view)} of {last}, {day_words(view, today(view), '%A')}{more}", QUIET))


def _foot(view: View) -> Line:
    counts = [f"{sum(one.status is status for one in view.judgement.week)} {status}" for status in _COUNTED]
    return ((" · ".join(counts), QUIET),)


_COUNTED = (ChoreStatus.DONE, ChoreStatus.DUE, ChoreStatus.OVERDUE, ChoreStatus.MISSED)


def _before(view: View, width: int) -> Picture:
    """Say when the week will start, and what it will hold."""
    last, gate = view.plan.phases[-1], view.judgement.gate
    if view.state.phase != last.percent:
        when = f"It starts after {last.title}, {last.percent} %: now the rollout is at {view.state.phase} %."
    elif gate.open:
        when = "Its gate is open: a starts it."
    elif gate.earliest is not None:
        when = f"Press a when its gate opens, at {moment(gate.earliest, view.now, view.tz)} at the earliest."
    else:
        when = "Press a when its gate opens: the time is unknown."
    rows: list[Line] = [*(((text, PLAIN),) for text in told_in(when, width, _MOST_SAID)), BLANK]
    for place in (one for one in places(view) if one.daily):
        days = next(task.days for task in view.plan.week.tasks if task.id == place.id)
        whole = len(days) == view.plan.week.days
        said = "every day" if whole else f"day {', '.join(map(str, days))}"
        first, *rest = told_in(place.text, width - _TIME - COLUMN, _MOST_SAID)
        rows.append((fit(place.due, _TIME, QUIET), fit(said, COLUMN, QUIET), (first, PLAIN)))
        rows += [((" " * (_TIME + COLUMN), PLAIN), (text, PLAIN)) for text in rest]
    return Picture(
        (("Week", STRONG), (f"  {counted(view.plan.week.days, 'days')}, not started yet", QUIET)), tuple(rows)
    )
