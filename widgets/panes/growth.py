"""Growth: every collection's size, how far it is off what was expected, its trend; and duplicates."""

from sessions.text.units import signed
from sessions.values.readings import Topic
from sessions.values.verdicts import Mark, Part, Verdict
from widgets.base.pane import Pane, Picture
from widgets.base.styled import BAD, GOOD, PLAIN, QUIET, STRONG, TREND, Line, fit
from widgets.base.symbols import DIM, MARKS, said, spark, tone
from widgets.base.target import Target, aimed
from widgets.base.view import View, dark
from widgets.panes.latency import fitting, noted

NAMES, COUNT, OFF = 11, 6, 8


class GrowthPane(Pane):
    """The collections against their band."""

    NAME = "growth"

    @classmethod
    def serves(cls, view: View) -> bool:
        """Return whether there is a collection."""
        return bool(view.plan.collections)

    def picture(self, view: View, width: int, height: int) -> Picture:
        """Return a line per collection, the last one for duplicates."""
        verdict = view.judgement.verdicts.get("growth", Verdict("growth", Mark.WARMING))
        known = {part.subject: part for part in verdict.parts}
        parts = tuple(known.get(row.name, Part(row.name, Mark.WARMING, unit="%")) for row in view.plan.collections)
        rows = [_row(view, part, width) for part in fitting(parts, height - 1)]
        title: Line = (("Growth ", STRONG), (f"± {view.plan.growth.tolerance:.0f} %", QUIET))
        lines = (*rows, aimed(copies_of(view), _duplicates(view, parts, width)))
        below = noted(view, Topic.COLLECTIONS, verdict.mark, width - self.BORDER + 2)
        return Picture(title, lines, below, tone(verdict.mark))


def _row(view: View, part: Part, width: int) -> Line:
    sizes = view.state.seen.sizes.get(part.subject, ())
    style = QUIET if part.mark in DIM else said(part.mark)
    off = signed(part.value, part.unit)
    trend = max(0, width - 2 - NAMES - COUNT - OFF - 2)
    counts = [float(size.count) for size in sizes]
    least = min(counts, default=0.0)
    row: Line = (
        (f"{MARKS[part.mark][0]} ", MARKS[part.mark][1]),
        fit(part.subject, NAMES, style),
        fit(f"{sizes[-1].count:,}" if sizes else "–", COUNT, style, right=True),
        fit(off, OFF, style, right=True),
        ("  " if trend else "", PLAIN),
        *spark([count - least for count in counts], trend, style=BAD if part.mark is Mark.BREACH else TREND),
    )
    return aimed(Target("growth", part.subject), row)


def copies_of(view: View) -> Target:
    """Return what the line of the duplicates is about: the newest one of each collection."""
    newest = (row[-1] for row in view.state.seen.sizes.values() if row)
    known = [f"{size.collection} {' '.join(size.examples)}".strip() for size in newest if size.duplicates]
    return Target("duplicates", "all", ", ".join(known) or "no duplicates")


def _duplicates(view: View, parts: tuple[Part, ...], width: int) -> Line:
    """None are shown as good only where every collection was counted: a first look for them may take minutes."""
    newest = [row[-1] for row in view.state.seen.sizes.values() if row]
    found = [size for size in newest if size.duplicates]
    if not newest or (not found and any(part.mark is Mark.SILENT for part in parts)):
        return (("… ", QUIET), fit("duplicates", NAMES, QUIET), fit("–", COUNT, QUIET, right=True))
    if not found and dark(view, Topic.COLLECTIONS):
        return (("◌ ", QUIET), fit("duplicates", NAMES, QUIET), fit("none", COUNT, QUIET, right=True))
    if not found:
        return (("● ", GOOD), fit("duplicates", NAMES), fit("none", COUNT, right=True))
    total = sum(size.duplicates for size in found)
    where = ", ".join(f"{size.collection} {' '.join(size.examples[:1])}" for size in found)
    room = max(0, width - 4 - NAMES - COUNT)
    bad = f"bold {BAD}"
    return (
        ("◆ ", BAD),
        fit("duplicates", NAMES, bad),
        fit(str(total), COUNT, bad, right=True),
        fit(f"  {where}", room, bad),
    )
