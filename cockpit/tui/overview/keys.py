"""The keys of the screen of all sessions: those of the deck, as far as they mean something here."""

from collections.abc import Mapping

from textual.binding import Binding

from cockpit.settings.keymap.keys import Keys, arranged
from cockpit.settings.keymap.names import Said
from widgets.base.styled import LEAD, PLAIN, QUIET, Line
from widgets.dialogs.help import help_lines

_ACTS = {
    "help.show": ("help", "Help", "Every key of this screen, or the list again"),
    "app.quit": ("leave", "Quit", "Leave the screen"),
    "app.mouse": ("mouse", "Mouse", "Leave the mouse to the terminal, to select text with it, or take it again"),
    "app.stop": ("suspend_process", "Suspend", "To the shell; fg returns"),
}
_MOVES = {
    "cursor.up": ("move(-1)", "Up", "To the session above"),
    "cursor.down": ("move(1)", "Down", "To the session below"),
    "cursor.pageup": ("turn(-1)", "Page up", "A page up"),
    "cursor.pagedown": ("turn(1)", "Page down", "A page down"),
    "cursor.home": ("go(0)", "First", "To the first session"),
    "cursor.end": ("go(-1)", "Last", "To the last session"),
    "cursor.open": ("open", "Deck", "Open the deck of the session under the cursor"),
}
_ALSO = {"cursor.up": ("k",), "cursor.down": ("j",)}
"""As in every list of the deck."""
FIXED = (
    Binding("ctrl+c", "how_to_quit", "How to quit", tooltip="Says how to leave", id="app.copy", system=True),
    Binding("escape", "escape", "Leave", tooltip="Leave the help; without it, the screen", id="app.leave"),
)


def bindings(keymap: Mapping[str, Said]) -> tuple[Binding, ...]:
    """Return the bindings, with the keys that the owner chose."""
    keys: Keys = arranged(keymap)
    used = {key for found in keys.own.values() for key in found} | {
        key for found in keys.acts.values() for key in found
    }
    rows = []
    for name, (action, label, tooltip) in {**_MOVES, **_ACTS}.items():
        found = keys.own.get(name) or keys.acts[name]
        also = tuple(key for key in _ALSO.get(name, ()) if key not in used)
        rows.append(Binding(",".join((*found, *also)), action, label, tooltip=tooltip, id=name))
    return (*rows, *FIXED)


def help_of(shown: Mapping[str, str], rows: tuple[Binding, ...], width: int) -> tuple[Line, ...]:
    """Return what the help says; `shown` are the keys by the binding's id, as a person names them."""
    return help_lines([(shown[row.id or ""], row) for row in rows], width)


def key_line(shown: Mapping[str, str], *, helps: bool) -> Line:
    """Return the line of keys at the foot."""
    words = (
        (("help.show", "back to the list"), ("app.quit", "Quit"))
        if helps
        else (
            ("cursor.open", "Deck"),
            ("cursor.up", ""),
            ("cursor.down", "Choose"),
            ("help.show", "Help"),
            ("app.quit", "Quit"),
        )
    )
    bits = [((f" {_first(shown[name])}", f"bold {LEAD}"), (f" {word} " if word else "", QUIET)) for name, word in words]
    return ((" ", PLAIN), *(bit for pair in bits for bit in pair))[1:]


def _first(keys: str) -> str:
    return keys.split(" ", 1)[0]
