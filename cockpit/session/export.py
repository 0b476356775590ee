"""Writes an export: whole or not at all, for the owner's eyes only."""

import contextlib
import re
import secrets
from datetime import UTC, date, datetime, tzinfo
from pathlib import Path

from cockpit.runtime.clock import Clock
from cockpit.session.session import Session, just, patiently
from sessions.actions.decision import REPORT
from sessions.actions.runbook import find
from sessions.gate.judgement import Judgement
from sessions.handover.peaks import peaks
from sessions.history.history import History
from sessions.reports.page import since_of
from sessions.reports.periods import Period, of_day
from sessions.reports.report import report_of
from sessions.reports.stakeholder_message import draft
from sessions.storage.disk import DISK, FileOps, sync_folder, write_new
from sessions.storage.folders import HISTORY
from sessions.text.clean import clean
from sessions.values.entries import Draft, Fact
from sessions.values.requests import Answer


def write_export(folder: Path, name: str, text: str, out: Path | None = None, files: FileOps = DISK) -> Path:
    """Put `text` into `folder/exports/name` (or `out/name`), replacing an older one only by a complete new one.

    Raises OSError; the older file is then untouched.
    """
    target = (out or folder / "exports") / name
    files.make_folder(target.parent)
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    write_new(part, text.encode(), files)
    try:
        files.rename(part, target)
        sync_folder(target.parent, files)
    except OSError:
        with contextlib.suppress(OSError):
            files.unlink(part)
        raise
    return target


def with_peaks(folder: Path, judgement: Judgement, period: Period, tz: tzinfo | None) -> str:
    """Return the report of a period with the peaks that the session's history knows; nothing is written."""
    history = History.open_readonly(folder / HISTORY)
    try:
        return report_of(judgement, period, tz, peaks(history.highest, judgement.state, since_of(period)))
    finally:
        history.close()


def report_name(day: date | None) -> str:
    """Name the report of one local day, or of the whole flight."""
    return f"report-{day.isoformat()}.md" if day else "report-flight.md"


def draft_name(step: str, now: datetime) -> str:
    """Name the message of a step by its moment in UTC: no draft takes the place of an older one."""
    stem = re.sub(r"[^A-Za-z0-9_]+", "-", step)[:60].strip("-")
    return f"draft-{stem}-{now.astimezone(UTC):%Y%m%dT%H%M%S%f}Z.md"


async def export(session: Session, name: str, by: str, clock: Clock) -> Answer:
    """Write what a decision named for export, and note it. Raises JournalError, OSError."""
    exported = _today if name == REPORT else _message
    return await exported(session, name, by, clock)


async def _today(session: Session, _name: str, by: str, clock: Clock) -> Answer:
    """Write the report of the local day into the session's folder and note it. Raises JournalError, OSError."""
    now = clock.now()
    judgement, day = session.judged(now), now.astimezone(session.tz).date()
    period = of_day(judgement, day, session.tz)
    high = peaks(session.highest, judgement.state, since_of(period))
    path = write_export(
        session.folder, report_name(day), report_of(judgement, period, session.tz, high), files=session.files
    )
    said = f"report exported: exports/{path.name}"
    return await _noted(session, Draft("report.exported", by, said, {"files": (path.name,)}), clock)


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
    return await _noted(session, Draft("draft.written", by, said, facts), clock)


async def _noted(session: Session, draft: Draft, clock: Clock) -> Answer:
    done = await patiently(session, just([draft]), clock)
    return Answer(not done.unsaved, "; ".join(filter(None, (draft.text, done.unsaved))))
