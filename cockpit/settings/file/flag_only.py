"""Where the flag lives, read from the settings and nothing else of them: what is wrong elsewhere stops no revert."""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

import tomli_w

from cockpit.runtime.errors import BadInputError
from cockpit.settings.file.locate import shown
from cockpit.settings.models.flag_providers import Flagd, Session
from cockpit.settings.models.flags import Flag, flag
from cockpit.settings.schema.fields import read
from cockpit.settings.schema.toml_file import located, parsed, read_text
from sessions.plan.strict_table import Table, TableError
from sessions.storage.disk import DISK, FileOps, write_new
from sessions.storage.spool import place_of

NOUN = "settings file"
KEPT = "flag.toml"


@dataclass(frozen=True, slots=True)
class FlagOnly:
    """The one table."""

    flag: Flag = flag("Where the flag lives")


def flag_in(path: Path) -> Flag:
    """Return where the settings file says that the flag lives. Raises TableError, BadInputError."""
    where = shown(path)
    text = read_text(where, NOUN)
    values = parsed(where, text)
    table = Table({"flag": values["flag"]} if "flag" in values else {})
    found = read(FlagOnly, table)
    if table.problems:
        raise located(where, text, table.problems)
    return found.flag


def keep_flag(path: Path, folder: Path, files: FileOps = DISK) -> None:
    """Keep the [flag] of good settings in the state folder, for a revert that cannot read them; or leave it."""
    with contextlib.suppress(OSError, BadInputError):
        values = parsed(path, read_text(path, NOUN))
        target = place_of(folder) / KEPT
        text = tomli_w.dumps({"flag": values["flag"]} if "flag" in values else {})
        if target.is_file() and target.read_text("utf-8") == text:
            return
        files.make_folder(target.parent)
        draft = target.with_name(f".{KEPT}.{token_hex(4)}")
        write_new(draft, text.encode(), files)
        files.rename(draft, target)


def flag_kept(folder: Path) -> "Flag | None":
    """Return where the flag of the session in `folder` lived by its last good settings, None where nobody knows."""
    try:
        return flag_in(place_of(folder) / KEPT)
    except (OSError, BadInputError, TableError):
        return None


def flag_behind(wiring: Mapping[str, object], given: Path | None = None) -> Flag:
    """Return where the flag of a session lives, by what its header says or by `given`.

    Raises TableError, BadInputError.
    """
    if given or wiring.get("settings"):
        return flag_in(given or Path(str(wiring["settings"])))
    return Flagd(file=str(wiring["flag_file"])) if wiring.get("flag_file") else Session()
