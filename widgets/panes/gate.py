"""The gate: every condition of the next step in order, the phase's tasks, and the earliest moment."""

from sessions.gate.judgement import ChoreStatus, Condition
from sessions.gate.week import missed_words, todays
from sessions.state.measures import measures
from sessions.text.units import duration, moment
from sessions.values.verdicts import Mark
from widgets.base.pane import Pane, Picture
from widgets.base.styled import BLANK, GOOD, HOLD, LEAD, PLAIN, QUIET, STRONG, Bit, Line, fit, length, wide
from widgets.base.symbols import CHORES, MARKS, said
from widgets.base.target import Target, aimed
from widgets.base.view import View
from widgets.frame.phase_rail import rail, short

_MOST_TODAY = 4


class GatePane(Pane):
    """The conditions of the next step."""

    NAME = "gate"

    def picture(self, view: View, width: int, height: int) -> Picture:
        """Return the conditions; below them soak and tasks, as many as there is room for."""
        gate = view.judgement.gate
        rows = _today(view, width)
        rows += [condition_line(condition, _names(gate.conditions), width) for condition in gate.conditions]
        below = _soak(view, width) + _measures(view, width) + _tasks(view, width) + _ahead(view, width)
        rows += below[: max(0, height - len(rows))]
        title: Line = ((f"Gate to {gate.goal}" if gate.goal else "Gate", STRONG), ("  ", PLAIN), _word(view))
        tone = "" if gate.open else "-hold"
        return Picture(title, tuple(rows), _foot(view), tone)


def _names(conditions: tuple[Condition, ...]) -> int:
    return max((len(condition.name) for condition in conditions), default=0)


def condition_line(condition: Condition, names: int, width: int) -> Line:
    """Return one condition: mark, name, what it says."""
    style, room = said(condition.mark), width - names - 3
    name = fit(condition.name.capitalize(), names + 1, style)
    row: Line = (
        (f"{MARKS[condition.mark][0]} ", MARKS[condition.mark][1]),
        name,
        fit(_short(condition.text, room), room, style),
    )
    return aimed(Target("condition", condition.name, f"{condition.name}: {condition.text}"), row)


def _short(text: str, room: int) -> str:
    """Where room is short, what stands in brackets at the end yields as a whole."""
    return text.rpartition(" (")[0] or text if text.endswith(")") and wide(text) > room else text


def _word(view: View) -> Bit:
    if view.judgement.gate.open:
        return ("● OPEN", f"bold {GOOD}")
    return ("▲ HOLD", f"bold {HOLD}")


def _soak(view: View, width: int) -> list[Line]:
    soak = view.judgement.soak
    if soak.needed <= 0 or not view.state.whole:
        return []
    share = min(1.0, soak.done / soak.needed)
    words: Line = (
        fit("Soak", 6, QUIET),
        fit(duration(soak.done), 7, PLAIN, right=True),
        (f" / {short(soak.needed)}  ", QUIET),
    )
    busy: Line = _busy(view)
    bar = rail(max(4, width - length(words) - length(busy)), share, GOOD if share >= 1 else LEAD)
    said = f"soak {duration(soak.done)} of {short(soak.needed)}"
    return [BLANK, aimed(Target("soak", "soak", said), (*words, *bar, *busy))]


def _measures(view: View, width: int) -> list[Line]:
    """Every temporary measure with its age: it is to be taken back. What it hides says so itself."""
    rows: list[Line] = [
        aimed(
            Target("measure", item.id, f"{item.title} for {item.age(view.now)}"),
            (("▲ ", HOLD), fit(f"{item.title} for {item.age(view.now)}", width - 2, HOLD)),
        )
        for item in measures(view.state)
    ]
    return [BLANK, *rows] if rows else []


def _busy(view: View) -> Line:
    """Say in how much of it somebody came, where that is known."""
    busy = view.judgement.soak.busy
    if busy is None:
        return ()
    return ((f"  busy {busy:.0f} %", QUIET if busy >= view.plan.soak.busy else HOLD),)


def _tasks(view: View, width: int) -> list[Line]:
    tasks = next((phase.activities for phase in view.plan.phases if phase.percent == view.state.phase), ())
    if not view.state.whole:
        return []
    rows: list[Line] = []
    for task in tasks:
        done = task.id in view.state.ticked
        row: Line = (
            ("✔ " if done else "☐ ", GOOD if done else QUIET),
            fit(task.text, width - 2, QUIET if done else PLAIN),
        )
        rows.append(aimed(Target("task", task.id, task.text), row))
    return [BLANK, *rows] if rows else []


def _ahead(view: View, width: int) -> list[Line]:
    """Say how much of the next phase will stay thin; the detail screen says more."""
    thin = [one for one in view.judgement.ahead if one.thin]
    rare = sum(one.rare for one in thin)
    parts = [_counted(len(thin) - rare, "endpoint", "thin"), _counted(rare, "journey", "rare")]
    goal = view.judgement.gate.goal
    texts = (f" {goal}: {', '.join(filter(None, parts))}", f" {goal}: {len(thin)} thin or rare")
    text = next((text for text in texts if wide(text) < width), texts[-1])
    row: Line = (MARKS[Mark.THIN], fit(text, width - 1, QUIET))
    return [BLANK, aimed(Target("ahead", "ahead", text.strip()), row)] if thin else []


def _counted(count: int, noun: str, what: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'} {what}" if count else ""


def _today(view: View, width: int) -> list[Line]:
    """Say of today's tasks of the week where they stand, what is due first; in one line what was missed before."""
    week = view.judgement.week
    rows: list[Line] = []
    for chore in todays(week, view.now)[:_MOST_TODAY]:
        glyph, style = CHORES[chore.status]
        tone = QUIET if chore.status in (ChoreStatus.DONE, ChoreStatus.LATER) else style
        said = f"{chore.status:<7} {view.time(chore.due_at)} {chore.text}"
        rows.append(aimed(Target("task", chore.id, chore.text), ((f"{glyph} ", style), fit(said, width - 2, tone))))
    if gone := missed_words(week):
        rows.append((("✗ ", HOLD), fit(gone, width - 2, HOLD)))
    return [*rows, BLANK] if rows else []


def _foot(view: View) -> Line:
    gate = view.judgement.gate
    if gate.open:
        return (("a advances" if gate.percent is not None else "● stable", GOOD),)
    if gate.earliest is None:
        return (("earliest ", QUIET), ("not in sight", HOLD))
    when = moment(gate.earliest, view.now, view.tz) if gate.earliest > view.now else "now, by hand"
    return (("earliest ", QUIET), (when, PLAIN))
