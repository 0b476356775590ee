"""`cockpit serve`: the deck of a session in a browser of this machine, read-only, until either of them ends."""

import asyncio
import shlex
import sys
from pathlib import Path

from cockpit.runtime import streams
from cockpit.runtime.clock import clock_of
from cockpit.runtime.errors import BadInputError
from cockpit.runtime.lean import collect_as_usual
from cockpit.runtime.wake_up import heeded
from cockpit.session.both_files import loaded_sound
from cockpit.session.followed import Followed
from sessions.storage.folders import SESSION, find
from sessions.storage.glance import is_concluded
from sessions.text.clean import clean

EVERY = 2.0
"""Seconds between two looks whether the session has ended."""
LACKING = "the packages of cockpit serve are not installed: pip install 'cockpit[serve]'"


def serve_session(which: str | None, port: int, most: int) -> int:
    """Serve until a signal (128 plus its number), or until the session has ended (0).

    Raises BadInputError, FolderError, JournalError.
    """
    folder = find(which).absolute()
    try:
        from cockpit.serve.check import new_token
        from cockpit.serve.server import Served, serve
    except ModuleNotFoundError as error:
        raise BadInputError(LACKING) from error
    Followed(folder, clock_of(folder), None, loaded_sound).look()
    command = f"exec {shlex.join([sys.executable, '-m', 'cockpit.cli.outside.served', str(folder)])}"
    served = Served(folder.name, command, most, new_token())

    def ready(address: str) -> None:
        collect_as_usual()
        streams.say(f"serving {clean(folder.name, 80)}, read-only, until ctrl+c: {address}\n")
        if why := streams.unheard():  # nobody can look without the address
            raise BadInputError(f"{why}: nobody reads the address, so nothing is served")

    async def run() -> int:
        end = _End(folder)
        await serve(served, port, ready, end.come)
        return end.code

    return asyncio.run(run())


class _End:
    """Waits for a signal or the end of the session; `code` is the exit code."""

    def __init__(self, folder: Path) -> None:
        self.code = 0
        self._folder = folder
        self._told = asyncio.Event()
        self._over_before = is_concluded(folder)
        for number in heeded():
            asyncio.get_running_loop().add_signal_handler(number, self._signalled, number)

    async def come(self) -> None:
        """Return once it is there."""
        while not self._told.is_set():
            try:
                async with asyncio.timeout(EVERY):
                    await self._told.wait()
            except TimeoutError:
                if why := await asyncio.to_thread(self._over):
                    streams.say(f"{why}\n")
                    return

    def _signalled(self, number: int) -> None:
        self.code = self.code or 128 + number
        self._told.set()

    def _over(self) -> str:
        """Say why nobody needs to look any more; one that was concluded before is served all the same."""
        if not (self._folder / SESSION).exists():
            return "the session is gone"
        return "the session is concluded" if not self._over_before and is_concluded(self._folder) else ""
