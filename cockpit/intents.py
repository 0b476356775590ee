"""The entry of an intent to move the flag, by itself: the shortest path to the flag loads nothing else of the log."""

from sessions.entries import Draft, Fact


def intent(name: str, by: str, was: int | None, percent: int, phase: int, writer: str) -> Draft:  # noqa: PLR0913, PLR0917
    """Return the intent `name` to move the flag from `was` (None: not read) to `percent` by `writer` in `phase`."""
    facts: dict[str, Fact] = {"intent": name, "percent": percent, "previous": phase, "writer": writer}
    since = "" if was is None else f"{was} % -> "
    return Draft("flag.intended", by, f"flag {since}{percent} % intended", facts)
