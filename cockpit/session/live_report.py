"""The report that is written again and again into one file, until its session ends or it is stopped."""

import re
import time
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from cockpit.runtime.clock import Clock
from cockpit.session.both_files import loaded_sound
from cockpit.session.export import write_export
from cockpit.session.followed import Followed
from sessions.gate.judgement import Judgement
from sessions.handover.peaks import peaks
from sessions.history.history import History
from sessions.reports.html.curves import curves
from sessions.reports.html.live import Live, as_live_html
from sessions.reports.page import since_of
from sessions.reports.periods import of_flight
from sessions.storage.folders import EXPORTS, HISTORY, SESSION
from sessions.storage.journal import JournalError
from sessions.storage.session_file import load_head
from sessions.text.clean import clean

NAME = "report-live.html"
SHARE = 10
"""A report is followed by a rest of so many times the time that it took."""
MISSED = 3
"""After so many rounds that were missed, and GRACE s, a page is stale."""
GRACE = 5.0
MOST = 50
"""So many pages of earlier runs are looked at, at the start."""
_SEAL = re.compile(r"<!-- cockpit ([0-9a-f]{64}) -->\n\Z")


class LiveReport:
    """One file. `every` is in s; `say` tells what went wrong and what went well again, `out` is another folder."""

    def __init__(
        self, folder: Path, clock: Clock, every: float, say: Callable[[str], None], out: Path | None = None
    ) -> None:
        self.path = (out or folder / EXPORTS) / NAME
        self._folder = folder
        self._clock = clock
        self._every = every
        self._say = say
        self._out = out
        self._files = Followed(folder, clock, None, loaded_sound)
        self._of = load_head(folder / SESSION).identity
        before = sorted(self.path.parent.glob(f"{self.path.stem}*{self.path.suffix}"))[:MOST]
        self._ours = frozenset[str]().union(*(_sealed_before(path, self._of) for path in before))
        self._written: datetime | None = None
        self._trouble = ""
        self._took = 0.0

    @property
    def pause(self) -> float:
        """How long to wait before the next update, in s: longer if writing is slow."""
        return max(self._every, SHARE * self._took)

    def write(self, over: str = "") -> bool:
        """Write it; `over` says why for the last time. Return whether it is over. Raises JournalError, OSError."""
        began = time.monotonic()
        judgement = self._files.look_at_watch()
        over = over or ("the session is concluded" if judgement.state.concluded_at else "")
        live = Live(judgement.at, self.pause, MISSED * self.pause + GRACE, over)
        text = sealed(_text(self._folder, judgement, live), self._of)
        ours = self._ours | _sealed_before(self.path, self._of)  # another run's too: two of them share the file
        path = write_export(self._folder, NAME, text, self._out, ours=ours)
        if path != self.path and self._written is not None:
            self._say(
                f"{clean(self.path)} was changed by somebody and is kept: the page continues as {clean(path.name)}"
            )
        self.path, self._written, self._took = path, judgement.at, time.monotonic() - began
        self._ours = frozenset({sha256(text.encode()).hexdigest()})
        return bool(over)

    def go_on(self, over: str = "") -> bool:
        """Write the page again. A failure is reported once, and the last good file stays. Return whether it is over."""
        try:
            ended = self.write(over)
        except (JournalError, OSError) as error:
            self._failed(error)
            return False
        if self._trouble:
            self._say(f"{clean(self.path)}: is written again")
            self._trouble = ""
        return ended

    def _failed(self, error: Exception) -> None:
        """Tell a trouble that was not told yet."""
        why = (error.strerror if isinstance(error, OSError) else None) or str(error)
        if why != self._trouble:
            last = f"{self._written.astimezone():%H:%M:%S}" if self._written else "before"
            self._say(
                f"{clean(self.path)}: cannot be written ({clean(why, 200)}): the one of {last} stays; it is tried again"
            )
        self._trouble = why


def sealed(text: str, session: str) -> str:
    """Return a page that tells whether somebody changed it since, or it is of another session."""
    return f"{text}<!-- cockpit {_digest(text, session)} -->\n"


def _digest(text: str, session: str) -> str:
    return sha256(f"{session}\0{text}".encode()).hexdigest()


def _sealed_before(path: Path, session: str) -> frozenset[str]:
    """Return the digest of a page that a run of this session left there and nobody changed since."""
    try:
        text = path.read_text("utf-8") if path.is_file() and not path.is_symlink() else ""
    except (OSError, UnicodeDecodeError):
        return frozenset()
    seal = _SEAL.search(text)
    whole = seal is not None and _digest(text[: seal.start()], session) == seal[1]
    return frozenset({sha256(text.encode()).hexdigest()} if whole else ())


def _text(folder: Path, judgement: Judgement, live: Live) -> str:
    period = of_flight(judgement)
    history = History.open_readonly(folder / HISTORY)
    try:
        high = peaks(history.highest, judgement.state, since_of(period))
        lines = curves(history.thinned, judgement.state, period)
        return as_live_html(judgement, period, None, live, high, lines)
    finally:
        history.close()
