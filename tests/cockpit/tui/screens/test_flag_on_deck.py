"""The flag on the deck: where it stands at each size, that nothing moves, and that what is wrong is seen everywhere."""

import pytest

from tests.support.screen.flags import FLAGS, calm, mismatch, owed
from tests.support.screen.pilots import flying
from tests.support.screen.sample import week

LOUD = {
    "mismatch": "◆ seen      41 %",
    "drift": "◆ expected 25 %, is 100 % (by",
    "unknown": "◆ OUTCOME UNKNOWN, reading",
    "owed": "◆ REVERT NOT DONE · retry",
    "owed_unknown": "◆ REVERT NOT DONE · retry",
    "mixed": "◆ expected 25 %, is MIXED (by",
    "unserved": "… written, served value still",
}


@pytest.mark.parametrize("size", [(160, 48), (120, 36), (150, 30)])
@pytest.mark.parametrize("name", LOUD)
async def test_what_is_wrong_with_the_flag_is_on_the_deck(name, size):
    async with flying(FLAGS[name]().judged(), size=size) as flown:
        assert (LOUD[name] if size == (160, 48) else in_a_line(name)) in flown.text()
        assert {len(row) for row in flown.rows()} == {size[0]}


def in_a_line(name):
    """What the one line of the flag says of what is wrong."""
    return "25 % intended, 41 % seen" if name == "mismatch" else LOUD[name][2:]


@pytest.mark.parametrize("name", LOUD)
async def test_folded_it_has_one_line_between_gate_and_log(name):
    async with flying(FLAGS[name]().judged(), size=(80, 24)) as flown:
        rows = flown.rows()
        (place,) = [y for y, row in enumerate(rows) if " Flag 25 % · " in row]
        assert rows[place - 1].startswith("╰")
        assert place == len(rows) - 3
        assert in_a_line(name) in rows[place]


@pytest.mark.parametrize("size", [(160, 48), (120, 36), (200, 60)])
async def test_the_flag_moves_nothing(size):
    places = []
    for name in FLAGS:
        async with flying(FLAGS[name]().judged(), size=size) as flown:
            rows = flown.rows()
            words = ("Flag 25 %", "Support queue", "Capsules", "Queue · capsules", "Ops log")
            places.append(
                [(word, y, row.index(word)) for word in words for y, row in enumerate(rows) if f"─ {word}" in row]
            )
    assert places[0]
    assert places == [places[0]] * len(FLAGS)


@pytest.mark.parametrize("size", [(160, 48), (120, 36)])
async def test_the_gate_above_it_keeps_every_condition_soak_and_tasks(size):
    for judgement in (calm().judged(), week()):
        async with flying(judgement, size=size) as flown:
            text = flown.text()
            for condition in judgement.gate.conditions:
                assert f" {condition.name.capitalize()} " in text
            assert "│ Soak " in text
    assert "☐ due     13:03 Check support" in text


async def test_a_mismatch_holds_the_gate_and_is_said_in_both_places():
    async with flying(mismatch().judged()) as flown:
        text = flown.text()
        assert "◆ Exposure  25 % intended, 41 % seen" in text
        assert "Gate to 50 %  ◆ HOLD" in text


async def test_a_revert_is_asked_for_while_one_is_not_done():
    async with flying(owed().judged()) as flown:
        await flown.press("r")
        await flown.press("enter")
        assert [one.act.value for one in flown.door.asked] == ["revert"]
