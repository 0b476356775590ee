"""Which switches are on, each asked by itself."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence


async def switched_on(names: Sequence[str], is_on: Callable[[str], Awaitable[bool]]) -> tuple[str, ...] | None:
    """Return the names that are on, None where one of them cannot be told. Raises nothing of its own."""
    states = await asyncio.gather(*map(is_on, names), return_exceptions=True)
    if not all(isinstance(state, bool) for state in states):
        return None
    return tuple(name for name, state in zip(names, states, strict=True) if state is True)
