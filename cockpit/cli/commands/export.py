"""`cockpit export`: the summary for stakeholders, without a screen."""

import sys
from datetime import date
from pathlib import Path

from cockpit.runtime.clock import Clock
from cockpit.runtime.errors import BadInputError
from cockpit.session.both_files import writer_of
from cockpit.session.export import report_name, with_peaks, write_export
from cockpit.session.viewer import look
from sessions.reports.periods import of_day, of_flight
from sessions.storage.folders import find
from sessions.text.clean import clean
from sessions.values.entries import Draft


def export_session(which: str | None, day_text: str | None, out: Path | None) -> int:
    """Write the report of one local day, or of the whole flight, and note it in the session."""
    day, folder, clock = _day(day_text), find(which), Clock()
    judgement = look(folder, clock, None)
    period = of_day(judgement, day, None) if day else of_flight(judgement)
    try:
        path = write_export(folder, report_name(day), with_peaks(folder, judgement, period, None), out)
    except OSError as error:
        where = out or folder / "exports"
        raise BadInputError(f"{where}: cannot be written ({error.strerror}): choose another --out") from error
    journal = writer_of(folder)
    journal.open(clock.now())
    try:
        draft = Draft("report.exported", "cli", f"report exported: {path.name}", {"files": (path.name,)})
        journal.append([draft], phase=judgement.state.phase, now=clock.now())
    finally:
        journal.close()
    sys.stdout.write(f"{clean(path)}\n")
    return 0


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadInputError(f"--day {clean(text, 40)}: is no day: write YYYY-MM-DD") from error
