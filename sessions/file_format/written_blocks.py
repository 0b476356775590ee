"""Blocks read without the whole of TOML, where they are exactly as we write them; of anything else it says nothing.

The file's own writer knows few forms: a key, ` = `, one value, a line end. The text is matched against these forms from
its first character to its last, so that what is read is what the TOML reader would read.
"""

import re
from collections.abc import Callable
from datetime import datetime
from math import isfinite

OPENING = "\n[[entry]]\n"
LONGEST_BLOCK = 64 * 1024
"""No line of a longer block is measured here: the whole reader knows how long a line may be."""

_PLAIN = r'"([^"\\\x00-\x1f\x7f]*)"'
_ESCAPED = r'"((?:[^"\\\x00-\x1f\x7f]|\\["\\])*)"'
_TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{3}Z"
_MOMENT = rf"([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T{_TIME})"
_WHOLE = r"(-?(?:0|[1-9][0-9]{0,18}))"
_FLOAT = r"(-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,30})?(?:e[+-][0-9]{1,3})?)"
_SCALAR = f"(?:{_PLAIN}|{_WHOLE}|(true|false)|{_MOMENT}|{_FLOAT}|{_ESCAPED})"
_ITEM = re.compile(f"    {_SCALAR},\n")
_LINE = re.compile(rf"([a-z][a-z0-9_]{{0,79}}) = (?:{_SCALAR}|\[(\n(?:    [^\n]*,\n)*)?\])\n")
_ARRAY = 8
_ESCAPE = re.compile(r"\\(.)")

Row = dict[str, object]


class _OtherError(ValueError):
    """Not how we write."""


def rows_in(raw: bytes) -> list[Row] | None:
    """Return each block as its keys and values; None where not all of it is exactly what we write."""
    try:
        return list(_rows(raw.decode()))
    except ValueError:  # not UTF-8, no day of the calendar, or another form
        return None


def _rows(text: str) -> list[Row]:
    rows, place, end = list[Row](), 0, len(text)
    while place < end:
        if not text.startswith(OPENING, place):
            raise _OtherError
        begun, row = place, Row()
        place += len(OPENING)
        while found := _LINE.match(text, place):
            form, key = found.lastindex or 0, found[1]
            if key in row:
                raise _OtherError
            row[key] = _array(found[_ARRAY]) if form in (1, _ARRAY) else _VALUES[form - 2](found[form])
            place = found.end()
        if place - begun > LONGEST_BLOCK:
            raise _OtherError
        rows.append(row)
    return rows


def _array(lines: str | None) -> list[object]:
    items, place, text = list[object](), 1, lines or "\n"
    while found := _ITEM.match(text, place):
        form = found.lastindex or 0
        items.append(_VALUES[form - 1](found[form]))
        place = found.end()
    if place != len(text):
        raise _OtherError
    return items


def _float(digits: str) -> float:
    number = float(digits)
    if not isfinite(number):
        raise _OtherError
    return number


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(r"\1", text)


_VALUES: tuple[Callable[[str], object], ...] = (str, int, "true".__eq__, datetime.fromisoformat, _float, _unescaped)
"""What becomes of each form, in the order of the groups."""
