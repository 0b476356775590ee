"""Writes an export: whole or not at all, for the owner's eyes only."""

import os
import tempfile
from datetime import date, datetime
from pathlib import Path

from cockpit.session import Session
from sessions.entries import Draft
from sessions.report import report
from sessions.requests import Answer


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


def export_today(session: Session, by: str, now: datetime) -> Answer:
    """Write the report of the local day into the session's folder and note it. Raises JournalError, OSError."""
    day = now.astimezone(session.tz).date()
    path = write_export(session.folder, report_name(day), report(session.judged(now), day, session.tz))
    said = f"report exported: exports/{path.name}"
    session.write([Draft("report.exported", by, said, {"files": (path.name,)})], now)
    return Answer(True, said)
