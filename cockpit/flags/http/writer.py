"""The flag writer for any API with a request that reads the share and one that sets it."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import quote

from cockpit.flags.http.client import Call, Line
from cockpit.flags.http.curl import curl, shown
from cockpit.flags.interface.answer import find, on_in, percent_in, version_in
from cockpit.flags.interface.writer import ConflictError, FlagError, percentage, share_of, those_on
from cockpit.runtime.clock import moment_of
from cockpit.settings.models.flag_services import Http, Read, Write
from cockpit.settings.schema.placeholders import Value, filled, filled_tree, worded
from cockpit.settings.schema.secrets import Secret, SecretError, Secrets
from sessions.text.clean import clean
from sessions.values.flag_value import FlagValue
from sessions.values.percent import Percent, rest_of

_LONGEST = 200
_REFERENCE = re.compile(r"(\$\{[A-Za-z_][A-Za-z0-9_]*\})")


class HttpFlag:
    """Moves a flag by the requests of `spec`; `switches` are those that it may set."""

    deadline: float = 0.0

    name = "http"
    moves = True

    def __init__(self, line: Line, spec: Http, secrets: Secrets, switches: Sequence[str] = ()) -> None:
        self._line, self._spec, self._secrets, self._switches = line, spec, secrets, switches
        self._seen = "VERSION"

    async def read(self, now: datetime) -> FlagValue:
        """Return what the API answers. Raises FlagError."""
        ask, until = self._spec.read, self._line.until()
        document = await self._document(until)
        self._seen = version_in(document, ask.version, self._line.scrub) or self._seen
        return FlagValue(
            self.name,
            now,
            percent_in(document, ask.percent, ask.whole, self._spec.decimals),
            await self._switches_on(until),
            by=clean(self._line.scrub(str(find(ask.by, document) or "")), 80) if ask.by else "",
            version=version_in(document, ask.version, self._line.scrub),
            changed_at=moment_of(find(ask.changed_at, document)) if ask.changed_at else None,
        )

    async def switches_on(self) -> tuple[str, ...] | None:
        """Ask for each switch, None if one is unknown."""
        return await self._switches_on(self._line.until())

    async def write(self, percent: Percent, *, expected: str = "", comment: str = "") -> None:
        """Send the request that sets the share. Raises FlagError, ConflictError; AnswerError leaves it unknown."""
        share, until = percentage(percent, self._spec.decimals), self._line.until()
        asks = bool(self._spec.read.version) and (bool(expected) or "version" in self._spec.write.places)
        held = version_in(await self._document(until), self._spec.read.version, self._line.scrub) if asks else expected
        if expected and held != expected:
            raise ConflictError(f"was changed by another hand: version {clean(held, 40)}, not {clean(expected, 40)}")
        values = _values(share, self._spec.read, comment, held)
        await self._line.write(self._call(self._spec.write, values), until)

    async def verify(self, percent: Percent, now: datetime) -> str:
        """Nobody can tell from this API what users get."""
        del percent, now
        return ""

    async def switch(self, name: str, *, on: bool, comment: str = "") -> None:
        """Send the request that sets a switch. Raises FlagError; AnswerError leaves it unknown."""
        if why := self._no_switch(name):
            raise FlagError(why)
        values: dict[str, Value] = {"on": on, "state": "on" if on else "off", "comment": comment, **self._called(name)}
        await self._line.write(self._call(self._spec.switch_write, values), self._line.until())

    def by_hand(self, percent: Percent) -> Sequence[str]:
        """Return the request as a curl call."""
        write = self._spec.write
        values = _values(percent, self._spec.read, "", self._seen)
        headers = {name: filled(shown(secret), values) for name, secret in write.headers.items()}
        return curl(self._spec, write.method, _filled_url(write.url, values), filled_tree(write.body, values), headers)

    async def rehearse(self, switches: Sequence[str]) -> Mapping[str, str]:
        """Read everything that may be changed."""
        until, refused = self._line.until(), {name: why for name in switches if (why := self._no_switch(name))}
        try:
            if self._spec.read.url:  # who takes switches alone has none
                ask = self._spec.read
                percent_in(await self._document(until), ask.percent, ask.whole, self._spec.decimals)
        except FlagError as error:
            refused[""] = str(error)
        for name in switches if self._spec.switch_read.url else ():
            try:
                await self._is_on(name, until)
            except FlagError as error:
                refused.setdefault(name, str(error))
        return refused

    async def renew(self) -> bool:
        """Run the token's command again."""
        return await self._line.renew()

    async def aclose(self) -> None:
        """Close the connection."""
        await self._line.aclose()

    async def _document(self, until: float) -> object:
        ask = self._spec.read
        return await self._line.read(Call(ask.method, ask.url, ask.body if ask.method == "POST" else None), until)

    async def _switches_on(self, until: float) -> tuple[str, ...] | None:
        """Return the switches that are on, None if one of them cannot be told."""
        if not self._spec.switch_read.url:
            return None if self._switches else ()
        return await those_on(self._switches, lambda name: self._is_on(name, until))

    async def _is_on(self, name: str, until: float) -> bool:
        ask = self._spec.switch_read
        if self._spec.knows_by_id and name not in self._spec.ids:
            raise FlagError(self._no_switch(name))
        answer = await self._line.read(Call("GET", _filled_url(ask.url, self._called(name))), until)
        return on_in(answer, ask.on, self._line.scrub)

    def _called(self, name: str) -> Mapping[str, Value]:
        """Return what the plan and the API call a switch."""
        return {"name": name, "id": self._spec.ids.get(name, "")}

    def _no_switch(self, name: str) -> str:
        """Say why there is no such switch; empty if there may be one."""
        if not self._spec.switch_write.url:
            return f"switch {clean(name, 60)}: there is no switch_write under [flag]"
        if self._spec.knows_by_id and name not in self._spec.ids:
            return f"switch {clean(name, 60)}: has no id under [flag.ids]"
        return ""

    def _call(self, write: Write, values: Mapping[str, Value]) -> Call:
        headers = {name: self._header(secret, values) for name, secret in write.headers.items()}
        return Call(
            write.method, _filled_url(write.url, values), filled_tree(write.body, values), headers, write.status
        )

    def _header(self, secret: Secret, values: Mapping[str, Value]) -> str:
        """Fill what is no secret: neither is a place looked for in a secret, nor a secret in what fills a place."""
        parts = _REFERENCE.split(secret.template)
        try:
            text = "".join(
                self._secrets.reveal(Secret(part)) if _REFERENCE.fullmatch(part) else filled(part, values)
                for part in parts
            )
        except SecretError as error:
            raise FlagError(str(error)) from None
        if not text.isascii() or not text.isprintable():
            raise FlagError("a header of the request is not plain ASCII")
        return text


def _values(percent: Percent, read: Read, comment: str, version: str) -> dict[str, Value]:
    return {
        "percent": percent,
        "off": rest_of(percent),
        "share": share_of(percent, read.whole),
        "rest": share_of(rest_of(percent), read.whole),
        "comment": clean(comment, _LONGEST),
        "version": version,
    }


def _filled_url(url: str, values: Mapping[str, Value]) -> str:
    """Fill an address; what is filled in never leads to another place."""
    return filled(url, {name: quote(worded(value), safe="") for name, value in values.items()})
