"""What a reading of the flag means, or that there is none: drift, told once per value, and its end."""

from datetime import UTC, datetime, timedelta

from sessions.actions.rollout import WATCH
from sessions.criteria.freshness import Freshness, current, freshness
from sessions.gate.judgement import Judgement
from sessions.safety.flag_flaps import told
from sessions.state.pending import rest, revert_owed
from sessions.state.reducer import State
from sessions.text.clean import clean
from sessions.text.units import duration
from sessions.values.entries import Draft, Fact
from sessions.values.flag_value import FlagStatus, FlagValue, Target
from sessions.values.percent import Percent
from sessions.values.readings import Topic
from sessions.values.verdicts import Mark

MIXED = "MIXED"
"""What several places read that do not say the same."""
ABSENT = "no flag"
NARROWED = "narrowed"
"""What a flag reads that has the phase's percentage, but not of all users."""
_TRIES = 3
"""After so many tries of a revert the flag is no longer about to move."""


def noticed(judgement: Judgement) -> list[Draft]:
    """Say what the newest reading turns: the flag is elsewhere, is back, is not read any more, is read again."""
    drafts = (told(judgement.state, draft, judgement.at) for draft in _turned(judgement))
    return [draft for draft in drafts if draft is not None]


def _turned(judgement: Judgement) -> list[Draft]:
    state, now, seen = judgement.state, judgement.at, judgement.state.seen.flag
    fresh, dark = freshness(state, Topic.FLAG, now), "flag" in state.unwatched
    if state.phase and Topic.FLAG in state.seen.health and not dark and fresh.mark is Mark.BLIND:
        return [_unread(fresh, now)]
    back = dark and fresh.ok and seen is not None and current(state, Topic.FLAG, seen.at, now)
    if seen is None or (dark and not back):
        return []
    return _compared(state, seen, dark=dark) or ([_returned(state, seen, now)] if back else [])


def _compared(state: State, seen: FlagValue, *, dark: bool) -> list[Draft]:
    """Compare what the back end says with what we know; while a move or a revert is open that is its own story."""
    reads = _told_as(state, seen)
    if (reads == ABSENT and not state.phase) or not _counts(state, seen):  # nobody need have made it before it is flown
        return []
    if reads == state.phase:
        return _there(state, seen)
    if state.flag.status == FlagStatus.DRIFTED and _last(state) == reads and not dark:
        return []
    return [_drifted(state, seen, reads)]


def _told_as(state: State, seen: FlagValue) -> Percent | str:
    """Return what a reading says of the flag, in a number only where all users get that share of it."""
    if seen.percent is None:
        return MIXED if seen.targets else ABSENT
    return NARROWED if seen.narrowed and seen.percent == state.phase else seen.percent


def _there(state: State, seen: FlagValue) -> list[Draft]:
    if state.flag.status == FlagStatus.DRIFTED:
        return [_returned(state, seen, seen.at)]
    return [] if state.flag.status == FlagStatus.CONFIRMED else [_confirmed(seen)]


def _drifted(state: State, seen: FlagValue, reads: Percent | str) -> Draft:
    """Return the entry of a drift: it may have begun as soon as the flag was last read where the phase has it."""
    facts: dict[str, Fact] = {"expected": state.phase, "seen": reads}
    if since := _last_there(state):
        facts["since"] = min(since, seen.at)
    if seen.targets and reads == MIXED:
        facts["targets"] = tuple(f"{clean(item.name)}: {_reads(item)}" for item in seen.targets)
    if seen.by:
        facts["by"] = clean(seen.by)
    if seen.changed_at is not None:
        facts["changed_at"] = seen.changed_at
    return Draft("flag.drifted", WATCH, drift(state, seen), facts)


def _last_there(state: State) -> datetime | None:
    """Return when the flag was last known where the phase has it: read, or before the first reading confirmed."""
    before = state.seen.flag_before
    if before is not None and before.percent == state.phase and not before.narrowed:
        return before.at
    if state.flag.status != FlagStatus.CONFIRMED or state.flag.at is None:
        return None
    return max(state.flag.at, state.watched_at or state.flag.at)


def _unread(fresh: Freshness, now: datetime) -> Draft:
    facts: dict[str, Fact] = {"since": min(fresh.good_at or now, now), "reason": clean(fresh.text)}
    return Draft("flag.unread", WATCH, f"flag not read: {clean(fresh.text)}", facts)


def _returned(state: State, seen: FlagValue, now: datetime) -> Draft:
    """Return the entry of a flag that is where the phase has it, or that is seen at all, again: after how long."""
    away = "elsewhere" if state.flag.status == FlagStatus.DRIFTED else "not read"
    since = min(state.lapsing.get("flag", now) if away == "elsewhere" else state.unwatched.get("flag", now), now)
    facts: dict[str, Fact] = {"since": since}
    if seen.percent is not None:
        facts["percent"] = seen.percent
    reads = MIXED if seen.percent is None else f"{seen.percent} %"
    return Draft(
        "flag.returned", WATCH, f"flag reads {reads} again, {away} for {duration((now - since).total_seconds())}", facts
    )


def drift(state: State, seen: FlagValue) -> str:
    """Say what the flag reads instead of what it should: `flag reads 100 %, expected 25 % (by ann, 12:03 UTC)`."""
    who = f"by {clean(seen.by)}" if seen.by else ""
    when = f"{seen.changed_at.astimezone(UTC):%H:%M} UTC" if seen.changed_at else ""
    told = ", ".join(filter(None, (who, when)))
    late = seen.percent == state.flag.wanted != state.flag.percent and state.flag.status == FlagStatus.REFUSED
    why = ": the move that was refused took effect late" if late else f" ({told})" if told else ""
    reads = _told_as(state, seen)
    said = f"{seen.percent} % narrowed" if reads == NARROWED else reads if isinstance(reads, str) else f"{reads} %"
    return f"flag reads {said}, expected {state.phase} %{why}"


def _last(state: State) -> Fact | None:
    """Return the value of the newest drift that was told."""
    return next((entry.facts.get("seen") for entry in reversed(state.entries) if entry.kind == "flag.drifted"), None)


def _reads(target: Target) -> str:
    return f"{target.percent} %" if target.percent is not None else clean(target.reason) or "no flag"


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
