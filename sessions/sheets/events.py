"""What the monitored journeys showed: their events, the requests of their endpoints, and synthetic runs."""

from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo

from sessions.criteria.analytics import bound_of
from sessions.gate.judgement import Judgement
from sessions.plan.model import Journey
from sessions.sheets.pace import SPANS, requests_in
from sessions.state.model import State
from sessions.text.units import clock, duration, minutes
from sessions.values.presence import VOUCHED
from sessions.values.readings import Run
from sessions.values.sheets import Row, Section
from sessions.values.verdicts import Mark

_LINES = 12
"""The most lines of a run that are kept, the newest ones."""


def beats(judgement: Judgement, _tz: tzinfo | None) -> Iterator[Section]:
    """Lay out each journey: its newest event, and its longest gap of the phase."""
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


def requests(judgement: Judgement, _tz: tzinfo | None) -> Iterator[Section]:
    """Lay out the requests of each journey's endpoints that an event should have come of."""
    state, now = judgement.state, judgement.at
    spans = [span / state.plan.speed for span in SPANS]
    rows = [_requests(state, journey, now, span) for journey in state.plan.journeys for span in spans]
    yield Section("Requests answered well", tuple(rows))


def _requests(state: State, journey: Journey, now: datetime, span: float) -> Row:
    count, known = requests_in(state.seen.windows, journey, now - timedelta(seconds=span), now)
    whole = known >= VOUCHED * span
    said = f"{count:,.0f}{'' if whole else f', known for {duration(known)} of it'}"
    return Row(f"{journey.id}, last {minutes(span)}", said, mark=None if whole else Mark.BLIND)


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
