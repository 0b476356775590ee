"""A flight flown again: the very same judge, moment by moment, and what it would have done by itself.

What a person did, where the flag went, who watched and what was measured is taken as it was recorded. Nothing is
written: entries of the replay live in its own state.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import cast

from msgspec import Struct
from msgspec.structs import replace

from sessions.actions.evidence import turns
from sessions.actions.flapping import flips
from sessions.criteria.freshness import usable
from sessions.gate.evaluate import judge
from sessions.gate.judgement import Judgement
from sessions.plan.model import Plan
from sessions.replay.fitted import Readings, told
from sessions.replay.record import Record, pace
from sessions.replay.released import released
from sessions.replay.spikes import doubted
from sessions.replay.steps import Steps
from sessions.safety.automatic import duties
from sessions.state.clock_shift import BEHIND
from sessions.state.model import State
from sessions.state.reducer import along, apply, observe_all
from sessions.text.intervals import Overlaps, Stretch
from sessions.values.entries import Draft, Entry, Fact

OWN = (
    "verdict.turned",
    "risk.turned",
    "fuse.lit",
    "fuse.defused",
    "fuse.blown",
    "rollout.paused",
    "flow.frozen",
    "task.opened",
    "waiver.lapsed",
)
"""The entries that a watch writes because of a judgement. A replay makes them again."""


class Moment(Struct, frozen=True):
    """One moment of a replay: what is judged, and what was entered because of it, by the replay itself."""

    at: datetime
    judgement: Judgement
    entered: tuple[Entry, ...] = ()


def judged_by_watch(plan: Plan, entry: Entry) -> bool:
    """Whether a watch entered this because of a judgement; a pause for another cause than a risk is none."""
    if entry.by != "watch" or entry.kind not in OWN:
        return False
    return entry.kind != "rollout.paused" or entry.said("cause") in {risk.id for risk in plan.risks}


def away(entries: Iterable[Entry]) -> tuple[Stretch, ...]:
    """Return the times that nobody watched, by the log; a clock that was set makes none."""
    gaps = (entry for entry in entries if entry.kind == "gap.found" and not entry.counted("moved"))
    return tuple((gap.dated("since") or gap.at, gap.dated("until") or gap.at) for gap in gaps)


class Replay:
    """One flight by one plan, from its beginning; `moments` flies it, once."""

    def __init__(self, plan: Plan, flown: Plan, record: Record) -> None:
        self.flown = flown
        self._record = record
        self._fit: Readings = lambda rows: told(plan, flown, rows)
        self._away = Overlaps(away(record.entries))
        self._steps = Steps(record, self._away, timedelta(seconds=pace(flown)))
        self._log, self._state = State(flown), State(plan)
        self._now = record.since

    def moments(self) -> Iterator[Moment]:
        """Yield every moment at which something is judged, the oldest first."""
        logs = along(self.flown, self._record.entries)
        for entry in self._record.entries:
            if not judged_by_watch(self._log.plan, entry):
                yield from self._until(_by_old_clock(entry))
                self._steps.heard()
            self._log = next(logs)
            if not judged_by_watch(self._log.plan, entry):
                back = entry.at < self._now - BEHIND
                self._now = entry.at if back or entry.counted("moved") else max(self._now, entry.at)
                self._state = replace(apply(self._state, _fitting(self._state, entry)), plan=self._state.plan)
        yield from self._until(self._record.until)

    def _until(self, until: datetime) -> Iterator[Moment]:
        """Judge at the steps up to `until`, and there; while nobody watched only time passes."""
        while self._now < until:
            at = self._steps.after(self._now, until, self._state)
            if kept := self._record.between(self._now, at):
                self._state = observe_all(self._state, usable(self._state, self._fit(kept), at))
                self._steps.heard()
            self._now = at
            if self._state.watching and self._away.until(at) is None:
                yield self._moment(at)

    def _moment(self, at: datetime) -> Moment:
        judgement = self._judged(at)
        if flipped := flips(judgement):
            self._state = observe_all(self._state, flipped)
            judgement = self._judged(at)
        due = (draft for draft in duties(judgement).drafts if draft.kind in OWN)
        entered = self._entered((*due, *turns(judgement)), at)
        eased = self._entered(released(self._state, self._log), at)
        return Moment(at, self._judged(at) if entered or eased else judgement, entered)

    def _judged(self, at: datetime) -> Judgement:
        return doubted(judge(self._state, at), self._record)

    def _entered(self, drafts: Iterable[Draft], at: datetime) -> tuple[Entry, ...]:
        written: list[Entry] = []
        for draft in drafts:
            entry = Entry(
                self._state.seq + 1, at, draft.kind, draft.by, self._state.phase, draft.text, dict(draft.facts)
            )
            self._state = apply(self._state, entry)
            written.append(entry)
        return tuple(written)


def _by_old_clock(entry: Entry) -> datetime:
    """Return until when time passed before an entry; what a clock was set forward by never passed."""
    return entry.at - timedelta(seconds=max(entry.counted("moved"), 0.0))


def _fitting(state: State, entry: Entry) -> Entry:
    """Return an entry as the replay takes it: a fuse that burns here is extended by as much as it was there."""
    entry = replace(entry, seq=state.seq + 1)
    fuse = state.fuses.get(entry.said("risk"))
    if entry.kind != "fuse.extended" or fuse is None:
        return entry
    longer = fuse.deadline + timedelta(seconds=state.plan.risk(fuse.risk).extension)
    return replace(entry, facts={**entry.facts, "deadline": cast("Fact", longer)})


def as_written(plan: Plan, entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """Return the log's entries that the watch wrote because of its judgements."""
    return tuple(entry for entry in entries if judged_by_watch(plan, entry))
