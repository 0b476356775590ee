"""Why a key does nothing here and now: no key is silent."""

from typing import TYPE_CHECKING

from textual import actions, events
from textual.binding import Binding
from textual.screen import ModalScreen

from cockpit.tui.keyboard.line import typing
from sessions.text.clean import clean
from widgets.base.view import View
from widgets.frame.header import burning

if TYPE_CHECKING:
    from cockpit.tui.app import Cockpit

LAYOUT = "is another keyboard layout on? Keys are Latin letters"
CAPS = "is Caps Lock on?"
_QUIET = frozenset({"escape", "enter", "tab", "shift+tab", "up", "down", "left", "right", "home", "end"})
"""They move, open and leave: where there is nothing to do so with, that is seen."""


def begin(app: "Cockpit", event: events.Event) -> None:
    """End what was said of the key before; say why this one does nothing, where it does nothing."""
    if isinstance(event, (events.Key, events.MouseDown)):
        app.answers.clear()
    if isinstance(event, events.Key) and not typing(app.focused) and (why := unanswered(app, event)):
        app.answers.say(why, ok=False, key=app.get_key_display(Binding(event.key, "")))


def unanswered(app: "Cockpit", event: events.Key) -> str:
    """Return why a key does nothing now, empty if something takes it."""
    active = app.screen.active_bindings
    taken = next((active[key] for key in event.aliases if key in active), None)
    if taken is not None and taken.enabled:
        deck = taken.binding.action == "look('deck')" and len(app.screen_stack) == 1
        return "the deck is on the screen" if deck else ""
    if event.key in _QUIET or event.key.startswith("page"):
        return ""
    if isinstance(app.screen, ModalScreen):
        return _unbound(app, event, "no key of this dialog; esc leaves it")
    rows = app._bindings.key_to_bindings.get(event.key, [])  # noqa: SLF001 - Textual hides those that do not act now
    whys = [why for row in rows if (why := _refused(app, row.action))]
    return whys[-1] if whys else _unbound(app, event, f"no act; {app.look().keys['help.show']} lists the keys")


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
    """Return what an act lacks now, whoever looks; empty if it lacks nothing."""
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
