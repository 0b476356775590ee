"""The bottom line: the keys that work here and now, read from the bindings; each can be clicked."""

from textual import events
from textual.binding import ActiveBinding
from textual.content import Content
from textual.widget import Widget

from widgets.ink import LEAD, PLAIN, QUIET, Bit, Line, content, length

LAST = "help.show"
"""The binding that keeps its place at the right end."""


class KeyLine(Widget):
    """One line of keys."""

    def __init__(self) -> None:
        super().__init__(id="keys")
        self._line: Line = ()
        self._spans: tuple[tuple[int, int, str], ...] = ()

    def show(self, _view: object = None) -> None:
        """Read the bindings again."""
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
        """Run what was clicked."""
        for start, end, action in self._spans:
            if start <= event.x < end:
                await self.screen.run_action(action)

    def _labels(self, shown: list[ActiveBinding]) -> list[tuple[str, str, str, bool]]:
        """Return key, label, action and whether it works, the help at the end."""
        shown.sort(key=lambda active: active.binding.id == LAST)
        rows = {
            (self.app.get_key_display(one.binding), one.binding.description): (one.binding.action, one.enabled)
            for one in shown
        }
        return [(*names, *rest) for names, rest in rows.items()]


def key_line(labels: list[tuple[str, str, str, bool]], width: int) -> tuple[Line, tuple[tuple[int, int, str], ...]]:
    """Return the line, and which cells run which action; the last label always stays, the ones before it yield."""
    bits: list[Bit] = [(" ", PLAIN)]
    spans: list[tuple[int, int, str]] = []
    last = len(labels[-1][0]) + len(labels[-1][1]) + 2 if labels else 0
    for number, (key, label, action, works) in enumerate(labels):
        start = length(tuple(bits))
        room = width - start - (0 if number == len(labels) - 1 else last + 1)
        if len(key) + len(label) + 1 > room:
            continue
        gap = "" if number == len(labels) - 1 else "  "
        bits.extend(((key, f"bold {LEAD}" if works else QUIET), (f" {label}{gap}", PLAIN if works else QUIET)))
        spans.append((start, start + len(key) + len(label) + 1, action))
    return tuple(bits), tuple(spans)
