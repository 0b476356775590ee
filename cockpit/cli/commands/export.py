"""`cockpit export`: the summary for stakeholders, without a screen."""

import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

from msgspec import Struct

from cockpit.runtime.clock import Clock
from cockpit.runtime.errors import BadInputError
from cockpit.session.both_files import writer_of
from cockpit.session.export import (
    FORMATS,
    Exported,
    exported,
    keeping,
    report_name,
    with_peaks,
    write_export,
    written_before,
)
from cockpit.session.viewer import look
from sessions.gate.judgement import Judgement
from sessions.reports.periods import Period, of_day, of_flight, since_last
from sessions.storage.folders import find
from sessions.text.clean import clean

LAST = "last"


class Wanted(Struct, frozen=True):
    """What the command line asks for: a day, or `last`, or neither for the whole flight; the formats, and a folder."""

    day: str | None = None
    since: str | None = None
    formats: str = "md"
    out: Path | None = None


def export_session(which: str | None, wanted: Wanted) -> int:
    """Write a report in each format that is asked for, and note it in the session."""
    endings, tell_period = _formats(wanted.formats), _period(wanted)
    folder, clock = find(which), Clock()
    judgement = look(folder, clock, None)
    files = _written(folder, judgement, tell_period(judgement), endings, wanted.out)
    journal = writer_of(folder)
    journal.open(clock.now())
    try:
        journal.append([exported(files, "cli")], phase=judgement.state.phase, now=clock.now())
    finally:
        journal.close()
    for one in files:
        if told := keeping(one):
            sys.stderr.write(f"cockpit: {clean(told)}\n")
        sys.stdout.write(f"{clean(one.path)}\n")
    return 0


def _written(
    folder: Path, judgement: Judgement, period: Period, endings: tuple[str, ...], out: Path | None
) -> list[Exported]:
    ours, files = written_before(judgement.state), list[Exported]()
    try:
        for ending in endings:
            name, text = report_name(period, ending), with_peaks(folder, judgement, period, None, FORMATS[ending])
            files.append(Exported(name, text, write_export(folder, name, text, out, ours=ours)))
    except OSError as error:
        where = out or folder / "exports"
        raise BadInputError(f"{where}: cannot be written ({error.strerror}): choose another --out") from error
    return files


def _period(wanted: Wanted) -> Callable[[Judgement], Period]:
    """Return how the period is made that is asked for. Raises BadInputError."""
    day = _day(wanted.day)
    if wanted.since not in {None, LAST}:
        raise BadInputError(f"--since {clean(wanted.since, 40)}: is no report: write {LAST}")
    if wanted.since and day:
        raise BadInputError("--since and --day: say one of them")
    if day:
        return lambda judgement: of_day(judgement, day, None)
    return (lambda judgement: since_last(judgement, None)) if wanted.since else of_flight


def _formats(text: str) -> tuple[str, ...]:
    endings = tuple(dict.fromkeys(word.strip() for word in text.split(",")))
    if (unknown := next((word for word in endings if word not in FORMATS), None)) is not None:
        raise BadInputError(f"--format {clean(unknown, 40)}: is no format: write any of {','.join(FORMATS)}")
    return endings


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadInputError(f"--day {clean(text, 40)}: is no day: write YYYY-MM-DD") from error
