"""`cockpit export`: the summary for stakeholders, without a screen."""

import sys
from datetime import date
from pathlib import Path

from cockpit.runtime.clock import Clock
from cockpit.runtime.errors import BadInputError
from cockpit.session.both_files import writer_of
from cockpit.session.export import exported, report_name, with_peaks, write_export, written_before
from cockpit.session.viewer import look
from sessions.reports.periods import of_day, of_flight, since_last
from sessions.storage.folders import find
from sessions.text.clean import clean

LAST = "last"


def export_session(which: str | None, day_text: str | None, out: Path | None, since: str | None = None) -> int:
    """Write the report of a local day, of the whole flight or since the last one, and note it in the session."""
    day, folder, clock = _day(day_text), find(which), Clock()
    if since not in {None, LAST}:
        raise BadInputError(f"--since {clean(since, 40)}: is no report: write {LAST}")
    if since and day:
        raise BadInputError("--since and --day: say one of them")
    judgement = look(folder, clock, None)
    period = since_last(judgement, None) if since else of_day(judgement, day, None) if day else of_flight(judgement)
    name, text = report_name(period), with_peaks(folder, judgement, period, None)
    try:
        path = write_export(folder, name, text, out, ours=written_before(judgement.state))
    except OSError as error:
        where = out or folder / "exports"
        raise BadInputError(f"{where}: cannot be written ({error.strerror}): choose another --out") from error
    journal = writer_of(folder)
    journal.open(clock.now())
    try:
        journal.append([exported(path, name, text, "cli")], phase=judgement.state.phase, now=clock.now())
    finally:
        journal.close()
    if path.name != name:
        sys.stderr.write(f"cockpit: {clean(name)} is kept: it was changed since it was written\n")
    sys.stdout.write(f"{clean(path)}\n")
    return 0


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadInputError(f"--day {clean(text, 40)}: is no day: write YYYY-MM-DD") from error
