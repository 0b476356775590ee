"""The one gate: settings that make the cockpit run or send something come through here, or not at all."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path

from cockpit.settings.file.load import settings_from
from cockpit.settings.file.locate import shown
from cockpit.settings.file.wiring import MONGO_VARIABLE, Wiring, wiring_from, without_file
from cockpit.settings.models.settings import Settings
from cockpit.settings.schema.secrets import variables
from cockpit.settings.trust.own_text import (
    UntrustedError,
    asked_by,
    changed,
    never,
    own_text,
    refuse_others,
)
from cockpit.settings.trust.records import every, recorded
from sessions.plan.strict_table import TableError
from sessions.storage.folders import SESSION
from sessions.text.clean import clean


def settings_in(path: Path) -> Settings:
    """Return the settings of a file that its owner trusts. Raises UntrustedError, TableError, BadInputError."""
    real, text = own_text(path)
    found = recorded(real)
    if found is None:
        raise never(path)
    if found.text != text:
        raise changed(path, found)
    return settings_from(shown(path), text)


def settings_of(folder: Path, wiring: Mapping[str, object], given: Path | None = None) -> Settings:
    """Return the settings that the session in `folder` goes by, or those of `given`, as far as they are trusted.

    `wiring` is what its file says. Raises UntrustedError, TableError with every problem, and BadInputError where a
    file cannot be read.
    """
    if given:
        return settings_in(given)
    wired = trusted_wiring(folder, wiring)
    return settings_in(Path(wired.settings)) if wired.settings else without_file(wired)


def trusted_wiring(folder: Path, table: Mapping[str, object]) -> Wiring:
    """Return where a session's numbers come from, as its owner trusts it. Raises UntrustedError, TableError."""
    wiring = own_wiring(folder, table)
    if wiring not in (Wiring(), recorded_wiring(folder)):
        what = "you have not trusted where its numbers come from and where its flag lives"
        raise UntrustedError(f"{clean(folder / SESSION)}: {what}: {asked_by(folder)}")
    return wiring


def own_wiring(folder: Path, table: Mapping[str, object]) -> Wiring:
    """Read a session's wiring where only its owner can have written it; one that says nothing may be anybody's.

    Raises UntrustedError, TableError.
    """
    wiring, path = wiring_from(table), folder / SESSION
    if wiring != Wiring():
        refuse_others(path, Path(os.path.realpath(path)), "session")
        _refuse_variable(path, wiring)
    return wiring


def recorded_wiring(folder: Path) -> Wiring | None:
    """Return the wiring of a session that was trusted last, None if there is none."""
    found = recorded(folder / SESSION)
    if found is None:
        return None
    try:
        return wiring_from(tomllib.loads(found.text))
    except (ValueError, TableError):
        return None


def _refuse_variable(path: Path, wiring: Wiring) -> None:
    """A session asks for no variable of the environment that no trusted settings name."""
    name = wiring.mongo
    if name != MONGO_VARIABLE and not any(name in variables(found.text) for found in every()):
        what = f"wiring.mongo names ${clean(name, 60)}, and no settings that you trust do"
        raise UntrustedError(f"{clean(path)}: {what}: name it in a cockpit.toml of yours, and trust that")
