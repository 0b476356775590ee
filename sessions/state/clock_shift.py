"""A clock that was moved: everything that is counted from keeps its distance, so that no deadline moves with it.

What was measured by the clock of before is dropped: it would be taken for another time's. The days of the week plan
follow the calendar, and what was written stays as it was written.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict, replace

from sessions.file_format.soundness import EARLIEST, LATEST
from sessions.state.model import Fuse, Growing, State
from sessions.state.observed import Seen
from sessions.values.entries import Entry

BEHIND = timedelta(minutes=1)
"""How far an entry, or a look, may lie before the newest entry: it may have waited for a lock. Further back the clock
was put back, whether or not somebody noted it."""

_COUNTED = (
    "entered_at",
    "paused",
    "pauses",
    "holes",
    "unwatched",
    "lapses",
    "lapsing",
    "frozen",
    "freezes",
    "fuses",
    "switches",
    "found",
    "turned",
    "flaps",
    "risen",
    "ticked",
    "raised",
    "quieted",
    "incidents",
    "waivers",
    "flag",
    "baseline_at",
    "reached_at",
    "alive_at",
    "watched_at",
)


def moved(state: State, by: timedelta, at: datetime) -> State:
    """Return the state after the wall clock moved `by` that much, forward or back, to `at`."""
    visits = state.visits
    if visits:
        percent, entered = visits[-1]
        visits = (*visits[:-1], (percent, _moved(entered, by)))
    return replace(
        state,
        visits=visits,
        # who answered when keeps its distance too; of alerts their manager forgets what is over
        seen=Seen(health=_moved(state.seen.health, by), alerts=_moved(state.seen.alerts, by)),
        moved_at=at,
        shifted=state.shifted + by.total_seconds(),
        **{name: _moved(getattr(state, name), by) for name in _COUNTED},
    )


def moves(entry: Entry, reached_at: datetime | None) -> bool:
    """Whether an entry moves the clock: by its own words, or because it is dated far before the newest."""
    return _says_so(entry) or (reached_at is not None and entry.at < reached_at - BEHIND)


def in_order(state: State, entry: Entry) -> State:
    """Return the state that an entry is folded into: one dated far before the newest says the clock was put back."""
    return state if _says_so(entry) else righted(state, entry.at)


def _says_so(entry: Entry) -> bool:
    return entry.kind == "gap.found" and bool(entry.counted("moved"))


def righted(state: State, now: datetime) -> State:
    """Return the state by the clock of `now`, where that was put back since the newest entry; nobody noted it yet."""
    if state.reached_at is None or now >= state.reached_at - BEHIND:
        return state
    return moved(state, now - state.reached_at, now)


def pulled(state: State, now: datetime) -> State:
    """Return the state with no fuse that was lit after `now`: none has more left than its own length."""
    if all(fuse.lit_at <= now for fuse in state.fuses.values()):
        return state
    return replace(state, fuses={risk: _pulled(fuse, now) for risk, fuse in state.fuses.items()})


def stamped(state: State, entry: Entry) -> State:
    """Return the state that knows how far the log has come, and when a watch last wrote."""
    reached, alive = stamps(state.reached_at, state.alive_at, entry)
    return replace(state, reached_at=reached, alive_at=alive)


def stamps(reached: datetime | None, alive: datetime | None, entry: Entry) -> tuple[datetime, datetime | None]:
    """Return how far the log has come with one more entry, and when a watch last wrote."""
    watch = entry.by == "watch" and entry.kind != "journal.recovered"
    return entry.at if reached is None else max(reached, entry.at), entry.at if watch else alive


def _pulled(fuse: Fuse, now: datetime) -> Fuse:
    sooner: Fuse = _moved(fuse, min(timedelta(), now - fuse.lit_at))
    return sooner


def _moved(value: Any, by: timedelta) -> Any:
    if isinstance(value, datetime):
        return min(max(value, EARLIEST - by), LATEST - by) + by  # stays in the calendar, however often it is moved
    if isinstance(value, Growing):
        return Growing(_moved(item, by) for item in value)
    if isinstance(value, tuple):
        return tuple(_moved(item, by) for item in value)
    if isinstance(value, Mapping):
        return {key: _moved(item, by) for key, item in value.items()}
    if isinstance(value, Struct):
        return replace(value, **{name: _moved(part, by) for name, part in asdict(value).items()})
    return value
