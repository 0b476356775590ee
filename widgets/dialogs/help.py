"""The help: every key that is bound, under what it acts on, read from the bindings; what is typed searches it."""

from collections.abc import Iterator, Sequence
from textwrap import wrap
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.widgets import Input

from sessions.text.clean import clean
from widgets.base.styled import BLANK, HOLD, LEAD, PLAIN, QUIET, STRONG, Line, fit, wide
from widgets.base.view import View
from widgets.dialogs.base import Dialog, Field

GROUPS = {
    "rollout": "Rollout",
    "log": "Log",
    "fuse": "Fuse",
    "screen": "Screens",
    "step": "Runbook, while its risk is not calm",
    "help": "Cockpit",
    "app": "Cockpit",
}
HERE = "On this screen"
Row = tuple[str, Binding]
"""A key as it is shown, or several, and what it does."""
_ROOM = 80
"""Cells from which on a key's words stand beside its name."""


def help_lines(rows: Sequence[Row], width: int, query: str = "") -> tuple[Line, ...]:
    """Return the help for what was searched, all of it without a query, under the groups of the bindings' ids."""
    groups = _grouped(rows, query.strip())
    if not groups:
        return (((f"Nothing about “{clean(query, 40)}”: esc shows every key", HOLD),),)
    keys = max(wide(key) for found in groups.values() for key, _ in found) + 2
    names = max(wide(row.description) for found in groups.values() for _, row in found) + 2
    lines: list[Line] = []
    for title, found in groups.items():
        lines += [*([BLANK] if lines else []), ((title, STRONG),)]
        lines += [line for key, row in found for line in _told(key, row, (keys, names), width)]
    return tuple(lines)


def _told(key: str, row: Binding, columns: tuple[int, int], width: int) -> Iterator[Line]:
    """Yield a key with its words beside it, or below it where there is no room."""
    keys, names = columns
    beside = width >= _ROOM
    room = max(10, width - keys - (names if beside else 0))
    words = wrap(row.tooltip, room) or [""]
    head = fit(key, keys, f"bold {LEAD}")
    if beside:
        yield (head, fit(row.description, names, PLAIN), (words[0], QUIET))
    else:
        yield (head, fit(row.description, room, PLAIN))
    for line in words[1:] if beside else words:
        yield ((" " * (width - room), PLAIN), (line, QUIET))


def _grouped(rows: Sequence[Row], query: str) -> dict[str, list[Row]]:
    """Return what is found by the title that it stands under: a key that is named so comes first."""
    groups: dict[str, list[Row]] = {}
    exact = [one for one in rows if query and query in (*one[0].split(), one[1].key)]
    if exact:
        groups[f"The key {query}"] = exact
    for one in rows:
        if one not in exact and _matches(one, query):
            groups.setdefault(_title(one[1]), []).append(one)
    return groups


def _title(row: Binding) -> str:
    return GROUPS.get((row.id or "app").partition(".")[0], HERE)


def _matches(one: Row, query: str) -> bool:
    """Return whether every word of the query is in the text of a key; one letter must begin a word of its name."""
    key, row = one
    words = query.casefold().split()
    if len(query) == 1:
        return any(word.startswith(query.casefold()) for word in row.description.casefold().split())
    told = f"{key} {row.key} {row.id} {row.description} {row.tooltip} {_title(row)}".casefold()
    return all(word in told for word in words)


class Help(Dialog[None]):
    """Every key and what it does; each letter goes into the search."""

    WIDTH: ClassVar[int] = 100

    def __init__(self, rows: Sequence[Row], view: View) -> None:
        self._query = ""
        super().__init__(
            "Keys",
            view,
            lambda _view, width: help_lines(rows, width, self._query),
            (("type", "search"), ("↑↓", "roll"), ("esc", "close")),
        )

    def more(self) -> ComposeResult:
        """Compose the line of the search."""
        yield Field("search", "search: a key, an act, a word")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show what is found as it is typed."""
        event.stop()
        self._query = event.value
        self.action_roll(-1_000_000)
        self.show(self._view)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Close the help."""
        event.stop()
        self.dismiss(None)

    def action_leave(self) -> None:
        """Show every key again; then close the help."""
        field = self.query_one(Field)
        if field.value:
            field.value = ""
        else:
            self.dismiss(None)
