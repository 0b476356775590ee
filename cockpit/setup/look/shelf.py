"""A collection with a few of its newest documents, and what their fields show."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from bson import ObjectId
from msgspec import Struct

from cockpit.settings.models.mongo import why_no_name
from sessions.text.clean import clean, shows

DATES = (
    *("createdAt", "created_at", "created", "ts", "timestamp", "at", "time", "date", "insertedAt", "inserted_at"),
    *("occurredAt", "updatedAt", "updated_at", "modifiedAt"),
)
"""What the date of a document is called, the one that says when it was made first."""
_DEPTH = 3
_MOST_FIELDS = 200

Document = Mapping[str, Any]


class Shelf(Struct, frozen=True):
    """A collection with its newest documents, and the fields that each of them has."""

    name: str
    documents: tuple[Document, ...]

    def fields(self, fits: Callable[[Any], bool]) -> tuple[str, ...]:
        """Return the fields that fit in each document that has them, and that most have."""
        names = Counter(name for document in self.documents for name in document)
        often = [name for name, count in names.items() if 2 * count > len(self.documents)]
        return tuple(
            name
            for name in often
            if name != "_id" and not why_no_name(name) and clean(name) == name and self._all(name, fits)
        )

    def _all(self, name: str, fits: Callable[[Any], bool]) -> bool:
        there = [one[name] for one in self.documents if one.get(name) is not None]
        return bool(there) and all(map(fits, there))

    def field(self, fits: Callable[[Any], bool], names: Sequence[str]) -> str:
        """Return the first of some fields that exists and fits, empty if none does."""
        there = self.fields(fits)
        lower = {name.lower(): name for name in reversed(there)}
        return next((lower[name.lower()] for name in names if name.lower() in lower), "")

    def date(self, names: Sequence[str] = DATES) -> str:
        """Return the field of the date, by its name, else the only date there is."""
        known = self.field(is_date, names)
        dates = self.fields(is_date)
        return known or (dates[0] if len(dates) == 1 else "")

    def words(self, field: str) -> tuple[str, ...]:
        """Return what a field says, the most frequent first."""
        said = Counter(one[field] for one in self.documents if isinstance(one.get(field), str))
        return tuple(word for word, _ in said.most_common() if clean(word, 80) == word and shows(word))

    @property
    def dated_by_id(self) -> bool:
        """Whether the ids themselves tell when the documents were made."""
        return bool(self.documents) and all(isinstance(one.get("_id"), ObjectId) for one in self.documents)

    @property
    def flat(self) -> "Shelf":
        """The same with dotted paths for what lies in documents in it, at most three names deep."""
        return Shelf(self.name, tuple(dict(_paths(document)) for document in self.documents))


def _paths(document: Document, before: str = "", depth: int = _DEPTH) -> Iterator[tuple[str, Any]]:
    """Yield each field by its path; a name that no path can hold, as one with a dot, is left out with all below it."""
    for name, value in list(document.items())[:_MOST_FIELDS]:
        if not name or "." in name or why_no_name(name) or clean(name) != name:
            continue
        if not isinstance(value, Mapping):
            yield before + name, value
        elif depth > 1:
            yield from _paths(value, f"{before}{name}.", depth - 1)


def is_date(value: Any) -> bool:
    """Whether a value is a date."""
    return isinstance(value, datetime)


def is_text(value: Any) -> bool:
    """Whether a value is a short text."""
    return isinstance(value, str) and len(value) <= 200


def is_number(value: Any) -> bool:
    """Whether a value is a number."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def last(path: str) -> str:
    """Return the last name of a path, in small letters without what joins its words."""
    return path.rpartition(".")[2].lower().replace("_", "").replace("-", "")
