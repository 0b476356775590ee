"""The log entry of a flag move. It is a module of its own so that a revert imports little else."""

from sessions.values.entries import Draft, Fact
from sessions.values.percent import Percent


def intent(  # noqa: PLR0913, PLR0917 (an intent has these parts)
    name: str, by: str, was: Percent | None, percent: Percent, phase: Percent, writer: str, cause: str = ""
) -> Draft:
    """Return the intent `name` to move the flag from `was` (None: not read) to `percent` by `writer` in `phase`.

    `cause` is why it is to go down.
    """
    facts: dict[str, Fact] = {"intent": name, "percent": percent, "previous": phase, "writer": writer}
    if cause:
        facts["cause"] = cause
    since = "" if was is None else f"{was} % -> "
    return Draft("flag.intended", by, f"flag {since}{percent} % intended", facts)
