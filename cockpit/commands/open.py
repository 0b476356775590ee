"""`cockpit open`: a session on the screen.

What opens is said at once, before anything heavy is loaded: over a slow line an empty terminal looks like a dead one.
"""

import os
import sys
from pathlib import Path

from cockpit.errors import BadInputError
from sessions.clean import clean
from sessions.folder import find

LEAST_COLUMNS, LEAST_ROWS = 40, 12


def open_session(which: str | None, *, read_only: bool = False, config: Path | None = None) -> int:
    """Open a session by name or path, the newest without one; `config` names other settings than the session does."""
    folder = find(which)
    need_terminal()
    announce(f"opening {folder.name}")
    from cockpit.commands.flying import look_at, watch_on_screen

    return look_at(folder, config) if read_only else watch_on_screen(folder, config=config)


def announce(what: str) -> None:
    """Say in one line what is about to be shown."""
    sys.stdout.write(f"cockpit: {clean(what, 60)} …\n")
    sys.stdout.flush()


def need_terminal() -> None:
    """Refuse to paint where nothing can be painted. Raises BadInputError."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise BadInputError("stdout is no terminal: use cockpit status, cockpit check, or cockpit demo --headless")
    if os.environ.get("TERM", "dumb") == "dumb":
        raise BadInputError("this terminal (TERM=dumb) cannot be painted on: use cockpit status or cockpit check")
    columns, rows = os.get_terminal_size(sys.stdout.fileno())
    if columns < LEAST_COLUMNS or rows < LEAST_ROWS:
        raise BadInputError(
            f"the terminal is {columns}x{rows}, the cockpit needs {LEAST_COLUMNS}x{LEAST_ROWS} at least: enlarge it"
        )
    if not sys.stderr.isatty():
        raise BadInputError("stderr is no terminal, and the screen is painted there: do not redirect it")
