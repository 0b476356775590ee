"""`cockpit open`: a session on the screen.

What opens is printed before anything heavy is loaded: over a slow line an empty terminal looks dead.
"""

import os
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from cockpit.cli.outside.metrics import NOWHERE, Tell, Told, nobody
from cockpit.runtime import streams
from cockpit.runtime.clock import Clock, clock_of
from cockpit.runtime.errors import BadInputError
from cockpit.runtime.lean import collect_as_usual
from cockpit.settings.file.locate import find_settings
from cockpit.settings.models.settings import Settings
from cockpit.settings.trust.gate import settings_of
from cockpit.settings.trust.own_text import UntrustedError
from sessions.storage.folders import SESSION, find
from sessions.storage.session_file import JournalError, load_head
from sessions.text.clean import clean

LEAST_COLUMNS, LEAST_ROWS = 40, 12


def open_session(
    which: str | None, *, read_only: bool = False, config: Path | None = None, told: Told = NOWHERE
) -> int:
    """Open a session by name or path, the newest without one; `config` names other settings than the session does."""
    folder = find(which)
    need_terminal()
    announce(f"opening {folder.name}")

    with told.begun(folder, clock_of(folder), announce) as tell:
        try:
            return look_at(folder, config, tell) if read_only else watch_on_screen(folder, config=config, tell=tell)
        except UntrustedError as error:
            return look_alone(folder, str(error), tell)


def announce(what: str) -> None:
    """Say in one line what is about to be shown."""
    sys.stdout.write(f"cockpit: {clean(what, 60)} …\n")
    sys.stdout.flush()


def need_terminal() -> None:
    """Refuse to paint where nothing can be painted. Raises BadInputError."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise BadInputError("stdout is not a terminal: use cockpit status, cockpit check, or cockpit demo --headless")
    if os.environ.get("TERM", "dumb") == "dumb":
        raise BadInputError("this terminal (TERM=dumb) cannot show the screen: use cockpit status or cockpit check")
    columns, rows = os.get_terminal_size(sys.stdout.fileno())
    if columns < LEAST_COLUMNS or rows < LEAST_ROWS:
        raise BadInputError(
            f"the terminal is {columns}x{rows}, the cockpit needs {LEAST_COLUMNS}x{LEAST_ROWS} at least: enlarge it"
        )
    if not sys.stderr.isatty():
        raise BadInputError("stderr is not a terminal, and the screen is drawn there: do not redirect it")


if TYPE_CHECKING:
    from textual.worker import Worker

    from cockpit.engine.watch import Watch
    from cockpit.session.viewer import Viewer
    from cockpit.tui.app import Cockpit
    from sessions.gate.judgement import Judgement
    from sessions.state.reducer import State


def look_at(folder: Path, config: Path | None = None, tell: Tell = nobody) -> int:
    """Show a session that is only looked at until the screen is left."""
    from cockpit.engine.lookups import looks_by
    from cockpit.session.viewer import Viewer

    clock, settings = clock_of(folder), screen_settings(folder, config)
    viewer = Viewer(folder, "opened read-only", clock, None, looks_by(settings, clock=clock))
    tell(viewer)
    return show(viewer, clock, folder, settings)


def look_alone(folder: Path, why: str, tell: Tell = nobody) -> int:
    """Show a session whose settings are not trusted: read-only, nothing runs and nothing is sent."""
    from cockpit.session.viewer import Viewer

    streams.complain(f"cockpit: {clean(why, 500)}; opened read-only\n")
    clock = clock_of(folder)
    viewer = Viewer(folder, f"read-only: {why}", clock, None)
    tell(viewer)
    return show(viewer, clock, folder)


Ends = Callable[["Judgement"], str]
"""Says why the screen must close now; empty if it need not."""
DEMO_ENDED = "This demo's world has ended, nothing answers; cockpit demo starts another"


def watch_on_screen(
    folder: Path,
    environ: Mapping[str, str] | None = None,
    config: Path | None = None,
    ends: Ends | None = None,
    tell: Tell = nobody,
) -> int:
    """Watch a session and show it until the screen is left; `environ` holds the secrets, else the environment does."""
    from cockpit.engine.opening import opened

    clock, settings = clock_of(folder), screen_settings(folder, config)
    with opened(folder, clock, None, environ, settings) as door:
        tell(door)
        return show(door, clock, folder, settings, ends)


def screen_settings(folder: Path, config: Path | None) -> Settings:
    """Return the trusted settings that a session names, or those of `config`.

    Raises JournalError, UntrustedError, TableError, BadInputError.
    """
    return settings_of(folder, load_head(folder / SESSION).wiring, find_settings(config) if config else None)


def show(  # noqa: PLR0913 (a screen, and what it is shown over)
    door: "Watch | Viewer",
    clock: Clock,
    folder: Path,
    settings: Settings | None = None,
    ends: Ends | None = None,
    *,
    make: "type[Cockpit] | None" = None,
) -> int:
    """Run the screen over a door, which starts after the first paint; `make` replaces the terminal's screen."""
    from cockpit.tui.app import Cockpit
    from cockpit.tui.keys import KeyClashError

    def ready() -> None:
        collect_as_usual()
        _presence(screen, folder, clock, door)
        door.start()
        screen.paint()
        screen.run_worker(lambda: _tell_apart(screen, folder, door), thread=True, group="apart", exit_on_error=False)
        if ends is not None:
            screen.set_interval(1.0, lambda: screen.run_worker(end, thread=True, group="end", exit_on_error=False))

    def end() -> None:
        """Close the screen where that is asked for; what says so may read a disk, and does it beside the painting."""
        if ends is not None and ends(door.latest()):
            screen.call_from_thread(screen.exit, 0)

    try:
        build = make or Cockpit
        screen = build(door, clock=clock.now, slowed=clock.slowed, on_ready=ready, settings=settings or Settings())
        screen.run()
    except KeyClashError as error:
        raise BadInputError(str(error)) from error
    finally:
        door.stop("screen left")
    return tell_lacking(door) or screen.return_code or 0


def _presence(screen: "Cockpit", folder: Path, clock: Clock, door: "Watch | Viewer") -> "Worker[None]":
    """Begin to hand over. The coroutine is made where it runs: a screen may be left before."""
    from cockpit.tui.presence import Presence

    presence = Presence(folder, clock.now, signs=not door.viewer)
    return screen.run_worker(partial(presence.watch, door, screen.hand_over), group="presence", exit_on_error=False)


def _tell_apart(screen: "Cockpit", folder: Path, door: "Watch | Viewer") -> None:
    """Say that a demo is over, or what the owner's files promise otherwise; they are read beside the painting."""
    if text := DEMO_ENDED if clock_of(folder).ended() else apart(folder, door.latest().state):
        screen.call_from_thread(partial(screen.say, text, ok=False, seconds=60))


def apart(folder: Path, state: "State") -> str:
    """Say how the owner's files differ from the session; empty if they do not, or if that is unknown."""
    from cockpit.settings.promises.drift import drift

    try:
        return drift(folder, load_head(folder / SESSION).wiring, state)
    except JournalError:
        return ""


def tell_lacking(door: "Watch | Viewer") -> int:
    """Say what happened and is not in the log as the process ends; return 1 where it is nowhere on a disk."""
    lacking = door.lacking()
    if lacking is None:
        return 0
    sys.stderr.write(f"cockpit: {lacking.text}\n")
    return 0 if lacking.kept else 1
