"""`cockpit open`: a session on the screen.

What opens is said at once, before anything heavy is loaded: over a slow line an empty terminal looks like a dead one.
"""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from cockpit.clock import Clock
from cockpit.errors import BadInputError
from sessions.clean import clean
from sessions.folder import find

if TYPE_CHECKING:
    from cockpit.viewer import Viewer
    from cockpit.watch import Watch

LEAST_COLUMNS, LEAST_ROWS = 40, 12


def open_session(which: str | None, *, read_only: bool = False) -> int:
    """Open a session by name or path, the newest without one."""
    folder = find(which)
    need_terminal()
    announce(f"opening {folder.name}")
    if read_only:
        from cockpit.viewer import Viewer

        clock = Clock()
        return show(Viewer(folder, "opened read-only", clock, None), clock)
    return watch_on_screen(folder, None)


def watch_on_screen(folder: Path, mongo_uri: str | None) -> int:
    """Watch a session and show it until the screen is left."""
    from cockpit.opening import opened

    clock = Clock()
    with opened(folder, clock, None, mongo_uri) as door:
        return show(door, clock)


def show(door: "Watch | Viewer", clock: Clock) -> int:
    """Run the screen over a door; the door starts once the first paint is out."""
    from cockpit.app import Cockpit
    from cockpit.keys import KeyClashError

    try:
        screen = Cockpit(door, clock=clock.now, on_ready=door.start)
    except KeyClashError as error:
        raise BadInputError(f"the session's plan: {error}") from error
    try:
        code = screen.run()
    finally:
        door.stop("screen left")
    return code or 0


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
