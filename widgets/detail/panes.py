"""The panes of the criterion detail: which criterion, which of its subjects, and the chosen one's chart."""

from textwrap import wrap

from sessions.plan.uses import criteria
from sessions.text.units import figure
from sessions.values.verdicts import CRITERIA, Mark, Part, Verdict
from widgets.base.pane import Pane, Picture
from widgets.base.styled import BLANK, LEAD, PLAIN, QUIET, STRONG, Bit, Line, fit, middle, wide
from widgets.base.symbols import MARKS, foot, said, tone
from widgets.base.target import Target, aimed
from widgets.base.view import View
from widgets.detail.by_flag import by_flag_lines
from widgets.detail.chart import Plot, chart
from widgets.detail.series import ALL, plot, subjects
from widgets.panes.growth import deviation
from widgets.wording.incidents import incident_lines
from widgets.wording.p95 import behind
from widgets.wording.rows import endpoint, told_in

_VALUE, _MOST_SAID = 9, 3
"""Cells of a value at least, and lines of what a verdict says at most."""
_MOST_KEPT = 32
"""Charts that are kept as they were drawn."""
_MOST_AHEAD = 4
"""So many lines of the chart's room are given to what is ahead."""


class Tabs(Pane):
    """The criteria of the plan, the chosen one marked."""

    NAME = "tabs"
    chosen = 0

    def picture(self, view: View, width: int, height: int) -> Picture:
        """Return the names with their marks."""
        del height
        bits: list[Bit] = []
        names = criteria(view.plan)
        taken = sum(wide(name) + 2 for name in names)
        air = next((air for air in (4, 3, 2) if taken + air * (len(names) - 1) <= width), 1)
        for number, name in enumerate(names):
            mark = verdict_of(view, name).mark
            here = number == self.chosen
            bits += [(" " * air, PLAIN)] if number else []
            bits += [MARKS[mark], (f" {name.capitalize()}", f"bold underline {LEAD}" if here else QUIET)]
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
        words = _words(view, verdict, width)
        room = max(1, height - len(words))
        words = (BLANK, *words) if 0 < len(names) < room else words[: height - room]
        first = max(0, min(self.chosen - room + 1, len(names) - room))
        known = [parts.get(name, Part(name, Mark.WARMING)) for name in names]
        value = max([_VALUE, *(wide(_value(self.criterion, part)) + 1 for part in known)])
        rows = [
            aimed(
                Target(self.criterion, part.subject), self._subject(part, first + number == self.chosen, width, value)
            )
            for number, part in enumerate(known[first : first + room])
        ]
        title = ((self.criterion.capitalize(), STRONG),)
        return Picture(title, (*rows, *words), foot(verdict.mark), tone(verdict.mark))

    def _subject(self, part: Part, here: bool, width: int, value: int) -> Line:
        style = f"bold {LEAD}" if here else said(part.mark)
        return (
            ("▶ " if here else "  ", LEAD),
            (f"{MARKS[part.mark][0]} ", MARKS[part.mark][1]),
            endpoint(part.subject, max(4, width - 4 - value), style),
            fit(_value(self.criterion, part), value, style, right=True),
        )


class ChartPane(Pane):
    """The chart of one subject."""

    NAME = "chart"
    criterion = CRITERIA[0]
    chosen = 0

    def __init__(self) -> None:
        super().__init__()
        self._drawn: dict[str, tuple[tuple[Plot, int, int], tuple[Line, ...]]] = {}

    def picture(self, view: View, width: int, height: int) -> Picture:
        """Return the chart, or why there is none."""
        names = subjects(view, self.criterion)
        if not names:
            return Picture(((self.criterion.capitalize(), STRONG),), incident_lines(view, width, height))
        subject = names[min(self.chosen, len(names) - 1)]
        wanted = plot(view, self.criterion, subject)
        below = (*by_flag_lines(view, self.criterion, subject, width), *ahead_of(view, self.criterion, subject, width))
        lines = self._chart(subject, wanted, width, height - len(below)) if wanted else ()
        part = next((row for row in verdict_of(view, self.criterion).parts if row.subject == subject), None)
        said = (_bound(wanted) + _backfilled(view, self.criterion, subject), _bound(wanted), "")
        title = _titled(subject, said, width - self.BORDER + 2)
        empty: tuple[Line, ...] = (BLANK, (("  No data to draw yet", QUIET),))
        return Picture(
            title, (*(lines or empty), *below), self._foot(view, part, width), tone(part.mark) if part else ""
        )

    def _foot(self, view: View, part: Part | None, width: int) -> Line:
        if part is None:
            return BLANK
        return behind(view, part, width - self.BORDER + 2) if self.criterion == "latency" else foot(part.mark)

    def _chart(self, subject: str, wanted: Plot, width: int, height: int) -> tuple[Line, ...]:
        """Draw only what changed since that chart was shown last: drawing takes milliseconds, looking nothing."""
        name, key = f"{self.criterion} {subject}", (wanted, width, height)
        if name not in self._drawn or self._drawn[name][0] != key:
            if len(self._drawn) >= _MOST_KEPT:
                self._drawn.clear()
            self._drawn[name] = (key, chart(wanted, width, height))
        return self._drawn[name][1]


def _titled(subject: str, said: tuple[str, ...], width: int) -> Line:
    """Return the subject with as much as fits whole beside it; a name that is too long loses its middle."""
    beside = next((text for text in said if wide(subject) + wide(text) <= width), "")
    return ((middle(subject, width - wide(beside)), STRONG), (beside, QUIET))


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


def _value(criterion: str, part: Part) -> str:
    """Return the value of a subject with its unit; a collection's is how far off it is, or its duplicates."""
    if criterion != "growth" or part.unit == "duplicates":
        return figure(part.value, part.unit, over=part.over)
    return deviation(part)


def _words(view: View, verdict: Verdict, width: int) -> tuple[Line, ...]:
    """Return what the verdict says, and when it was and will be good; what is too long for a line goes on below."""
    since = f"Last good {view.time(verdict.since)}" if verdict.since else ""
    eta = f"Earliest pass {view.time(verdict.eta)}" if verdict.eta else ""
    both = " · ".join(word for word in (since, eta) if word)
    several = (both,) if wide(both) <= width else (since, eta)
    lines: list[Line] = [((text, said(verdict.mark)),) for text in told_in(verdict.text, width, _MOST_SAID)]
    return (*lines, *(((text, QUIET),) for text in several if text))


def _backfilled(view: View, criterion: str, subject: str) -> str:
    """Say how many of the windows shown passed while nobody watched."""
    if criterion not in ("latency", "errors"):
        return ""
    known = view.state.seen.windows
    rows = known.values() if subject == ALL else (known.get(subject, ()),)
    count = len({window.start for row in rows for window in row if window.backfilled})
    return f"  · {count} backfilled" if count else ""
