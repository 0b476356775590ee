"""The flag of a session as its owner trusted it last: no later edit of the file prevents a revert."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from cockpit.runtime.errors import BadInputError
from cockpit.settings.file.flag_only import flag_from
from cockpit.settings.file.locate import shown
from cockpit.settings.models.flag_providers import Flagd, Session
from cockpit.settings.models.flags import Flag
from cockpit.settings.schema.secrets import variables
from cockpit.settings.trust.own_text import UntrustedError, asked_by, changed, moment, never, own_text
from cockpit.settings.trust.records import Record, recorded_last
from sessions.storage.disk import DISK, FileOps
from sessions.storage.folders import SESSION
from sessions.text.clean import clean


class Trusted(Struct, frozen=True):
    """Where the flag lives, what the owner should know of how that is known, and the variables that may be secrets."""

    flag: Flag
    notes: tuple[str, ...] = ()
    names: frozenset[str] = frozenset()


def flag_trusted(
    folder: Path, wiring: Mapping[str, object], given: Path | None = None, files: FileOps = DISK
) -> Trusted:
    """Return where the flag lives by the trusted text of `given`, or of what the session in `folder` names.

    Raises UntrustedError if nothing was ever trusted, TableError, BadInputError.
    """
    if given:
        return _in_file(given, (), files)
    (settings, file), notes = _wired(folder, wiring, files)
    if settings:
        return _in_file(Path(settings), notes, files)
    return Trusted(Flagd(file=file) if file else Session(), notes)


def _wired(folder: Path, wiring: Mapping[str, object], files: FileOps) -> tuple[tuple[str, str], tuple[str, ...]]:
    said, found = _flag_parts(wiring), recorded_last(folder / SESSION, files)
    known = _known(found)
    if found is None or known is None:
        if any(said):
            what = "you have not trusted where its flag lives"
            raise UntrustedError(f"{clean(folder / SESSION)}: {what}: {asked_by(folder)}")
        return said, ()
    where = clean(folder / SESSION)
    return known, () if said == known else (_going_by(f"{where}: its [wiring] is not what you trusted", found),)


def _known(found: Record | None) -> tuple[str, str] | None:
    try:
        return _flag_parts(tomllib.loads(found.text)) if found else None
    except ValueError:
        return None


def _flag_parts(wiring: Mapping[str, object]) -> tuple[str, str]:
    return str(wiring.get("settings") or ""), str(wiring.get("flag_file") or "")


def _in_file(path: Path, notes: tuple[str, ...], files: FileOps) -> Trusted:
    found = recorded_last(path, files)
    if found is None:
        own_text(path)  # what is wrong with it goes before that nobody has trusted it
        raise never(path)
    try:
        if own_text(path)[1] != found.text:
            raise changed(path, found)
    except BadInputError as error:
        notes = (*notes, _going_by(str(error), found))
    return Trusted(flag_from(shown(path), found.text), notes, frozenset(variables(found.text)))


def _going_by(why: str, found: Record) -> str:
    return f"{why}; going by what you trusted on {moment(found)}"
