"""The state of a session: a fold over its entries and readings, so that a restart is a replay.

All that changes state lives here; nothing here judges.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from sessions.entries import Entry
from sessions.plan import Plan
from sessions.readings import Reading
from sessions.seen import Seen, see
from sessions.standing import FlagState, Fuse, Incident, Pause, Span, Waiver
from sessions.verdicts import Level, Mark

__all__ = [
    "UNWATCHED",
    "FlagState",
    "Fuse",
    "Incident",
    "Pause",
    "Span",
    "State",
    "Waiver",
    "apply",
    "observe",
    "replay",
]

UNWATCHED = (Mark.BLIND, Mark.SILENT)
"""A criterion in one of these is not watched: the time does not count as covered."""


@dataclass(frozen=True, slots=True)
class State:
    """Everything the entries say (replayable from the journal), and in `seen` what the readings say.

    `visits` are the phases entered, (percent, at); `unwatched` maps a criterion to the start of its open hole;
    `answers` are the topics that the newest watch has a source for, empty where it did not say; `runnable` are the
    tasks that it can run;
    `holes` and `pauses` are closed spans; `verdicts` and `levels` are as last recorded, absent means warming and calm.
    """

    plan: Plan
    name: str = ""
    seq: int = 0
    started_at: datetime | None = None
    last_at: datetime | None = None
    phase: int = 0
    entered_at: datetime | None = None
    visits: tuple[tuple[int, datetime], ...] = ()
    paused: Pause | None = None
    pauses: tuple[Span, ...] = ()
    holes: tuple[Span, ...] = ()
    unwatched: Mapping[str, datetime] = field(default_factory=dict)
    frozen: Mapping[str, datetime] = field(default_factory=dict)
    freezes: tuple[tuple[str, Span], ...] = ()
    fuses: Mapping[str, Fuse] = field(default_factory=dict)
    ticked: Mapping[str, datetime] = field(default_factory=dict)
    incidents: Mapping[str, Incident] = field(default_factory=dict)
    waivers: Mapping[str, Waiver] = field(default_factory=dict)
    verdicts: Mapping[str, Mark] = field(default_factory=dict)
    levels: Mapping[str, Level] = field(default_factory=dict)
    flag: FlagState = field(default_factory=FlagState)
    baseline: Mapping[str, int] = field(default_factory=dict)
    baseline_at: datetime | None = None
    week_at: datetime | None = None
    watching: bool = False
    answers: tuple[str, ...] = ()
    runnable: tuple[str, ...] = ()
    journal_fault: str = ""
    entries: tuple[Entry, ...] = ()
    seen: Seen = field(default_factory=Seen)


def observe(state: State, reading: Reading) -> State:
    """Return the state with one more reading."""
    return replace(state, seen=see(state.seen, reading))


def apply(state: State, entry: Entry) -> State:
    """Return the state with one more entry. An unknown kind counts as written and changes nothing else."""
    return replace(_fold(state, entry), entries=(*state.entries, entry))


def replay(plan: Plan, entries: Iterable[Entry]) -> State:
    """Return the state that these entries lead to."""
    state, rows = State(plan), tuple(entries)
    for entry in rows:
        state = _fold(state, entry)
    return replace(state, entries=rows)


def _fold(state: State, entry: Entry) -> State:
    fold = _FOLDS.get(entry.kind)
    state = fold(state, entry) if fold else state
    return replace(state, seq=entry.seq, last_at=entry.at)


def _session_started(state: State, entry: Entry) -> State:
    return replace(state, name=entry.said("name"), started_at=entry.at, entered_at=entry.at, visits=((0, entry.at),))


def _watch_started(state: State, entry: Entry) -> State:
    return replace(state, watching=True, answers=entry.listed("answers"), runnable=entry.listed("runs"))


def _watch_stopped(state: State, _entry: Entry) -> State:
    return replace(state, watching=False)


def _gap_found(state: State, entry: Entry) -> State:
    since, until = entry.dated("since") or entry.at, entry.dated("until") or entry.at
    return replace(state, holes=(*state.holes, Span(since, until, entry.said("cause"))))


def _phase_entered(state: State, entry: Entry) -> State:
    """A phase starts anew: its ticks, all waivers and all verdicts but the unwatched ones are forgotten.

    So are acting risks: one that still acts here turns, pauses and lights its fuse again.

    The week ends with the last phase: below 100 % there is nothing to stabilise.
    """
    fresh = {task.id for phase in state.plan.phases if phase.percent == entry.phase for task in phase.activities}
    return replace(
        state,
        phase=entry.phase,
        entered_at=entry.at,
        visits=(*state.visits, (entry.phase, entry.at)),
        ticked={task: at for task, at in state.ticked.items() if task not in fresh},
        waivers={},
        verdicts={name: mark for name, mark in state.verdicts.items() if mark in UNWATCHED},
        levels={name: level for name, level in state.levels.items() if level is not Level.ACT},
        fuses={},
        week_at=None if state.plan.after(entry.phase) else state.week_at,
    )


def _paused(state: State, entry: Entry) -> State:
    """Who pauses what is paused gives a newer cause; the pause is as old as it was."""
    since = state.paused.at if state.paused else entry.at
    return replace(state, paused=Pause(since, entry.by, entry.said("cause")))


def _resumed(state: State, entry: Entry) -> State:
    if state.paused is None:
        return state
    return replace(state, paused=None, pauses=(*state.pauses, Span(state.paused.at, entry.at, state.paused.cause)))


def _verdict_turned(state: State, entry: Entry) -> State:
    """Turning blind or silent opens a hole in the coverage where the data was last good; turning back closes it."""
    name, mark = entry.said("criterion"), _mark(entry.said("verdict"))
    holes, unwatched = state.holes, dict(state.unwatched)
    if mark in UNWATCHED:
        unwatched.setdefault(name, entry.dated("since") or entry.at)
    elif name in unwatched:
        holes = (*holes, Span(unwatched.pop(name), entry.at, name))
    return replace(state, verdicts={**state.verdicts, name: mark}, holes=holes, unwatched=unwatched)


def _mark(word: str) -> Mark:
    """A word from a newer cockpit proves nothing to this one."""
    return Mark(word) if word in tuple(Mark) else Mark.BLIND


def _risk_turned(state: State, entry: Entry) -> State:
    word = entry.said("level")
    level = Level(word) if word in tuple(Level) else Level.BLIND
    return replace(state, levels={**state.levels, entry.said("risk"): level})


def _fuse_lit(state: State, entry: Entry) -> State:
    risk, deadline = entry.said("risk"), entry.dated("deadline") or entry.at
    return replace(state, fuses={**state.fuses, risk: Fuse(risk, entry.at, deadline, entry.text)})


def _fuse_extended(state: State, entry: Entry) -> State:
    fuse = state.fuses.get(entry.said("risk"))
    if fuse is None:
        return state
    longer = replace(fuse, deadline=entry.dated("deadline") or fuse.deadline)
    return replace(state, fuses={**state.fuses, fuse.risk: longer})


def _fuse_defused(state: State, entry: Entry) -> State:
    gone = entry.said("risk")
    return replace(state, fuses={risk: fuse for risk, fuse in state.fuses.items() if risk != gone})


def _fuse_blown(state: State, entry: Entry) -> State:
    fuse = state.fuses.get(entry.said("risk"))
    if fuse is None:
        return state
    return replace(state, fuses={**state.fuses, fuse.risk: replace(fuse, blown=True)})


def _flag_turned(state: State, entry: Entry) -> State:
    """Only a confirmation moves the percentage; an intent stays open until it is confirmed or refused."""
    status, percent, was = entry.kind.removeprefix("flag."), int(entry.counted("percent")), state.flag
    match status:
        case "intended":
            flag = FlagState(status, was.percent, percent, entry.said("intent"), entry.text)
        case "confirmed":
            flag = FlagState(status, percent, percent, "", entry.text)
        case _:
            flag = replace(was, status=status, intent="" if status == "refused" else was.intent, text=entry.text)
    return replace(state, flag=flag)


def _flow_frozen(state: State, entry: Entry) -> State:
    return replace(state, frozen={entry.said("flow"): entry.at, **state.frozen})


def _flow_thawed(state: State, entry: Entry) -> State:
    flow = entry.said("flow")
    if flow not in state.frozen:
        return state
    span = Span(state.frozen[flow], entry.at, entry.said("cause"))
    return replace(
        state,
        frozen={name: at for name, at in state.frozen.items() if name != flow},
        freezes=(*state.freezes, (flow, span)),
    )


def _baseline_captured(state: State, entry: Entry) -> State:
    pairs = zip(entry.listed("collections"), entry.listed("counts"), strict=False)
    whole = {name: count.removesuffix(".0") for name, count in pairs}
    counts = {name: int(count) for name, count in whole.items() if count.isdecimal()}
    return replace(state, baseline=counts, baseline_at=entry.at)


def _week_started(state: State, entry: Entry) -> State:
    """Ticks of an earlier week are forgotten: its chores carry the same names."""
    ours = {f"d{day}.{task.id}" for task in state.plan.week.tasks for day in task.days}
    return replace(state, week_at=entry.at, ticked={task: at for task, at in state.ticked.items() if task not in ours})


def _task_ticked(state: State, entry: Entry) -> State:
    task, rest = entry.said("task"), dict(state.ticked)
    rest.pop(task, None)
    return replace(state, ticked={**rest, task: entry.at} if entry.facts.get("done", True) else rest)


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
    waiver = Waiver(entry.said("subject"), entry.at, entry.said("reason"))
    return replace(state, waivers={**state.waivers, waiver.subject: waiver})


_FOLDS: Mapping[str, Callable[[State, Entry], State]] = {
    "session.started": _session_started,
    "watch.started": _watch_started,
    "watch.stopped": _watch_stopped,
    "gap.found": _gap_found,
    "phase.entered": _phase_entered,
    "rollout.paused": _paused,
    "rollout.resumed": _resumed,
    "verdict.turned": _verdict_turned,
    "risk.turned": _risk_turned,
    "fuse.lit": _fuse_lit,
    "fuse.extended": _fuse_extended,
    "fuse.defused": _fuse_defused,
    "fuse.blown": _fuse_blown,
    "flag.intended": _flag_turned,
    "flag.confirmed": _flag_turned,
    "flag.refused": _flag_turned,
    "flag.unknown": _flag_turned,
    "flag.drifted": _flag_turned,
    "flow.frozen": _flow_frozen,
    "flow.thawed": _flow_thawed,
    "baseline.captured": _baseline_captured,
    "week.started": _week_started,
    "task.ticked": _task_ticked,
    "incident.opened": _incident_opened,
    "incident.resolved": _incident_resolved,
    "waiver.given": _waiver_given,
}
