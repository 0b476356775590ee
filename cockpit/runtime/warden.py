"""The warden: ends and removes, once its holder is gone, what the holder hung on its leash: `warden.py HOLDER_PID`.

It is run by its path and needs the standard library only, so that it is up at once. It reads messages on stdin, each
closed by a NUL: `PATIENCE group NUMBER` and `PATIENCE folder PATH` hold, `- group NUMBER` and `- folder PATH` let go.
The end of stdin is the holder's end, and so is another parent: a fork of the holder may keep the pipe open.
"""

import contextlib
import os
import select
import signal
import sys
import time

GROUP = "group "
FOLDER = "folder "
_LOOK = 0.5
_TIRED = 10.0
_PAUSE = 0.02


def listen(holder: int) -> dict[str, float]:
    """Return what is held when the holder is gone."""
    held: dict[str, float] = {}
    rest = b""
    while True:
        if select.select([0], [], [], _LOOK)[0]:
            piece = os.read(0, 65536)
            if not piece:
                return held
            *messages, rest = (rest + piece).split(b"\0")
            for message in messages:
                _take(held, os.fsdecode(message))
        elif os.getppid() != holder:
            return held


def _take(held: dict[str, float], message: str) -> None:
    how, what = message.split(" ", 1)
    if how == "-":
        held.pop(what, None)
    else:
        held[what] = float(how)


def end(groups: dict[int, float]) -> None:
    """Kill each group once its patience is over, and wait until none is left."""
    began = time.monotonic()
    tired = max(groups.values(), default=0.0) + _TIRED
    while groups and (took := time.monotonic() - began) < tired:
        for group, patience in list(groups.items()):
            if not _signalled(group, signal.SIGKILL if took >= patience else 0):
                del groups[group]
        time.sleep(_PAUSE)


def _signalled(group: int, number: int) -> bool:
    """Say whether there was anybody of ours to signal."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
        return True
    return False


def remove(folder: str) -> None:
    """Remove a folder, again while somebody who is dying still writes into it."""
    import shutil

    tired = time.monotonic() + _TIRED
    while os.path.lexists(folder) and time.monotonic() < tired:
        shutil.rmtree(folder, ignore_errors=True)
        time.sleep(_PAUSE)


def main(holder: int) -> None:
    """Wait for the holder's end, then end the groups, then remove the folders."""
    held = listen(holder)
    end({int(what.removeprefix(GROUP)): patience for what, patience in held.items() if what.startswith(GROUP)})
    for what in held:
        if what.startswith(FOLDER):
            remove(what.removeprefix(FOLDER))


if __name__ == "__main__":
    main(int(sys.argv[1]))
