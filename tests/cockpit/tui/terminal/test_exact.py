"""A line whose colours are exact is passed on as it is; any other comes out as Textual's own filter makes it."""

import pytest
from rich.segment import Segment
from rich.style import Style
from textual._ansi_theme import MONOKAI
from textual.color import Color
from textual.filter import ANSIToTruecolor

from cockpit.tui.terminal.exact import ExactColours
from tests.support.screen import sample
from tests.support.screen.pilots import flying

GROUND = Color(10, 20, 30)


def both(*styles):
    line = [Segment("ab", style) for style in styles]
    return line, ExactColours(MONOKAI).apply(line, GROUND), ANSIToTruecolor(MONOKAI).apply(line, GROUND)


@pytest.mark.parametrize(
    "styles",
    [(), (None,), ("#aabbcc",), ("#aabbcc on #010203", None, "bold"), ("reverse underline on rgb(1,2,3)",)],
    ids=str,
)
def test_exact_colours_are_passed_on(styles):
    line, ours, textuals = both(*(style and Style.parse(style) for style in styles))
    assert ours is line
    assert ours == textuals


@pytest.mark.parametrize("style", ["red", "on red", "default", "on default", "dim #aabbcc", "color(3)", "dim"])
def test_any_other_is_made_exact(style):
    line, ours, textuals = both(Style.parse("#aabbcc"), Style.parse(style))
    assert ours == textuals
    assert ours is not line


async def test_the_lines_of_the_deck_are_exact(monkeypatch):
    passed, whole = [], ExactColours.apply

    def seen(self, segments, background):
        made = whole(self, segments, background)
        passed.append(made is segments)
        return made

    monkeypatch.setattr(ExactColours, "apply", seen)
    async with flying(sample.calm()):
        assert len(passed) > 48
        assert passed.count(True) > 0.9 * len(passed)
