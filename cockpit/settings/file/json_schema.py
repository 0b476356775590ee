"""The JSON Schemas of `cockpit.toml` and of a plan, for editors; both are kept beside this module.

usage: python -m cockpit.settings.file.json_schema [--check]
"""

import json
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

from cockpit.settings.file.schema_beside import PLAN, SETTINGS, kept
from cockpit.settings.models.flags import KINDS as PLACES
from cockpit.settings.models.flags import OF_A_KIND, TARGETS, Targets, lacking
from cockpit.settings.models.settings import Settings
from cockpit.settings.schema.catalog import DURATION
from cockpit.settings.schema.fields import Key, read
from cockpit.settings.schema.shapes import DEFINITIONS
from sessions.plan.strict_table import Table

DRAFT = "http://json-schema.org/draft-07/schema#"
Shape = dict[str, Any]


def written() -> dict[str, str]:
    """Return both schemas, written again, by the names of their files."""
    from cockpit.settings.file.plan_schema import plan_schema

    return {SETTINGS: _text(settings_schema()), PLAN: _text(plan_schema())}


def settings_schema() -> Shape:
    """Return the schema of a settings file."""
    definitions: dict[str, Shape] = dict(DEFINITIONS)
    whole = _table(Settings, definitions)
    return {
        "$schema": DRAFT,
        "title": "cockpit.toml",
        "description": "What the cockpit needs to know about your service.",
        **whole,
        "definitions": dict(sorted(definitions.items())),
    }


def _table(model: type[Any], definitions: dict[str, Shape], kind: str | None = None) -> Shape:
    """Return the shape of a model's table, with its `kind` where that names it; what it nests is put aside."""
    required = needed(model)
    properties = {item.name: _property(item, definitions, item.name in required) for item in fields(model)}
    if kind is not None:
        properties = {"kind": {"const": kind, "description": _words(model)}, **properties}
        required = ("kind", *required)
    shape: Shape = {"type": "object", "description": _words(model), "properties": properties}
    if required:
        shape["required"] = list(required)
    return {**shape, "additionalProperties": False}


def needed(model: type[Any]) -> tuple[str, ...]:
    """Return the required keys of a table, as the reader itself reports them."""
    empty = Table({})
    read(model, empty)
    names = {item.name for item in fields(model)}
    return tuple(dict.fromkeys(found.path for found in empty.problems if found.path in names and _missing(found.what)))


def _missing(what: str) -> bool:
    return what in {"is missing", "names no place", "has 0"}


def _property(item: Any, definitions: dict[str, Shape], required: bool) -> Shape:
    """Return what one key may hold, what it means, and what holds without it."""
    key: Key = item.metadata["key"]
    shape: Shape = {"description": f"{key.doc}.", **_inner(key, definitions)}
    if required and item.default == "":
        shape["minLength"] = 1
    if required and key.kinds:
        shape["minProperties"] = 1
    if (default := _default(key, item.default)) is not None:
        shape["default"] = default
    if key.example and key.kind != DURATION:
        shape["examples"] = [tomllib.loads(f"it = {key.example}")["it"]]
    return shape


def _inner(key: Key, definitions: dict[str, Shape]) -> Shape:
    if key.kind == OF_A_KIND:
        return _flag(definitions)
    if key.kinds:
        kinds = {name: _kind(name, model, definitions) for name, model in key.kinds.items()}
        return {"type": "object", "additionalProperties": {**_union(kinds), "required": ["kind"]}}
    if key.model is None:
        return dict(key.shape)
    inner = _put(_named(key.model), key.model, definitions)
    if key.kind == "array of tables":
        return {**key.shape, "items": inner}
    return {"type": "object", "additionalProperties": inner} if key.kind == "named tables" else {"allOf": [inner]}


def _flag(definitions: dict[str, Shape]) -> Shape:
    """Return every place of the flag by itself, where it must carry the percentage, and several of them."""
    kinds = {}
    for kind, model in PLACES.items():
        needs = [_nested(path.split(".")) for path in lacking(model)]
        kinds[kind] = {"allOf": [_kind(kind, model, definitions), *needs]}
    several = kinds[TARGETS] = _put(_named(Targets), Targets, definitions)
    definitions[_named(Targets)]["properties"] |= {"kind": {"const": TARGETS}}
    alone = definitions["flag.session"]
    unnamed = {"if": {"required": [TARGETS]}, "then": several, "else": {**alone, "required": []}}
    whole = _union(kinds)
    return {**whole, "allOf": [*whole["allOf"], {"if": {"not": {"required": ["kind"]}}, "then": unnamed}]}


def _union(kinds: Mapping[str, Shape]) -> Shape:
    """Return a table whose `kind` says which of several it is.

    What is wrong is told of that kind alone; `anyOf`, which refuses nothing, is where editors look for completions.
    """
    named = [
        {"if": {"properties": {"kind": {"const": kind}}, "required": ["kind"]}, "then": then}
        for kind, then in kinds.items()
    ]
    every: Shape = {"properties": {"kind": {"enum": list(kinds)}}}
    return {"type": "object", "allOf": [every, *named], "anyOf": [*kinds.values(), True]}


def _nested(path: list[str]) -> Shape:
    """Return that a key deep in a table is needed and says something."""
    first, *rest = path
    inner: Shape = _nested(rest) if rest else {"minLength": 1, "minItems": 1}
    return {"required": [first], "properties": {first: inner}}


def _kind(kind: str, model: type[Any], definitions: dict[str, Shape]) -> Shape:
    return _put(_of_kind(kind, model), model, definitions, kind)


def _put(name: str, model: type[Any], definitions: dict[str, Shape], kind: str | None = None) -> Shape:
    """Put the shape of a model aside under a name, once; return what leads to it, with what its keys say together."""
    if name not in definitions:
        definitions[name] = {}
        definitions[name] = _table(model, definitions, kind)
    there: Shape = {"$ref": f"#/definitions/{name}"}
    rules = getattr(model, "RULES", ())
    return {"allOf": [there, *rules]} if rules else there


def _of_kind(kind: str, model: type[Any]) -> str:
    return f"{'flag' if kind in PLACES and PLACES[kind] is model else 'source'}.{kind}"


def _named(model: type[Any]) -> str:
    return f"{model.__module__.rpartition('.')[2]}.{model.__name__}"


def _words(model: type[Any]) -> str:
    return (model.__doc__ or "").partition("\n")[0].replace("`", "")


def _default(key: Key, value: object) -> object:
    """Return what holds without a key, as the file would say it; None if there is nothing to say."""
    if value is MISSING or (isinstance(value, str | tuple) and not value):
        return None
    if key.kind == DURATION:
        return json.loads(key.example)
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, float) and value == int(value):
        return int(value)
    return value if isinstance(value, str | int | float) else None


def _text(schema: Mapping[str, object]) -> str:
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


def main(words: list[str]) -> int:
    """Write both schemas; with --check only say which of them is out of date."""
    here = Path(__file__).parent
    old = [name for name, text in written().items() if not (here / name).is_file() or kept(name) != text]
    for name in old:
        if words != ["--check"]:
            (here / name).write_text(written()[name], "utf-8")
        sys.stdout.write(f"{name}: {'is not what the models say' if words else 'written anew'}\n")
    return 1 if old and words else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
