"""The flag writer that moves nothing: it holds the last value that was written, for a flag moved by other hands."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from cockpit.flags.base import FlagError
from sessions.readings import FlagValue


class SessionFlag:
    """Records only. `percent` and `switches` are what the session's entries say so far."""

    name = "session"
    moves = False

    def __init__(self, percent: int | None = 0, switches: Iterable[str] = ()) -> None:
        self._percent = percent
        self._switches = set(switches)

    async def read(self, now: datetime) -> FlagValue:
        """Return what was written last."""
        return FlagValue(self.name, now, self._percent, tuple(sorted(self._switches)))

    async def write(self, percent: int) -> None:
        """Hold the percentage. Raises FlagError outside 0..100."""
        if isinstance(percent, bool) or not isinstance(percent, int) or not 0 <= percent <= 100:
            raise FlagError(f"{percent} is no percentage from 0 to 100")
        self._percent = percent

    async def switch(self, name: str, on: bool) -> None:
        """Hold the switch."""
        if on:
            self._switches.add(name)
        else:
            self._switches.discard(name)

    async def rehearse(self, _switches: Sequence[str]) -> Mapping[str, str]:
        """Refuse nothing: whatever is written is only held."""
        return {}
