"""The criteria as one table: a row for each endpoint, journey and collection, with value, bound and windows."""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from sessions.text.units import figure
from sessions.values.readings import Topic
from sessions.values.verdicts import WORST_FIRST, Mark, Part, Verdict, worst
from widgets.base.pane import Pane, Picture
from widgets.base.sparks import sparks
from widgets.base.styled import BLANK, LEAD, PLAIN, QUIET, STRONG, Bit, Line, fit, joined, shorten, wide, worded
from widgets.base.symbols import DIM, MARKS, said, strip, tone
from widgets.base.target import Target, aimed
from widgets.base.view import View, answering, trouble
from widgets.frame.phase_rail import short
from widgets.panes.errors import shares, spikes
from widgets.panes.growth import bound_words, counted_twice, deviation
from widgets.panes.latency import running_style
from widgets.panes.latency import subjects as endpoints
from widgets.wording.rows import beside, endpoint, longest, more

LABEL, VALUE, LEAST, MOST = 10, 9, 8, 40
"""Cells of a group's name, of a value, and of a trend at least and at most."""


class Row(Struct, frozen=True):
    """One row: its group, its mark, its name, its value and bound in words, its windows, its trend."""

    group: str
    mark: Mark
    name: str
    value: str
    bound: str = ""
    windows: Line = ()
    trend: tuple[float | None, ...] = ()
    limit: float | None = None

    @property
    def about(self) -> Target:
        """What the row is about."""
        if self.name == "duplicates":
            return Target("duplicates", "all")
        kind, subject = _KINDS.get(self.group, (self.group, self.name))
        return Target(kind, subject or self.name)


_KINDS = {"p95": ("latency", ""), "gap": ("analytics", ""), "incidents": ("incidents", "severe")}


class _Columns(Struct, frozen=True):
    label: int
    names: int
    value: int
    bound: int
    trend: int
    strips: int


class CriteriaPane(Pane):
    """Every criterion with its subjects."""

    NAME = "criteria"

    @classmethod
    def lines(cls, view: View) -> tuple[int, ...]:
        """Return a line per row; then with air between the criteria."""
        plan = view.plan
        groups = 3 + bool(plan.journeys) + bool(plan.collections)
        count = len(plan.endpoints) + 2 + len(plan.journeys) + len(plan.collections) + bool(plan.collections) + 1
        return (count, count + groups - 1)

    def moves(self, view: View) -> object:
        """Return how the sources of all criteria answer."""
        return answering(view, *_TOPICS)

    def picture(self, view: View, width: int, height: int) -> Picture:
        """Return the rows; where room is short the worst stay, and the last line says how many more there are."""
        rows = tuple(_rows(view))
        shown = _kept(rows, height)
        columns = _columns(view, rows, width)
        airy = len(shown) == len(rows) and height >= len(rows) + len({row.group for row in rows}) - 1
        lines: list[Line] = []
        for number, row in enumerate(shown):
            begins = number == 0 or shown[number - 1].group != row.group
            lines += [BLANK] if begins and number and airy else []
            lines.append(aimed(row.about, _line(row, columns, width, label=row.group if begins else "")))
        if left := len(rows) - len(shown):
            lines.append(more(view, left, "detail", "rows", _worst(row for row in rows if row not in shown)))
        verdicts = tuple(view.judgement.verdicts.values())
        mark = _worst(verdicts)
        title: Line = (("Criteria ", STRONG), (f"{short(view.plan.windows.length)} windows", QUIET))
        return Picture(title, tuple(lines[:height]), _foot(view, verdicts, width - self.BORDER + 2), tone(mark))


def _worst(rows: "Sequence[Verdict] | Iterator[Row]") -> Mark:
    return min((row.mark for row in rows), key=WORST_FIRST.index, default=Mark.WARMING)


def _kept(rows: tuple[Row, ...], height: int) -> tuple[Row, ...]:
    if len(rows) <= height:
        return rows
    ranked = sorted(range(len(rows)), key=lambda place: (WORST_FIRST.index(rows[place].mark), place))
    return tuple(rows[place] for place in sorted(ranked[: max(0, height - 1)]))


def _rows(view: View) -> Iterator[Row]:
    yield from _latency(view)
    yield from _errors(view)
    yield from _analytics(view)
    yield from _growth(view)
    verdict = _verdict(view, "incidents")
    yield Row("incidents", verdict.mark, verdict.text, "")


def _verdict(view: View, name: str) -> Verdict:
    return view.judgement.verdicts.get(name, Verdict(name, Mark.WARMING, text="not judged yet"))


def _latency(view: View) -> Iterator[Row]:
    bound = view.plan.latency.p95_ms
    for part in endpoints(view, _verdict(view, "latency")):
        windows = view.state.seen.windows.get(part.subject, ())
        running = running_style(view, windows[-1] if windows else None)
        yield Row(
            "p95",
            part.mark,
            part.subject,
            figure(part.value, "ms", over=part.over),
            beside(part.value, bound, figure(bound, "ms")),
            strip(part, view.plan.windows.count, running),
            tuple(window.p95_ms for window in windows),
            bound,
        )


def _errors(view: View) -> Iterator[Row]:
    """All, then the endpoints that do not pass, at least the worst of them; then the newest spike."""
    parts = _verdict(view, "errors").parts
    ends = [part for part in parts if part.subject != "all"]
    bound, count = view.plan.errors.share, view.plan.windows.count
    every = next((part for part in parts if part.subject == "all"), Part("all", Mark.WARMING))
    top = worst(tuple(ends))
    shown = [part for part in ends if part.mark not in (Mark.PASS, Mark.WARMING) or part is top]
    running = LEAD if any(row and row[-1].at < row[-1].end for row in view.state.seen.windows.values()) else ""
    for part in (every, *shown):
        trend = tuple(shares(view)) if part is every else ()
        words = figure(part.value, "%"), beside(part.value, bound, figure(bound, "%"), "<")
        yield Row("errors", part.mark, part.subject, *words, strip(part, count, running), trend, bound)
    if found := spikes(view):
        newest = max(found, key=lambda minute: minute.end)
        text = f"of {newest.requests:,.0f} at {view.time(newest.end)}"
        yield Row("errors", Mark.BREACH, "5xx spike", f"{newest.errors:,.0f}", text)


def _analytics(view: View) -> Iterator[Row]:
    known = {part.subject: part for part in _verdict(view, "analytics").parts}
    for journey in view.plan.journeys:
        part = known.get(journey.id, Part(journey.id, Mark.WARMING))
        limit = part.bound or view.plan.gap
        yield Row("gap", part.mark, journey.id, figure(part.value, "s"), beside(part.value, limit, short(limit)))


def _growth(view: View) -> Iterator[Row]:
    known = {part.subject: part for part in _verdict(view, "growth").parts}
    parts = tuple(known.get(one.name, Part(one.name, Mark.WARMING)) for one in view.plan.collections)
    for part in parts:
        sizes = view.state.seen.sizes.get(part.subject, ())
        least = min((size.count for size in sizes), default=0)
        yield Row(
            "growth",
            part.mark,
            part.subject,
            deviation(part),
            bound_words(part),
            trend=tuple(float(size.count - least) for size in sizes),
        )
    if parts:
        mark, words = counted_twice(view, parts)
        yield Row("growth", mark, "duplicates", words, "= 0" if mark is Mark.BREACH else "")


def _columns(view: View, rows: tuple[Row, ...], width: int) -> _Columns:
    """Return the cells of each column: a trend yields first, then the groups, and only then names lose their middle.

    A row without windows takes for its value what its name leaves, and for its bound what they leave.
    """
    judged = [row for row in rows if row.windows]
    free = [row for row in rows if not row.windows and row.group != "incidents"]
    value, strips = max([VALUE, *(wide(row.value) for row in judged)]), 2 * view.plan.windows.count + 1
    bound = max([0, *(wide(row.bound) for row in judged), *(wide(row.bound) - strips - 2 for row in free)])
    room = width - 2 - value - 1 - bound - 2 - strips
    names = longest(row.name for row in judged)
    names = max([names, *(wide(row.name) + 1 + max(0, wide(row.value) - value) for row in free)])
    label = LABEL if room - names >= LABEL else 0
    names = min(names, room - label)
    trend = min(MOST, room - label - names - 2)
    return _Columns(label, names, value, bound, trend if trend >= LEAST else 0, strips)


def _line(row: Row, columns: _Columns, width: int, *, label: str) -> Line:
    style = QUIET if row.mark in DIM else said(row.mark)
    glyph: Bit = (f"{MARKS[row.mark][0]} ", MARKS[row.mark][1])
    if row.group == "incidents":
        head: Line = (glyph, fit("incidents", LABEL, QUIET))
        return (*head, worded(row.name, max(1, width - 2 - LABEL), style))
    value = max(columns.value, 0 if row.windows else wide(row.value) + 1)
    names = columns.names + columns.value - value
    head = (
        glyph,
        fit(label, columns.label, QUIET),
        endpoint(row.name, names, style),
        fit(row.value, value, style, right=True),
        (" ", PLAIN),
    )
    bound = max(columns.bound, 0 if row.windows else wide(row.bound))
    room = columns.trend - (bound - columns.bound)
    drawn = sparks(row.trend, room, 1, bound=row.limit)[0] if row.trend and room > 0 else ((" " * room, PLAIN),)
    trend = (("  ", PLAIN), *drawn) if columns.trend else ()
    return (*head, fit(row.bound, bound, QUIET), *trend, ("  ", PLAIN), *row.windows)


_TOPICS = (Topic.TRAFFIC, Topic.JOURNEYS, Topic.COLLECTIONS, Topic.TRIAGE)


def _foot(view: View, verdicts: Sequence[Verdict], width: int) -> Line:
    """Count the verdicts, the worst first; before them what is wrong with a source, as far as there is room."""
    counts = [(mark, sum(one.mark is mark for one in verdicts)) for mark in WORST_FIRST]
    words: list[Line] = [
        ((f"{MARKS[mark][0]} {count} {mark.value}", MARKS[mark][1]),) for mark, count in counts if count
    ]
    foot = joined(words, (" · ", QUIET))
    wrong, style = trouble(view, *(topic for topic in _TOPICS if topic in view.state.seen.health))
    room = width - sum(wide(text) for text, _ in foot) - 1
    return ((f"{shorten(wrong, room)} ", style), *foot) if wrong and room > LEAST else foot
