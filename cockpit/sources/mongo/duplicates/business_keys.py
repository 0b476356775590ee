"""Business keys: what tells two documents of a collection apart, and when each was made."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import bson
from bson import Binary, Code, Decimal128, ObjectId
from msgspec import Struct

from cockpit.sources.database.answer import dig
from cockpit.sources.database.client import Document
from cockpit.sources.database.database import Records

Key = tuple[Any, ...]
Token = tuple[object, ...]

_PLAIN = (str, int, float, ObjectId, datetime, Decimal128, Binary, bytes)
_ID = "_id"


class Shelf(Struct, frozen=True):
    """A collection in which each `key` should be there once; `made` is the field of a document's date.

    Without one its `_id` tells: an ObjectId begins with the second in which it was made.
    """

    documents: Records
    key: tuple[str, ...]
    made: str = ""

    @property
    def dated(self) -> str:
        """The field that tells when a document was made."""
        return self.made or _ID

    def after(self, moment: datetime) -> object:
        """Return the least value of what dates a document made at `moment`."""
        return moment if self.made else ObjectId.from_datetime(moment)

    def between(self, since: datetime, until: datetime) -> Document:
        """Return the filter of documents made in a span; documents without a date are never in it."""
        return {self.dated: {"$gte": self.after(since), "$lte": self.after(until)}}

    def date(self, document: Mapping[str, Any]) -> datetime | None:
        """Return when a document was made, None if it does not say."""
        value = dig(document, self.made) if self.made else document.get(_ID)
        if isinstance(value, ObjectId):
            return None if self.made else value.generation_time
        return value if self.made and isinstance(value, datetime) else None

    def key_of(self, document: Mapping[str, Any]) -> Key:
        """Return a document's business key."""
        return tuple(dig(document, name) for name in self.key)


def token(key: Key) -> Token:
    """Return what tells two keys apart as the server does: 1 and 1.0 are one value, 1 and true are two."""
    return tuple(value if _is_same(value) else bson.encode({"": value}) for value in key)


def _is_same(value: object) -> bool:
    return isinstance(value, (str, int, float)) and not isinstance(value, (bool, Code)) and value == value  # noqa: PLR0124 (NaN)


def whole(key: Key) -> bool:
    """Whether a key has all its parts."""
    return all(value is not None for value in key)


def plain(key: Key) -> bool:
    """Whether a key may go into a filter: its values are neither documents, lists, patterns nor code."""
    return all(isinstance(value, _PLAIN) and not isinstance(value, Code) for value in key)
