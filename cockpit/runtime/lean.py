"""What a command in a script need not wait for, left out before anything loads it."""

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
