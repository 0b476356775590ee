"""A session's two files read together: each knows what the other cannot know of itself."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from cockpit.runtime.clock import Clock
from sessions.criteria.freshness import seen_again
from sessions.file_format.anchor import Anchor, shortened
from sessions.file_format.document import Opened
from sessions.gate.evaluate import judge
from sessions.gate.judgement import Judgement
from sessions.history.history import History
from sessions.history.trouble import LOCKED
from sessions.state.observed import lookback
from sessions.state.reducer import State
from sessions.storage.disk import DISK, FileOps
from sessions.storage.folders import HISTORY, SESSION
from sessions.storage.late_entries import missing, overlaid
from sessions.storage.locks import watcher
from sessions.storage.replay import rebuilt
from sessions.storage.session_file import JournalError, damaged, load
from sessions.storage.spool import Spool
from sessions.text.clean import clean
from sessions.values.entries import Unwritten
from sessions.values.readings import Reading

if TYPE_CHECKING:
    from sessions.storage.journal import Journal

LATE = timedelta(seconds=10)
"""After how long without a sign of life the history of a watched session is asked why."""


def anchor_of(folder: Path) -> Anchor | None:
    """Return how far the session file came; to be asked before that is read, so that it cannot be ahead."""
    history = History.open_readonly(folder / HISTORY)
    try:
        return history.anchored()
    finally:
        history.close()


def loaded(folder: Path) -> Opened:
    """Read the session file and change nothing; one that is shorter than it was is damaged. Raises JournalError."""
    anchor = anchor_of(folder)
    return shortened(load(folder / SESSION), anchor)


def loaded_sound(folder: Path) -> Opened:
    """Read a session file without damage. Raises JournalError also for a damaged one: its state is unknown."""
    opened = loaded(folder)
    if opened.damage:
        raise JournalError(damaged(folder / SESSION, opened.damage))
    return opened


def writer_of(folder: Path, files: FileOps = DISK) -> "Journal":
    """Return the session file's writer, not yet open; to it, too, a file that is shorter than it was is damaged."""
    from sessions.storage.journal import Journal

    return Journal(folder / SESSION, files, anchor_of(folder))


def state_of(opened: Opened) -> State:
    """Rebuild the state from the journal. Raises JournalError when the plan in it is not readable."""
    return rebuilt(opened)


def with_owed(state: State, opened: Opened, folder: Path) -> State:
    """Return the state with what is set aside for the session in `folder`: the log does not have it yet."""
    owed = missing(state, Spool(folder, opened.created.isoformat()).read())
    fault = state.journal_fault or still_owed(owed)
    return replace(overlaid(state, owed), journal_fault=fault) if owed else state


def still_owed(items: Sequence[Unwritten]) -> str:
    """Say how much the log lacks, empty if it lacks nothing."""
    count = len(items)
    return f"{count} {'entry is' if count == 1 else 'entries are'} set aside, not in the log yet" if count else ""


def with_readings(state: State, history: History, now: datetime) -> State:
    """Return the state with what the history still knows; what is dated later than `now` proves nothing."""
    return observed(state, history.recent(lookback(state.plan, state.entered_at)), now)


def observed(state: State, readings: Sequence[Reading], now: datetime) -> State:
    """Return the state with these readings; what is dated later than `now` proves nothing."""
    return seen_again(state, readings, now)


def with_history(folder: Path, state: State, now: datetime) -> State:
    """Return the state with what the history knows, and with what is wrong with the history."""
    history = History.open_readonly(folder / HISTORY)
    try:
        seen = with_readings(state, history, now)
        return replace(seen, faults={**seen.faults, **_faults(folder, state, history, now)})
    finally:
        history.close()


def look(folder: Path, clock: Clock, tz: tzinfo | None) -> Judgement:
    """Judge what the session's files hold now; nothing is written. Raises JournalError, also for a damaged file.

    A watch that was killed could not say so: whoever holds its lock is who watches.
    """
    opened = loaded_sound(folder)
    state = with_owed(state_of(opened), opened, folder)
    watching, now = state.watching and watcher(folder) is not None, clock.now()
    return judge(with_history(folder, replace(state, watching=watching), now), now, tz)


def _faults(folder: Path, state: State, history: History, now: datetime) -> Mapping[str, str]:
    """A history that no watch has begun yet is no fault; one that a watch cannot write is one."""
    begun = any(entry.kind == "watch.started" for entry in state.entries)
    beat = history.last_beat()
    last = beat.at if beat else None
    fault = history.fault if begun or history.there() else ""
    if not fault and last is not None and now - last > LATE and watcher(folder) is not None:
        fault = f"{clean(history.path)}: {_late(history, last)}"
    return {"history": fault} if fault else {}


def _late(history: History, last: datetime) -> str:
    if history.held():
        return f"is {LOCKED} since {last:%H:%M:%S} UTC: what is measured meanwhile is not seen here"
    return f"was last written at {last:%H:%M:%S} UTC, although the session is watched: nothing newer is seen here"
