"""In ASCII every cell of every screen is ASCII but for foreign text, as wide as before, and states differ."""

import pytest
from rich.cells import cell_len

from cockpit.settings.models.settings import Settings
from cockpit.tui.terminal.ascii import TABLE, in_ascii, wanted
from tests.support.screen.pilots import flying
from tests.tour.begun import BEGUN
from tests.tour.states import STATES
from tests.tour.stops import STOPS
from widgets.base.meanings import SYMBOLS

EVERY = {**BEGUN, **STATES}
LOOKS = ("deck", "detail-latency", "detail-growth", "risks", "log", "week", "report", "tasks", "advance", "help")
ROUND = [(state, LOOKS[number % len(LOOKS)]) for number, state in enumerate(EVERY)]
ROUND += [("calm", look) for look in LOOKS]


def test_each_sign_keeps_its_cells():
    assert all(cell_len(chr(sign)) == cell_len(stands) == 1 for sign, stands in TABLE.items())
    assert in_ascii("≤ 500 ms") == "<=500 ms"
    assert in_ascii("größer ●") == "größer +"


def test_every_state_has_a_sign_of_its_own():
    signs = {sign: in_ascii(sign) for sign in SYMBOLS}
    assert len(set(signs.values())) == len(signs)


@pytest.mark.parametrize(
    ("glyphs", "environ", "plain"),
    [
        ("auto", {"LANG": "de_DE.UTF-8"}, False),
        ("auto", {"LANG": "de_DE.ISO-8859-1"}, True),
        ("auto", {"LANG": "en_US.UTF-8", "LC_ALL": "C"}, True),
        ("auto", {"LANG": "C", "LC_CTYPE": "C.UTF-8"}, True),
        ("auto", {"LANG": "C.UTF-8"}, False),
        ("auto", {"LC_CTYPE": "en_US.utf8"}, False),
        ("auto", {}, False),
        ("ascii", {"LANG": "de_DE.UTF-8"}, True),
        ("unicode", {"LANG": "de_DE.ISO-8859-1"}, False),
    ],
)
def test_ascii_is_chosen_by_itself_where_the_locale_has_no_utf_8(glyphs, environ, plain):
    assert wanted(glyphs, environ) is plain


@pytest.mark.parametrize(("state", "stop"), ROUND)
async def test_no_cell_is_beyond_ascii(state, stop, tmp_path):
    flight = EVERY[state]()
    flight.keep(tmp_path)
    async with flying(flight.judged(), settings=Settings(glyphs="ascii")) as flown:
        flown.door.folder = tmp_path
        await flown.press(*STOPS[stop])
        await flown.settle()
        assert {sign for row in flown.rows() for sign in row if not sign.isascii()} == set()
