"""HTML that is also XML: every element is closed, every text is cleaned and escaped, and nothing else can be said."""

import re
from collections.abc import Iterable
from html import escape

from sessions.text.clean import clean

_LONGEST = 8000
_APART = re.compile(r"(?<=\d) (?=(?:ms|s|min|h|d|docs|open)\b|%)")
"""A number and its unit stand on one line."""
_NO_CHARACTER = re.compile("[\ufffe\uffff]")


class Html(str):
    """Text that is markup already; any other is foreign."""

    __slots__ = ()


NOTHING = Html("")


def foreign(text: object) -> Html:
    """Return a text as it is, cleaned, so that it forms no markup."""
    return Html(escape(_APART.sub("\u00a0", _NO_CHARACTER.sub("\ufffd", clean(text, _LONGEST)))))


def tag(name: str, /, *inside: object, **attributes: object) -> Html:
    """Return one element; what is no markup is foreign text. `class_` is `class`, `aria_label` is `aria-label`.

    An attribute that is None is left out; an element with nothing inside closes itself where HTML lets it.
    """
    said = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{foreign(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in _EMPTY:
        return Html(f"<{name}{said}/>")
    return Html(f"<{name}{said}>{joined(inside)}</{name}>")


def joined(parts: Iterable[object]) -> Html:
    """Return parts one after another."""
    return Html("".join(part if isinstance(part, Html) else foreign(part) for part in parts))


_EMPTY = ("meta", "path", "rect", "line", "use")
"""Elements that hold nothing; those of SVG may close themselves in HTML too."""
