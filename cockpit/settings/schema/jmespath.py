"""JMESPath in the settings: whether an expression can be read at all is known before anything is asked."""

import contextlib
from collections.abc import Iterator, Mapping

_PLAINLY = "write JMESPath, see jmespath.org"


def unreadable(expressions: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Yield every broken expression, by its key: what is wrong and what to write."""
    if not expressions:
        return
    import jmespath

    for key, text in expressions.items():
        try:
            _try(text)
        except (jmespath.exceptions.JMESPathError, RecursionError, ValueError):
            yield key, f'"{text[:60]}" is no JMESPath', _PLAINLY


def _try(expression: str) -> None:
    """Read an expression and put it to an empty document: an unknown function shows only then. Raises."""
    import jmespath

    compiled = jmespath.compile(expression)
    with contextlib.suppress(jmespath.exceptions.JMESPathTypeError):
        compiled.search({})
