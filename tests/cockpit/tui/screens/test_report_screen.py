"""Screen 6: the draft is walked through, edited through the one door, previewed and exported."""

import contextlib
from concurrent.futures import Future
from datetime import timedelta

import pytest

from cockpit.session.export import with_peaks
from sessions.actions.dispatch import decide
from sessions.history.history import History
from sessions.reports.page import page
from sessions.reports.periods import of_day
from sessions.storage.folders import HISTORY
from sessions.values import readings as r
from sessions.values.requests import Act
from tests.support.build import window
from tests.support.screen.grown_flight import NOW, ago
from tests.support.screen.pilots import flying
from tests.support.screen.sample import breach, breach_flight, burning, calm, calm_flight, hostile, unborn
from tests.support.worlds.reported import words
from widgets.detail.draft import DraftPane
from widgets.dialogs.preview import Preview, page_lines

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


KEPT = (
    window("POST /capsules", ago(minutes=41), p95_ms=893.0, errors=3.0),
    r.Tickets("mongo", ago(minutes=30), 23, None, (), 0),
)


@pytest.fixture
def kept(tmp_path):
    with contextlib.closing(History(tmp_path / HISTORY)) as held:
        held.add(KEPT)
    return tmp_path


@pytest.mark.parametrize("story", [troubled, calm_flight])
async def test_the_preview_is_the_page_that_is_written(story, kept):
    judgement = story().judged()
    async with flying(judgement) as flown:
        flown.door.folder = kept
        await flown.press("6", "p")
        await flown.until(lambda: "Peaks: p95 893 ms" in flown.text())
        view = flown.app.screen._view
        lines = page_lines(flown.app.screen._page, 110)
        shown = [word for line in lines for text, _ in line for word in text.split()]
        period = of_day(judgement, judgement.at.astimezone(view.tz).date(), view.tz)
        assert shown == words(with_peaks(kept, judgement, period, view.tz))


async def test_the_draft_counts_the_words_of_its_peaks_too(kept):
    async with flying(calm()) as flown:
        await flown.press("6")
        bare = len(page(pane(flown).draft).split())
        flown.door.folder = kept
        await flown.press("escape", "6")
        await flown.until(lambda: pane(flown).draft.peaks)
        assert len(page(pane(flown).draft).split()) > bare
        assert f"{len(page(pane(flown).draft).split())} words" in flown.text()


async def test_peaks_that_cannot_be_told_say_why_and_the_page_stands():
    async with flying(calm()) as flown:

        def refuses(_period):
            raise LookupError("a replay asks no history")

        flown.door.peaks = refuses
        await flown.press("6", "p")
        await flown.until(lambda: "◌ the peaks cannot be read: a replay asks no history" in flown.text())
        assert "All well" in flown.text()
        await flown.press("escape", "escape")
        assert len(flown.app.screen_stack) == 1


async def test_while_the_history_is_asked_the_page_is_there_and_no_key_waits():
    async with flying(calm()) as flown:
        flown.door.peaks = lambda _period: Future()
        await flown.press("6", "p")
        assert isinstance(flown.app.screen, Preview)
        assert "◐ asking the history for the peaks" in flown.text()
        await flown.press("escape", "escape")
        assert len(flown.app.screen_stack) == 1


async def test_another_day_has_other_peaks(kept):
    flight = calm_flight()
    async with flying(flight.judged()) as flown:
        flown.door.folder = kept
        await flown.press("6")
        await flown.until(lambda: pane(flown).draft.peaks)
        flown.door.turn(flight.judged(NOW + timedelta(days=1)))
        flown.app.paint()
        await flown.settle()
        assert "24 November" in pane(flown).draft.period.title
        assert not pane(flown).draft.peaks


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
