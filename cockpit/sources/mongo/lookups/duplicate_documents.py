"""Which documents are duplicates: keys, ids, when each was made, how far apart, and who wrote them.

A scan of a whole collection may take longer than a person waits. So new documents are looked up first, by the index on
the key, and the sheet says what was not scanned.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import Struct
from pymongo.errors import PyMongoError

from cockpit.sources.database.answer import dig, shown
from cockpit.sources.database.client import Document, is_slow
from cockpit.sources.mongo.duplicates.business_keys import Key, Shelf, Token, plain, whole
from cockpit.sources.mongo.duplicates.copies import counts_of, repeated_keys
from cockpit.sources.mongo.lookups.states import made_at
from cockpit.sources.mongo.lookups.telling import Desk, said
from sessions.plan.model import Collection
from sessions.text.units import duration
from sessions.values.sheets import Exhibit, Row
from sessions.values.verdicts import Mark

NAME = "duplicate_documents"
_NEW = 200
_KEYS, _COPIES = 5, 4
_WHOLE = 0.6
"""The share of the time that a look through a whole collection may take."""


class Twice(Struct, frozen=True):
    """Keys that occur more than once, with their counts; `trouble` says what was not scanned."""

    keys: Mapping[Token, tuple[Key, int]]
    trouble: str = ""


async def duplicate_documents(desk: Desk) -> Sequence[Exhibit]:
    """Return one exhibit per collection with a business key. Raises PyMongoError."""
    rules = [rule for rule in desk.plan.collections if rule.key]
    if not rules:
        return [desk.told(NAME, "Duplicates", (), "no collection of the plan has a key")]
    return await asyncio.gather(*(_of(desk, rule) for rule in rules))


async def _of(desk: Desk, rule: Collection) -> Exhibit:
    shelf = Shelf(desk.base[rule.name], rule.key, desk.spec.made)
    found = await _twice(desk, shelf, rule.name)
    known = list(found.keys.values())
    rows = [row for key, _ in known[:_KEYS] for row in await _copies(desk, shelf, key)]
    more = f"{len(known) - _KEYS:,}{' or more' if len(known) > 2 * _KEYS else ''} other keys"
    rows += [Row("and", more, mark=Mark.BREACH)] if len(known) > _KEYS else []
    none = [] if found.trouble else [Row("there twice", "none", "0", mark=Mark.PASS)]
    by = ", ".join(rule.key)
    return desk.told(NAME, f"{rule.name} there twice, by {by}", rows or none, found.trouble)


async def _twice(desk: Desk, shelf: Shelf, name: str) -> Twice:
    """Look up what is new, then look through everything."""
    recent = await _recent(shelf)
    slower = Shelf(desk.base.kind(desk.base.limit * _WHOLE)[name], shelf.key, shelf.made)
    try:
        every = await repeated_keys(slower, 2 * _KEYS + 1)
    except (PyMongoError, TimeoutError) as error:
        if not is_slow(error):
            raise
        return Twice(recent, f"only the newest {_NEW:,} were looked up: a look through all takes too long")
    return Twice({**recent, **{token: one for token, one in every.items() if plain(one[0])}}, _odd(every))


def _odd(found: Mapping[Token, tuple[Key, int]]) -> str:
    odd = sum(not plain(key) for key, _ in found.values())
    return f"{odd:,} keys are no plain values" if odd else ""


async def _recent(shelf: Shelf) -> Mapping[Token, tuple[Key, int]]:
    found = await shelf.documents.find({}, shown("_id", *shelf.key), [(shelf.dated, -1)], limit=_NEW)
    keys = [key for key in map(shelf.key_of, found) if whole(key) and plain(key)]
    return {token: one for token, one in (await counts_of(shelf, keys)).items() if one[1] > 1}


async def _copies(desk: Desk, shelf: Shelf, key: Key) -> Sequence[Row]:
    """Return one row per document of a key, the first made before its copies."""
    who, made = desk.spec.duplicates.who, desk.spec.duplicates.at or shelf.dated
    match = {name: {"$eq": value} for name, value in zip(shelf.key, key, strict=True)}
    fields = shown("_id", made, *who)
    found = await shelf.documents.find(match, fields, [(made, 1)], limit=_COPIES + 1)
    dated = sorted(((made_at(one, made), one) for one in found[:_COPIES]), key=lambda pair: _order(pair[0]))
    first = next((date for date, _ in dated if date), None)
    name = " · ".join(said(value, 40) for value in key)
    rows = [_copy(name, one, date, first, place, who) for place, (date, one) in enumerate(dated)]
    return [*rows, *([Row(name, "and more of them", mark=Mark.BREACH)] if len(found) > _COPIES else [])]


def _order(date: datetime | None) -> tuple[bool, float]:
    return date is None, date.timestamp() if date else 0.0


def _copy(  # noqa: PLR0913, PLR0917 (one document, beside the first of its key)
    name: str, one: Document, date: datetime | None, first: datetime | None, place: int, who: Sequence[str]
) -> Row:
    wrote = [f"{field}={said(dig(one, field), 40)}" for field in who if dig(one, field) is not None]
    value = " · ".join([said(one.get("_id")), *wrote])
    apart = f"{duration((date - first).total_seconds())} after the first" if date and first else "without a date"
    bound = "the first" if not place and date else apart
    return Row(name, value, bound, date, Mark.BREACH if place else None)
