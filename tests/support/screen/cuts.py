"""What a screen cuts: every `…` that stands for words, and whether it stands where a value should."""

import re
from collections.abc import Iterable

from textual.containers import VerticalScroll
from textual.widget import Widget

from cockpit.tui.app import Cockpit
from widgets.base.pane import Pane

_CUT = re.compile(r"\S*[^\s│╭─…]…(\S*)")
_VALUE = re.compile(r"(?:[-+]?\d\S*|[<>≤≥=])(?:\s+\S{1,12})?$")
"""The end of what is left before a cut where a figure, its unit or the sign of its bound is the last of it."""


_OF = re.compile(r"\d\S*\s+of$")
"""A count without what it is a part of."""


def cuts(rows: Iterable[str]) -> list[str]:
    """Return the lines in which words are cut; `…` by itself is the mark of what waits."""
    return [row.strip() for row in rows if _CUT.search(row)]


def not_in_a_name(rows: Iterable[str]) -> list[str]:
    """Return the lines in which something else is cut than the middle of a name."""
    return [row.strip() for row in rows if any(not found[1] for found in _CUT.finditer(row))]


def cut_values(rows: Iterable[str], whole: frozenset[str]) -> list[str]:
    """Return the lines in which a figure, its unit or its bound is cut; `whole` are the words of a screen with room."""
    return [row.strip() for row in rows if any(_torn(row, found, whole) for found in _CUT.finditer(row))]


def _torn(row: str, found: re.Match[str], whole: frozenset[str]) -> bool:
    before = row[: found.start() + found[0].index("…")]
    last = before.rsplit(maxsplit=1)[-1]
    if found[1]:
        return False
    return _OF.search(before) is not None or (last not in whole and _VALUE.search(before) is not None)


def words(rows: Iterable[str]) -> frozenset[str]:
    """Return the words of the lines, also without the signs that follow them."""
    found = [word for row in rows for word in row.split()]
    return frozenset([*found, *(word.strip(".,:;()") for word in found)])


def outside(app: Cockpit) -> list[str]:
    """Return what is not in sight: lines that a pane has no room for, widgets over an edge, a screen that rolls."""
    shown = [widget for widget in app.screen.walk_children(Widget) if widget.display and widget.region.area]
    bars = [app.screen] if app.screen.show_vertical_scrollbar or app.screen.show_horizontal_scrollbar else []
    return [
        *(f"{screen!r} rolls" for screen in bars),
        *(f"{pane!r} has {len(lines)} lines for {pane.content_size.height}" for pane, lines in _panes(shown)),
        *(f"{widget!r} at {widget.region} of {app.screen.size}" for widget in shown if _beyond(widget)),
    ]


def _panes(shown: list[Widget]) -> list[tuple[Pane, tuple[object, ...]]]:
    panes = [(widget, widget._shown[0].lines) for widget in shown if isinstance(widget, Pane) and widget._shown]
    return [(pane, lines) for pane, lines in panes if len(lines) > pane.content_size.height]


def _beyond(widget: Widget) -> bool:
    """Whether a widget is cut by the screen or by its dialog; what rolls inside another is reached by rolling."""
    around = [parent for parent in widget.ancestors if isinstance(parent, Widget)]
    edges = [parent.region for parent in around if parent.id == "box" or parent is widget.screen]
    rolls = any(isinstance(parent, VerticalScroll) for parent in around)
    return not rolls and not all(edge.contains_region(widget.region) for edge in edges)
