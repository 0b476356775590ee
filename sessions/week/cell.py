"""One cell of the week: the sheet with the numbers that a person looks at before the task is done."""

from collections.abc import Iterator, Sequence
from datetime import tzinfo

from sessions.actions.tasks import chore_called
from sessions.gate.judgement import Chore, Judgement
from sessions.plan.model import Plan
from sessions.sheets.sheet import sheet_of
from sessions.values.sheets import Exhibit, Section, Sheet
from sessions.week.evening import evening, look_back
from sessions.week.midday import midday
from sessions.week.morning import morning
from sessions.week.past import Past

NUMBERED = ("morning", "midday", "evening", "retrospective")
_BY_WHAT_IT_DOES = {"report": "evening", "retrospective": "retrospective"}


def kind_of(plan: Plan, chore: Chore) -> str:
    """Return which numbers stand behind a task: its sheet; of a plan that names none by what it does, by its name.

    Empty where there are none.
    """
    kind = plan.sheet(chore.id) or _BY_WHAT_IT_DOES.get(chore.does, chore.task)
    return kind if kind in NUMBERED else ""


def sheet_for(
    judgement: Judgement, name: str, exhibits: Sequence[Exhibit], past: Past | None, tz: tzinfo | None
) -> Sheet | None:
    """Return the sheet of any task; of one of the week the numbers of its day, as soon as its past is known."""
    chore = chore_called(judgement, name)
    if chore is None or past is None:
        return sheet_of(judgement, name, exhibits, tz)
    return cell_of(judgement, chore, past, exhibits, tz)


def cell_of(judgement: Judgement, chore: Chore, past: Past, exhibits: Sequence[Exhibit], tz: tzinfo | None) -> Sheet:
    """Return the numbers of a task of the week, and below them what the sources looked up for it."""
    looked_up = (Section(one.title, one.rows, one.trouble) for one in exhibits)
    sections = (*_sections(judgement, chore, past, tz), *looked_up)
    return Sheet(chore.id, kind_of(judgement.state.plan, chore), chore.text, sections)


def _sections(judgement: Judgement, chore: Chore, past: Past, tz: tzinfo | None) -> Iterator[Section]:
    match kind_of(judgement.state.plan, chore):
        case "morning":
            yield from morning(judgement, past, tz)
        case "midday":
            yield from midday(judgement, past, tz)
        case "evening":
            yield from evening(judgement, chore, past, tz)
        case "retrospective":
            yield from look_back(judgement)
