"""The draft of a report line by line, and the entries behind the line under the cursor."""

from textwrap import wrap

from msgspec import Struct

from sessions.reports.drafts import Bullet
from sessions.reports.episodes import Episode
from sessions.reports.page import MOST_WORDS, Draft, page
from sessions.text.units import counted
from widgets.base.pane import Pane, Picture
from widgets.base.styled import BLANK, HOLD, LEAD, PLAIN, QUIET, STRONG, Line, wide, worded
from widgets.base.target import Target, aimed
from widgets.base.view import View
from widgets.detail.chart import chart
from widgets.detail.series import plot

_CHART = 11
_CHARTED = ("latency", "errors", "analytics", "growth")


class Spot(Struct, frozen=True):
    """Where the cursor can stand: a line of a section, the how many-th `among` how many, or a section without any."""

    section: str
    line: Bullet | None
    number: int = 0
    among: int = 0
    struck: bool = False


def spots(draft: Draft) -> tuple[Spot, ...]:
    """Return every place of a draft, in order."""
    found = list[Spot]()
    for section, rows in draft.lines.items():
        lines = [Spot(section, row, n, len(rows), row.key in draft.struck) for n, row in enumerate(rows)]
        found += lines or [Spot(section, None)]
    return tuple(found)


class DraftPane(Pane):
    """The draft: own lines carry `+`, reworded ones `*`, struck ones are dim, and each says when its facts changed."""

    NAME = "draft"
    draft: Draft | None = None
    rows: tuple[Spot, ...] = ()
    at = 0

    def take(self, draft: Draft) -> None:
        """Take a draft; the cursor stays on its line."""
        was = self.rows[self.at].line if self.at < len(self.rows) else None
        self.draft, self.rows = draft, spots(draft)
        same = (n for n, spot in enumerate(self.rows) if was is not None and spot.line and spot.line.key == was.key)
        self.at = next(same, min(self.at, max(0, len(self.rows) - 1)))

    def picture(self, view: View, width: int, height: int) -> Picture:
        """Return as much of the draft as there is room for, the cursor in sight."""
        del view
        if self.draft is None:
            return Picture((("Report", STRONG),), ())
        lines, first, last = list[Line](), 0, 0
        for number, spot in enumerate(self.rows):
            if spot.number == 0:
                lines += [BLANK, ((spot.section, STRONG),)] if lines else [((spot.section, STRONG),)]
            begins = len(lines)
            text = spot.line.text if spot.line else spot.section
            about = Target("draft", str(number), text)
            lines += [aimed(about, line) for line in _spot(spot, width, here=number == self.at)]
            if number == self.at:
                first, last = begins, len(lines)
        top = max(0, min(last - height, first) if last > height else 0)
        words = len(page(self.draft).split())
        count = counted(words, "words") if words < MOST_WORDS else f"{words} words, a page has fewer than {MOST_WORDS}"
        room, whole = width - self.BORDER + 2, f"Report of {self.draft.period.title}"
        title: Line = ((whole if wide(whole) <= room else worded(self.draft.period.title, room)[0], STRONG),)
        return Picture(title, tuple(lines[top : top + height]), ((count, QUIET),))


def _spot(spot: Spot, width: int, *, here: bool) -> list[Line]:
    mark = ("▶", f"bold {LEAD}") if here else (" ", PLAIN)
    if spot.line is None:
        return [(mark, ("   none", QUIET))]
    row = spot.line
    sign = ("+", LEAD) if row.own else ("*", LEAD) if row.drafted else (" ", PLAIN)
    sign = ("✕", QUIET) if spot.struck else sign
    style = f"strike {QUIET}" if spot.struck else f"bold {LEAD}" if here else PLAIN
    texts = wrap(row.text, max(10, width - 4)) or [""]
    lines: list[Line] = [(mark, (" ", PLAIN), sign, (" ", PLAIN), (texts[0], style))]
    lines += [(("    ", PLAIN), (text, style)) for text in texts[1:]]
    if row.changed and not spot.struck:
        lines.append((("    ", PLAIN), (f"▲ {row.changed}", HOLD)))
    return lines


class StandsOn(Pane):
    """The entries behind the line under the cursor, what was drafted of it, and the course of its measure."""

    NAME = "stands"
    draft: Draft | None = None
    spot: Spot | None = None

    def picture(self, view: View, width: int, height: int) -> Picture:
        """Return the entries, then the chart where there is one."""
        title: Line = (("Stands on", STRONG),)
        row = self.spot.line if self.spot is not None else None
        if row is None:
            return Picture(title, tuple(((text, QUIET),) for text in wrap(_NOTHING, max(10, width))))
        drawn = self._chart(view, row, width, min(_CHART, height // 2))
        above = [*_drafted(row, width), *_entries(view, row, width)]
        room = height - len(drawn)
        if len(above) > room:
            above = [*above[: max(0, room - 1)], (("… more, in the log (4)", QUIET),)]
        return Picture(
            title,
            (*above, *drawn),
            ((f"{len(row.sources)} {'entry' if len(row.sources) == 1 else 'entries'}", QUIET),)
            if row.sources
            else BLANK,
        )

    def _chart(self, view: View, row: Bullet, width: int, height: int) -> tuple[Line, ...]:
        episode = self._episode(row)
        if episode is None or episode.about not in _CHARTED:
            return ()
        subjects = (entry.said("subject") for entry in episode.entries)
        subject = next(filter(None, subjects), "")
        wanted = plot(view, episode.about, subject) if subject else None
        lines = chart(wanted, width, height - 2) if wanted else ()
        return (BLANK, ((f"{episode.about} {subject}", QUIET),), *lines) if lines else ()

    def _episode(self, row: Bullet) -> Episode | None:
        known = self.draft.episodes if self.draft is not None else ()
        return next((one for one in known if row.key == f"risks.{one.entries[0].seq}"), None)


_NOTHING = "No line here yet: a adds a line of your own."


def _drafted(row: Bullet, width: int) -> list[Line]:
    if row.own:
        return [(("Your own line.", QUIET),)]
    if not row.drafted:
        return []
    return [(("Drafted:", QUIET),), *(((text, PLAIN),) for text in wrap(row.drafted, max(10, width))), BLANK]


def _entries(view: View, row: Bullet, width: int) -> list[Line]:
    wanted = set(row.sources)
    lines = list[Line]()
    for entry in view.state.entries:
        if entry.seq in wanted:
            head = f"#{entry.seq} {view.time(entry.happened, fine=True)} "
            texts = wrap(entry.text, max(10, width - 2), initial_indent=head) or [head]
            lines.append(((head, QUIET), (texts[0][len(head) :], PLAIN)))
            lines += [(("  ", PLAIN), (text, PLAIN)) for text in texts[1:]]
    return lines or ([] if row.own else [((("It describes the current state, not an entry."), QUIET),)])
