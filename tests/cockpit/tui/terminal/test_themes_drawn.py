"""Every theme draws every screen: a name that Textual's own widgets ask for and nobody defines ends the program."""

import pkgutil
from importlib import import_module
from pathlib import Path

import pytest
import textual.widgets
from textual.app import App
from textual.css.stylesheet import Stylesheet
from textual.dom import DOMNode
from textual.screen import Screen

import themes
from cockpit.settings.models.settings import Settings
from cockpit.tui.app import Cockpit
from tests.support.screen import sample
from tests.support.screen.fake_door import FakeDoor
from tests.support.screen.pilots import flying

NAMES = [theme.name for theme in themes.THEMES]


def fresh(name):
    return Cockpit(FakeDoor(sample.calm()), clock=lambda: sample.NOW, settings=Settings(theme=name))


def every_style():
    """Return the style sheet of each class of Textual's, and ours."""
    for found in pkgutil.iter_modules(textual.widgets.__path__):
        import_module(f"textual.widgets.{found.name}")
    kinds, known = [DOMNode], []
    while kinds:
        kinds += (kind := kinds.pop()).__subclasses__()
        if (css := kind.__dict__.get("DEFAULT_CSS")) and kind.__module__.startswith("textual."):
            known.append((f"{kind.__module__}.{kind.__name__}", css))
    return [*known, ("ours", Path(themes.STYLESHEET).read_text("utf-8"))]


@pytest.mark.parametrize("name", NAMES)
def test_no_style_asks_for_a_colour_that_a_theme_lacks(name):
    variables = fresh(name).get_css_variables()
    styles = every_style()
    assert len(styles) > 50
    for place, css in styles:
        sheet = Stylesheet(variables=variables)
        sheet.add_source(css, (place, ""), is_default_css=place != "ours")
        sheet.parse()


@pytest.mark.parametrize("name", NAMES)
async def test_the_deck_and_its_screens_are_drawn(name):
    async with flying(sample.calm(), settings=Settings(theme=name)) as flown:
        assert flown.app.theme == name
        for key in ("2", "3", "4", "5", "6", "1", "question_mark"):
            await flown.press(key)
        assert flown.text().strip()


def test_one_that_never_came_up_is_left_in_order():
    """What fails before the first paint is told by itself, not by what its end runs into."""
    app = fresh(themes.DEFAULT)
    app.on_unmount()
    assert isinstance(app, App)
    assert issubclass(type(app.get_default_screen()), Screen)
