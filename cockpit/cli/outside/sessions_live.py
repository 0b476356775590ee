"""`cockpit sessions --live`: a row for each session, on the screen until it is left, or once without a terminal."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cockpit.cli.commands.open import need_terminal, open_session
from cockpit.runtime.clock import Clock
from cockpit.runtime.errors import BadInputError
from cockpit.runtime.lean import collect_as_usual
from cockpit.settings.file.locate import find_settings
from cockpit.settings.models.settings import Settings
from cockpit.settings.trust.gate import settings_in
from cockpit.settings.trust.own_text import UntrustedError
from cockpit.tui.keyboard.relay import Relay, relayed
from cockpit.tui.overview.looking import Looking
from cockpit.tui.overview.row import lines
from cockpit.tui.shutdown import SIGNALS
from sessions.plan.strict_table import TableError
from sessions.storage.folders import FolderError
from sessions.storage.journal import JournalError
from widgets.base.styled import plain, ready

WIDE = 160
SIGNALLED = 128
"""A code above it names the signal that ended the screen."""


def live_sessions() -> int:
    """Show the sessions until the screen is left; the deck of one comes back here. Raises BadInputError."""
    looking = Looking(Clock())
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return _once(looking)
    need_terminal()
    settings, told = own_settings()
    looking.start()
    try:
        with relayed() as relay, _ended_by_signals(relay):
            code = _shown(looking, relay, settings, told)
            return 128 + relay.ended_by if relay.ended_by else code
    finally:
        looking.stop()


@contextmanager
def _ended_by_signals(relay: Relay) -> Iterator[None]:
    """Between two screens a signal ends the command in order: the terminal is given back.

    What it interrupts may catch, or ignore, what it raises: then the next screen is left as soon as it is there.
    """

    def leave(number: int, _frame: object) -> None:
        relay.ended_by = number
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, leave) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def own_settings() -> tuple[Settings, str]:
    """Return the nearest settings that their owner trusts, for theme, letters, mouse and keys; say why not those."""
    path = find_settings()
    if path is None:
        return Settings(), ""
    try:
        return settings_in(path), ""
    except (UntrustedError, BadInputError) as error:
        return Settings(), str(error)
    except TableError as error:
        return Settings(), str(error.problems[0])


def _shown(looking: Looking, relay: Relay, settings: Settings, told: str) -> int:
    from cockpit.tui.overview.app import Overview

    at, clock = None, Clock()
    collect_as_usual()
    while True:
        screen = Overview(lambda: looking.rows, clock.now, told, at, settings)
        at = screen.run()
        if at is None or relay.ended_by:
            return screen.return_code or 0
        code, told = _opened(at)
        if code > SIGNALLED:
            return code
        if told:  # what was typed for the deck acts on nothing here
            relay.forget()


def _opened(folder: Path) -> tuple[int, str]:
    """Open a deck until it is left; return its code, and say why it could not be opened or how it failed."""
    try:
        code = open_session(str(folder))
    except (BadInputError, FolderError, JournalError) as error:
        return 2, str(error)
    except TableError as error:
        return 2, str(error.problems[0])
    return code, f"{folder.name}: its deck failed; what it said is above this screen" if code else ""


def _once(looking: Looking) -> int:
    """Print the rows as they stand now."""
    looking.look()
    now = Clock().now()
    for row in looking.rows:
        told = plain(ready(lines(row, now, WIDE), WIDE)).splitlines()
        sys.stdout.write("".join(f"{line.rstrip()}\n" for line in told))
    if not looking.rows:
        sys.stdout.write("no sessions yet: set one up with cockpit init, then cockpit new NAME\n")
    return 0
