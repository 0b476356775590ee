"""The sheet behind a task or a runbook step: which figures it lays out, and what it has looked up by the sources."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import tzinfo

from msgspec import Struct

from sessions.actions.runbook import find
from sessions.actions.tasks import task_texts
from sessions.gate.judgement import Judgement
from sessions.plan.model import Plan
from sessions.sheets import course, events, stock, traffic
from sessions.sheets.fresh import Lay, about
from sessions.sheets.pace import LOOKED_UP, per_request, seed
from sessions.sheets.past import Asked, Before, before_phase
from sessions.sheets.retest import retest
from sessions.values.readings import Topic
from sessions.values.sheets import Exhibit, Section, Sheet


class _Compared(Struct, frozen=True):
    """What a kind of sheet asks the history for, and how it lays that beside its figures; None: not known."""

    asks: Callable[[Judgement, Asked], Before]
    lay: Callable[[Judgement, tzinfo | None, Before | None, Sequence[Exhibit]], Iterator[Section]]


class _Kind(Struct, frozen=True):
    """What a kind of sheet lays beside what was before, what it lays out by itself, the look-ups whose rows follow."""

    live: tuple[Lay, ...]
    looked_up: tuple[str, ...] = ()
    compared: _Compared | None = None


_LATENCY = about(Topic.TRAFFIC, traffic.latency)
_ERRORS = about(Topic.TRAFFIC, traffic.errors)
_BEATS = about(Topic.JOURNEYS, events.beats)
_GROWTH = about(Topic.COLLECTIONS, stock.growth)
_DUPLICATES = about(Topic.COLLECTIONS, stock.duplicates)
_QUEUE = about(Topic.QUEUE, stock.queue)
_CAPSULES = about(Topic.CAPSULES, stock.capsules)
_RETURNS = about(Topic.RETURNS, stock.returns)
_CSAT = about(Topic.CSAT, stock.csat)
_RETEST = _Compared(before_phase, retest)
_PACE = _Compared(seed, per_request)

_KINDS: Mapping[str, _Kind] = {
    "monitoring": _Kind((traffic.soak, traffic.sources, traffic.worst, traffic.holes)),
    "journeys": _Kind((events.runs,)),
    "analytics": _Kind((_BEATS,), (LOOKED_UP,), _PACE),
    "flows": _Kind((_CAPSULES, _QUEUE, events.runs), ("newest_capsules", "newest_tickets")),
    "growth": _Kind((_GROWTH,), ("duplicate_documents",)),
    "update": _Kind((course.update,)),
    "retest": _Kind((events.runs,), ("returns_stuck", "low_answers"), _RETEST),
    "dashboards": _Kind((), ("dashboards",)),
    "decision": _Kind((course.gate, course.episodes, course.measures_on)),
    "feedback": _Kind((course.feedback,)),
    "operations": _Kind((traffic.by_flag, _LATENCY), ("slow_operations", "recent_changes", "by_instance")),
    "requests": _Kind((_ERRORS,), ("failing_requests",)),
    "instrumentation": _Kind((_BEATS, events.requests, events.runs), (LOOKED_UP,)),
    "duplicates": _Kind((_DUPLICATES,), ("duplicate_documents",)),
    "queue": _Kind((_QUEUE,), ("newest_tickets",)),
    "csat": _Kind((_CSAT, course.follow_up), ("low_answers",)),
    "morning": _Kind((traffic.worst, _GROWTH), ("duplicate_documents", "dashboards")),
    "midday": _Kind((_QUEUE, _CAPSULES, _RETURNS, _CSAT), ("newest_tickets", "returns_stuck")),
    "evening": _Kind((course.gate, course.episodes, course.measures_on)),
}
"""Every kind that a plan may name, see `values/sheets.py`."""


def sheet_kind(plan: Plan, name: str) -> str:
    """Return the kind of sheet of a task, a `risk.step` or a daily task; empty where it has none."""
    return plan.sheet(name)


def wanted(kind: str) -> tuple[str, ...]:
    """Return the look-ups that a kind of sheet asks the sources for."""
    return _KINDS[kind].looked_up if kind in _KINDS else ()


def before_of(judgement: Judgement, name: str, asked: Asked) -> Before | None:
    """Ask a history for what the sheet of a task is laid beside; None where that compares with nothing."""
    kind = _KINDS.get(sheet_kind(judgement.state.plan, name))
    return kind.compared.asks(judgement, asked) if kind is not None and kind.compared else None


def sheet_of(
    judgement: Judgement, name: str, exhibits: Sequence[Exhibit], tz: tzinfo | None, before: Before | None = None
) -> Sheet | None:
    """Return the sheet of a task at the judgement's moment; None where the plan gives it none.

    A task without one that can be run has its runs.
    """
    state = judgement.state
    kind = sheet_kind(state.plan, name) or ("journeys" if name in state.runnable else "")
    if kind not in _KINDS:
        return None
    compared = _KINDS[kind].compared
    beside = compared.lay(judgement, tz, before, exhibits) if compared else ()
    live = (section for lay in _KINDS[kind].live for section in lay(judgement, tz))
    looked_up = (_section(one) for wish in wanted(kind) for one in exhibits if one.name == wish)
    return Sheet(name, kind, titled(judgement, name), (*beside, *live, *looked_up))


def titled(judgement: Judgement, name: str) -> str:
    """Return what a task or a step is called in the plan."""
    found = find(judgement.state.plan, name)
    if found is not None:
        return f"{found[0].title}: {found[1].text}"
    tasks = {task.id: task.text for phase in judgement.state.plan.phases for task in phase.activities}
    return {**tasks, **task_texts(judgement)}.get(name, name)


def _section(exhibit: Exhibit) -> Section:
    return Section(exhibit.title, exhibit.rows, exhibit.trouble)
