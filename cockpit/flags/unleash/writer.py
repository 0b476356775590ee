"""The flag writer for Unleash: the gradual rollout of one environment, by the admin API."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime

from cockpit.flags.http.client import Call, Line, part, told_of
from cockpit.flags.http.curl import curl
from cockpit.flags.http.switches import DocumentSwitches
from cockpit.flags.interface.writer import (
    ConflictError,
    FlagError,
    StatusError,
    check_narrowed,
    percentage,
)
from cockpit.flags.unleash.feature import Seen, author, plain_switch, seen, served
from cockpit.runtime.errors import AnswerError
from cockpit.settings.models.flag_services import Unleash
from cockpit.settings.schema.http_access import Reach
from cockpit.settings.schema.secrets import Secret
from sessions.values.flag_value import FlagValue
from sessions.values.percent import Percent

_TESTED = "TEST_OPERATION_FAILED"
_EVENTS = 20


def reach_of(spec: Unleash, token: Secret) -> Reach:
    """Return how Unleash is reached: a token goes as it is."""
    headers = {"Authorization": token, **spec.headers}
    return Reach(headers=headers, ca_file=spec.ca_file, proxy=spec.proxy, no_proxy=spec.no_proxy)


class UnleashFlag:
    """Moves the feature `flag` as `spec` says; `client` asks what SDKs receive, if there is a token for it.

    `switches` are the features beside it that it may switch.
    """

    deadline: float = 0.0

    name = "unleash"
    moves = True

    def __init__(
        self, line: Line, spec: Unleash, flag: str, switches: Sequence[str] = (), client: Line | None = None
    ) -> None:
        self._line, self._spec, self._flag, self._client = line, spec, flag, client
        self._switches = DocumentSwitches(switches, self._document, self._is_on)
        self._last: Seen | None = None
        self._changed: tuple[str, str, datetime | None] = ("", "", None)

    async def read(self, now: datetime) -> FlagValue:
        """Return what the environment says. Raises FlagError."""
        until = self._line.until()
        held = await self._seen(until)
        with told_of(self._flag):
            percent = held.percent
        on = await self._switches.on(until)
        by, changed_at = await self._author(held.version, until)
        narrowed = f"{self._flag} {held.narrowed}" if held.narrowed else ""
        return FlagValue(self.name, now, percent, on, by, held.version, changed_at, narrowed=narrowed)

    async def switches_on(self) -> tuple[str, ...] | None:
        """Read each switch, None if one is unknown."""
        return await self._switches.on(self._line.until())

    async def write(self, percent: Percent, *, expected: str = "", comment: str = "") -> None:
        """Set the rollout and nothing else, and switch the environment on where that is needed.

        Raises FlagError, ConflictError; AnswerError leaves it unknown.
        """
        del comment  # Unleash has no place for it
        share, until = percentage(percent, Unleash.decimals), self._line.until()
        held = await self._seen(until)
        if expected and held.version != expected:
            raise ConflictError(f"{self._flag} was changed by another hand: its strategy is not as it was read")
        with told_of(self._flag):
            check_narrowed(held.narrowed, share, lambda: held.percent)
        await self._patch(held, share, until, tested=bool(expected))
        if share and not held.enabled:
            try:
                await self._line.write(Call("POST", self._switch_url(self._flag, on=True)), until)
            except FlagError as error:
                raise AnswerError(f"set to {share} %, {self._spec.environment} not switched on: {error}") from None

    async def verify(self, percent: Percent, now: datetime) -> str:
        """Ask what SDKs receive; without a client token that is unknown."""
        del now
        if self._client is None:
            return ""
        url = f"{self._spec.url.rstrip('/')}/api/client/features/{part(self._flag)}"
        return served(await self._client.read(Call("GET", url), self._client.until()), percent)

    async def switch(self, name: str, *, on: bool, comment: str = "") -> None:
        """Switch a feature on or off. Raises FlagError if that would not reach everybody."""
        del comment
        until = self._line.until()
        await self._switches.check(name, until, on=on)
        await self._line.write(Call("POST", self._switch_url(name, on=on)), until)

    def by_hand(self, percent: Percent) -> Sequence[str]:
        """Return the requests as curl calls; the strategy's id is known once the flag was read."""
        reach, last = reach_of(self._spec, self._spec.token), self._last
        url = self._strategy_url(last.id if last else self._spec.strategy or "STRATEGY_ID")
        lines = curl(reach, "PATCH", url, _rollout(percent))
        if last is not None and percent and not last.enabled:
            lines += curl(reach, "POST", self._switch_url(self._flag, on=True))
        return lines

    async def rehearse(self, switches: Sequence[str]) -> Mapping[str, str]:
        """Read the flag and every switch."""
        until, refused = self._line.until(), dict[str, str]()
        try:
            held = await self._seen(until)
            if not held.enabled:
                refused["environment"] = f"{self._spec.environment} is off: a move over 0 % switches it on"
            if held.told:
                refused["share"] = f"{self._flag} is shared out among a part of all: {', '.join(held.told)}"
            if held.narrowed:
                refused[""] = f"{self._flag} {held.narrowed}"
        except FlagError as error:
            refused[""] = str(error)
        return refused | await self._switches.refused(switches, until)

    async def renew(self) -> bool:
        """Run the commands of both tokens again."""
        lines = [line for line in (self._line, self._client) if line is not None]
        return any(await asyncio.gather(*(line.renew() for line in lines)))

    async def aclose(self) -> None:
        """Close the connections."""
        await self._line.aclose()
        if self._client is not None:
            await self._client.aclose()

    async def _seen(self, until: float) -> Seen:
        document = await self._document(self._flag, until)
        with told_of(self._flag):
            self._last = seen(document, self._spec.environment, self._spec.strategy)
        return self._last

    async def _document(self, name: str, until: float) -> object:
        return await self._line.read(Call("GET", f"{self._project_url()}/features/{part(name)}"), until)

    def _is_on(self, document: object, on: bool) -> bool:
        return plain_switch(document, self._spec.environment, on=on)

    async def _patch(self, held: Seen, percent: Percent, until: float, *, tested: bool) -> None:
        """Replace the rollout; Unleash itself tests that the parameters are still those that were read."""
        test = [{"op": "test", "path": "/parameters", "value": held.parameters}] if tested else []
        call = Call("PATCH", self._strategy_url(held.id), [*test, *_rollout(percent)])
        try:
            await self._line.write(call, until)
        except AnswerError as error:
            if _TESTED in str(error):
                raise ConflictError(f"{self._flag} was changed by another hand meanwhile") from None
            raise
        except StatusError as error:
            if "change request" in str(error).lower():
                raise FlagError(f"{error}; propose the change in Unleash, or give a token that may skip it") from None
            raise

    async def _author(self, version: str, until: float) -> tuple[str, datetime | None]:
        """Return who changed it last and when, asked once per version; nothing if the events are not for us."""
        known, by, at = self._changed
        if known != version:
            url = f"{self._spec.url.rstrip('/')}/api/admin/search/events?feature=IS:{part(self._flag)}&limit={_EVENTS}"
            try:
                by, at = author(await self._line.read(Call("GET", url), until), self._spec.environment)
            except FlagError:
                by, at = "", None
            self._changed = (version, by, at)
        return by, at

    def _project_url(self) -> str:
        return f"{self._spec.url.rstrip('/')}/api/admin/projects/{part(self._spec.project)}"

    def _environment_url(self, name: str) -> str:
        return f"{self._project_url()}/features/{part(name)}/environments/{part(self._spec.environment)}"

    def _strategy_url(self, strategy: str) -> str:
        return f"{self._environment_url(self._flag)}/strategies/{part(strategy)}"

    def _switch_url(self, name: str, *, on: bool) -> str:
        return f"{self._environment_url(name)}/{'on' if on else 'off'}"


def _rollout(percent: Percent) -> list[dict[str, object]]:
    """Return the patch; Unleash takes the number as a text only, and any number: who calls has looked at it."""
    return [{"op": "replace", "path": "/parameters/rollout", "value": str(percent)}]
