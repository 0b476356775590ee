"""The lines shown before an owner trusts settings: what they would run, ask and read."""

import difflib
import re
import shlex
from collections.abc import Iterator
from urllib.parse import urlsplit

from cockpit.settings.models.settings import Settings
from cockpit.settings.schema.secrets import Secret
from cockpit.settings.schema.walk import PROGRAM, leaves
from sessions.text.clean import clean

MOST_LINES = 400
_WIDEST = 10
"""A character is shown as so many at most: `<U+1D173>`."""
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s\"']+")


def told(settings: Settings) -> Iterator[str]:
    """Yield a line for each program, host, variable and file; the same at the first trust and later."""
    programs, hosts, ways, names = (dict[str, None]() for _ in range(4))
    for kind, leaf in leaves(settings):
        if kind == "proxy" and isinstance(leaf, Secret):
            ways |= dict.fromkeys(_hosts(leaf.template))
        if isinstance(leaf, Secret):
            names |= dict.fromkeys(f"${name}" for name in leaf.names)
            hosts |= dict.fromkeys(_hosts(leaf.template) if kind != "proxy" else ())
            programs |= {f"{shlex.join(leaf.argv)}   for a secret": None} if leaf.argv else {}
        elif kind == PROGRAM and isinstance(leaf, tuple):
            programs[shlex.join(leaf)] = None
        elif isinstance(leaf, str):
            hosts |= dict.fromkeys(_hosts(leaf))
    yield from _lines("runs", programs)
    yield from _lines("asks", hosts)
    yield from _lines("via", ways)
    yield from _lines("reads", names)
    yield from _lines("moves", dict.fromkeys(_flag_files(settings)))


def differences(before: str, after: str, name: str) -> Iterator[str]:
    """Yield the changes since the file was trusted, as a unified diff that is safe to print."""
    lines = difflib.unified_diff(
        before.splitlines(), after.splitlines(), f"{name}, as you trusted it", f"{name}, as it is now", lineterm=""
    )
    for number, line in enumerate(lines):
        if number == MOST_LINES:
            yield f"… and more: over {MOST_LINES} lines differ"
            return
        yield _whole(line)


def _lines(word: str, what: dict[str, None]) -> Iterator[str]:
    for each in what:
        yield f"  {word:<5}  {_whole(each)}"


def _whole(text: str) -> str:
    """Return a text as one line that can be shown, and nothing of it cut: the end of a command is what it does."""
    return clean(text, _WIDEST * len(text) + 1)


def _hosts(text: str) -> Iterator[str]:
    """Yield the server of each address in a text, without anybody's login."""
    for address in _ADDRESS.findall(text):
        try:
            place = urlsplit(address).netloc.rpartition("@")[2]
        except ValueError:
            place = ""
        yield place or "an address that nobody can read"


def _flag_files(settings: Settings) -> Iterator[str]:
    places = (settings.flag, *getattr(settings.flag, "targets", {}).values())
    yield from (f"the flag in {place.file}" for place in places if getattr(place, "file", ""))
