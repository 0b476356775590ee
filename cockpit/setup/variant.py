"""Who had the flag, by a field of yes and no in a log of requests: taken where it is named like the flag."""

import re
from collections.abc import Mapping

from msgspec.structs import replace

from cockpit.setup.found import Doubt, Records
from cockpit.setup.outcome import Database

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|\d+")
_SAYS_NOTHING = {"is", "has", "on", "off", "flag", "enabled", "the", "new", "use", "feature", "variant"}


def with_variant(database: Database, records: Records, flag: str) -> tuple[Database, tuple[str, ...]]:
    """Return the database with the field that says who had the flag, and lines about it.

    Without one that is named like the flag, or with several, nothing is taken: the lines list the fields.
    """
    log = database.parts.get("requests")
    if log is None or not records.variants:
        return database, ()
    alike = [name for name in records.variants if _words(name.rpartition(".")[2]) & _words(flag)]
    if len(alike) != 1:
        text = f"who had the flag: {', '.join(records.variants[:4])} may say it, none is taken"
        doubt = Doubt(text, tuple(("variant", _variant(name)) for name in records.variants[:4]))
        lines = (*database.doubts.get("requests", ()), doubt)
        return replace(database, doubts={**database.doubts, "requests": lines}), (f"in doubt: {text}",)
    (field,) = alike
    parts = {**database.parts, "requests": {**log, "variant": _variant(field)}}
    if records.user:
        who = {"collection": log["collection"], "user": records.user, "flag": "", "exposed": field, "at": log["at"]}
        parts["exposures"] = who
    return replace(database, parts=parts), (f"found: {field} says who had the flag, it is named like it",)


def _words(name: str) -> set[str]:
    return {word.lower() for word in _WORD.findall(name)} - _SAYS_NOTHING


def _variant(field: str) -> Mapping[str, str]:
    return {"label": field, "on": "true", "off": "false"}
