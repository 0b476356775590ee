"""A session's files, judged at each look, and read again only after a change."""

from collections.abc import Callable
from datetime import tzinfo
from pathlib import Path

from msgspec.structs import replace

from cockpit.runtime.clock import Clock
from cockpit.session.both_files import loaded, state_of, with_history, with_owed
from sessions.file_format.document import Opened
from sessions.gate.evaluate import judge
from sessions.gate.judgement import Judgement
from sessions.state.reducer import State
from sessions.storage.folders import SESSION
from sessions.storage.locks import watcher


class Followed:
    """One session. `load` says what is done with a damaged one."""

    def __init__(self, folder: Path, clock: Clock, tz: tzinfo | None, load: Callable[[Path], Opened] = loaded) -> None:
        self._folder = folder
        self._clock = clock
        self._tz = tz
        self._load = load
        self._stamp = (0, 0, 0)
        self._state: State | None = None

    def look(self) -> Judgement:
        """Judge what the files hold now. Raises JournalError, OSError."""
        found = (self._folder / SESSION).lstat()
        stamp = (found.st_ino, found.st_size, found.st_mtime_ns)
        if self._state is None or stamp != self._stamp:
            opened = self._load(self._folder)
            self._state, self._stamp = with_owed(state_of(opened), opened, self._folder), stamp
        now = self._clock.now()
        return judge(with_history(self._folder, self._state, now), now, self._tz)

    def look_at_watch(self) -> Judgement:
        """Judge it, and by its lock whether somebody watches: a watch that was killed could not say so."""
        judgement = self.look()
        watched = judgement.state.watching and watcher(self._folder) is not None
        if watched is judgement.state.watching:
            return judgement
        return judge(replace(judgement.state, watching=watched), judgement.at, self._tz)
