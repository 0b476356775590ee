import math

import pytest
from msgspec.structs import replace

from sessions.criteria.analytics import had_traffic
from tests.support.build import PLAN, after, minute, window
from tests.support.sessions.scenes import CAPSULES, LENGTH, entered, told

POLL = PLAN.cadence.traffic
GAP = (after(2 * LENGTH), after(5 * LENGTH))
NOW = after(6 * LENGTH)
QUIET = {"requests": 0.0, "p95_ms": None}


def busy(index, requests=120.0, **facts):
    return window(CAPSULES, after(index * LENGTH), **{"requests": requests, **facts})


def asked(*rows, gap=GAP, endpoints=(CAPSULES,)):
    return had_traffic(told(entered(), *rows), endpoints, gap, NOW)


@pytest.mark.parametrize(
    ("rows", "answer"),
    [
        ((busy(3),), True),
        ((busy(3, 1.0),), True),
        ((busy(3, covered=0.2),), True),
        ((busy(2, 19.0),), None),
        ((busy(2, 20.0),), True),
        ((busy(1), busy(5)), None),
        ((busy(3, math.nan),), None),
        ((busy(3, at=after(7 * LENGTH)),), None),
        ((minute(CAPSULES, after(2 * LENGTH + 60 + POLL), requests=1.0),), True),
        ((minute(CAPSULES, after(2 * LENGTH + 59 + POLL), requests=1.0),), None),
        ((minute(CAPSULES, after(5 * LENGTH - POLL), requests=1.0),), True),
        ((minute(CAPSULES, after(5 * LENGTH - POLL + 1), requests=1.0),), None),
        ((), None),
    ],
)
def test_a_request_well_inside_proves_traffic(rows, answer):
    assert asked(*rows) is answer


@pytest.mark.parametrize(
    ("rows", "answer"),
    [
        ([busy(index, **QUIET) for index in range(2, 5)], False),
        ([busy(3, **QUIET)], False),
        ([busy(3, **QUIET, covered=0.8)], None),
        ([busy(1, **QUIET)], None),
    ],
)
def test_windows_without_a_request_prove_that_there_was_none(rows, answer):
    assert asked(*rows) is answer


def test_a_long_stretch_is_not_vouched_for_by_one_window():
    hour = (after(-6 * LENGTH), after(6 * LENGTH))
    assert asked(busy(3, **QUIET), gap=hour) is None
    assert asked(*(busy(index, **QUIET) for index in range(-5, 5)), gap=hour) is False


def test_a_running_window_vouches_up_to_its_measurement():
    half = replace(busy(4, **QUIET), at=after(4.5 * LENGTH))
    gap = (after(1.9 * LENGTH), after(4.5 * LENGTH))
    assert asked(half, gap=gap) is None
    assert asked(half, busy(3, **QUIET), gap=gap) is False


def test_minutes_that_overlap_are_counted_once():
    hour = (after(-6 * LENGTH), after(6 * LENGTH))
    rows = [minute(CAPSULES, after(LENGTH + 15 * step), **QUIET) for step in range(40)]
    assert asked(*rows, gap=hour) is None


@pytest.mark.parametrize(("minutes", "answer"), [(1, None), (4, None), (5, False)])
def test_a_quiet_minute_is_no_quiet_gap(minutes, answer):
    gap = (after(2 * LENGTH + 1), after(4 * LENGTH + 40))  # 39 s longer than the two windows that it may cut
    rows = [minute(CAPSULES, after(3 * LENGTH + 60 * step), **QUIET) for step in range(1, minutes + 1)]
    assert asked(*rows, gap=gap) is answer


def test_every_endpoint_must_be_known_to_be_quiet():
    assert asked(busy(3, **QUIET), endpoints=(CAPSULES, "POST /returns")) is None
    assert asked(busy(3), endpoints=(CAPSULES, "POST /returns")) is True
    assert asked(busy(3), endpoints=()) is None
