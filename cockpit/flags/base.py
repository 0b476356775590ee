"""What a flag writer is: it moves the flag to an absolute value and can always read back."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from sessions.readings import FlagValue


class FlagError(Exception):
    """The back end refused, or cannot be understood; the text is one line for the owner."""


class FlagWriter(Protocol):
    """A back end of the flag. `name` is shown on screen; `moves` is False where values are only recorded."""

    name: str
    moves: bool

    async def read(self, now: datetime) -> FlagValue:
        """Return what the back end holds. Raises FlagError."""
        ...

    async def write(self, percent: int) -> None:
        """Set the absolute percentage 0..100. Raises FlagError when it is refused; any other error means unknown."""
        ...

    async def switch(self, name: str, on: bool) -> None:
        """Set one boolean switch (a frozen flow, stub fallback). Raises FlagError."""
        ...

    async def rehearse(self, switches: Sequence[str]) -> Mapping[str, str]:
        """Return by what it concerns why a move, or one of `switches`, would be refused now; nothing is written.

        An empty name concerns every move.
        """
        ...
