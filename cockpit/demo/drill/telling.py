"""The score of a drill in lines, as they are printed and kept: a table, what was missed, the best possible."""

from collections.abc import Iterator
from datetime import datetime, tzinfo

from cockpit.demo.drill.score import Drill, Score
from sessions.plan.model import Plan
from sessions.text.markdown import bullets, plain, table
from sessions.text.units import clock

_NEVER = "n/a"
_TITLES = {
    "latency": "slow requests",
    "errors": "failing requests",
    "analytics": "lost events",
    "duplicates": "duplicate documents",
    "queue": "a flood of tickets",
    "csat": "low scores",
    "incident": "a critical line in the triage log",
    "source": "metrics that do not answer",
    "flag": "a flag moved by another hand",
}
_ALONE = {
    "rollout.paused": "paused",
    "fuse.lit": "lit a fuse",
    "flow.frozen": "froze a flow",
    "phase.entered": "reverted",
}


def told(drill: Drill, plan: Plan, scenario: str, seed: int, tz: tzinfo | None) -> str:
    """Return the score as Markdown; `scenario` and `seed` say what was flown, and how to fly it again."""
    head = f"# Drill: {scenario}\n\nFly it again with `cockpit demo --drill --seed {seed}`."
    if not drill.scores:
        return f"{head}\n\nThe fault never began: the flight did not come so far. There is nothing to score.\n"
    rows = (_row(one, plan) for one in drill.scores)
    listed = table(
        ("Fault", "Began", "Noticed>", "Acknowledged>", "Acted>", "Resolved>"), _clocked(drill, rows, tz), ""
    )
    left = [*(f"{_title(one)}: {step} not done" for one in drill.scores for step in one.missed), *drill.left]
    parts = (
        head,
        f"Minutes of the plan after each fault began in the world; `{_NEVER}`: it never came to that.",
        listed,
        f"## Best possible\n\n{bullets((plain(line, 400) for line in _best(drill, plan, tz)), '')}",
        f"## Missed\n\n{bullets((plain(line, 400) for line in left), 'Nothing.')}",
    )
    return "\n\n".join(parts) + "\n"


def _title(one: Score) -> str:
    return _TITLES.get(one.fault.kind, one.fault.kind)


def _row(one: Score, plan: Plan) -> tuple[str, ...]:
    moments = (one.noticed, one.acknowledged, one.acted, one.resolved)
    return tuple(_minutes(one.minutes(at, plan.speed)) for at in moments)


def _clocked(drill: Drill, rows: Iterator[tuple[str, ...]], tz: tzinfo | None) -> Iterator[tuple[str, ...]]:
    for one, cells in zip(drill.scores, rows, strict=True):
        yield (_title(one), clock(one.fault.since, tz), *cells)


def _minutes(spent: float | None) -> str:
    return _NEVER if spent is None else f"{spent:.1f} min"


def _best(drill: Drill, plan: Plan, tz: tzinfo | None) -> Iterator[str]:
    """Say for each fault from when on it could have been known, what the watch did, and when it was over by itself."""

    def after(one: Score, at: datetime | None) -> str:
        return f"{_minutes(one.minutes(at, plan.speed))} ({clock(at, tz)})" if at else _NEVER

    for one in drill.scores:
        if one.told is None:
            yield f"{_title(one)}: the watch never told of it, so nobody at the deck could notice"
            continue
        alone = ", ".join(f"{_ALONE[kind]} {after(one, at)}" for kind, at in one.automatic)
        over = f"the fault itself was over {after(one, one.fault.until)}" if one.fault.until else "it was never over"
        shown = f"in the data {after(one, one.shown)}, " if one.shown != one.told else ""
        words = f"{_title(one)}: {shown}on the deck {after(one, one.told)}: noticed and acted on then at the earliest"
        yield "; ".join(filter(None, (words, f"the watch by itself {alone}" if alone else "", over)))
