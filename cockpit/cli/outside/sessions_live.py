"""`cockpit sessions --live`: a row for each session, on the screen until it is left, or once without a terminal."""

import sys
from pathlib import Path

from cockpit.cli.commands.open import need_terminal, open_session
from cockpit.runtime.clock import Clock
from cockpit.runtime.errors import BadInputError
from cockpit.tui.overview.looking import Looking
from cockpit.tui.overview.row import lines
from sessions.plan.strict_table import TableError
from sessions.storage.folders import FolderError
from sessions.storage.journal import JournalError
from widgets.base.styled import plain, ready

WIDE = 160


def live_sessions() -> int:
    """Show the sessions until the screen is left; the deck of one comes back here. Raises BadInputError."""
    looking = Looking(Clock())
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return _once(looking)
    need_terminal()
    looking.start()
    try:
        return _shown(looking)
    finally:
        looking.stop()


def _shown(looking: Looking) -> int:
    from cockpit.tui.overview.app import Overview

    told, at, clock = "", None, Clock()
    while True:
        screen = Overview(lambda: looking.rows, clock.now, told, at)
        at = screen.run()
        if at is None:
            return screen.return_code or 0
        told = _opened(at)


def _opened(folder: Path) -> str:
    """Open a deck until it is left; say why it could not be."""
    try:
        open_session(str(folder))
    except (BadInputError, FolderError, JournalError) as error:
        return str(error)
    except TableError as error:
        return str(error.problems[0])
    return ""


def _once(looking: Looking) -> int:
    """Print the rows as they stand now."""
    looking.look()
    now = Clock().now()
    for row in looking.rows:
        sys.stdout.write(plain(ready(lines(row, now, WIDE), WIDE)).rstrip() + "\n")
    if not looking.rows:
        sys.stdout.write("no sessions yet: set one up with cockpit init, then cockpit new NAME\n")
    return 0
