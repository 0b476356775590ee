"""Only the cells that differ are written, and what then stands on the terminal is what was drawn."""

import re
from contextlib import asynccontextmanager
from datetime import timedelta

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.control import Control
from rich.segment import Segment
from rich.style import Style
from textual.app import App
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from cockpit.tui.terminal.composed import touched
from cockpit.tui.terminal.written import Written, differing
from tests.support.screen.grown_flight import NOW
from tests.support.screen.pilots import Flown, flying
from tests.support.screen.sample import breach, calm, calm_flight
from widgets.base.pane import Pane

WIDTH = 24
STYLES = (Style(), Style(bold=True), Style(color="red"), Style(bgcolor="blue"))
SIGNS = st.text(st.sampled_from([*"ab 12", "●", "界", "│"]), max_size=6)
BITS = st.lists(st.tuples(SIGNS, st.sampled_from(STYLES)), max_size=6)


def line(bits):
    return Strip([Segment(text, style) for text, style in bits]).adjust_cell_length(WIDTH, STYLES[0])


def drawn(parts):
    screen = pyte.Screen(WIDTH, 1)
    stream = pyte.Stream(screen)
    for x, part in parts:
        stream.feed(Control.move_to(x, 0).segment.text + part.render(Console()))
    return [screen.buffer[0][column] for column in range(WIDTH)]


@given(BITS, BITS)
def test_what_differs_makes_the_old_line_the_new_one(was, now):
    was, now = line(was), line(now)
    assert drawn([(0, was), *differing(was, now)]) == drawn([(0, now)])


@pytest.mark.parametrize(
    ("was", "now", "part"),
    [
        ("soak 14s of 4h", "soak 14s of 4h", []),
        ("soak 14s of 4h", "soak 15s of 4h", [(6, "5")]),
        ("soak 9s of 4h ", "soak 10s of 4h", [(5, "10s of 4h")]),
        ("a 界 b", "a 界 c", [(5, "c")]),
        ("e b", "e\u0301 b", [(0, "e\u0301 b")]),
    ],
)
def test_one_figure_writes_its_own_cells(was, now, part):
    was, now = Strip([Segment(was)]), Strip([Segment(now)])
    assert [(x, strip.text) for x, strip in differing(was, now)] == part


def test_a_line_of_another_width_is_written_whole():
    was, now = Strip([Segment("abc")]), Strip([Segment("ab")])
    assert [(x, one.text) for x, one in differing(was, now)] == [(0, "ab")]


class Seen(Flown):
    """A flight whose bytes go to an emulator."""

    def __init__(self, flown, written, screen):
        super().__init__(flown.app, flown.door, flown.pilot)
        self.written, self.screen = written, screen

    def stands(self):
        return [row.rstrip() for row in self.screen.display] == [row.rstrip() for row in self.rows()]

    async def a_second(self, seconds=1, judgement=None):
        at = self.app._clock() + timedelta(seconds=seconds)
        self.app._clock = lambda: at
        if judgement is not None:
            self.door.turn(judgement)
        self.written.clear()
        self.app.paint()
        await self.settle()
        return "".join(self.written)


@asynccontextmanager
async def seen(monkeypatch, judgement, size=(160, 48)):
    written, screen = [], pyte.Screen(*size)
    stream = pyte.Stream(screen)

    def display(app, _screen, update):
        if update is not None:
            written.append(update.render_segments(app.console))
            stream.feed(written[-1])

    monkeypatch.setattr(App, "_display", display)
    async with flying(judgement, size) as flown:
        yield Seen(flown, written, screen)


async def test_a_second_in_which_nothing_turned_writes_the_clock_and_ages_and_nothing_else(monkeypatch):
    async with seen(monkeypatch, calm()) as flown:
        await flown.a_second()
        before = flown.rows()
        text = await flown.a_second()
        moved = {str(y) for y, (was, now) in enumerate(zip(before, flown.rows(), strict=True), 1) if was != now}
        assert flown.stands()
        assert set(re.findall(r"\x1b\[(\d+);\d+H", text)) == moved
        assert len(moved) <= 2
        assert len(text) < 100 * len(moved), text


async def test_a_view_that_says_the_same_writes_nothing(monkeypatch):
    async with seen(monkeypatch, calm()) as flown:
        await flown.a_second()
        assert not await flown.a_second(seconds=0)


async def test_one_soak_that_grew_writes_a_few_cells_of_its_lines(monkeypatch):
    flight = calm_flight()
    async with seen(monkeypatch, flight.judged()) as flown:
        await flown.a_second()
        later = flight.judged(NOW + timedelta(seconds=1))
        text = await flown.a_second(judgement=later)
        assert flown.stands()
        assert len(text) < 1_000, text


@pytest.mark.parametrize("size", [(160, 48), (80, 24)])
async def test_the_terminal_shows_what_was_drawn_wherever_the_keys_lead(monkeypatch, size):
    async with seen(monkeypatch, calm(), size) as flown:
        for key in ["3", "1", "2", "right", "4", "escape", "n", "escape", "question_mark", "escape", "tab", "down"]:
            await flown.press(key)
            assert flown.stands(), key
        await flown.a_second(judgement=breach())
        assert flown.stands()


async def test_what_another_program_wrote_is_painted_over(monkeypatch):
    async with seen(monkeypatch, calm()) as flown:
        await flown.a_second()
        flown.screen.reset()
        flown.app._resumed(None)
        await flown.settle()
        await flown.until(flown.stands)


async def test_the_whole_screen_is_written_now_and_then(monkeypatch):
    """Nobody knows what another program wrote over it."""
    async with seen(monkeypatch, calm()) as flown:
        await flown.a_second()
        flown.screen.reset()
        await flown.a_second()
        assert not flown.stands()
        flown.app._whole()
        await flown.until(flown.stands)


def test_nothing_is_known_of_a_line_that_is_cut_otherwise():
    from textual._compositor import ChopsUpdate

    written, console = Written(), Console()
    whole = {0: Strip([Segment("abcdef")])}
    halves = {0: Strip([Segment("abc")]), 3: Strip([Segment("xyz")])}

    def update(parts, ends):
        return written.sparing(ChopsUpdate([parts], [(0, 0, 6)], [ends])).render_segments(console)

    assert "abcdef" in update(whole, [6])
    assert not update(whole, [6])
    assert "xyz" in update(halves, [3, 6])
    assert "abcdef" in update(whole, [6])


async def test_of_a_pane_in_which_nothing_changed_no_line_is_rendered(monkeypatch):
    """The clock of the header and a pane far below it have the whole screen between them."""
    flight, rendered, render = calm_flight(), [], Widget.render_lines
    async with seen(monkeypatch, flight.judged()) as flown:
        await flown.a_second()
        monkeypatch.setattr(Widget, "render_lines", lambda one, crop: rendered.append(one) or render(one, crop))
        before = {pane: pane.render_lines(pane.size.region) for pane in flown.app.screen.query(Pane)}
        rendered.clear()
        await flown.a_second(judgement=flight.judged(NOW + timedelta(seconds=1)))
        once = set(rendered)
        assert flown.stands()
        same = {pane for pane, lines in before.items() if pane.render_lines(pane.size.region) == lines}
        assert len(same) > 8
        assert not same & once


@given(st.lists(st.builds(Region, *[st.integers(0, 12)] * 2, *[st.integers(1, 12)] * 2), max_size=4))
def test_the_lines_that_changes_touch_are_those_from_the_first_to_the_last(changed):
    seen_part = Region(3, 2, 6, 7)
    lines = sorted(y for one in changed for y in (one.intersection(seen_part)).line_range if one.overlaps(seen_part))
    part = touched(seen_part, changed)
    assert part == (Region(3, lines[0], 6, lines[-1] - lines[0] + 1) if lines else None)
