"""The help is searched by what is typed, the palette shows keys beside names; no letter acts in either."""

import pytest

from cockpit.settings.models.settings import Settings
from sessions.values.requests import Act, Request
from tests.support.screen.pilots import flying
from tests.support.screen.sample import calm
from tests.tour.states import STATES
from widgets.dialogs.help import Help


@pytest.mark.parametrize(
    ("typed", "shown", "hidden"),
    [
        ("d", ["The key d", "d      Defuse", "Deck", "Decide"], ["Extend"]),
        ("freeze", ["Freeze or thaw a flow"], ["Palette"]),
        ("fuse more", ["Extend"], ["Defuse"]),
        ("ctrl+z", ["Suspend"], ["Palette"]),
        ("?", ["Every key and what it does"], ["Palette"]),
        ("runbook sla", ["SLA message"], ["Palette"]),
        ("xyzzy", ["Nothing about “xyzzy”"], ["Palette"]),
        ("Ю", ["Nothing about “Ю”"], ["Palette"]),
    ],
)
@pytest.mark.parametrize("size", [(60, 20), (160, 48)])
async def test_what_is_typed_searches_keys_acts_and_words(size, typed, shown, hidden):
    async with flying(calm(), size=size) as flown:
        await flown.press("question_mark")
        await flown.type(typed)
        text = flown.text()
        if size[0] > 60:
            assert all(" ".join(words.split()) in " ".join(text.split()) for words in shown)
        assert shown[0] in text
        dialog = "\n".join(text.splitlines()[1:-1])
        assert not any(words in dialog for words in hidden)
        assert flown.door.asked == []


async def test_escape_shows_every_key_again_and_then_goes_back():
    async with flying(calm(), size=(60, 20)) as flown:
        await flown.press("question_mark")
        before = flown.rows()
        await flown.type("q Q пауза")
        assert isinstance(flown.app.screen, Help)
        assert flown.toasts() == []
        await flown.press("escape")
        assert flown.rows() == before
        await flown.press("escape")
        assert len(flown.app.screen_stack) == 1


async def test_the_help_lists_the_screens_own_keys_first():
    async with flying(STATES["calm"]().judged()) as flown:
        await flown.press("6", "question_mark")
        rows = flown.text()
        assert "On this screen" in rows
        assert "Edit this line" in rows


async def test_the_help_shows_nothing_cut_at_any_size():
    for size in ((60, 20), (80, 24), (120, 36), (160, 48)):
        async with flying(calm(), size=size) as flown:
            await flown.press("question_mark")
            box = flown.app.screen.query_one("#words").render().plain
            assert "…" not in box, size
            assert "Freeze capsules and returns" in box


async def test_the_palette_shows_keys_beside_names_also_the_owners():
    settings = Settings(keymap={"pause": ("space", "p"), "log.note": "f2"})
    async with flying(STATES["calm"]().judged(), settings=settings) as flown:
        await flown.press("6", "colon")
        await flown.until(lambda: "Preview" in flown.text())
        rows = [" ".join(row.split()) for row in flown.rows()]
        assert "Preview P" in rows
        await flown.type("f2")
        await flown.until(lambda: any("Note f2" in " ".join(row.split()) for row in flown.rows()))
        await flown.press("enter")
        await flown.until(lambda: flown.app.screen.query("Field"))
        await flown.type("hi")
        await flown.press("enter")
        assert flown.door.asked == [Request(Act.NOTE, text="hi")]
