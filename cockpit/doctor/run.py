"""Tries every source once, all at the same time: one that hangs or fails is reported and delays no other."""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Protocol

from msgspec.structs import replace

from cockpit.doctor.findings import Group, fix_for, told
from cockpit.runtime.finding import Finding, Sight
from cockpit.sources.opening import MISSING
from sessions.text.clean import clean
from sessions.values.readings import Topic


class Examined(Protocol):
    """What the doctor tries: a source, the flag, or what a sheet looks up."""

    @property
    def name(self) -> str:
        """What the settings call it."""
        ...

    @property
    def topics(self) -> Sequence[Topic]:
        """What it answers for."""
        ...

    @property
    def deadline(self) -> float:
        """How long one answer may take in all, in seconds."""
        ...

    async def examine(self, now: datetime) -> Sequence[Finding]:
        """Try everything once. Raises anything."""
        ...

    async def aclose(self) -> None:
        """Close the connections."""
        ...


LEAST = 10.0
"""Seconds that every examination gets at least: it asks for more than one poll does."""

_POLLS = 3
_CLOSING = 2.0


async def examine(
    sources: Sequence[Examined],
    clock: Callable[[], datetime],
    scrub: Callable[[str], str] = str,
    least: float = LEAST,
) -> tuple[Group, ...]:
    """Examine all at once and close them; a group per source, in their order. `scrub` masks secrets in every text.

    Each reports when it begins, and gets `least` seconds, or three times its own deadline where that is longer.
    """
    try:
        return tuple(await asyncio.gather(*(_group(source, clock, scrub, least) for source in sources)))
    finally:
        if closing := [asyncio.ensure_future(source.aclose()) for source in sources]:
            await asyncio.wait(closing, timeout=_CLOSING)


async def _group(source: Examined, clock: Callable[[], datetime], scrub: Callable[[str], str], least: float) -> Group:
    begun, patience = time.perf_counter(), max(least, _POLLS * source.deadline)
    topics = tuple(topic.value for topic in source.topics)
    try:
        async with asyncio.timeout(patience):
            findings = tuple(await source.examine(clock()))
    except TimeoutError:
        findings = tuple(_failed(source, f"no answer in {patience:g} s"))
    except Exception as error:  # noqa: BLE001 - a source may raise anything; nothing else may suffer from it
        findings = tuple(_failed(source, clean(scrub(str(error)), 160) or type(error).__name__))
    masked = [replace(item, what=scrub(item.what), text=scrub(item.text), fix=scrub(item.fix)) for item in findings]
    return Group(clean(scrub(source.name), 60), told(masked), topics, 1000 * (time.perf_counter() - begun))


def _failed(source: Examined, reason: str) -> Iterator[Finding]:
    """Count a failure as one problem, and each topic without an answer as another."""
    alone = reason != MISSING and len(source.topics) != 1
    for what in (source.name,) if alone else tuple(topic.value for topic in source.topics):
        yield Finding(Sight.PROBLEM, what, reason, fix_for(reason))
