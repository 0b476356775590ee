"""Why a key does nothing here and now: no key is silent."""

from typing import TYPE_CHECKING

from textual import actions, events
from textual.binding import ActiveBinding
from textual.screen import ModalScreen

from cockpit.tui.keyboard.line import typing
from sessions.text.clean import clean
from widgets.base.view import View
from widgets.frame.header import burning

if TYPE_CHECKING:
    from cockpit.tui.app import Cockpit

LAYOUT = "is another keyboard layout on? Keys are Latin letters"
CAPS = "is Caps Lock on?"
_MOVES = frozenset({"tab", "shift+tab", "up", "down", "left", "right", "home", "end", "pageup", "pagedown"})
_FOCUS = ("app.focus_next", "app.focus_previous")
"""What Textual binds on every screen, also where there is nothing to go to."""


def begin(app: "Cockpit", event: events.Event) -> None:
    """End what was said of the key before; say why this one does nothing, where it does nothing."""
    stood = app.answers.now is not None
    if isinstance(event, (events.Key, events.MouseDown)):
        app.answers.end()
    if not isinstance(event, events.Key) or (stood and event.key == "escape") or _is_text(app, event):
        return
    if why := unanswered(app, event):
        app.refuse(event.key, why)


def _is_text(app: "Cockpit", event: events.Key) -> bool:
    return typing(app.focused) and (event.is_printable or event.key in ("enter", "tab"))


def unanswered(app: "Cockpit", event: events.Key) -> str:
    """Return why a key does nothing now, empty where something takes it."""
    active = app.screen.active_bindings
    taken = next((active[key] for key in event.aliases if key in active), None)
    if taken is not None and _out_of_sight(app, taken):
        return "nothing of that is in sight: enlarge the terminal first"
    if taken is not None and taken.enabled and not _leads_nowhere(app, taken):
        deck = taken.binding.action == "look('deck')" and len(app.screen_stack) == 1
        return "the deck is on the screen" if deck else ""
    if isinstance(app.screen, ModalScreen):
        return _unbound(app, event, "no key of this dialog; esc leaves it")
    return _not_here(app, event)


def _not_here(app: "Cockpit", event: events.Key) -> str:
    """Return why a key does nothing on a screen, where no dialog is above it."""
    if event.key == "escape":
        return f"there is nothing to leave here; {app.look().keys['app.quit']} quits"
    if event.key in _MOVES:
        return "moves nothing on this screen"
    if event.key == "enter":
        return "opens nothing on this screen"
    rows = app._bindings.key_to_bindings.get(event.key, [])  # noqa: SLF001 - Textual hides those that do not act now
    whys = [why for row in rows if (why := _refused(app, row.action))]
    return whys[-1] if whys else _unbound(app, event, f"not a key here; {app.look().keys['help.show']} lists the keys")


def _out_of_sight(app: "Cockpit", taken: ActiveBinding) -> bool:
    """Return whether a key is about what a terminal that is too small does not show: the acts work there too."""
    if not app.screen.has_class("-small"):
        return False
    looks = taken.binding.action.startswith("look(") and taken.binding.action != "look('deck')"
    return looks or (taken.node is not app and not (taken.binding.id or "").endswith(".back"))


def _leads_nowhere(app: "Cockpit", taken: ActiveBinding) -> bool:
    return taken.binding.action in _FOCUS and len(app.screen.focus_chain) < 2


def _unbound(app: "Cockpit", event: events.Key, otherwise: str) -> str:
    """Return what a letter that nothing is bound to may mean, each guess once."""
    letter = event.character or ""
    guess = ""
    if letter.isalpha() and not letter.isascii():
        guess = LAYOUT
    elif letter.isalpha() and letter.isupper():
        guess = CAPS
    if not guess or guess in app.answers.guessed:
        return otherwise
    app.answers.guessed.add(guess)
    return guess


def _refused(app: "Cockpit", action: str) -> str:
    """Return why an action cannot be done now, empty if it is not this one that the key meant."""
    _, name, given = actions.parse(action)
    view = app.look()
    if name == "step":
        risk = view.plan.risks[int(str(given[0]))]
        return _read_only(view.viewer) or f"{clean(risk.title, 60).lower()} is calm"
    act = str(given[0]) if name == "act" and given else ""
    if not act or act == ("resume" if view.state.paused is None else "pause"):
        return ""
    return _reason(view, act) or _read_only(view.viewer)


def _reason(view: View, act: str) -> str:
    """Return why an act cannot be done now; empty if it can."""
    fuse = burning(view) is not None
    if act == "resume" and fuse:
        return f"a fuse burns; {view.keys['fuse.defuse']} defuses it first"
    if act in ("defuse", "extend") and not fuse:
        return "no fuse burns"
    if act == "conclude" and view.state.week_at is None:
        return "the week has not begun"
    return "no alarm rings" if act == "acknowledge" and not view.viewer else ""


def _read_only(viewer: str) -> str:
    return f"this screen is read-only: {clean(viewer, 120)}" if viewer else ""
