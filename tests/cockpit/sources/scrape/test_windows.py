"""Running totals turned into windows: resets, several instances, vanished series, and every request once."""

import json
import math
import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from cockpit.sources.scrape.quantile import quantile
from cockpit.sources.scrape.series import Series
from cockpit.sources.scrape.windows import WINDOWS_KEPT, Windows
from sessions.history.reading_codec import body_of, reading_from
from sessions.plan.model import Windows as Rule
from sessions.values.readings import Grain

T0 = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
RULE = Rule(length=300, settle=30, count=3, min_requests=20, minute=60)
CAPSULES = "POST /capsules"
BOUNDS = (0.1, 0.25, 0.5, 1.0, 5.0, math.inf)


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def totals(good: float, bad: float = 0, *, slow: float = 0, endpoint: str = CAPSULES, pod: str = "") -> dict:
    """Return one scrape: `slow` of the requests took 0.5..1 s, the others 0.1..0.25 s."""
    count = good + bad
    found = {
        f"200{pod}{endpoint}": (Series(endpoint, f"200{pod}{endpoint}", None), good),
        f"500{pod}{endpoint}": (Series(endpoint, f"500{pod}{endpoint}", None, failed=True), bad),
    }
    for bound in BOUNDS:
        inside = 0 if bound <= 0.1 else count - slow if bound <= 0.5 else count
        found[f"{bound}{pod}{endpoint}"] = (Series(endpoint, f"h{pod}{endpoint}", bound), inside)
    return found


def fly(windows: Windows, scrapes: list, instance: str = "a") -> list:
    """Feed (second, totals) pairs and return all readings."""
    found = []
    for second, values in scrapes:
        windows.feed(instance, at(second), values)
        found += windows.readings(at(second))
    return found


def last(readings: list, grain: Grain = Grain.WINDOW) -> dict:
    """Return the newest reading per endpoint and start."""
    return {(one.endpoint, one.start): one for one in readings if one.grain is grain}


def steady(until: int, per_second: float = 1, step: int = 15) -> list:
    return [(second, totals(second * per_second)) for second in range(0, until + 1, step)]


def test_a_first_scrape_says_nothing():
    assert fly(Windows(RULE, 15, "scrape"), [(0, totals(5000, 40))]) == []


def test_a_closed_window_holds_what_grew_inside_it():
    found = last(fly(Windows(RULE, 15, "scrape"), steady(330)))
    closed, running = found[CAPSULES, T0], found[CAPSULES, at(300)]
    assert (closed.end, closed.requests, closed.errors, closed.covered) == (at(300), 300, 0, 1)
    assert closed.at == at(300)
    assert closed.p95_ms == pytest.approx(100 + 150 * 0.95)
    assert (running.requests, running.at, running.covered) == (30, at(330), 1)


def test_a_scrape_astride_the_edge_is_shared_out():
    readings = fly(Windows(RULE, 20, "scrape"), [(s, totals(s)) for s in range(10, 611, 20)])
    found = last(readings)
    assert (found[CAPSULES, T0].requests, found[CAPSULES, T0].at) == (290, at(310))
    assert found[CAPSULES, T0].covered == pytest.approx(290 / 300)
    assert found[CAPSULES, at(300)].requests == 300
    open_one = next(one for one in readings if one.start == at(300) and one.at == at(310))
    assert open_one.requests == 10


def test_the_last_minute_rolls():
    minutes = last(fly(Windows(RULE, 15, "scrape"), steady(120)), Grain.MINUTE)
    newest = minutes[CAPSULES, at(60)]
    assert (newest.start, newest.end, newest.requests, newest.covered) == (at(60), at(120), 60, 1)
    assert last(fly(Windows(RULE, 15, "scrape"), steady(15)), Grain.MINUTE)[CAPSULES, T0].covered == 0.25


def test_a_minute_shorter_than_a_poll_is_the_last_two_scrapes():
    rule = replace(RULE, length=1.25, minute=0.25)
    minutes = last(
        fly(Windows(rule, 0.5, "scrape"), [(0, totals(0)), (0.5, totals(9)), (1.0, totals(20))]), Grain.MINUTE
    )
    newest = minutes[CAPSULES, at(0.5)]
    assert (newest.requests, newest.end, newest.covered) == (11, at(1), 1)


def test_counters_that_stand_still_are_an_answer():
    found = last(fly(Windows(RULE, 15, "scrape"), [(s, totals(7000)) for s in range(0, 301, 15)]))
    still = found[CAPSULES, T0]
    assert (still.requests, still.p95_ms, still.covered) == (0, None, 1)


def test_a_reset_counts_from_zero_and_is_marked():
    """Row 49."""
    found = last(fly(Windows(RULE, 15, "scrape"), [(0, totals(9000, 50)), (15, totals(9030, 50)), (30, totals(12, 1))]))
    window = found[CAPSULES, T0]
    assert (window.requests, window.errors, window.reset) == (30 + 13, 1, True)


def test_a_restarted_histogram_resets_as_a_whole():
    """Row 49: one bucket may have outgrown its old total, the instrument still began at zero."""
    before, after = totals(100, slow=97), totals(40, slow=2)
    found = last(fly(Windows(RULE, 15, "scrape"), [(0, before), (15, after)]))
    assert found[CAPSULES, T0].p95_ms == pytest.approx(100 + 150 * 38 / 38)


def test_a_newborn_series_counts_from_zero():
    calm = totals(100)
    quiet = {head: value for head, value in calm.items() if not head.startswith("500")}
    found = last(fly(Windows(RULE, 15, "scrape"), [(0, quiet), (15, totals(110, 7))]))
    assert (found[CAPSULES, T0].requests, found[CAPSULES, T0].errors) == (17, 7)


def test_a_renamed_series_is_a_gap_and_no_spike():
    """Row 50."""
    windows = Windows(RULE, 15, "scrape")
    found = last(
        fly(
            windows,
            [(0, totals(9000)), (15, totals(9010)), (30, totals(9020, pod="new")), (45, totals(9030, pod="new"))],
        )
    )
    window = found[CAPSULES, T0]
    assert window.requests == 20
    assert window.covered == pytest.approx(30 / 45)


def test_a_series_that_comes_back_brings_no_history():
    """Row 50."""
    other = totals(5, endpoint="POST /csat")
    script = [(0, totals(9000) | other), (15, totals(9010) | other), (30, other), (45, totals(9500) | other)]
    window = last(fly(Windows(RULE, 15, "scrape"), [*script, (60, totals(9510) | other)]))[CAPSULES, T0]
    assert (window.requests, window.covered) == (20, 0.5)


def test_a_vanished_endpoint_gives_no_more_windows():
    """Row 50."""
    other = totals(5, endpoint="POST /csat")
    script = [(s, totals(s) | other if s < 150 else other) for s in range(0, 661, 15)]
    found = last(fly(Windows(RULE, 15, "scrape"), script))
    assert found[CAPSULES, T0].covered == pytest.approx(135 / 300)
    assert (CAPSULES, at(300)) not in found
    assert found["POST /csat", at(300)].covered == 1


def test_instances_are_summed_before_the_quantile():
    windows = Windows(RULE, 15, "scrape")
    readings = []
    for second in range(0, 301, 15):
        windows.feed("fast", at(second), totals(second * 9))
        windows.feed("slow", at(second), totals(second, second / 15, slow=second * 16 / 15))
        readings += windows.readings(at(second))
    window = last(readings)[CAPSULES, T0]
    assert (window.requests, window.errors) == (300 * 9 + 300 + 20, 20)
    merged = {0.1: 0, 0.25: 2700, 0.5: 2700, 1.0: 3020, 5.0: 3020, math.inf: 3020}
    assert window.p95_ms == pytest.approx(quantile(0.95, merged).value * 1000, abs=0.01)


def test_an_instance_that_falls_silent_leaves_the_window_half_seen():
    """Row 46."""
    windows = Windows(RULE, 15, "scrape")
    readings = []
    for second in range(0, 301, 15):
        windows.feed("a", at(second), totals(second))
        if second <= 90:
            windows.feed("b", at(second), totals(second))
        readings += windows.readings(at(second))
    window = last(readings)[CAPSULES, T0]
    assert (window.requests, window.covered) == (390, 0.3)


def test_a_wide_hole_is_counted_and_not_vouched_for():
    found = last(fly(Windows(RULE, 15, "scrape"), [*steady(60), (200, totals(200)), (300, totals(300))]))
    assert found[CAPSULES, T0].requests == 300
    assert found[CAPSULES, T0].covered == 0.2


def test_a_clock_set_back_begins_anew():
    """Row 26."""
    found = fly(
        Windows(RULE, 15, "scrape"), [(7200, totals(10)), (7215, totals(20)), (0, totals(30)), (15, totals(40))]
    )
    assert [(one.start, one.requests) for one in found if one.at < at(60) and one.grain is Grain.WINDOW] == [(T0, 10)]


def test_a_clock_set_back_within_a_window_counts_what_came_since_and_nothing_of_before():
    """Row 26."""
    scrapes = [(0, totals(0)), (60, totals(60)), (0, totals(90)), (60, totals(100)), (300, totals(140))]
    found = last(fly(Windows(RULE, 15, "scrape"), scrapes))
    assert found[CAPSULES, T0].requests == 50


def test_the_same_scrape_twice_counts_once():
    found = last(
        fly(Windows(RULE, 15, "scrape"), [(0, totals(0)), (15, totals(15)), (15, totals(15)), (30, totals(30))])
    )
    assert found[CAPSULES, T0].requests == 30


def test_memory_is_bounded():
    windows = Windows(RULE, 15, "scrape")
    fly(windows, [(s * 290, totals(s)) for s in range(400)])
    fly(windows, [(10**9, totals(10**6))])
    assert len(windows._bins) <= WINDOWS_KEPT
    assert all(len(spans) < 10 for spans in windows._recent.values())


@given(
    steps=st.lists(
        st.tuples(st.floats(1, 200), st.integers(0, 90), st.integers(0, 9), st.booleans()), min_size=1, max_size=40
    )
)
def test_each_request_is_counted_once_whatever_the_rhythm(steps):
    windows, second, good, bad, sent, failed = Windows(RULE, 15, "scrape"), 0.0, 0, 0, 0, 0
    readings = fly(windows, [(0, totals(0))])
    for wait, more, wrong, restarts in steps:
        second += wait
        good, bad = (more, wrong) if restarts else (good + more, bad + wrong)
        sent, failed = sent + more, failed + wrong
        before = windows._past["a"][1].totals
        if (restarts and good >= before[f"200{CAPSULES}"][1]) or (restarts and bad >= before[f"500{CAPSULES}"][1]):
            # Nobody can tell a restart that outgrew its past from growth: leave it out of the law.
            good, bad = good + before[f"200{CAPSULES}"][1], bad + before[f"500{CAPSULES}"][1]
        readings += fly(windows, [(second, totals(good, bad))])
    found = last(readings).values()
    assert sum(one.requests for one in found) == pytest.approx(sent + failed, abs=1e-3)
    assert sum(one.errors for one in found) == pytest.approx(failed, abs=1e-3)
    assert all(0 <= one.covered <= 1 and one.requests >= 0 for one in found)


def test_windows_stand_where_the_clock_says_at_any_speed():
    rule = replace(RULE, length=300 / 72, minute=60 / 72)
    rng = random.Random(1)
    second, script = 0.0, []
    while second < 20:
        script.append((second, totals(second * 100)))
        second += rng.uniform(0.2, 0.3)
    for _, start in last(fly(Windows(rule, 0.25, "scrape"), script)):
        index = round(start.timestamp() / rule.length)
        assert start == datetime.fromtimestamp(index * rule.length, UTC)


def one_window(windows: Windows, before: dict, after: dict):
    return last(fly(windows, [(0, before), (15, after)]))[CAPSULES, T0]


def test_a_p95_tells_its_bucket_and_the_share_over_the_bound():
    window = one_window(Windows(RULE, 15, "scrape", 0.5), totals(0), totals(100, slow=8))
    assert (window.p95_ms, window.bucket_ms) == (pytest.approx(500 + 500 * 3 / 8, abs=0.01), (500, 1000))
    assert (window.over, window.p95_capped) == (pytest.approx(0.08), False)
    (minute,) = last(fly(Windows(RULE, 15, "scrape", 0.5), [(0, totals(0)), (15, totals(9))]), Grain.MINUTE).values()
    assert (minute.bucket_ms, minute.over) == ((100, 250), 0)


def test_a_bound_that_is_no_edge_has_no_share_over_it():
    assert one_window(Windows(RULE, 15, "scrape", 0.4), totals(0), totals(100)).over is None
    assert one_window(Windows(RULE, 15, "scrape"), totals(0), totals(100)).over is None


def test_a_capped_p95_has_no_bucket_and_survives_the_history():
    """Row 45: infinity is no JSON."""
    before, after = totals(0), totals(100)
    beyond = {
        head: (series, 0.0 if series.bound and series.bound < math.inf else n) for head, (series, n) in after.items()
    }
    window = one_window(Windows(RULE, 15, "scrape", 0.5), before, beyond)
    assert (window.p95_ms, window.p95_capped, window.bucket_ms, window.over) == (5000, True, None, 1)
    assert reading_from("window", json.dumps(json.loads(body_of(window)), allow_nan=False)) == window
    plain = one_window(Windows(RULE, 15, "scrape", 0.5), totals(0), totals(100))
    assert reading_from("window", body_of(plain)) == plain


def test_of_instances_with_other_buckets_those_that_all_have_count():
    """Between two bounds that only one has nobody knows how many of the other's requests lie."""
    windows = Windows(RULE, 15, "scrape", 0.5)
    for second, count in ((0, 0), (15, 100)):
        coarse = {head: value for head, value in totals(count).items() if not head.startswith("0.25")}
        windows.feed("a", at(second), totals(count))
        windows.feed("b", at(second), coarse)
    window = next(one for one in windows.readings(at(15)) if one.grain is Grain.WINDOW)
    assert (window.requests, window.bucket_ms, window.over) == (200, (100, 500), 0)
    assert window.p95_ms == pytest.approx(100 + 400 * 0.95)


def histogram(counts: dict, requests: float = 1000, endpoint: str = CAPSULES) -> dict:
    """Return one scrape of a counter and of a histogram with these cumulative counts."""
    found = {f"200{endpoint}": (Series(endpoint, f"200{endpoint}", None), requests)}
    return found | {f"{bound}{endpoint}": (Series(endpoint, "h", bound), n) for bound, n in counts.items()}


LOW, TOP = {0.5: 300.0, 1.0: 900.0}, {math.inf: 1000.0}
GREW = {0.5: 310.0, 1.0: 990.0, math.inf: 1100.0}


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (LOW | TOP, GREW, ""),
        (LOW | TOP, {0.25: 200} | GREW, "bucket lines that came or went"),
        ({0.5: 300} | TOP, GREW, "bucket lines that came or went"),
        (LOW | TOP, {0.5: 310, math.inf: 1100}, "bucket lines that came or went"),
        (LOW, GREW, "bucket lines that came or went"),
        (LOW | TOP, {0.5: 310, 1.0: 1050, math.inf: 1100}, "a bucket that grew more than +Inf"),
        (LOW | TOP, {0.5: 420, 1.0: 990, math.inf: 1100}, "a bucket that grew more than +Inf"),
        (LOW | TOP, {0.5: 399, 1.0: 910, math.inf: 1100}, "a bucket that grew more than the next"),
        (LOW | TOP, {0.5: 310, 1.0: 1200, math.inf: 1100}, "buckets that do not rise"),
        (LOW | TOP, {0.25: 1, 0.5: 5, 1.0: 9, math.inf: 20}, ""),
        (LOW | TOP, {0.5: 9, 1.0: 5, math.inf: 20}, "buckets that do not rise"),
        ({}, GREW, "a histogram that was first seen late"),
        ({}, {0.5: 30, 1.0: 90, math.inf: 100}, ""),
    ],
)
def test_a_p95_is_told_of_buckets_that_can_be(before, after, told):
    """Never a figure of what is impossible, or of lines of which some began to count later than others."""
    window = one_window(Windows(RULE, 15, "scrape", 0.5), histogram(before), histogram(after, 1100))
    assert (window.requests, window.no_p95) == (100, told)
    assert (window.p95_ms is None, window.over is None) == (bool(told), bool(told))


def test_a_torn_histogram_costs_the_windows_it_tore_and_no_more():
    windows = Windows(RULE, 15, "scrape", 0.5)
    pages = {s: histogram({0.5: s, math.inf: s} | ({0.25: 0.0} if s >= 60 else {}), s) for s in range(0, 616, 15)}
    found = last(fly(windows, list(pages.items())))
    assert (found[CAPSULES, T0].p95_ms, found[CAPSULES, T0].covered) == (None, 1)
    assert found[CAPSULES, at(300)].p95_ms == pytest.approx(250 + 250 * 0.95)


def test_a_process_that_says_to_have_begun_began_with_all_its_counters():
    """Five errors before and nine after: without the word it would be four."""
    windows = Windows(RULE, 15, "scrape")
    windows.feed("a", at(0), totals(900, 5))
    windows.feed("a", at(15), totals(40, 9), restarted=True)
    window = next(one for one in windows.readings(at(15)) if one.grain is Grain.WINDOW)
    assert (window.requests, window.errors, window.reset) == (49, 9, True)


def test_what_was_in_doubt_is_taken_back():
    """Also windows that had been told: they are told again, with nothing to vouch for them."""
    windows = Windows(RULE, 15, "scrape")
    told = last(fly(windows, steady(900)))
    assert [told[CAPSULES, at(start)].covered for start in (0, 300, 600)] == [1, 1, 1]
    windows.distrust("a", at(915), totals(4000), at(310).timestamp())
    again = last(windows.readings(at(915)))
    assert [(one.start, one.requests, one.covered) for one in again.values()] == [
        (at(start), 0, 0) for start in (300, 600)
    ]
    later = fly(windows, [(930, totals(4010)), (945, totals(4020))])
    assert last(later)[CAPSULES, at(900)].requests == 20


def test_doubt_about_one_instance_leaves_the_others_counts():
    windows = Windows(RULE, 15, "scrape")
    for second in range(0, 301, 15):
        windows.feed("a", at(second), totals(second))
        windows.feed("b", at(second), totals(second))
    windows.distrust("b", at(301), totals(9), at(0).timestamp())
    window = last(windows.readings(at(301)))[CAPSULES, T0]
    assert (window.requests, window.covered) == (300, 0)
