"""The gate: every condition of the next step in order, the phase's tasks, and the earliest moment."""

from sessions.gate.judgement import ChoreStatus, Condition
from sessions.gate.week import missed_words, todays
from sessions.state.measures import measures
from sessions.text.units import duration, moment
from sessions.values.verdicts import Mark
from widgets.base.meanings import Meaning
from widgets.base.pane import Pane, Picture
from widgets.base.styled import BLANK, GOOD, HOLD, LEAD, PLAIN, QUIET, STRONG, Line, fit, length, wide
from widgets.base.symbols import CHORES, MARKS, said
from widgets.base.target import Target, aimed
from widgets.base.view import View
from widgets.frame.phase_rail import rail, short
from widgets.wording.gate import gate_word, meant, meant_by
from widgets.wording.next_step import step_line

_MOST_TODAY = 4
_TONES = {Meaning.HARM: "-bad", Meaning.UNKNOWN: "-blind", Meaning.LOOK: "-hold", Meaning.CALM: "", Meaning.PROVED: ""}


class GatePane(Pane):
    """The conditions of the next step."""

    NAME = "gate"

    def picture(self, view: View, width: int, height: int) -> Picture:
        """Return the conditions; below them soak and tasks, as many as there is room for."""
        first = step_line(view, width)
        rows = [*([first] if first else []), *_today(view, width)]
        rows += _conditions(view, width, height - len(rows))
        below = _soak(view, width) + _measures(view, width) + _tasks(view, width) + _ahead(view, width)
        rows += below[: max(0, height - len(rows))]
        title: Line = ((_titled(view), STRONG), ("  ", PLAIN), gate_word(view))
        return Picture(title, tuple(rows), _foot(view), _TONES[meant(view)])


def _titled(view: View) -> str:
    goal = view.judgement.gate.goal
    if view.state.week_at is not None:
        return "Conditions in the week"
    return f"Gate to {goal}" if goal else "Gate"


def _conditions(view: View, width: int, room: int) -> list[Line]:
    """Return a line for each; where there is too little room, those that pass are counted in one."""
    rows = view.judgement.gate.conditions
    names, over = _names(rows), len(rows) - room
    if over <= 0:
        return [condition_line(view, row, names, width) for row in rows]
    passing = [row for row in rows if row.ok]
    left_out = passing[-(over + 1) :] if len(passing) > over else passing
    shown = [condition_line(view, row, names, width) for row in rows if row not in left_out]
    said = f"{len(left_out)} more pass: {', '.join(row.name for row in left_out)}"
    said = said if wide(said) <= width - 2 else f"{len(left_out)} more pass"
    return [*shown, *([(MARKS[Mark.PASS], fit(f" {said}", width - 1, QUIET))] if left_out else [])]


def _names(conditions: tuple[Condition, ...]) -> int:
    return max((len(condition.name) for condition in conditions), default=0)


def condition_line(view: View, condition: Condition, names: int, width: int) -> Line:
    """Return one condition: mark, name, what it says."""
    tone, room, glyph = said(condition.mark), width - names - 3, MARKS[condition.mark]
    if meant_by(view, condition) is Meaning.LOOK:
        tone, glyph = f"bold {HOLD}", ("▲", HOLD)
    name = fit(condition.name.capitalize(), names + 1, tone)
    row: Line = (
        (f"{glyph[0]} ", glyph[1]),
        name,
        fit(_short(condition.text, room), room, tone),
    )
    return aimed(Target("condition", condition.name, f"{condition.name}: {condition.text}"), row)


def _short(text: str, room: int) -> str:
    """Where room is short, what stands in brackets at the end yields as a whole."""
    return text.rpartition(" (")[0] or text if text.endswith(")") and wide(text) > room else text


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
    bar = rail(max(4, width - length(words) - length(busy)), share, GOOD if soak.mark is Mark.PASS else LEAD)
    said = f"soak {duration(soak.done)} of {short(soak.needed)}"
    return [BLANK, aimed(Target("soak", "soak", said), (*words, *bar, *busy))]


def _measures(view: View, width: int) -> list[Line]:
    """Every temporary measure with its age: it is to be taken back. What it hides says so itself."""
    rows: list[Line] = [
        aimed(
            Target("measure", item.id, f"{item.title}, on for {item.age(view.now)}"),
            (("▲ ", HOLD), fit(f"{item.title}, on for {item.age(view.now)}", width - 2, HOLD)),
        )
        for item in measures(view.state)
    ]
    return [BLANK, *rows] if rows else []


def _busy(view: View) -> Line:
    """Say in how much of it somebody came, where that is known."""
    busy = view.judgement.soak.busy
    if busy is None:
        return ()
    return ((f"  traffic {busy:.0f} %", QUIET),)


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
        return (("● every condition is met", GOOD),)
    if view.state.week_at is not None:
        return ((f"{len(gate.blockers)} of {len(gate.conditions)} not met", QUIET),)
    if gate.earliest is None:
        return (("opens: nobody can say when", QUIET),)
    if gate.earliest > view.now:
        return (("opens ", QUIET), (moment(gate.earliest, view.now, view.tz), PLAIN), (" at the earliest", QUIET))
    return (("opens once you have done your part", QUIET),)
