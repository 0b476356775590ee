"""Which closed windows are asked for: until they settled, never again, missed ones once and marked."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from cockpit.sources.prometheus.source import MOST, Pending
from tests.support.build import PLAN, T0, after

FIRST = int(T0.timestamp() // 300)
RULE = replace(PLAN.windows, length=300, settle=30)


def pending(since=None, **more):
    return Pending(RULE, 15, since, **more)


def told(asked):
    return [index - FIRST for index in asked]


def test_without_a_past_only_windows_that_close_from_now_on():
    one = pending()
    assert told(one.ask(after(40))) == []
    assert told(one.ask(after(299))) == []
    assert told(one.ask(after(301))) == [0]


def test_a_window_is_asked_until_it_settled_and_never_again():
    one = pending(T0)
    for at, wanted in [(299, []), (300, [0]), (315, [0]), (329.9, [0]), (330, [0]), (345, []), (600, [1])]:
        asked = one.ask(after(at))
        assert told(asked) == wanted
        one.answered(asked, after(at), after(at))


def test_a_window_whose_data_is_behind_is_not_final():
    one = pending(T0)
    one.answered(one.ask(after(400)), after(400), after(299))
    assert told(one.ask(after(415))) == [0]
    one.answered([FIRST], after(415), after(301))
    assert told(one.ask(after(430))) == []


def test_an_answer_that_never_came_is_asked_for_again():
    one = pending(T0)
    assert told(one.ask(after(320))) == [0]
    assert told(one.ask(after(920))) == [0, 1, 2]


def test_windows_that_passed_while_nobody_watched_are_late():
    one = pending(after(150))
    asked = one.ask(after(950))
    assert told(asked) == [0, 1, 2]
    assert [one.late(index) for index in asked] == [True, True, True]
    one.answered(asked, after(950), after(950))
    for at in range(965, 1215, 15):
        asked = one.ask(after(at))
        one.answered(asked, after(at), after(at))
    assert told(asked) == [3]
    assert not one.late(FIRST + 3)


def test_a_short_silence_makes_no_window_late():
    one = pending(after(270))
    assert [one.late(index) for index in one.ask(after(315))] == [False]


def test_a_long_past_is_caught_up_with_piece_by_piece_newest_first():
    one, seen = pending(after(-300 * 100), at_once=20), []
    for turn in range(5):
        asked = one.ask(after(200 + turn))
        seen.append((told(asked)[:1], len(asked)))
        one.answered(asked, after(200 + turn), after(200 + turn))
    assert seen == [([-20], 20), ([-40], 20), ([-48], 8), ([], 0), ([], 0)]


def test_at_most_so_many_windows():
    assert len(pending(after(-300 * 100)).ask(T0)) == MOST


def test_a_clock_that_went_back_asks_for_windows_anew():
    one = pending(T0)
    asked = one.ask(after(1000))
    one.answered(asked, after(1000), after(1000))
    assert told(one.ask(after(310))) == []
    assert told(one.ask(after(610))) == [1]


def test_a_past_in_the_future_asks_for_nothing_yet():
    assert told(pending(after(9000)).ask(after(310))) == []


@given(st.lists(st.floats(1, 2000), max_size=30))
def test_every_window_becomes_final_once_and_none_is_left_out(steps):
    one, at, seen = pending(T0), 0.0, []
    for step in [*steps, 400, 31, 31, 31]:
        at += step
        asked = one.ask(after(at))
        assert list(asked) == list(range(asked[0], asked[-1] + 1)) if asked else True
        one.answered(asked, after(at), after(at))
        seen += [index for index in asked if (index + 1) * 300 + 30 <= after(at).timestamp()]
    assert len(seen) == len(set(seen))
    assert {int((at - 30) // 300) - 1 + FIRST, *seen} == {*seen}
