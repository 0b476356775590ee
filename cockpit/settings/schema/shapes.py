"""What each kind of key may hold, in JSON Schema: never stricter than the reader."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from cockpit.settings.schema.masking import SENSITIVE_WORDS

Shape = Mapping[str, Any]
Rules = tuple[Shape, ...]
"""What the keys of one table say together."""

TEXT: Shape = {"type": "string"}
TEXTS: Shape = {"type": "array", "items": TEXT}
PROGRAM: Shape = {**TEXTS, "minItems": 1}
FLAG: Shape = {"type": "boolean"}
SPAN: Shape = {"type": "string", "pattern": r"^([0-9]+(\.[0-9]+)?(ms|s|m|h|d))+$"}

URL: Shape = {"type": "string", "pattern": r"^ *[Hh][Tt][Tt][Pp][Ss]?://[^/?#@]+([/?#]|$)"}
"""No login in it; what stands behind its host the reader looks at."""
URLS: Shape = {"type": "array", "items": URL, "minItems": 1}

_COMMAND: Shape = {
    "type": "object",
    "properties": {"command": {**PROGRAM, "description": "A program and its arguments; its first line is taken."}},
    "required": ["command"],
    "additionalProperties": False,
}
_REFERRED = r"\$\{"
SECRET: Shape = {"allOf": [{"$ref": "#/definitions/secret"}]}
ADDRESS: Shape = {"allOf": [{"$ref": "#/definitions/address"}]}

PROXY: Shape = {"anyOf": [{"enum": ["direct", ""]}, URL, {"$ref": "#/definitions/secret"}]}

_ANY_CASE = re.sub(r"[a-z]", lambda letter: f"[{letter[0].upper()}{letter[0]}]", SENSITIVE_WORDS)
HEADERS: Shape = {
    "type": "object",
    "patternProperties": {_ANY_CASE: {"type": "string", "pattern": _REFERRED}},
    "additionalProperties": TEXT,
}
"""A name that sounds like a secret refers to one."""

_SENT: Shape = {"$ref": "#/definitions/sent"}
_SENT_IN_FULL: Shape = {
    "description": "What is sent as JSON; it holds no secret in the open.",
    "type": ["object", "array", "string", "number", "boolean"],
    "items": _SENT,
    "patternProperties": {
        _ANY_CASE: {"allOf": [_SENT], "pattern": r"^(\{[A-Za-z_][A-Za-z0-9_]*\})?$"},
    },
    "additionalProperties": _SENT,
}
"""A text under a name that sounds like a secret is one place to be filled, or empty."""
BODY: Shape = {"type": "object", "allOf": [_SENT]}
DOCUMENT: Shape = {"type": ["object", "array", "string"], "allOf": [_SENT]}

DEFINITIONS: Shape = {
    "secret": {"anyOf": [{"type": "string", "pattern": _REFERRED}, _COMMAND]},
    "address": {"anyOf": [{"type": "string", "pattern": rf"{_REFERRED}|^[^@]*$"}, _COMMAND]},
    "sent": _SENT_IN_FULL,
}
"""What others lead to by its name."""


def choice(options: Iterable[str]) -> Shape:
    """One of some words."""
    return {"enum": list(options)}


def choices(options: Iterable[str]) -> Shape:
    """Any of some words."""
    return {"type": "array", "items": choice(options)}


def number(low: float, high: float) -> Shape:
    """A number within bounds."""
    return {"type": "number", "minimum": _plain(low), "maximum": _plain(high)}


def whole(low: int, high: int) -> Shape:
    """A whole number within bounds."""
    return {"type": "integer", "minimum": low, "maximum": high}


def wholes(low: int, high: int) -> Shape:
    """A list of whole numbers; one alone is read as a list of one."""
    return {"type": ["array", "integer"], "items": whole(low, high), "minimum": low, "maximum": high}


def named(inner: Shape, names: Iterable[str] = ()) -> Shape:
    """A table of names, each with something; of `names` only, where there are any."""
    known = list(names)
    if not known:
        return {"type": "object", "additionalProperties": inner}
    return {"type": "object", "properties": dict.fromkeys(known, inner), "additionalProperties": False}


def not_beside(one: str, other: str) -> Shape:
    """Of two keys only one is written, where each says something."""
    return {"not": {"required": [one, other], "properties": {one: _SAID, other: _SAID}}}


def together(one: str, other: str) -> Shape:
    """Two keys that belong together, where they say something."""
    return {"allOf": [_needs(one, other), _needs(other, one)]}


def either(one: str, other: str) -> Shape:
    """One of two keys is written, and not both."""
    said = [{"required": [name], "properties": {name: _SAID}} for name in (one, other)]
    return {"oneOf": said}


_SAID: Shape = {"minLength": 1, "minItems": 1}


def _needs(one: str, other: str) -> Shape:
    said = {"required": [one], "properties": {one: _SAID}}
    return {"if": said, "then": {"required": [other], "properties": {other: _SAID}}}


def _plain(bound: float) -> float:
    return int(bound) if bound == int(bound) else bound
