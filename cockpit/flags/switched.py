"""Which switches are on, and which could not be turned, each asked by itself."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from cockpit.flags.base import FlagError


async def switched_on(names: Sequence[str], is_on: Callable[[str], Awaitable[bool]]) -> tuple[str, ...] | None:
    """Return the names that are on, None where one of them cannot be told. Raises nothing of its own."""
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
