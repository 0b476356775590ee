"""A colour means one thing: each symbol wears its own, and nothing is coloured without a symbol that says the same."""

import re

import pytest

from sessions.gate.judgement import ChoreStatus
from sessions.values.verdicts import Level, Mark, RiskState
from tests.support.screen.grown_flight import NOW, TZ
from tests.support.screen.pictures import pictures
from tests.tour.begun import BEGUN
from tests.tour.states import STATES
from widgets.base.meanings import SAYS, SYMBOLS, Meaning, colour
from widgets.base.symbols import CHORES, LEVELS, MARKS, POOLED, RUNNING, of_risk
from widgets.base.view import View

EVERY = {**BEGUN, **STATES}
_DRAWN = set(" ▁▂▃▄▅▆▇█━╸┄┃")
_STATES = (Meaning.PROVED, Meaning.LOOK, Meaning.HARM, Meaning.UNKNOWN)


def meaning_of(style: str) -> Meaning | None:
    """The meaning of a style's colour, None where it has none: ink, lines and sparks mean nothing."""
    found = re.search(r"\$(\w+)", style)
    return next((one for one in Meaning if found and one.value == found[1]), None)


def view_of(state: str, viewer: str = "") -> View:
    return View(EVERY[state]().judged(), NOW, TZ, viewer)


@pytest.mark.parametrize("table", [MARKS, LEVELS, CHORES, POOLED], ids=["marks", "levels", "chores", "pooled"])
def test_every_state_wears_the_colour_of_its_symbol(table):
    for glyph, style in table.values():
        assert glyph == "·" or meaning_of(style) is SYMBOLS[glyph] or (glyph, style) == CHORES[ChoreStatus.DUE]


def test_every_meaning_is_said():
    assert set(SAYS) == set(Meaning)
    assert len({colour(one) for one in Meaning}) == len(Meaning)


def test_only_what_is_proved_is_green():
    assert [mark for mark in Mark if meaning_of(MARKS[mark][1]) is Meaning.PROVED] == [Mark.PASS]
    assert [level for level in Level if meaning_of(LEVELS[level][1]) is Meaning.PROVED] == [Level.CALM]
    assert [one for one in ChoreStatus if meaning_of(CHORES[one][1]) is Meaning.PROVED] == [ChoreStatus.DONE]
    unproved = RiskState("csat", Level.CALM, thin=True), RiskState("csat", Level.BLIND, asking=True)
    assert [meaning_of(of_risk(one)[2]) for one in unproved] == [Meaning.CALM, Meaning.CALM]


@pytest.mark.parametrize("size", [(160, 48), (80, 24)], ids=str)
@pytest.mark.parametrize("state", EVERY)
def test_each_colour_stands_beside_a_symbol_of_its_meaning(state, size):
    """Where no colour is shown (NO_COLOR) the symbols alone tell the states."""
    for name, picture in pictures(view_of(state), *size):
        bits = [bit for line in (picture.title, *picture.lines, picture.foot) for bit in line if bit[0].strip()]
        told = {SYMBOLS[sign] for text, _ in bits for sign in text if sign in SYMBOLS}
        for text, style in bits:
            meaning, sign = meaning_of(style), text.strip()[:1]
            if meaning not in _STATES or set(text) <= _DRAWN or text.strip() == "…":
                continue
            assert meaning in told or name == "log" or "FUSE" in text or text == RUNNING, (name, text, style)
            assert sign == RUNNING or sign not in SYMBOLS or meaning is SYMBOLS[sign], (name, text, style)


@pytest.mark.parametrize("size", [(160, 48), (120, 36), (80, 24)], ids=str)
@pytest.mark.parametrize("state", ["calm", "first", "opened", "soaking", "asking"])
def test_what_only_waits_is_not_amber_and_not_red(state, size):
    for name, picture in pictures(view_of(state), *size):
        assert picture.tone not in ("-hold", "-bad", "-blind"), name
        for line in (picture.title, *picture.lines, picture.foot):
            for text, style in (bit for bit in line if "stuck" not in bit[0]):
                assert meaning_of(style) not in (Meaning.LOOK, Meaning.HARM, Meaning.UNKNOWN), (name, text)
