"""The screen of all sessions: it lives, keeps its cursor, fits, opens a deck and leaves a clean terminal."""

import os
import signal
import time
from pathlib import Path

import pytest
from msgspec.structs import replace
from rich.segment import Segment
from textual import events
from textual.color import Color
from textual.widgets import OptionList, Static

import cockpit.cli.outside.sessions_live
from cockpit.cli.outside.sessions_live import _opened, own_settings
from cockpit.runtime.errors import BadInputError
from cockpit.settings.models.settings import Settings
from cockpit.tui.keyboard.relay import relayed
from cockpit.tui.overview.app import Overview
from cockpit.tui.overview.row import asking_row, broken_row, row_of
from sessions.gate.evaluate import judge
from sessions.storage.folders import SESSION
from tests.support.processes.terminal import Terminal, changed
from tests.support.sessions.scenes import NOW, flown
from tests.support.trust.trusting import trusted
from tests.support.watch.watching import made

ROWS = [row_of(Path(f"/x/{name}"), judge(flown(), NOW), "") for name in ("one", "two")]


class Place:
    """Rows that the test changes."""

    def __init__(self, *rows):
        self.rows = rows

    def screen(self, **facts):
        return Overview(lambda: self.rows, lambda: NOW, **facts)


def shown(app):
    listed = app.query_one(OptionList)
    return [str(listed.get_option_at_index(place).prompt) for place in range(listed.option_count)]


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 36), (200, 60)])
async def test_it_shows_each_and_nothing_wraps(size):
    app = Place(*ROWS).screen()
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        assert [text.split()[1] for text in shown(app)] == ["one", "two"]
        assert max(len(line) for text in shown(app) for line in text.splitlines()) <= size[0]
        assert "2 sessions" in str(app.query_one("#head", Static).render())


async def test_it_lives_and_keeps_its_cursor():
    place = Place(*ROWS)
    app = place.screen()
    async with app.run_test() as pilot:
        await pilot.press("down")
        place.rows = (ROWS[0], replace(ROWS[1], why="something else"))
        app.paint()
        assert "something else" in shown(app)[1]
        place.rows = (broken_row(Path("/x/new"), NOW, "[bold]x"), *place.rows)
        app.paint()
        assert "[bold]x" in shown(app)[0]
        assert app.query_one(OptionList).highlighted == 2
        place.rows = ()
        app.paint()
        assert shown(app) == []
        await pilot.press("enter")


@pytest.mark.parametrize(
    ("keys", "result"), [(["enter"], "one"), (["j", "enter"], "two"), (["down", "up", "enter"], "one")]
)
async def test_enter_opens_the_one_under_the_cursor(keys, result):
    app = Place(*ROWS).screen()
    async with app.run_test() as pilot:
        await pilot.press(*keys)
    assert app.return_value == Path(f"/x/{result}")


@pytest.mark.parametrize("key", ["q", "escape"])
async def test_it_is_left(key):
    app = Place(*ROWS).screen()
    async with app.run_test() as pilot:
        await pilot.press(key)
    assert app.return_value is None


def foot(app):
    return str(app.query_one("#keys", Static).render())


async def test_help_tells_every_key_and_gives_the_rows_back():
    app = Place(*ROWS).screen()
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.press("question_mark")
        told = str(app.query_one("#help Static", Static).render())
        assert all(word in told for word in ("Deck", "Quit", "Mouse", "How to quit", "Up", "Help"))
        assert max(map(len, told.splitlines())) <= 60
        assert not app.query_one(OptionList).display
        await pilot.press("enter", "down")
        assert app.is_running
        for key in ("question_mark", "question_mark", "escape"):
            await pilot.press(key)
        assert app.query_one(OptionList).display
        await pilot.press("enter")
    assert app.return_value == Path("/x/one")


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("z", "z: no key of this screen; ? lists the keys"),
        ("ctrl+c", "Press q to leave"),
        ("M", "The mouse is the terminal's"),
    ],
)
async def test_every_key_answers_until_the_next(key, said):
    app = Place(*ROWS).screen()
    async with app.run_test() as pilot:
        await pilot.press(key)
        assert said in foot(app)
        await pilot.press("down")
        assert "Help" in foot(app)
        assert app.query_one(OptionList).highlighted == 1


async def test_the_cursor_stops_at_both_ends_and_moves_by_pages():
    place = Place(*(replace(ROWS[0], folder=Path(f"/x/{number:03}")) for number in range(100)))
    app = place.screen()
    async with app.run_test(size=(60, 20)) as pilot:
        listed = app.query_one(OptionList)
        for key, at in (("up", 0), ("pagedown", 6), ("end", 99), ("down", 99), ("pageup", 93), ("home", 0)):
            await pilot.press(key)
            assert listed.highlighted == at, key


async def test_a_click_chooses_and_two_open():
    app = Place(*ROWS).screen()
    async with app.run_test(size=(160, 48)) as pilot:
        await pilot.click(OptionList, offset=(5, 2))
        assert app.is_running
        assert app.query_one(OptionList).highlighted == 1
        await pilot.click(OptionList, offset=(5, 0), times=2)
    assert app.return_value == Path("/x/one")


@pytest.mark.parametrize("theme", ["night", "day", "sixteen"])
@pytest.mark.parametrize("glyphs", ["unicode", "ascii"])
async def test_it_is_dressed_as_the_settings_say(theme, glyphs):
    app = Place(*ROWS).screen(settings=Settings(theme=theme, glyphs=glyphs, keymap={"quit": "Q"}, mouse=False))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert app.theme == theme
        drawn = "".join(segment.text for strip in app.screen._compositor.render_strips() for segment in strip)
        assert "one" in drawn
        segments = app._ascii.apply([Segment(drawn)], Color(0, 0, 0)) if app._ascii.enabled else [Segment(drawn)]
        assert segments[0].text.isascii() is (glyphs == "ascii")
        assert app._ascii.enabled is (glyphs == "ascii")
        assert "Q Quit" in foot(app)
        await pilot.press("q")
        assert app.is_running
        await pilot.press("Q")
    assert not app._mouse


def test_settings_that_nobody_trusts_change_nothing_and_say_so(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COCKPIT_STATE", str(tmp_path / "state"))
    assert own_settings() == (Settings(), "")
    path = tmp_path / "cockpit.toml"
    path.write_text('theme = "day"\n', "utf-8")
    settings, told = own_settings()
    assert (settings.theme, "cockpit trust" in told) == ("auto", True)
    trusted(path, 'theme = "day"\n')
    settings, told = own_settings()
    assert (settings.theme, told) == ("day", "")
    trusted(path, 'theme = "neon"\n')
    settings, told = own_settings()
    assert (settings.theme, "neon" in told) == ("auto", True)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ((), "no sessions yet"),
        (ROWS[:1], "1 session"),
        ((*ROWS, asking_row(Path("/x/three"), NOW)), "3 sessions, reading 1"),
        ((ROWS[0], replace(ROWS[1], over=True)), "2 sessions, 1 ended"),
    ],
)
async def test_the_head_counts_and_what_was_not_read_yet_is_not_called_ended(rows, said):
    app = Place(*rows).screen()
    async with app.run_test():
        assert said in str(app.query_one("#head", Static).render())


async def test_where_it_comes_back_it_says_why_and_where_it_was():
    app = Place(*ROWS).screen(told="it is damaged", at=Path("/x/two"))
    async with app.run_test():
        assert "it is damaged" in str(app.query_one("#keys", Static).render())
        assert app.query_one(OptionList).highlighted == 1


def test_a_deck_that_does_not_open_is_told(monkeypatch):
    def fails(_which):
        raise BadInputError("no such thing")

    monkeypatch.setattr(cockpit.cli.outside.sessions_live, "open_session", fails)
    assert _opened(Path("/x")) == (2, "no such thing")


@pytest.mark.parametrize("keys", [["enter", "q"], ["enter", "down"], ["q", "enter"]], ids=" ".join)
async def test_what_follows_the_key_that_leaves_it_is_not_for_it(keys, monkeypatch):
    with relayed() as relay:
        app = Place(*ROWS).screen()
        async with app.run_test() as pilot:
            first, *others = [events.Key(key, None) for key in keys]
            for event in (first, *others):
                relay.came(event)
                app.post_message(event)
            await pilot.pause()
        assert app.return_value == (Path("/x/one") if keys[0] == "enter" else None)
        assert relay.waiting() == others
        follows = Place(*ROWS).screen(at=Path("/x/two"))
        async with follows.run_test() as pilot:
            await pilot.pause()
        assert relay.waiting() == []


async def test_a_paste_acts_on_nothing_and_says_so():
    app = Place(*ROWS).screen()
    async with app.run_test() as pilot:
        app.post_message(events.Paste("q\r"))
        await pilot.pause()
        assert app.is_running
        assert "acts on nothing" in str(app.query_one("#keys", Static).render())


@pytest.fixture
def terminal(tmp_path, monkeypatch):
    monkeypatch.setenv("COCKPIT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COCKPIT_STATE", str(tmp_path / "state"))
    made(tmp_path / "home" / "flight")
    found = Terminal("sessions", "--live", program=("-m", "cockpit"))
    yield found
    found.close()


def closed(terminal):
    """The terminal is as it was."""
    assert terminal.flags() == terminal.before
    assert changed(terminal.out) == set()


def test_in_a_terminal_it_opens_a_deck_comes_back_and_leaves_it_clean(terminal):
    terminal.until(b"Pre-flight")
    terminal.send(b"\r")
    terminal.until(b"Journal")
    terminal.send(b"q")
    terminal.shows("1 session")
    terminal.send(b"q")
    assert terminal.wait() == 0
    assert terminal.flags() == terminal.before


def test_no_key_is_lost_at_a_change_of_screens_and_none_acts_on_the_wrong_one(terminal, tmp_path):
    """Keys come in the read of the one that leaves, while the next screen is loaded, and while one is put away."""
    terminal.until(b"Pre-flight")
    terminal.send(b"\rnok")  # opens the deck, and begins a note there
    terminal.shows("opening flight")
    terminal.send(b"ay\r")
    session = tmp_path / "home" / "flight" / SESSION
    end = time.monotonic() + 60
    while "okay" not in session.read_text("utf-8"):
        assert time.monotonic() < end, terminal.out[-3000:]
        terminal.pump(0.05)
    for keys in (b"q\r", b"q"):  # leaves the deck, opens it again; leaves it while it is loaded
        terminal.send(keys)
        if keys != b"q":
            terminal.shows("opening flight")
    terminal.until(b"\x1b[?1049l")
    terminal.send(b"q")
    assert terminal.wait() == 0
    closed(terminal)
    assert session.read_text("utf-8").count("note.written") == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT], ids=lambda number: number.name)
@pytest.mark.parametrize("where", ["rows", "between", "deck"])
def test_a_signal_ends_all_of_it_and_the_terminal_is_as_it_was(terminal, number, where):
    terminal.until(b"Pre-flight")
    if where != "rows":
        terminal.send(b"\r")
        terminal.shows("opening flight" if where == "between" else "Journal")
    os.kill(terminal.pid, number)
    assert terminal.wait() == 128 + number
    closed(terminal)
    assert b"Traceback" not in terminal.out


async def test_a_signal_between_two_screens_that_was_caught_ends_the_next_one():
    with relayed() as relay:
        relay.ended_by = signal.SIGTERM
        app = Place(*ROWS).screen()
        async with app.run_test() as pilot:
            await pilot.pause()
            await pilot.pause()
        assert (app.return_value, app.return_code) == (None, 128 + signal.SIGTERM)


def test_ctrl_z_of_the_deck_gives_the_terminal_back(terminal):
    terminal.until(b"Pre-flight")
    terminal.send(b"\r")
    terminal.until(b"Journal")
    terminal.send(b"\x1a")
    terminal.stopped()
    closed(terminal)
    terminal.out = b""
    os.kill(terminal.pid, signal.SIGCONT)
    terminal.until(b"Journal")
    terminal.send(b"qq")
    assert terminal.wait() == 0
    closed(terminal)


def test_a_light_terminal_gets_the_light_theme(terminal):
    terminal.until(b"Pre-flight")
    terminal.out = b""
    terminal.send(b"\x1b]11;rgb:ffff/fafa/f0f0\x1b\\")
    terminal.until(b"Pre-flight")
    terminal.send(b"q")
    assert terminal.wait() == 0
    assert b"Traceback" not in terminal.out
