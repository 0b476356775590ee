"""In a real pseudo-terminal: its own size counts, and what it answers about its ground chooses the theme."""

import os
import sys

import pytest

from tests.support.processes.terminal import Terminal

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
ASKED = b"\x1b]11;?\x1b\\"
DAY, NIGHT = b"48;2;251;250;247", b"48;2;14;19;26"


def test_columns_and_lines_of_the_environment_do_not_pin_the_size():
    here = Terminal("calm", env={**os.environ, "COLUMNS": "50", "LINES": "12"})
    try:
        here.until(b"Ops log")
        assert b"Enlarge" not in here.out
        here.resize(12, 50)
        here.shows("Enlarge to 60x20")
    finally:
        here.close()


@pytest.mark.parametrize(
    ("answer", "ground"),
    [(b"\x1b]11;rgb:ffff/ffff/ffff\x1b\\", DAY), (b"\x1b]11;rgb:ff/ff/ff\x07", DAY), (b"", NIGHT)],
    ids=["ST", "BEL", "none"],
)
def test_a_light_terminal_gets_the_light_theme_and_no_key_comes_of_its_answer(answer, ground):
    here = Terminal("calm")
    try:
        here.until(ASKED)
        here.until(b"Ops log")
        here.send(answer)
        here.until(ground)
        here.send(b"q")
        assert here.wait() == 0
    finally:
        here.close()
