"""The flag writer for a program of the owner's, run without a shell and ended with its whole group."""

import asyncio
import json
import shlex
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime

from cockpit.flags.interface.answer import on_in, percent_in, version_in
from cockpit.flags.interface.writer import ConflictError, FlagError, percentage, share_of, those_on
from cockpit.runtime.errors import AnswerError
from cockpit.runtime.subprocess import Ended, run_printing
from cockpit.settings.models.flag_services import Command
from cockpit.settings.schema.placeholders import Value, filled
from sessions.text.clean import clean
from sessions.values.flag_value import FlagValue
from sessions.values.percent import Percent, rest_of

OUTPUT_LIMIT = 1_000_000


async def _at_once() -> None:
    """There is nothing to wait for."""


class CommandFlag:
    """Moves a flag by the programs of `spec`, each within `patience` s; `switches` are those that it may set.

    A program's error is shown once `ready` knows all secrets that must be masked.
    """

    deadline: float = 0.0

    name = "command"
    moves = True

    def __init__(
        self,
        spec: Command,
        patience: float,
        switches: Sequence[str] = (),
        scrub: Callable[[str], str] = str,
        ready: Callable[[], Awaitable[None]] = _at_once,
    ) -> None:
        self._spec, self._patience, self._switches = spec, patience, switches
        self._scrub, self._ready = scrub, ready
        self._one_at_a_time = asyncio.Lock()

    async def read(self, now: datetime) -> FlagValue:
        """Return what the program prints. Raises FlagError."""
        document = await self._document(self._spec.read)
        percent = percent_in(document, self._spec.percent, self._spec.whole, self._spec.decimals)
        version = version_in(document, self._spec.version, self._scrub)
        return FlagValue(self.name, now, percent, await self.switches_on(), version=version)

    async def switches_on(self) -> tuple[str, ...] | None:
        """Run the program that prints a switch, for each; None if one is unknown."""
        if not self._spec.switch_read:
            return None if self._switches else ()
        return await those_on(self._switches, self._is_on)

    async def write(self, percent: Percent, *, expected: str = "", comment: str = "") -> None:
        """Run the program that sets the share. Raises FlagError, ConflictError; AnswerError leaves it unknown."""
        values = self._values(percentage(percent, self._spec.decimals), expected, comment)
        async with self._one_at_a_time:
            if expected and self._spec.version:
                held = version_in(await self._document(self._spec.read), self._spec.version, self._scrub)
                if held != expected:
                    raise ConflictError(f"was changed by another hand: version {clean(held, 40)}")
            await self._changed([filled(word, values) for word in self._spec.write])

    async def verify(self, percent: Percent, now: datetime) -> str:
        """Nobody can tell from a program what users get."""
        del percent, now
        return ""

    async def switch(self, name: str, *, on: bool, comment: str = "") -> None:
        """Run the program that sets a switch. Raises FlagError; AnswerError leaves it unknown."""
        if why := self._no_switch(name):
            raise FlagError(why)
        values: dict[str, Value] = {"name": name, "on": on, "state": "on" if on else "off", "comment": comment}
        async with self._one_at_a_time:
            await self._changed([filled(word, values) for word in self._spec.switch_write])

    def by_hand(self, percent: Percent) -> Sequence[str]:
        """Return the command."""
        values = self._values(percent, "VERSION", "")
        return (shlex.join(filled(word, values) for word in self._spec.write),)

    async def rehearse(self, switches: Sequence[str]) -> Mapping[str, str]:
        """Read everything that may be changed."""
        refused = {name: why for name in switches if (why := self._no_switch(name))}
        try:
            if self._spec.read:  # who takes switches alone has none
                spec = self._spec
                percent_in(await self._document(spec.read), spec.percent, spec.whole, spec.decimals)
        except FlagError as error:
            refused[""] = str(error)
        return refused

    async def renew(self) -> bool:
        """There is nothing to log in with."""
        return False

    async def aclose(self) -> None:
        """Nothing is held open."""

    async def _document(self, argv: Sequence[str]) -> object:
        """Return the JSON, number or word that a program prints. Raises FlagError."""
        until = asyncio.get_running_loop().time() + self._patience
        ended, printed = await run_printing(argv, self._patience, OUTPUT_LIMIT)
        if ended.reason:
            raise FlagError(await self._told(ended, until))
        text = printed.decode("utf-8", "replace").strip()
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return text

    async def _changed(self, argv: Sequence[str]) -> None:
        until = asyncio.get_running_loop().time() + self._patience
        ended, _ = await run_printing(argv, self._patience, OUTPUT_LIMIT)
        if ended.reason:
            raise (FlagError if _refused(ended) else AnswerError)(await self._told(ended, until))

    async def _told(self, ended: Ended, until: float) -> str:
        """Say how a program ended; its own words only where all secrets are known before its time is over."""
        try:
            async with asyncio.timeout_at(until):
                await self._ready()
        except TimeoutError:
            return ended.reason.partition(": ")[0]
        return self._scrub(ended.reason)

    async def _is_on(self, name: str) -> bool:
        argv = [filled(word, {"name": name}) for word in self._spec.switch_read]
        return on_in(await self._document(argv), "on", self._scrub)

    def _no_switch(self, name: str) -> str:
        return "" if self._spec.switch_write else f"switch {clean(name, 60)}: there is no switch_write under [flag]"

    def _values(self, percent: Percent, version: str, comment: str) -> dict[str, Value]:
        whole = self._spec.whole
        shares: dict[str, Value] = {"percent": percent, "off": rest_of(percent), "share": share_of(percent, whole)}
        return {**shares, "rest": share_of(rest_of(percent), whole), "version": version, "comment": clean(comment, 200)}


def _refused(ended: Ended) -> bool:
    """A program that never began or said no did nothing; one that was ended by a signal or by us may have."""
    return not ended.begun or (ended.code is not None and ended.code > 0)
