"""Asks a session's history for the numbers behind a task of the week: in any process, read-only, off the screen."""

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
    chore = chore_called(judgement, task)
    if chore is None:
        raise KeyError(task)
    history = History.open_readonly(folder / HISTORY)
    try:
        return past_of(judgement, chore, history, tz)
    finally:
        history.close()


def asked_past(folder: Path, judgement: Judgement, task: str, tz: tzinfo | None) -> "Future[Past]":
    """Ask in a thread of its own; the future holds the answer, or what `past_in` raises."""
    return beside(lambda: past_in(folder, judgement, task, tz))
