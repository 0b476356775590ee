"""An open session: its state in memory, its journal and history on disk, kept in step.

An entry is on disk before the state has it. Only a protective act goes on without its entry, and then says so.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

from sessions.criteria.fresh import seen_again
from sessions.entries import Draft, Entry
from sessions.history import History
from sessions.journal import Journal, JournalError, Opened
from sessions.judge import judge
from sessions.judgement import Judgement
from sessions.readings import Reading
from sessions.rebuilt import rebuilt
from sessions.seen import Seen
from sessions.sign import Sign, alive_at
from sessions.state import State, apply, observe_all

UNSAVED = "NOT saved"
_LATE = 12
"""How many deadlines later than it was measured a reading may be written by another process."""

Decide = Callable[[Judgement], Sequence[Draft]]
"""What is to be written, on the judgement of the moment in which nobody else can write."""


def state_of(opened: Opened) -> State:
    """Rebuild the state from the journal. Raises JournalError when the plan in it is not readable."""
    return rebuilt(opened)


def with_readings(state: State, history: History, now: datetime) -> State:
    """Return the state with what the history still knows; what is dated later than `now` proves nothing."""
    return _observed(state, history.recent(), now)


def _observed(state: State, readings: Sequence[Reading], now: datetime) -> State:
    return seen_again(state, readings, now)


class Session:
    """A session open for writing; several processes may each hold one."""

    def __init__(  # noqa: PLR0913, PLR0917 (a session has these parts)
        self,
        folder: Path,
        opened: Opened,
        journal: Journal,
        history: History,
        tz: tzinfo | None,
        now: datetime,
    ) -> None:
        self.folder = folder
        self.tz = tz
        self.wiring: Mapping[str, object] = opened.wiring
        self.state = state_of(opened)
        self._journal = journal
        self._history = history
        self._faults: dict[str, str] = {}
        self._followed = now
        self.recall(now)
        self._note_faults()

    def take(self, readings: Sequence[Reading]) -> None:
        """Keep readings, in the history and in the state."""
        self._history.add(readings)
        self.state = observe_all(self.state, readings)

    def recall(self, now: datetime) -> None:
        """See again what the history knows, and nothing else."""
        self.state = with_readings(replace(self.state, seen=Seen()), self._history, now)
        self._followed = now

    def follow(self, now: datetime) -> None:
        """Take in what other processes wrote since this was last done: their entries, and what they measured."""
        self.hear()
        if now < self._followed:
            self.recall(now)
        elif self._history.changed():
            since = self._followed - timedelta(seconds=_LATE * self.state.plan.cadence.deadline)
            self.state = _observed(self.state, self._history.between(since, now), now)
            self._followed = now

    def hear(self) -> None:
        """Take in the entries that others wrote."""
        self._fold(self._journal.catch_up())
        self._note_faults()

    def act(self, decide: Decide, now: datetime) -> tuple[Entry, ...]:
        """Judge under the file's lock, after what others wrote meanwhile; write what `decide` says and fold it in.

        Raises JournalError: then neither the file nor the state has any of it; `decide` may have been asked.
        """

        def under_lock(others: Sequence[Entry]) -> tuple[Sequence[Draft], int]:
            self._fold(others)
            return decide(self.judged(now)), self.state.phase

        try:
            entries = self._journal.transact(under_lock, now)
        finally:
            self._note_faults()
        self._fold(entries)
        return entries

    def write(self, drafts: Sequence[Draft], now: datetime) -> tuple[Entry, ...]:
        """Append entries that nothing decides on, and fold them in. Raises JournalError."""
        return self.act(lambda _: drafts, now) if drafts else ()

    def insist(self, drafts: Sequence[Draft], now: datetime) -> str:
        """Append entries of a protective act; where the journal fails, keep them in memory and return why."""
        return self.insist_on(lambda _: drafts, now) if drafts else ""

    def insist_on(self, decide: Decide, now: datetime) -> str:
        """Act; where the journal fails, keep in memory what is decided without it and return why."""
        try:
            self.act(decide, now)
        except JournalError as error:
            for draft in decide(self.judged(now)):
                phase = self.state.phase if draft.phase is None else draft.phase
                text = f"{UNSAVED}: {draft.text}"
                self._fold([Entry(self.state.seq + 1, now, draft.kind, draft.by, phase, text, draft.facts)])
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

    def beat(self, sign: Sign) -> None:
        """Leave the watch's sign of life, so that the next one knows until when somebody watched."""
        self._history.beat(sign)

    def last_sign(self) -> Sign | None:
        """Return the newest sign of life that a watch left, None where none did."""
        return self._history.last_beat()

    def last_alive(self) -> datetime | None:
        """Return the newest sign of life of an earlier watch, None where nobody watched yet.

        Neither a person's note is one, nor that this opening had to set an unfinished entry aside.
        """
        return alive_at(self._history.last_beat(), self.state.alive_at, self.state.shifted)

    def put_back(self, now: datetime) -> None:
        """The clock went back to `now`: what is dated later is forgotten, else nothing newer could replace it."""
        self._history.forget_after(now)
        self.recall(now)

    def end_runs(self) -> None:
        """A run lives in the process that began it: what is not done when a watch begins or ends, ended with it."""
        still = [run for run in self.state.seen.runs.values() if not run.done]
        self.take([replace(run, lines=(*run.lines, "ended with its watch"), done=True) for run in still])

    def close(self) -> None:
        """Let go of both files."""
        self._journal.close()
        self._history.close()

    def _fold(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            self.state = apply(self.state, entry)

    def _note_faults(self) -> None:
        self.fault("journal", self._journal.fault)
