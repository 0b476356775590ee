"""What a collection is, by its name and a few of its newest documents: events, tickets, a request log, what grows."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from bson import ObjectId
from msgspec import Struct

from cockpit.settings.models.mongo import why_no_name
from cockpit.settings.models.words import CLOSED
from sessions.text.clean import clean, shows

DATES = (
    *("createdAt", "created_at", "created", "ts", "timestamp", "at", "time", "date", "insertedAt", "inserted_at"),
    *("occurredAt", "updatedAt", "updated_at", "modifiedAt"),
)
"""What the date of a document is called, the one that says when it was made first."""
_MOVED = ("updatedAt", "updated_at", "modifiedAt", "movedAt", "changedAt", "closedAt")
_WORDS = {
    "journeys": ("event", "analytic", "track", "journey"),
    "triage": ("triage", "incident", "alert"),
    "queue": ("ticket", "support", "case"),
    "csat": ("csat", "survey", "rating", "feedback", "review"),
    "returns": ("return", "refund"),
    "capsules": ("capsule", "hold", "reservation"),
}
"""What a collection's name tells of it."""

Document = Mapping[str, Any]
Keys = Mapping[str, object]


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
        return all(fits(one[name]) for one in self.documents if one.get(name) is not None)

    def field(self, fits: Callable[[Any], bool], names: Sequence[str]) -> str:
        """Return the first of some fields that is there and fits, empty for none."""
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

    def called(self, topic: str) -> bool:
        """Whether its name says that it is of a topic."""
        return any(word in self.name.lower() for word in _WORDS[topic])


def parts_of(shelves: Sequence[Shelf]) -> dict[str, Keys]:
    """Return by part of `[sources.records]` the keys that say where it is; each topic takes the first that fits."""
    found: dict[str, Keys] = {}
    taken = set[str]()
    for part, look in _LOOKS.items():
        for shelf in shelves:
            keys = look(shelf) if shelf.name not in taken else None
            if keys:
                found[part] = {"collection": shelf.name, **keys}
                taken.add(shelf.name)
                break
    return found


def is_date(value: Any) -> bool:
    """Whether a value is a date."""
    return isinstance(value, datetime)


def is_text(value: Any) -> bool:
    """Whether a value is a short text."""
    return isinstance(value, str) and len(value) <= 200


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_status(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 100 <= value <= 599


def _is_score(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 5


def _is_path(value: Any) -> bool:
    return isinstance(value, str) and "/" in value and len(value) <= 200


def _requests(shelf: Shelf) -> Keys | None:
    status = shelf.field(_is_status, ("status", "statusCode", "status_code", "code", "responseStatus"))
    took = (
        "durationMs",
        "duration_ms",
        "elapsedMs",
        "tookMs",
        "responseTime",
        "ms",
        "duration",
        "elapsed",
        "latency",
        "took",
    )
    duration = shelf.field(_is_number, (*took, "response_time"))
    endpoint = shelf.field(_is_path, ("endpoint", "route", "path", "url", "uri", "operation"))
    at = shelf.date()
    if not (status and duration and endpoint and at):
        return None
    method = shelf.field(is_text, ("method", "verb", "httpMethod", "http_method"))
    ids = shelf.field(is_text, ("requestId", "request_id", "reqId", "traceId", "trace_id"))
    seconds = (
        "s" if duration.lower() in ("duration", "elapsed", "latency", "took") and _are_small(shelf, duration) else "ms"
    )
    keys = {"method": method, "endpoint": endpoint, "status": status, "duration": duration, "unit": seconds, "at": at}
    return {**keys, **({"id": ids} if ids else {})}


def _are_small(shelf: Shelf, field: str) -> bool:
    """Durations in seconds have fractions, and are under a minute."""
    values = [one[field] for one in shelf.documents if _is_number(one.get(field))]
    return any(isinstance(value, float) and value != int(value) for value in values) and max(values) < 60


def _events(shelf: Shelf) -> Keys | None:
    names = ("journey", "event", "eventName", "event_name", "name", "type", "action")
    journey, at = shelf.field(is_text, names), shelf.date()
    return {"journey": journey, "at": at} if shelf.called("journeys") and journey and at else None


def _triage(shelf: Shelf) -> Keys | None:
    level, at = shelf.field(is_text, ("level", "severity", "priority")), shelf.date()
    if not (shelf.called("triage") and level and at):
        return None
    title = shelf.field(is_text, ("title", "message", "text", "summary", "name"))
    resolved = shelf.field(lambda value: isinstance(value, bool), ("resolved", "closed", "done"))
    return {
        "level": level,
        "at": at,
        **({"title": title} if title else {}),
        **({"resolved": resolved} if resolved else {}),
    }


def _tickets(shelf: Shelf) -> Keys | None:
    status, at = shelf.field(is_text, ("status", "state")), shelf.date()
    if not (shelf.called("queue") and status and at):
        return None
    waits = _open_words(shelf.words(status), CLOSED)
    title = shelf.field(is_text, ("title", "subject", "summary"))
    priority = shelf.field(is_text, ("priority", "severity"))
    named = {"title": title, "priority": priority}
    return {"status": status, "open": waits, "at": at, **{key: name for key, name in named.items() if name}}


def _csat(shelf: Shelf) -> Keys | None:
    score, at = shelf.field(_is_score, ("score", "rating", "stars", "csat", "value")), shelf.date()
    return {"score": score, "at": at} if shelf.called("csat") and score and at else None


def _returns(shelf: Shelf) -> Keys | None:
    status, moved = shelf.field(is_text, ("status", "state")), shelf.field(is_date, _MOVED)
    return {"status": status, "moved": moved} if shelf.called("returns") and status and moved else None


def _capsules(shelf: Shelf) -> Keys | None:
    status, expires = (
        shelf.field(is_text, ("status", "state")),
        shelf.field(is_date, ("expiresAt", "expires_at", "expires")),
    )
    return {"status": status, "expires": expires} if shelf.called("capsules") and status and expires else None


def _open_words(said: Sequence[str], closed: Collection[str]) -> tuple[str, ...]:
    over = {word.lower() for word in closed}
    return tuple(word for word in said if word.lower() not in over)[:10] or ("open",)


_LOOKS: Mapping[str, Callable[[Shelf], Keys | None]] = {
    "requests": _requests,
    "events": _events,
    "triage": _triage,
    "tickets": _tickets,
    "csat": _csat,
    "returns": _returns,
    "capsules": _capsules,
}
"""Each part of `[sources.records]` with what finds it."""


def feeds(journey: str, endpoints: Sequence[str]) -> tuple[str, ...]:
    """Return the endpoints that seem to make a journey's event, by the words that both names share."""
    words = set(_stems(journey))
    scored = [(sum(any(map(partial(_alike, word), _stems(name))) for word in words), name) for name in endpoints]
    best = max((score for score, _ in scored), default=0)
    found = [name for score, name in scored if score == best and best]
    making = [name for name in found if name.startswith(("POST ", "PUT "))]
    return tuple((making or found)[:3])


def _alike(one: str, two: str) -> bool:
    return one.startswith(two) or two.startswith(one)


def _stems(name: str) -> Iterator[str]:
    word = ""
    for char in f"{name} ":
        if char.isalpha() and not (char.isupper() and word[-1:].islower()):
            word += char
        else:
            if len(word) > 3:
                yield word.lower().removesuffix("s")[:6]
            word = char if char.isalpha() else ""
