"""Every key of a settings model in words: what the starter file and the reference page are written from."""

import json
from collections.abc import Iterator
from dataclasses import MISSING, dataclass, fields
from typing import Any

from cockpit.settings.schema.fields import Key

DURATION = "duration"


@dataclass(frozen=True, slots=True)
class KeyRow:
    """One key: `default` is what holds without it, as TOML, empty if there is nothing to write."""

    name: str
    key: Key
    required: bool
    default: str

    @property
    def example(self) -> str:
        """A value that the file may hold, as TOML."""
        return self.key.example or self.default or '""'


def rows(model: type[Any]) -> Iterator[KeyRow]:
    """Yield the keys of a model in their order."""
    for item in fields(model):
        key: Key = item.metadata["key"]
        required = item.default is MISSING and item.default_factory is MISSING
        yield KeyRow(item.name, key, required, "" if required else _default(key, item.default))


def _default(key: Key, value: object) -> str:
    return key.example if key.kind == DURATION else toml(value)


def toml(value: object) -> str:
    """Return a plain value as TOML; empty if it is empty, or nothing that a file would say."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return f"{value:g}"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False) if value else ""
    if isinstance(value, tuple):
        return f"[{', '.join(toml(item) for item in value)}]" if value else ""
    return ""
