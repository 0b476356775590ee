"""The bottom line: the keys that work here and now, the most useful first; each can be clicked."""

from collections.abc import Callable

from msgspec import Struct
from textual import events
from textual.content import Content
from textual.widget import Widget

from widgets.base.styled import LEAD, PLAIN, Bit, Line, content, length, wide

Span = tuple[int, int, str]
"""From which cell to which one a click presses which key."""


class Label(Struct, frozen=True):
    """A key as it is shown, its words, and the key itself, empty where a click presses none."""

    shown: str
    words: str
    key: str = ""

    @property
    def width(self) -> int:
        """Cells it takes."""
        return wide(self.shown) + 1 + wide(self.words)


class Offers(Struct, frozen=True):
    """What works now: `useful`, the most useful first, and `kept`, which stand at the right end and stay."""

    useful: tuple[Label, ...] = ()
    kept: tuple[Label, ...] = ()


class KeyLine(Widget):
    """One line of keys; `offers` says which."""

    def __init__(self, offers: Callable[[], Offers]) -> None:
        super().__init__(id="keys")
        self._offers = offers
        self._offered: tuple[Offers, int] | None = None
        self._line: Line = ()
        self._answer: Line = ()
        self._spans: tuple[Span, ...] = ()

    def show(self, _view: object = None) -> None:
        """Ask again what works; a line that is leaving the screen shows nothing."""
        if not self.is_attached:
            return
        offered = (self._offers(), self.size.width)
        if offered != self._offered:
            self._offered = offered
            self._line, self._spans = key_line(*offered)
            self.refresh()

    def tell(self, answer: Line) -> None:
        """Show an answer in the place of the keys; an empty one gives it back. No layout runs for it."""
        if answer != self._answer:
            self._answer = answer
            self.refresh()

    def on_resize(self) -> None:
        """Fit the keys into the new width."""
        self.show()

    def render(self) -> Content:
        """Return the answer that stands, else the keys; the first paint has them already."""
        if self._offered is None:
            self.show()
        return content([self._answer or self._line], self.size.width)

    async def on_click(self, event: events.Click) -> None:
        """Press what was clicked."""
        if self._answer:
            return
        active = self.screen.active_bindings
        for start, end, key in self._spans:
            if start <= event.x < end and key in active:
                await self.app.run_action(active[key].binding.action, active[key].node)


def key_line(offers: Offers, width: int) -> tuple[Line, tuple[Span, ...]]:
    """Return the line, and which cells press which key: no label is cut, the least useful are left out."""
    kept = list(offers.kept)
    while kept and _taken(kept) + 2 > width:
        kept.pop(0)
    room = width - 1 - (_taken(kept) + 3 if kept else 1)
    shown = list(offers.useful)
    while shown and _taken(shown) > room:
        shown.pop()
    gap = width - 2 - _taken(shown) - _taken(kept)
    bits: list[Bit] = [(" ", PLAIN)]
    spans: list[Span] = []
    for number, label in enumerate([*shown, *kept]):
        if number:
            bits.append((" " * (gap if number == len(shown) else 2), PLAIN))
        elif not shown:
            bits.append((" " * gap, PLAIN))
        start = length(tuple(bits))
        bits += [(label.shown, f"bold {LEAD}"), (f" {label.words}", PLAIN)]
        spans.append((start, start + label.width, label.key))
    return tuple(bits), tuple(spans)


def _taken(labels: list[Label]) -> int:
    """Cells that labels take, two of them between each and the next."""
    return sum(label.width for label in labels) + 2 * max(0, len(labels) - 1)
