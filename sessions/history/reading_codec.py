"""A reading as one row of JSON and back: the dataclasses' own types are the schema."""

import json
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from sessions.text.clean import clean
from sessions.values import readings as r
from sessions.values.flag_value import FlagValue

KINDS: dict[str, Any] = {
    "pulse": r.Pulse,
    "window": r.Traffic,
    "minute": r.Traffic,
    "beat": r.Beat,
    "size": r.Size,
    "triage": r.Triage,
    "alerts": r.Alerts,
    "run": r.Run,
    "tickets": r.Tickets,
    "capsules": r.Capsules,
    "returns": r.Returns,
    "csat": r.Csat,
    "flag": FlagValue,
    "exposure": r.Exposure,
}
"""What a row can be. Traffic is two kinds, by its grain."""

_NAMES = {kind: name for name, kind in KINDS.items() if kind is not r.Traffic}
_SUBJECTS = {r.Pulse: "topic", r.Traffic: "endpoint", r.Beat: "journey", r.Size: "collection", r.Run: "name"}


def kind_of(reading: r.Reading) -> str:
    """Return the kind of its row."""
    return str(reading.grain) if isinstance(reading, r.Traffic) else _NAMES[type(reading)]


def subject_of(reading: r.Reading) -> str:
    """Return what it is about: an endpoint, a journey, a collection, a topic; empty where there is only one."""
    name = _SUBJECTS.get(type(reading))
    return str(getattr(reading, name)) if name else ""


def body_of(reading: r.Reading) -> str:
    """Return it as JSON."""
    return json.dumps(_plain(reading), ensure_ascii=False, separators=(",", ":"))


def reading_from(kind: str, body: str) -> r.Reading:
    """Restore a reading, its texts cleaned. Raises ValueError, TypeError, KeyError or AttributeError for a bad row."""
    restored: r.Reading = _restorer(KINDS[kind])(json.loads(body))
    return restored


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {item.name: _plain(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, datetime):
        return value.isoformat()
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


@cache
def _restorer(hint: Any) -> Callable[[Any], Any]:
    """Return what turns plain JSON back into a value of the type `hint`."""
    if get_origin(hint) is tuple:
        return _tuple_restorer(get_args(hint))
    if get_origin(hint) is UnionType:
        (inner,) = (_restorer(one) for one in get_args(hint) if one is not NoneType)
        return lambda value: None if value is None else inner(value)
    if is_dataclass(hint):
        return _record_restorer(hint)
    if hint is datetime:
        return datetime.fromisoformat
    if issubclass(hint, StrEnum):
        word: Callable[[Any], Any] = hint
        return word
    return clean if hint is str else lambda value: value


def _tuple_restorer(args: tuple[Any, ...]) -> Callable[[Any], Any]:
    if args[-1] is Ellipsis:
        each = _restorer(args[0])
        return lambda values: tuple(each(value) for value in values)
    row = [_restorer(arg) for arg in args]
    return lambda values: tuple(restore(value) for restore, value in zip(row, values, strict=True))


def _record_restorer(kind: Any) -> Callable[[Any], Any]:
    parts = {name: _restorer(hint) for name, hint in get_type_hints(kind).items()}
    return lambda row: kind(**{name: parts[name](value) for name, value in row.items() if name in parts})
