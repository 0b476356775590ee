"""Every symbol, border, spark and rule in ASCII, cell for cell, for terminals that draw them wrong or not at all."""

from __future__ import annotations

import locale
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.filter import LineFilter

if TYPE_CHECKING:
    from textual.color import Color

_STATES = {"●": "+", "○": "o", "✔": "v", "▲": "!", "✗": "x", "◆": "X", "◇": "%", "◌": "?", "∅": "0", "◐": "@"}
_SIGNS = {"▶": ">", "▸": ">", "▾": "V", "…": ".", "☐": "_", "✕": "x", "·": "-", "–": "-", "±": "+", "×": "x"}
_KEYS = {"↑": "^", "↓": "v", "←": "<", "→": ">", "⏎": "<", "⇧": "^", "␣": "_", "⌫": "<", "⇥": ">", "↵": "<"}
_RULES = {"─": "-", "━": "=", "┄": "-", "╸": ">", "│": "|", "┃": "|", "▏": "|", "╺": "-", "═": "=", "║": "|"}
_BARS = dict(zip("▁▂▃▄▅▆▇█", "_.-:=+*#", strict=True))
_BOUNDS = {"≤": "<", "≥": ">"}
_BOUND = re.compile(r"([≤≥]) ")
TABLE: Mapping[int, str] = str.maketrans({**_STATES, **_SIGNS, **_KEYS, **_RULES, **_BARS, **_BOUNDS})
"""The ASCII form of a symbol; `≤ 5` becomes `<=5`, so that a bound keeps its meaning."""


def in_ascii(text: str) -> str:
    """Return text in as many cells with our own signs in ASCII; a letter of another's text stays what it is."""
    if text.isascii():
        return text
    exact = _BOUND.sub(lambda found: "<=" if found[1] == "≤" else ">=", text).translate(TABLE)
    return exact if exact.isascii() else "".join(map(_drawn, exact))


def _drawn(sign: str) -> str:
    """Return the ASCII form of a chart or border symbol."""
    if "\u2800" <= sign <= "\u28ff":
        return " " if sign == "\u2800" else "*"
    if "\u2500" <= sign <= "\u257f":
        return "+"
    return "#" if "\u2580" <= sign <= "\u259f" else sign


class Ascii(LineFilter):
    """Turns each painted line."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments with our own signs in ASCII."""
        del background
        return [Segment(in_ascii(text), style, control) for text, style, control in segments]


def wanted(glyphs: str, environ: Mapping[str, str]) -> bool:
    """Whether to draw in ASCII: as the settings say, else where the locale names another encoding than UTF-8."""
    return glyphs == "ascii" or (glyphs == "auto" and not _utf8(environ))


def _utf8(environ: Mapping[str, str]) -> bool:
    """Whether the locale that the owner chose is one of UTF-8; where none was chosen, terminals are.

    Python itself may put `C.UTF-8` into LC_CTYPE where LANG is C: that is not the owner's choice.
    """
    known = [environ.get(name, "") for name in ("LC_ALL", "LC_CTYPE", "LANG")]
    if known[2] in _PLAIN and known[1] in _COERCED and not known[0]:
        return False
    said = next(filter(None, known), "")
    if not said:
        return True
    if said in _PLAIN:
        return False
    named = said.partition(".")[2].partition("@")[0] or locale.nl_langinfo(locale.CODESET)
    return named.lower().replace("-", "") == "utf8"


_PLAIN = ("C", "POSIX")
_COERCED = ("C.UTF-8", "C.utf8", "UTF-8")
