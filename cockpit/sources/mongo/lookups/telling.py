"""Shared by the look-ups in a database: where they ask, and how a foreign value, an age and a right are shown."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from bson import Binary
from msgspec import Struct

from cockpit.settings.models.mongo import Mongo
from cockpit.sources.database.answer import credible, dig
from cockpit.sources.database.database import Base
from cockpit.sources.interface.shows import exhibit, hour
from sessions.plan.model import Plan
from sessions.text.clean import clean
from sessions.text.units import duration
from sessions.values.sheets import Exhibit, Row
from sessions.values.verdicts import Mark

NONE = "–"
_ID = 60


class Desk(Struct, frozen=True):
    """One look: the database, the owner's names, the plan, when it is, and what the source is called."""

    base: Base
    spec: Mongo
    plan: Plan
    now: datetime
    source: str

    @property
    def hour(self) -> float:
        """Seconds of an hour of the plan."""
        return hour(self.plan.speed)

    def told(self, name: str, title: str, rows: Sequence[Row] = (), trouble: str = "") -> Exhibit:
        """Return what was looked up."""
        return exhibit(self.source, self.now, name, title, rows, trouble)

    def age(self, date: object) -> str:
        """Say how old something is, or why that is unknown."""
        if not isinstance(date, datetime):
            return "without a date"
        if not credible(date, self.now):
            return "dated ahead of this clock"
        return f"{duration(max(0.0, (self.now - date).total_seconds()))} old"


Look = Callable[[Desk], Awaitable[Sequence[Exhibit]]]


def said(value: object, limit: int = _ID) -> str:
    """Say a value of a document in one short line."""
    if value is None:
        return NONE
    if isinstance(value, (bytes, Binary)):
        return bytes(value).hex()[:limit]
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S} UTC"
    if isinstance(value, Mapping):
        return clean(" · ".join(said(item) for item in list(value.values())[:6]), limit)
    return clean(value, limit).strip() or NONE


def words(document: Mapping[str, Any], name: str, limit: int = 160) -> str:
    """Return a text of a document, empty if no field is named or it holds no text."""
    value = dig(document, name) if name else None
    return clean(value.strip(), limit) if isinstance(value, str) else ""


def moment(document: Mapping[str, Any], name: str) -> datetime | None:
    """Return a date of a document, None if there is none."""
    value = dig(document, name) if name else None
    return value if isinstance(value, datetime) else None


def unnamed(what: str, key: str) -> Row:
    """Say that something is unknown because the settings name no field for it."""
    return Row(what, "not told", f"name its field: {key}", mark=Mark.BLIND)


async def each(questions: Sequence[Awaitable[Row | None]]) -> list[Row]:
    """Return the rows of some questions, in their order."""
    return [row for row in await asyncio.gather(*questions) if row is not None]
