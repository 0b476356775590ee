"""The flag's own value as a source: what the back end says, read back for as long as the watch lasts."""

from collections.abc import Sequence
from datetime import datetime

from cockpit.flags.base import FlagWriter
from cockpit.sources.base import Finding, Sight
from sessions.plan import Cadence
from sessions.readings import Pulse, Reading, Topic


class FlagReadBack:
    """Reads the writer's back end on the flag's cadence."""

    topics = (Topic.FLAG,)

    def __init__(self, writer: FlagWriter, cadence: Cadence) -> None:
        self._writer = writer
        self.name = writer.name
        self.interval = cadence.flag
        self.deadline = cadence.deadline

    async def read(self, now: datetime) -> Sequence[Reading]:
        """Return the flag's value and its pulse."""
        value = await self._writer.read(now)
        return [value, Pulse(self.name, value.at, Topic.FLAG, ok=True, newest=value.at)]

    async def examine(self, now: datetime) -> Sequence[Finding]:
        """Read the flag once."""
        value = await self._writer.read(now)
        if value.percent is None:
            return [Finding(Sight.PROBLEM, "flag", "the flag is not there", "create it, or name it as the plan does")]
        return [Finding(Sight.GOOD, "flag", f"{value.percent} %")]

    async def aclose(self) -> None:
        """Nothing is held open between two reads."""
