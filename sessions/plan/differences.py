"""What two plans promise differently, in words: what is gone, what is new, what was one thing and is another."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from msgspec import Struct

from sessions.plan.model import Plan
from sessions.text.clean import clean
from sessions.text.units import duration

_FEW = 6
_LONGEST = 400
_NAMES = ("id", "name", "percent", "of")
"""What tells one part of a list from the others."""
_SPANS = frozenset(("gap", "delay", "soak", "length", "settle", "minute", "pool", "hole", "tail", "fuse"))
"""What is counted in seconds, and said as a span."""


def differences(was: Plan, new: Plan) -> Mapping[str, str]:
    """Return by part of the plan what is promised differently: `endpoints` to `+ GET /looks, - POST /csat`."""
    parts = [name for name in Plan.__struct_fields__ if name != "table"]
    pairs = {name: (getattr(was, name), getattr(new, name)) for name in parts}
    return {name: clean(_told(name, *pair), _LONGEST) for name, pair in pairs.items() if pair[0] != pair[1]}


def told(found: Mapping[str, str]) -> tuple[str, ...]:
    """Return differences in words, a line for each part: `endpoints + GET /looks, - POST /csat`."""
    return tuple(f"{name} {text}" for name, text in found.items())


def _told(name: str, was: object, new: object) -> str:
    if isinstance(was, tuple) and isinstance(new, tuple):
        return _several(list(_listed(was, new))) or "in another order"
    if isinstance(was, Struct) and isinstance(new, Struct):
        return _several(list(_fields(was, new)))
    return f"{_value(name, was)} -> {_value(name, new)}"


def _listed(was: Sequence[object], new: Sequence[object]) -> Iterator[str]:
    before, after = ({_named(item): item for item in items} for items in (was, new))
    yield from (f"+ {name}" for name in after if name not in before)
    yield from (f"- {name}" for name in before if name not in after)
    for name, item in after.items():
        if name in before and before[name] != item:
            yield f"{name}: {_several(list(_fields(before[name], item)))}"


def _fields(was: object, new: object) -> Iterator[str]:
    for name in getattr(was, "__struct_fields__", ()):
        one, two = getattr(was, name), getattr(new, name)
        if one != two:
            yield f"{name} {_told(name, one, two)}"


def _named(item: object) -> str:
    return next((str(getattr(item, name)) for name in _NAMES if hasattr(item, name)), str(item))


def _value(name: str, value: object) -> str:
    if value is None or value in ("", ()):
        return "none"
    if isinstance(value, float):
        return duration(value) if name in _SPANS else f"{value:g}"
    return "another" if isinstance(value, (Struct, tuple, date)) else str(value)


def _several(parts: Sequence[str]) -> str:
    more = f" and {len(parts) - _FEW} more" if len(parts) > _FEW else ""
    return ", ".join(parts[:_FEW]) + more
