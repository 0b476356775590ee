"""Any pane on a screen: it survives its own mistakes and paints nothing twice."""

import pytest
from msgspec.structs import replace
from textual.app import App
from textual.widget import Widget

import themes
import widgets.base.pane as module
from sessions.values.verdicts import Level, Mark
from tests.support.screen.every import EVERY
from tests.support.screen.sample import HOSTILE, calm, hostile, view
from widgets.base.pane import Pane, Picture, broken
from widgets.base.styled import strip
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


async def test_the_same_view_paints_nothing_again(monkeypatch):
    pane = LogPane()
    app = Host(pane)
    async with app.run_test(size=(80, 24)) as pilot:
        pane.show(view(calm()))
        await pilot.pause()
        asked = []
        monkeypatch.setattr(pane, "refresh", lambda *regions, **_: asked.append(regions))
        pane.show(view(calm()))
        assert not asked


class Rows(Pane):
    NAME = "rows"
    rows = ("one", "two", "three")

    def picture(self, view, width, height):
        return Picture((("Rows", ""),), tuple(((row, ""),) for row in self.rows))


async def test_of_a_pane_in_which_a_line_changed_no_other_line_is_made_anew(monkeypatch):
    pane = Rows()
    made = []
    monkeypatch.setattr(module, "strip", lambda line, y, *more: made.append(y) or strip(line, y, *more))
    async with Host(pane).run_test(size=(40, 8)) as pilot:
        pane.show(view(calm()))
        await pilot.pause()
        made.clear()
        pane.rows = ("one", "2", "three")
        pane.show(view(calm()))
        await pilot.pause()
        assert set(made) == {1}


@pytest.mark.parametrize("pane", EVERY, ids=lambda pane: pane.__name__)
async def test_a_line_made_alone_is_the_one_that_textual_makes_of_all(pane):
    one = pane()
    async with Host(one).run_test(size=(120, 40)) as pilot:
        for judgement in (calm(), hostile(HOSTILE[-2]), hostile(HOSTILE[0])):
            one.show(view(judgement))
            await pilot.pause()
            for y, strips in enumerate(zip(*await _both(one, pilot), strict=True)):
                ours, theirs = map(_cells, strips)
                assert ours == theirs[: len(ours)], y
                assert not "".join(sign for sign, _ in theirs[len(ours) :]).strip()


async def test_a_theme_dresses_lines_that_did_not_change_anew():
    """A line that was made is kept, but not its colours."""
    pane = LogPane()
    async with Host(pane).run_test(size=(80, 12)) as pilot:
        pane.app.register_theme(themes.THEMES[-1])
        pane.show(view(calm()))
        await pilot.pause()
        before = [_cells(pane.render_line(y)) for y in range(pane.content_size.height)]
        pane.app.theme = themes.THEMES[-1].name
        await pilot.pause()
        pairs = zip(*await _both(pane, pilot), strict=True)
        after = [(_cells(ours), _cells(theirs)) for ours, theirs in pairs]
        assert [ours for ours, _ in after] != before
        assert all(ours == theirs[: len(ours)] for ours, theirs in after)


async def test_a_title_that_changed_paints_the_border_above_and_below_and_no_line_between():
    pane = Rows()
    async with Host(pane).run_test(size=(40, 8)) as pilot:
        pane.add_class("frame")
        pane.show(view(calm()))
        await pilot.pause()
        pane._exchange_repaint_regions()
        pane.picture = lambda *given: replace(Rows.picture(pane, *given), title=(("Other", ""),))
        pane.show(view(calm()))
        asked = pane._exchange_repaint_regions()
        assert {(one.y, one.height) for one in asked} == {(0, 1), (pane.outer_size.height - 1, 1)}
        await pilot.pause()
        assert "Other" in "".join(bit.text for bit in pane.render_lines(pane.outer_size.region)[0])


async def _both(pane, pilot):
    lines = range(pane.content_size.height)
    ours = [pane.render_line(y) for y in lines]
    pane.refresh()
    return ours, [Widget.render_line(pane, y) for y in lines]


def _cells(line):
    return [(sign, str(bit.style)) for bit in line for sign in bit.text]


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
