"""Documents that share a business key with another one: all of them by looking through a collection, or some by key.

Keys that come out of documents go into filters only as plain values, never as anything that could be an operator.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from cockpit.sources.database.client import Document
from cockpit.sources.mongo.duplicates.business_keys import Key, Shelf, Token, token

KNOWN = 1000
"""How many repeated keys are kept and looked up again each time."""

_BATCH = 50
_ID = "_id"


class Found(Struct, frozen=True):
    """What a look through a whole collection found: documents too many, without a whole key, and undated ones.

    `keys` holds repeated keys with their counts, at most KNOWN of them.
    """

    repeated: int = 0
    keyless: int = 0
    undated: int = 0
    keys: Mapping[Token, tuple[Key, int]] = field(default_factory=dict)


async def all_copies(shelf: Shelf) -> Found:
    """Look through the whole collection. The server does it, on its disk where memory is short; minutes if need be."""
    group, absent, spare = _grouped(shelf), _absent(shelf), {"$subtract": ["$n", 1]}
    keyless = [{f"{_ID}.k{place}": None} for place, _ in enumerate(shelf.key)]
    sums: Document = {
        _ID: None,
        "repeated": {"$sum": {"$cond": [absent, 0, spare]}},
        "keyless": {"$sum": {"$cond": [absent, "$n", 0]}},
        "undated": {"$sum": "$undated"},
    }
    worth = {"$match": {"$or": [{"n": {"$gt": 1}}, {"undated": {"$gt": 0}}, *keyless]}}
    found = await shelf.documents.rows([group, worth, {"$group": sums}], disk=True)
    if not found:
        return Found()
    repeated, keyless_ones, undated = (int(found[0][name]) for name in ("repeated", "keyless", "undated"))
    keys = await repeated_keys(shelf, KNOWN) if repeated else {}
    return Found(repeated, keyless_ones, undated, keys)


async def repeated_keys(shelf: Shelf, most: int) -> dict[Token, tuple[Key, int]]:
    """Return at most so many whole keys that are there more than once, by a look through the whole collection."""
    keyless = [{f"{_ID}.k{place}": None} for place, _ in enumerate(shelf.key)]
    stages = [_grouped(shelf), {"$match": {"n": {"$gt": 1}, "$nor": keyless}}, {"$limit": most}]
    return _counts(shelf, await shelf.documents.rows(stages, disk=True))


async def counts_of(shelf: Shelf, keys: Sequence[Key]) -> dict[Token, tuple[Key, int]]:
    """Return how many documents there are of each of these plain keys, by an index on them."""
    wanted = {token(key): key for key in keys}
    found: dict[Token, tuple[Key, int]] = {}
    ordered = list(wanted.values())
    for start in range(0, len(ordered), _BATCH):
        batch = ordered[start : start + _BATCH]
        match = {name: {"$in": _different(batch, place)} for place, name in enumerate(shelf.key)}
        counts = _counts(shelf, await shelf.documents.rows([{"$match": match}, _grouped(shelf)]))
        found |= {each: count for each, count in counts.items() if each in wanted}
    return found


def _grouped(shelf: Shelf) -> Document:
    key = {f"k{place}": f"${name}" for place, name in enumerate(shelf.key)}
    kind = {"$eq": [{"$type": f"${shelf.dated}"}, "date" if shelf.made else "objectId"]}
    return {"$group": {_ID: key, "n": {"$sum": 1}, "undated": {"$sum": {"$cond": [kind, 0, 1]}}}}


def _absent(shelf: Shelf) -> Document:
    return {"$or": [{"$eq": [{"$ifNull": [f"${_ID}.k{place}", None]}, None]} for place, _ in enumerate(shelf.key)]}


def _counts(shelf: Shelf, found: Sequence[Document]) -> dict[Token, tuple[Key, int]]:
    counts: dict[Token, tuple[Key, int]] = {}
    for row in found:
        key = tuple(row[_ID].get(f"k{place}") for place, _ in enumerate(shelf.key))
        counts[token(key)] = (key, int(row["n"]))
    return counts


def _different(keys: Sequence[Key], place: int) -> list[Any]:
    return list({token((key[place],)): key[place] for key in keys}.values())
