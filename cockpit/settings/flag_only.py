"""Where the flag lives, read from the settings and nothing else of them: what is wrong elsewhere stops no revert."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cockpit.settings.finding import shown
from cockpit.settings.flag_kinds import Flagd, Session
from cockpit.settings.flags import Flag, flag
from cockpit.settings.kit import read
from cockpit.tomlfile import located, parsed, read_text
from sessions.tables import Table

NOUN = "settings file"


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


def flag_behind(wiring: Mapping[str, object], given: Path | None = None) -> Flag:
    """Return where the flag of a session lives, by what its header says or by `given`.

    Raises TableError, BadInputError.
    """
    if given or wiring.get("settings"):
        return flag_in(given or Path(str(wiring["settings"])))
    return Flagd(file=str(wiring["flag_file"])) if wiring.get("flag_file") else Session()
