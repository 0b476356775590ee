"""A session's two files read together: each knows what the other cannot know of itself."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from msgspec.structs import replace

from cockpit.session.session import with_readings
from sessions.file_format.anchor import Anchor, shortened
from sessions.history.history import History
from sessions.history.trouble import LOCKED
from sessions.state.reducer import State
from sessions.storage.disk import DISK, FileOps
from sessions.storage.folders import HISTORY, SESSION
from sessions.storage.journal import Journal, JournalError, Opened, load
from sessions.storage.locks import watcher
from sessions.storage.session_file import damaged
from sessions.text.clean import clean

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
    """Read a session file that is whole. Raises JournalError also where it is damaged: what stands now is not known."""
    opened = loaded(folder)
    if opened.damage:
        raise JournalError(damaged(folder / SESSION, opened.damage))
    return opened


def writer_of(folder: Path, files: FileOps = DISK) -> Journal:
    """Return the session file's writer, not yet open; to it, too, a file that is shorter than it was is damaged."""
    return Journal(folder / SESSION, files, anchor_of(folder))


def with_history(folder: Path, state: State, now: datetime) -> State:
    """Return the state with what the history knows, and with what is wrong with the history."""
    history = History.open_readonly(folder / HISTORY)
    try:
        seen = with_readings(state, history, now)
        return replace(seen, faults={**seen.faults, **_faults(folder, state, history, now)})
    finally:
        history.close()


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
