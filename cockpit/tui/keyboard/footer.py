"""What the bottom line offers: of the keys that are bound here those that would do something now, by their use."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, cast

from textual.binding import ActiveBinding
from textual.keys import key_to_character
from textual.screen import ModalScreen

from cockpit.settings.keymap.names import SIGNS
from sessions.actions.concluding import closed, undone
from sessions.actions.rollout import no_advance, no_revert
from sessions.values.requests import Act
from widgets.base.view import View
from widgets.dialogs.base import Dialog
from widgets.frame.alarms import ringing
from widgets.frame.header import burning
from widgets.frame.key_line import Label, Offers
from widgets.wording.next_step import next_step

if TYPE_CHECKING:
    from cockpit.tui.app import Cockpit
    from cockpit.tui.screens.board import Board

KEPT = ("screen.detail", "help.show", "app.quit")
"""Never left out, wherever letters are keys."""
_MODAL = Offers((Label("↑↓", "choose"), Label("⏎", "run"), Label("esc", "leave")))
_FUSE = ("fuse.defuse", "fuse.extend", "rollout.revert")
_ROLLOUT = ("rollout.resume", "rollout.pause", "rollout.advance", "rollout.revert", "rollout.freeze", "log.tasks")
_LOG = ("log.note", "log.incident", "log.observe", "log.export")
_LOOKS = ("screen.risks", "screen.log", "screen.week", "screen.report", "app.palette")
_WEEK = ("log.tasks", "screen.week", "log.export", "rollout.conclude", "log.observe", "log.note", "log.incident")
_OVER = ("screen.report", "log.export", "log.note", "rollout.revert")
_OWN = (
    *("handover.close", "field.send", "cursor.open", "cursor.copy"),
    *("detail.next", "detail.down", "risks.open", "risks.down", "risks.next", "entries.open", "entries.filter"),
    *("week.open", "week.down", "week.right", "sheet.find", "sheet.run", "sheet.message", "sheet.odd", "sheet.look"),
    *("report.export", "report.edit", "report.add", "report.strike", "report.preview", "report.higher"),
)
"""A screen's own keys, the most useful first; the way back stands after the second of them."""


def offers(view: View, screen: "Board") -> Offers:
    """Return the keys that work on a screen, or in the dialog over it."""
    top = screen.app.screen
    if top is not screen and isinstance(top, ModalScreen):
        keys = top.keys if isinstance(top, Dialog) else ()
        return Offers(tuple(Label(*pair) for pair in keys)) if keys else _MODAL
    active = [one for one in _reached(screen) if one.enabled]
    own = [one for one in active if one.node is not screen.app and one.binding.id not in screen.idle]
    acts = _by_id(cast("Cockpit", screen.app), view, (one for one in active if one.node is screen.app))
    steering = [one for one in active if one.node is screen.app and one.binding.show and not one.binding.id]
    names = [name for name in _ordered(view) if name in acts and name != screen.SCREEN and possible(view, name)]
    labels = [_label(screen, one) for one in (*steering, *_arranged(own))]
    useful = (*labels, *(acts[name] for name in names if name not in KEPT))
    return Offers(tuple(_once(useful)), tuple(acts[name] for name in KEPT if name in acts))


def possible(view: View, name: str) -> bool:
    """Return whether an act would be taken now; a screen can always be looked at."""
    where, _, act = name.partition(".")
    if where not in ("rollout", "log", "fuse"):
        return True
    known = next((one for one in Act if one.value == act), Act.STEP)
    if view.viewer or closed(view.state, known):
        return False
    return not (hindered := _HINDERED.get(name)) or not hindered(view)


_HINDERED: Mapping[str, Callable[[View], object]] = {
    "rollout.resume": lambda view: view.state.paused is None or burning(view) is not None,
    "rollout.pause": lambda view: view.state.paused is not None,
    "rollout.advance": lambda view: no_advance(view.judgement),
    "rollout.revert": lambda view: no_revert(view.state),
    "rollout.freeze": lambda view: not view.plan.flows,
    "rollout.conclude": lambda view: view.state.week_at is None or any(undone(view.judgement)),
    "fuse.defuse": lambda view: burning(view) is None,
    "fuse.extend": lambda view: burning(view) is None,
    "log.acknowledge": lambda view: not ringing(view),
}
"""Whether something prevents an act that the session still accepts."""


def _ordered(view: View) -> Sequence[str]:
    """Return the acts and screens in the order of their use: what burns, what is to be done next, the rest."""
    state = view.state
    fuse = _FUSE if burning(view) is not None else ()
    alarm = ("log.acknowledge",)
    if view.viewer:
        rest: Sequence[str] = _LOOKS
    elif state.concluded_at is not None:
        rest = (*_OVER, *_LOOKS)
    elif state.week_at is not None:
        rest = (*_WEEK, *_ROLLOUT, *_LOOKS)
    else:
        rest = (*_ROLLOUT, *_LOG, *_LOOKS)
    return tuple(dict.fromkeys((*fuse, next_step(view).act, *alarm, *rest)))


def _reached(screen: "Board") -> Iterable[ActiveBinding]:
    """Return what is bound here by key; where letters are typed only what no letter does."""
    focused = screen.focused
    for key, one in screen.active_bindings.items():
        if focused is None or not focused.check_consume_key(
            key, "/" if key in SIGNS.values() else key_to_character(key)
        ):
            yield one


def _by_id(app: "Cockpit", view: View, active: Iterable[ActiveBinding]) -> Mapping[str, Label]:
    """Return the labels of acts by id; of several keys the first that works here."""
    found: dict[str, Label] = {}
    for one in active:
        name, shown = one.binding.id or "", app.get_key_display(one.binding)
        if name and (name not in found or shown == view.keys.get(name)):
            found[name] = Label(shown, _words(view, name, one.binding.description), one.binding.key)
    return found


def _words(view: View, name: str, words: str) -> str:
    return "Thaw" if name == "rollout.freeze" and len(view.state.frozen) == len(view.plan.flows) > 0 else words


def _arranged(own: Collection[ActiveBinding]) -> Sequence[ActiveBinding]:
    """Return a screen's own keys by their use, the way back among the first."""
    named = {one.binding.id: one for one in reversed([*own]) if one.binding.id}  # of several keys the first
    shown = [named[name] for name in _OWN if name in named and named[name].binding.show]
    back = [one for name, one in named.items() if name.endswith(".back")]
    return (*shown[:2], *back[:1], *shown[2:])


def _label(screen: "Board", one: ActiveBinding) -> Label:
    return Label(screen.app.get_key_display(one.binding), one.binding.description, one.binding.key)


def _once(labels: Iterable[Label]) -> Iterable[Label]:
    """Yield labels that are shown alike once."""
    return {(label.shown, label.words): label for label in labels}.values()
