"""What a program that begins need not wait for: libraries that it does not use, and looks for garbage."""

import gc
import sys

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


def collect_no_more() -> None:
    """Look for no garbage in a process that ends: the system takes all of it at once.

    Python would go through everything that was loaded several times, a seventh of what a check takes. What is written
    and closed is so by then, and what is registered for the exit still runs.
    """
    gc.freeze()
    gc.disable()
