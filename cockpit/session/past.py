"""Asks a session's history for what a sheet compares with, and a report tells: in any process, read-only."""

import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import Future
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

from cockpit.session.sheet_looks import Found, beside
from sessions.gate.judgement import Judgement
from sessions.history.history import History
from sessions.storage.folders import HISTORY

if TYPE_CHECKING:  # what is looked back on loads when somebody does
    from sessions.handover.peaks import Peaks
    from sessions.reports.periods import Period
    from sessions.week.past import Past


def past_in(folder: Path, judgement: Judgement, sheet: str, tz: tzinfo | None) -> "Past | None":
    """Return what the history in `folder` has for the sheet of a task or of a `risk.step`.

    None if that compares with nothing; of what cannot be read nothing is known.
    """
    from sessions.week.cell import past_of

    with contextlib.closing(History.open_readonly(folder / HISTORY)) as history:
        return past_of(judgement, sheet, history, tz)


class PastLooks:
    """Looks back for one door: each look on a thread and with a history of its own, none of which outlives the door."""

    def __init__(self, folder: Path, tz: tzinfo | None) -> None:
        self._path = folder / HISTORY
        self._tz = tz
        self._open: set[History] = set()
        self._changing = threading.Lock()
        self._closed = False

    def look(self, judgement: Judgement, sheet: str) -> "Future[Past | None]":
        """Look back on what a sheet compares with: None if that is nothing, as `past_in` says."""

        def past(history: History) -> "Past | None":
            from sessions.week.cell import past_of

            return past_of(judgement, sheet, history, self._tz)

        return self._asked(past)

    def peaks(self, judgement: Judgement, period: "Period") -> "Future[Peaks]":
        """Look back on the peaks that the report of a period tells."""

        def found(history: History) -> "Peaks":
            from sessions.handover.peaks import peaks
            from sessions.reports.page import since_of

            return peaks(history.highest, judgement.state, since_of(period))

        return self._asked(found)

    def close(self) -> None:
        """End what is still asked: who asked is leaving, and no query may be under way when the process ends."""
        with self._changing:
            self._closed, still = True, tuple(self._open)
        for history in still:
            history.close()

    def _asked(self, question: Callable[[History], Found]) -> "Future[Found]":
        return beside(lambda: self._answered(question))

    def _answered(self, question: Callable[[History], Found]) -> Found:
        with contextlib.closing(History.open_readonly(self._path)) as history:
            with self._changing:
                self._open.add(history)
                if self._closed:
                    history.close()
            try:
                return question(history)
            finally:
                with self._changing:
                    self._open.discard(history)
