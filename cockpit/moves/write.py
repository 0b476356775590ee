"""Moves the flag once: write the absolute value, read it back, and say honestly what is known."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from cockpit.flags.interface.writer import FlagError, FlagWriter, PartialError
from sessions.text.clean import clean
from sessions.values.flag_value import FlagStatus, FlagValue, Target
from sessions.values.percent import Percent


class Order(Struct, frozen=True):
    """What is to be written: the percentage, the version it was decided on (empty: any), why."""

    percent: Percent
    expected: str = ""
    comment: str = ""


class Outcome(Struct, frozen=True):
    """`status` is `confirmed` (read back as wanted), `refused` (nothing moved) or `unknown`; `reason` says why.

    `targets` say in words what became of each place, where there are several; `unserved` why a confirmed value is not
    what users get yet. `value` is what was read back, None if it could not be.
    """

    status: FlagStatus
    reason: str = ""
    targets: tuple[str, ...] = ()
    unserved: str = ""
    value: FlagValue | None = None


class Read(Struct, frozen=True):
    """What the flag was read at, or `why` it could not be read."""

    value: FlagValue | None = None
    why: str = ""

    @property
    def percent(self) -> Percent | None:
        """What users get at the least, None if that is unknown."""
        if self.value is None or self.value.percent is not None:
            return self.value.percent if self.value else None
        return min((each.percent for each in self.value.targets if each.percent is not None), default=None)


async def read_now(writer: FlagWriter, now: datetime, deadline: float) -> Read:
    """Read the flag within `deadline` s. Raises nothing."""
    try:
        async with asyncio.timeout(deadline):
            return Read(await writer.read(now))
    except Exception as error:  # noqa: BLE001 - unreadable in whatever way
        return Read(why=clean(error) or type(error).__name__)


async def move(writer: FlagWriter, order: Order, clock: Callable[[], datetime], deadline: float) -> Outcome:
    """Set the flag and read it back, each within `deadline` seconds. Raises nothing."""
    try:
        async with asyncio.timeout(deadline):
            await writer.write(order.percent, expected=order.expected, comment=order.comment)
    except PartialError as error:
        return Outcome(FlagStatus.UNKNOWN, clean(error), told(error.targets))
    except FlagError as error:
        return Outcome(FlagStatus.REFUSED, clean(error))
    except TimeoutError:
        return Outcome(FlagStatus.UNKNOWN, f"no answer in {deadline:g} s")
    except Exception as error:  # noqa: BLE001 - any other failure leaves the outcome open, which is the answer
        return Outcome(FlagStatus.UNKNOWN, clean(error) or type(error).__name__)
    read = await _read_back(writer, order.percent, clock, deadline)
    if read.status != FlagStatus.CONFIRMED:
        return read
    return replace(read, unserved=await unserved(writer, order.percent, clock, deadline))


async def unserved(writer: FlagWriter, percent: Percent, clock: Callable[[], datetime], deadline: float) -> str:
    """Say why users do not get the value yet; empty if they do, or if that is unknown. Raises nothing."""
    try:
        async with asyncio.timeout(deadline):
            return clean(await writer.verify(percent, clock()), 160)
    except Exception as error:  # noqa: BLE001 - not proved served, for whatever reason
        return clean(error) or type(error).__name__


def told(targets: tuple[Target, ...]) -> tuple[str, ...]:
    """Say of each target what it reads, or why it does not."""
    return tuple(f"{clean(item.name)}: {_reads(item)}" for item in targets)


def _reads(target: Target) -> str:
    parts = (f"{target.percent} %" if target.percent is not None else "", clean(target.reason))
    return ", ".join(filter(None, parts)) or "no flag"


async def _read_back(writer: FlagWriter, percent: Percent, clock: Callable[[], datetime], deadline: float) -> Outcome:
    try:
        async with asyncio.timeout(deadline):
            value = await writer.read(clock())
    except Exception as error:  # noqa: BLE001 - written but not readable: unknown, never guessed
        return Outcome(FlagStatus.UNKNOWN, f"written, not read back: {clean(error) or type(error).__name__}")
    if value.percent != percent:
        return Outcome(FlagStatus.UNKNOWN, f"written, but it reads {reads(value)}", told(value.targets), value=value)
    return Outcome(FlagStatus.CONFIRMED, "", told(value.targets), value=value)


def reads(value: FlagValue) -> str:
    """Say what a flag reads: `25 %`, `MIXED`, `no flag`."""
    if value.percent is not None:
        return f"{value.percent} %"
    return "MIXED" if value.targets else "no flag"


PATIENCE = 12.0
"""Seconds that fetching it may take: a command is ended before that."""


async def move_at_last(writer: FlagWriter, order: Order, clock: Callable[[], datetime], deadline: float) -> Outcome:
    """Move as `move` does, and once more with what is fetched again where that was not done. Raises nothing.

    A flag that somebody lowered further in the meantime is left there: it is decided again what to go to.
    """
    outcome = await move(writer, order, clock, deadline)
    if outcome.status == FlagStatus.CONFIRMED or not await _renewed(writer):
        return outcome
    found = (await read_now(writer, clock(), deadline)).percent
    if found is not None and found < order.percent:
        return Outcome(FlagStatus.REFUSED, f"it reads {found} % now, which is lower: nothing more was written")
    return await move(writer, order, clock, deadline)


async def _renewed(writer: FlagWriter) -> bool:
    """Whether there is something new to try with."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await writer.renew()
    except Exception:  # noqa: BLE001 - a revert is told as it is, whatever this failed of
        return False
