"""The JSON Schema of a plan: its reader is asked what it asks for, and the page about it what that means."""

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from cockpit.settings.schema import shapes
from sessions.plan.loader import bundled, plan_from
from sessions.plan.strict_table import TEXT, Problem, Table, TableError

PAGE = Path(__file__).parents[3] / "docs" / "plan.md"
_ROW = re.compile(r"^\| `([a-z_.0-9]+)`[^|]*\|(.*)\|$", re.MULTILINE)

Shape = dict[str, Any]


class Asked:
    """What a reader asked for: by the path of each key its shape, whether it is needed, and what holds without it."""

    def __init__(self) -> None:
        self.shapes: dict[str, Shape] = {}
        self.optional: set[str] = set()
        self.defaults: dict[str, list[object]] = {}

    def note(self, path: str, shape: shapes.Shape, default: object, *, needed: bool) -> None:
        """Keep one question; of questions within one the outer says more."""
        self.shapes.setdefault(path, dict(shape))
        self.defaults.setdefault(path, []).append(default)
        if not needed:
            self.optional.add(path)


class Asking(Table):
    """A table that notes every key that is read; missing keys count as there, so that all are read."""

    def __init__(
        self,
        asked: Asked,
        values: Mapping[str, object],
        path: str = "",
        problems: list[Problem] | None = None,
        strange: list[Problem] | None = None,
    ) -> None:
        super().__init__(values, path, problems, strange)
        self._notes = asked

    def text(self, key: str, default: str | None = None, *, most: int = TEXT) -> str:
        """Note a text."""
        self._ask(key, shapes.TEXT, default)
        return super().text(key, default, most=most)

    def name(self, key: str) -> str:
        """Note a text that shows something."""
        self._ask(key, {**shapes.TEXT, "minLength": 1}, None)
        return super().name(key)

    def texts(self, key: str, default: tuple[str, ...] | None = None, *, most: int = TEXT) -> tuple[str, ...]:
        """Note a list of texts."""
        self._ask(key, shapes.TEXTS, default)
        return super().texts(key, default, most=most)

    def choice(self, key: str, options: tuple[str, ...], default: str | None = None) -> str:
        """Note one of some words."""
        self._ask(key, shapes.choice(options), default)
        return super().choice(key, options, default)

    def number(self, key: str, default: float | None = None, *, low: float = 0.0, high: float = 1e9) -> float:
        """Note a number."""
        self._ask(key, shapes.number(low, high), default)
        return super().number(key, default, low=low, high=high)

    def whole(self, key: str, default: int | None = None, *, low: int = 0, high: int = 10**9) -> int:
        """Note a whole number."""
        self._ask(key, shapes.whole(low, high), default)
        return super().whole(key, default, low=low, high=high)

    def wholes(self, key: str, default: tuple[int, ...], *, low: int, high: int) -> tuple[int, ...]:
        """Note a list of whole numbers; where its end is that of another key, it is left open."""
        self._ask(key, shapes.wholes(low, max(high, 10**9)), default)
        return super().wholes(key, default, low=low, high=high)

    def flag(self, key: str, default: bool | None = None) -> bool:
        """Note true or false."""
        self._ask(key, shapes.FLAG, default)
        return super().flag(key, default)

    def span(self, key: str, default: str | None = None, *, low: float = 0.0) -> float:
        """Note a duration."""
        self._ask(key, shapes.SPAN, default)
        return super().span(key, default, low=low)

    def raw(self, key: str, default: object = None) -> object:
        """Note that a key may be missing, and go on as if it were not."""
        self._notes.optional.add(self._path_of(key))
        found = super().raw(key, default)
        return {} if found is None else found

    def table(self, key: str, *, needed: bool = True) -> Table:
        """Note a table."""
        self._ask(key, {"type": "object"}, None if needed else {})
        value = super().raw(key)
        return self._inner(value if isinstance(value, Mapping) else {}, self._where(key))

    def tables(self, key: str, *, least: int = 0) -> list[Table]:
        """Note an array of tables."""
        self._ask(key, {"type": "array", "minItems": least}, None if least else ())
        return super().tables(key, least=least) or [self._inner({}, f"{self._where(key)}[0]")]

    def _inner(self, values: Mapping[str, object], path: str) -> Table:
        return Asking(self._notes, values, path, self.problems, self._strange)

    def _ask(self, key: str, shape: shapes.Shape, default: object) -> None:
        self._notes.note(self._path_of(key), shape, default, needed=default is None)

    def _path_of(self, key: str) -> str:
        return re.sub(r"\[\d+\]", "", self._where(key))


def plan_schema() -> Shape:
    """Return the schema of a plan file."""
    asked = Asked()
    for values in ({}, bundled().table):
        with suppress(TableError):
            plan_from(values, reading=lambda values, strange: Asking(asked, values, strange=strange))
    meanings = {path: told.split("|") for path, told in _ROW.findall(PAGE.read_text("utf-8"))}
    words = {path: max(cells[:2], key=len) if len(cells) > 1 else cells[0] for path, cells in meanings.items()}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A plan of the cockpit",
        "description": "What is promised: phases, criteria, risks, daily tasks.",
        **_table(asked, "", {path: _plain(text) for path, text in words.items()}),
    }


def _table(asked: Asked, above: str, words: Mapping[str, str]) -> Shape:
    """Return the shape of the table whose keys begin with `above`."""
    keys = [path for path in asked.shapes if path.startswith(above) and "." not in path[len(above) :]]
    shape: Shape = {"type": "object", "properties": {path[len(above) :]: _key(asked, path, words) for path in keys}}
    if needed := [path[len(above) :] for path in keys if path not in asked.optional]:
        shape["required"] = needed
    return {**shape, "additionalProperties": False}


def _key(asked: Asked, path: str, words: Mapping[str, str]) -> Shape:
    shape = {**({"description": words[path]} if path in words else {}), **asked.shapes[path]}
    if shape.get("type") == "object":
        return {**shape, **_table(asked, f"{path}.", words)}
    if shape.get("type") == "array" and "items" not in shape:
        return {**shape, "items": _table(asked, f"{path}.", words)}
    return shape | _default(asked.defaults[path])


def _default(said: Iterable[object]) -> Shape:
    """Return what holds without a key, where it is the same in every plan."""
    first, *others = said
    if first is None or first in ("", ()) or any(other != first for other in others):
        return {}
    return {"default": list(first) if isinstance(first, tuple) else first}


def _plain(text: str) -> str:
    """Return a cell of the page as words: links as what they say."""
    words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text).strip().replace("`", "")
    return words if words.endswith(".") else f"{words}."
