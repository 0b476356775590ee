"""The bottom line: the keys that work here and now, read from the bindings; each can be clicked."""

from msgspec import Struct
from textual import events
from textual.binding import ActiveBinding
from textual.content import Content
from textual.widget import Widget

from widgets.base.styled import LEAD, PLAIN, QUIET, Bit, Line, content, length

LAST = "help.show"
"""The binding that keeps its place at the right end."""


class Label(Struct, frozen=True):
    """A key as it is shown, its words, the key itself, and whether it works now."""

    shown: str
    words: str
    key: str
    works: bool


class KeyLine(Widget):
    """One line of keys."""

    def __init__(self) -> None:
        super().__init__(id="keys")
        self._line: Line = ()
        self._spans: tuple[tuple[int, int, str], ...] = ()

    def show(self, _view: object = None) -> None:
        """Read the bindings again; a line that is leaving the screen has none."""
        if not self.is_attached:
            return
        shown = [active for active in self.screen.active_bindings.values() if active.binding.show]
        line, spans = key_line(self._labels(shown), self.size.width)
        if line != self._line:
            self._line, self._spans = line, spans
            self.refresh()

    def on_resize(self) -> None:
        """Fit the keys into the new width."""
        self.show()

    def render(self) -> Content:
        """Return the keys."""
        return content([self._line], self.size.width)

    async def on_click(self, event: events.Click) -> None:
        """Press what was clicked."""
        active = self.screen.active_bindings
        for start, end, key in self._spans:
            if start <= event.x < end and key in active:
                await self.app.run_action(active[key].binding.action, active[key].node)

    def _labels(self, shown: list[ActiveBinding]) -> list[Label]:
        """Return the labels, the help at the end; two keys that are shown alike are one label."""
        shown.sort(key=lambda active: active.binding.id == LAST)
        rows = {
            (self.app.get_key_display(one.binding), one.binding.description): Label(
                self.app.get_key_display(one.binding), one.binding.description, one.binding.key, one.enabled
            )
            for one in shown
        }
        return list(rows.values())


def key_line(labels: list[Label], width: int) -> tuple[Line, tuple[tuple[int, int, str], ...]]:
    """Return the line, and which cells press which key; the last label always stays, the ones before it yield."""
    bits: list[Bit] = [(" ", PLAIN)]
    spans: list[tuple[int, int, str]] = []
    kept = len(labels[-1].shown) + len(labels[-1].words) + 2 if labels else 0
    for number, label in enumerate(labels):
        last = number == len(labels) - 1
        start, size = length(tuple(bits)), len(label.shown) + len(label.words) + 1
        if size > width - start - (0 if last else kept + 1):
            continue
        bits.append((label.shown, f"bold {LEAD}" if label.works else QUIET))
        bits.append((f" {label.words}" + ("" if last else "  "), PLAIN if label.works else QUIET))
        spans.append((start, start + size, label.key))
    return tuple(bits), tuple(spans)
