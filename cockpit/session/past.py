"""Asks a session's history for the numbers behind a task of the week: in any process, read-only, off the screen."""

import contextlib
import threading
from concurrent.futures import Future
from datetime import tzinfo
from pathlib import Path

from cockpit.session.sheet_looks import beside
from sessions.actions.tasks import chore_called
from sessions.gate.judgement import Judgement
from sessions.history.history import History
from sessions.storage.folders import HISTORY
from sessions.week.past import Past, past_of


def past_in(folder: Path, judgement: Judgement, task: str, tz: tzinfo | None) -> Past:
    """Return what the history in `folder` has for a task of the week; of what cannot be read nothing is known.

    Raises KeyError where the week has no such task.
    """
    with contextlib.closing(History.open_readonly(folder / HISTORY)) as history:
        return _past(history, judgement, task, tz)


class PastLooks:
    """Looks back for one door: each look on a thread and with a history of its own, none of which outlives the door."""

    def __init__(self, folder: Path, tz: tzinfo | None) -> None:
        self._path = folder / HISTORY
        self._tz = tz
        self._open: set[History] = set()
        self._changing = threading.Lock()
        self._closed = False

    def look(self, judgement: Judgement, task: str) -> "Future[Past]":
        """Look back on what a task of the week is judged on; of what cannot be read nothing is known.

        The future raises KeyError where the week has no such task.
        """
        return beside(lambda: self._found(judgement, task))

    def close(self) -> None:
        """End what is still asked: who asked is leaving, and no query may be under way when the process ends."""
        with self._changing:
            self._closed, still = True, tuple(self._open)
        for history in still:
            history.close()

    def _found(self, judgement: Judgement, task: str) -> Past:
        with contextlib.closing(History.open_readonly(self._path)) as history:
            with self._changing:
                self._open.add(history)
                if self._closed:
                    history.close()
            try:
                return _past(history, judgement, task, self._tz)
            finally:
                with self._changing:
                    self._open.discard(history)


def _past(history: History, judgement: Judgement, task: str, tz: tzinfo | None) -> Past:
    chore = chore_called(judgement, task)
    if chore is None:
        raise KeyError(task)
    return past_of(judgement, chore, history, tz)
