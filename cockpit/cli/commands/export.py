"""`cockpit export`: the summary for stakeholders, without a screen."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from msgspec import Struct

from cockpit.runtime import streams
from cockpit.runtime.clock import Clock, clock_of
from cockpit.runtime.errors import BadInputError
from cockpit.session.both_files import look, writer_of
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
from sessions.actions.tasks import reported
from sessions.gate.judgement import Judgement
from sessions.reports.periods import Period, of_day, of_flight, since_last
from sessions.storage.folders import EXPORTS, find
from sessions.text.clean import clean
from sessions.values.entries import Draft

LAST = "last"


class Wanted(Struct, frozen=True):
    """What the command line asks for: a day, or `last`, or neither for the whole flight; the formats, and a folder."""

    day: str | None = None
    since: str | None = None
    formats: str = "md"
    out: Path | None = None


def export_retrospective(which: str | None, out: Path | None) -> int:
    """Write the retrospective of the whole flight, and log it; say beforehand that it takes long."""
    from cockpit.cli.commands.replay import counted
    from cockpit.session.retrospective import drafted, noted, write

    folder = find(which)
    clock = clock_of(folder)
    judgement = look(folder, clock, None)
    text = drafted(folder, judgement, None, counted)
    with _told_where(out or folder / EXPORTS):
        file = write(folder, judgement, text, out)
    _note(folder, lambda: noted(look(folder, clock, None), file, "cli"), clock)
    _tell([file])
    return 0


def export_session(which: str | None, wanted: Wanted) -> int:
    """Write a report in each format that is asked for, and note it in the session."""
    endings, tell_period = _formats(wanted.formats), _period(wanted)
    folder = find(which)
    clock = clock_of(folder)
    judgement = look(folder, clock, None)
    _check_day(judgement, _day(wanted.day))
    files = _written(folder, judgement, tell_period(judgement), endings, wanted.out)
    _note(folder, lambda: [exported(files, "cli"), *_ticks(judgement, wanted)], clock)
    _tell(files)
    return 0


def _note(folder: Path, drafts: Callable[[], Sequence[Draft]], clock: Clock) -> None:
    """Enter what was written, under the phase that is in force by then."""
    journal = writer_of(folder)
    opened = journal.open(clock.now())
    try:
        phase = opened.entries[-1].phase if opened.entries else 0
        journal.append(drafts(), phase=phase, now=clock.now())
    finally:
        journal.close()


def _tell(files: Sequence[Exported]) -> None:
    for one in files:
        if told := keeping(one):
            streams.complain(f"cockpit: {clean(told)}\n")
        streams.say(f"{clean(one.path)}\n")


@contextmanager
def _told_where(where: Path) -> Iterator[None]:
    """Turn what a disk refuses into one line. Raises BadInputError."""
    try:
        yield
    except OSError as error:
        raise BadInputError(f"{where}: cannot be written ({error.strerror}): choose another --out") from error


def _ticks(judgement: Judgement, wanted: Wanted) -> tuple[Draft, ...]:
    """The report of a day is the doing of a task of that day."""
    day = _day(wanted.day)
    return reported(judgement, day, "cli") if day else ()


def _written(
    folder: Path, judgement: Judgement, period: Period, endings: tuple[str, ...], out: Path | None
) -> list[Exported]:
    ours, files = written_before(judgement.state), list[Exported]()
    with _told_where(out or folder / EXPORTS):
        for ending in endings:
            name, text = report_name(period, ending), with_peaks(folder, judgement, period, None, ending)
            files.append(Exported(name, text, write_export(folder, name, text, out, ours=ours)))
    return files


def _period(wanted: Wanted) -> Callable[[Judgement], Period]:
    """Return how the period is made that is asked for. Raises BadInputError."""
    day = _day(wanted.day)
    if wanted.since not in {None, LAST}:
        raise BadInputError(f"--since {clean(wanted.since, 40)}: is not a report: write {LAST}")
    if wanted.since and day:
        raise BadInputError("--since and --day: say one of them")
    if day:
        return lambda judgement: of_day(judgement, day, None)
    return (lambda judgement: since_last(judgement, None)) if wanted.since else of_flight


def _check_day(judgement: Judgement, day: date | None) -> None:
    """Refuse a day outside the session. Raises BadInputError."""
    if day is None:
        return
    today = judgement.at.astimezone().date()
    began = min((judgement.state.started_at or judgement.at).astimezone().date(), today)
    if not began <= day <= today:
        when = "is not yet" if day > today else "is before the session"
        raise BadInputError(f"--day {day}: {when}: write a day from {began} to {today}")


def _formats(text: str) -> tuple[str, ...]:
    endings = tuple(dict.fromkeys(word.strip() for word in text.split(",")))
    if (unknown := next((word for word in endings if word not in FORMATS), None)) is not None:
        raise BadInputError(f"--format {clean(unknown, 40)}: is not a format: write any of {','.join(FORMATS)}")
    return endings


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadInputError(f"--day {clean(text, 40)}: is not a day: write YYYY-MM-DD") from error
