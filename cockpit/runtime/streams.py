"""The three streams of a command: closed or full ones end in a line or in silence, never in a traceback."""

import contextlib
import io
import os
import sys

NOBODY_READS = 1


def ready() -> None:
    """Make stdin, stdout and stderr usable, whatever the caller closed.

    The descriptor of a closed one would go to the next file that is opened: a word meant for the screen would then be
    written into a session.
    """
    for fd in (0, 1, 2):
        try:
            os.fstat(fd)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest descriptor that is free, which is this one
    sys.stdin = sys.stdin or os.fdopen(0, "r", closefd=False)
    sys.stdout = sys.stdout or os.fdopen(1, "w", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(2, "w", closefd=False)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal without our glyphs gets their codes, not a traceback
            stream.reconfigure(errors="backslashreplace")


def complain(line: str) -> None:
    """Write a line to stderr, where somebody reads it."""
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.write(line)
        sys.stderr.flush()


def say(line: str) -> None:
    """Write a line to stdout about what is done; where nobody can take it, stderr is told that, and no more."""
    try:
        sys.stdout.write(line)
        sys.stdout.flush()
    except (OSError, ValueError) as error:
        forget()
        why = getattr(error, "strerror", None) or str(error)
        complain(f"cockpit: stdout cannot be written ({why}); what was done is done: {line}")


def written() -> str:
    """Flush what was said; return why it could not be written, nothing where it was."""
    try:
        sys.stdout.flush()
    except OSError as error:
        forget()
        if isinstance(error, BrokenPipeError):
            raise
        return error.strerror or str(error)
    return ""


def forget() -> None:
    """Let go of what nobody can read, so that leaving does not try again."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
            continue
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
