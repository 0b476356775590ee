"""Who answers late is a sign of a busy machine, until it is plain that it is gone."""

import pytest

from cockpit.runtime.pace.waits import GIVEN_UP, KNOWN_SLOW, Waits

DUE, DEADLINE = 0.5, 2.0


class Hands:
    """A clock that goes at `pace`, and the machine's."""

    def __init__(self):
        self.clock = self.machine = 0.0
        self.waits = Waits(lambda: self.clock, lambda: self.machine)

    def go(self, seconds, pace=1.0):
        self.machine += seconds
        self.clock += seconds * pace

    def ask(self, seconds, pace=1.0):
        """Wait for an answer so many seconds of the machine; return how late it was at its end."""
        with self.waits.waiting("records", DUE, DEADLINE):
            self.go(seconds, pace)
            return self.waits.worst()


@pytest.mark.parametrize(("seconds", "pace", "late"), [(0.1, 1, 0.2), (0.5, 1, 1), (1.0, 1, 2), (1.0, 0.5, 1)])
def test_an_answer_is_as_late_as_it_took(seconds, pace, late):
    assert Hands().ask(seconds, pace) == pytest.approx(late)


def test_nothing_is_late_where_nothing_is_waited_for():
    hands = Hands()
    hands.ask(DEADLINE)
    hands.go(1)
    assert hands.waits.worst() == 0


def test_who_let_a_deadline_pass_is_late_from_its_next_question_on_until_it_answers():
    hands = Hands()
    hands.ask(DEADLINE)
    assert hands.ask(0.1) == KNOWN_SLOW
    assert hands.ask(0.1) == pytest.approx(0.2)


@pytest.mark.parametrize("pace", [1.0, 0.3, 0.05])
def test_who_never_answers_slows_the_clock_for_a_while_and_no_longer(pace):
    hands, slowed = Hands(), 0.0
    for _ in range(1000):
        with hands.waits.waiting("records", DUE, DEADLINE):
            end = hands.clock + DEADLINE
            while hands.clock < end:
                late = hands.waits.worst() >= 1
                hands.go(0.1, pace if late else 1.0)
                slowed += 0.1 if late else 0.0
        hands.go(1.0)
    assert 0 < slowed <= GIVEN_UP


def test_who_ends_in_vain_before_its_deadline_by_a_slow_clock_never_answered():
    """A driver gives up by seconds of the machine."""
    hands = Hands()
    hands.ask(GIVEN_UP, 0.05)
    assert hands.ask(DEADLINE) == 0


def test_who_was_given_up_counts_again_once_it_answered():
    hands = Hands()
    hands.ask(GIVEN_UP)
    assert hands.ask(DEADLINE) == 0
    hands.ask(0.1)
    assert hands.ask(1.0) == pytest.approx(2)


def test_one_that_is_mute_hides_no_other_that_is_late():
    hands = Hands()
    hands.ask(GIVEN_UP)
    with hands.waits.waiting("records", DUE, DEADLINE), hands.waits.waiting("traffic", DUE, DEADLINE):
        hands.go(1.0)
        assert hands.waits.worst() == pytest.approx(2)
