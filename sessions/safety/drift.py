"""What a reading of the flag means: drift, told once per value, and its end."""

from datetime import UTC, timedelta

from sessions.actions.rollout import WATCH
from sessions.gate.judgement import Judgement
from sessions.state.pending import rest, revert_owed
from sessions.state.reducer import State
from sessions.text.clean import clean
from sessions.values.entries import Draft, Fact
from sessions.values.flag_value import FlagStatus, FlagValue, Target

MIXED = "MIXED"
"""What several places read that do not say the same."""
_TRIES = 3
"""After so many tries of a revert the flag is no longer about to move."""


def noticed(judgement: Judgement) -> list[Draft]:
    """Compare what the back end says with what we know; while a move or a revert is open that is its own story."""
    state, seen = judgement.state, judgement.state.seen.flag
    mixed = seen is not None and seen.percent is None and bool(seen.targets)
    if seen is None or (seen.percent is None and not mixed) or not _counts(state, seen):
        return []
    if seen.percent == state.phase:
        return [] if state.flag.status == FlagStatus.CONFIRMED else [_confirmed(seen)]
    reads = MIXED if seen.percent is None else seen.percent
    if state.flag.status == FlagStatus.DRIFTED and _told(state) == reads:
        return []
    text = drift(state, seen)
    facts: dict[str, Fact] = {"expected": state.phase, "seen": reads}
    if mixed:
        facts["targets"] = tuple(f"{clean(item.name, 60)}: {_reads(item)}" for item in seen.targets)
    if seen.by:
        facts["by"] = clean(seen.by, 80)
    if seen.changed_at is not None:
        facts["changed_at"] = seen.changed_at
    return [Draft("flag.drifted", WATCH, text, facts)]


def drift(state: State, seen: FlagValue) -> str:
    """Say what the flag reads instead of what it should: `flag reads 100 %, expected 25 % (by ann, 12:03 UTC)`."""
    who = f"by {clean(seen.by, 40)}" if seen.by else ""
    when = f"{seen.changed_at.astimezone(UTC):%H:%M} UTC" if seen.changed_at else ""
    told = ", ".join(filter(None, (who, when)))
    late = seen.percent == state.flag.wanted != state.flag.percent and state.flag.status == FlagStatus.REFUSED
    why = ": the move that was refused took effect late" if late else f" ({told})" if told else ""
    reads = MIXED if seen.percent is None else f"{seen.percent} %"
    return f"flag reads {reads}, expected {state.phase} %{why}"


def _told(state: State) -> Fact | None:
    """Return the value of the newest drift that was told."""
    return next((entry.facts.get("seen") for entry in reversed(state.entries) if entry.kind == "flag.drifted"), None)


def _reads(target: Target) -> str:
    return f"{target.percent} %" if target.percent is not None else clean(target.reason, 120) or "no flag"


def _counts(state: State, seen: FlagValue) -> bool:
    """Whether a reading may be compared: later than the phase, and no move of ours is open."""
    if state.flag.open or revert_owed(state):
        return _left_alone(state, seen)
    entered = state.visits[-1][1] if state.visits else state.last_at
    return entered is None or seen.at >= entered


def _left_alone(state: State, seen: FlagValue) -> bool:
    """Whether a revert of the watch's own came to nothing, and another hand moved the flag: that is not moved again."""
    flag, asker = state.flag, next((row.by for row in reversed(state.entries) if row.kind == "flag.intended"), "")
    if flag.status == FlagStatus.INTENDED or not revert_owed(state) or asker != WATCH or flag.at is None:
        return False
    tried = flag.at + timedelta(seconds=_TRIES * rest(state.plan))
    return seen.percent is not None and seen.percent > flag.wanted and seen.percent != flag.percent and seen.at > tried


def _confirmed(seen: FlagValue) -> Draft:
    facts: dict[str, Fact] = {"intent": "", "percent": seen.percent or 0}
    return Draft("flag.confirmed", WATCH, f"flag reads {seen.percent} %", facts)
