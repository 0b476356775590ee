"""`cockpit trust`: the owner looks at settings, or at a session's wiring, and takes their word from now on."""

import os
import sys
from pathlib import Path

from cockpit.cli.parser import HELD
from cockpit.runtime import streams
from cockpit.runtime.clock import Clock
from cockpit.runtime.errors import BadInputError
from cockpit.settings.trust.act import Candidate, candidate_of, candidates_of
from cockpit.settings.trust.own_text import moment
from cockpit.settings.trust.records import every, forget
from sessions.storage.folders import SESSION, FolderError, find
from sessions.storage.session_file import load_head
from sessions.text.clean import clean


def trust(target: str) -> int:
    """Show what a settings file or a session would run and ask, and trust it; on a terminal the owner is asked first.

    Raises BadInputError, UntrustedError among it, TableError, FolderError, JournalError.
    """
    candidates = _candidates(target)
    fresh = [each for each in candidates if not each.known]
    if not fresh:
        sys.stdout.write(
            f"{clean(target)}: {'is trusted already' if candidates else 'needs no trust: it runs and sends nothing'}\n"
        )
        return 0
    for each in fresh:
        tell(each)
    if not _agreed():
        streams.complain("cockpit: not trusted: it runs and sends nothing\n")
        return HELD
    for each in fresh:
        trust_now(each)
    return 0


def tell(candidate: Candidate) -> None:
    """Print what is to be looked at."""
    sys.stdout.write("\n".join(candidate.lines()) + "\n")
    sys.stdout.flush()


def trust_now(candidate: Candidate) -> None:
    """Trust what was shown, and say so. Raises BadInputError if that cannot be kept."""
    try:
        candidate.trust(Clock().now())
    except OSError as error:
        raise BadInputError(f"{error.filename}: cannot be written ({error.strerror}): nothing is trusted") from error
    streams.say(f"trusted {clean(candidate.path)}\n")


def list_trusted() -> int:
    """Print what is trusted: since when, and where it is."""
    for found in every():
        sys.stdout.write(f"{moment(found)}  {found.path}\n")
    return 0


def forget_trusted(target: str) -> int:
    """Take trust back. Raises BadInputError if there was none."""
    path = _path_of(target)
    if not forget(path):
        raise BadInputError(f"{clean(path)}: was not trusted: cockpit trust --list says what is")
    streams.say(f"no longer trusted: {clean(path)}\n")
    return 0


def _candidates(target: str) -> tuple[Candidate, ...]:
    path = _path_of(target)
    if path.name == SESSION:
        return candidates_of(path.parent, load_head(path).wiring)
    return (candidate_of(path),)


def _path_of(target: str) -> Path:
    """Return the file that is meant: a settings file by its path, a session by name or path."""
    path = Path(target)
    if path.name != SESSION and not path.is_dir() and os.path.lexists(path):
        return path
    try:
        return find(target) / SESSION
    except FolderError:
        if path.name != target or path.suffix:  # it was meant as a path: reading says what is wrong, gone or not
            return path
        raise


def _agreed() -> bool:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return True
    sys.stdout.write("trust this file, so that it may run and send this? [y/N] ")
    sys.stdout.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}
