"""A session on the screen, until it is left: watched, or only looked at."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from cockpit.clock import Clock
from cockpit.errors import BadInputError
from cockpit.settings.finding import find_settings
from cockpit.settings.whole import Settings
from cockpit.wiring import settings_behind, wiring_from
from sessions.folder import SESSION
from sessions.sessionfile import load_head

if TYPE_CHECKING:
    from cockpit.viewer import Viewer
    from cockpit.watch import Watch


def look_at(folder: Path, config: Path | None = None) -> int:
    """Show a session that is only looked at until the screen is left."""
    from cockpit.viewer import Viewer

    clock = Clock()
    return show(Viewer(folder, "opened read-only", clock, None), clock, folder, screen_settings(folder, config))


def watch_on_screen(folder: Path, environ: Mapping[str, str] | None = None, config: Path | None = None) -> int:
    """Watch a session and show it until the screen is left; `environ` holds the secrets, else the environment does."""
    from cockpit.opening import opened

    clock, settings = Clock(), screen_settings(folder, config)
    with opened(folder, clock, None, environ, settings) as door:
        return show(door, clock, folder, settings)


def screen_settings(folder: Path, config: Path | None) -> Settings:
    """Read the settings that a session names, or those of `config`. Raises JournalError, TableError, BadInputError."""
    return settings_behind(wiring_from(load_head(folder / SESSION).wiring), find_settings(config) if config else None)


def show(door: "Watch | Viewer", clock: Clock, folder: Path, settings: Settings | None = None) -> int:
    """Run the screen over a door; the door starts once the first paint is out, and then the owner is handed over to."""
    from cockpit.app import Cockpit
    from cockpit.keys import KeyClashError

    def ready() -> None:
        from cockpit.eyes import Eyes

        eyes = Eyes(folder, clock.now, signs=not door.viewer)
        door.start()
        screen.paint()
        screen.run_worker(eyes.watch(door, screen.hand_over), group="eyes", exit_on_error=False)

    try:
        screen = Cockpit(door, clock=clock.now, on_ready=ready, settings=settings or Settings())
    except KeyClashError as error:
        raise BadInputError(str(error)) from error
    try:
        code = screen.run()
    finally:
        door.stop("screen left")
    return tell_lacking(door) or code or 0


def tell_lacking(door: "Watch | Viewer") -> int:
    """Say what happened and is not in the log as the process ends; return 1 where it is nowhere on a disk."""
    lacking = door.lacking()
    if lacking is None:
        return 0
    sys.stderr.write(f"cockpit: {lacking.text}\n")
    return 0 if lacking.kept else 1
