"""The bottom line on every screen and dialog, in every state, at every width: what works there, and it fits."""

import pytest
from msgspec.structs import replace

from cockpit.tui.keyboard.footer import possible
from sessions.actions.dispatch import decide
from sessions.values.requests import Act, Request
from tests.support.screen.grown_flight import NOW, TZ, ago
from tests.support.screen.pilots import flying
from tests.tour.states import STATES, calm, fuse, week
from tests.tour.stops import STOPS
from widgets.base.view import View
from widgets.dialogs.base import Dialog
from widgets.frame.key_line import KeyLine

WIDTHS = {60: 20, 80: 24, 100: 30, 120: 36, 160: 48}
LOOKS = "another cockpit watches"
SCREENS = ("deck", "detail-latency", "risks", "risk-sheet", "log", "week", "report", "tasks", "note")
ALWAYS = ("2 Detail", "? Help", "q Quit")


def concluded():
    flight = week()
    flight.wrote(ago(minutes=1), "session.concluded", "session concluded at 100 %", by="owner", evidence=())
    return flight


FLIGHTS = {**STATES, "concluded": concluded, "read-only": calm, "read-only fuse": fuse}


def viewer(state: str) -> str:
    return LOOKS if state.startswith("read-only") else ""


def labels(app) -> list[str]:
    """What the line shows, by label; a label that is cut is none of those that are offered."""
    keys = app.screen_stack[-1].query(KeyLine) or app.screen_stack[0].query(KeyLine)
    line = "".join(text for text, _ in keys.first()._line)
    return [part.strip() for part in line.split("  ") if part.strip()]


@pytest.mark.parametrize("state", FLIGHTS)
async def test_the_line_fits_at_every_width_on_every_screen(state):
    judgement = FLIGHTS[state]().judged()
    for stop in SCREENS:
        async with flying(judgement, size=(160, 48), viewer=viewer(state)) as flown:
            await flown.press(*STOPS[stop])
            dialog = isinstance(flown.app.screen, Dialog)
            for width, height in WIDTHS.items():
                await flown.pilot.resize_terminal(width, height)
                await flown.settle()
                flown.app.paint()
                await flown.settle()
                board = next(one for one in reversed(flown.app.screen_stack) if one.query(KeyLine))
                keys = board.query_one(KeyLine)
                shown, offered = labels(flown.app), board._offers()
                known = [f"{one.shown} {one.words}" for one in (*offered.useful, *offered.kept)]
                place = f"{state} {stop} {width}: {shown}"
                assert set(shown) <= set(known), place
                assert shown[: len(shown) - len(offered.kept)] == known[: len(shown) - len(offered.kept)], place
                assert sum(len(text) for text, _ in keys._line) <= keys.size.width, place
                assert len(shown) > len(offered.kept), place
                if dialog:
                    assert shown == [f"{key} {word}" for key, word in flown.app.screen.keys], place
                else:
                    assert tuple(shown[-3:]) == ALWAYS, place


DECK = {
    "calm": (["t Tasks", "space Pause", "a Advance", "r Revert"], ["Resume", "Defuse", "Extend", "Conclude"]),
    "fuse": (["d Defuse", "x Extend", "r Revert"], ["Resume", "Pause", "Advance"]),
    "paused": (["space Resume", "a Advance"], ["Pause", "Defuse"]),
    "frozen": (["f Thaw"], ["Freeze", "Resume"]),
    "week": (["t Tasks", "5 Week", "e Export"], ["Advance", "Conclude", "Resume"]),
    "concluded": (["6 Report", "e Export", "n Note", "r Revert"], ["Pause", "Advance", "Freeze", "Tasks", "Observe"]),
    "read-only": (["3 Risks", "4 Log"], ["Pause", "Advance", "Revert", "Note", "Tasks", "Export"]),
    "read-only fuse": (["3 Risks", "4 Log"], ["Defuse", "Extend", "Revert", "Pause"]),
}


@pytest.mark.parametrize("state", DECK)
async def test_the_deck_offers_what_is_taken_now_the_most_useful_first(state):
    first, never = DECK[state]
    async with flying(FLIGHTS[state]().judged(), viewer=viewer(state)) as flown:
        shown = labels(flown.app)
    assert shown[: len(first)] == first
    assert not [label for label in shown if label.partition(" ")[2] in never]


async def test_a_fuse_over_a_pause_offers_no_resume_and_its_end_does():
    burning = fuse().judged()
    async with flying(burning) as flown:
        assert "space Resume" not in labels(flown.app)
        flown.door.turn(replace(burning, state=replace(burning.state, fuses={})))
        flown.app.paint()
        assert "space Resume" in labels(flown.app)


async def test_a_cursor_puts_nothing_out_that_is_kept():
    async with flying(calm().judged(), size=(80, 24)) as flown:
        await flown.press("down")
        shown = labels(flown.app)
    assert shown[:2] == ["⏎ Open", "y Copy"]
    assert tuple(shown[-3:]) == ALWAYS


@pytest.mark.parametrize("stop", ["log-filter", "week-task"])
async def test_where_letters_are_typed_no_letter_is_offered(stop):
    async with flying(week().judged(), size=(80, 24)) as flown:
        await flown.press(*STOPS[stop])
        shown = labels(flown.app)
        assert shown[:2] == ["⏎ Send", "esc Back"]
        assert not [label for label in shown if len(label.partition(" ")[0]) == 1 and label[0].isalnum()]
        await flown.press("escape")
        assert tuple(labels(flown.app)[-3:]) == ALWAYS


async def test_a_dialog_shows_its_own_keys_and_gives_the_line_back():
    async with flying(calm().judged(), size=(80, 24)) as flown:
        await flown.press("r")
        assert labels(flown.app) == ["y revert", "n leave"]
        await flown.press("n")
        assert tuple(labels(flown.app)[-3:]) == ALWAYS


async def test_every_label_does_what_it_says_when_clicked():
    async with flying(calm().judged()) as flown:
        line = flown.app.screen.query_one(KeyLine)
        start = next(start for start, _, key in line._spans if key == "question_mark")
        await flown.pilot.click(KeyLine, offset=(start, 0))
        await flown.settle()
        assert type(flown.app.screen).__name__ == "Help"


ASKED = {
    "rollout.resume": Request(Act.RESUME),
    "rollout.pause": Request(Act.PAUSE),
    "rollout.revert": Request(Act.REVERT),
    "rollout.conclude": Request(Act.CONCLUDE),
    "fuse.extend": Request(Act.EXTEND),
    "fuse.defuse": Request(Act.DEFUSE, reason="mended"),
    "log.observe": Request(Act.OBSERVE),
    "log.note": Request(Act.NOTE, text="a note"),
}


@pytest.mark.parametrize("state", [one for one in FLIGHTS if not one.startswith("read-only")])
@pytest.mark.parametrize("name", ASKED)
def test_what_is_offered_is_what_the_session_takes(state, name):
    judgement = FLIGHTS[state]().judged()
    decision = decide(judgement, ASKED[name])
    assert possible(View(judgement, NOW, TZ), name) == (not decision.refusal), decision
