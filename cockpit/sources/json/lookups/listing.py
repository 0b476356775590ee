"""A list out of a program or an address: JSON, JSON lines, or plain lines that begin with an ISO time.

Nothing is followed: the first answer is the newest, and holds enough to be looked at.
"""

import asyncio
import re
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import httpx
from msgspec import Struct

from cockpit.http.client import FAILURES, fetch, open_client, reason
from cockpit.runtime.finding import Finding, Sight
from cockpit.runtime.subprocess import run_printing
from cockpit.settings.models.sheets import Listing
from cockpit.sources.interface.source import Order, SourceError
from cockpit.sources.json.parts import Finder, Parts, UnreadableError, find_by
from cockpit.sources.json.source import PATIENCE, parse
from sessions.text.units import counted, duration
from sessions.values.sheets import Row

OUTPUT_LIMIT = 1_000_000
_LINES = 5_000
_STAMP = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?) ?(Z|UTC|[+-]\d\d:?\d\d)[\s:,;|]+(\S.*)")
_NAME_IT = "name the list with rows, and its parts under fields"
_HEADERS = {"accept": "application/json, text/plain", "accept-encoding": "gzip"}


class Items(Struct, frozen=True):
    """What a list says: rows with the moment each is about, and how many of `total` could not be read, and why."""

    rows: tuple[tuple[datetime, Row], ...]
    total: int
    unreadable: int = 0
    why: str = ""

    @property
    def trouble(self) -> str:
        """What of it could not be read."""
        return f"{self.unreadable:,} of {self.total:,} could not be read: {self.why}" if self.unreadable else ""


def looked_over(name: str, items: Items, begun: float, now: datetime, none: tuple[Sight, str, str]) -> Finding:
    """Say of a list that was fetched since `begun` how fast it came and what of it can be read.

    `none` is what is said where it lists nothing, and what to do.
    """
    took = f"answered in {1000 * (time.perf_counter() - begun):.0f} ms"
    if not items.total:
        sight, said, fix = none
        return Finding(sight, name, f"{took}, {said}", fix)
    if items.unreadable:
        sight = Sight.WARNING if items.rows else Sight.PROBLEM
        return Finding(sight, name, f"{took}, {items.trouble}", _NAME_IT)
    age = duration((now - items.rows[0][0]).total_seconds())
    return Finding(Sight.GOOD, name, f"{took}, {counted(items.total, 'rows')}, the newest {age} old")


class Fetching:
    """Asks for one list, in at most `deadline` seconds."""

    def __init__(self, order: Order, spec: Listing) -> None:
        self.deadline = spec.timeout or order.plan.cadence.deadline
        self._order, self._spec = order, spec
        self._client: httpx.AsyncClient | None = None

    async def rows(self) -> Sequence[object]:
        """Return the rows as they are. Raises SourceError, SecretError."""
        text = await (self._printed() if self._spec.command else self._answered())
        return await asyncio.to_thread(listed, text, self._spec.rows)

    async def aclose(self) -> None:
        """Close the connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _printed(self) -> bytes:
        await self._order.secrets.ready()
        ended, printed = await run_printing(self._spec.command, self.deadline * PATIENCE, OUTPUT_LIMIT)
        if ended.reason:
            raise SourceError(ended.reason)
        return printed

    async def _answered(self) -> bytes:
        patience = self.deadline * PATIENCE
        if self._client is None:
            self._client = await asyncio.to_thread(open_client, self._spec, self._order.secrets, patience)
        request = self._client.build_request("GET", self._spec.url, headers=_HEADERS)
        try:
            async with asyncio.timeout(patience):
                return (await fetch(self._client, request, OUTPUT_LIMIT)).body
        except TimeoutError:
            raise SourceError(f"no answer in {patience:g} s") from None
        except FAILURES as error:
            raise SourceError(reason(error, patience)) from None


def listed(text: bytes, path: str = "") -> Sequence[object]:
    """Return the rows of a list in any of its forms, `path` is a JMESPath to it. Raises SourceError."""
    said = text.removeprefix(b"\xef\xbb\xbf").strip()
    if not said:
        return ()
    if said[:1] not in b"[{":
        return [_line(line) for line in _lines(said)]
    try:
        return _rows(parse(said), path)
    except SourceError:
        lines = _lines(said)
        if path or len(lines) < 2 or not all(line.startswith("{") for line in lines):
            raise
    return [_object(line) for line in lines]


def _rows(document: object, path: str) -> Sequence[object]:
    """Return the list in a document; one object without a path to a list is a list of one."""
    try:
        found = find_by(path)(document) if path else document
    except UnreadableError as error:
        raise SourceError(f'rows ("{path}") {error}') from error
    if isinstance(found, list):
        return found[:_LINES]
    if isinstance(found, dict) and not path:
        return [found]
    raise SourceError(f'rows ("{path}") {"is missing" if found is None else "is no list"}')


def _lines(text: bytes) -> list[str]:
    lines = text.decode("utf-8", "replace").splitlines()
    return [line.strip() for line in lines[:_LINES] if line.strip()]


def _object(line: str) -> object:
    try:
        return parse(line.encode())
    except SourceError:
        return line


def _line(line: str) -> object:
    """Return time and text of a plain line; without a time return the text, which then counts as unreadable."""
    if (found := _STAMP.match(line)) is None:
        return line
    day, time, zone, text = found.groups()
    return {"at": f"{day}T{time.replace(',', '.')}{'Z' if zone == 'UTC' else zone}", "text": text}


def read(
    rows: Sequence[object], fields: Mapping[str, str], now: datetime, make: Callable[[Parts], tuple[datetime, Row]]
) -> Items:
    """Return what `make` reads of each row, the newest first; what it cannot read is counted."""
    finder, found, wrong = Finder(fields), list[tuple[datetime, Row]](), list[str]()
    for item in rows:
        try:
            found.append(make(Parts(finder, item, now)))
        except UnreadableError as error:
            wrong.append(str(error))
    found.sort(key=lambda pair: pair[0], reverse=True)
    return Items(tuple(found), len(rows), len(wrong), wrong[0] if wrong else "")
