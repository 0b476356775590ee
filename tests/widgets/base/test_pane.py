"""Any pane on a screen: it survives its own mistakes and paints nothing twice."""

import pytest
from textual.app import App

import themes
from sessions.values.verdicts import Level, Mark
from tests.support.screen.every import EVERY
from tests.support.screen.sample import HOSTILE, calm, hostile, view
from widgets.base.pane import Pane, broken
from widgets.panes.log import LogPane


class Failing(Pane):
    NAME = "failing"

    def picture(self, view, width, height):
        raise ZeroDivisionError("[/] by \x1b zero")


class Host(App):
    CSS_PATH = themes.STYLESHEET

    def __init__(self, *panes):
        super().__init__()
        self.panes = panes

    def get_theme_variable_defaults(self):
        return dict(themes.VARIABLE_DEFAULTS)

    def compose(self):
        yield from self.panes


async def test_a_pane_that_fails_says_so_and_the_others_go_on(caplog):
    """Row 36."""
    failing, fine = Failing(), LogPane()
    app = Host(failing, fine)
    async with app.run_test(size=(80, 24)) as pilot:
        failing.show(view(calm()))
        fine.show(view(calm()))
        await pilot.pause()
        assert "display error" in failing.render().plain
        assert "ZeroDivisionError: [/] by ^[ zero" in failing.render().plain
        assert "Stakeholder update" in fine.render().plain
    assert "cannot be drawn" in caplog.text
    assert broken("x", ValueError("y")).tone == "-blind"


async def test_the_same_view_paints_nothing_again():
    pane = LogPane()
    app = Host(pane)
    async with app.run_test(size=(80, 24)) as pilot:
        pane.show(view(calm()))
        await pilot.pause()
        before = pane._content
        pane.show(view(calm()))
        assert pane._content is before


@pytest.mark.parametrize("pane", EVERY, ids=lambda pane: pane.__name__)
async def test_hostile_text_renders_in_every_pane(pane):
    """Row 81: nothing is parsed, nothing can be clicked."""
    one = pane()
    app = Host(one)
    async with app.run_test(size=(120, 40)) as pilot:
        for text in HOSTILE:
            one.show(view(hostile(text)))
            await pilot.pause()
        assert app.is_running


def test_marks_and_levels_all_have_glyph_and_style():
    from widgets.base.symbols import LEVELS, MARKS

    assert set(MARKS) == set(Mark)
    assert set(LEVELS) == set(Level)
    assert len({glyph for glyph, _ in MARKS.values()}) == len(Mark)
