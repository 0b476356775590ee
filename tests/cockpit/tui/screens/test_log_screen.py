"""Screen 4: the log is filtered, walked through and opened."""

from tests.support.screen.pilots import flying
from tests.support.screen.sample import breach, calm
from widgets.dialogs.entry import EntryDialog


async def test_filter_keeps_matching_entries_until_it_is_dropped():
    async with flying(breach()) as flown:
        await flown.press("4")
        assert "18 entries" in flown.text()
        await flown.press("slash")
        await flown.type("flag confirmed")
        assert "2 of 18" in flown.text()
        await flown.press("enter")
        assert "Stakeholder update sent" not in flown.text()
        await flown.press("escape")
        assert "Stakeholder update sent" in flown.text()
        await flown.press("escape")
        assert len(flown.app.screen_stack) == 1


async def test_letters_in_the_filter_are_text_and_letters_in_the_list_are_acts():
    async with flying(calm()) as flown:
        await flown.press("4", "slash")
        await flown.type("ore")
        assert flown.door.asked == []
        await flown.press("enter", "o")
        assert [one.act.value for one in flown.door.asked] == ["observe"]


async def test_enter_shows_the_whole_entry():
    async with flying(breach()) as flown:
        await flown.press("4", "enter")
        assert isinstance(flown.app.screen, EntryDialog)
        text = flown.text()
        assert "verdict.turned" in text
        assert "growth shortlists +41 % (bound +25 %)" in text
        await flown.press("escape")
        assert not isinstance(flown.app.screen, EntryDialog)


async def test_new_entries_appear_at_the_top():
    async with flying(calm()) as flown:
        await flown.press("4")
        flown.door.turn(breach())
        flown.app.paint()
        await flown.settle()
        assert "growth shortlists" in flown.text()
