"""The three streams of a command: closed or full ones end in a line or in silence, never in a traceback."""

import contextlib
import io
import os
import select
import sys
from typing import Any, TextIO

NOBODY_READS = 1
_shut: set[int] = set()
"""What the caller closed before we began."""


class _Patient(io.FileIO):
    """An output that may be full, or read by nobody: what was begun goes on all the same; `why` says what failed."""

    why: OSError | None = None

    def write(self, data: Any, /) -> int:
        """Write some, waiting for who reads; or remember why that cannot be done, and take everything from then on."""
        while self.why is None:
            try:
                if (done := super().write(data)) is not None:
                    return done
                select.select([], [self], [])
            except OSError as error:
                self.why = error
        return memoryview(data).nbytes


def ready() -> None:
    """Make stdin, stdout and stderr usable, even if the caller closed them.

    The descriptor of a closed one would go to the next file that is opened: a word meant for the screen would then be
    written into a session.
    """
    for fd in (0, 1, 2):
        try:
            os.fstat(fd)
        except OSError:
            _shut.add(fd)
            os.open(os.devnull, os.O_RDWR)  # takes the lowest descriptor that is free, which is this one
    sys.stdin = sys.stdin or os.fdopen(0, "r", closefd=False)
    sys.stdout, sys.stderr = _patient(1, sys.stdout), _patient(2, sys.stderr)


def _patient(fd: int, usual: TextIO | None) -> TextIO:
    """A terminal without our glyphs gets their codes, not a traceback."""
    buffer = io.BufferedWriter(_Patient(fd, "w", closefd=False))
    return io.TextIOWrapper(
        buffer, usual.encoding if usual else None, "backslashreplace", line_buffering=fd == 2 or os.isatty(fd)
    )


def complain(line: str) -> None:
    """Write a line to stderr, where somebody reads it."""
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.write(line)
        sys.stderr.flush()


def lost() -> OSError | None:
    """Flush the output; return why some of it could not be written, None if all was."""
    try:
        sys.stdout.flush()
    except (OSError, ValueError) as error:
        return error if isinstance(error, OSError) else OSError(str(error))
    raw = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    return raw.why if isinstance(raw, _Patient) else None


def unheard() -> str:
    """Say why stdout cannot be read by anybody; empty if it can."""
    error = lost()
    if error is not None:
        return f"stdout: cannot be written ({error.strerror or error})"
    return "stdout: is closed" if 1 in _shut else ""


def say(line: str) -> None:
    """Write a line to stdout about what is done, at once: a watch, or a move, takes its time."""
    sys.stdout.write(line)
    sys.stdout.flush()


def told_of(error: OSError, line: str = "") -> str:
    """Note that the output cannot be written, and that this changes nothing."""
    return f"stdout: cannot be written ({error.strerror or error}); what was done is done{line}"
