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
from sessions.verdicts import Level, Mark

UNWATCHED = (Mark.BLIND, Mark.SILENT)
"""A criterion in one of these is not watched: the time does not count as covered."""


@dataclass(frozen=True, slots=True)
class Span:
    """A closed stretch of time and why it stands out."""

    since: datetime
    until: datetime
    cause: str = ""


@dataclass(frozen=True, slots=True)
class Pause:
    """The rollout is paused: since when, by whom, why."""

    at: datetime
    by: str
    cause: str


@dataclass(frozen=True, slots=True)
class Fuse:
    """An absolute deadline lit by a risk that acts; `blown` once it ended in a revert."""

    risk: str
    lit_at: datetime
    deadline: datetime
    text: str
    blown: bool = False


@dataclass(frozen=True, slots=True)
class Incident:
    """An incident the owner recorded; it holds the phase's gate until it is resolved and waived."""

    id: str
    severity: str
    title: str
    opened_at: datetime
    resolved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Waiver:
    """A criterion or an incident overruled, with the reason; valid until the phase changes."""

    subject: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class FlagState:
    """What we know of the flag: `status` is `none`, `intended`, `confirmed`, `refused`, `unknown` or `drifted`."""

    status: str = "none"
    percent: int = 0
    wanted: int = 0
    intent: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """Everything the entries say (replayable from the journal), and in `seen` what the readings say.

    `visits` are the phases entered, (percent, at); `unwatched` maps a criterion to the start of its open hole;
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
    flag: FlagState = FlagState()
    baseline: Mapping[str, int] = field(default_factory=dict)
    baseline_at: datetime | None = None
    week_at: datetime | None = None
    watching: bool = False
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


def _watch_started(state: State, _entry: Entry) -> State:
    return replace(state, watching=True)


def _watch_stopped(state: State, _entry: Entry) -> State:
    return replace(state, watching=False)


def _gap_found(state: State, entry: Entry) -> State:
    since, until = entry.dated("since") or entry.at, entry.dated("until") or entry.at
    return replace(state, holes=(*state.holes, Span(since, until, entry.said("cause"))))


def _phase_entered(state: State, entry: Entry) -> State:
    """A phase starts anew: its ticks, all waivers and all verdicts but the unwatched ones are forgotten."""
    fresh = {task.id for phase in state.plan.phases if phase.percent == entry.phase for task in phase.activities}
    return replace(
        state,
        phase=entry.phase,
        entered_at=entry.at,
        visits=(*state.visits, (entry.phase, entry.at)),
        ticked={task: at for task, at in state.ticked.items() if task not in fresh},
        waivers={},
        verdicts={name: mark for name, mark in state.verdicts.items() if mark in UNWATCHED},
        fuses={},
    )


def _paused(state: State, entry: Entry) -> State:
    return replace(state, paused=Pause(entry.at, entry.by, entry.said("cause")))


def _resumed(state: State, entry: Entry) -> State:
    if state.paused is None:
        return state
    return replace(state, paused=None, pauses=(*state.pauses, Span(state.paused.at, entry.at, state.paused.cause)))


def _verdict_turned(state: State, entry: Entry) -> State:
    """Turning blind or silent opens a hole in the coverage where the data was last good; turning back closes it."""
    name, mark = entry.said("criterion"), Mark(entry.said("verdict"))
    holes, unwatched = state.holes, dict(state.unwatched)
    if mark in UNWATCHED:
        unwatched.setdefault(name, entry.dated("since") or entry.at)
    elif name in unwatched:
        holes = (*holes, Span(unwatched.pop(name), entry.at, name))
    return replace(state, verdicts={**state.verdicts, name: mark}, holes=holes, unwatched=unwatched)


def _risk_turned(state: State, entry: Entry) -> State:
    return replace(state, levels={**state.levels, entry.said("risk"): Level(entry.said("level"))})


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


def _flag_intended(state: State, entry: Entry) -> State:
    wanted = int(entry.counted("percent"))
    return replace(
        state,
        flag=FlagState("intended", state.flag.percent, wanted, entry.said("intent"), entry.text),
    )


def _flag_confirmed(state: State, entry: Entry) -> State:
    percent = int(entry.counted("percent"))
    return replace(state, flag=FlagState("confirmed", percent, percent, "", entry.text))


def _flag_refused(state: State, entry: Entry) -> State:
    return replace(state, flag=replace(state.flag, status="refused", intent="", text=entry.text))


def _flag_unknown(state: State, entry: Entry) -> State:
    return replace(state, flag=replace(state.flag, status="unknown", text=entry.text))


def _flag_drifted(state: State, entry: Entry) -> State:
    return replace(state, flag=replace(state.flag, status="drifted", text=entry.text))


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
    return replace(state, baseline={name: int(float(count)) for name, count in pairs}, baseline_at=entry.at)


def _week_started(state: State, entry: Entry) -> State:
    return replace(state, week_at=entry.at)


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
    "flag.intended": _flag_intended,
    "flag.confirmed": _flag_confirmed,
    "flag.refused": _flag_refused,
    "flag.unknown": _flag_unknown,
    "flag.drifted": _flag_drifted,
    "flow.frozen": _flow_frozen,
    "flow.thawed": _flow_thawed,
    "baseline.captured": _baseline_captured,
    "week.started": _week_started,
    "task.ticked": _task_ticked,
    "incident.opened": _incident_opened,
    "incident.resolved": _incident_resolved,
    "waiver.given": _waiver_given,
}
