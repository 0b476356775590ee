"""Analytics: for every journey how long ago its newest event was, and its longest gap in the phase."""

from sessions.plan.model import Journey
from sessions.text.units import duration, figure
from sessions.values.readings import Run, Topic
from sessions.values.verdicts import Mark, Part, Verdict
from widgets.base.pane import Pane, Picture
from widgets.base.styled import BAD, GOOD, HOLD, QUIET, STRONG, Line, fit, length, named, wide, worded
from widgets.base.symbols import DIM, MARKS, said, tone
from widgets.base.target import Target, aimed
from widgets.base.view import View, answering
from widgets.panes.latency import noted
from widgets.wording.rows import kept, more

VALUE = 9


class AnalyticsPane(Pane):
    """The beat of every monitored journey."""

    NAME = "analytics"

    @classmethod
    def serves(cls, view: View) -> bool:
        """Return whether there is a journey, or a run of one."""
        return bool(view.plan.journeys or synthetic(view))

    @classmethod
    def lines(cls, view: View) -> tuple[int, ...]:
        """Return a line per journey and per synthetic run."""
        return (max(1, len(view.plan.journeys) + len(synthetic(view))),)

    def moves(self, view: View) -> object:
        """Return how the source of journeys answers."""
        return answering(view, Topic.JOURNEYS)

    def picture(self, view: View, width: int, height: int) -> Picture:
        """Return a line per journey, and where there is room one per synthetic run on its interval."""
        verdict = view.judgement.verdicts.get("analytics", Verdict("analytics", Mark.WARMING))
        known = {part.subject: part for part in verdict.parts}
        journeys = {journey.id: journey for journey in view.plan.journeys}
        parts = tuple(known.get(name, Part(name, Mark.WARMING, unit="s")) for name in journeys)
        shown, left = kept(parts, height)
        rows = tuple(_row(view, journeys[part.subject], part, width) for part in shown)
        rows += (more(view, left, "detail", "journeys"),) if left else ()
        gap = f"gap ≤ {_whole(view.plan.gap)}" if journeys else "runs, no journey in the plan"
        title: Line = (("Analytics ", STRONG), (gap, QUIET))
        rows += tuple(_ran(view, run, width) for run in synthetic(view))[: max(0, height - len(rows))]
        failed = next((run for run in synthetic(view) if not run.ok), None)
        warned: Line = ((f"▲ {failed.name} failed  ", HOLD),) if failed else ()
        if not journeys:
            return Picture(title, rows, warned)
        below = noted(view, Topic.JOURNEYS, verdict.mark, width - self.BORDER + 2 - length(warned))
        return Picture(title, rows, (*warned, *below), tone(verdict.mark))


def _whole(span: float) -> str:
    return f"{span / 60:.0f} min" if span >= 60 and span % 60 == 0 else duration(span)


def _row(view: View, journey: Journey, part: Part, width: int) -> Line:
    """Return a journey's name, the age of its newest event, the bound where it is its own, its longest gap."""
    style = QUIET if part.mark in DIM else said(part.mark)
    longest = longest_gap(view, journey)
    gap = f"max {duration(longest)}" if longest else ""
    bound = f"≤ {duration(part.bound)}" if part.bound and part.bound != view.plan.gap else ""
    room = max(1, width - 2 - VALUE)
    names = min(max((wide(one.id) for one in view.plan.journeys), default=0), room)
    tail = next((each for each in (f"{bound}  {gap}".strip(), bound or gap) if wide(each) + 2 <= room - names), bound)
    names = min(names, room - wide(tail) - 2) if tail else names
    row: Line = (
        (f"{MARKS[part.mark][0]} ", MARKS[part.mark][1]),
        named(journey.id, names, style),
        fit(figure(part.value, "s"), VALUE, style, right=True),
        fit(tail, max(0, room - names), BAD if longest else QUIET, right=True),
    )
    return aimed(Target("analytics", journey.id), row)


def synthetic(view: View) -> tuple[Run, ...]:
    """Return the newest run of each synthetic journey source, by name."""
    return tuple(run for name, run in sorted(view.state.seen.runs.items()) if run.done and run.source == name)


def _ran(view: View, run: Run, width: int) -> Line:
    """Say how a synthetic run ended: it proves traffic and is not judged, so a failed one only warns."""
    glyph, style = ("✔", GOOD) if run.ok else ("▲", HOLD)
    last = run.lines[-1] if run.lines else "no output"
    said = f"run {view.time(run.at)}  {last}" if run.ok else f"run failed {view.time(run.at)}: {last}"
    row: Line = ((f"{glyph} ", style), worded(f"{run.name} {said}", max(1, width - 2), QUIET if run.ok else HOLD))
    return aimed(Target("run", run.name, f"{run.name} {said}"), row)


def longest_gap(view: View, journey: Journey) -> float:
    """Return the longest gap over the bound that reaches into the phase, in seconds; 0 where there is none."""
    entered = view.state.entered_at
    spans = view.state.seen.gaps.get(journey.id, ())
    return max(((end - start).total_seconds() for start, end in spans if entered is None or end > entered), default=0.0)
