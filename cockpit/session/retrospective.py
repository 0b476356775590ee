"""Drafts the retrospective of a session and writes it; what its owner wrote into a file is never overwritten."""

import sys
from collections.abc import Iterator, Sequence
from datetime import tzinfo
from pathlib import Path

import cockpit
from cockpit.runtime.subprocess import run_printing
from cockpit.session.export import Exported, facts_of, keeping, write_export, written_before
from sessions.actions.decision import RETROSPECTIVE
from sessions.gate.judgement import ChoreStatus, Judgement
from sessions.history.copied import kept
from sessions.replay.course import as_judged, as_recorded
from sessions.replay.flight import Replay
from sessions.replay.limits import limits
from sessions.replay.record import Record, recorded
from sessions.reports.periods import EXPORTED
from sessions.retrospective.bounds import FACTORS, Count, judged_with
from sessions.retrospective.page import Anew, retrospective
from sessions.state.reducer import State
from sessions.storage.folders import HISTORY
from sessions.values.entries import Draft, Entry

WRITTEN = "retrospective.written"
NAME = "retrospective.md"
_PATIENCE = 3600.0
"""Seconds for judging a long flight again three times, in another process."""
_LIMIT = 1_000_000
_CHILD = "import sys; sys.path.append(sys.argv.pop(1)); from cockpit.__main__ import main; sys.exit(main())"
"""Imports the same cockpit as this process, and nothing from the current folder."""


def drafted(folder: Path, judgement: Judgement, tz: tzinfo | None, count: Count) -> str:
    """Return the retrospective of the whole flight; the session's history is read from a copy. Takes its time."""
    state = judgement.state
    history = kept(folder / HISTORY)
    record = recorded(state.plan, _flown(state.entries), history.readings, judgement.at)
    return retrospective(judgement, _anew(state, record, history.fault, tz, count), tz)


def _flown(entries: Sequence[Entry]) -> Sequence[Entry]:
    """Return the entries up to the last that is of the flight: what was written of it days later lengthens nothing."""
    last = max((entry.seq for entry in entries if entry.kind not in {WRITTEN, EXPORTED}), default=0)
    return [entry for entry in entries if entry.seq <= last]


def _anew(state: State, record: Record, fault: str, tz: tzinfo | None, count: Count) -> Anew:
    plan, log = state.plan, as_recorded(state.plan, record)
    told = tuple(filter(None, (fault, *limits(plan, record, None, tz))))
    if record.measured is None:
        return Anew(log, limits=told)
    anew = as_judged(plan, record, count(Replay(plan, plan, record).moments(), record))
    scaled = tuple(judged_with(plan, record, anew, factor, count, tz) for factor in FACTORS)
    return Anew(log, anew, scaled, told)


def write(folder: Path, judgement: Judgement, text: str, out: Path | None = None) -> Exported:
    """Write it whole, beside one that its owner edited. Raises OSError."""
    return Exported(NAME, text, write_export(folder, NAME, text, out, ours=written_before(judgement.state, WRITTEN)))


def noted(judgement: Judgement, file: Exported, by: str) -> tuple[Draft, ...]:
    """Return the entry of a retrospective that was written, and the tick of the week's task that it does."""
    kept_one = keeping(file)
    text = f"retrospective written: {file.path.name}{f'; {kept_one}' if kept_one else ''}"
    return (Draft(WRITTEN, by, text, facts_of([file])), *_ticks(judgement, by))


def _ticks(judgement: Judgement, by: str) -> Iterator[Draft]:
    """Tick the task that it is, on its day: an earlier draft is none."""
    begun = max((chore.day for chore in judgement.week if chore.due_at <= judgement.at), default=0)
    for chore in judgement.week:
        mine = chore.does == RETROSPECTIVE and chore.day <= begun
        if mine and chore.status is not ChoreStatus.DONE:
            text = f"day {chore.day}: {chore.text} ✔"
            yield Draft("task.ticked", by, text, {"task": chore.id, "done": True})


def _command(folder: Path) -> list[str]:
    words = [str(Path(cockpit.__file__).parents[1]), "export", str(folder.absolute()), "--retrospective"]
    return [sys.executable, "-P", "-c", _CHILD, *words]


async def write_apart(folder: Path) -> str:
    """Write it in another process, so that the watch does not wait. Return why it failed, empty if it did not."""
    ended, _ = await run_printing(_command(folder), _PATIENCE, _LIMIT)
    return "" if ended.code == 0 else ended.reason or "it was ended"
