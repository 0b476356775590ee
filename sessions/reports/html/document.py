"""The report as one HTML file: the page first, then the charts, then the proof; it asks nothing of any network."""

from collections.abc import Sequence
from datetime import tzinfo
from typing import TypeVar

from msgspec.structs import replace

from sessions.gate.judgement import Judgement
from sessions.handover.peaks import Peaks
from sessions.reports.drafts import Bullet
from sessions.reports.html.chart import chart, under
from sessions.reports.html.course import Course, course
from sessions.reports.html.curves import Curves
from sessions.reports.html.figures import Group, groups
from sessions.reports.html.markup import NOTHING, Html, joined, tag
from sessions.reports.html.strip import strip
from sessions.reports.html.style import STYLE
from sessions.reports.page import Draft, Head, Shown, drafted, head, left_out, shown, summary
from sessions.reports.periods import Period
from sessions.reports.proof import LOG, Item, Part, proof
from sessions.text.units import duration

T = TypeVar("T")
_LOG_ROOM, _ROOM = 350_000, 40_000
"""So many characters the log, and any other part of the proof, has at most."""
_ALONE = "default-src 'none'; style-src 'unsafe-inline'"
"""What a browser may load for this page: nothing but its own style."""


def as_html(
    judgement: Judgement, period: Period, tz: tzinfo | None, high: Peaks | None = None, lines: Curves | None = None
) -> str:
    """Return the report of a period as one HTML file; `lines` are what is charted, None where no history was asked."""
    title, main = main_of(judgement, period, tz, high, lines)
    return page_of(title, tag("main", main), _ALONE)


def main_of(
    judgement: Judgement, period: Period, tz: tzinfo | None, high: Peaks | None, lines: Curves | None
) -> tuple[str, Html]:
    """Return the title and the body of a report."""
    draft, told = drafted(judgement, period, tz, high), head(judgement, period.title, tz)
    parts = tuple(_fitting(part) for part in proof(judgement, draft, tz))
    known = frozenset(row[0] for part in parts if part.title == LOG for row in part.rows)
    over = course(judgement, period, draft.episodes)
    inside = (
        _page(draft, told, known),
        _charts(groups(judgement, period, lines, tz) if lines else (), over, lines, tz),
        tag("section", *(_part(part) for part in parts), class_="proof"),
    )
    return told.title, joined(inside)


def page_of(title: str, main: Html, policy: str, more: Html = NOTHING, last: Html = NOTHING) -> str:
    """Return one HTML file: `policy` is what a browser may load, `more` stands in its head, `last` at its end."""
    top = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", http_equiv="Content-Security-Policy", content=policy),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", title),
        tag("style", Html(STYLE)),
        more,
    )
    return f"<!DOCTYPE html>\n{tag('html', top, tag('body', main, last), lang='en')}\n"


def _page(draft: Draft, told: Head, known: frozenset[str]) -> Html:
    strong, rest = summary(draft)
    peaks = tag("ul", *(tag("li", peak) for peak in draft.peaks)) if draft.peaks else ""
    return tag(
        "header",
        tag("h1", told.title),
        tag("p", tag("b", told.standing), class_="standing"),
        tag("p", f"{told.gate} {told.flag}"),
        tag("p", told.session, class_="quiet"),
        tag("div", tag("strong", strong), rest, peaks, class_="well"),
        *(_section(one, known) for one in shown(draft)),
    )


def _section(one: Shown, known: frozenset[str]) -> Html:
    lines = [tag("li", f"{row.text} ", _numbers(row, known)) for row in one.lines]
    lines += [tag("li", left_out(one), class_="quiet")] if one.more else []
    body = tag("ul", *lines) if lines else tag("p", one.none, class_="none")
    return tag("section", tag("h2", one.title), body)


def _numbers(row: Bullet, known: frozenset[str]) -> Html:
    """The sources, leading to the first of them in the log below."""
    if not row.numbers:
        return Html("")
    first = str(row.sources[0]) if row.sources else ""
    inside: object = tag("a", row.numbers, href=f"#e{first}") if first in known else row.numbers
    return tag("span", inside, class_="numbers")


def _charts(found: Sequence[Group], over: Course, lines: Curves | None, tz: tzinfo | None) -> Html:
    told = (
        "p95 and failed requests of whole windows with enough requests. Under each line lie pauses, fuses, what nobody "
        "watched, and the moves of the rollout."
    )
    each = f" A point is the highest of {duration(lines.step)}." if lines else ""
    return tag(
        "section",
        tag("h2", "Course and charts"),
        strip(over, tz),
        *([tag("p", told + each, class_="quiet"), under(over)] if found else []),
        *(_group(group, over, tz) for group in found),
        class_="charts",
    )


def _group(group: Group, over: Course, tz: tzinfo | None) -> Html:
    left = tag("p", f"and {group.left} more, all of them lower", class_="quiet") if group.left else ""
    empty = tag("p", f"Nothing to draw of {', '.join(group.empty)}.", class_="quiet") if group.empty else ""
    charts = tag("div", *(chart(one, over, tz) for one in group.charts), class_="grid")
    return joined((tag("h3", group.title), charts, left, empty))


def _fitting(part: Part) -> Part:
    """Keep the newest of what is long, so that the file stays small; how much is left out is said."""
    room = _LOG_ROOM if part.title == LOG else _ROOM
    rows, items = _newest(part.rows, room), _newest(part.items, room)
    left = len(part.rows) + len(part.items) - len(rows) - len(items)
    if not left:
        return part
    said = f"{part.said} {left:,} older ones are not here: the report in Markdown has all of them.".strip()
    return replace(part, said=said, rows=rows, items=items)


def _newest(rows: Sequence[T], room: int) -> tuple[T, ...]:
    kept = list[T]()
    for row in reversed(rows):
        room -= len(str(row)) + _FRAME
        if room < 0:
            break
        kept.append(row)
    return tuple(reversed(kept))


_FRAME = 100
"""So many characters the markup of one row takes."""


def _part(part: Part) -> Html:
    said = tag("p", part.said) if part.said else ""
    rows = _table(part) if part.rows else ""
    items = tag("ul", *map(_item, part.items)) if part.items else ""
    none = "" if said or rows or items else tag("p", part.none, class_="none")
    return joined((tag("h2", part.title), said, rows, items, none))


def _table(part: Part) -> Html:
    heads = [tag("th", name.removesuffix(">"), class_=_side(name)) for name in part.heads]
    rows = (
        tag(
            "tr",
            *(tag("td", cell, class_=_side(name)) for cell, name in zip(row, part.heads, strict=True)),
            id=f"e{row[0]}" if part.title == LOG else None,
        )
        for row in part.rows
    )
    whole = tag("table", tag("thead", tag("tr", *heads)), tag("tbody", *rows))
    return tag("div", whole, class_="scroll")


def _side(head: str) -> str | None:
    return "right" if head.endswith(">") else None


def _item(item: Item) -> Html:
    strong = joined((tag("strong", item.strong), " ")) if item.strong else ""
    more = tag("ul", *(tag("li", line) for line in item.more)) if item.more else ""
    return tag("li", strong, item.text, more)
