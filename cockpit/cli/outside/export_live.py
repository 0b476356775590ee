"""`cockpit export --format html --live`: one page, updated until the session or the command ends."""

from pathlib import Path

from cockpit.cli.commands.watch import told_by_signals
from cockpit.runtime import streams
from cockpit.runtime.clock import clock_of
from cockpit.runtime.errors import BadInputError
from cockpit.runtime.lean import collect_as_usual
from cockpit.runtime.wake_up import WakeUp
from cockpit.session.live_report import LiveReport
from sessions.storage.folders import find
from sessions.text.clean import clean


def export_live(which: str | None, out: Path | None, every: float) -> int:
    """Write the page until a signal ends it (128 plus its number), or the session has ended (0).

    Raises BadInputError, JournalError, FolderError if it cannot be begun.
    """
    folder = find(which)
    report = LiveReport(folder, clock_of(folder), every, _complain, out)
    news, ended = WakeUp(), list[int]()
    with told_by_signals(ended, news.set):
        try:
            over = report.write()
        except OSError as error:
            where = clean(report.path.parent)
            raise BadInputError(f"{where}: cannot be written ({error.strerror}): choose another --out") from error
        collect_as_usual()
        streams.say(f"{clean(report.path)}\n")
        last = False
        while not over and not last:
            if not ended:
                news.wait(report.pause)
            last = bool(ended)  # a signal during a page is told by the next one
            over = report.go_on("the command that wrote it was ended" if last else "")
    return 128 + ended[0] if ended else 0


def _complain(line: str) -> None:
    streams.complain(f"cockpit: {clean(line, 600)}\n")
