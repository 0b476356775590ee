"""What a settings model is made of: each key with its kind, its meaning, its default and how it is read.

The reader, the starter file and the reference page all come from these.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import MISSING, field, fields
from datetime import date, time
from math import isfinite
from typing import Any, ClassVar, Protocol, TypeVar
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec import field as made

from cockpit.settings.schema import shapes
from cockpit.settings.schema.masking import secret_parts, sensitive, tokens_in
from cockpit.settings.schema.placeholders import places_in
from cockpit.settings.schema.secrets import Secret
from sessions.plan.strict_table import Table
from sessions.text.clean import clean, too_long

LONGEST = 20_000
"""Nothing of a text of the settings is ever cut: one that is longer than this is refused."""

_REFER = 'write "${NAME}" of the environment, or { command = ["…"] }'


class Model(Protocol):
    """A frozen dataclass whose fields were made by this kit."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


M = TypeVar("M", bound=Model)
Ask = Callable[[Table, str], Any]


class Key(Struct, frozen=True):
    """One key: its `kind` and `doc` as the reference says them, `ask` reads it; `model` is what it nests, if any.

    `shape` is what it may hold, in JSON Schema; `kinds` are the models of which `kind` inside it names one.
    """

    kind: str
    doc: str
    ask: Ask
    example: str = ""
    model: type[Any] | None = None
    shape: shapes.Shape = made(default_factory=dict)
    kinds: Mapping[str, type[Any]] = made(default_factory=dict)


def key_of(model: type[Any], name: str) -> Key:
    """Return the key behind a field of a model."""
    key: Key = model.__dataclass_fields__[name].metadata["key"]
    return key


def read(model: type[M], table: Table) -> M:
    """Read a model from its table; problems are noted there, also those that the model finds in itself."""
    values = {item.name: item.metadata["key"].ask(table, item.name) for item in fields(model)}
    table.close()
    found = model(**values)
    problems: Callable[[], Iterable[tuple[str, str, str]]] = getattr(found, "problems", tuple)
    for name, what, hint in problems():
        table.note(name, what, hint)
    return found


def text(doc: str, default: str | None = None, example: str = "") -> Any:
    """A text."""
    ask: Ask = lambda table, name: _text(table, name, default)  # noqa: E731 (as its neighbours)
    return _key(Key("text", doc, ask, example, shape=shapes.TEXT), default)


def texts(doc: str, default: tuple[str, ...] | None = None, example: str = "") -> Any:
    """A list of texts."""
    ask: Ask = lambda table, name: _texts(table, name, default)  # noqa: E731 (as its neighbours)
    return _key(Key("list of texts", doc, ask, example, shape=shapes.TEXTS), default)


def argv(doc: str, default: tuple[str, ...] | None = None, example: str = "") -> Any:
    """A program and its arguments; no shell reads them."""

    def ask(table: Table, name: str) -> tuple[str, ...]:
        words = _texts(table, name, default)
        if not words and default is None:
            table.note(name, "names no program", 'write ["program", "argument"]')
        return words

    shape = shapes.PROGRAM if default is None else shapes.TEXTS
    return _key(Key("program with arguments", doc, ask, example, shape=shape), default)


def choice(doc: str, options: tuple[str, ...], default: str | None = None, example: str = "") -> Any:
    """One of some words; the example of one that must be said is the first, where none is given."""
    kind = " or ".join(f'"{option}"' for option in options)
    ask: Ask = lambda table, name: table.choice(name, options, default)  # noqa: E731 (as its neighbours)
    shown = "" if default is not None else json.dumps(example or options[0])
    return _key(Key(kind, doc, ask, shown, shape=shapes.choice(options)), default)


def choices(doc: str, options: tuple[str, ...], default: tuple[str, ...]) -> Any:
    """Any of some words."""

    def ask(table: Table, name: str) -> tuple[str, ...]:
        words = table.texts(name, default)
        for word in words:
            if word not in options:
                table.note(name, f'"{word}" is unknown', f"write any of {', '.join(options)}")
        return words

    return _key(Key("list of texts", doc, ask, shape=shapes.choices(options)), default)


def flag(doc: str, *, default: bool) -> Any:
    """True or false."""
    ask: Ask = lambda table, name: table.flag(name, default)  # noqa: E731 (as its neighbours)
    return _key(Key("true or false", doc, ask, shape=shapes.FLAG), default)


def number(doc: str, default: float | None = None, example: str = "", *, low: float = 0.0, high: float = 10**9) -> Any:
    """A number."""
    ask: Ask = lambda table, name: table.number(name, default, low=low, high=high)  # noqa: E731 (as its neighbours)
    return _key(Key("number", doc, ask, example, shape=shapes.number(low, high)), default)


def whole(doc: str, default: int, *, low: int = 0, high: int = 10**9) -> Any:
    """A whole number."""
    ask: Ask = lambda table, name: table.whole(name, default, low=low, high=high)  # noqa: E731 (as its neighbours)
    return _key(Key("whole number", doc, ask, shape=shapes.whole(low, high)), default)


def wholes(doc: str, default: tuple[int, ...], *, low: int, high: int) -> Any:
    """A list of whole numbers."""
    ask: Ask = lambda table, name: table.wholes(name, default, low=low, high=high)  # noqa: E731 (as its neighbours)
    return _key(Key("list of whole numbers", doc, ask, shape=shapes.wholes(low, high)), default)


def span(doc: str, default: float, shown: str, *, low: float = 0.0) -> Any:
    """A duration; the model holds `default` seconds, the file says `shown`."""
    ask: Ask = lambda table, name: table.span(name, shown, low=low)  # noqa: E731 (as its neighbours)
    return _key(Key("duration", doc, ask, f'"{shown}"', shape=shapes.SPAN), default)


def patience(doc: str, low: float, high: float) -> Any:
    """How long something may take: 0 for what is usual, else from `low` to `high` seconds."""

    def ask(table: Table, name: str) -> float:
        value = table.span(name, "0s")
        if value and not low <= value <= high:
            table.note(name, f"is {value:g} s", f'write "{low:g}s" to "{high:g}s", or leave it out')
            return 0.0
        return value

    return _key(Key("duration", doc, ask, '"0s"'), 0.0)


def url(doc: str, default: str | None = None, example: str = "") -> Any:
    """An http or https address without user, password or fragment."""

    def ask(table: Table, name: str) -> str:
        value = _text(table, name, default)
        said = isinstance(table.raw(name), str)
        if said and value != default and (why := why_no_url(value)):
            table.note(name, why, "write http://host:port/path")
        return value

    shape = shapes.URL if default != "" else {"anyOf": [shapes.URL, {"const": ""}]}
    return _key(Key("URL", doc, ask, example, shape=shape), default)


def urls(doc: str, example: str = "") -> Any:
    """At least one http or https address."""

    def ask(table: Table, name: str) -> tuple[str, ...]:
        values = _texts(table, name)
        if table.raw(name) == []:
            table.note(name, "names no address", 'write ["http://host:port/path"]')
        for why in filter(None, map(why_no_url, values)):
            table.note(name, why, "write http://host:port/path")
        return values

    return _key(Key("list of URLs", doc, ask, example, shape=shapes.URLS), None)


def why_no_url(value: str) -> str:
    """Say why a text is not an address that may be asked; empty if it is."""
    try:
        parts = urlsplit(value)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good:
        return f'"{clean(value, 60)}" is not an http address'
    if parts.username is not None or parts.password is not None:
        return "holds a user or a password"
    return "holds a secret in the open" if any(not _filled_later(item) for item in tokens_in(value)) else ""


def secret(doc: str, example: str = "", *, required: bool = False) -> Any:
    """A secret by reference; a secret in the open is refused."""

    def ask(table: Table, name: str) -> Secret:
        if required and table.raw(name) is None:
            table.note(name, "is missing", _REFER)
        return _secret(table, name)

    return _key(Key("secret", doc, ask, example, shape=shapes.SECRET), None if required else Secret())


def address(doc: str, example: str = "") -> Any:
    """A database address, in the open if it holds no password."""

    def ask(table: Table, name: str) -> Secret:
        value = table.raw(name)
        if isinstance(value, str) and "${" not in value and "@" not in value and not list(tokens_in(value)):
            return Secret(value)
        return _secret(table, name)

    return _key(Key("address or secret", doc, ask, example, shape=shapes.ADDRESS), Secret())


def proxy(doc: str, example: str = "") -> Any:
    """An HTTP proxy: an address, in the open if it has no login; "direct" means none."""

    def ask(table: Table, name: str) -> Secret:
        value = table.raw(name)
        if not isinstance(value, str) or "${" in value:
            return _secret(table, name)
        if value not in ("", "direct") and (why := why_no_url(value)):
            table.note(name, why, f"write http://host:port, or {_REFER.removeprefix('write ')}")
        return Secret(clean(value))

    return _key(Key("proxy", doc, ask, example, shape=shapes.PROXY), Secret())


def pairs(doc: str, example: str = "", names: Iterable[str] = ()) -> Any:
    """Names with texts; `names` are all that are allowed, if that is known; a nested use refuses others."""

    def ask(table: Table, name: str) -> Mapping[str, str]:
        value = table.raw(name, {})
        if isinstance(value, Mapping) and all(isinstance(item, str) for item in value.values()):
            return {clean(each, 200): _uncut(table, f"{name}.{each}", item) for each, item in value.items()}
        table.note(name, "is no table of texts", f"write [{name}]")
        return {}

    return _key(Key("table of texts", doc, ask, example, shape=shapes.named(shapes.TEXT, names)), MISSING, dict)


def headers(doc: str, example: str = "") -> Any:
    """Names with texts that may hold secrets by reference; a name that sounds like a secret must."""

    def ask(table: Table, name: str) -> Mapping[str, Secret]:
        value = table.raw(name, {})
        if not isinstance(value, Mapping) or not all(isinstance(item, str) for item in value.values()):
            table.note(name, "is no table of texts", f"write [{name}]")
            return {}
        for each, item in value.items():
            if sensitive(each) and "${" not in item:
                table.note(f"{name}.{clean(each, 60)}", "holds a secret in the open", 'write "${NAME}"')
        return {clean(each, 200): Secret(_uncut(table, f"{name}.{each}", item)) for each, item in value.items()}

    return _key(Key("table of texts", doc, ask, example, shape=shapes.HEADERS), MISSING, dict)


def body(doc: str, example: str = "") -> Any:
    """A table that is sent as JSON."""

    def ask(table: Table, name: str) -> Mapping[str, object]:
        value = table.raw(name, {})
        if isinstance(value, Mapping):
            _refuse_open(table, name, value)
            return dict(value)
        table.note(name, "is no table", f"write [{name}]")
        return {}

    return _key(Key("table", doc, ask, example, shape=shapes.BODY), MISSING, dict)


def document(doc: str, example: str = "") -> Any:
    """A table or a list that is sent as JSON, or a text that is sent as it is; None if nothing is given."""

    def ask(table: Table, name: str) -> object:
        value = table.raw(name)
        if value is None or isinstance(value, (str, Mapping, list)):
            _refuse_open(table, name, value)
            return value
        table.note(name, "is no table, list or text", f"write [{name}]")
        return None

    key = Key("table, list or text", doc, ask, example, shape=shapes.DOCUMENT)
    return field(kw_only=True, default=None, metadata={"key": key})


def one(model: type[Any], doc: str) -> Any:
    """A nested table; if it is absent, all its defaults apply."""

    def ask(table: Table, name: str) -> Any:
        return read(model, table.table(name)) if table.raw(name) is not None else model()

    return _key(Key("table", doc, ask, model=model), MISSING, model)


def many(model: type[Any], doc: str, *, least: int = 0) -> Any:
    """An array of tables."""

    def ask(table: Table, name: str) -> tuple[Any, ...]:
        return tuple(read(model, item) for item in table.tables(name, least=least))

    shape = {"type": "array", "minItems": least}
    return _key(Key("array of tables", doc, ask, model=model, shape=shape), () if not least else None)


def _text(table: Table, name: str, default: str | None = None) -> str:
    _uncut(table, name, table.raw(name))
    return table.text(name, default, most=LONGEST)


def _texts(table: Table, name: str, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
    value = table.raw(name)
    for number, item in enumerate(value if isinstance(value, list) else ()):
        _uncut(table, f"{name}[{number}]", item)
    return table.texts(name, default, most=LONGEST)


def _uncut(table: Table, place: str, value: object) -> str:
    """Return a text, cleaned; one that would have to be cut is a problem."""
    text = value if isinstance(value, str) else ""
    if long := too_long("text", text, LONGEST):
        what, _, hint = long.partition(": ")
        table.note(clean(place, 80), what.removeprefix("text "), hint)
    return clean(text, LONGEST)


def _secret(table: Table, name: str) -> Secret:
    value = table.raw(name)
    if value is None:
        return Secret()
    if isinstance(value, str) and "${" in value and not _half_open(value):
        return Secret(_uncut(table, name, value))
    if isinstance(value, Mapping) and set(value) == {"command"} and _words(value["command"]):
        return Secret(argv=tuple(value["command"]))
    table.note(name, "holds a secret in the open" if isinstance(value, str) else "is no secret", _REFER)
    return Secret()


def _half_open(value: str) -> bool:
    """Whether an address contains a password or token in plain text."""
    return any("${" not in part for part in secret_parts(value))


def _refuse_open(table: Table, path: str, value: object, depth: int = 0) -> None:
    """A body is sent as it stands: no text under a name that sounds like a secret, however deep, but what is filled.

    Nor anything that JSON has no word for.
    """
    if isinstance(value, str) and value.lstrip()[:1] in {"{", "["} and not depth:
        with suppress(ValueError, RecursionError):
            _refuse_open(table, path, json.loads(value), 1)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            _refuse_open(table, f"{path}[{number}]", item, depth + 1)
    elif isinstance(value, Mapping):
        for each, item in value.items():
            place = f"{path}.{clean(each, 60)}"
            if isinstance(item, str) and sensitive(each) and not _filled_later(item):
                table.note(place, "holds a secret in the open", "send it by token, headers or params")
            _refuse_open(table, place, item, depth + 1)
    elif isinstance(value, date | time) or (isinstance(value, float) and not isfinite(value)):
        table.note(path, "cannot be sent as JSON", "write it as a text")


def _filled_later(value: str) -> bool:
    """Whether a text is empty, or one place alone that is filled when it is used."""
    return not value or [f"{{{name}}}" for name in places_in(value)] == [value]


def _words(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, str) for item in value)


def _key(key: Key, default: Any, factory: Any = None) -> Any:
    """Return the field: required where the default is None."""
    if factory is not None:
        return field(kw_only=True, default_factory=factory, metadata={"key": key})
    if default is None:
        return field(kw_only=True, metadata={"key": key})
    return field(kw_only=True, default=default, metadata={"key": key})
