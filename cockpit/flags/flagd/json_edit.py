"""Where the values of a JSON text are, so that one can be replaced and every other byte stays the same."""

import json
from collections.abc import Iterable
from json.decoder import JSONDecoder

from msgspec import Struct

_SPACE = " \t\r\n"


class Spot(Struct, frozen=True):
    """One value and the place of its text, `start`..`end`."""

    value: object
    start: int
    end: int


def whole(text: str) -> Spot:
    """Return the document. Raises ValueError if the text is no strict JSON or nests too deep."""
    try:
        value = json.loads(text, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("nests too deep") from None
    start = _skip(text, 0)
    return Spot(value, start, len(text.rstrip(_SPACE)))


def members(text: str, spot: Spot) -> dict[str, Spot]:
    """Return the members of an object; of a repeated key the last, as JSON readers do. Empty for other values."""
    found: dict[str, Spot] = {}
    if not isinstance(spot.value, dict):
        return found
    at = _skip(text, spot.start + 1)
    while text[at] != "}":
        key = _value(text, at)
        value = _value(text, _skip(text, _skip(text, key.end) + 1))
        found[str(key.value)] = value
        at = _next(text, value.end)
    return found


def items(text: str, spot: Spot) -> list[Spot]:
    """Return the items of an array, empty for other values."""
    found: list[Spot] = []
    if not isinstance(spot.value, list):
        return found
    at = _skip(text, spot.start + 1)
    while text[at] != "]":
        found.append(_value(text, at))
        at = _next(text, found[-1].end)
    return found


def exchanged(text: str, changes: Iterable[tuple[Spot, object]]) -> str:
    """Return the text with other values at these spots."""
    for spot, value in sorted(changes, key=lambda change: change[0].start, reverse=True):
        text = text[: spot.start] + json.dumps(value) + text[spot.end :]
    return text


def _value(text: str, at: int) -> Spot:
    value, end = JSONDecoder().raw_decode(text, at)
    return Spot(value, at, end)


def _skip(text: str, at: int) -> int:
    while text[at] in _SPACE:
        at += 1
    return at


def _next(text: str, at: int) -> int:
    """Step over the comma after a value, if there is one."""
    at = _skip(text, at)
    return _skip(text, at + 1) if text[at] == "," else at


def _refuse(constant: str) -> object:
    raise ValueError(f"{constant} is no JSON")
