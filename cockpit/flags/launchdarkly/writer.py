"""The flag writer for LaunchDarkly: one environment's percentage rollout, changed by semantic patch."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from cockpit.flags.http.client import Call, Line, part, told_of
from cockpit.flags.http.curl import curl
from cockpit.flags.http.switches import MISSING, DocumentSwitches
from cockpit.flags.interface.writer import (
    ConflictError,
    FlagError,
    StatusError,
    percentage,
)
from cockpit.flags.launchdarkly.flag import Instruction, Seen, author, move_to, plain_switch, seen, why_not
from cockpit.settings.models.flag_services import LaunchDarkly
from cockpit.settings.schema.http_access import Reach
from sessions.text.clean import clean
from sessions.values.flag_value import FlagValue
from sessions.values.percent import Percent

_PATCH = {"content-type": "application/json; domain-model=launchdarkly.semanticpatch"}
_LONGEST = 500


def reach_of(spec: LaunchDarkly) -> Reach:
    """Return how LaunchDarkly is reached: its token goes as it is."""
    headers = {"Authorization": spec.token, **spec.headers}
    return Reach(headers=headers, ca_file=spec.ca_file, proxy=spec.proxy, no_proxy=spec.no_proxy)


class LaunchDarklyFlag:
    """Moves the flag `flag` as `spec` says; `switches` are the boolean flags beside it that it may turn."""

    deadline: float = 0.0

    name = "launchdarkly"
    moves = True

    def __init__(self, line: Line, spec: LaunchDarkly, flag: str, switches: Sequence[str] = ()) -> None:
        self._line, self._spec, self._flag = line, spec, flag
        self._switches = DocumentSwitches(switches, self._document, self._is_on)
        self._last: Seen | None = None
        self._changed: tuple[str, str] = ("", "")

    async def read(self, now: datetime) -> FlagValue:
        """Return what the environment says. Raises FlagError."""
        until = self._line.until()
        document = await self._document(self._flag, until)
        with told_of(self._flag):
            flag = self._seen(document)
            percent = flag.percent
        on = await self._switches.on(until)
        by = await self._author(flag.version, until)
        narrowed = f"{self._flag} {flag.narrowed}" if flag.narrowed else ""
        return FlagValue(self.name, now, percent, on, by, flag.version, flag.changed_at, narrowed=narrowed)

    async def switches_on(self) -> tuple[str, ...] | None:
        """Read each switch, None if one is unknown."""
        return await self._switches.on(self._line.until())

    async def write(self, percent: Percent, *, expected: str = "", comment: str = "") -> None:
        """Set the weights, 0 and 100 as a variation. Raises FlagError, ConflictError; AnswerError leaves it unknown.

        LaunchDarkly cannot compare and set: what was read is compared here, just before.
        """
        share, until = percentage(percent, LaunchDarkly.decimals), self._line.until()
        document = await self._document(self._flag, until)
        with told_of(self._flag):
            flag = self._seen(document)
            if expected and flag.version != expected:
                raise ConflictError(f"was changed by another hand: version {clean(flag.version, 20)}, not {expected}")
            if why := why_not(share, flag, self._spec):
                raise FlagError(why)
            moves = move_to(share, flag, self._spec)
        await self._patch(self._flag, moves, comment, until)

    async def verify(self, percent: Percent, now: datetime) -> str:
        """The API that changes flags does not tell what SDKs get."""
        del percent, now
        return ""

    async def switch(self, name: str, *, on: bool, comment: str = "") -> None:
        """Turn a boolean flag on or off. Raises FlagError if that would not say the same to everybody."""
        until = self._line.until()
        await self._switches.check(name, until, on=on)
        await self._patch(name, [{"kind": "turnFlagOn" if on else "turnFlagOff"}], comment, until)

    def by_hand(self, percent: Percent) -> Sequence[str]:
        """Return the request as a curl call, with the variations' ids where the flag was read before."""
        try:
            body = self._body(move_to(percent, self._last, self._spec), "")
        except FlagError as error:
            return (f"{clean(self._flag, 60)} {error}",)
        return curl(reach_of(self._spec), "PATCH", self._url(self._flag), body, _PATCH)

    async def rehearse(self, switches: Sequence[str]) -> Mapping[str, str]:
        """Read the flag and every switch, and try what a move would do to them."""
        until, refused = self._line.until(), dict[str, str]()
        try:
            refused |= self._rehearsed(await self._document(self._flag, until))
        except FlagError as error:
            refused[""] = str(error)
        return refused | await self._switches.refused(switches, until)

    async def renew(self) -> bool:
        """Run the token's command again."""
        return await self._line.renew()

    async def aclose(self) -> None:
        """Close the connection."""
        await self._line.aclose()

    def _rehearsed(self, document: object) -> Mapping[str, str]:
        with told_of(self._flag):
            flag = self._seen(document)
            if why := why_not(1, flag, self._spec) or flag.narrowed:
                raise FlagError(why)
        told = {"share": f"{self._flag} is not shared out among all: {', '.join(flag.told)}"} if flag.told else {}
        return told if flag.targeting else told | {"targeting": f"{self._flag} is off: a move over 0 % turns it on"}

    def _seen(self, document: object) -> Seen:
        self._last = seen(document, self._spec)
        return self._last

    async def _document(self, name: str, until: float) -> object:
        try:
            return await self._line.read(Call("GET", f"{self._url(name)}?env={part(self._spec.environment)}"), until)
        except StatusError as error:
            if error.code != MISSING:
                raise
            raise StatusError(
                MISSING, f"no flag {clean(name, 60)} in project {clean(self._spec.project, 40)}"
            ) from None

    def _is_on(self, document: object, on: bool) -> bool:
        return plain_switch(document, self._spec.environment, on=on)

    async def _patch(self, name: str, instructions: Sequence[Instruction], comment: str, until: float) -> None:
        try:
            await self._line.write(Call("PATCH", self._url(name), self._body(instructions, comment), _PATCH), until)
        except StatusError as error:
            if "approv" in str(error):
                raise FlagError(f"{error}; ask for it in LaunchDarkly, or give a token that may pass it by") from None
            raise

    def _body(self, instructions: Sequence[Instruction], comment: str) -> Mapping[str, object]:
        said: dict[str, object] = {"comment": clean(comment, _LONGEST)} if comment else {}
        return {"environmentKey": self._spec.environment, **said, "instructions": instructions}

    async def _author(self, version: str, until: float) -> str:
        """Return who changed the flag last, asked of the audit log once per version; empty if it does not say."""
        known, by = self._changed
        if known != version:
            project, environment = part(self._spec.project), part(self._spec.environment)
            spec = f"proj/{project}:env/{environment}:flag/{part(self._flag)}"
            url = f"{self._spec.url.rstrip('/')}/api/v2/auditlog?limit=1&spec={spec}"
            try:
                by = self._line.scrub(author(await self._line.read(Call("GET", url), until)))
            except FlagError:
                by = ""
            self._changed = (version, by)
        return by

    def _url(self, name: str) -> str:
        return f"{self._spec.url.rstrip('/')}/api/v2/flags/{part(self._spec.project)}/{part(name)}"
