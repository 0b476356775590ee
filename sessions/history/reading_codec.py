"""A reading as one row of JSON and back: the readings' own types are the schema."""

from functools import cache
from typing import Any

from msgspec import DecodeError, convert, to_builtins
from msgspec.json import Decoder

from sessions.text.clean import clean
from sessions.values import readings as r
from sessions.values.flag_value import FlagValue

KINDS: dict[str, Any] = {
    "pulse": r.Pulse,
    "window": r.Traffic,
    "minute": r.Traffic,
    "traces": r.Traces,
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
    "turn": r.Turn,
}
"""What a row can be. Traffic is two kinds, by its grain."""

_NAMES = {kind: name for name, kind in KINDS.items() if kind is not r.Traffic}
_SUBJECTS = {
    r.Pulse: "topic",
    r.Traffic: "endpoint",
    r.Traces: "endpoint",
    r.Beat: "journey",
    r.Size: "collection",
    r.Run: "name",
    r.Turn: "name",
}


_LONGEST = 400
"""So many characters of a text are kept where nothing else is said."""


def kind_of(reading: r.Reading) -> str:
    """Return the kind of its row."""
    return str(reading.grain) if isinstance(reading, r.Traffic) else _NAMES[type(reading)]


def subject_of(reading: r.Reading) -> str:
    """Return what it is about: an endpoint, a journey, a collection, a topic; empty where there is only one."""
    name = _SUBJECTS.get(type(reading))
    return str(getattr(reading, name)) if name else ""


def body_of(reading: r.Reading) -> str:
    """Return it as JSON; a number may be infinite there."""
    import json

    return json.dumps(to_builtins(reading), ensure_ascii=False, separators=(",", ":"))


def reading_from(kind: str, body: str) -> r.Reading:
    """Restore a reading, its texts cleaned. Raises ValueError or KeyError for a bad row."""
    if isinstance(body, str) and _nothing_to_clean(body):
        try:
            plain: r.Reading = _decoder(kind).decode(body)
        except DecodeError:  # an infinite number, or a bad row: the long way tells
            pass
        else:
            return plain
    import json

    restored: r.Reading = convert(_cleaned(json.loads(body)), KINDS[kind])
    return restored


def _nothing_to_clean(body: str) -> bool:
    """Whether it is printable ASCII without an escape, no longer than the longest text: cleaning it changes nothing."""
    return len(body) <= _LONGEST and body.isascii() and body.isprintable() and "\\" not in body


@cache
def _decoder(kind: str) -> Decoder[Any]:
    return Decoder(KINDS[kind])


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [_cleaned(item) for item in value]
    return {key: _cleaned(item) for key, item in value.items()} if isinstance(value, dict) else value
