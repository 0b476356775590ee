"""What is kept: the baseline, tasks, incidents, waivers, acknowledged alarms."""

from collections.abc import Callable, Mapping

from msgspec.structs import replace

from sessions.state.model import Incident, State, Tick, Waiver
from sessions.values.entries import Entry
from sessions.values.sheets import rows_of


def _baseline_captured(state: State, entry: Entry) -> State:
    pairs = zip(entry.listed("collections"), entry.listed("counts"), strict=False)
    whole = {name: count.removesuffix(".0") for name, count in pairs}
    counts = {name: int(count) for name, count in whole.items() if count.isdecimal()}
    return replace(state, baseline=counts, baseline_at=entry.at)


def _task_ticked(state: State, entry: Entry) -> State:
    task, rest = entry.said("task"), dict(state.ticked)
    rest.pop(task, None)
    if not entry.facts.get("done", True):
        return replace(state, ticked=rest)
    unseen = entry.facts.get("unseen") is True
    tick = Tick(entry.at, entry.by, entry.said("finding"), rows_of(entry), unseen, entry.said("unproved"))
    return replace(state, ticked={**rest, task: entry.at}, ticks={**state.ticks, task: tick})


def _incident_opened(state: State, entry: Entry) -> State:
    name = entry.said("incident")
    incident = Incident(name, entry.said("severity"), entry.text, entry.at)
    return replace(state, incidents={**state.incidents, name: incident})


def _incident_resolved(state: State, entry: Entry) -> State:
    incident = state.incidents.get(entry.said("incident"))
    if incident is None:
        return state
    return replace(state, incidents={**state.incidents, incident.id: replace(incident, resolved_at=entry.at)})


def _waiver_given(state: State, entry: Entry) -> State:
    values = entry.facts.get("values", ())
    figures = values if isinstance(values, tuple) else ()
    marked = zip(entry.listed("marks"), map(float, figures), strict=False)
    known = dict(zip(entry.listed("subjects"), marked, strict=False))
    waiver = Waiver(entry.said("subject"), entry.at, entry.said("reason"), entry.said("verdict"), known)
    return replace(state, waivers={**state.waivers, waiver.subject: waiver})


def _waiver_lapsed(state: State, entry: Entry) -> State:
    """It got worse than what was waived: the criterion holds again."""
    gone = entry.said("subject")
    return replace(state, waivers={name: waiver for name, waiver in state.waivers.items() if name != gone})


def _task_opened(state: State, entry: Entry) -> State:
    """A follow-up task stays until it is ticked, whatever phase is flown; opened again it is to be done again."""
    task = entry.said("task")
    ticked = {name: at for name, at in state.ticked.items() if name != task}
    return replace(state, opened={**state.opened, task: entry.text}, ticked=ticked)


def _draft_written(state: State, entry: Entry) -> State:
    """A message was prepared: its step is done, and done again by the next one."""
    task = entry.said("task")
    return replace(state, ticked={**state.ticked, task: entry.at}) if task else state


def _alarm_acknowledged(state: State, entry: Entry) -> State:
    until = entry.dated("until") or entry.at
    return replace(state, quieted={**state.quieted, **dict.fromkeys(entry.listed("alarms"), until)})


FOLDS: Mapping[str, Callable[[State, Entry], State]] = {
    "baseline.captured": _baseline_captured,
    "task.opened": _task_opened,
    "task.ticked": _task_ticked,
    "draft.written": _draft_written,
    "incident.opened": _incident_opened,
    "incident.resolved": _incident_resolved,
    "waiver.given": _waiver_given,
    "waiver.lapsed": _waiver_lapsed,
    "alarm.acknowledged": _alarm_acknowledged,
}
