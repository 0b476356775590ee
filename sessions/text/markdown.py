"""Markdown that says what was meant: foreign text is cleaned and can form no table, link, heading or HTML."""

import re
from collections.abc import Iterable, Sequence

from sessions.text.clean import clean

_ACTIVE = re.compile(
    r"[\\`*\[\]|~]"
    r"|<(?=[A-Za-z/!?]|\S*@)"
    r"|&(?=#?[0-9A-Za-z]*(?:;|$))"
    r"|(?<![^\W_])_|(?<=_)_|_(?=_)|_(?![^\W_])"
    r"|(?<=[A-Za-z]):(?=//|[^\s:]*@)|(?<=mailto):|(?<=www)\.|(?<=\S)@(?=\S)"
    r"|(?<=\s)#(?=#*\s*$)",
    re.IGNORECASE,
)
"""A sign that would begin something: code, stress, a link, a table cell, a stroke, HTML, an entity, an address."""
_OPENING = re.compile(r"^(\s*)(#+(?=\s|$)|>|[-+=:](?=[-+=:\s]|$)|\d+(?=[.)](?:\s|$)))")


def plain(text: object, limit: int = 400) -> str:
    """Return `text` as one line that Markdown shows as it is."""
    return _OPENING.sub(_defused, _ACTIVE.sub(r"\\\g<0>", clean(text, limit).strip()))


def bullets(lines: Iterable[str], none: str) -> str:
    """Return a list, a line each; `none` where there is nothing to list."""
    rows = "\n".join(f"- {line}" for line in lines)
    return rows or none


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], none: str) -> str:
    """Return a table; a head that ends in `>` is set flush right, `none` stands where there are no rows."""
    body = ["| " + " | ".join(row) + " |" for row in rows]
    if not body:
        return none
    names = "| " + " | ".join(head.removesuffix(">") for head in heads) + " |"
    rule = "|" + "|".join("--:" if head.endswith(">") else "---" for head in heads) + "|"
    return "\n".join((names, rule, *body))


def _defused(match: re.Match[str]) -> str:
    """A number keeps its digits and loses its dot's meaning; a sign is escaped itself."""
    space, opening = match.groups()
    return f"{space}{opening}\\" if opening.isdigit() else f"{space}\\{opening}"
