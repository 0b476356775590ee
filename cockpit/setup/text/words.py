"""Values as TOML, and lines of words as its comments."""

import json
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping

from sessions.text.clean import clean

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_WIDE = 110


def value(said: object) -> str:
    """Return a value as TOML; a text is quoted, with control characters escaped."""
    if isinstance(said, bool):
        return "true" if said else "false"
    if isinstance(said, (int, float)):
        return f"{said:g}"
    if isinstance(said, (tuple, list)):
        return f"[{', '.join(map(value, said))}]"
    if isinstance(said, Mapping):
        return f"{{ {', '.join(pairs(said.items()))} }}"
    return json.dumps(clean(said, 2_000), ensure_ascii=False)


def pairs(keys: Iterable[tuple[str, object]]) -> Iterator[str]:
    """Yield a line for each key."""
    for key, said in keys:
        yield f"{key if _BARE.fullmatch(key) else value(key)} = {value(said)}"


def note(text: str) -> Iterator[str]:
    """Yield a text as lines of a comment."""
    yield from (f"# {line}" for line in textwrap.wrap(clean(text, 2_000), _WIDE))
