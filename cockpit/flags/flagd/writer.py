"""The flag writer for a flagd file: it changes two weights or one default variant, and no other byte."""

import asyncio
import contextlib
import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

from cockpit.flags.flagd.atomic_file import held, settle, swap
from cockpit.flags.flagd.json_edit import Spot, exchanged, items, members, whole
from cockpit.flags.interface.writer import ConflictError, FlagError, percentage
from cockpit.settings.models.flag_providers import Flagd
from sessions.text.clean import clean
from sessions.values.flag_value import FlagValue
from sessions.values.percent import Percent, exact_percent, weights_of

_TIME = "$flagd.timestamp"
Change = Callable[[str], str]
Told = TypeVar("Told")


class Serving(Protocol):
    """The server of the file, which can be asked what users get."""

    async def shortfall(self, percent: Percent) -> str:
        """Say what users get instead of `percent`; empty if they get it. Raises FlagError."""
        ...

    async def renew(self) -> bool:
        """Fetch again what it is asked with; say whether that is new."""
        ...

    async def aclose(self) -> None:
        """Close the connections."""
        ...


class FlagdFile:
    """Moves the rollout flag `flag` of the flagd file `path` by the weights of its `fractional` rule."""

    deadline: float = 0.0

    name = "flagd"
    moves = True

    def __init__(self, path: Path, flag: str, serving: Serving | None = None) -> None:
        """`serving` asks the flagd that serves the file, where there is one to ask."""
        self._path = path
        self._flag = flag
        self._serving = serving
        self._names: dict[bool, str] = {True: "on", False: "off"}
        self._one_at_a_time = asyncio.Lock()

    async def read(self, now: datetime) -> FlagValue:
        """Return what the file says. Raises FlagError if it cannot be understood."""
        text = await asyncio.to_thread(self._told, self._text)
        return self._told(lambda: self._value(text, now))

    async def switches_on(self) -> tuple[str, ...]:
        """Return the boolean flags that say true to everybody. Raises FlagError."""
        return await asyncio.to_thread(self._told, lambda: _switches(self._text(), self._flag))

    async def write(self, percent: Percent, *, expected: str = "", comment: str = "") -> None:
        """Set the weights to `percent` and the rest of 100. Raises FlagError, the file is as it was then."""
        del comment
        share = percentage(percent, Flagd.decimals)
        await self._edit(lambda text: _weighted(self._unchanged(text, expected), self._flag, share))

    async def verify(self, percent: Percent, now: datetime) -> str:
        """Ask what users get; the file does not show who has read it. Raises FlagError."""
        del now
        return await self._serving.shortfall(percent) if self._serving else ""

    async def switch(self, name: str, *, on: bool, comment: str = "") -> None:
        """Set the default variant of the boolean flag `name`. Raises FlagError, the file is as it was then."""
        del comment
        await self._edit(lambda text: _switched(text, name, on))

    def by_hand(self, percent: Percent) -> Sequence[str]:
        """Say which weights to write where."""
        where = f"in {clean(self._path, 200)}, flag {clean(self._flag, 80)}, fractional:"
        shares = zip((self._names[True], self._names[False]), weights_of(percent), strict=True)
        return (where, ", ".join(f"[{json.dumps(name, ensure_ascii=False)}, {share}]" for name, share in shares))

    async def renew(self) -> bool:
        """Renew what who serves is asked with; the file needs nothing."""
        return await self._serving.renew() if self._serving else False

    async def aclose(self) -> None:
        """Close the connection to who serves."""
        if self._serving:
            await self._serving.aclose()

    def _value(self, text: str, now: datetime) -> FlagValue:
        percent = _percent(text, self._flag)
        self._names = _variants(self._flag, _enabled(text, self._flag))
        on, version, narrowed = _switches(text, self._flag), _version(text, self._flag), _thrown(text, self._flag)
        return FlagValue(self.name, now, percent, on, version=version, narrowed=narrowed)

    def _unchanged(self, text: str, expected: str) -> str:
        """Return the text, if the flag in it is as it was read. Raises ConflictError."""
        if expected and expected != _version(text, self._flag):
            raise ConflictError(f"{clean(self._path.name, 80)}: flag {self._flag} was changed by another hand")
        return text

    async def rehearse(self, switches: Sequence[str]) -> Mapping[str, str]:
        """Try every change on the text alone; a folder that takes no new file refuses them all."""
        return await asyncio.to_thread(lambda: dict(self._refusals(switches)))

    def _refusals(self, switches: Sequence[str]) -> Iterator[tuple[str, str]]:
        folder = self._path.parent
        if not os.access(folder, os.W_OK | os.X_OK):
            yield "", f"{clean(folder, 120)} cannot be written to"
        changes: list[tuple[str, Change]] = [("", partial(_weighted, name=self._flag, percent=0))]
        changes += [(name, partial(_switched, name=name, on=True)) for name in switches]
        with contextlib.suppress(FlagError):  # what is wrong with the flag is told by its own change
            yield from self._told(lambda: list(_weak(self._text(), self._flag)))
        for name, change in changes:
            try:
                self._told(partial(self._tried, change))
            except FlagError as error:
                yield name, str(error)

    def _tried(self, change: Change) -> str:
        return change(self._text())

    async def _edit(self, change: Change) -> None:
        async with self._one_at_a_time:
            await asyncio.to_thread(self._told, lambda: self._exchange(change))
            # A failure from here on is no refusal: the file says the new value already.
            await asyncio.to_thread(settle, self._path.parent)

    def _text(self) -> str:
        return held(self._path).data.decode()

    def _exchange(self, change: Change) -> None:
        old = held(self._path)
        swap(self._path, old, change(old.data.decode()).encode())

    def _told(self, deed: Callable[[], Told]) -> Told:
        """Do it; report every failure in one line that names the file."""
        try:
            return deed()
        except (OSError, ValueError) as error:
            what = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            raise FlagError(clean(f"{self._path.name}: {what}", 160)) from error


def _flags(text: str) -> dict[str, Spot]:
    try:
        document = whole(text)
    except ValueError as error:
        raise ValueError(f"no JSON, {error}") from error
    flags = members(text, document).get("flags")
    if flags is None or not isinstance(flags.value, dict):
        raise ValueError("holds no flags")
    return members(text, flags)


def _enabled(text: str, name: str) -> dict[str, Spot]:
    """Return the members of an enabled flag. Raises ValueError if there is none."""
    flag = _flags(text).get(name)
    if flag is None:
        raise ValueError(f"has no flag {name}")
    parts = members(text, flag)
    if "state" not in parts or parts["state"].value != "ENABLED":
        raise ValueError(f"flag {name} is not ENABLED")
    return parts


def _variants(name: str, parts: dict[str, Spot]) -> dict[bool, str]:
    """Return the two variants' names by what they mean."""
    variants = parts["variants"].value if "variants" in parts else None
    if isinstance(variants, dict) and len(variants) == 2:
        meaning = {value: key for key, value in variants.items() if isinstance(value, bool)}
        if len(meaning) == 2:
            return meaning
    raise ValueError(f"flag {name} has not exactly two variants, true and false")


def _weights(text: str, name: str) -> tuple[Spot, Spot]:
    """Return where the weights of on and off stand. Raises ValueError if the rule is not as it must be."""
    parts = _enabled(text, name)
    meaning = _variants(name, parts)
    rules = list(_fractional(text, parts["targeting"])) if "targeting" in parts else []
    if len(rules) != 1:
        raise ValueError(f"flag {name} has {len(rules)} fractional rules, one is needed")
    shares = [items(text, item) for item in items(text, rules[0]) if isinstance(item.value, list)]
    found = {str(share[0].value): share[1] for share in shares if len(share) == 2 and _counts(share[1].value)}
    if len(shares) != 2 or found.keys() != set(meaning.values()):
        raise ValueError(f"flag {name} does not share out between exactly two variants")
    return found[meaning[True]], found[meaning[False]]


def _counts(weight: object) -> bool:
    return isinstance(weight, int) and not isinstance(weight, bool) and weight >= 0


def _fractional(text: str, spot: Spot) -> Iterator[Spot]:
    """Yield every fractional rule, however deep between other rules."""
    for key, inner in members(text, spot).items():
        if key == "fractional":
            yield inner
        else:
            yield from _fractional(text, inner)
    for inner in items(text, spot):
        yield from _fractional(text, inner)


def _version(text: str, name: str) -> str:
    """Return what tells this flag's text from any other."""
    spot = _flags(text)[name]
    return hashlib.sha256(text[spot.start : spot.end].encode()).hexdigest()[:16]


def _percent(text: str, name: str) -> Percent:
    on, off = (int(str(spot.value)) for spot in _weights(text, name))
    hundredths, rest = divmod(10_000 * on, (on + off) or 1)
    percent = exact_percent(hundredths / 100)
    if rest or percent is None or not on + off:
        raise ValueError(f"flag {name} weighs {on} to {off}, no percentage with two decimals at most")
    return percent


def _thrown(text: str, name: str) -> str:
    """Say that a bucket is thrown again with each look: no share of users, and no user stays in; else nothing."""
    (rule,) = _fractional(text, _enabled(text, name)["targeting"])
    anew = any(_TIME in json.dumps(item.value) for item in items(text, rule))
    return f"flag {clean(name, 80)} is narrowed by chance: its fractional rule shares out by the time" if anew else ""


def _weak(text: str, name: str) -> Iterator[tuple[str, str]]:
    """Yield why no move up is made, and what an owner serves beside the share on purpose."""
    _weights(text, name)
    if thrown := _thrown(text, name):
        yield "", thrown
    rules = _enabled(text, name)["targeting"].value
    if not isinstance(rules, dict) or rules.keys() != {"fractional"}:
        yield "share", f"flag {clean(name, 80)} has other rules around its share: they serve whom they match"


def _weighted(text: str, name: str, percent: Percent) -> str:
    on, off = _weights(text, name)
    known = int(str(on.value)) + int(str(off.value))
    if percent * known > 100 * int(str(on.value)) and (why := _thrown(text, name)):
        raise ValueError(why)
    return exchanged(text, list(zip((on, off), weights_of(percent), strict=True)))


def _switches(text: str, rollout: str) -> tuple[str, ...]:
    """Return the boolean flags, the rollout's own left out, that say true to everybody."""
    flags = {name: spot.value for name, spot in _flags(text).items() if name != rollout}
    return tuple(sorted(clean(name, 80) for name, flag in flags.items() if isinstance(flag, dict) and _says_yes(flag)))


def _says_yes(flag: dict[str, object]) -> bool:
    variants, default = flag.get("variants"), flag.get("defaultVariant")
    known = isinstance(variants, dict) and isinstance(default, str) and variants.get(default) is True
    return known and flag.get("state") == "ENABLED" and not flag.get("targeting")


def _switched(text: str, name: str, on: bool) -> str:
    parts = _enabled(text, name)
    variant = _variants(name, parts)[on]
    if "targeting" in parts and parts["targeting"].value:
        raise ValueError(f"flag {name} has targeting rules, switch it by hand")
    if "defaultVariant" not in parts:
        raise ValueError(f"flag {name} has no defaultVariant")
    return exchanged(text, [(parts["defaultVariant"], variant)])
