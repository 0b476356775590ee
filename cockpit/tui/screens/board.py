"""What every screen shares: the header, the key line, and panes that are shown each new view."""

from typing import ClassVar, Protocol, TypeVar, runtime_checkable

from textual.app import ComposeResult
from textual.screen import Screen
from textual.widget import Widget

from cockpit.tui.layout.deck_columns import RAIL
from cockpit.tui.terminal.composed import Composed
from sessions.state.measures import steerable
from widgets.base.pane import Pane
from widgets.base.view import View
from widgets.frame.alarms import ringing
from widgets.frame.header import Header, burning
from widgets.frame.key_line import KeyLine, Offers
from widgets.frame.small_terminal import LEAST, Small

P = TypeVar("P", bound=Pane)


@runtime_checkable
class Shown(Protocol):
    """Something that can be shown a view."""

    def show(self, view: View) -> None:
        """Show it."""
        ...


class Board(Screen[None]):
    """A whole screen of panes; too small a terminal leaves only the few words that matter."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-std"), (150, "-wide")]  # noqa: RUF012 - Textual declares it so
    VERTICAL_BREAKPOINTS = [(0, "-low"), (36, "-high")]  # noqa: RUF012 - Textual declares it so

    SCREEN: ClassVar[str] = ""
    """The id of the binding that leads here, where the key line need not offer it."""

    def __init__(self, view: View) -> None:
        super().__init__()
        self._compositor = Composed()
        self._all: tuple[Shown, ...] = ()
        self._view = view
        self._had_keys: Widget | None = None

    def compose(self) -> ComposeResult:
        """Compose the header, the body, the keys."""
        yield self.framed(Header(), "")
        yield from self.body()
        yield self.framed(Small(), "")
        yield KeyLine(self._offers)

    def framed(self, pane: P, frame: str = "frame") -> P:
        """Return a pane that knows the view already: its first paint is whole."""
        pane.show(self._view)
        return pane.add_class(frame) if frame else pane

    def joined(self, pane: P) -> P:
        """Put a pane onto a screen that is up, and return it."""
        self._all = ()
        self.mount(self.framed(pane))
        return pane

    def body(self) -> ComposeResult:
        """Compose what is between header and keys."""
        yield from ()

    @property
    def idle(self) -> frozenset[str]:
        """The ids of this screen's own keys that would do nothing now: the key line leaves them out."""
        return frozenset()

    def _offers(self) -> Offers:
        from cockpit.tui.keyboard.footer import offers

        return offers(self._view, self)

    def on_screen_suspend(self) -> None:
        """A dialog opens above: its keys are those that work."""
        self.call_later(self.show_keys)

    def on_screen_resume(self) -> None:
        """Its own keys work again."""
        self.call_later(self.show_keys)

    def on_descendant_focus(self) -> None:
        """Text takes the letters, or gives them back."""
        self.call_later(self.show_keys)

    def on_descendant_blur(self) -> None:
        """Text takes the letters, or gives them back."""
        self.call_later(self.show_keys)

    def show_keys(self) -> None:
        """Show again which keys work."""
        for keys in self.query(KeyLine):
            keys.show()

    @property
    def stands(self) -> bool:
        """Return whether its panes are there: not before it is composed, and no more once it is being removed."""
        return self.is_mounted and self.display and self.app.is_running

    def show(self, view: View) -> None:
        """Show the view in every pane."""
        self._view = view
        if not self.stands:
            return
        if not self._all:
            self._all = tuple(widget for widget in self.query(Widget) if isinstance(widget, Shown))
        self.lay(view)
        for pane in self._all:
            pane.show(view)

    def lay(self, view: View) -> None:
        """Hand to the panes of a screen what they need beside the view."""

    def fold(self, width: int, height: int) -> None:
        """Choose the layout for this size; what had the keys before the terminal was too small has them again after."""
        small = width < LEAST[0] or height < LEAST[1]
        if small and not self.has_class("-small"):
            self._had_keys = self.focused
        elif not small and self.has_class("-small"):
            self.call_after_refresh(self._give_back)
        self.set_class(small, "-small")
        self.set_class(not small and (width < 120 or height < 36), "-folded")
        self.set_class(height < RAIL, "-flat")

    def _give_back(self) -> None:
        if self.stands and self.focused is None and self._had_keys is not None and self._had_keys.focusable:
            self.set_focus(self._had_keys)


def act_allowed(view: View, name: str) -> bool | None:
    """Return whether an act may be asked."""
    paused = view.state.paused is not None
    if name == ("pause" if paused else "resume"):
        return False
    if name == "resume" and burning(view) is not None:
        return False
    if name in ("defuse", "extend") and burning(view) is None:
        return False
    if name == "acknowledge" and not ringing(view):
        return False
    if name == "conclude" and view.state.week_at is None:
        return False
    return None if view.viewer else True


def step_allowed(view: View, number: int) -> bool:
    """Return whether the runbook steps of the plan's risk of that number may be done."""
    known = view.judgement.risks.get(view.plan.risks[number].id)
    return known is not None and steerable(view.state, known) and not view.viewer
