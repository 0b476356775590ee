"""An open session: its state in memory, its journal and history on disk, kept in step.

An entry is on disk before the state has it. What happened and could not be written is owed: it is in the state, marked,
and set aside, until the log takes it.
"""

import asyncio
import contextlib
import random
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from cockpit.runtime.clock import Clock
from cockpit.session.both_files import observed, state_of, still_owed, with_readings
from sessions.actions.decision import Decision
from sessions.gate.evaluate import judge, unjudged
from sessions.gate.judgement import Judgement
from sessions.history.history import History
from sessions.history.queries import Worth
from sessions.state.observed import Seen
from sessions.state.reducer import State, apply, observe_all
from sessions.storage.disk import DISK, FileOps
from sessions.storage.journal import Journal, JournalError, LockedError, Opened
from sessions.storage.late_entries import late, missing, overlaid
from sessions.storage.spool import Spool
from sessions.text.clean import clean
from sessions.values.entries import UNSAVED, Draft, Entry, Unwritten, signed, unwritten
from sessions.values.percent import Percent
from sessions.values.readings import Reading
from sessions.values.sign_of_life import Sign, alive_at

LOST = "NOT saved anywhere"
PATIENCE = 10.0
"""Seconds that a person's act waits while other processes write to the log."""
BRIEF = 0.25
"""Seconds that it is waited for with what happened: then it is owed."""
_PAUSE = 0.002
"""Seconds between two tries at most: no longer than those of who comes later, else who waited longest waits on."""
_LATE = 12
"""How many deadlines later than it was measured a reading may be written by another process."""

Decide = Callable[[Judgement], Decision]
"""What is to become of an act, on the judgement of the moment in which nobody else can write. It is asked once."""
Owe = Callable[[Decision], bool]
"""Whether what was decided happens even where the log does not take it."""


class Done(Struct, frozen=True):
    """What became of an act: what was decided, its `entries` on disk, or why they are not there.

    `owed`: they are kept, and written once the log takes them. `locked`: another process writes, the same may go well
    a little later. Neither, and `unsaved`: nothing was done.
    """

    decision: Decision
    entries: tuple[Entry, ...] = ()
    unsaved: str = ""
    owed: bool = False
    locked: bool = False


class Lacking(Struct, frozen=True):
    """What the log lacks, in words; `kept` where all of it is on a disk all the same."""

    text: str
    kept: bool


class Session:
    """A session open for writing; several processes may each hold one. `state` has what is owed, marked as such."""

    def __init__(  # noqa: PLR0913, PLR0917 (a session has these parts)
        self,
        folder: Path,
        opened: Opened,
        journal: Journal,
        history: History,
        tz: tzinfo | None,
        now: datetime,
        files: FileOps = DISK,
        person: str = "",
    ) -> None:
        self.folder = folder
        self._person = person
        self.tz = tz
        self.files = files
        self.in_order = asyncio.Lock()
        """Held by the act that waits for the log: the next one comes after it."""
        self._opened = opened
        self.wiring: Mapping[str, object] = opened.wiring
        self._journal = journal
        self._history = history
        self._spool = Spool(folder, opened.created.isoformat(), files)
        self._faults: dict[str, dict[str, str]] = {}
        self._unsaved = ""
        self._followed = now
        self._written = self.state = state_of(opened)
        self._owed = missing(self._written, self._spool.read())
        self._anchor(opened.entries)
        self.recall(now)

    @property
    def owes(self) -> tuple[Unwritten, ...]:
        """What happened and is not in the log."""
        return self._owed

    def take(self, readings: Sequence[Reading]) -> None:
        """Keep readings, in the history and in the state."""
        self._history.add(readings)
        self._hold(observe_all(self._written, readings))

    def recall(self, now: datetime) -> None:
        """See again what the history knows, and nothing else."""
        self._hold(with_readings(replace(self._written, seen=Seen()), self._history, now))
        self._followed = now

    def follow(self, now: datetime) -> None:
        """Take in what other processes wrote since this was last done: their entries, and what they measured."""
        self.hear()
        if now < self._followed:
            self.recall(now)
        elif self._history.changed():
            since = self._followed - timedelta(seconds=_LATE * self.state.plan.cadence.deadline)
            self._hold(observed(self._written, self._history.between(since, now), now))
            self._followed = now

    def hear(self) -> None:
        """Take in the entries that others wrote, or set aside."""
        self._fold(self._journal.catch_up())
        self._look_aside()

    def act(self, decide: Decide, now: datetime, owe: Owe | None = None, *, brief: bool = False) -> Done:
        """Judge under the file's lock, after what others wrote meanwhile; write what `decide` says and fold it in.

        Where that fails nothing is done, unless `owe` says that it happens all the same: it is owed. Nobody is waited
        for; `brief`: where another process writes, nothing is decided or owed yet, the caller comes back.
        """
        self._come_back(now)
        decide = self._signed(decide)
        decided: list[Decision] = []
        settled: list[Unwritten] = []

        def under_lock(others: Sequence[Entry]) -> tuple[Sequence[Draft], Percent]:
            self._fold(others)
            self._look_aside()
            settled.extend(self._owed)
            decided.append(decide(self.known(now, replace(self.state, journal_fault=self._journal.fault))))
            return (*late(self._written, settled, now), *decided[0].drafts), self.state.phase

        try:
            entries = self._journal.transact(under_lock, now)
        except JournalError as error:
            if brief and isinstance(error, LockedError):
                return Done(Decision(), unsaved=f"{UNSAVED}{error}", locked=True)
            decision = decided[0] if decided else decide(self.known(now)) if owe else Decision()
            return self._not_written(decision, error, now, owed=bool(owe and owe(decision)))
        self._unsaved, self._owed = "", ()
        self._anchor(entries)
        self._fold(entries)
        self._spool.forget(settled)
        return Done(decided[0], entries)

    def _signed(self, decide: Decide) -> Decide:
        """Two persons may fly one session: each entry of theirs says who it was."""

        def decided(judgement: Judgement) -> Decision:
            decision = decide(judgement)
            return replace(decision, drafts=tuple(signed(draft, self._person) for draft in decision.drafts))

        return decided

    def owe(self, items: Sequence[Unwritten]) -> None:
        """Keep an entry for something that happened elsewhere, unless the log has it."""
        self._owed = missing(self._written, (*self._owed, *items))
        self._hold(self._written)

    def settle(self, now: datetime) -> None:
        """Write the owed entries, if the log takes them now."""
        if self._owed:
            self.act(just(()), now)

    def fault(self, origin: str, text: str, part: str = "") -> None:
        """Report a fault in `part` of `origin`; an empty text ends it."""
        parts = self._faults.setdefault(origin, {})
        if parts.get(part, "") != text:
            parts[part] = text
            self._hold(self._written)

    def judged(self, now: datetime) -> Judgement:
        """Judge the state as it is."""
        return judge(self.state, now, self.tz)

    def known(self, now: datetime, state: State | None = None) -> Judgement:
        """Judge; if that fails by a defect, return the bare state. Raises nothing."""
        state = self.state if state is None else state
        try:
            return judge(state, now, self.tz)
        except Exception as error:  # noqa: BLE001 - a defect in judging must not stand between a person and the flag
            return unjudged(state, now, f"judging failed: {type(error).__name__}: {clean(error)}")

    def beat(self, sign: Sign) -> None:
        """Leave the watch's sign of life, so that the next one knows until when somebody watched."""
        self._history.beat(sign)
        self._come_back(sign.at)

    def last_sign(self) -> Sign | None:
        """Return the newest sign of life of a watch, None if there is none."""
        return self._history.last_beat()

    def last_alive(self) -> datetime | None:
        """Return the newest sign of life of an earlier watch, None if nobody watched yet.

        Neither a person's note is one, nor that this opening had to set an unfinished entry aside.
        """
        return alive_at(self._history.last_beat(), self.state.alive_at, self.state.shifted)

    def put_back(self, now: datetime) -> None:
        """The clock went back to `now`: what is dated later is forgotten, else nothing newer could replace it."""
        self._history.forget_after(now)
        self.recall(now)

    def leave_card(self) -> None:
        """Keep a copy of the flag's phase in the state folder, for a revert that cannot read the session file."""
        self._spool.leave_card(replace(self._opened, plan=self.state.plan.table), self.state.phase)

    def lacking(self) -> Lacking | None:
        """Say which entries the log lacks, None if it lacks none."""
        if not self._owed:
            return None
        aside = {item.id for item in self._spool.read()}
        kept = all(item.id in aside for item in self._owed)
        where = f"set aside in {clean(self._spool.place, 200)}, the next cockpit enters it" if kept else LOST
        return Lacking(f"the log lacks {len(self._owed)} of what was done: {where}", kept)

    def highest(self, worth: Worth, since: datetime, until: datetime) -> Sequence[Reading]:
        """Return of each subject the reading of the highest worth in a span, as the history has it."""
        return self._history.highest(worth, since, until)

    def end_runs(self) -> None:
        """End open runs: a run lives in the process that began it, so none survives the start or end of a watch."""
        still = [run for run in self.state.seen.runs.values() if not run.done]
        self.take([replace(run, lines=(*run.lines, "ended with its watch"), done=True) for run in still])

    def close(self) -> None:
        """Close both files."""
        self._journal.close()
        self._history.close()

    def _come_back(self, now: datetime) -> None:
        """Continue with a file that had disappeared, when the same file is back, with entries added to it or not."""
        if not self._journal.away:
            return
        journal = Journal(self._journal.path, self.files)
        try:
            opened = journal.open(now)
        except JournalError:
            return
        known = [entry.crc for entry in self._written.entries]
        if opened.damage or [entry.crc for entry in opened.entries[: len(known)]] != known:
            journal.close()
            return
        self._journal.close()
        self._journal = journal
        self._fold(opened.entries[len(known) :])

    def _anchor(self, entries: Sequence[Entry]) -> None:
        """Let the history know how far the file came: only of what is on the disk."""
        if entries:
            self._history.anchor(self._opened.identity, entries[-1].seq, entries[-1].crc)

    def _not_written(self, decision: Decision, error: JournalError, now: datetime, *, owed: bool) -> Done:
        """Owe what happened all the same; say why the log does not have it."""
        locked, why = isinstance(error, LockedError), f"{UNSAVED}{error}"
        happened = decision.drafts if owed else ()
        if happened:
            items = (unwritten(draft, self.state.phase, now) for draft in happened)
            self._owed, self._unsaved = (*self._owed, *items), why
        lost = self._spool.keep(self._owed)
        if happened and lost:
            why = f"{why}; {lost}"
        self._hold(self._written)
        return Done(decision, unsaved=why, owed=owed, locked=locked)

    def _look_aside(self) -> None:
        """Take in what other processes set aside, and drop what the log has by now."""
        aside = self._spool.read()
        known = missing(self._written, (*aside, *self._owed))
        owed = {item.id for item in known}
        self._spool.forget([item for item in aside if item.id not in owed])
        if known != self._owed:
            self._owed = known
            self._hold(self._written)

    def _fold(self, entries: Sequence[Entry]) -> None:
        state = self._written
        for entry in entries:
            state = apply(state, entry)
        self._hold(state)

    def _hold(self, written: State) -> None:
        """Hold what the log says; the state to look at has what is owed and what is not healthy as well."""
        self._written = written
        faults = {**self._faults, "history": {"": self._history.fault}}
        told = {origin: "; ".join(filter(None, parts.values())) for origin, parts in faults.items()}
        self.state = replace(
            overlaid(written, self._owed),
            journal_fault=self._journal.fault or self._unsaved or still_owed(self._owed),
            faults={origin: text for origin, text in told.items() if text},
        )


async def patiently(
    session: Session, decide: Decide, clock: Clock, owe: Owe | None = None, brief: float = BRIEF
) -> Done:
    """Act, and while other processes write try again: what may be owed for `brief` s, anything else for PATIENCE.

    What may be owed waits for nobody; anything else is written in the order in which it was asked.
    """
    begun = clock.boot()
    async with contextlib.nullcontext() if owe else session.in_order:
        while True:
            passed = clock.boot() - begun
            done = session.act(decide, clock.now(), owe, brief=passed < brief)
            if done.owed or not done.locked or passed >= PATIENCE:
                return done
            await asyncio.sleep(random.uniform(0, _PAUSE))  # noqa: S311 - no secret


def just(drafts: Sequence[Draft]) -> Decide:
    """Return what decides for entries that nothing is to be decided on."""
    return lambda _: Decision(tuple(drafts))


def always(_decision: Decision) -> bool:
    """Always carry out what is decided."""
    return True
