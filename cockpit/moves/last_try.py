"""A revert's last try: where the first was not done, what commands print to log in with is fetched anew before it."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from cockpit.flags.interface.writer import FlagWriter
from cockpit.moves.write import Order, Outcome, move, read_now
from sessions.values.flag_value import FlagStatus

PATIENCE = 12.0
"""Seconds that fetching it may take: a command is ended before that."""


async def move_at_last(writer: FlagWriter, order: Order, clock: Callable[[], datetime], deadline: float) -> Outcome:
    """Move as `move` does, and once more with what is fetched anew where that was not done. Raises nothing.

    A flag that somebody lowered further meanwhile is left there: it is decided anew what to go to.
    """
    outcome = await move(writer, order, clock, deadline)
    if outcome.status == FlagStatus.CONFIRMED or not await _renewed(writer):
        return outcome
    found = (await read_now(writer, clock(), deadline)).percent
    if found is not None and found < order.percent:
        return Outcome(FlagStatus.REFUSED, f"it reads {found} % by now, that is lower: nothing more was written")
    return await move(writer, order, clock, deadline)


async def _renewed(writer: FlagWriter) -> bool:
    """Whether there is something new to try with."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await writer.renew()
    except Exception:  # noqa: BLE001 - a revert is told as it is, whatever this failed of
        return False
