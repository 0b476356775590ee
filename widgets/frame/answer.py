"""The line of answers: it stands in the place of the key line, and covers nothing else."""

from textual.content import Content
from textual.widget import Widget

from widgets.base.styled import GOOD, HOLD, PLAIN, content


class Answer(Widget):
    """One line in the bottom row: what came of the last key, or why nothing did."""

    def __init__(self) -> None:
        super().__init__()
        self._words = ""
        self._ok = True

    def tell(self, words: str, *, ok: bool) -> None:
        """Stand in the bottom row with these words; with none the keys are there again."""
        self._words, self._ok = words, ok
        self.display = bool(words)
        self.refresh()

    def render(self) -> Content:
        """Return the line."""
        glyph, style = ("✔", GOOD) if self._ok else ("▲", HOLD)
        line = ((f" {glyph} ", style), (self._words, PLAIN if self._ok else HOLD))
        return content([line], self.size.width)
