"""The end of a session: concluded by its owner on the last day of the week, with everything done.

From then on the watch only looks. A note, a report and a revert are still taken; a revert opens the session again.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sessions.actions.decision import Decision, refused
from sessions.actions.evidence import evidence
from sessions.gate.judgement import ChoreStatus, Judgement
from sessions.state.measures import measures
from sessions.state.pending import still_open
from sessions.state.reducer import State
from sessions.text.clean import clean
from sessions.values.entries import Draft, Fact
from sessions.values.flag_value import FlagStatus
from sessions.values.requests import Act, Request
from sessions.values.verdicts import Level

OVER = "the session is concluded: only notes, reports and a revert are possible"
STILL = frozenset({Act.NOTE, Act.EXPORT, Act.EDIT, Act.REVERT})
"""What a session that is concluded still takes."""
_FEW = 3


def closed(state: State, act: Act) -> str:
    """Say why an act is not taken any more, empty where it is."""
    return OVER if state.concluded_at is not None and act not in STILL else ""


def conclude(judgement: Judgement, request: Request) -> Decision:
    """Conclude the session; refused with all that is not done."""
    if judgement.state.week_at is None:
        return refused("a session is concluded at the end of its 7-day plan, and that does not run")
    open_ones = tuple(undone(judgement))
    if open_ones:
        return refused(f"cannot conclude yet: {'; '.join(open_ones)}")
    facts: dict[str, Fact] = {"evidence": evidence(judgement)}
    text = f"session concluded at {judgement.state.phase} %" + (f": {request.text}" if request.text else "")
    return Decision((Draft("session.concluded", request.by, text, facts),), done="session concluded")


def undone(judgement: Judgement) -> Iterator[str]:
    """Yield what is left to do before the session can be concluded, a line each."""
    state, now = judgement.state, judgement.at
    days = state.plan.week.days
    if (begins := _last_day(judgement)) is None or now < begins:
        yield f"day {days}, the last one, has not begun"
    yield from _tasks(judgement)
    for item in measures(state):
        yield f"{clean(item.title, 60)} has been on for {item.age(now)}"
    for incident in state.incidents.values():
        if incident.resolved_at is None:
            yield f"{incident.severity} incident {incident.id} is open"
    yield from _troubles(judgement)


def _last_day(judgement: Judgement) -> datetime | None:
    """Return when the last day begins at the latest: with its first task, or so many days after the week began."""
    state = judgement.state
    if state.week_at is None:
        return None
    days = state.plan.week.days
    last = [chore.due_at for chore in judgement.week if chore.day == days]
    return min([*last, state.week_at + timedelta(seconds=(days - 1) * state.plan.week.day)])


def _tasks(judgement: Judgement) -> Iterator[str]:
    state = judgement.state
    texts = [
        f"day {one.day} {one.id.partition('.')[2]}" for one in judgement.week if one.status is not ChoreStatus.DONE
    ]
    texts += [clean(task.text, 60) for task in state.plan.phase(state.phase).activities if task.id not in state.ticked]
    texts += [clean(text, 60) for text in still_open(state).values()]
    if texts:
        more = f" and {len(texts) - _FEW} more" if len(texts) > _FEW else ""
        yield f"{len(texts)} task{'' if len(texts) == 1 else 's'} ({', '.join(texts[:_FEW])}{more})"


def _troubles(judgement: Judgement) -> Iterator[str]:
    """What protects still, and what nobody would look after any more."""
    state = judgement.state
    if state.paused is not None:
        yield "the rollout is paused"
    if state.fuses:
        yield "a fuse burns"
    acting = [risk.title for risk in state.plan.risks if _acts(judgement, risk.id)]
    if acting:
        yield f"{', '.join(acting)} act{'s' if len(acting) == 1 else ''}"
    if state.flag.status is not FlagStatus.CONFIRMED or state.flag.percent != state.phase:
        yield f"the flag was not read back at {state.phase} %"


def _acts(judgement: Judgement, risk: str) -> bool:
    said = judgement.risks.get(risk)
    return said is not None and said.level is Level.ACT
