"""The program behind one look: whatever its environment, and however early it is left, it ends in silence."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pyte
import pytest

from cockpit.cli.outside.served import ELSEWHERE, REFUSAL, ServedDeck
from cockpit.settings.models.settings import Settings
from tests.support.screen import sample
from tests.support.screen.fake_door import FakeDoor
from tests.support.watch.watching import made

ROOT = Path(__file__).parents[4]
QUIT = json.dumps({"type": "quit"}).encode()
PAINTED = b"Gate to"
LEFT_OUT = ("TEXTUAL_COLOR_SYSTEM", "COLORTERM", "NO_COLOR", "TERM", "COLUMNS", "ROWS")
WORLDS = {
    "as the server starts it": {"TEXTUAL_COLOR_SYSTEM": "truecolor", "TERM": "dumb"},
    "nothing set": {},
    "sixteen colours": {"TERM": "xterm"},
    "no colour": {"TERM": "dumb", "NO_COLOR": "1"},
    "no size": {"TERM": "xterm", "COLUMNS": "x", "ROWS": ""},
}


def packet(kind, payload):
    return kind + len(payload).to_bytes(4, "big") + payload


def look(folder, environ):
    base = {name: value for name, value in os.environ.items() if name not in LEFT_OUT}
    argv = [sys.executable, "-m", "cockpit.cli.outside.served", str(folder)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(argv, env={**base, "PYTHONPATH": str(ROOT), **environ}, **pipes)


def until(program, word):
    """Read until a word is painted, or nothing more comes."""
    read = b""
    while word not in read and (more := os.read(program.stdout.fileno(), 65536)):
        read += more
    return read


@pytest.mark.parametrize("environ", WORLDS.values(), ids=WORLDS)
def test_it_paints_and_ends_in_any_environment(tmp_path, environ):
    program = look(made(tmp_path / "one", percent=10), environ)
    assert PAINTED in until(program, PAINTED)
    said, errors = program.communicate(packet(b"M", QUIT), timeout=60)
    assert (program.returncode, errors) == (0, b"")
    assert said.endswith(packet(b"M", b'{"type": "exit"}')) or b'{"type": "exit"}' in said


@pytest.mark.parametrize(
    ("key", "said"),
    [("n", REFUSAL), ("f5", REFUSAL), ("space", REFUSAL), ("M", ELSEWHERE), ("ctrl+z", ELSEWHERE)],
)
async def test_no_key_acts_and_each_says_why(key, said):
    settings = Settings(keymap={"pause": ("space", "f5")})
    door = FakeDoor(sample.calm())
    app = ServedDeck(door, clock=lambda: sample.NOW, settings=settings)
    async with app.run_test(size=(160, 48)) as pilot:
        await pilot.press(key)
        await pilot.pause()
        assert app.answers.now.text == said
        assert door.asked == []


@pytest.mark.parametrize(("code", "ends"), [(129, 0), (143, 143)])
async def test_a_closed_tab_and_a_signal_end_it_without_a_word(capfd, code, ends):
    app = ServedDeck(FakeDoor(sample.calm()), clock=lambda: sample.NOW)
    async with app.run_test(size=(160, 48)) as pilot:
        app._left(code)
        await pilot.pause()
    assert (app.return_code, capfd.readouterr()) == (ends, ("", ""))
    assert app._exit_renderables == []


@pytest.mark.parametrize(("glyphs", "ascii_only"), [("auto", False), ("unicode", False), ("ascii", True)])
def test_a_page_has_every_letter_whatever_the_locale_of_the_server(monkeypatch, glyphs, ascii_only):
    monkeypatch.setenv("LC_ALL", "C")
    app = ServedDeck(FakeDoor(sample.calm()), clock=lambda: sample.NOW, settings=Settings(glyphs=glyphs))
    assert app._ascii.enabled is ascii_only


@pytest.mark.parametrize("size", [(60, 20), (160, 48)])
def test_its_first_paint_has_the_size_of_the_page(tmp_path, size):
    columns, rows = map(str, size)
    program = look(made(tmp_path / "one", percent=10), {"TERM": "xterm", "COLUMNS": columns, "ROWS": rows})
    painted = until(program, b"Help")
    program.communicate(packet(b"M", QUIT), timeout=60)
    screen = pyte.Screen(200, 60)
    pyte.ByteStream(screen).feed(re.sub(rb"D\x00[\x00-\xff]{3}(?=\x1b)", b"", painted))
    lines = [line.rstrip() for line in screen.display]
    assert max(map(len, lines)) in {size[0], size[0] - 1}
    assert max(place for place, line in enumerate(lines) if line) == size[1] - 1


@pytest.mark.parametrize(
    "before", [b"", b"__GANGLION__", b"\x1b[?2004h", PAINTED], ids=["at once", "ready", "asked", "painted"]
)
@pytest.mark.parametrize("end", [packet(b"M", QUIT), b""], ids=["told to quit", "nobody there"])
def test_it_ends_at_any_moment(tmp_path, before, end):
    program = look(made(tmp_path / "one", percent=10), {"TERM": "xterm"})
    assert before in until(program, before)
    _, errors = program.communicate(end, timeout=60)
    assert (program.returncode, errors) == (0, b"")
