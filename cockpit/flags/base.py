"""What a flag writer is: it moves the flag to an absolute value and can always read back."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from sessions.readings import FlagValue


class FlagError(Exception):
    """The back end refused, or cannot be understood; the text is one line for the owner, without secrets."""


class ConflictError(FlagError):
    """Somebody else changed the flag since it was read: nothing was written. `found` is what it holds now."""

    def __init__(self, text: str, found: FlagValue | None = None) -> None:
        super().__init__(text)
        self.found = found


class FlagWriter(Protocol):
    """A back end of the flag. `name` is shown on screen; `moves` is False where values are only recorded.

    Whoever calls sets the deadline of each call.
    """

    name: str
    moves: bool

    async def read(self, now: datetime) -> FlagValue:
        """Return what the back end holds, with its version where it has one. Raises FlagError."""
        ...

    async def write(self, percent: int, *, expected: str = "", comment: str = "") -> None:
        """Set the absolute percentage 0..100, expecting the version `expected`; empty expects nothing.

        Raises ConflictError where the version is another one, FlagError when it is refused: nothing was written then.
        Any other error means that the outcome is unknown.
        """
        ...

    async def verify(self, percent: int, now: datetime) -> str:
        """Say why those who ask the flag do not get `percent` yet; empty where they do, or where nobody can tell."""
        ...

    async def switch(self, name: str, *, on: bool, comment: str = "") -> None:
        """Set one boolean switch (a frozen flow, stub fallback). Raises FlagError."""
        ...

    def by_hand(self, percent: int) -> Sequence[str]:
        """Return how to do the move by hand, a command or a request in lines, its secrets masked."""
        ...

    async def rehearse(self, switches: Sequence[str]) -> Mapping[str, str]:
        """Return by what it concerns why a move, or one of `switches`, would be refused now; nothing is written.

        An empty name concerns every move.
        """
        ...

    async def aclose(self) -> None:
        """Let go of connections."""
        ...


def percentage(percent: object) -> int:
    """Return a whole percentage from 0 to 100. Raises FlagError for anything else."""
    if isinstance(percent, bool) or not isinstance(percent, int) or not 0 <= percent <= 100:
        raise FlagError(f"{percent} is no percentage from 0 to 100")
    return percent
