"""A pane that makes no picture while nothing of it moves shows what a new one shows, whatever came before."""

from datetime import timedelta
from itertools import product

import pytest
from msgspec.structs import replace

from sessions.values.verdicts import Mark
from tests.support.screen.every import EVERY
from tests.support.screen.grown_flight import NOW
from tests.support.screen.sample import (
    blind,
    breach,
    burning,
    calm,
    calm_flight,
    hostile,
    paused,
    preflight,
    view,
    week,
)
from tests.widgets.base.test_pane import Host
from widgets.base.pane import Pane, Picture

SIZE = (60, 16)
LATER = (0, 1, 45, 200, 900)
"""Seconds: sources are asked, are fresh, then old one after the other."""
SAYING = tuple(pane for pane in EVERY if "moves" in vars(pane))


def moments():
    """Every state at several times; and judged again later, with nothing but that moved."""
    states = (calm(), breach(), burning(), paused(), blind(), preflight(), week(), hostile("[x] \x1b"))
    looks = [view(state, now=state.at + timedelta(seconds=later)) for state, later in product(states, LATER)]
    again = [calm_flight().judged(NOW + timedelta(seconds=later)) for later in LATER]
    return [*looks, *(view(state, now=state.at) for state in again), view(calm(), viewer="it is locked")]


MOMENTS = moments()


def test_most_panes_say_what_moves():
    assert len(SAYING) >= 7


@pytest.mark.parametrize("pane", SAYING, ids=lambda pane: pane.__name__)
async def test_what_came_before_never_stands_for_what_is(pane):
    one = pane()
    async with Host(one).run_test(size=SIZE):
        width, height = one.content_size
        fresh = [pane()._safe_picture(look, width, height) for look in MOMENTS]
        for first, then in product(range(len(MOMENTS)), repeat=2):
            one.show(MOMENTS[first])
            one.show(MOMENTS[then])
            assert one._shown[0] == fresh[then], (first, then)


JUDGED = [calm_flight().judged(NOW + timedelta(seconds=later)) for later in range(0, 1_000, 10)]
"""Until all sources are silent: each of them is too old from some moment between two judgements on."""


@pytest.mark.parametrize("pane", SAYING, ids=lambda pane: pane.__name__)
async def test_an_answer_that_is_too_old_by_now_is_not_waited_for_until_the_next_judgement(pane):
    one = pane()
    async with Host(one).run_test(size=SIZE):
        for judgement, passed in product(JUDGED, (0, 9)):
            look = view(judgement, now=judgement.at + timedelta(seconds=passed))
            one.show(look)
            assert one._shown[0] == pane()._safe_picture(look, *one.content_size), (judgement.at, passed)


class Counting(Pane):
    """Shows how often it was asked; nothing of it moves."""

    NAME = "counting"
    asked = 0
    broken = False

    def moves(self, view):
        return ()

    def picture(self, view, width, height):
        self.asked += 1
        if self.broken:
            raise ZeroDivisionError
        return Picture((("Counting", ""),), (((f"{view.state.seq}", ""),),))


async def test_a_picture_is_made_once_for_all_moments_in_which_nothing_moves():
    pane, later = Counting(), NOW + timedelta(seconds=1)
    async with Host(pane).run_test(size=SIZE):
        pane.show(view(calm_flight().judged()))
        pane.show(view(calm_flight().judged(later), now=later))
        assert pane.asked == 1
        pane.forget()
        pane.show(view(calm(), now=later))
        assert pane.asked == 2
        pane.show(view(breach()))
        assert pane.asked == 3


async def test_what_nobody_judges_any_more_says_so_in_a_pane_of_which_nothing_moves():
    pane = Counting()
    async with Host(pane).run_test(size=SIZE):
        pane.show(view(calm()))
        pane.show(view(calm(), now=NOW + timedelta(minutes=5)))
        assert "AS OF" in str(pane._shown[0].foot)
        pane.show(view(calm()))
        assert "AS OF" not in str(pane._shown[0].foot)


async def test_a_pane_that_failed_is_tried_again():
    pane = Counting()
    async with Host(pane).run_test(size=SIZE):
        pane.broken = True
        pane.show(view(calm()))
        pane.broken = False
        pane.show(view(calm()))
        assert pane._shown[0].title == (("Counting", ""),)


def test_a_figure_that_is_none_is_never_the_same():
    """What is not a number is not equal to itself: no picture is kept for it."""
    from widgets.base.view import still

    look = view(calm())
    part = look.judgement.verdicts["latency"].parts[0]
    odd = replace(look.judgement.verdicts["latency"], mark=Mark.SILENT, parts=(replace(part, value=float("nan")),))
    other = replace(odd, parts=(replace(part, value=float("nan")),))
    one, two = (
        view(replace(look.judgement, verdicts={**look.judgement.verdicts, "latency": each})) for each in (odd, other)
    )
    assert not still(one, two)
