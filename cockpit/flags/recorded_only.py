"""The flag writer that moves nothing: what it holds is what the session's entries say, for a flag moved by hand."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from cockpit.flags.interface.writer import percentage
from sessions.values.flag_value import FlagValue
from sessions.values.percent import Percent

Told = Callable[[], tuple[Percent | None, Iterable[str]]]
"""The percentage and the switches that the entries say now; other processes may have written some of them."""


class SessionFlag:
    """Records only. What was written here holds until the entries say it too."""

    name = "session"
    moves = False

    def __init__(self, told: Told = lambda: (0, ())) -> None:
        self._told = told
        self._percent: Percent | None = None
        self._switches: dict[str, bool] = {}

    async def read(self, now: datetime) -> FlagValue:
        """Return what was written last, here or by the entries."""
        percent, _ = self._told()
        self._percent = None if self._percent == percent else self._percent
        held = percent if self._percent is None else self._percent
        return FlagValue(self.name, now, held, await self.switches_on())

    async def switches_on(self) -> tuple[str, ...]:
        """Return those that were set last, here or by the entries."""
        told = set(self._told()[1])
        self._switches = {name: on for name, on in self._switches.items() if (name in told) is not on}
        return tuple(sorted(told.symmetric_difference(self._switches)))

    async def write(self, percent: Percent, *, expected: str = "", comment: str = "") -> None:
        """Hold the percentage. Raises FlagError outside 0..100."""
        del expected, comment
        self._percent = percentage(percent)

    async def verify(self, percent: Percent, now: datetime) -> str:
        """There is nobody to ask: the session only records the value."""
        del percent, now
        return ""

    async def switch(self, name: str, *, on: bool, comment: str = "") -> None:
        """Hold the switch."""
        del comment
        self._switches[name] = on

    def by_hand(self, percent: Percent) -> Sequence[str]:
        """Say what is left to the owner in any case."""
        return (f"set your flag to {percent} % where it lives: the cockpit only records it",)

    async def rehearse(self, _switches: Sequence[str]) -> Mapping[str, str]:
        """Refuse nothing: a move is only recorded."""
        return {}

    async def renew(self) -> bool:
        """There is nothing to log in with."""
        return False

    async def aclose(self) -> None:
        """Nothing is held open."""
