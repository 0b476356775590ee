"""What a flag's server tells its users, asked over OFREP for keys of our own."""

import asyncio
from collections.abc import Mapping
from math import sqrt

from cockpit.flags.http.client import Call, Line, part
from cockpit.flags.interface.writer import FlagError
from sessions.values.percent import Percent

KEYS = 200
"""How many keys are asked for: enough to tell the phases of a plan apart."""

_ABREAST = 20
_SIGMAS = 4.0


class Ofrep:
    """Asks the server at `url` for the boolean flag `flag`, each key with `context`."""

    def __init__(self, line: Line, url: str, flag: str, context: Mapping[str, object]) -> None:
        self._line, self._context = line, context
        self._url = f"{url.rstrip('/')}/ofrep/v1/evaluate/flags/{part(flag)}"
        self._abreast = asyncio.Semaphore(_ABREAST)

    async def shortfall(self, percent: Percent) -> str:
        """Say what share of the keys is served it instead of `percent`; empty if that is as it should be.

        Raises FlagError.
        """
        until = self._line.until()
        async with asyncio.TaskGroup() as group:
            asked = [group.create_task(self._served(f"cockpit-{number}", until)) for number in range(KEYS)]
        told = [task.result() for task in asked]
        if why := next((answer for answer in told if isinstance(answer, str)), ""):
            raise FlagError(why)
        served = sum(answer is True for answer in told)
        if abs(served - KEYS * percent / 100) <= bound(percent):
            return ""
        return f"{100 * served / KEYS:g} % of {KEYS} keys are served it, {percent} % are meant"

    async def renew(self) -> bool:
        """Run the token's command again."""
        return await self._line.renew()

    async def aclose(self) -> None:
        """Close the connection."""
        await self._line.aclose()

    async def _served(self, key: str, until: float) -> bool | str:
        """Return whether a key is served the feature, or why nobody knows."""
        body = {"context": {**self._context, "targetingKey": key}}
        try:
            async with self._abreast:
                answer = await self._line.read(Call("POST", self._url, body), until)
        except FlagError as error:
            return str(error)
        value = answer.get("value") if isinstance(answer, dict) else None
        return value if isinstance(value, bool) else "the answer is neither true nor false"


def bound(percent: Percent) -> float:
    """Return how many of the keys may be off by chance: four standard deviations, none at 0 and 100 %."""
    return _SIGMAS * sqrt(KEYS * percent * (100 - percent)) / 100
