"""The panes of the criterion detail: which criterion, which of its subjects, and the chosen one's chart."""

from textwrap import wrap

from sessions.plan.uses import criteria
from sessions.text.units import figure, signed
from sessions.values.verdicts import CRITERIA, Mark, Part, Verdict
from widgets.base.pane import Pane, Picture
from widgets.base.styled import BLANK, LEAD, PLAIN, QUIET, STRONG, Bit, Line, fit, shorten
from widgets.base.symbols import MARKS, foot, said, tone
from widgets.base.target import Target, aimed
from widgets.base.view import View
from widgets.detail.by_flag import by_flag_lines
from widgets.detail.chart import Plot, chart
from widgets.detail.series import ALL, plot, subjects
from widgets.wording.incidents import incident_lines
from widgets.wording.p95 import behind
from widgets.wording.rows import endpoint

_MOST_AHEAD = 4
"""So many lines of the chart's room are given to what is ahead."""


class Tabs(Pane):
    """The criteria of the plan, the chosen one marked."""

    NAME = "tabs"
    chosen = 0

    def picture(self, view: View, width: int, height: int) -> Picture:
        """Return the names with their marks."""
        del width, height
        bits: list[Bit] = []
        for number, name in enumerate(criteria(view.plan)):
            mark = verdict_of(view, name).mark
            here = number == self.chosen
            bits += [
                MARKS[mark],
                (f" {name.capitalize()}", f"bold underline {LEAD}" if here else QUIET),
                ("    ", PLAIN),
            ]
        return Picture((), (tuple(bits),))


class SubjectList(Pane):
    """The subjects of the chosen criterion."""

    NAME = "subjects"
    criterion = CRITERIA[0]
    chosen = 0

    def picture(self, view: View, width: int, height: int) -> Picture:
        """Return a line per subject, the chosen one marked; then what the verdict says."""
        verdict = verdict_of(view, self.criterion)
        parts = {part.subject: part for part in verdict.parts}
        names = subjects(view, self.criterion)
        first = max(0, min(self.chosen - height + 4, len(names) - height + 3))
        rows = [
            aimed(
                Target(self.criterion, name),
                _subject(parts.get(name, Part(name, Mark.WARMING)), first + number == self.chosen, width),
            )
            for number, name in enumerate(names[first : first + max(1, height - 3)])
        ]
        words = _words(view, verdict, width)
        return Picture(
            ((self.criterion.capitalize(), STRONG),), (*rows, BLANK, *words), foot(verdict.mark), tone(verdict.mark)
        )


class ChartPane(Pane):
    """The chart of one subject."""

    NAME = "chart"
    criterion = CRITERIA[0]
    chosen = 0

    def __init__(self) -> None:
        super().__init__()
        self._drawn: tuple[tuple[Plot, int, int], tuple[Line, ...]] | None = None

    def picture(self, view: View, width: int, height: int) -> Picture:
        """Return the chart, or why there is none."""
        names = subjects(view, self.criterion)
        if not names:
            return Picture(((self.criterion.capitalize(), STRONG),), incident_lines(view, width))
        subject = names[min(self.chosen, len(names) - 1)]
        wanted = plot(view, self.criterion, subject)
        below = (*by_flag_lines(view, self.criterion, subject, width), *ahead_of(view, self.criterion, subject, width))
        lines = self._chart(wanted, width, height - len(below)) if wanted else ()
        part = next((row for row in verdict_of(view, self.criterion).parts if row.subject == subject), None)
        title: Line = ((subject, STRONG), (_bound(wanted) + _backfilled(view, self.criterion, subject), QUIET))
        empty: tuple[Line, ...] = (BLANK, (("  No data to draw yet", QUIET),))
        return Picture(
            title, (*(lines or empty), *below), self._foot(view, part, width), tone(part.mark) if part else ""
        )

    def _foot(self, view: View, part: Part | None, width: int) -> Line:
        if part is None:
            return BLANK
        return behind(view, part, width - self.BORDER + 2) if self.criterion == "latency" else foot(part.mark)

    def _chart(self, wanted: Plot, width: int, height: int) -> tuple[Line, ...]:
        """Draw only what changed: drawing takes milliseconds, looking nothing."""
        key = (wanted, width, height)
        if self._drawn is None or self._drawn[0] != key:
            self._drawn = (key, chart(wanted, width, height))
        return self._drawn[1]


def ahead_of(view: View, criterion: str, subject: str, width: int) -> tuple[Line, ...]:
    """Return in a few lines what the next phase will bring of an endpoint or a journey, none where that is enough."""
    rare = {"latency": False, "errors": False, "analytics": True}.get(criterion)
    found = next((one for one in view.judgement.ahead if one.subject == subject and one.rare is rare), None)
    if found is None:
        return ()
    return tuple(((line, QUIET),) for line in wrap(found.said, max(width, 20))[:_MOST_AHEAD])


def verdict_of(view: View, criterion: str) -> Verdict:
    """Return a criterion's verdict; one nobody judged yet waits."""
    return view.judgement.verdicts.get(criterion, Verdict(criterion, Mark.WARMING, text="not judged yet"))


def _bound(wanted: Plot | None) -> str:
    if wanted is None or wanted.bound is None:
        return "  within its expected band" if wanted and wanted.band else ""
    return f"  bound {wanted.bound:g} {wanted.unit}"


def _subject(part: Part, here: bool, width: int) -> Line:
    value = (
        signed(part.value, "%") if part.unit == "%" and part.bound and part.bound > 1 else figure(part.value, part.unit)
    )
    style = f"bold {LEAD}" if here else said(part.mark)
    room = max(4, width - 13)
    return (
        ("▶ " if here else "  ", LEAD),
        (f"{MARKS[part.mark][0]} ", MARKS[part.mark][1]),
        endpoint(part.subject, room, style),
        fit(value, 9, style, right=True),
    )


def _words(view: View, verdict: Verdict, width: int) -> tuple[Line, ...]:
    since = f"Last good {view.time(verdict.since)}" if verdict.since else ""
    eta = f"Earliest pass {view.time(verdict.eta)}" if verdict.eta else ""
    both = " · ".join(word for word in (since, eta) if word)
    return (((shorten(verdict.text, width), said(verdict.mark)),), ((shorten(both, width), QUIET),))


def _backfilled(view: View, criterion: str, subject: str) -> str:
    """Say how many of the windows shown passed while nobody watched."""
    if criterion not in ("latency", "errors"):
        return ""
    known = view.state.seen.windows
    rows = known.values() if subject == ALL else (known.get(subject, ()),)
    count = len({window.start for row in rows for window in row if window.backfilled})
    return f"  · {count} backfilled" if count else ""
