"""One cell of the week: the sheet with the numbers that a person looks at before the task is done."""

from collections.abc import Iterator, Sequence
from datetime import tzinfo

from sessions.actions.tasks import chore_called
from sessions.gate.judgement import Chore, Judgement
from sessions.plan.model import Plan
from sessions.sheets.past import Asked, Before
from sessions.sheets.sheet import before_of, sheet_of
from sessions.values.sheets import Exhibit, Section, Sheet
from sessions.week.evening import evening, look_back
from sessions.week.midday import midday
from sessions.week.morning import morning
from sessions.week.past import Days, Past, days_of

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
    """Return the sheet of any task, or of a `risk.step`, beside what the history has for it, as soon as that is known.

    Of a task of the week that has them it is the numbers of its day.
    """
    chore = chore_called(judgement, name)
    if chore is not None and isinstance(past, Days):
        return cell_of(judgement, chore, past, exhibits, tz)
    return sheet_of(judgement, name, exhibits, tz, past if isinstance(past, Before) else None)


def past_of(judgement: Judgement, name: str, asked: Asked, tz: tzinfo | None) -> Past | None:
    """Ask a history for what a sheet is laid beside; None where it compares with nothing."""
    chore = chore_called(judgement, name)
    if chore is not None and kind_of(judgement.state.plan, chore):
        return days_of(judgement, chore, asked, tz)
    return before_of(judgement, name, asked)


def cell_of(judgement: Judgement, chore: Chore, past: Days, exhibits: Sequence[Exhibit], tz: tzinfo | None) -> Sheet:
    """Return the numbers of a task of the week, and below them what the sources looked up for it."""
    looked_up = (Section(one.title, one.rows, one.trouble) for one in exhibits)
    sections = (*_sections(judgement, chore, past, tz), *looked_up)
    return Sheet(chore.id, kind_of(judgement.state.plan, chore), chore.text, sections)


def _sections(judgement: Judgement, chore: Chore, past: Days, tz: tzinfo | None) -> Iterator[Section]:
    match kind_of(judgement.state.plan, chore):
        case "morning":
            yield from morning(judgement, past, tz)
        case "midday":
            yield from midday(judgement, past, tz)
        case "evening":
            yield from evening(judgement, chore, past, tz)
        case "retrospective":
            yield from look_back(judgement)
