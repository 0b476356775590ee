"""Rows of a table in a pane: which of them stay where room is short, and how their names and values stand."""

import re
from collections.abc import Iterable
from functools import lru_cache
from textwrap import wrap

from sessions.text.clean import clean
from sessions.values.verdicts import WORST_FIRST, Mark, Part
from widgets.base.styled import PLAIN, QUIET, Line, named, wide, worded
from widgets.base.symbols import CALM, MARKS, said
from widgets.base.view import View


def fitting(parts: tuple[Part, ...], room: int) -> tuple[Part, ...]:
    """Return the parts that fit, in their order: the worst ones stay."""
    if len(parts) <= room:
        return parts
    ranked = sorted(range(len(parts)), key=lambda index: (WORST_FIRST.index(parts[index].mark), index))
    return tuple(parts[index] for index in sorted(ranked[: max(0, room)]))


def kept(parts: tuple[Part, ...], room: int) -> tuple[tuple[Part, ...], int]:
    """Return the parts that are shown in so many lines, and how many more there are: those have one line together."""
    if len(parts) <= room:
        return parts, 0
    shown = fitting(parts, room - 1)
    return shown, len(parts) - len(shown)


def more(view: View, count: int, key: str, what: str = "", worst: Mark = Mark.PASS) -> Line:
    """Say how many rows there are that are not shown, and the key that shows them: `+3 more, 2`."""
    known = view.keys.get(f"screen.{key}", _KEYS[key])
    words = f"+{count:,} more{f' {what}' if what else ''} · {known} opens all"
    if worst is Mark.PASS or worst in CALM:
        return (("  ", PLAIN), (words, QUIET))
    glyph, style = MARKS[worst]
    return ((f"{glyph} ", style), (words, said(worst)))


_KEYS = {"detail": "2", "risks": "3", "log": "4"}


def endpoint(name: str, width: int, style: str) -> tuple[str, str]:
    """Return an endpoint with its method in a separate column; a long name loses its middle."""
    method, _, path = name.partition(" ")
    full = f"{method:<4} {path}" if path else name
    return named(full if wide(full) <= width else name, width, style)


def longest(names: Iterable[str]) -> int:
    """Return the cells of the longest name, an endpoint's method in its column."""
    return max((wide(name) + max(0, 4 - name.find(" ")) * (" " in name) for name in names), default=0)


def beside(value: float | None, bound: float, words: str, within: str = "≤") -> str:
    """Return a bound with the sign that is true of the value: `≤ 500 ms`, or `> 500 ms` where it is over it."""
    if value is None:
        return f"{within} {words}"
    holds = {"≤": value <= bound, "<": value < bound, "≥": value >= bound}[within]
    return f"{within if holds else _BEYOND[within]} {words}"


_BEYOND = {"≤": ">", "<": "≥", "≥": "<"}


_TOGETHER = re.compile(r"(?<=\d) (?=(?:%|ms|docs|doc|tickets|users|min)(?:\W|$))|(?<=[<>≤≥=]) (?=\d)")
"""The space between a figure and its unit, and between a sign and its bound."""
_GLUE = "\N{NO-BREAK SPACE}"


def wrapped(text: str, width: int) -> list[str]:
    """Return a clean text as lines, broken at its words: a figure stays beside its unit, a bound beside its sign."""
    return list(_wrapped(text, width))


@lru_cache(512)
def _wrapped(text: str, width: int) -> tuple[str, ...]:
    """Remember wrapped lines: the same words are shown each second."""
    glued = wrap(_TOGETHER.sub(_GLUE, text), width, break_on_hyphens=False) or [""]
    return tuple(line.replace(_GLUE, " ") for line in glued)


def told_in(text: str, width: int, lines: int) -> list[str]:
    """Return a text in at most so many lines of so many cells, at its words; more than that is cut."""
    found = wrapped(clean(text, 2000), max(4, width))
    if len(found) <= lines:
        return found
    return [*found[: lines - 1], worded(" ".join(found[lines - 1 :]), width)[0].rstrip()]
