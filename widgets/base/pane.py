"""A pane: draws one idea of a view as lines in a border, and survives its own mistakes."""

import logging
from typing import ClassVar, Self

from msgspec import Struct
from textual import events
from textual.content import Content
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.style import Style
from textual.widget import Widget

from sessions.text.clean import clean
from widgets.base.styled import BLANK, Line, assembled, content, differing, ready, strip
from widgets.base.target import Target, marked, targets_of
from widgets.base.view import View, still

_LOG = logging.getLogger(__name__)
TONES = ("-bad", "-hold", "-blind", "-lead")


class Picture(Struct, frozen=True):
    """What a pane shows: title, lines, a foot, and the class that colours its border."""

    title: Line
    lines: tuple[Line, ...]
    foot: Line = BLANK
    tone: str = ""

    @property
    def frame(self) -> tuple[Line, Line, str]:
        """What its border shows; a border is painted as a whole."""
        return self.title, self.foot, self.tone


class Pane(Widget):
    """A framed slice of the view; a subclass says `picture`."""

    NAME: ClassVar[str] = ""
    BORDER: ClassVar[int] = 6
    """Cells of the frame that its title cannot use."""

    class Picked(Message):
        """A pane was clicked, `twice` to open it; `row` is the line, -1 for the border."""

        def __init__(self, pane: "Pane", row: int, column: int, *, twice: bool) -> None:
            super().__init__()
            self.pane, self.row, self.column, self.twice = pane, row, column, twice

    def __init__(self) -> None:
        super().__init__(id=self.NAME or None)
        self._view: View | None = None
        self._shown: tuple[Picture, int, int, Target | None, tuple[Target | None, ...]] | None = None
        self._made: tuple[View, object] | None = None
        self._framing = False
        self._ready: tuple[Line, ...] = ()
        self._strips: dict[int, tuple[tuple[Line, Style, str], Strip]] = {}
        self.targets: tuple[Target | None, ...] = ()
        """What each line in sight is about; None where a line is only told."""
        self.cursor: Target | None = None

    @classmethod
    def serves(cls, view: View) -> bool:
        """Return whether the plan uses what it shows; a pane that it does not use gives its place away."""
        del view
        return True

    @classmethod
    def lines(cls, view: View) -> tuple[int, ...]:
        """Return how many lines say enough, and how many say more; they follow from the plan, so that nothing jumps."""
        del view
        return (4,)

    def picture(self, view: View, width: int, height: int) -> Picture:
        """Return what to show in `width` x `height` cells."""
        raise NotImplementedError

    def moves(self, view: View) -> object:
        """Return the parts of time, soak and gate that the picture shows; None if it may show any of them.

        No new picture is made while these parts and the rest of the view are unchanged. A pane that returns something
        here must show nothing but the view.
        """
        del view
        return None

    def forget(self) -> None:
        """Make the next picture in any case."""
        self._made = None

    def show(self, view: View) -> None:
        """Show this view; what says the same as before is not painted."""
        self._view = view
        self._draw()

    def point(self, target: Target | None, *, focus: bool) -> None:
        """Put the cursor on a thing, or take it away; the pane that has the `focus` says so by its border."""
        self.set_class(focus, "-focus")
        if target != self.cursor:
            self.cursor = target
            self._draw()

    def on_click(self, event: events.Click) -> None:
        """Tell which row was clicked."""
        place = event.get_content_offset(self)
        row, column = (place.y, place.x) if place else (-1, 0)
        self.post_message(self.Picked(self, row, column, twice=event.chain > 1))

    def on_resize(self) -> None:
        """Draw again for the new size."""
        self._draw()

    def render(self) -> Content:
        """Return what was drawn last; the very first paint comes before the size is known, and is whole too."""
        width, height = self.content_size
        if self._shown is None and self._view is not None and min(width, height) > 0:
            return content(self._safe_picture(self._view, width, height).lines[:height], width)
        return assembled(self._ready)

    def render_line(self, y: int) -> Strip:
        """Return one line as the screen gets it: if one line of a pane changed, only that line is made again."""
        if self._shown is None or self._shown[1:3] != self.content_size or self.text_selection is not None:
            return super().render_line(y)
        line = self._ready[y] if y < len(self._ready) else BLANK
        dress = (line, self.visual_style, self.app.theme)
        known = self._strips.get(y)
        if known is None or known[0] != dress:
            known = self._strips[y] = (dress, strip(line, y, dress[1], self._get_style))
        return known[1]

    def _draw(self) -> None:
        width, height = self.content_size
        if self._view is None or width < 1 or height < 1:
            return
        picture, was = self._safe_picture(self._view, width, height), self._shown
        if was is not None and picture is was[0] and was[1:4] == (width, height, self.cursor):
            return
        self.targets = targets_of(picture.lines[:height])
        self._shown = (picture, width, height, self.cursor, self.targets)
        if was == self._shown:
            return
        before, self._ready = self._ready, ready(picture.lines[:height], width)
        if self.cursor is not None:
            self._ready = marked(self._ready, self.targets, self.cursor, width)
        resized = was is None or was[1:3] != (width, height)
        if resized or (was and was[0].frame != picture.frame):
            self._frame(picture, width)
        if resized:
            self.refresh()
        elif regions := differing(before, self._ready, width):
            self.refresh(*regions)

    def _safe_picture(self, view: View, width: int, height: int) -> Picture:
        made, self._made = self._made, None
        try:
            moves = self.moves(view)
            if self._shown and made and self._shown[1:3] == (width, height) and _stands(made, view, moves):
                self._made = made
                return self._shown[0]
            picture = self.picture(view, width, height)
        except Exception as error:  # noqa: BLE001 - one broken pane must not end the watch over the others
            _LOG.exception("pane %s cannot be drawn", self.NAME)
            return broken(self.NAME, error)
        if view.silence and picture.title:
            unsure = ((f"◌ AS OF {view.time(view.judgement.at, fine=True)}", "bold $blind"),)
            return Picture(picture.title, picture.lines, unsure, "-blind")
        self._made = (view, moves) if moves is not None else None
        return picture

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """Ask to be painted; a title or a foot that changed is its line of the border and no other."""
        if self._framing and not regions:
            offset, size = self.content_offset, self.outer_size
            regions = tuple(Region(0, y, size.width, 1).translate(-offset) for y in {0, size.height - 1})
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def _frame(self, picture: Picture, width: int) -> None:
        room = max(1, width - self.BORDER + 2)
        self._framing = True
        try:
            self.border_title = content([picture.title], room) if picture.title else None
            self.border_subtitle = content([picture.foot], room) if picture.foot else None
        finally:
            self._framing = False
        for tone in TONES:
            self.set_class(tone == picture.tone, tone)


def _stands(made: tuple[View, object], view: View, moves: object) -> bool:
    """Return whether a picture of before would be made again; one that nobody judges any more says so."""
    return moves is not None and moves == made[1] and not view.silence and still(made[0], view)


def broken(name: str, error: Exception) -> Picture:
    """Return the picture of a pane that cannot be drawn."""
    said = f"{type(error).__name__}: {clean(error, 80)}"
    lines: tuple[Line, ...] = ((("◌ display error", "bold $blind"),), ((said, "$quiet"),))
    return Picture(((name.capitalize(), ""),), lines, (("◌ NOT SHOWN", "bold $blind"),), "-blind")
