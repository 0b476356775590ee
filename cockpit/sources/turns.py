"""Turns at an even pace for several who wait: never more than the pace allows, a missed turn is not made up for."""

import asyncio


class Turns:
    """One turn every `period` s, the first after `offset` s."""

    def __init__(self, period: float, offset: float = 0.0) -> None:
        self._period = period
        self._due = asyncio.get_running_loop().time() + offset
        self._queue = asyncio.Lock()

    async def mine(self) -> None:
        """Wait for a turn."""
        clock = asyncio.get_running_loop().time
        async with self._queue:
            await asyncio.sleep(max(0.0, self._due - clock()))
            late = clock() - self._due
            self._due += self._period if late < self._period else late + self._period
