"""Where the flag lives, read from the settings and nothing else of them: what is wrong elsewhere stops no revert."""

from dataclasses import dataclass
from pathlib import Path

from cockpit.settings.models.flags import Flag, flag
from cockpit.settings.schema.fields import read
from cockpit.settings.schema.toml_file import located, parsed
from sessions.plan.strict_table import Table


@dataclass(frozen=True, slots=True)
class FlagOnly:
    """The one table."""

    flag: Flag = flag("Where the flag lives")


def flag_from(where: Path, text: str) -> Flag:
    """Return where settings, called `where`, say that the flag lives. Raises TableError, BadInputError."""
    values = parsed(where, text)
    table = Table({"flag": values["flag"]} if "flag" in values else {})
    found = read(FlagOnly, table)
    if table.problems:
        raise located(where, text, table.problems)
    return found.flag
