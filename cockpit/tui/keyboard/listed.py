"""Every key of the moment with what it does: for the help, and for the palette beside the names of the acts."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct
from textual import actions
from textual.binding import Binding
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.screen import Screen

from cockpit.tui.keys import repeatable, single
from sessions.text.clean import clean
from widgets.base.styled import LEAD, QUIET, content, wide
from widgets.dialogs.help import Row

if TYPE_CHECKING:
    from cockpit.tui.app import Cockpit

_UNNAMED = frozenset({"cursor.none", "cursor.copy_always"})
"""The other side of a key that is listed already."""
_ROOM = 60


class Command(Struct, frozen=True):
    """An act that works now: its name, what it does, its keys as they are shown, and the way to begin it."""

    title: str
    words: str
    keys: str
    run: Callable[[], object]


def rows_of(app: "Cockpit", screen: Screen[object], acts: Sequence[Binding]) -> list[Row]:
    """Return what the help lists: the keys of the screen, the acts and screens, the steps of the runbook."""
    own: dict[str, tuple[list[str], Binding]] = {}
    for node, bindings in screen._binding_chain:  # noqa: SLF001 - Textual says elsewhere only what works now
        for row in (row for rows in bindings.key_to_bindings.values() for row in rows if node is not app):
            if row.id and row.tooltip and row.id not in _UNNAMED:
                own.setdefault(row.id, ([], row))[0].append(app.get_key_display(row))
    return [(_keys(keys), row) for keys, row in own.values()] + [(shown(app, row), row) for row in acts]


def shown(app: "Cockpit", row: Binding) -> str:
    """Return every key of an act as it is shown."""
    return _keys([app.get_key_display(one) for one in single(row)])


def commands(app: "Cockpit", screen: Screen[object], acts: Sequence[Binding]) -> Iterator[Command]:
    """Yield what works now, the screen's own first; a key that only moves is no command."""
    seen = set[str]()
    for one in screen.active_bindings.values():
        row = one.binding
        if one.node is app or not one.enabled or not row.id or not row.tooltip or repeatable(row, here=True):
            continue
        if row.id not in seen | _UNNAMED and not row.id.endswith(".back"):
            seen.add(row.id)
            run = partial(app.run_action, row.action, one.node)
            yield Command(row.description, row.tooltip, app.get_key_display(row), run)
    for row in acts:
        _, name, parameters = actions.parse(row.action)
        if name not in ("command_palette", "how_to_quit") and app.check_action(name, parameters):
            yield Command(row.description, row.tooltip, shown(app, row), partial(app.run_action, row.action))


class Commands(Provider):
    """What the palette finds: acts by their names, or by their keys."""

    async def discover(self) -> Hits:
        """Yield everything, while nothing is typed."""
        known = self._known()
        for one in known:
            yield DiscoveryHit(_beside(Content(one.title), one, known), one.run, text=one.title, help=one.words)

    async def search(self, query: str) -> Hits:
        """Yield what matches; an act whose key is typed comes first."""
        matcher, known = self.matcher(query), self._known()
        for one in known:
            score = 2.0 if query.strip() in one.keys.split() else matcher.match(one.title)
            if score > 0:
                title = matcher.highlight(one.title)
                yield Hit(score, _beside(title, one, known), one.run, text=one.title, help=one.words)

    def _known(self) -> list[Command]:
        from cockpit.tui.app import Cockpit

        app = self.app
        return list(commands(app, self.screen, app.listed)) if isinstance(app, Cockpit) else []


def _beside(title: Content, one: Command, known: Sequence[Command]) -> Content:
    """Return a name with its keys in a column of their own."""
    gap = max(wide(other.title) for other in known) + 2 - wide(one.title)
    keys = content([((" " * gap, QUIET), (clean(one.keys, _ROOM), f"bold {LEAD}"))], gap + _ROOM)
    return Content.assemble(title, keys)


def _keys(found: Sequence[str]) -> str:
    return " ".join(dict.fromkeys(found))
