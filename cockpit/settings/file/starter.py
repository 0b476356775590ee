"""The starter file: every key, commented out. It is written from the models, so that it matches what is read.

A line with one `#` is TOML to uncomment. A line with two explains something, or holds a key that is rarely needed.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from cockpit.settings.file.schema_beside import DIRECTIVE
from cockpit.settings.models.flag_providers import Flagd
from cockpit.settings.models.flag_services import Command, LaunchDarkly, Read, Unleash, Write
from cockpit.settings.models.flags import KINDS as PLACES
from cockpit.settings.models.flags import OF_A_KIND, TARGETS, Targets
from cockpit.settings.models.journeys import Activity
from cockpit.settings.models.mongo import Mongo
from cockpit.settings.models.settings import KINDS, Settings
from cockpit.settings.models.sheets import Changes, Failures
from cockpit.settings.schema.catalog import KeyRow, rows
from cockpit.settings.schema.http_access import Access
from sessions.storage.disk import write_new

HEAD = f"""\
{DIRECTIVE}
## What the cockpit needs to know about your service. docs/settings.md explains every key.
## Remove the single # from the lines that you want. Each paragraph works by itself. A line with ## explains something,
## or holds a key that is rarely needed.
##
## cockpit new copies endpoints, journeys, collections, expected, growth and flag.name into the session, in place of the
## plan's. The cockpit reads everything else each time it opens a session.
##
## Never write a secret here. Write "${{NAME}}" for an environment variable, or {{ command = ["program", "argument"] }}.
"""
_NAMES: Mapping[str, str] = {"mongo": "records", "journey": "wf7"}
_ACCESS = frozenset(item.name for item in fields(Access))
_CHOSEN = {
    (Activity, "argv"),
    (Mongo, "uri"),
    (Changes, "command"),
    (Failures, "command"),
    (Flagd, "file"),
    *((Unleash, key) for key in ("url", "token", "environment")),
    *((LaunchDarkly, key) for key in ("token", "environment")),
    (Read, "url"),
    *((Write, key) for key in ("url", "body")),
    *((Command, key) for key in ("read", "write")),
}
"""Keys without a default that a paragraph needs all the same."""


def write_starter(path: Path) -> Path | None:
    """Write the starter if there is no file yet; None if it cannot be written."""
    try:
        write_new(path, starter().encode())
    except OSError:
        return None
    return path


def starter() -> str:
    """Return the whole starter file."""
    return "\n".join([HEAD, *(f"{paragraph}\n" for paragraph in _paragraphs())])


def _paragraphs() -> Iterator[str]:
    """Yield the paragraphs: plain keys first, for below a table they would belong to it."""
    whole = list(rows(Settings))
    for row in whole:
        if row.key.model is None and row.key.kind not in ("named tables", OF_A_KIND):
            yield _text([_words(row), f"# {row.name} = {row.example}"])
    for row in whole:
        if row.name == "sources":
            yield from (_source(kind, model) for kind, model in KINDS.items())
        elif row.name == "flag":
            yield from _flag(row)
        elif row.name == "activities":
            yield _text([_words(row), '# [activities."p1.wf7"]', *_keys(Activity, "")])
        elif row.key.model is not None:
            yield _text([_words(row), *_table(row, row.name)])


def _flag(flag: KeyRow) -> Iterator[str]:
    """Yield the flag's own table, and each kind as one target among several: the names of tables differ then."""
    words = [f"## {flag.key.doc}; for several places, use [flag.targets.NAME] below", "# [flag]", '# kind = "session"']
    yield _text([*words, *(f"#{line}" if line[1] == " " else line for line in _keys(Targets, "flag"))])
    for kind, model in PLACES.items():
        if kind != "session":
            name = f"flag.{TARGETS}.{kind}"
            alone = f"## If the flag lives only there, write [flag] instead of [{name}]"
            yield _text([f"## {_first(model)}", alone, f"# [{name}]", f'# kind = "{kind}"', *_keys(model, name)])


def _first(model: type[Any]) -> str:
    return (model.__doc__ or "").partition("\n")[0]


def _source(kind: str, model: type[Any]) -> str:
    name = f"sources.{_NAMES.get(kind, kind)}"
    return _text([f"## {_first(model)}", f"# [{name}]", f'# kind = "{kind}"', *_keys(model, name)])


def _keys(model: type[Any], name: str) -> Iterator[str]:
    """Yield the lines of a model's keys, tables last."""
    every = sorted(rows(model), key=lambda row: (not row.required, row.name in _ACCESS))
    for row in every:
        if row.key.model is None and row.key.kind != "named tables":
            active = row.required or row.default or (model, row.name) in _CHOSEN
            yield _words(row)
            yield f"{'#' if active else '##'} {row.name} = {_value(row)}"
    for row in every:
        if row.key.model is not None:
            yield from _table(row, f"{name}.{row.name}")


def _value(row: KeyRow) -> str:
    return row.example if row.required else row.default or row.example


def _table(row: KeyRow, name: str) -> Iterator[str]:
    """Yield a table of its own; one that is needed can be uncommented, one among many is an example."""
    assert row.key.model is not None  # noqa: S101 (who calls has looked)
    many = row.key.kind == "array of tables"
    head = f"[[{name}]]" if many else f"[{name}]"
    lines = [f"# {head}", *_keys(row.key.model, name)]
    if "." in name:
        yield _words(row)
        if many and not row.required:
            lines = [f"#{line}" if not line.startswith("##") else line for line in lines]
    yield from lines


def _words(row: KeyRow) -> str:
    return f"## {row.key.doc} ({row.key.kind})"


def _text(lines: Iterable[str]) -> str:
    return "\n".join(lines)
