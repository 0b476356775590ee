"""What the monitored journeys showed: their events against the requests of their endpoints, and synthetic runs."""

from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo

from sessions.criteria.analytics import bound_of
from sessions.gate.judgement import Judgement
from sessions.plan.model import Journey
from sessions.state.model import State
from sessions.text.units import clock, duration
from sessions.values.readings import Run
from sessions.values.sheets import Row, Section
from sessions.values.verdicts import Mark

_SPANS = (600.0, 3600.0)
"""Over so many seconds back requests are counted, on the plan's clock."""
_LINES = 12
"""So many lines of a run are told, the newest."""


def beats(judgement: Judgement, _tz: tzinfo | None) -> Iterator[Section]:
    """Lay out each journey: its newest event, its longest gap of the phase, the requests of its endpoints."""
    for journey in judgement.state.plan.journeys:
        yield Section(journey.id, tuple(_journey(judgement, journey)))


def _journey(judgement: Judgement, journey: Journey) -> Iterator[Row]:
    state, now = judgement.state, judgement.at
    beat, bound = state.seen.beats.get(journey.id), bound_of(state, journey)
    part = next((one for told in judgement.verdicts.values() for one in told.parts if one.subject == journey.id), None)
    if beat is None or beat.newest is None:
        yield Row("newest event", "none seen", f"≤ {duration(bound)} ago", mark=part.mark if part else Mark.BLIND)
    else:
        age, mark = (now - beat.newest).total_seconds(), part.mark if part else None
        mark = Mark.THIN if mark is Mark.PASS and age > bound else mark
        yield Row("newest event", f"{duration(age)} ago", f"≤ {duration(bound)} ago", beat.newest, mark)
    gaps = state.seen.gaps.get(journey.id, ())
    longest = max(((until - since).total_seconds() for since, until in gaps), default=0.0)
    told = f"{len(gaps)}, the longest {duration(longest)}" if gaps else "none"
    yield Row("gaps in this phase", told, f"≤ {duration(bound)} each", mark=Mark.BREACH if gaps else Mark.PASS)
    for span in _SPANS:
        length = span / state.plan.speed
        yield Row(f"requests in {duration(length)}", f"{_requests(state, journey, now, length):.0f} answered well")


def _requests(state: State, journey: Journey, now: datetime, span: float) -> float:
    """Return the requests of a journey's endpoints that an event should have come of, over the newest `span` s.

    A window that reaches further back counts with the part of it that lies within.
    """
    since, found = now - timedelta(seconds=span), 0.0
    for endpoint in journey.endpoints:
        for row in state.seen.windows.get(endpoint, ()):
            until = min(row.end, max(row.at, row.start))
            whole = (until - row.start).total_seconds()
            inside = (until - max(row.start, since)).total_seconds()
            if inside > 0 and whole > 0:
                found += row.served * inside / whole
    return found


def runs(judgement: Judgement, tz: tzinfo | None) -> Iterator[Section]:
    """Lay out the newest run of every synthetic journey and every check, with its steps."""
    state = judgement.state
    titles = {task.id: task.text for phase in state.plan.phases for task in phase.activities}
    if not state.seen.runs:
        runnable = bool(state.runnable)
        yield Section(
            "Runs", trouble="none yet: g runs it" if runnable else "no journey and no activity in cockpit.toml"
        )
    for name, run in state.seen.runs.items():
        yield Section(f"{titles.get(name, name)} {_how(run)}, {clock(run.at, tz)}", tuple(_steps(run)))


def _how(run: Run) -> str:
    if not run.done:
        return "runs"
    return "passed" if run.ok else "failed"


def _steps(run: Run) -> Iterator[Row]:
    lines = run.lines[-_LINES:]
    for number, line in enumerate(lines, len(run.lines) - len(lines) + 1):
        last = run.done and number == len(run.lines)
        yield Row(str(number), line, mark=None if not last else Mark.PASS if run.ok else Mark.BREACH)
