"""Places in a text that are filled when it is used, `{run}`: filled with plain values, never with structure."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence

Value = str | int | float | bool
"""What may fill a place."""

_PLACE = re.compile(r"(?<!\$)\{([A-Za-z_][A-Za-z0-9_]*)\}")
_LONGEST = 500


def places_in(value: object) -> Iterator[str]:
    """Yield every placeholder in a text, or in all texts of a table or list; `${NAME}` is not one."""
    if isinstance(value, str):
        yield from _PLACE.findall(value)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from places_in(item)
    elif isinstance(value, Sequence):
        for item in value:
            yield from places_in(item)


def filled(text: str, values: Mapping[str, Value]) -> str:
    """Return the text with every known place filled, once: what is filled in is not looked at again."""
    return _PLACE.sub(lambda match: worded(values[match[1]]) if match[1] in values else match[0], text)


def filled_tree(value: object, values: Mapping[str, Value]) -> object:
    """Return a table or list with all its texts filled; a text that is one place alone keeps the value's own type."""
    if isinstance(value, str):
        alone = _PLACE.fullmatch(value)
        return values[alone[1]] if alone and alone[1] in values else filled(value, values)
    if isinstance(value, Mapping):
        return {name: filled_tree(item, values) for name, item in value.items()}
    if isinstance(value, Sequence):
        return [filled_tree(item, values) for item in value]
    return value


def worded(value: object) -> str:
    """Return a plain value as JSON would say it, a text without quotes."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "null" if value is None else str(value)


def why_no_value(value: object) -> str:
    """Say why what a service answered may fill no place; empty if it may.

    A table, a list, or a text that could be read as an operator never goes on into a request or a query.
    """
    if isinstance(value, str):
        if value.startswith("$"):
            return "begins with $"
        if len(value) > _LONGEST or not value.isprintable():
            return "is no short plain text"
        return "" if value else "is empty"
    if isinstance(value, bool | int):
        return ""
    if isinstance(value, float):
        return "" if math.isfinite(value) else "is no number"
    return "is not there" if value is None else "is no plain value"
