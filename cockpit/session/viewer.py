"""A door that only looks: it reads what the session's files hold, again and again, and takes no act."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from cockpit.runtime.clock import Clock
from cockpit.runtime.lean import collect_as_usual
from cockpit.session.followed import Followed
from cockpit.session.interface import Listeners
from cockpit.session.past import PastLooks
from cockpit.session.sheet_looks import Exhibits, Looks, at_once, beside, names_of, untold
from sessions.gate.evaluate import judge
from sessions.gate.judgement import Judgement
from sessions.storage.journal import JournalError
from sessions.text.clean import clean
from sessions.values.requests import Answer, Request

if TYPE_CHECKING:
    from sessions.handover.peaks import Peaks
    from sessions.reports.periods import Period
    from sessions.week.past import Past

_EVERY = 1.0


class Viewer:
    """Shows a session that another process watches, that is damaged, or that shall not be touched.

    With `looks` it can look up what a sheet asks for.
    """

    def __init__(self, folder: Path, reason: str, clock: Clock, tz: tzinfo | None, looks: Looks | None = None) -> None:
        self.viewer = reason
        self.follows = ""
        self._clock = clock
        self._tz = tz
        self._looks = looks
        self._files = Followed(folder, clock, tz)
        self._latest = self._files.look_at_watch()
        self._listeners = Listeners()
        self._back = PastLooks(folder, tz)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="viewer", daemon=True)

    def start(self) -> None:
        """Begin to follow the files."""
        collect_as_usual()
        self._thread.start()

    def stop(self, _reason: str) -> None:
        """Stop following them. Harmless twice, and before the start."""
        self._ended.set()
        self._back.close()
        if self._thread.ident is not None:
            self._thread.join()

    def lacking(self) -> None:
        """A viewer does nothing that the log could lack."""

    def latest(self) -> Judgement:
        """Return the newest judgement."""
        return self._latest

    def on_change(self, wake: Callable[[], None]) -> None:
        """Call `wake` from the viewer's thread after each look."""
        self._listeners.add(wake)

    def ask(self, _request: Request) -> "Future[Answer]":
        """Refuse: a viewer acts on nothing."""
        answer: Future[Answer] = Future()
        answer.set_result(Answer(False, f"this screen is read-only: {self.viewer}"))
        return answer

    def look_up(self, sheet: str) -> "Future[Exhibits]":
        """Let the sources look up what a sheet asks for, on a separate thread."""
        seen, looks = self._latest, self._looks
        if looks is None:
            return at_once(untold(seen, sheet, "without settings nothing can be looked up"))
        return beside(lambda: looks(seen.state.plan, names_of(seen.state.plan, sheet)))

    def past(self, sheet: str) -> "Future[Past | None]":
        """Ask the history for what a sheet compares with."""
        return self._back.look(self._latest, sheet)

    def peaks(self, period: "Period") -> "Future[Peaks]":
        """Ask the history for the peaks that the report of a period tells."""
        return self._back.peaks(self._latest, period)

    def _run(self) -> None:
        while not self._ended.wait(_EVERY):
            try:
                self._latest = self._files.look_at_watch()
            except (JournalError, OSError) as error:
                self._latest = self._unread(error)
            self._listeners.call()

    def _unread(self, error: Exception) -> Judgement:
        """Judge what was known again: it turns blind, and says that the file is gone, or cannot be read."""
        why = (error.strerror if isinstance(error, OSError) else None) or str(error)
        state = replace(self._latest.state, journal_fault=f"the session file cannot be read: {clean(why, 200)}")
        return judge(state, self._clock.now(), self._tz)
