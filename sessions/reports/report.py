"""The report for stakeholders as Markdown: one page that is read in a minute, with the proof behind it."""

from datetime import date, tzinfo

from sessions.gate.judgement import Judgement
from sessions.handover.peaks import Peaks
from sessions.reports.page import Head, drafted, head, page
from sessions.reports.periods import Period, of_day, of_flight
from sessions.reports.proof import Item, Part, proof
from sessions.text.markdown import bullets, plain, table

_LONGEST = 4000
"""So many characters of a cell are shown: all of any entry."""


def report(judgement: Judgement, day: date | None, tz: tzinfo | None, high: Peaks | None = None) -> str:
    """Return the report of one local day as Markdown, of the whole flight when `day` is None."""
    period = of_day(judgement, day, tz) if day else of_flight(judgement)
    return report_of(judgement, period, tz, high)


def report_of(judgement: Judgement, period: Period, tz: tzinfo | None, high: Peaks | None = None) -> str:
    """Return the report of a period as Markdown: the page, then the proof.

    `high` are the peaks of the period, None where no history was asked.
    """
    draft = drafted(judgement, period, tz, high)
    parts = "\n\n".join(f"## {part.title}\n\n{_part(part)}" for part in proof(judgement, draft, tz))
    return f"{_head(head(judgement, period.title, tz))}\n\n{page(draft)}\n\n{parts}\n"


def _head(told: Head) -> str:
    return (
        f"# {plain(told.title)}\n\n**{plain(told.standing)}.** {plain(told.gate)}\n{told.flag}\n{plain(told.session)}"
    )


def _part(part: Part) -> str:
    rows = [[plain(cell, _LONGEST) for cell in row] for row in part.rows]
    shown = table([plain(name) for name in part.heads], rows, bullets(map(_item, part.items), ""))
    return "\n\n".join(filter(None, (part.said, shown))) or part.none


def _item(item: Item) -> str:
    lines = "".join(f"\n  - {plain(line)}" for line in item.more)
    strong = f"**{item.strong}** " if item.strong else ""
    return f"{strong}{plain(item.text, _LONGEST)}{lines}"
