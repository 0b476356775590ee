"""Reads a file that only its owner can have written, and says why a file is not trusted."""

import os
from pathlib import Path

from cockpit.runtime.errors import BadInputError
from cockpit.settings.file.locate import shown
from cockpit.settings.schema.toml_file import read_text
from cockpit.settings.trust.ownership import why_not_mine
from cockpit.settings.trust.records import Record
from sessions.text.clean import clean

NOUN = "settings file"


class UntrustedError(BadInputError):
    """A text of somebody else, or of unknown origin: nothing of it is used; the line says how to trust it."""


def own_text(path: Path) -> tuple[Path, str]:
    """Return where a settings file really is and what stands in it, where only its owner can have written that.

    It is read once: what is judged is what is used. Raises UntrustedError, and BadInputError where it cannot be read.
    """
    where, real = shown(path), Path(os.path.realpath(path))
    refuse_others(where, real, NOUN)
    return real, read_text(where, NOUN, real)


def refuse_others(where: Path, real: Path, noun: str) -> None:
    """Refuse what others can have written. Raises UntrustedError, BadInputError."""
    try:
        why = why_not_mine(real)
    except OSError as error:
        raise BadInputError(f"{where}: {error.strerror}: name a {noun}") from error
    if why:
        raise UntrustedError(f"{clean(where)}: cannot be trusted: {why}")


def never(path: Path) -> UntrustedError:
    """Return the message for a file that was never trusted."""
    return UntrustedError(f"{clean(shown(path))}: is not trusted yet: read it, then: {asked_by(shown(path))}")


def changed(path: Path, found: Record) -> UntrustedError:
    """Return the message for a file that changed since it was trusted."""
    told = f"{clean(shown(path))}: changed since you trusted it ({moment(found)})"
    return UntrustedError(f"{told}: {asked_by(shown(path))} shows the difference")


def moment(found: Record) -> str:
    """Return since when something is trusted, in local time."""
    return found.at.astimezone().strftime("%Y-%m-%d %H:%M")


def asked_by(path: Path) -> str:
    """Return the command by which an owner trusts what is at `path`."""
    import shlex

    return f"cockpit trust {clean(shlex.quote(str(path)))}"
