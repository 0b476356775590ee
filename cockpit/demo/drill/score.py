"""How a drill went: of each fault when it was noticed, acknowledged, acted on and over, and what was left undone.

Pure: it takes the entries of the session and when the world's faults began and ended, and counts from there.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from cockpit.demo.world.faults import Fault
from sessions.plan.model import Plan, Step
from sessions.reports.effects import Rank, effect, family
from sessions.reports.episodes import DARK, Episode, by_todays_clock, episodes
from sessions.reports.periods import EXPORTED
from sessions.retrospective.response import lag, protects, step_of
from sessions.state.measures import measures
from sessions.state.reducer import replay
from sessions.values.entries import Entry

BY_HAND = ("owner", "cli")
_RISKS: Mapping[str, str] = {
    "latency": "latency_spike",
    "errors": "error_rate",
    "analytics": "analytics_outage",
    "duplicates": "duplication",
    "queue": "support_queue",
    "csat": "csat",
}
"""The risk whose runbook is meant for a fault of that kind."""
_ABOUT: Mapping[str, tuple[str, ...]] = {
    "incident": ("incidents",),
    "source": ("latency", "errors", DARK),
    "flag": ("flag",),
}
"""What the episode of a fault is about that no risk is for."""
Times = Mapping[int, datetime]
"""When each entry happened by today's clock, by its number."""
_NO_DUTY = ("waive", "freeze")
"""Steps that the player need not do: one overrules, the watch does the other."""


GRACE = 7200.0
"""Seconds of the plan in which what is resolved is cleared up."""
LIMIT = 12 * 3600.0
"""Seconds of the plan that a drill lasts at most."""


class Score(Struct, frozen=True):
    """One fault of a drill. Moments are None if it never came to that; `shown` is when the data had it.

    `told` is the first entry of the watch about it: nobody at the deck could have known before. `automatic` is what the
    watch did by itself, and when. `missed` are the steps of its runbook that were not done.
    """

    fault: Fault
    shown: datetime | None = None
    told: datetime | None = None
    noticed: datetime | None = None
    acknowledged: datetime | None = None
    acted: datetime | None = None
    resolved: datetime | None = None
    automatic: tuple[tuple[str, datetime], ...] = ()
    missed: tuple[str, ...] = ()

    def minutes(self, at: datetime | None, speed: float) -> float | None:
        """Return the minutes of the plan from the fault's beginning to `at`."""
        return None if at is None else (at - self.fault.since).total_seconds() * speed / 60


class Drill(Struct, frozen=True):
    """All of a drill: a score for each fault, and what was left when it ended."""

    scores: tuple[Score, ...]
    left: tuple[str, ...] = ()

    @property
    def over(self) -> bool:
        """Whether every fault is resolved."""
        return bool(self.scores) and all(one.resolved is not None for one in self.scores)


def scored(plan: Plan, entries: Sequence[Entry], faults: Sequence[Fault], now: datetime) -> Drill:
    """Score a drill at `now`."""
    times = {entry.seq: at for entry, at in zip(entries, by_todays_clock(entries, now), strict=True)}
    told = episodes(plan, entries, now)
    spans = [(one, _next(one, faults, now)) for one in faults]
    scores = tuple(_scored(plan, span, entries, told, times) for span in spans)
    return Drill(scores, tuple(_left(plan, entries, faults, times)))


def _next(fault: Fault, faults: Sequence[Fault], now: datetime) -> datetime:
    """Return until when what is done counts for a fault: the same may come again."""
    later = [one.since for one in faults if one.kind == fault.kind and one.since > fault.since]
    return min([*later, now + timedelta(microseconds=1)])


def _scored(
    plan: Plan, span: tuple[Fault, datetime], entries: Sequence[Entry], told: Sequence[Episode], times: Times
) -> Score:
    fault, until = span
    later = [entry for entry in entries if fault.since <= times[entry.seq] < until]
    theirs, numbers = [entry for entry in later if entry.by in BY_HAND], {entry.seq for entry in later}
    mine = (one for one in told if _is_about(one, fault) and one.rank > Rank.HELD)
    episode = next((one for one in mine if any(entry.seq in numbers for entry in one.entries)), None)
    its = [entry for entry in episode.entries if entry.seq in numbers] if episode else []
    telling = next((entry for entry in its if entry.by not in BY_HAND), None)
    known = times[telling.seq] if telling else None
    about = [entry for entry in theirs if _concerns(plan, entry, fault)]
    seen = next((entry for entry in theirs if entry in about or (known and times[entry.seq] >= known)), None)
    act = next((entry for entry in theirs if _acts(plan, entry, fault)), None)
    knew = next((entry for entry in about if entry.kind == "alarm.acknowledged"), None)
    alone = ((entry.kind, times[entry.seq]) for entry in its if _alone(entry))
    return Score(
        fault,
        shown=known - min(lag(telling), known - fault.since) if known and telling else None,
        told=known,
        noticed=_at(seen, times),
        acknowledged=_at(knew, times),
        acted=_at(act, times),
        resolved=_resolved(fault, episode),
        automatic=tuple(alone),
        missed=tuple(_missed(plan, fault, later)) if episode else (),
    )


def _at(entry: Entry | None, times: Times) -> datetime | None:
    return times[entry.seq] if entry else None


def _names(fault: Fault) -> tuple[str, ...]:
    risk = _RISKS.get(fault.kind)
    return (family(risk),) if risk else _ABOUT.get(fault.kind, ())


def _is_about(episode: Episode, fault: Fault) -> bool:
    return bool({episode.about, *episode.names} & {*_names(fault)})


def _concerns(plan: Plan, entry: Entry, fault: Fault) -> bool:
    """Whether an entry is about the fault's own trouble; an acknowledgement names alarms of several."""
    if protects(entry) or _acts(plan, entry, fault):
        return True
    found = effect(plan, entry)
    return found is not None and bool({found.about, *found.joins} & {*_names(fault)})


def _acts(plan: Plan, entry: Entry, fault: Fault) -> bool:
    """Whether an entry protects, is a step of the runbook that is meant, or deals with an incident."""
    step = step_of(plan, entry)
    meant = step is not None and step[0].id == _RISKS.get(fault.kind)
    return protects(entry) or meant or (fault.kind == "incident" and entry.kind.startswith("incident."))


def _alone(entry: Entry) -> bool:
    return entry.by == "watch" and entry.kind in ("rollout.paused", "fuse.lit", "flow.frozen", "phase.entered")


def _resolved(fault: Fault, episode: Episode | None) -> datetime | None:
    """It is over once the log proves it over, and the fault itself is."""
    if episode is None or episode.until is None or fault.until is None:
        return None
    return max(episode.until, fault.until)


def _missed(plan: Plan, fault: Fault, later: Sequence[Entry]) -> Iterator[str]:
    """Yield the steps of the runbook that is meant, as far as nobody did them."""
    risk = next((one for one in plan.risks if one.id == _RISKS.get(fault.kind)), None)
    done = {found[1].id for entry in later if (found := step_of(plan, entry)) and risk and found[0].id == risk.id}
    for step in risk.steps if risk else ():
        if step.id not in done and _is_duty(step):
            yield step.text


def _is_duty(step: Step) -> bool:
    return step.effect not in _NO_DUTY


def _left(plan: Plan, entries: Sequence[Entry], faults: Sequence[Fault], times: Times) -> Iterator[str]:
    """Yield what was left when the drill ended: what is on or stopped still, and a report that nobody wrote."""
    if not faults:
        return
    state, first = replay(plan, entries), faults[0].since
    yield from (f"{one.title} is still on" for one in measures(state))
    if state.paused is not None:
        yield "the rollout is still paused"
    if any(incident.resolved_at is None for incident in state.incidents.values()):
        yield "an incident is still open"
    if not any(entry.kind == EXPORTED and times[entry.seq] >= first for entry in entries):
        yield "no report was written"


def ended(plan: Plan, drill: Drill, begun: datetime, now: datetime) -> str:
    """Say why a drill is at its end, empty while it goes on.

    What is resolved ends it once nothing is left to do, and at the latest two hours of the plan later.
    """
    if (now - begun).total_seconds() * plan.speed >= LIMIT:
        return "its time is over"
    if not drill.over:
        return ""
    last = max(one.resolved for one in drill.scores if one.resolved)
    if not drill.left and not any(one.missed for one in drill.scores):
        return "all is resolved, and nothing is left to do"
    return "all is resolved" if now - last >= timedelta(seconds=GRACE / plan.speed) else ""
