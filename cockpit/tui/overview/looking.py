"""Reads every session again and again, on its own thread; a broken one says so in its row."""

import threading
import time
from datetime import datetime
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from cockpit.runtime.clock import Clock, clock_of
from cockpit.session.both_files import loaded_sound
from cockpit.session.followed import Followed
from cockpit.tui.overview.row import Row, asking_row, broken_row, row_of
from sessions.storage.folders import SESSION, sessions
from sessions.storage.journal import JournalError
from sessions.storage.locks import watcher
from sessions.text.clean import clean

EVERY = 1.0
"""Seconds between two looks at a session."""
SHARE = 10
"""A look is followed by a rest of so many times its length: what is slow to read must not take a whole core."""
MOST = 200
"""So many sessions are shown, the last changed ones."""


class _Known(Struct):
    """What is known of one session, and when it is looked at next."""

    files: Followed
    row: Row
    next_at: float = 0.0
    stamp: int = 0


class Looking:
    """Rows of all sessions. `rows` may be read from any thread."""

    def __init__(self, clock: Clock) -> None:
        self.rows: tuple[Row, ...] = ()
        self._clock = clock
        self._known: dict[Path, _Known] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="overview", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End; a look that is under way is left to itself."""
        self._ended.set()

    def look(self) -> None:
        """Look at each session whose turn it is, and show what is found."""
        self._list()
        self._show()
        for folder, known in tuple(self._known.items()):
            if self._ended.is_set():
                return
            if time.monotonic() >= known.next_at:
                self._look(folder, known)
                self._show()

    def _run(self) -> None:
        while not self._ended.is_set():
            self.look()
            self._ended.wait(EVERY / 4)

    def _list(self) -> None:
        folders = [folder for _, folder, _ in sessions()[:MOST]]
        now = self._clock.now()
        for folder in folders:
            if folder not in self._known:
                files = Followed(folder, clock_of(folder), None, loaded_sound)
                self._known[folder] = _Known(files, asking_row(folder, now))
        for gone in self._known.keys() - set(folders):
            del self._known[gone]

    def _look(self, folder: Path, known: _Known) -> None:
        began = time.monotonic()
        stamp = _stamp(folder)
        if not (known.row.over and known.row.percent and stamp == known.stamp):  # what is concluded is looked at once
            known.row = seen(folder, known.files, self._clock.now())
        known.stamp = stamp
        ended = time.monotonic()
        known.next_at = max(began + EVERY, ended + SHARE * (ended - began))

    def _show(self) -> None:
        """Sort concluded sessions last, then by name, so that rows do not jump."""
        rows = [known.row for known in self._known.values()]
        self.rows = tuple(sorted(rows, key=lambda row: (row.over and bool(row.percent), row.folder.name)))


def seen(folder: Path, files: Followed, now: datetime) -> Row:
    """Return the row of a session at the machine's time `now`; a demo uses its own clock. Raises nothing."""
    try:
        lock = watcher(folder)
        by = "" if lock is None else f"watched by {lock.pid}" if lock.pid else "watched"
        return replace(row_of(folder, files.look_at_watch(), by), at=now)
    except (JournalError, OSError) as error:
        return broken_row(folder, now, clean(_short(str(error), folder), 300))
    except Exception as error:  # noqa: BLE001 - one session must not take the others off the screen
        return broken_row(folder, now, clean(f"cannot be judged: {type(error).__name__}: {error}", 300))


def _short(text: str, folder: Path) -> str:
    """The row has the name already: the path before what is wrong is not said again."""
    said = text.removeprefix(f"{clean(folder / SESSION)}").removeprefix(":").strip()
    return f"line {said}" if said[:1].isdigit() else said


def _stamp(folder: Path) -> int:
    try:
        return (folder / SESSION).lstat().st_mtime_ns
    except OSError:
        return 0
