"""Screen 6: the draft is walked through, edited through the one door, previewed and exported."""

import pytest

from sessions.actions.dispatch import decide
from sessions.values.requests import Act
from tests.support.screen.grown_flight import NOW, ago
from tests.support.screen.pilots import flying
from tests.support.screen.sample import breach, breach_flight, burning, calm, calm_flight, hostile, unborn
from widgets.detail.draft import DraftPane
from widgets.dialogs.preview import Preview

SIZES = [(160, 48), (120, 36), (80, 24)]


def troubled():
    """A flight with an episode of latency that is over."""
    flight = breach_flight()
    facts = {"subject": "POST /capsules", "value": 893.0, "bound": 500.0, "unit": "ms"}
    for at, verdict, was in ((ago(minutes=40), "breach", "pass"), (ago(minutes=30), "pass", "breach")):
        more = facts if verdict == "breach" else {}
        flight.wrote(
            at, "verdict.turned", f"latency {verdict}", criterion="latency", verdict=verdict, was=was, since=at, **more
        )
    return flight


def pane(flown):
    return flown.app.screen.query_one(DraftPane)


def here(flown):
    return pane(flown).rows[pane(flown).at]


async def to(flown, words):
    """Walk to the line that says these words."""
    for _ in range(30):
        spot = here(flown)
        if spot.line is not None and words in spot.line.text:
            return spot.line
        await flown.press("down")
    raise AssertionError(words)


async def became(flown, flight):
    """Let the door do what was asked last, as the Watch would, and show it."""
    request = flown.door.asked[-1]
    (draft,) = decide(flight.judged(), request).drafts
    flight.wrote(NOW, draft.kind, draft.text, by="owner", **draft.facts)
    flown.door.turn(flight.judged())
    flown.app.paint()
    await flown.settle()


@pytest.mark.parametrize("size", SIZES)
async def test_the_draft_stands_beside_what_its_lines_stand_on(size):
    async with flying(troubled().judged(), size=size) as flown:
        await flown.press("6")
        line = await to(flown, "latency on POST /capsules up to 893 ms (bound 500 ms)")
        text = flown.text()
        assert "Report of Monday, 23 November 2026" in text
        assert "Stands on" in text
        assert f"#{line.sources[0]} 13:23:22" in text
        assert "▶" in text
        for key in ("Add", "Edit", "Strike") if size[0] < 100 else ("Add", "Edit", "Strike", "Move", "Export"):
            assert key in flown.rows()[-1]


async def test_an_episode_shows_the_chart_of_its_measure():
    async with flying(troubled().judged()) as flown:
        await flown.press("6")
        await to(flown, "latency on POST /capsules")
        assert "latency POST /capsules" in flown.text()
        assert "500 ms" in "".join(row[100:] for row in flown.rows())


async def test_a_line_is_added_below_the_cursor_and_shown_as_ones_own():
    flight = calm_flight()
    async with flying(flight.judged()) as flown:
        await flown.press("6")
        before = here(flown)
        await flown.press("a")
        await flown.type("customers like it")
        await flown.press("enter")
        (asked,) = flown.door.asked
        assert (asked.act, asked.text, asked.edit.op, asked.edit.line) == (
            Act.EDIT, "customers like it", "added", before.section)  # fmt: skip
        assert asked.edit.position == before.number + 1
        await became(flown, flight)
        assert "+ customers like it" in flown.text()


async def test_a_line_is_reworded_from_what_it_says_and_struck_and_taken_back():
    flight = troubled()
    async with flying(flight.judged()) as flown:
        await flown.press("6")
        line = await to(flown, "latency on POST /capsules")
        await flown.press("e", "end")
        await flown.type(" by a missing index")
        await flown.press("enter")
        edit = flown.door.asked[-1].edit
        assert flown.door.asked[-1].text == f"{line.text} by a missing index"
        assert (edit.op, edit.line, edit.drafted, edit.sources) == ("reworded", line.key, line.text, line.sources)
        await became(flown, flight)
        assert here(flown).line.text.endswith("by a missing index")
        assert "Drafted:" in flown.text()
        await flown.press("x")
        assert flown.door.asked[-1].edit.op == "struck"
        await became(flown, flight)
        assert here(flown).struck
        assert "✕" in flown.text()
        await flown.press("x")
        assert flown.door.asked[-1].edit.op == "kept"


async def test_a_moved_line_takes_the_cursor_along_and_stays_within_its_section():
    flight = troubled()
    async with flying(flight.judged()) as flown:
        await flown.press("6")
        line = await to(flown, "latency on POST /capsules")
        way = "shift+up" if here(flown).number else "shift+down"
        was = here(flown).number
        await flown.press(way)
        edit = flown.door.asked[-1].edit
        assert (edit.op, edit.line, edit.was, abs(edit.position - was)) == ("moved", line.key, was, 1)
        await became(flown, flight)
        assert (here(flown).line.key, here(flown).number) == (line.key, edit.position)
        for _ in range(20):
            await flown.press("shift+up")
        count = len(flown.door.asked)
        while here(flown).number:
            await became(flown, flight)
            await flown.press("shift+up")
        assert len(flown.door.asked) <= count + 20


async def test_enter_exports_and_p_shows_the_whole_page():
    async with flying(breach()) as flown:
        await flown.press("6", "p")
        assert isinstance(flown.app.screen, Preview)
        assert "All well" in flown.text()
        await flown.press("escape", "enter")
        assert [one.act for one in flown.door.asked] == [Act.EXPORT]


async def test_letters_mean_what_they_mean_here_and_elsewhere_again():
    async with flying(calm()) as flown:
        await flown.press("6", "x", "p", "escape", "escape")
        assert len(flown.app.screen_stack) == 1
        await flown.press("e")
        assert flown.door.asked[-1].act is Act.EXPORT


async def test_a_viewer_sees_the_draft_and_changes_nothing():
    async with flying(breach(), viewer="another process watches") as flown:
        await flown.press("6", "x", "a", "e", "enter", "shift+down", "down", "p", "escape")
        assert flown.door.asked == []
        assert "Report of" in flown.text()


@pytest.mark.parametrize("size", [(60, 20), (40, 10), (30, 8)])
@pytest.mark.parametrize("story", [unborn, burning])
async def test_small_sizes_work(size, story):
    async with flying(story(), size=size) as flown:
        await flown.press("6", "down", "down", "up", "p", "escape")
        assert flown.app.is_running


async def test_foreign_words_are_literal():
    async with flying(hostile("[@click=app.quit]x[/]")) as flown:
        await flown.press("6")
        await to(flown, "[@click=app.quit]x[/]")
        assert "[@click=app.quit]x[/]" in flown.text()


async def test_while_a_fuse_burns_its_key_extends_it_here_too():
    async with flying(burning()) as flown:
        await flown.press("6", "down", "x")
        assert [request.act for request in flown.door.asked] == [Act.EXTEND]
