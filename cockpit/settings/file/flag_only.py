"""Where the flag lives, read from the settings and nothing else of them: what is wrong elsewhere stops no revert."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cockpit.settings.models.flags import Flag, flag
from cockpit.settings.schema.fields import read
from cockpit.settings.schema.proxy import Web, through
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
    return through(found, _web(values)).flag


def _web(values: Mapping[str, object]) -> Web:
    """Return how servers are reached; where that is said wrongly, the flag's own server is asked directly."""
    table = Table({"http": values.get("http", {})})
    web = read(Web, table.table("http"))
    return Web() if table.problems else web
