"""What a program that begins need not wait for: libraries that it does not use, and looks for garbage."""

import contextlib
import gc
import os
import sys
from typing import NoReturn

_LIKE_TYPING = "typing_extensions"


def load_structs() -> None:
    """Load msgspec by the standard library's `typing` alone.

    It takes `typing_extensions` where that is there, and else `typing`, which has the same from Python 3.11 on. The
    other one brings `inspect` and the compiler's tools with it, an eighth of all that `cockpit check` takes. Whoever
    needs it later, as Textual does, loads it then.
    """
    if _LIKE_TYPING in sys.modules:
        return
    sys.modules[_LIKE_TYPING] = None  # type: ignore[assignment]  # as the import system spells "not there"
    try:
        import msgspec  # noqa: F401
    finally:
        del sys.modules[_LIKE_TYPING]


_THEN = {"atexit", "threading"}
"""Without these nobody can have asked for anything at the end."""
_RARELY, _USUALLY = 500_000, gc.get_threshold()


def collect_rarely() -> None:
    """Look for garbage rarely while a program is loaded: nearly all that is made then stays.

    Each look goes through what is there already; together they are a fifth of the deck's start. With this number none
    is made before the first paint. A program that runs on after its start says so with `collect_as_usual`.
    """
    gc.set_threshold(_RARELY, *_USUALLY[1:])


def collect_as_usual() -> None:
    """Look for garbage as Python does, now that this process goes on, but no more through what was loaded so far."""
    if gc.get_threshold()[0] == _RARELY:
        gc.freeze()
        gc.set_threshold(*_USUALLY)


def let_go() -> None:
    """Let go of what was made only to begin: as garbage it would be kept for good beside what was loaded.

    It takes some hundredths of a second, so that it is for a moment in which nobody waits.
    """
    if gc.get_freeze_count():
        gc.unfreeze()
        gc.collect()
        gc.freeze()


def leave(code: int) -> NoReturn:
    """End the process with `code`; the system takes all of its memory at once.

    Python would look for garbage in everything that was loaded several times, a seventh of what a check takes, and take
    all of it apart. What is written and closed is so by then. Where something may be registered for the end, or another
    thread run, that comes first, and no more than the looks for garbage is left out.
    """
    gc.freeze()
    gc.disable()
    if not _THEN.isdisjoint(sys.modules):
        sys.exit(code)
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)
