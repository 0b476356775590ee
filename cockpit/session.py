"""An open session: its state in memory, its journal and history on disk, kept in step.

An entry is on disk before the state has it. Only a protective act goes on without its entry, and then says so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, tzinfo
from pathlib import Path

from sessions.entries import Draft, Entry
from sessions.history import History
from sessions.journal import Journal, JournalError, Opened
from sessions.judge import judge
from sessions.judgement import Judgement
from sessions.planfile import plan_from
from sessions.readings import Reading
from sessions.state import State, apply, observe, replay
from sessions.tables import TableError

UNSAVED = "NOT saved"


def state_of(opened: Opened) -> State:
    """Rebuild the state from the journal. Raises JournalError when the plan in it is not readable."""
    try:
        plan = plan_from(opened.plan)
    except TableError as error:
        raise JournalError(f"{opened.name}: the session's plan is not readable: {error.problems[0]}") from error
    fault = opened.damage.what if opened.damage else ""
    return replace(replay(plan, opened.entries), name=opened.name, journal_fault=fault)


def with_readings(state: State, history: History) -> State:
    """Return the state with what the history still knows."""
    for reading in history.recent():
        state = observe(state, reading)
    return state


class Session:
    """A session open for writing; whoever holds it is its Watch."""

    def __init__(self, folder: Path, opened: Opened, journal: Journal, history: History, tz: tzinfo | None) -> None:
        self.folder = folder
        self.tz = tz
        self.wiring: Mapping[str, object] = opened.wiring
        self.state = with_readings(state_of(opened), history)
        self._journal = journal
        self._history = history
        self._faults: dict[str, str] = {}
        self._leave_no_run_open()
        self._note_faults()

    def take(self, readings: Sequence[Reading]) -> None:
        """Keep readings, in the history and in the state."""
        self._history.add(readings)
        for reading in readings:
            self.state = observe(self.state, reading)

    def write(self, drafts: Sequence[Draft], now: datetime) -> tuple[Entry, ...]:
        """Append entries and fold them in. Raises JournalError: then neither the file nor the state has them."""
        if not drafts:
            return ()
        try:
            entries = self._journal.append(drafts, phase=self.state.phase, now=now)
        finally:
            self._note_faults()
        for entry in entries:
            self.state = apply(self.state, entry)
        return entries

    def insist(self, drafts: Sequence[Draft], now: datetime) -> str:
        """Append entries of a protective act; where the journal fails, keep them in memory and return why."""
        try:
            self.write(drafts, now)
        except JournalError as error:
            for draft in drafts:
                phase = self.state.phase if draft.phase is None else draft.phase
                text = f"{UNSAVED}: {draft.text}"
                entry = Entry(self.state.seq + 1, now, draft.kind, draft.by, phase, text, draft.facts)
                self.state = apply(self.state, entry)
            self.fault("journal", f"{UNSAVED}: {error}")
            return f"{UNSAVED}: {error}"
        return ""

    def fault(self, origin: str, text: str) -> None:
        """Tell what is not healthy: the gate holds until `origin` says an empty text."""
        if self._faults.get(origin, "") != text:
            self._faults[origin] = text
            self.state = replace(self.state, journal_fault="; ".join(filter(None, self._faults.values())))

    def judged(self, now: datetime) -> Judgement:
        """Judge the state as it is."""
        return judge(self.state, now, self.tz)

    def beat(self, now: datetime) -> None:
        """Leave a sign of life, so that the next start knows until when this one watched; hear what others wrote."""
        self._history.beat(now)
        for entry in self._journal.catch_up():
            self.state = apply(self.state, entry)
        self._note_faults()

    def last_alive(self) -> datetime | None:
        """Return the newest sign of life of an earlier watch, None where nobody watched yet.

        Neither a person's note is one, nor that this opening had to set an unfinished entry aside.
        """
        kept = (entry for entry in reversed(self.state.entries) if entry.by == "watch")
        written = (entry.at for entry in kept if entry.kind != "journal.recovered")
        signs = [self._history.last_beat(), next(written, None)]
        return max((sign for sign in signs if sign is not None), default=None)

    def close(self) -> None:
        """Let go of both files."""
        self._leave_no_run_open()
        self._journal.close()
        self._history.close()

    def _leave_no_run_open(self) -> None:
        """A run lives in its watch: what is not done when that ends, or began, ended with it."""
        still = [run for run in self.state.seen.runs.values() if not run.done]
        self.take([replace(run, lines=(*run.lines, "ended with its watch"), done=True) for run in still])

    def _note_faults(self) -> None:
        self.fault("journal", self._journal.fault)
