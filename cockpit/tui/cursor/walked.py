"""A screen whose panes are walked over: the arrows and tab move the cursor, enter opens, y copies, escape lets go."""

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from cockpit.tui.cursor.copying import copy, step_of
from cockpit.tui.cursor.places import Place, beside, beyond, in_order
from cockpit.tui.screens.board import Board
from widgets.base.pane import Pane
from widgets.base.target import Target, rows_of
from widgets.base.view import View

if TYPE_CHECKING:
    from cockpit.tui.app import Cockpit

NOTHING = "No cursor yet: an arrow, tab or a click shows it"
_TOOLTIP = "Move the cursor over the panes and their rows"


class Walked(Board):
    """Panes with a cursor. It is shown once somebody moves it, and stays on its thing until escape."""

    app: "Cockpit"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "turn(1)", "Next pane", tooltip="To the next pane", id="cursor.next", show=False),
        Binding("shift+tab", "turn(-1)", "Pane before", tooltip="To the pane before", id="cursor.before", show=False),
        Binding("down", "go(1, 0)", "Down", tooltip=_TOOLTIP, id="cursor.down", show=False),
        Binding("up", "go(-1, 0)", "Up", tooltip=_TOOLTIP, id="cursor.up", show=False),
        Binding("right", "go(0, 1)", "Right", tooltip=_TOOLTIP, id="cursor.right", show=False),
        Binding("left", "go(0, -1)", "Left", tooltip=_TOOLTIP, id="cursor.left", show=False),
        Binding("enter", "open", "Open", tooltip="Open what is under the cursor", id="cursor.open"),
        Binding("enter", "nothing", "Nothing", tooltip="Say that nothing is there", id="cursor.none", show=False),
        Binding("y", "copy", "Copy", tooltip="Copy what is under the cursor, over SSH too", id="cursor.copy"),
        Binding(
            "Y",
            "copy",
            "Copy",
            tooltip="Copy it on every screen",
            id="cursor.copy_always",
            show=False,
        ),
        Binding("escape", "let_go", "Let go", tooltip="Take the cursor away", id="cursor.let_go", show=False),
    ]

    def __init__(self, view: View) -> None:
        super().__init__(view)
        self._name = ""
        self._row = 0
        self._under: Target | None = None
        self._left_at: dict[str, Target] = {}

    @property
    def under(self) -> Target | None:
        """What is under the cursor, as its pane tells it by now; None while none is shown."""
        known = (one for pane in self.query(Pane) if self._name == pane.NAME for one in pane.targets if one)
        return self._under and next((one for one in known if one.same == self._under.same), self._under)

    def show(self, view: View) -> None:
        """Show the view; the cursor stays on its thing, or on the row that is nearest to where that was."""
        super().show(view)
        self._stay()

    def fold(self, width: int, height: int) -> None:
        """Choose the layout; remove the cursor if its pane is not in it."""
        super().fold(width, height)
        if self._under is not None:
            self.call_after_refresh(self._stay)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Return False for what is done with a thing while nothing is under the cursor."""
        if action in ("open", "copy", "let_go"):
            return self._under is not None
        return self._under is None if action == "nothing" else super().check_action(action, parameters)

    def action_turn(self, step: int) -> None:
        """Go to another pane, to the row where the cursor was there before."""
        places = in_order(self._places())
        if not places:
            return
        names = [place.name for place in places]
        number = names.index(self._name) + step if self._name in names else 0 if step > 0 else -1
        place = places[number % len(places)]
        before = self._left_at.get(place.name)
        known = before is not None and place.at(before) >= 0
        self._to(place, before if before is not None and known else place.rows[0][1])

    def action_go(self, down: int, right: int) -> None:
        """Go to the next row, at the edge of a pane to the one beside it; the first time to the first row."""
        places = self._places()
        here = next((place for place in places if place.name == self._name), None)
        if here is None or self._under is None:
            self.action_turn(1)
            return
        at = here.at(self._under)
        line = here.rows[at][0]
        if down and 0 <= at + down < len(here.rows):
            self._to(here, here.rows[at + down][1])
        elif found := beyond(places, here, down) if down else beside(places, here, line, right):
            self._to(*found)

    def on_pane_picked(self, event: Pane.Picked) -> None:
        """Select what was clicked; twice opens it."""
        event.stop()
        place = next((place for place in self._places() if place.name == event.pane.NAME), None)
        if place is None:
            return
        self._to(place, place.nearest(event.row))
        if event.twice:
            self.action_open()

    def action_open(self) -> None:
        """Open what is under the cursor."""
        if (under := self.under) is not None:
            from cockpit.tui.cursor.opening import open_target

            open_target(self.app, under, self._view)

    def action_nothing(self) -> None:
        """Say that nothing is under the cursor."""
        self.app.say(NOTHING, ok=False)

    def action_copy(self) -> None:
        """Copy what is under the cursor; a step that wears the same letter is named, and not done."""
        if (under := self.under) is not None:
            copy(self.app, under.text, step_of(self._view, "y"))

    def action_let_go(self) -> None:
        """Take the cursor away: the screen is calm again."""
        self._name, self._under = "", None
        self._point()

    def _places(self) -> list[Place]:
        """Return the visible panes that have rows; a pane on top, such as the hand-over, hides the others."""
        panes = [pane for pane in self.query(Pane) if pane.region.area and _displayed(pane)]
        above = [pane.region for pane in panes if pane.has_focus]
        free = (pane for pane in panes if not any(pane.region.overlaps(region) for region in above))
        told = ((pane, rows_of(pane.targets)) for pane in free)
        return [Place(pane.NAME, pane.region, pane.content_region.y, rows) for pane, rows in told if rows]

    def _to(self, place: Place, target: Target) -> None:
        self._name, self._under = place.name, target
        self._row = place.rows[place.at(target)][0]
        self._left_at[place.name] = target
        self._point()

    def _stay(self) -> None:
        """Stay on the thing where it is still told, else beside where it was; a pane that went takes nothing along."""
        if not self.stands or self._under is None:
            return
        here = next((place for place in self._places() if place.name == self._name), None)
        if here is None:
            self.action_let_go()
        else:
            at = here.at(self._under)
            self._to(here, here.rows[at][1] if at >= 0 else here.nearest(self._row))

    def _point(self) -> None:
        for pane in self.query(Pane):
            here = self._under is not None and self._name == pane.NAME
            pane.point(self._under if here else None, focus=here)
        self.show_keys()


def _displayed(pane: Pane) -> bool:
    return all(node.display for node in pane.ancestors_with_self if isinstance(node, Widget))
