"""The hand-over on the deck: what it covers, what passes through it, how it closes."""

import asyncio
from contextlib import closing

import pytest
from msgspec.structs import replace

from cockpit.cli.commands.open import show
from cockpit.runtime.clock import Clock
from cockpit.tui.app import Cockpit
from sessions.handover.absence import since_last
from sessions.handover.handover import Absence
from sessions.handover.peaks import Peaks
from sessions.history.history import History
from sessions.history.queries import Look
from sessions.storage.folders import HISTORY
from sessions.values.requests import Act, Request
from tests.support.screen.fake_door import FakeDoor
from tests.support.screen.grown_flight import NOW, ago
from tests.support.screen.pilots import flying
from tests.support.screen.sample import TOUGH, burning, calm, calm_flight, hostile
from tests.tour.walk import walked
from widgets.dialogs.base import Dialog
from widgets.panes.handover import HandoverPane


def absence(judgement, seq=0, **left):
    look = Look(ago(**left or {"hours": 7, "minutes": 12}), seq)
    seen = judgement.state.seen
    windows = [one for row in seen.windows.values() for one in row]
    top = max(windows, key=lambda one: one.p95_ms or 0.0)
    return Absence(since_last(judgement.state, look, NOW), Peaks(top, top, seen.tickets[-1], None))


async def told(flown, judgement, **left):
    flown.app.hand_over(absence(judgement, **left))
    await flown.settle()
    flown.app.paint()
    await flown.settle()


def night():
    """Entries enough to fill any screen."""
    flight = calm_flight()
    for number in range(40):
        name = ("note.written", "report.exported", "baseline.captured")[number % 3]
        facts = {"files": (), "collections": (), "counts": ()}
        flight.wrote(ago(minutes=50 - number), name, f"number {number}", by="cli", **facts)
        facts = {"criterion": "errors", "verdict": "breach" if number % 2 else "pass", "was": "pass"}
        flight.wrote(ago(minutes=50 - number), "verdict.turned", "errors", **facts, since=ago(minutes=50))
        flight.wrote(ago(minutes=50 - number), "flow.frozen", f"flow {number}", flow="returns", cause="by hand")
        flight.wrote(ago(minutes=50 - number), "flag.drifted", f"flag reads {number} %", expected=25, seen=number)
    return flight.judged()


async def test_nothing_is_told_before_there_is_an_absence():
    async with flying(calm()) as flown:
        assert "since you left" not in flown.text().lower()
        assert "Close" not in flown.rows()[-1]
        assert flown.app.focused is None


async def test_it_stands_over_the_log_and_leaves_the_deck_alone():
    async with flying(calm()) as flown:
        before = flown.rows()
        await told(flown, calm(), hours=1, seq=calm().state.seq)
        after = flown.rows()
        log = next(y for y, row in enumerate(before) if "Ops log" in row)
        assert after[:log] == before[:log]
        assert "Since you left, 1h00m" in flown.text()
        assert "nothing turned; covered 100 %; soak 3h12m of 4h00m" in flown.text()
        assert {len(row) for row in after} == {160}


async def test_what_was_closed_is_told_again_from_any_screen():
    async with flying(calm()) as flown:
        await told(flown, calm())
        shown = flown.rows()
        await flown.press("enter")
        assert flown.rows() != shown
        for before in ("1", "4"):
            await flown.press(before, "H")
            assert flown.rows() == shown
            await flown.press("enter")


async def test_without_an_absence_there_is_nothing_to_hand_over():
    async with flying(calm()) as flown:
        await flown.press("H")
        assert "Nothing to hand over: you were not away" in flown.text()
        assert flown.app.focused is None


@pytest.mark.parametrize("key", ["enter", "escape"])
async def test_it_closes_and_stays_closed(key):
    async with flying(calm()) as flown:
        before = flown.text()
        await told(flown, calm())
        await flown.press(key)
        flown.app.paint()
        await flown.settle()
        assert flown.text() == before
        assert flown.app.focused is None


@pytest.mark.parametrize(
    ("key", "request_"), [("space", Request(Act.PAUSE)), ("o", Request(Act.OBSERVE)), ("e", Request(Act.EXPORT))]
)
async def test_a_key_that_was_meant_for_the_deck_does_what_it_means(key, request_):
    async with flying(calm()) as flown:
        await told(flown, calm())
        await flown.press(key)
        assert flown.door.asked == [request_]
        assert "Since you left" in flown.text()


async def test_a_dialog_stands_above_it_and_its_keys_are_its_own():
    async with flying(calm()) as flown:
        await told(flown, calm())
        await flown.press("n")
        await flown.type("quiet")
        await flown.press("enter")
        assert flown.door.asked == [Request(Act.NOTE, text="quiet")]
        assert "Since you left" in flown.text()
        await flown.press("enter")
        assert "Since you left" not in flown.text()


async def test_it_waits_on_the_deck_while_another_screen_or_a_dialog_is_up():
    async with flying(calm()) as flown:
        await flown.press("n")
        await told(flown, calm())
        assert isinstance(flown.app.screen, Dialog)
        await flown.type("typed")
        await flown.press("enter")
        assert flown.door.asked == [Request(Act.NOTE, text="typed")]
        await flown.press("2")
        assert "Since you left" not in flown.text()
        await flown.press("1")
        assert "Since you left" in flown.text()
        await flown.press("escape")
        assert "Since you left" not in flown.text()


@pytest.mark.parametrize("size", [(160, 48), (120, 36), (80, 24), (60, 20)])
async def test_a_burning_fuse_stays_above_it_at_every_size(size):
    async with flying(burning(), size=size) as flown:
        await told(flown, burning())
        rows = flown.rows()
        assert "FUSE 11:" in rows[0]
        assert "Since you left, 7h12m" in flown.text()
        assert "Help" in rows[-1]
        assert {len(row) for row in rows} == {size[0]}


@pytest.mark.parametrize("size", [(160, 48), (80, 24), (60, 20)])
async def test_a_long_night_is_rolled_to_its_end(size):
    judgement = night()
    async with flying(judgement, size=size) as flown:
        await told(flown, judgement)
        assert "more lines" in flown.text() or size == (160, 48)
        assert "Turned" in flown.text()
        for _ in range(5):
            await flown.press("pagedown")
        assert "Waits" in flown.text()
        assert "more lines" not in flown.text() or "0 more lines" in flown.text()
        for _ in range(5):
            await flown.press("pageup")
        assert "Turned" in flown.text()
        await flown.press("down", "up")
        assert "Turned" in flown.text()


async def test_a_small_terminal_shows_its_few_words_instead():
    """Row 31."""
    async with flying(calm(), size=(59, 24)) as flown:
        await told(flown, calm())
        assert "Since you left" not in flown.text()
        assert "Enlarge" in flown.text()
        await flown.pilot.resize_terminal(80, 24)
        await flown.settle()
        assert "Since you left" in flown.text()


async def test_it_is_as_live_as_the_panes():
    async with flying(calm()) as flown:
        await told(flown, calm())
        flight = calm_flight().wrote(ago(seconds=5), "rollout.paused", "paused now", cause="by hand", evidence=())
        flown.door.turn(flight.judged())
        flown.app.paint()
        await flown.settle()
        assert "paused now" in flown.text()


async def test_a_line_that_comes_while_the_screen_is_left_ends_nothing():
    async with flying(calm()) as flown:
        await told(flown, calm())
        pane = flown.app.screen.query_one(HandoverPane)
        await pane.remove()
        pane.action_roll(1)
        assert not pane.is_attached


async def test_a_hand_over_that_cannot_be_told_says_so_and_ends_nothing(monkeypatch):
    def broken(*_):
        raise ZeroDivisionError("[/] nothing")

    monkeypatch.setattr("widgets.panes.handover.handover", broken)
    async with flying(calm()) as flown:
        await told(flown, calm())
        assert "ZeroDivisionError: [/] nothing" in flown.text()
        await flown.press("space")
        assert flown.door.asked == [Request(Act.PAUSE)]


@pytest.mark.parametrize("text", TOUGH, ids=["markup", "escapes", "long"])
async def test_hostile_text_stays_text(text):
    judgement = hostile(text)
    async with flying(judgement) as flown:
        await told(flown, judgement)
        assert len(flown.app.screen.query(HandoverPane)) == 1
        assert {strip.cell_length for strip in flown.app.screen._compositor.render_strips()} == {160}
        assert not {"\x1b", "\x00", "\x9b", "\u202e"} & set(flown.text())
        await flown.pilot.click(HandoverPane, offset=(20, 2))
        await flown.settle()
        assert flown.app.is_running


class Station(FakeDoor):
    """A door that can be started; every source was asked since."""

    def start(self) -> None:
        state = self.latest().state
        health = {topic: replace(one, tried_at=NOW) for topic, one in state.seen.health.items()}
        self.turn(replace(self.latest(), state=replace(state, seen=replace(state.seen, health=health))))

    def stop(self, _reason: str) -> None:
        pass


class StoppedClock(Clock):
    def now(self):
        return NOW


def test_row_30_whoever_opens_a_session_again_is_handed_over_to_once(tmp_path, monkeypatch):
    """From the sign that the last screen left, through the history, to the panel."""
    texts = []

    async def seen(app):
        async with app.run_test(size=(160, 48)) as pilot:
            while not app.screen.query(HandoverPane):
                await pilot.pause(0.02)
            await pilot.pause()
            app.paint()
            await pilot.pause()
            strips = app.screen._compositor.render_strips()
            texts.append("\n".join("".join(segment.text for segment in strip) for strip in strips))
            with closing(History.open_readonly(tmp_path / HISTORY)) as history:
                while history.last_look().at != NOW:
                    await pilot.pause(0.02)
        return 0

    with closing(History(tmp_path / HISTORY)) as history:
        history.look(Look(ago(hours=7, minutes=12), calm().state.seq))
        history.add(calm().state.seen.tickets)
    monkeypatch.setattr(Cockpit, "run", lambda app: asyncio.run(seen(app)))
    assert show(Station(calm()), StoppedClock(), tmp_path) == 0
    (text,) = texts
    assert "Since you left, 7h12m" in text
    assert "nothing turned" in text


async def test_more_to_tell_comes_after_what_else_is_painted_and_all_of_it_comes():
    """Another height lays the screen out anew: what a key does is seen before that."""
    flight = calm_flight()
    async with flying(flight.judged()) as flown:
        await told(flown, flight.judged())
        pane = flown.app.screen.query_one(HandoverPane)
        high = pane.outer_size.height
        flown.door.turn(flight.wrote(NOW, "rollout.paused", "paused: by hand", cause="by hand", evidence=()).judged())
        flown.app.paint()
        assert not flown.app.screen._layout_required
        await flown.settle()
        await flown.until(lambda: pane.outer_size.height > high)


@pytest.mark.parametrize("size", [(60, 20), (80, 24)])
async def test_where_it_needs_all_lines_no_border_of_a_pane_is_left_above_it(size, tmp_path):
    async with walked("fuse", "hand-over", size, tmp_path) as flown:
        assert flown.app.screen.query_one(HandoverPane).region.y == 2
