"""The gate: every condition of the next step in order, the phase's tasks, and the earliest moment."""

from sessions.gate.judgement import Chore, ChoreStatus, Condition
from sessions.gate.week import missed_words, todays
from sessions.gate.wording import short
from sessions.state.measures import measures
from sessions.text.units import duration, moment
from sessions.values.verdicts import WORST_FIRST, Mark
from widgets.base.meanings import Meaning
from widgets.base.pane import Pane, Picture
from widgets.base.styled import BLANK, GOOD, HOLD, LEAD, PLAIN, QUIET, STRONG, Line, fit, length, middle, wide, worded
from widgets.base.symbols import CHORES, DIM, MARKS, said
from widgets.base.target import Target, aimed
from widgets.base.view import View
from widgets.frame.phase_rail import rail
from widgets.frame.phase_rail import short as planned
from widgets.wording.gate import gate_word, meant, meant_by, words_of
from widgets.wording.next_step import step_line
from widgets.wording.rows import told_in

_MOST_TODAY = 4
_MOST_BELOW = 2
"""Lines on which a condition goes on at most."""
_TONES = {Meaning.HARM: "-bad", Meaning.UNKNOWN: "-blind", Meaning.LOOK: "-hold", Meaning.CALM: "", Meaning.PROVED: ""}


class GatePane(Pane):
    """The conditions of the next step."""

    NAME = "gate"

    @classmethod
    def lines(cls, view: View) -> tuple[int, ...]:
        """Return a line for the next step and one per condition; then those of soak, tasks and week too."""
        gate = view.judgement.gate
        below = _soak(view, 40) + _tasks(view, 40) + _today(view, 40, 0)
        least = len(gate.conditions) + bool(step_line(view, 40))
        every = least + len(below)
        return (least, every, every + _MOST_BELOW)

    def picture(self, view: View, width: int, height: int) -> Picture:
        """Return the conditions; below them soak and tasks, as many as there is room for."""
        first = step_line(view, width)
        rows = [first] if first else []
        spare = height - len(view.judgement.gate.conditions) - len(rows)
        rows += _today(view, width, spare) if spare >= 0 else []
        full = len(rows) + len(view.judgement.gate.conditions) + _MOST_BELOW
        rows += _conditions(view, width, height - len(rows))
        below = _soak(view, width) + _measures(view, width) + _tasks(view, width) + _ahead(view, width)
        if full + len(below) <= height:
            rows += [BLANK] * (full - len(rows))  # what stands below stays where it is, however much the conditions say
        rows += _room_for(below, max(0, height - len(rows)))
        title: Line = ((_titled(view), STRONG), ("  ", PLAIN), gate_word(view))
        return Picture(title, tuple(rows), _foot(view), _TONES[meant(view)])


def _titled(view: View) -> str:
    goal = view.judgement.gate.goal
    if view.state.week_at is not None:
        return "Conditions in the week"
    return f"Gate to {goal}" if goal else "Gate"


def _names(conditions: tuple[Condition, ...]) -> int:
    return max((len(condition.name) for condition in conditions), default=0)


def _room_for(below: list[Line], height: int) -> list[Line]:
    """Return what stands below the conditions; without the air between its parts, and counted, where room is short."""
    if len(below) <= height:
        return below
    dense = [line for line in below if line]
    if len(dense) <= height:
        return dense
    left = len(dense) - height + 1
    return [*dense[: height - 1], ((f"  +{left} more · t lists all", QUIET),)] if height else []


def _conditions(view: View, width: int, height: int) -> list[Line]:
    """Return every condition with all its words; where room is short those that pass share one line."""
    conditions, names = view.judgement.gate.conditions, _names(view.judgement.gate.conditions)
    if len(conditions) <= height:
        spare, rows = height - len(conditions), list[Line]()
        for condition in conditions:
            lines = condition_lines(view, condition, names, width, 1 + min(_MOST_BELOW, spare))
            spare -= len(lines) - 1
            rows += lines
        return rows
    passing, over = [one for one in conditions if one.ok], len(conditions) - height
    folded = passing[-(over + 1) :] if len(passing) > over else passing
    kept = [one for one in conditions if one not in folded]
    room = height - bool(folded)
    if len(kept) > room:
        kept = sorted(kept, key=lambda one: WORST_FIRST.index(one.mark))[: max(0, height - 1)]
    rows = [condition_line(view, one, names, width) for one in conditions if one in kept]
    left = [one for one in conditions if one not in kept and one not in folded]
    if left:
        return [*rows, _more(left, len(folded), width)][:height]
    return [*rows, _passing([one.name for one in folded], width)][:height] if folded else rows


def _more(left: list[Condition], passing: int, width: int) -> Line:
    """Count the conditions that hold and have no line, by the worst of them, and those that pass."""
    glyph, style = MARKS[min((one.mark for one in left), key=WORST_FIRST.index)]
    words = f"+{len(left)} more hold{'' if len(left) > 1 else 's'}, {passing} pass"
    return ((f"{glyph} ", style), worded(words, width - 2, style))


def _passing(names: list[str], width: int) -> Line:
    """Name in one line the conditions that pass, as many as fit."""
    words, count = "", len(names)
    passes = "passes" if count == 1 else "pass"
    for kept in range(count, -1, -1):
        rest = f" +{count - kept}" if kept < count else ""
        words = f"{count} more {passes}: {', '.join(names[:kept])}{rest}" if kept else f"{count} more {passes}"
        if wide(words) + 2 <= width:
            break
    return (MARKS[Mark.PASS], (f" {words}", QUIET))


def condition_lines(view: View, condition: Condition, names: int, width: int, most: int) -> list[Line]:
    """Return one condition in at most so many lines: what does not fit beside its name goes on below."""
    first, room = condition_line(view, condition, names, width), width - names - 3
    texts = _told(view, condition, room, most)
    style = first[-1][1]
    lines: list[Line] = [(*first[:2], fit(texts[0], room, style))]
    lines += [((" " * (names + 3), PLAIN), (text, style)) for text in texts[1:]]
    about = Target("condition", condition.name, f"{condition.name}: {condition.text}")
    return [aimed(about, line) for line in lines]


def condition_line(view: View, condition: Condition, names: int, width: int) -> Line:
    """Return one condition: mark, name, what it says."""
    tone, room, glyph = said(condition.mark), width - names - 3, MARKS[condition.mark]
    if meant_by(view, condition) is Meaning.LOOK:
        tone, glyph = f"bold {HOLD}", ("▲", HOLD)
    name = fit(condition.name.capitalize(), names + 1, tone)
    row: Line = (
        (f"{glyph[0]} ", glyph[1]),
        name,
        fit(_told(view, condition, room, 1)[0], room, tone),
    )
    return aimed(Target("condition", condition.name, f"{condition.name}: {condition.text}"), row)


def _told(view: View, condition: Condition, room: int, most: int) -> list[str]:
    """Return what a condition says in at most so many lines: the most words that are whole there."""
    several = words_of(view, condition)
    beside = short(condition.text)  # what stands in brackets is worth no line of its own, nor why a source is silent
    beside = beside.partition(": ")[0] if condition.mark in DIM else beside
    if wide(beside) <= room < wide(condition.text):
        return [beside]
    found = next((text for text in several if len(told_in(text, room, most + 1)) <= most), several[-1])
    return told_in(found, room, most)


def _soak(view: View, width: int) -> list[Line]:
    soak = view.judgement.soak
    if soak.needed <= 0 or not view.state.whole:
        return []
    share = min(1.0, soak.done / soak.needed)
    words: Line = (
        fit("Soak", 6, QUIET),
        fit(duration(soak.done), 7, PLAIN, right=True),
        (f" / {planned(soak.needed)}  ", QUIET),
    )
    busy: Line = _busy(view)
    bar = rail(max(4, width - length(words) - length(busy)), share, GOOD if soak.mark is Mark.PASS else LEAD)
    said = f"soak {duration(soak.done)} of {planned(soak.needed)}"
    return [BLANK, aimed(Target("soak", "soak", said), (*words, *bar, *busy))]


def _measures(view: View, width: int) -> list[Line]:
    """Every temporary measure with its age: it is to be taken back. What it hides says so itself."""
    rows: list[Line] = []
    for item in measures(view.state):
        age = f", on for {item.age(view.now)}"
        row: Line = (("▲ ", HOLD), (middle(item.title, max(1, width - 2 - wide(age))) + age, HOLD))
        rows.append(aimed(Target("measure", item.id, f"{item.title}{age}"), row))
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


def _today(view: View, width: int, height: int) -> list[Line]:
    """Say of today's tasks of the week where they stand, what is due first; in one line what was missed before.

    A task has as many lines as it needs where there are so many.
    """
    week = view.judgement.week
    tasks = [_chore(view, chore, width) for chore in todays(week, view.now)[:_MOST_TODAY]]
    gone = missed_words(week)
    last: list[Line] = [(("✗ ", HOLD), worded(gone, width - 2, HOLD))] if gone else []
    if sum(map(len, tasks)) + len(last) + 1 > height:
        tasks = [_chore(view, chore, width, most=1) for chore in todays(week, view.now)[:_MOST_TODAY]]
    rows = [*(line for lines in tasks for line in lines), *last]
    return [*rows, BLANK] if rows else []


def _chore(view: View, chore: Chore, width: int, most: int = 1 + _MOST_BELOW) -> list[Line]:
    """Return a task of the week in at most so many lines: its words go on below themselves."""
    glyph, style = CHORES[chore.status]
    tone = QUIET if chore.status in (ChoreStatus.DONE, ChoreStatus.LATER) else style
    head = f"{chore.status:<7} {view.time(chore.due_at)} "
    first, *rest = told_in(chore.text, width - 2 - wide(head), most)
    lines: list[Line] = [((f"{glyph} ", style), fit(head + first, width - 2, tone))]
    lines += [((" " * (2 + wide(head)), PLAIN), (text, tone)) for text in rest]
    return [aimed(Target("task", chore.id, chore.text), line) for line in lines]


def _foot(view: View) -> Line:
    gate = view.judgement.gate
    if gate.open:
        return (("● every condition is met", GOOD),)
    if view.state.week_at is not None:
        return ((f"{len(gate.blockers)} of {len(gate.conditions)} not met", QUIET),)
    if gate.earliest is None:
        return (("opens: unknown when", QUIET),)
    if gate.earliest > view.now:
        return (("opens ", QUIET), (moment(gate.earliest, view.now, view.tz), PLAIN), (" at the earliest", QUIET))
    return (("opens once you have done your part", QUIET),)
