"""Names of flags in addresses and in refusals."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

from cockpit.flags.base import FlagError
from sessions.clean import clean


@contextmanager
def told_of(name: str) -> Iterator[None]:
    """Name the flag in whatever is refused of it."""
    try:
        yield
    except FlagError as error:
        raise type(error)(f"{clean(name, 60)} {error}") from None


def part(text: str) -> str:
    """Return a text as one part of an address, whatever it holds."""
    return quote(text, safe="")
