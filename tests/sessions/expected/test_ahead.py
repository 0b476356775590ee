"""What the next phase will bring by the traffic seen: never guessed where nobody can tell."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from sessions.expected.ahead import ahead, requests_seen, walked
from sessions.expected.chances import Supply, supply
from sessions.gate.evaluate import judge
from sessions.plan.model import Expected, Journey
from sessions.values import readings as r
from tests.support.build import PLAN, after, window
from tests.support.sessions.flight import begun, in_phase
from tests.support.sessions.gating import NOW

LENGTH = PLAN.windows.length
SILENT = replace(PLAN, collections=tuple(replace(one, per_hour=0.0) for one in PLAN.collections))
"""A plan that promises nothing of any endpoint."""
CAPSULES = "POST /capsules"
RARE = "walk it every 4m (a journey source with every = "


def seeing(pen, requests, endpoint=CAPSULES, **facts):
    """Return the state after windows with so many requests each, from T0 on."""
    for number, count in enumerate(requests):
        pen.see(window(endpoint, after(number * LENGTH), requests=float(count), **facts))
    return pen.state


def told(state, subject=CAPSULES, now=NOW):
    return [one.said for one in ahead(state, now) if one.subject == subject]


@pytest.mark.parametrize(
    ("percent", "requests", "found"),
    [
        (
            10,
            [0, 1, 0, 0, 0],
            [
                (
                    "about 0.2 requests a window seen at 10 % in 25m, 0.5 at 25 % if all of it grows with the flag: "
                    "it will stay thin even pooled over 1h; probe it, or ask for fewer than 20"
                )
            ],
        ),
        (
            10,
            [0] * 4,
            ["no requests a window seen at 10 % in 20m: it will stay thin even pooled over 1h; probe it, or"],
        ),
        (
            10,
            [2] * 4,
            ["about 2 requests a window seen at 10 % in 20m, 5 at 25 % if all of it grows with the flag: few"],
        ),
        (10, [12] * 4, []),
        (50, [16] * 4, []),
        (
            25,
            [1] * 4,
            ["about 1 request a window seen at 25 % in 20m, 2 at 50 % if all of it grows with the flag: thin"],
        ),
        (100, [0] * 9, []),
        (0, [0] * 4, []),
        (0, [2] * 4, []),
        (0, [500] * 4, []),
        (10, [0, 0], []),
    ],
)
def test_by_the_traffic_seen(percent, requests, found):
    pen = in_phase(percent, plan=SILENT) if percent else begun(SILENT)
    said = told(seeing(pen, requests))
    assert [text[:80] for text in said] == [text[:80] for text in found]
    assert len(found) != 1 or said[0].startswith(found[0])


@pytest.mark.parametrize(
    ("requests", "found"),
    [
        (
            [],
            ["about 0.2 requests a window at 10 %, 2.4 an hour by the growth of capsules: it will stay thin even"],
        ),
        (
            [0] * 4,
            ["about 0.2 requests a window at 10 %, 2.4 an hour by the growth of capsules: it will stay thin even"],
        ),
        (
            [1] * 4,
            ["about 1.2 requests a window at 10 %, 14 an hour by the growth of capsules and 1 a window seen at 0 %"],
        ),
        ([40] * 4, []),
    ],
)
def test_before_the_first_step_what_comes_without_the_flag_is_added_to_the_promise(requests, found):
    said = told(seeing(begun(), requests))
    assert len(said) == len(found)
    assert all(text.startswith(head) for text, head in zip(said, found, strict=True))


@pytest.mark.parametrize(
    ("facts", "counts"),
    [
        ({}, True),
        ({"covered": 0.89}, False),
        ({"at": after(10)}, False),
        ({"at": after(3, NOW)}, False),
        ({"requests": math.nan}, False),
        ({"requests": math.inf}, False),
        ({"requests": -1.0}, False),
    ],
)
def test_only_whole_windows_that_can_be_counted_tell(facts, counts):
    pen = in_phase(10)
    for number in range(3):
        pen.see(window(CAPSULES, after(number * LENGTH), **{"requests": 1.0, **facts}))
    assert (requests_seen(pen.state, CAPSULES, NOW) is not None) is counts


def test_a_window_that_two_clocks_cut_tells_nothing():
    state = replace(seeing(in_phase(10), [9, 1, 1, 1]), moved_at=after(0))
    assert requests_seen(state, CAPSULES, NOW).per_hour == 36
    assert requests_seen(replace(state, moved_at=after(1)), CAPSULES, NOW).per_hour == 12


def test_windows_before_the_phase_and_with_the_flag_elsewhere_tell_nothing():
    pen = in_phase(10)
    early = in_phase(10, at=3 * LENGTH)
    assert requests_seen(seeing(early, [9, 9, 9]), CAPSULES, NOW) is None
    state = seeing(pen, [9, 9, 9, 1, 1, 1])
    pen.write(3 * LENGTH - 10, "flag.drifted", percent=100, since=after(0))
    pen.write(3 * LENGTH, "flag.returned", percent=10)
    assert requests_seen(state, CAPSULES, NOW).per_hour == 60
    assert requests_seen(pen.state, CAPSULES, NOW).per_hour == 12


@pytest.mark.parametrize(
    ("percent", "requests", "found"),
    [
        (10, [0] * 4, "no request seen at 10 % in 20m, and no gap may be over 10m; " + RARE),
        (10, [1] * 4, None),
        (
            10,
            [0, 1, 0, 1],
            "an event about every 4m at 25 % by the requests seen at 10 %, and no gap may be over 10m: 8.2",
        ),
        (0, [0] * 4, None),
        (0, [1] * 4, None),
    ],
)
def test_a_journey_has_no_more_events_than_requests(percent, requests, found):
    pen = in_phase(percent, plan=SILENT) if percent else begun(SILENT)
    said = told(seeing(pen, requests), "capsule_created")
    assert len(said) == (found is not None)
    assert found is None or said[0].startswith(found)


def test_of_a_journey_the_least_that_is_known_counts():
    plan = replace(SILENT, expected=(Expected("capsule_created", 12.0),))
    said = told(seeing(in_phase(10, plan=plan), [100] * 4), "capsule_created")
    assert said[0].startswith("an event about every 20m at 25 %, and no gap may be over 10m: 61 % of its gaps")
    said = told(seeing(in_phase(10, plan=plan), [0] * 4), "capsule_created")
    assert said[0].startswith("no request seen at 10 % in 20m")


def test_an_endpoint_of_which_nothing_is_known_leaves_its_journey_unknown():
    plan = replace(SILENT, journeys=(Journey("both", (CAPSULES, "POST /csat")), Journey("none", ())))
    state = seeing(in_phase(10, plan=plan), [0] * 4)
    assert told(state, "both") == told(state, "none") == []


@pytest.mark.parametrize(("ago", "walks"), [(0, True), (1200, True), (1201, False), (-1, True), (-3, False)])
def test_a_journey_that_is_walked_needs_no_word(ago, walks):
    pen = begun()
    assert told(pen.state, "capsule_created")
    run = r.Run("wf7", NOW, "wf7", "1", after(-9000, NOW), ("done",), True, True, "capsule_created", after(-ago, NOW))
    pen.see(run)
    assert walked(pen.state, "capsule_created", NOW) is walks
    assert bool(told(pen.state, "capsule_created")) is not walks
    assert told(pen.state, "return_started")


@given(st.sampled_from((10, 25, 50)), st.lists(st.integers(0, 60), min_size=3, max_size=12))
def test_it_is_thin_only_where_all_of_it_growing_with_the_flag_would_not_do(percent, requests):
    state = seeing(in_phase(percent, plan=SILENT), requests)
    following = PLAN.after(percent).percent
    rate = 3600 * sum(requests) / (len(requests) * LENGTH) * following / percent
    thin = [one for one in ahead(state, NOW) if one.subject == CAPSULES and one.thin]
    assert bool(thin) is (supply(PLAN, rate) in (Supply.THIN, Supply.AT_TIMES))


def test_it_holds_nothing():
    busy = replace(PLAN, expected=tuple(Expected(name, 9e5) for name in PLAN.endpoints))
    thin, enough = judge(begun().state, NOW), judge(begun(busy).state, NOW)
    assert thin.ahead
    assert not enough.ahead
    assert thin.gate == enough.gate


def test_a_file_that_is_damaged_has_no_next_phase():
    assert ahead(replace(begun().state, whole=False), NOW) == ()
