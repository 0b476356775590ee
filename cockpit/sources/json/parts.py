"""The parts of one JSON object: each found by JMESPath or under our own name, each of exactly one type."""

import math
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import jmespath

from cockpit.runtime.clock import moment_of
from sessions.text.clean import clean

Find = Callable[[object], object]

AHEAD = timedelta(minutes=1)
"""How far a date may lie ahead of our clock before nobody believes it."""

_TEXTS_KEPT = 100


class UnreadableError(Exception):
    """A part is missing or has the wrong type; the text names it, its expression and its value."""


def find_by(expression: str) -> Find:
    """Return what finds the value of a JMESPath; what the expression cannot be put to raises UnreadableError."""
    compiled = jmespath.compile(expression)

    def find(value: object) -> object:
        try:
            return compiled.search(value)
        except (jmespath.exceptions.JMESPathError, ArithmeticError, LookupError, RecursionError) as error:
            raise UnreadableError(f"does not fit, {type(error).__name__}") from error
        except (AttributeError, TypeError, ValueError) as error:
            raise UnreadableError(f"does not fit, {type(error).__name__}") from error

    return find


class Finder:
    """Where each part of a topic is found; a part without an expression has its own name."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        self._fields = fields
        self._finds = {name: find_by(expression) for name, expression in fields.items()}

    def where(self, name: str) -> str:
        """Name a part with its expression."""
        return f'{name} ("{clean(self._fields[name], 40)}")' if name in self._fields else name

    def value(self, name: str, item: object) -> object:
        """Return the value, None if there is none. Raises UnreadableError."""
        if name not in self._finds:
            return item.get(name) if isinstance(item, Mapping) else None
        try:
            return self._finds[name](item)
        except UnreadableError as error:
            raise UnreadableError(f"{self.where(name)} {error}") from error


class Parts:
    """One JSON object, asked part by part. Everything raises UnreadableError for a part of the wrong kind."""

    def __init__(self, finder: Finder, item: object, now: datetime) -> None:
        self._finder = finder
        self._item = item
        self._now = now

    def has(self, name: str) -> bool:
        """Whether there is a value."""
        return self._finder.value(name, self._item) is not None

    def number(self, name: str) -> float:
        """Return a finite number, not negative."""
        value = self._finder.value(name, self._item)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self._wrong(name, value, "no number")
        number = _as_float(value)
        if not (math.isfinite(number) and number >= 0):
            raise self._wrong(name, value, "no usable number")
        return number

    def whole(self, name: str, default: int | None = None) -> int:
        """Return a whole number; `default` if there is none."""
        if default is not None and not self.has(name):
            return default
        number = self.number(name)
        if number != int(number):
            raise self._wrong(name, number, "no whole number")
        return int(number)

    def text(self, name: str, limit: int = 120) -> str:
        """Return a text, cleaned; a whole number reads as one, an empty text as none."""
        value = self._finder.value(name, self._item)
        if isinstance(value, bool) or not isinstance(value, (str, int)) or not str(value).strip():
            raise self._wrong(name, value, "no text")
        return clean(value, limit)

    def flag(self, name: str, default: bool) -> bool:
        """Return true or false; `default` if there is neither."""
        value = self._finder.value(name, self._item)
        if value is not None and not isinstance(value, bool):
            raise self._wrong(name, value, "neither true nor false")
        return default if value is None else value

    def moment(self, name: str) -> datetime:
        """Return a date as UTC: ISO 8601 with its zone, or seconds or milliseconds since 1970."""
        value = self._finder.value(name, self._item)
        found = moment_of(value)
        if found is None:
            raise self._wrong(name, value, "no date with a zone")
        return found

    def past(self, name: str) -> datetime:
        """Return a date that is not ahead of now; a little ahead reads as now."""
        found = self.moment(name)
        if found > self._now + AHEAD:
            raise UnreadableError(f"{self._finder.where(name)} lies in the future")
        return min(found, self._now)

    def inner(self, name: str) -> "Parts":
        """Return the inner object, to be asked for parts by their own names."""
        value = self._finder.value(name, self._item)
        if not isinstance(value, Mapping):
            raise self._wrong(name, value, "no object")
        return Parts(Finder({}), value, self._now)

    def counts(self, name: str, *, needed: bool) -> tuple[tuple[str, int], ...]:
        """Return an object of whole numbers, the largest first; nothing if it is not `needed`."""
        value = self._finder.value(name, self._item)
        if value is None and not needed:
            return ()
        if not isinstance(value, Mapping):
            raise self._wrong(name, value, "no object of numbers")
        whole = Parts(Finder({}), value, self._now)
        found = sorted(((clean(key, 40), whole.whole(key)) for key in value), key=lambda pair: (-pair[1], pair[0]))
        rest = sum(count for _, count in found[_TEXTS_KEPT:])
        return (*found[:_TEXTS_KEPT], *([("others", rest)] if rest else []))

    def texts(self, name: str, most: int) -> tuple[str, ...]:
        """Return the first of a list of texts, cleaned; nothing if nothing is there."""
        value = self._finder.value(name, self._item)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self._wrong(name, value, "no list of texts")
        return tuple(clean(item, 120) for item in value[:most])

    def _wrong(self, name: str, value: object, wanted: str) -> UnreadableError:
        what = "is missing" if value is None else f"is {wanted} but {_shown(value)}"
        return UnreadableError(f"{self._finder.where(name)} {what}")


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return clean(_as_float(value), 24)
    return "a text" if isinstance(value, str) else "a list" if isinstance(value, list) else "an object"


def _as_float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf
