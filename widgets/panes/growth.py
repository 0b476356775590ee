"""Growth: every collection's size, how far it is off what was expected, its trend; and duplicates."""

from collections.abc import Sequence

from msgspec import Struct

from sessions.text.units import amount, off
from sessions.values.readings import Topic
from sessions.values.verdicts import Mark, Part, Verdict
from widgets.base.pane import Pane, Picture
from widgets.base.sparks import sparks
from widgets.base.styled import BAD, PLAIN, QUIET, STRONG, TREND, Line, fit, length, named, wide
from widgets.base.symbols import DIM, MARKS, said, tone
from widgets.base.target import Target, aimed
from widgets.base.view import View, answering, dark
from widgets.panes.latency import noted
from widgets.wording.rows import beside, kept, more

COUNT, FAR, WAY = 7, 2, 8
"""Cells of a count, of how far off it is, and of the unit and the direction of that."""
_BOUND, _LEAST, _MOST, _HIGHEST = 10, 6, 40, 4
"""Cells of a bound, of a trend at least and at most, and its lines at most."""


class GrowthPane(Pane):
    """The collections against their band."""

    NAME = "growth"

    @classmethod
    def serves(cls, view: View) -> bool:
        """Return whether there is a collection."""
        return bool(view.plan.collections)

    @classmethod
    def lines(cls, view: View) -> tuple[int, ...]:
        """Return a line per collection and one for duplicates; then two, for a trend that is seen better."""
        count = len(view.plan.collections)
        return (count + 1, 2 * count + 1)

    def moves(self, view: View) -> object:
        """Return how the source of sizes answers."""
        return answering(view, Topic.COLLECTIONS)

    def picture(self, view: View, width: int, height: int) -> Picture:
        """Return a line per collection, the last one for duplicates."""
        verdict = view.judgement.verdicts.get("growth", Verdict("growth", Mark.WARMING))
        known = {part.subject: part for part in verdict.parts}
        parts = tuple(known.get(row.name, Part(row.name, Mark.WARMING, unit="%")) for row in view.plan.collections)
        shown, left = kept(parts, height - 1)
        high = max(1, min(_HIGHEST, (height - 1) // max(1, len(shown)))) if not left else 1
        columns = _columns(view, parts, width)
        rows = [line for part in shown for line in _row(view, part, columns, high)]
        rows += [more(view, left, "detail", "collections")] if left else []
        title: Line = (("Growth ", STRONG), (f"± {view.plan.growth.tolerance:.0f} %", QUIET))
        lines = (*rows, aimed(copies_of(view), _duplicates(view, parts, columns, width)))
        below = noted(view, Topic.COLLECTIONS, verdict.mark, width - self.BORDER + 2)
        return Picture(title, lines, below, tone(verdict.mark))


class _Columns(Struct, frozen=True):
    """The cells of each column; the trend yields before a name loses its middle."""

    names: int
    count: int
    far: int
    way: int
    bound: int
    trend: int


def _columns(view: View, parts: tuple[Part, ...], width: int) -> _Columns:
    counts = (wide(f"{row[-1].count:,}") for row in view.state.seen.sizes.values() if row)
    count = max((COUNT, *counts))
    told = [_told(part) for part in parts]
    far, way = max([FAR, *(wide(one) + 1 for one, _ in told)]), max([WAY, *(wide(other) for _, other in told)])
    bound = max([_BOUND, *(wide(bound_words(part)) + 1 for part in parts)])
    room = width - 2 - count - far - 1 - way - bound
    names = min(max([len("duplicates"), *(wide(row.name) for row in view.plan.collections)]), room)
    apart = min(2, room - names)
    far, bound, room = far + (apart + 1) // 2, bound + apart // 2, room - apart
    trend = min(_MOST, room - names - 2)
    return _Columns(names, count, far, way, bound, trend if trend >= _LEAST else 0)


def bound_words(part: Part) -> str:
    """Say how far off is still within the band: `≤ 29 docs`, `> 25 %`; nothing where no bound is known."""
    if part.bound is None or not part.unit or part.unit == "duplicates":
        return ""
    far = None if part.value is None else part.value if part.bound >= 0 else -part.value
    return beside(far, abs(part.bound), amount(part.bound, part.unit))


def deviation(part: Part) -> str:
    """Say how far off what was expected a collection is: `9 docs low`; duplicates are counted elsewhere."""
    return "–" if part.unit == "duplicates" else off(part.value, part.unit)


def _told(part: Part) -> tuple[str, str]:
    """Return how far off a collection is in two parts, so that one stands below the other: `9`, `docs low`."""
    far, _, way = deviation(part).partition(" ")
    return far, way


def _row(view: View, part: Part, columns: _Columns, high: int) -> list[Line]:
    sizes = view.state.seen.sizes.get(part.subject, ())
    style = QUIET if part.mark in DIM else said(part.mark)
    far, way = _told(part)
    left: Line = (
        (f"{MARKS[part.mark][0]} ", MARKS[part.mark][1]),
        named(part.subject, columns.names, style),
        fit(f"{sizes[-1].count:,}" if sizes else "–", columns.count, style, right=True),
        fit(far, columns.far, style, right=True),
        fit(f" {way}", columns.way + 1, style),
        fit(bound_words(part), columns.bound, QUIET, right=True),
    )
    about = Target("growth", part.subject)
    if not columns.trend:
        return [aimed(about, left)]
    style = BAD if part.mark is Mark.BREACH else TREND
    trend = sparks(_grown([size.count for size in sizes], columns.trend), columns.trend, high, style=style)
    first: Line = (*left, ("  ", PLAIN), *trend[0])
    rest = (((" " * (length(left) + 2), PLAIN), *line) for line in trend[1:])
    return [aimed(about, line) for line in (first, *rest)]


def _grown(counts: Sequence[int], width: int) -> list[float]:
    """Return by how much more than the least was counted, at `width` moments from the oldest count to the newest."""
    last = len(counts) - 1
    taken = [counts[last * place // (width - 1)] for place in range(width)] if last >= width else counts
    return [float(count - min(taken)) for count in taken]


def copies_of(view: View) -> Target:
    """Return what the line of the duplicates is about: the newest one of each collection."""
    newest = (row[-1] for row in view.state.seen.sizes.values() if row)
    known = [f"{size.collection} {' '.join(size.examples)}".strip() for size in newest if size.duplicates]
    return Target("duplicates", "all", ", ".join(known) or "no duplicates")


def counted_twice(view: View, parts: tuple[Part, ...]) -> tuple[Mark, str]:
    """Say how many duplicates there are.

    None are good only where every collection was counted: a first look for them may take minutes.
    """
    newest = [row[-1] for row in view.state.seen.sizes.values() if row]
    total = sum(size.duplicates for size in newest)
    if not newest or (not total and any(part.mark is Mark.SILENT for part in parts)):
        return Mark.WARMING, "–"
    if not total:
        return Mark.BLIND if dark(view, Topic.COLLECTIONS) else Mark.PASS, "none"
    return Mark.BREACH, f"{total:,}"


def _duplicates(view: View, parts: tuple[Part, ...], columns: _Columns, width: int) -> Line:
    mark, words = counted_twice(view, parts)
    style = QUIET if mark in DIM else said(mark)
    found = [row[-1] for row in view.state.seen.sizes.values() if row and row[-1].duplicates]
    where = ", ".join(f"{size.collection} {' '.join(size.examples[:1])}" for size in found)
    return (
        (f"{MARKS[mark][0]} ", QUIET if mark in DIM else MARKS[mark][1]),
        fit("duplicates", columns.names, style),
        fit(words, columns.count, style, right=True),
        ("  ", PLAIN),
        named(where, max(0, width - 4 - columns.names - columns.count), style),
    )
