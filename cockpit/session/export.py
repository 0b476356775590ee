"""Writes an export: whole or not at all, for the owner's eyes only, and never over what a person edited."""

import contextlib
import errno
import os
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, tzinfo
from hashlib import sha256
from itertools import count
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from cockpit.runtime.clock import Clock
from cockpit.session.session import Session, patiently
from sessions.actions.decision import REPORT, Decision
from sessions.actions.runbook import find
from sessions.actions.tasks import still_to_write
from sessions.gate.evaluate import judge
from sessions.gate.judgement import Judgement
from sessions.handover.peaks import Peaks, peaks
from sessions.history.history import History
from sessions.reports.as_json import as_json
from sessions.reports.html.curves import curves
from sessions.reports.html.document import as_html
from sessions.reports.page import since_of
from sessions.reports.periods import EXPORTED, Period, of_day
from sessions.reports.report import report_of
from sessions.reports.stakeholder_message import draft
from sessions.state.reducer import State
from sessions.storage.disk import DISK, FileOps, open_regular, read_all, sync_folder, take_name, write_new
from sessions.storage.folders import EXPORTS, HISTORY
from sessions.text.clean import clean
from sessions.values.entries import Draft, Fact
from sessions.values.requests import Answer

Tell = Callable[[Judgement, Period, tzinfo | None, Peaks, History], str]


def _drawn(judgement: Judgement, period: Period, tz: tzinfo | None, high: Peaks, history: History) -> str:
    return as_html(judgement, period, tz, high, curves(history.thinned, judgement.state, period))


FORMATS: Mapping[str, Tell] = {
    "md": lambda judgement, period, tz, high, _: report_of(judgement, period, tz, high),
    "html": _drawn,
    "json": lambda judgement, period, tz, high, _: as_json(judgement, period, tz, high),
}
"""What a report can be written as, by the ending of its file."""


class Exported(Struct, frozen=True):
    """One file of a report: the name it was to have, its text, and where it was written."""

    name: str
    text: str
    path: Path


def write_export(  # noqa: PLR0913, PLR0917 (a place, a name, a text, and what may be replaced there)
    folder: Path,
    name: str,
    text: str,
    out: Path | None = None,
    files: FileOps = DISK,
    ours: frozenset[str] = frozenset(),
) -> Path:
    """Put `text` into `folder/exports/name` (or `out/name`), whole or not at all; return the path it got.

    A file with that name is replaced only if it holds the same text, or if its digest is one of `ours`, the digests of
    earlier exports. Any other file was changed, or another process writes it now: the text then gets the next free
    name. Raises OSError; the old file is then unchanged. If `exports` is a link, it is not followed, because somebody
    else could choose the target. A link that the owner names as `out` is followed.
    """
    if out is None and (folder / EXPORTS).is_symlink():
        raise OSError(errno.ELOOP, "is a symbolic link", str(folder / EXPORTS))
    place = out.resolve() if out is not None and out.is_symlink() else out or folder / EXPORTS
    target = place / name
    files.make_folder(target.parent)
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    write_new(part, text.encode(), files)
    try:
        target = _placed(part, target, ours | {sha256(text.encode()).hexdigest()}, files)
        sync_folder(target.parent, files)
    except OSError:
        with contextlib.suppress(OSError):
            files.unlink(part)
        raise
    return target


def _placed(part: Path, target: Path, ours: frozenset[str], files: FileOps) -> Path:
    """Give a written file the first name that is free, or whose file has a digest of `ours`."""
    for number in count(1):
        path = target if number == 1 else target.with_name(f"{target.stem}-{number}{target.suffix}")
        if _digest_of(path, files) in ours:
            files.rename(part, path)
            break
        try:
            take_name(part, path, files)
        except FileExistsError:
            continue
        break
    return path


def _digest_of(path: Path, files: FileOps) -> str:
    """Return the digest of a plain file; empty for anything else and if it cannot be read."""
    try:
        fd = open_regular(path, os.O_RDONLY, files)
    except OSError:
        return ""
    try:
        return sha256(read_all(fd, files)).hexdigest()
    except OSError:
        return ""
    finally:
        files.close(fd)


def written_before(state: State, kind: str = EXPORTED) -> frozenset[str]:
    """Return the digests of every file that entries of a kind name."""
    return frozenset(digest for entry in state.entries if entry.kind == kind for digest in entry.listed("sha256"))


def facts_of(files: Sequence[Exported]) -> Mapping[str, Fact]:
    """Return what an entry keeps of files that were written: their names, and the digest of each."""
    return {
        "files": tuple(one.path.name for one in files),
        "sha256": tuple(sha256(one.text.encode()).hexdigest() for one in files),
    }


def exported(files: Sequence[Exported], by: str, where: str = "") -> Draft:
    """Return the entry of a report that was written: where it is, and which files were kept for it."""
    names = ", ".join(f"{where}{one.path.name}" for one in files)
    kept = "".join(f"; {told}" for told in map(keeping, files) if told)
    return Draft(EXPORTED, by, f"report exported: {names}{kept}", facts_of(files))


def keeping(one: Exported) -> str:
    """Say which file was kept for one that was written, empty if none was."""
    return f"{one.name} is kept: it was changed, or another export writes it now" if one.path.name != one.name else ""


def with_peaks(folder: Path, judgement: Judgement, period: Period, tz: tzinfo | None, ending: str = "md") -> str:
    """Return the report of a period with what the session's history knows of it; nothing is written."""
    history = History.open_readonly(folder / HISTORY)
    try:
        high = peaks(history.highest, judgement.state, since_of(period))
        return FORMATS[ending](judgement, period, tz, high, history)
    finally:
        history.close()


def report_name(period: Period, ending: str = "md") -> str:
    """Name the report of a period: of one local day, of the whole flight, of the time since another."""
    return f"report-{period.name}.{ending}"


def draft_name(step: str, now: datetime) -> str:
    """Name the message of a step by its moment in UTC: no draft takes the place of an older one."""
    stem = re.sub(r"[^A-Za-z0-9_]+", "-", step)[:60].strip("-")
    return f"draft-{stem}-{now.astimezone(UTC):%Y%m%dT%H%M%S%f}Z.md"


class Doing(Struct, frozen=True):
    """What an export is the doing of: the local day that it reports, None for today; the entries to write after it."""

    day: date | None = None
    then: tuple[Draft, ...] = ()


_ALONE = Doing()


async def export(session: Session, name: str, by: str, clock: Clock, doing: Doing = _ALONE) -> Answer:
    """Write what a decision named for export, and note it. Raises JournalError, OSError."""
    if name == REPORT:
        return await _report(session, doing, by, clock)
    return await _message(session, name, by, clock)


async def _report(session: Session, doing: Doing, by: str, clock: Clock) -> Answer:
    """Write the report of a local day into the session's folder, note it, and tick what it is the doing of.

    Raises JournalError, OSError: then nothing is ticked.
    """
    now = clock.now()
    judgement = _as_if_written(session, doing.then, now)
    period = of_day(judgement, doing.day or now.astimezone(session.tz).date(), session.tz)
    high = peaks(session.highest, judgement.state, since_of(period))
    name, text = report_name(period), report_of(judgement, period, session.tz, high)
    path = write_export(session.folder, name, text, files=session.files, ours=written_before(judgement.state))
    note = exported([Exported(name, text, path)], by, "exports/")
    answer = await _noted(session, (note, *doing.then), clock)
    return Answer(answer.ok, f"{answer.text}; ticked" if answer.ok and doing.then else answer.text)


def _as_if_written(session: Session, drafts: Sequence[Draft], now: datetime) -> Judgement:
    """Judge as if the ticks were logged: the report that completes them shows them as done."""
    ticks = {str(draft.facts["task"]): now for draft in drafts if draft.kind == "task.ticked"}
    return judge(replace(session.state, ticked={**session.state.ticked, **ticks}), now, session.tz)


async def _message(session: Session, name: str, by: str, clock: Clock) -> Answer:
    """Write the prepared message of the runbook step `name` (`risk.step`) and note it. Raises JournalError, OSError."""
    found = find(session.state.plan, name)
    if found is None:
        return Answer(False, f"unknown runbook step {clean(name, 60)}")
    (risk, step), now = found, clock.now()
    text = draft(session.judged(now), risk, step, session.tz)
    path = write_export(session.folder, draft_name(name, now), text, files=session.files)
    said = f"{risk.title}: {step.text} written: exports/{path.name}"
    facts: dict[str, Fact] = {"risk": risk.id, "task": name, "files": (path.name,)}
    return await _noted(session, (Draft("draft.written", by, said, facts),), clock)


async def _noted(session: Session, drafts: tuple[Draft, ...], clock: Clock) -> Answer:
    """Note what was written, in the words of the first; a tick that another wrote meanwhile is not written twice."""
    done = await patiently(session, lambda known: Decision(still_to_write(known, drafts)), clock)
    return Answer(not done.unsaved, "; ".join(filter(None, (drafts[0].text, done.unsaved))))
