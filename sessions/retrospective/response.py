"""How soon each episode was noticed, acted on and over: all counted from where the breach begins in the data."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from sessions.plan.model import Plan, Risk, Step
from sessions.reports.effects import Rank, effect
from sessions.reports.episodes import REVERT, Episode, by_todays_clock, episodes
from sessions.values.entries import Entry

_TROUBLE = (Rank.DARK, Rank.BAD)
_PROTECTS = ("rollout.paused", "flow.frozen")


class Response(Struct, frozen=True):
    """One episode in time: `began` in the data, `told` by the log, `acted` by the first entry that did something.

    `over` is None while it is open, `acted` and `act` are None where nothing was done about it.
    """

    episode: Episode
    began: datetime
    told: datetime
    acted: datetime | None = None
    act: Entry | None = None
    over: datetime | None = None

    def after(self, at: datetime | None) -> float | None:
        """Return the seconds from its beginning to `at`; None stays None."""
        return None if at is None else (at - self.began).total_seconds()


def responses(plan: Plan, entries: Sequence[Entry], now: datetime) -> tuple[Response, ...]:
    """Return every episode that was trouble, the oldest first: what was only watched, or done by hand, is none."""
    times = {entry.seq: at for entry, at in zip(entries, by_todays_clock(entries, now), strict=True)}
    found = (one for one in episodes(plan, entries, now) if one.rank in _TROUBLE and one.about != REVERT)
    return tuple(_response(plan, one, times) for one in found)


def _response(plan: Plan, episode: Episode, times: Mapping[int, datetime]) -> Response:
    telling = [entry for entry in episode.entries if _tells(plan, entry)] or list(episode.entries[:1])
    told = min(times[entry.seq] for entry in telling)
    first = [entry for entry in telling if times[entry.seq] <= episode.times[0][1]] or telling[:1]
    began = min(times[entry.seq] - lag(entry) for entry in first)
    act = next((entry for entry in episode.entries if acts(plan, entry)), None)
    return Response(episode, began, told, times[act.seq] if act else None, act, episode.until)


def _tells(plan: Plan, entry: Entry) -> bool:
    """Whether an entry reports trouble; a gap is reported when it is over."""
    if entry.kind in ("gap.found", "journal.recovered"):
        return True
    found = effect(plan, entry)
    return found is not None and bool(found.strand) and found.rank in _TROUBLE


def lag(entry: Entry) -> timedelta:
    """Return how long before an entry the data shows what it tells, by what it says itself."""
    since = entry.dated("breached") or entry.dated("since") or entry.happened
    return max(entry.happened - since, timedelta())


def acts(plan: Plan, entry: Entry) -> bool:
    """Whether an entry is a protection or a runbook step, by a person or the watch."""
    return protects(entry) or step_of(plan, entry) is not None


def protects(entry: Entry) -> bool:
    """Whether an entry pauses, freezes or goes back."""
    back = entry.kind == "phase.entered" and entry.phase < entry.counted("previous")
    return back or entry.kind in _PROTECTS


def step_of(plan: Plan, entry: Entry) -> tuple[Risk, Step] | None:
    """Return the step of a runbook that an entry says was done, None where it says none."""
    return next(((risk, step) for risk, step in _steps(plan) if _says(entry, risk, step)), None)


def _steps(plan: Plan) -> Iterator[tuple[Risk, Step]]:
    yield from ((risk, step) for risk in plan.risks for step in risk.steps)


def _says(entry: Entry, risk: Risk, step: Step) -> bool:
    name = f"{risk.id}.{step.id}"
    match entry.kind:
        case "task.ticked":
            return entry.said("task") == name and entry.facts.get("done", True) is True
        case "draft.written":
            return entry.said("task") == name
        case "task.opened":
            return step.effect == "follow" and entry.said("risk") == risk.id
        case "waiver.given":
            return step.effect == "waive" and entry.said("subject") in step.targets
        case "flow.frozen":
            return step.effect == "freeze" and entry.said("flow") in step.targets
    return False
