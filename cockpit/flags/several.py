"""Several flags moved as one: all at the same time, and the outcome of each is reported."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeGuard, TypeVar

from msgspec import Struct

from cockpit.flags.interface.writer import ConflictError, FlagError, FlagWriter, PartialError, percentage
from cockpit.runtime.clock import Clock
from sessions.text.clean import clean
from sessions.values.flag_value import FlagValue, Target
from sessions.values.percent import DECIMALS, Percent

_READING, _WRITING = 0.3, 0.4
"""Shares of the time that one act may take: reading before, writing, and what is left for reading back."""

Told = TypeVar("Told")


class Several(Struct, frozen=True):
    """Moves the `carriers` among `writers` together; `takers` says by switch who takes it, each by its name.

    An act takes at most `patience` s, even if one of them hangs. A percentage has as many `decimals` as all can hold.
    """

    writers: Mapping[str, FlagWriter]
    carriers: Sequence[str]
    takers: Mapping[str, Sequence[str]]
    patience: float
    deadline: float = 0.0
    name: str = "targets"
    decimals: int = DECIMALS

    @property
    def moves(self) -> bool:
        """Whether at least one of those that carry the percentage is moved and not only recorded."""
        return any(self.writers[name].moves for name in self.carriers)

    async def read(self, now: datetime) -> FlagValue:
        """Return what they say: a percentage only where all say the same. Raises FlagError if none can be read."""
        values, switches = await asyncio.gather(
            self._each(self.carriers, lambda writer: writer.read(now), self.patience), self._asked(self.carriers)
        )
        if not any(isinstance(value, FlagValue) for value in values.values()):
            raise FlagError(_sum(f"{name}: {_why(value)}" for name, value in values.items()))
        on = {name: value.switches for name, value in values.items() if isinstance(value, FlagValue)} | switches
        return self._together(now, values, self._everywhere(on))

    async def switches_on(self) -> tuple[str, ...] | None:
        """Return the switches that are on in all their targets, None if one of these is unknown."""
        return self._everywhere(await self._asked(()))

    async def write(self, percent: Percent, *, expected: str = "", comment: str = "") -> None:
        """Move all that do not read `percent` yet. Raises PartialError if some have it then and some do not.

        Where none was written it is FlagError, ConflictError where others changed all of them.
        """
        share, versions = percentage(percent, self.decimals), self._versions(expected)
        before = await self._read_all(_READING)
        due = [name for name in self.carriers if _reads(before[name]) != share]

        def moved(name: str) -> Awaitable[None]:
            return self.writers[name].write(share, expected=versions.get(name, ""), comment=comment)

        done = await self._each_named(due, moved, self.patience * _WRITING)
        failed = {name: error for name, error in done.items() if isinstance(error, Exception)}
        if failed:
            self._tell(share, due, failed, await self._read_all(1 - _READING - _WRITING))

    async def verify(self, percent: Percent, now: datetime) -> str:
        """Say which of them are not served yet."""
        found = await self._each(self.carriers, lambda writer: writer.verify(percent, now), self.patience)
        said = {name: _why(value) if isinstance(value, Exception) else value for name, value in found.items()}
        return _sum(f"{name}: {why}" for name, why in said.items() if why)

    async def switch(self, name: str, *, on: bool, comment: str = "") -> None:
        """Set the switch in all its targets. Raises FlagError if none has it, PartialError if only some may have it."""
        takers = self.takers.get(name, ())
        if not takers:
            raise FlagError(f"no target takes the switch {clean(name, 60)}")
        done = await self._each(takers, lambda writer: writer.switch(name, on=on, comment=comment), self.patience)
        failed = {taker: error for taker, error in done.items() if isinstance(error, Exception)}
        if not failed:
            return
        text = _sum(f"{taker}: {_why(error)}" for taker, error in failed.items())
        if len(failed) == len(takers) and all(isinstance(error, FlagError) for error in failed.values()):
            raise FlagError(text)
        raise PartialError(text, tuple(Target(taker, None, _why(done[taker])) for taker in takers))

    def by_hand(self, percent: Percent) -> Sequence[str]:
        """Return how each is moved by hand."""
        return [
            line for name in self.carriers for line in (f"# {clean(name, 60)}", *self.writers[name].by_hand(percent))
        ]

    async def rehearse(self, switches: Sequence[str]) -> Mapping[str, str]:
        """Rehearse each with the switches that it takes."""
        taken = {name: [switch for switch in switches if name in self.takers.get(switch, ())] for name in self.writers}
        tried = await self._each_named(
            list(self.writers), lambda name: self.writers[name].rehearse(taken[name]), self.patience
        )
        refused = {switch: "no target takes it" for switch in switches if not self.takers.get(switch)}
        for name, found in tried.items():
            for what, why in found.items() if isinstance(found, Mapping) else [("", _why(found))]:
                if what or name in self.carriers:
                    refused[what] = _sum(filter(None, (refused.get(what, ""), f"{name}: {why}")))
        return refused

    async def renew(self) -> bool:
        """Renew what each logs in with."""
        return any(await asyncio.gather(*(writer.renew() for writer in self.writers.values())))

    async def aclose(self) -> None:
        """Close all."""
        await asyncio.gather(*(writer.aclose() for writer in self.writers.values()), return_exceptions=True)

    def _together(self, now: datetime, values: Mapping[str, object], switches: tuple[str, ...] | None) -> FlagValue:
        shares = {_reads(value) for value in values.values()}
        newest = max(
            (value for value in values.values() if isinstance(value, FlagValue)),
            key=lambda value: value.changed_at or datetime.min.replace(tzinfo=UTC),
        )
        return FlagValue(
            self.name,
            now,
            shares.pop() if len(shares) == 1 else None,
            switches,
            newest.by,
            json.dumps([value.version if isinstance(value, FlagValue) else "" for value in values.values()]),
            newest.changed_at,
            tuple(_target(name, value) for name, value in values.items()),
            _sum(f"{name}: {value.narrowed}" for name, value in values.items() if _is_narrowed(value)),
        )

    def _versions(self, expected: str) -> Mapping[str, str]:
        """Return by target the version that was read; `read` wrote them in the order of the carriers."""
        return dict(zip(self.carriers, json.loads(expected), strict=True)) if expected else {}

    async def _asked(self, besides: Sequence[str]) -> dict[str, tuple[str, ...] | None]:
        """Ask all who take a switch, those left out who are read anyway."""
        takers = dict.fromkeys(name for names in self.takers.values() for name in names if name not in besides)
        found = await self._each(takers, lambda writer: writer.switches_on(), self.patience)
        return {name: None if isinstance(on, Exception) else on for name, on in found.items()}

    def _everywhere(self, found: Mapping[str, tuple[str, ...] | None]) -> tuple[str, ...] | None:
        on: list[str] = []
        for switch, takers in self.takers.items():
            told = [found.get(name) for name in takers]
            if None in told:
                return None
            if told and all(switch in (switches or ()) for switches in told):
                on.append(switch)
        return tuple(sorted(on))

    async def _read_all(self, share: float) -> Mapping[str, object]:
        now = Clock().now()
        return await self._each(self.carriers, lambda writer: writer.read(now), self.patience * share)

    def _tell(
        self, percent: Percent, due: Sequence[str], failed: Mapping[str, Exception], after: Mapping[str, object]
    ) -> None:
        """Raise what became of it; nothing, where all read as wanted in spite of what they said."""
        targets = tuple(_outcome(name, percent, after[name], failed.get(name)) for name in self.carriers)
        text = _sum(f"{target.name}: {target.reason}" for target in targets if target.reason)
        if not text:
            return
        if len(failed) == len(due) == len(self.carriers) and all(target.reason for target in targets):
            if all(isinstance(error, ConflictError) for error in failed.values()):
                raise ConflictError(text)
            if all(isinstance(error, FlagError) for error in failed.values()):
                raise FlagError(text)
        raise PartialError(text, targets)

    async def _each(
        self, names: Iterable[str], deed: Callable[[FlagWriter], Awaitable[Told]], patience: float
    ) -> dict[str, Told | Exception]:
        return await self._each_named(names, lambda name: deed(self.writers[name]), patience)

    async def _each_named(
        self, names: Iterable[str], deed: Callable[[str], Awaitable[Told]], patience: float
    ) -> dict[str, Told | Exception]:
        """Do it for all at once; each has its own end, and its own failure."""
        asked = list(names)

        async def one(name: str) -> Told | Exception:
            try:
                async with asyncio.timeout(patience):
                    return await deed(name)
            except TimeoutError:
                return TimeoutError(f"no answer in {patience:g} s")
            except Exception as error:  # noqa: BLE001 - one target's failure, of whatever kind, is no other's
                return error

        return dict(zip(asked, await asyncio.gather(*map(one, asked)), strict=True))


def _reads(value: object) -> Percent | None:
    return value.percent if isinstance(value, FlagValue) else None


def _is_narrowed(value: object) -> TypeGuard[FlagValue]:
    return isinstance(value, FlagValue) and bool(value.narrowed)


def _why(value: object) -> str:
    return (clean(value) or type(value).__name__) if isinstance(value, Exception) else ""


def _target(name: str, value: object) -> Target:
    return Target(name, _reads(value), _why(value))


def _outcome(name: str, percent: Percent, after: object, error: Exception | None) -> Target:
    """Say what a target reads now, and why it is not what was wanted."""
    seen = _reads(after)
    if seen == percent:
        return Target(name, seen)
    if isinstance(error, FlagError):
        return Target(name, seen, f"refused, {_why(error)}")
    return Target(name, seen, f"unknown, {_why(error) or _why(after) or 'written and not read back'}")


def _sum(parts: Iterable[str]) -> str:
    return "; ".join(parts)
