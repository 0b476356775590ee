"""What is remembered is bounded, belongs to one object, and is never given for another."""

from sessions.plan.uses import watched
from sessions.text.clean import _SHORT, _clean, clean
from sessions.values.remembered import remembered
from tests.support.screen.sample import calm


class Counting:
    def __init__(self, most):
        self.asked = []
        self.of = remembered(most)(self._of)

    def _of(self, *values):
        self.asked.append(values)
        return [*values]


def test_the_same_objects_are_asked_about_once():
    counting, log = Counting(4), (1, 2, 3)
    assert counting.of(log) is counting.of(log)
    assert len(counting.asked) == 1


def test_an_equal_object_is_another_one():
    counting = Counting(4)
    counting.of(tuple(map(int, "12")))
    counting.of(tuple(map(int, "12")))
    assert len(counting.asked) == 2


def test_it_remembers_no_more_than_it_may():
    counting = Counting(4)
    logs = [(number, "log") for number in range(100)]
    for log in logs:
        assert counting.of(log) == [log]
    counting.asked.clear()
    for log in logs[-4:]:
        counting.of(log)
    assert len(counting.asked) <= 4
    counting.of(logs[0])
    assert counting.asked[-1] == (logs[0],)


def test_what_is_gone_is_never_taken_for_what_stands_at_its_place():
    counting = Counting(3)
    for number in range(1_000):
        assert counting.of((number, "made for this turn")) == [(number, "made for this turn")]


def test_a_plan_and_a_log_are_looked_through_once():
    state = calm().state
    assert watched(state.plan, state.answers) is watched(state.plan, state.answers)


def test_clean_keeps_short_words_only_and_a_bounded_number_of_them():
    _clean.cache_clear()
    for number in range(3 * _clean.cache_info().maxsize):
        assert clean(f"a façade {number}") == f"a façade {number}"
    assert _clean.cache_info().currsize == _clean.cache_info().maxsize
    before = _clean.cache_info().misses
    assert clean("é" * (_SHORT + 1)) == "é" * (_SHORT + 1)
    assert clean("plain") == "plain"
    assert _clean.cache_info().misses == before
