"""The evening: what the report of the day says, in counts, and whether it was written; and how the week went."""

from collections.abc import Iterator
from datetime import tzinfo

from sessions.gate.judgement import Chore, ChoreStatus, Judgement
from sessions.reports.page import MOST_WORDS, drafted, page
from sessions.reports.periods import EXPORTED, of_day
from sessions.values.sheets import Row, Section
from sessions.values.verdicts import Mark
from sessions.week.past import Days


def evening(judgement: Judgement, chore: Chore, past: Days, tz: tzinfo | None) -> Iterator[Section]:
    """Lay out what the report of the task's local day says so far."""
    day = chore.due_at.astimezone(tz).date()
    period = of_day(judgement, day, tz)
    draft = drafted(judgement, period, tz, past.today.peaks)
    rows = [Row(title.lower(), f"{len(bullets)}") for title, bullets in draft.sections.items()]
    share = Row(
        "all well",
        f"{draft.share.percent:.1f} %" if draft.share.percent not in (0, 100) else f"{draft.share.percent:.0f} %",
    )
    words = len(page(draft).split())
    yield Section(f"The report of {period.title}", (*rows, share, Row("words", f"{words}", f"< {MOST_WORDS}")))
    name = f"report-{day.isoformat()}"
    newest = next(
        (
            entry
            for entry in reversed(judgement.state.entries)
            if entry.kind == EXPORTED and any(file.startswith(name) for file in entry.listed("files"))
        ),
        None,
    )
    said = ", ".join(newest.listed("files")) if newest else "not yet: doing this task writes it"
    yield Section(
        "Written", (Row("file", said, "", newest.at if newest else None, Mark.PASS if newest else Mark.WARMING),)
    )


def look_back(judgement: Judgement) -> Iterator[Section]:
    """Lay out how the week went."""
    week = judgement.week
    rows = [
        Row("done", f"{sum(one.status is ChoreStatus.DONE and not one.late for one in week)}", f"{len(week)}"),
        Row("done late", f"{sum(one.late for one in week)}"),
        Row("missed", f"{sum(one.status is ChoreStatus.MISSED for one in week)}"),
        Row(
            "still to do",
            f"{sum(one.status in (ChoreStatus.LATER, ChoreStatus.DUE, ChoreStatus.OVERDUE) for one in week)}",
        ),
    ]
    yield Section("The tasks of the week", tuple(rows))
