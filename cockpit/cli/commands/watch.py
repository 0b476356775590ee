"""`cockpit watch`: the same engine without a screen, a line per entry, until a signal ends it."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cockpit.cli.commands.open import apart, screen_settings, tell_lacking
from cockpit.cli.outside.metrics import NOWHERE, Told
from cockpit.engine.opening import opened
from cockpit.engine.watch import Watch
from cockpit.runtime.clock import clock_of
from cockpit.runtime.errors import BadInputError
from cockpit.runtime.wake_up import WakeUp, heeded
from cockpit.session.viewer import Viewer
from sessions.alarms.alarms import faults
from sessions.storage.folders import find
from sessions.text.clean import clean
from sessions.values.entries import line


def watch_session(which: str | None, config: Path | None = None, told: Told = NOWHERE) -> int:
    """Watch a session until SIGTERM, SIGHUP or ctrl+c; return 128 plus the signal's number.

    While another process watches it stands by. Raises BadInputError, FolderError, JournalError, TableError.
    """
    folder = find(which)
    clock = clock_of(folder)
    settings = screen_settings(folder, config)
    with told.begun(folder, clock, _say) as tell, opened(folder, clock, None, None, settings) as door:
        if isinstance(door, Viewer):
            raise BadInputError(f"{door.viewer}: it cannot be watched")
        news, ended = WakeUp(), list[int]()
        with told_by_signals(ended, news.set):
            door.on_change(news.set)
            tell(door)
            known = len(door.latest().state.entries)
            if other := apart(folder, door.latest().state):
                _say(other)
            door.start()
            known = _follow(door, folder, news, ended, known)
            door.stop(signal.Signals(ended[0]).name)
            _entries(door, known)
            tell_lacking(door)
    return 128 + ended[0]


def _follow(door: Watch, folder: Path, news: WakeUp, ended: list[int], told: int) -> int:
    """Print what is new until a signal came; return how many entries were told."""
    stands: str | None = None
    unwell: dict[str, str] = {}
    while True:
        if door.follows != stands:
            stands = door.follows
            _say(f"{stands}: standing by" if stands else f"watching {clean(folder)}")
        told = _entries(door, told)
        unwell = _faults(door, unwell)
        if ended:
            return told
        news.wait()


def _faults(door: Watch, told: dict[str, str]) -> dict[str, str]:
    """Print what is not healthy and was not told yet."""
    standing = dict(faults(door.latest().state))
    for origin, text in standing.items():
        if told.get(origin) != text:
            _say(f"{origin}: {clean(text, 400)}")
    return standing


def _entries(door: Watch, told: int) -> int:
    entries = door.latest().state.entries
    for entry in entries[told:]:
        _say(line(entry, None))
    return len(entries)


@contextmanager
def told_by_signals(ended: list[int], wake: Callable[[], None]) -> Iterator[None]:
    """Note the signals that ask for the end, and give them back afterwards."""

    def leave(number: int, _frame: object) -> None:
        ended.append(number)
        wake()

    before = {number: signal.signal(number, leave) for number in heeded()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
