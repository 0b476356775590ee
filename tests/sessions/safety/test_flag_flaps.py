"""A flag that moves to and fro is one story, and no time of it counts."""

import pytest
from msgspec.structs import replace

from sessions.gate.soak import soak
from sessions.safety.flag_flaps import told
from sessions.state.reducer import replay
from sessions.text.units import duration
from sessions.values import readings as r
from sessions.values.entries import Draft
from sessions.values.flag_value import FlagValue
from sessions.values.verdicts import Mark
from tests.support.build import after
from tests.support.sessions.acting import seeing
from tests.support.sessions.flight import all_is_well, in_phase
from tests.support.sessions.rounds import round_at, written

STEP, BEGUN = 10, 600
TURNS = ("flag.drifted", "flag.returned", "flag.unread")


def flown(reads, until):
    """Fly 10 % for `until` s; `reads` says of the time since the trouble began what the flag reads."""
    pen = in_phase(10)
    for at in range(STEP, until + 1, STEP):
        state = all_is_well(pen.state, after(at))
        percent = reads(at - BEGUN) if at >= BEGUN else 10
        if percent is None:
            good = state.seen.health[r.Topic.FLAG]
            dark = replace(good, good_at=after(BEGUN - 300), reason="no answer")
            state = replace(state, seen=replace(state.seen, health={**state.seen.health, r.Topic.FLAG: dark}))
        else:
            state = seeing(state, FlagValue("flagd", after(at), percent))
        pen.state = state
        round_at(pen, at)
    return pen


def seesaw(other, every, lasts=1200):
    return lambda since: other if since < lasts and since // every % 2 == 0 else 10


@pytest.mark.parametrize("every", [10, 30, 60, 120])
@pytest.mark.parametrize("other", [0, 100])
def test_a_flag_that_is_moved_to_and_fro_for_twenty_minutes_is_four_entries(other, every):
    pen = flown(seesaw(other, every), BEGUN + 1200)
    assert written(pen, *TURNS) == ["flag.drifted", "flag.returned", "flag.drifted", "flag.drifted"]
    begun = pen.state.entries[-1]
    assert (begun.facts["flaps"], begun.listed("between")) == (True, (f"{other} %", "10 %"))
    assert begun.text == f"flag flaps (4 times in {duration(3 * every)}: {other} %, 10 %), now 10 %"
    assert pen.state.flag.status == "drifted"


def test_it_is_back_once_it_has_stood_for_ten_minutes():
    pen = flown(seesaw(100, 30), BEGUN + 1200 + 620)
    assert written(pen, *TURNS)[-2:] == ["flag.drifted", "flag.returned"]
    over = pen.state.entries[-1]
    assert over.text.startswith("flag reads 10 % again, elsewhere for ")
    assert over.text.endswith(", after it flapped")
    assert pen.state.flag.status == "confirmed"
    assert replay(pen.state.plan, pen.state.entries).lapses == pen.state.lapses
    told = soak(pen.state, after(BEGUN + 1820))
    assert told.mark is Mark.WARMING
    assert told.done <= BEGUN + 100


def test_what_it_did_not_read_before_is_told_at_once():
    pen = flown(lambda since: 50 if since == 300 else seesaw(100, 30)(since), BEGUN + 400)
    assert pen.state.entries[-1].listed("between") == ("100 %", "10 %", "50 %")
    assert pen.state.entries[-1].counted("seen") == 50


def test_a_flag_that_is_read_now_and_then_is_one_story_too():
    pen = flown(seesaw(None, 60), BEGUN + 1200)
    kinds = written(pen, *TURNS)
    assert kinds[:4] == ["flag.unread", "flag.returned", "flag.unread", "flag.unread"]
    assert len(kinds) <= 8
    assert any(entry.listed("between") == ("not read", "10 %") for entry in pen.state.entries)


def test_three_turns_are_entered_as_they_come():
    pen = flown(seesaw(100, 60, lasts=130), BEGUN + 200)
    assert written(pen, *TURNS) == ["flag.drifted", "flag.returned", "flag.drifted", "flag.drifted"]
    slow = flown(seesaw(100, 400, lasts=2000), BEGUN + 2100)
    assert not any("flaps" in entry.facts for entry in slow.state.entries)


@pytest.mark.parametrize("kind", ["flag.drifted", "flag.unread"])
def test_the_entry_of_a_flap_is_nobody_s_second_copy(kind):
    """What an earlier turn was written late as, and who moved the flag then, is told of that turn alone."""
    pen, back = in_phase(10), {"percent": 10, "since": after(60)}
    away = {"expected": 10, "seen": 25} if kind == "flag.drifted" else {"since": after(60), "reason": "no answer"}
    own = {"owed": "a-name", "happened_at": after(60), "changed_at": after(50), "flaps": False}
    for at, turn in ((60, kind), (120, "flag.returned"), (180, kind)):
        pen.write(at, turn, **(back if turn == "flag.returned" else {**away, **own}))
    draft = Draft("flag.returned", "watch", "flag reads 10 % again", back)
    flap = told(pen.state, draft, after(240))
    assert flap is not None
    assert (flap.kind, flap.facts["flaps"]) == (kind, True)
    assert set(flap.facts) == {*away, "flaps", "between"}
