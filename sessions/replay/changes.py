"""A plan with some of its keys changed: `criteria.latency.p95_ms=400`, the keys and values of a plan file."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from sessions.plan.loader import plan_from
from sessions.plan.model import Plan
from sessions.plan.strict_table import Problem, TableError
from sessions.replay.fitted import unfit
from sessions.text.clean import clean

_NAMES = ("id", "name", "percent", "of")
"""What tells one row of a list from the others: `risks.csat.act`, `phases.25.soak`."""


class Change(Struct, frozen=True):
    """One key of the plan format with its value of then, None where the plan did not say it, and its new one."""

    key: str
    was: object
    value: object


def changed(plan: Plan, sets: Sequence[str]) -> tuple[Plan, tuple[Change, ...]]:
    """Return the plan with these keys changed, each written `key=value`. Raises TableError with every problem."""
    table, changes = _copied(plan.table), list[Change]()
    for one in sets:
        key, value = _read(one)
        changes.append(Change(key, _put(table, key, value), value))
    new = plan_from(table)
    problems = tuple(unfit(new, plan))
    if problems:
        raise TableError(problems)
    return new, tuple(changes)


def _read(text: str) -> tuple[str, object]:
    key, sign, value = text.partition("=")
    words = key.strip().split(".")
    if not sign or not all(words):
        raise TableError([Problem(f"--set {clean(text, 60)}", "is not key=value", "write criteria.latency.p95_ms=400")])
    try:
        return ".".join(words), tomllib.loads(f"value = {value}")["value"]
    except (tomllib.TOMLDecodeError, RecursionError):
        return ".".join(words), clean(value.strip(), 200)  # 10m, without quotes


def _put(table: dict[str, object], key: str, value: object) -> object:
    """Set one nested key and return its old value. Raises TableError if there is no such path."""
    *above, last = key.split(".")
    here: object = table
    for number, word in enumerate(above):
        here = _inner(here, word, ".".join(above[: number + 1]))
    if not isinstance(here, dict):
        raise TableError([_nowhere(key, "leads to no table")])
    was: object = here.get(last)
    if isinstance(was, dict) or (isinstance(was, list) and any(isinstance(row, dict) for row in was)):
        raise TableError([_nowhere(key, "is a whole table")])
    here[last] = value
    return was


def _inner(here: object, word: str, path: str) -> object:
    if isinstance(here, dict):
        return here.setdefault(word, {})
    rows = here if isinstance(here, list) else []
    for row in rows:
        if isinstance(row, dict) and word in _names(row):
            return row
    known = ", ".join(name for row in rows if isinstance(row, Mapping) for name in _names(row)[:1])
    raise TableError([_nowhere(path, "is not in the plan", f"known: {clean(known, 200)}" if known else "")])


def _names(row: Mapping[str, object]) -> list[str]:
    return [str(row[name]) for name in _NAMES if name in row]


def _nowhere(path: str, what: str, todo: str = "name one key of it") -> Problem:
    return Problem(f"--set {clean(path, 80)}", what, todo)


def _copied(table: Mapping[str, object]) -> dict[str, object]:
    return {key: _copy(value) for key, value in table.items()}


def _copy(value: object) -> object:
    if isinstance(value, Mapping):
        return _copied(value)
    if isinstance(value, (list, tuple)):
        return [_copy(item) for item in _items(value)]
    return value


def _items(value: Iterable[object]) -> Iterable[object]:
    return value
