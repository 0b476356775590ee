"""What a flag writer is: it moves the flag to an absolute value and can always read back."""

import asyncio
import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol, runtime_checkable

from sessions.plan.finest import too_fine
from sessions.text.clean import clean
from sessions.text.units import counted
from sessions.values.flag_value import FlagValue, Target
from sessions.values.percent import DECIMALS, Percent, exact_percent


class FlagError(Exception):
    """The back end refused, or cannot be understood; the text is one line for the owner, without secrets."""


class ConflictError(FlagError):
    """Somebody else changed the flag since it was read: nothing was written. `found` is what it holds now."""

    def __init__(self, text: str, found: FlagValue | None = None) -> None:
        super().__init__(text)
        self.found = found


class StatusError(FlagError):
    """The back end refused with an HTTP status, `code`."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code


class PartialError(Exception):
    """Of several targets some have it and some do not: no refusal, for something was written.

    `targets` say of each what it reads now, and why it is not what was wanted; no reason where it is.
    """

    def __init__(self, text: str, targets: tuple[Target, ...]) -> None:
        super().__init__(text)
        self.targets = targets


@runtime_checkable
class Timed(Protocol):
    """A writer with its own deadline for one act, in s; 0 uses the plan's."""

    deadline: float


def deadline_of(writer: object, usual: float) -> float:
    """Return how long one act of a writer may take, in s: its own, or what is usual."""
    return (writer.deadline if isinstance(writer, Timed) else 0.0) or usual


class FlagWriter(Protocol):
    """A back end of the flag. `name` is shown on screen; `moves` is False if values are only recorded.

    How many decimals a percentage may have there says the model of its settings: a finer one is refused, never rounded.

    Whoever calls sets the deadline of each call.
    """

    @property
    def name(self) -> str:
        """The name of the back end."""
        ...

    @property
    def moves(self) -> bool:
        """Whether a write moves anything."""
        ...

    async def read(self, now: datetime) -> FlagValue:
        """Return what the back end holds, with its version where it has one. Raises FlagError."""
        ...

    async def switches_on(self) -> tuple[str, ...] | None:
        """Return the switches that are on, also if this place holds no flag; None if unknown. Raises FlagError."""
        ...

    async def write(self, percent: Percent, *, expected: str = "", comment: str = "") -> None:
        """Set the absolute percentage 0..100, expecting the version `expected`; empty expects nothing.

        Raises ConflictError if the version is another one, FlagError when it is refused: nothing was written then.
        PartialError says what became of several targets. Any other error means that the outcome is unknown.
        """
        ...

    async def verify(self, percent: Percent, now: datetime) -> str:
        """Say why those who ask the flag do not get `percent` yet; empty if they do, or if that is unknown."""
        ...

    async def switch(self, name: str, *, on: bool, comment: str = "") -> None:
        """Set one boolean switch (a frozen flow, stub fallback). Raises FlagError."""
        ...

    def by_hand(self, percent: Percent) -> Sequence[str]:
        """Return how to do the move by hand, a command or a request in lines, its secrets masked."""
        ...

    async def rehearse(self, switches: Sequence[str]) -> Mapping[str, str]:
        """Return by what it concerns why a move, or one of `switches`, would be refused now; nothing is written.

        An empty name concerns every move. A name that is no switch refuses nothing: the next move does more than move.
        """
        ...

    async def renew(self) -> bool:
        """Fetch again what commands print to log in with, before a last try; say whether any of it is new.

        Takes as long as those commands. Raises nothing.
        """
        ...

    async def aclose(self) -> None:
        """Close the connections."""
        ...


def check_narrowed(narrowed: str, percent: Percent, read: Callable[[], Percent]) -> None:
    """Raise FlagError where a flag that is `narrowed` would be raised; a revert is never held up by that.

    `read` says where it is. If that is unknown, nothing is held up: an advance
    was refused before.
    """
    if not narrowed:
        return
    try:
        now = read()
    except FlagError:
        return
    if percent > now:
        raise FlagError(narrowed)


def percentage(percent: object, decimals: int = DECIMALS) -> Percent:
    """Return a percentage from 0 to 100. Raises FlagError for anything else, and for one with more decimals."""
    found = exact_percent(percent)
    if found is None:
        raise FlagError(f"{percent} is no percentage from 0 to 100 with {DECIMALS} decimals at most")
    if why := too_fine(found, decimals):
        raise FlagError(why)
    return found


def percent_of(share: object, whole: float, decimals: int = DECIMALS) -> Percent:
    """Return the percentage for a share of `whole`. Raises FlagError if it is no share, or has too many decimals."""
    if isinstance(share, str):
        share = _number(share)
    if isinstance(share, bool) or not isinstance(share, (int, float)) or not math.isfinite(share):
        raise FlagError(f"{clean(repr(share), 40)} is no share")
    percent = exact_percent(100 * share / whole, decimals)
    if percent is None:
        kind = "whole percentage" if not decimals else "percentage"
        most = "" if not decimals else f" with {counted(decimals, 'decimals')} at most"
        raise FlagError(f"{share:g} of {whole:g} is no {kind} from 0 to 100{most}")
    return percent


def share_of(percent: Percent, whole: float) -> int | float:
    """Return the share of `whole` that a percentage is, a whole number where it is one."""
    share = round(percent * whole / 100, 12)
    return int(share) if share == int(share) else share


def _number(text: str) -> object:
    try:
        return float(text)
    except ValueError:
        return text


async def those_on(names: Sequence[str], is_on: Callable[[str], Awaitable[bool]]) -> tuple[str, ...] | None:
    """Return the names that are on, None if one of them is unknown. Raises nothing of its own."""
    states = await asyncio.gather(*map(is_on, names), return_exceptions=True)
    if not all(isinstance(state, bool) for state in states):
        return None
    return tuple(name for name, state in zip(names, states, strict=True) if state is True)


async def switches_refused(names: Sequence[str], turns: Callable[[str], Awaitable[object]]) -> dict[str, str]:
    """Return by name why a switch could not be turned: `turns` raises FlagError where it could not."""
    refused: dict[str, str] = {}
    for name in names:
        try:
            await turns(name)
        except FlagError as error:
            refused[name] = str(error)
    return refused
