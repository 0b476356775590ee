"""Moves the flag once: write the absolute value, read it back, and say honestly what is known."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

from cockpit.flags.base import FlagError, FlagWriter
from sessions.clean import clean


@dataclass(frozen=True, slots=True)
class Outcome:
    """`status` is `confirmed` (read back as wanted), `refused` (nothing moved) or `unknown`; `reason` says why."""

    status: str
    reason: str = ""


async def move(writer: FlagWriter, percent: int, now: datetime, deadline: float) -> Outcome:
    """Set the flag to `percent` and read it back, each within `deadline` seconds. Raises nothing."""
    try:
        async with asyncio.timeout(deadline):
            await writer.write(percent)
    except FlagError as error:
        return Outcome("refused", clean(error, 160))
    except TimeoutError:
        return Outcome("unknown", f"no answer in {deadline:g} s")
    except Exception as error:  # noqa: BLE001 - any other failure leaves the outcome open, which is the answer
        return Outcome("unknown", clean(error, 160) or type(error).__name__)
    return await _read_back(writer, percent, now, deadline)


async def _read_back(writer: FlagWriter, percent: int, now: datetime, deadline: float) -> Outcome:
    try:
        async with asyncio.timeout(deadline):
            value = await writer.read(now)
    except Exception as error:  # noqa: BLE001 - written but not readable: unknown, never guessed
        return Outcome("unknown", f"written, not read back: {clean(error, 120) or type(error).__name__}")
    if value.percent != percent:
        return Outcome("unknown", f"written, but it reads {value.percent} %")
    return Outcome("confirmed")
