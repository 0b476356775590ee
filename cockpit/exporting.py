"""Writes an export: whole or not at all, for the owner's eyes only."""

import os
import re
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path

from cockpit.session import Session
from sessions.clean import clean
from sessions.decision import REPORT
from sessions.drafting import draft
from sessions.entries import Draft, Fact
from sessions.report import report
from sessions.requests import Answer
from sessions.runbook import find


def write_export(folder: Path, name: str, text: str, out: Path | None = None) -> Path:
    """Put `text` into `folder/exports/name` (or `out/name`), replacing an older one only by a complete new one.

    Raises OSError; the older file is then untouched.
    """
    target = (out or folder / "exports") / name
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, path = tempfile.mkstemp(prefix=".", suffix=".part", dir=target.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(path).replace(target)
    except BaseException:
        Path(path).unlink(missing_ok=True)
        raise
    return target


def report_name(day: date | None) -> str:
    """Name the report of one local day, or of the whole flight."""
    return f"report-{day.isoformat()}.md" if day else "report-flight.md"


def draft_name(step: str, now: datetime) -> str:
    """Name the message of a step by its moment in UTC: no draft takes the place of an older one."""
    stem = re.sub(r"[^A-Za-z0-9_]+", "-", step)[:60].strip("-")
    return f"draft-{stem}-{now.astimezone(UTC):%Y%m%dT%H%M%S%f}Z.md"


def export(session: Session, name: str, by: str, now: datetime) -> Answer:
    """Write what a decision named for export, and note it. Raises JournalError, OSError."""
    return export_today(session, by, now) if name == REPORT else export_draft(session, name, by, now)


def export_today(session: Session, by: str, now: datetime) -> Answer:
    """Write the report of the local day into the session's folder and note it. Raises JournalError, OSError."""
    day = now.astimezone(session.tz).date()
    path = write_export(session.folder, report_name(day), report(session.judged(now), day, session.tz))
    said = f"report exported: exports/{path.name}"
    session.write([Draft("report.exported", by, said, {"files": (path.name,)})], now)
    return Answer(True, said)


def export_draft(session: Session, name: str, by: str, now: datetime) -> Answer:
    """Write the prepared message of the runbook step `name` (`risk.step`) and note it. Raises JournalError, OSError."""
    found = find(session.state.plan, name)
    if found is None:
        return Answer(False, f"unknown runbook step {clean(name, 60)}")
    risk, step = found
    text = draft(session.judged(now), risk, step, session.tz)
    path = write_export(session.folder, draft_name(name, now), text)
    said = f"{risk.title}: {step.text} written: exports/{path.name}"
    facts: dict[str, Fact] = {"risk": risk.id, "task": name, "files": (path.name,)}
    session.write([Draft("draft.written", by, said, facts)], now)
    return Answer(True, said)
