"""The line of answers: it replaces the key line and covers nothing else."""

from textual.content import Content
from textual.widget import Widget

from widgets.base.styled import GOOD, HOLD, PLAIN, Line, content


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
        return content([answer_line(self._words, ok=self._ok)], self.size.width)


def answer_line(words: str, *, ok: bool) -> Line:
    """Return an answer with the symbol that says whether it is a good one."""
    glyph, style = ("✔", GOOD) if ok else ("▲", HOLD)
    return ((f" {glyph} ", style), (words, PLAIN if ok else HOLD))
