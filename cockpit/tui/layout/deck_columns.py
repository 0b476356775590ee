"""Which panes the deck has at each size, in which columns, and what each of them needs."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from functools import cache
from importlib import import_module

from cockpit.tui.layout.columns import Column, Item
from widgets.base.pane import Pane
from widgets.base.view import View

FRAME = 2
"""The lines of a border."""
RAIL = 40
"""Lines of a terminal from which on the phase rail has air around it."""
_TALL = 40
"""Lines of the board from which on one column holds the table of the criteria too."""


class Shape(StrEnum):
    """How the deck is laid out."""

    ONE = "one"
    TWO = "two"
    LOW = "low"
    THREE = "three"


def shape_of(width: int, height: int) -> Shape:
    """Return the layout of a terminal of this size."""
    if width < 110:
        return Shape.ONE
    if width < 150:
        return Shape.TWO
    return Shape.THREE if height >= RAIL else Shape.LOW


_MODULES = {
    "gate": ("panes.gate", "GatePane"),
    "log": ("panes.log", "LogPane"),
    "risks": ("panes.risk", "RiskPane"),
    "flag": ("panes.flag", "FlagPane"),
    "latency": ("panes.latency", "LatencyPane"),
    "errors": ("panes.errors", "ErrorsPane"),
    "analytics": ("panes.analytics", "AnalyticsPane"),
    "growth": ("panes.growth", "GrowthPane"),
    "incidents": ("panes.incidents", "IncidentsPane"),
    "queue": ("panes.queue", "QueuePane"),
    "capsules": ("panes.capsules", "CapsulePane"),
    "criteria": ("tables.criteria", "CriteriaPane"),
    "facts": ("tables.facts", "FactsPane"),
}
NAMES = tuple(_MODULES)


@cache
def pane_called(name: str) -> type[Pane]:
    """Return the class of a pane; it is loaded when a layout first has a place for it."""
    module, called = _MODULES[name]
    found: type[Pane] = getattr(import_module(f"widgets.{module}"), called)
    return found


def columns(view: View, width: int, rows: int, shape: Shape) -> tuple[Column, ...]:
    """Return the columns for a board of this size, with the panes that the plan uses."""
    return tuple(column for column in _SHAPES[shape](view, width, rows) if column.items)


def _one(view: View, width: int, rows: int) -> Sequence[Column]:
    tall = rows >= _TALL
    middle = (_item(view, "criteria", 8, rank=3),) if tall else ()
    flag = _item(view, "facts" if tall else "flag", 3, rank=2, bare=True, most=3 if tall else 0)
    items = (
        _item(view, "gate", 6, rank=0, most=2 if tall else 1),
        *middle,
        _item(view, "risks", 4, rank=1, most=1),
        flag,
        _item(view, "log", 3, rank=4, grows=1, bare=True),
    )
    return (_column(view, width, items),)


def _two(view: View, width: int, _rows: int) -> Sequence[Column]:
    left = width * 46 // 100
    return (
        _column(view, left, (_item(view, "gate", 8), _item(view, "log", 4, rank=1, grows=1))),
        _column(view, width - left, _table(view)),
    )


def _low(view: View, width: int, _rows: int) -> Sequence[Column]:
    left, right = width * 31 // 100, width * 29 // 100
    gate = (_item(view, "gate", 8), _item(view, "log", 3, rank=1, grows=1, bare=True))
    criteria, risks, facts = _table(view)
    if not pane_called("risks").serves(view):
        return (_column(view, left, gate), _column(view, width - left, (criteria, facts)))
    return (
        _column(view, left, gate),
        _column(view, width - left - right, (criteria, facts)),
        _column(view, right, (risks,)),
    )


def _table(view: View) -> tuple[Item, Item, Item]:
    return (
        _item(view, "criteria", 6, rank=1),
        _item(view, "risks", 4, rank=0, grows=1),
        _item(view, "facts", 3, rank=2, bare=True),
    )


def _three(view: View, width: int, _rows: int) -> Sequence[Column]:
    """Without risks their column goes: what stood below them comes below the gate, and the others have the room."""
    risks = pane_called("risks").serves(view)
    left, right = (width * 35 // 100, max(44, width * 28 // 100)) if risks else (width * 38 // 100, 0)
    gate, log = _item(view, "gate", 8), _item(view, "log", 4, rank=1, grows=1)
    below = (
        _item(view, "queue", 4, rank=2, grows=2),
        _item(view, "capsules", 3, rank=3),
        _item(view, "flag", 4, rank=1),
    )
    middle = (
        _item(view, "latency", 5, rank=0, grows=3),
        _item(view, "errors", 4, rank=1, grows=1),
        _item(view, "analytics", 4, rank=2),
        _item(view, "growth", 4, rank=3, grows=1),
        _item(view, "incidents", 4, rank=4),
    )
    beside = (gate, log) if risks else (gate, *below, log)
    return (
        _column(view, left, beside),
        _column(view, width - left - right, middle),
        *([_column(view, right, (_item(view, "risks", 6, rank=0, grows=1), *below))] if risks else []),
    )


def _column(view: View, width: int, items: Sequence[Item]) -> Column:
    return Column(width, tuple(item for item in items if pane_called(item.name).serves(view)))


def _item(  # noqa: PLR0913 (a pane is placed by these)
    view: View, name: str, least: int, *, rank: int = 0, grows: int = 0, bare: bool = False, most: int = 3
) -> Item:
    """Return a pane with what it wants, at most so many of its forms; without any it stays one line."""
    wants = tuple(lines + FRAME for lines in pane_called(name).lines(view)[:most]) if most else ()
    return Item(name, least, wants, grows, rank, bare)


_SHAPES: dict[Shape, Callable[[View, int, int], Sequence[Column]]] = {
    Shape.ONE: _one,
    Shape.TWO: _two,
    Shape.LOW: _low,
    Shape.THREE: _three,
}
