"""What a collection is, by its name and a few of its newest documents: events, tickets, a request log, what grows."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from cockpit.settings.models.words import CLOSED
from cockpit.setup.look.request_log import request_log
from cockpit.setup.look.shelf import Shelf, is_date, is_text, last

_MOVED = ("updatedAt", "updated_at", "modifiedAt", "movedAt", "changedAt", "closedAt")
_WORDS = {
    "journeys": ("event", "analytic", "track", "journey"),
    "triage": ("triage", "incident", "alert"),
    "queue": ("ticket", "support", "case"),
    "csat": ("csat", "survey", "rating", "feedback", "review"),
    "returns": ("return", "refund"),
    "capsules": ("capsule", "hold", "reservation"),
}
"""What the name of a collection suggests."""
_JOURNEYS = ("journey", "event", "eventName", "event_name", "name", "type", "action")
_EVENT = re.compile(r"[A-Za-z]+(?:[_.:-][A-Za-z]+|(?<=[a-z])[A-Z][a-z]+)+")
_STATES = ("status", "state", "level", "severity", "priority", "phase", "stage")
_ENOUGH, _SMALL = 6, 5
"""So many documents prove a shape, and an event has no more fields, its _id among them."""

Keys = Mapping[str, object]


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
    for shelf in shelves if "events" not in found else ():
        if shelf.name not in taken and (keys := events_by_shape(shelf)):
            return {**found, "events": {"collection": shelf.name, **keys}}
    return found


def _is_score(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 5


def _requests(shelf: Shelf) -> Keys | None:
    return request_log(shelf).keys


def _called(shelf: Shelf, topic: str) -> bool:
    """Whether a collection's name says that it is of a topic."""
    return any(word in shelf.name.lower() for word in _WORDS[topic])


def _events(shelf: Shelf) -> Keys | None:
    flat = shelf.flat
    journey, at = flat.field(is_text, _JOURNEYS), flat.date()
    return {"journey": journey, "at": at} if _called(shelf, "journeys") and journey and at else None


def events_by_shape(shelf: Shelf) -> Keys | None:
    """Return where events are: a field with a few repeated words, one date, and little else."""
    flat = shelf.flat
    dates, words = flat.fields(is_date), [name for name in flat.fields(_is_word) if _few(flat, name)]
    small = len(flat.documents) >= _ENOUGH and all(len(one) <= _SMALL for one in flat.documents)
    if not small or len(dates) != 1 or len(words) != 1 or last(words[0]) in _STATES:
        return None
    return {"journey": words[0], "at": dates[0]}


def _is_word(value: Any) -> bool:
    """Whether it is a name of two words or more, as claim_handed_in: one word alone may be a state or a kind."""
    return isinstance(value, str) and _EVENT.fullmatch(value) is not None


def _few(shelf: Shelf, field: str) -> bool:
    return 2 * len(shelf.words(field)) <= len(shelf.documents)


def _triage(shelf: Shelf) -> Keys | None:
    level, at = shelf.field(is_text, ("level", "severity", "priority")), shelf.date()
    if not (_called(shelf, "triage") and level and at):
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
    if not (_called(shelf, "queue") and status and at):
        return None
    waits = _open_words(shelf.words(status), CLOSED)
    title = shelf.field(is_text, ("title", "subject", "summary"))
    priority = shelf.field(is_text, ("priority", "severity"))
    named = {"title": title, "priority": priority}
    return {"status": status, "open": waits, "at": at, **{key: name for key, name in named.items() if name}}


def _csat(shelf: Shelf) -> Keys | None:
    score, at = shelf.field(_is_score, ("score", "rating", "stars", "csat", "value")), shelf.date()
    return {"score": score, "at": at} if _called(shelf, "csat") and score and at else None


def _returns(shelf: Shelf) -> Keys | None:
    status, moved = shelf.field(is_text, ("status", "state")), shelf.field(is_date, _MOVED)
    return {"status": status, "moved": moved} if _called(shelf, "returns") and status and moved else None


def _capsules(shelf: Shelf) -> Keys | None:
    status, expires = (
        shelf.field(is_text, ("status", "state")),
        shelf.field(is_date, ("expiresAt", "expires_at", "expires")),
    )
    return {"status": status, "expires": expires} if _called(shelf, "capsules") and status and expires else None


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
