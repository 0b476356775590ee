from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from sessions.criteria import analytics
from sessions.gate.risks import assess
from sessions.state.reducer import State
from sessions.values.readings import Beat, Run, Topic
from sessions.values.verdicts import Level, Mark
from tests.support.build import PLAN, T0, after, minute, pulse, window
from tests.support.sessions.scenes import CAPSULES, LENGTH, answered, entered, part, told

M = Mark
JOURNEY = "capsule_created"
HOUR = 3600
NOW = after(HOUR)
CLOSED = HOUR // int(LENGTH)


def beat(journey: str = JOURNEY, **facts) -> Beat:
    row = {"at": NOW, "since": T0, "newest": after(HOUR - 10), "count": 50, **facts}
    return Beat("mongo", row.pop("at"), journey, **row)


def beating(requests: float | None = 120.0, **facts) -> State:
    """An hour of the phase: every journey beats, POST /capsules had `requests` in each window (None: not seen)."""
    state = told(entered(), pulse(Topic.JOURNEYS, NOW), pulse(Topic.TRAFFIC, NOW))
    state = told(state, *(beat(journey.id, **facts if journey.id == JOURNEY else {}) for journey in PLAN.journeys))
    if requests is not None:
        state = told(state, *(window(CAPSULES, after(index * LENGTH), requests=requests) for index in range(CLOSED)))
    return state


@pytest.mark.parametrize(
    ("gap", "mark"),
    [(0, M.PASS), (10, M.PASS), (600, M.PASS), (600.1, M.BREACH), (1200, M.BREACH), (-2, M.PASS), (-3, M.SILENT)],
)
def test_a_gap_with_traffic_breaches_over_ten_minutes(gap, mark):
    assert analytics.judge(beating(newest=after(HOUR - gap)), NOW).mark is mark


@pytest.mark.parametrize(("requests", "mark"), [(120.0, M.BREACH), (0.0, M.THIN), (None, M.SILENT)])
def test_a_gap_is_an_outage_only_with_traffic(requests, mark):
    assert analytics.judge(beating(requests, newest=after(HOUR - 700)), NOW).mark is mark


def test_the_words_of_each():
    def said(requests, gap):
        return analytics.judge(beating(requests, newest=after(HOUR - gap)), NOW).text

    assert said(120.0, 130) == "gap 2m10s"
    assert said(120.0, 720) == f"gap 12m00s in {JOURNEY}"
    assert said(0.0, 720) == f"gap 12m00s, no traffic in {JOURNEY}"
    assert said(None, 720) == f"gap 12m00s, traffic unknown in {JOURNEY}"


def test_value_bound_and_forecast():
    running = analytics.judge(beating(newest=after(HOUR - 720)), NOW)
    assert (running.subject, running.value, running.bound, running.unit) == (JOURNEY, 720.0, 600.0, "s")
    assert running.eta is None
    quiet = analytics.judge(beating(0.0, newest=after(HOUR - 720)), NOW)
    assert quiet.eta == NOW + timedelta(seconds=PLAN.cadence.mongo)


def test_a_late_poll_makes_no_gap():
    state = beating(newest=after(HOUR - 590))
    assert analytics.judge(state, after(HOUR + 60)).mark is M.PASS


@pytest.mark.parametrize(("since_entry", "mark"), [(0, M.WARMING), (600, M.WARMING), (600.1, M.BREACH)])
def test_no_event_ever_warms_until_the_bound_has_passed(since_entry, mark):
    now = after(since_entry)
    state = told(entered(), pulse(Topic.JOURNEYS, now), *(beat(journey.id, at=now) for journey in PLAN.journeys))
    state = told(state, *(minute(CAPSULES, after(step * 15)) for step in range(5, 40)))
    silent = replace(state.seen, beats={**state.seen.beats, JOURNEY: beat(at=now, newest=None, count=0)})
    found = part(analytics.judge(replace(state, seen=silent), now), JOURNEY)
    assert found.mark is mark


def test_a_gap_counts_from_the_phase_entry():
    state = beating(newest=after(-300))
    young = replace(state, entered_at=after(HOUR - 500))
    assert analytics.judge(young, NOW).mark is M.WARMING
    assert analytics.judge(replace(state, entered_at=after(HOUR - 601)), NOW).mark is M.BREACH


def test_a_beat_from_before_the_phase_proves_nothing():
    state = replace(beating(), entered_at=after(HOUR + 1))
    assert analytics.judge(state, after(HOUR + 2)).mark is M.WARMING


@pytest.mark.parametrize(
    ("requests", "mark"),
    [(120.0, M.BREACH), (0.0, M.PASS), (None, M.THIN)],
)
def test_a_gap_that_is_over_stays_an_outage_if_it_had_traffic(requests, mark):
    state = told(beating(requests), beat(gaps=((after(600), after(1201)),)))
    verdict = analytics.judge(state, NOW)
    assert verdict.mark is mark
    assert verdict.eta is None
    if mark is M.BREACH:
        assert verdict.value == 601.0
        assert verdict.text.startswith("gap 10m01s at ")


@pytest.mark.parametrize(
    ("begin", "end", "mark"),
    [(600, 1200, M.PASS), (600, 1200.1, M.BREACH), (-900, 600, M.PASS), (-900, 600.1, M.BREACH), (-900, -1, M.PASS)],
)
def test_only_what_overlaps_the_phase_by_more_than_the_bound_counts(begin, end, mark):
    state = told(beating(), beat(gaps=((after(begin), after(end)),)))
    assert analytics.judge(state, NOW).mark is mark


def test_the_longest_gap_is_told():
    gaps = ((after(600), after(1300)), (after(1400), after(2400)))
    assert analytics.judge(told(beating(), beat(gaps=gaps)), NOW).value == 1000.0


def test_traffic_of_another_journey_is_no_traffic_of_this_one():
    state = beating(0.0, newest=after(HOUR - 720))
    state = told(state, *(window("POST /returns", after(index * LENGTH)) for index in range(CLOSED)))
    assert analytics.judge(state, NOW).mark is M.THIN


def sent(at: float, **facts) -> Run:
    row = {"journey": JOURNEY, "sent": after(at), "done": True, **facts}
    return Run("wf7", after(at), "wf7", f"r{at}", after(at - 1), (), **row)


GRAIN = PLAN.cadence.traffic


@pytest.mark.parametrize(
    ("run", "mark"),
    [
        (sent(HOUR - 300), M.BREACH),
        (sent(HOUR - 300, ok=True), M.BREACH),
        (sent(HOUR - 720 + GRAIN), M.BREACH),
        (sent(HOUR - 720 + GRAIN - 1), M.THIN),
        (sent(HOUR - PLAN.delay - GRAIN), M.BREACH),
        (sent(HOUR - PLAN.delay - GRAIN + 1), M.THIN),
        (sent(HOUR - 900), M.THIN),
        (sent(HOUR - 300, sent=None), M.THIN),
        (sent(HOUR - 300, journey="return_started"), M.THIN),
        (sent(HOUR - 300, journey=""), M.THIN),
    ],
)
def test_a_gap_without_requests_but_with_a_synthetic_run_is_an_outage(run, mark):
    """A run whose document never arrived was traffic all the same; one that the service refused was none."""
    assert analytics.judge(told(beating(0.0, newest=after(HOUR - 720)), run), NOW).mark is mark


def test_the_event_of_a_run_that_ends_a_quiet_gap_is_no_outage_and_a_run_inside_it_is():
    gap = beat(gaps=((after(600), after(1800)),))
    assert analytics.judge(told(beating(0.0), gap, sent(1800.05)), NOW).mark is M.PASS
    assert analytics.judge(told(beating(0.0), gap, sent(1800.05), sent(1200)), NOW).mark is M.BREACH


def test_a_run_from_the_future_proves_nothing():
    state = told(beating(0.0, newest=after(HOUR - 720)), sent(HOUR - 300, sent=after(HOUR + 60)))
    assert analytics.judge(state, NOW).mark is M.THIN


@pytest.mark.parametrize("journey", [journey.id for journey in PLAN.journeys])
def test_a_journey_without_a_beat_is_silent(journey):
    beats = {name: value for name, value in beating().seen.beats.items() if name != journey}
    state = beating()
    state = replace(state, seen=replace(state.seen, beats=beats))
    verdict = analytics.judge(state, NOW)
    assert (verdict.mark, verdict.subject, verdict.text) == (M.SILENT, journey, f"not read in {journey}")


def test_an_old_beat_on_a_fresh_topic_is_silent_since_it_was_seen():
    later = after(HOUR + PLAN.cadence.mongo_stale + 1)
    verdict = analytics.judge(answered(beating(), Topic.JOURNEYS, later), later)
    assert (verdict.mark, verdict.since) == (M.SILENT, NOW)


def test_row_61_a_failing_source_is_blind_and_keeps_the_last_gap():
    later = after(HOUR + PLAN.cadence.mongo_stale + 1)
    state = answered(beating(), Topic.JOURNEYS, later, ok=False, reason="no server")
    verdict = analytics.judge(state, later)
    assert (verdict.mark, verdict.since) == (M.BLIND, NOW)
    assert verdict.text == "no answer for 3m01s: no server"
    assert part(verdict, JOURNEY).value == 10.0


def test_never_asked_is_no_pass():
    assert analytics.judge(entered(), after(1)).mark is M.WARMING
    assert analytics.judge(State(PLAN), NOW).mark is M.WARMING


def test_order_and_repetition_do_not_matter():
    rows = [beat(newest=after(HOUR - 700), gaps=((after(60), after(900)),)), beat(at=after(HOUR - 60), newest=after(9))]
    one, two = told(beating(), *rows), told(beating(), *reversed(rows), *rows)
    assert analytics.judge(one, NOW) == analytics.judge(two, NOW)


def test_what_a_later_look_does_not_find_any_more_is_no_gap():
    """A late batch that fills a gap clears it, in whatever order the beats are seen."""
    outage = beat(at=after(2000), gaps=((after(600), after(1800)), (after(2000), after(2700))))
    filled = beat(at=after(3000), looked=((after(600), after(1800)),))
    partly = beat(at=after(3000), looked=((after(600), after(1800)),), gaps=((after(700), after(1700)),))
    assert analytics.judge(told(beating(), outage), NOW).value == 1200.0
    for rows in ((outage, filled), (filled, outage), (filled, outage, filled, outage)):
        assert analytics.judge(told(beating(), *rows), NOW).value == 700.0
    assert analytics.judge(told(beating(), outage, partly), NOW).value == 1000.0
    whole = beat(at=after(3100), looked=((after(0), after(3100)),))
    assert analytics.judge(told(beating(), outage, whole), NOW).mark is M.PASS
    assert analytics.judge(told(beating(), whole, outage), NOW).mark is M.PASS


@given(
    st.lists(
        st.builds(
            lambda at, since, length, gaps: beat(
                at=after(at),
                looked=((after(since), after(since + length)),) if length else (),
                gaps=tuple((after(60 * start), after(60 * start + 700)) for start in gaps),
            ),
            st.integers(0, 3600),
            st.integers(0, 3000),
            st.sampled_from([0, 700, 1500, 3600]),
            st.lists(st.integers(0, 50), max_size=3),
        ),
        max_size=6,
    ),
    st.randoms(use_true_random=False),
)
def test_gaps_in_force_hang_on_no_order(beats, random):
    shuffled = [*beats, *beats]
    random.shuffle(shuffled)
    assert told(entered(), *beats).seen.gaps == told(entered(), *shuffled).seen.gaps


@pytest.mark.parametrize("delay", [30, 45, 60, 90, 120])
def test_events_that_come_late_make_no_outage_of_a_natural_gap(delay):
    """One shopper each twelve minutes, whose event comes some time after the request."""
    asked = range(300, HOUR, 720)
    came = [at + delay for at in asked]
    minutes = [
        minute(CAPSULES, after(at), requests=float(sum(at - 60 < one <= at for one in asked)))
        for at in range(60, HOUR + 1, 15)
    ]
    gaps = tuple((after(one), after(other)) for one, other in pairwise(came))
    state = told(beating(None), *minutes, beat(newest=after(came[-1]), gaps=gaps))
    assert analytics.judge(state, NOW).mark is not M.BREACH
    lost = told(state, minute(CAPSULES, after(came[0] + 200), requests=3.0))
    assert analytics.judge(lost, NOW).mark is M.BREACH


@pytest.mark.parametrize(("refused", "mark"), [(0.0, M.BREACH), (119.0, M.BREACH), (120.0, M.THIN)])
def test_requests_that_were_all_refused_prove_no_outage(refused, mark):
    state = beating(None, newest=after(HOUR - 720))
    state = told(
        state, *(window(CAPSULES, after(index * LENGTH), requests=120.0, refused=refused) for index in range(CLOSED))
    )
    assert analytics.judge(state, NOW).mark is mark


RHYTHM = replace(PLAN, journeys=tuple(replace(journey, rhythm=journey.id == JOURNEY) for journey in PLAN.journeys))


@pytest.mark.parametrize(
    ("usual", "gap", "mark"),
    [
        (1500.0, 1500, M.PASS),
        (1500.0, 1501, M.BREACH),
        (0.0, 601, M.BREACH),
        (300.0, 600, M.PASS),
        (300.0, 601, M.BREACH),
    ],
)
def test_a_journey_with_a_rhythm_has_a_gap_only_beyond_its_usual_one(usual, gap, mark):
    state = replace(beating(newest=after(HOUR - gap), usual=usual), plan=RHYTHM)
    assert part(analytics.judge(state, NOW), JOURNEY).mark is mark
    letter = beating(newest=after(HOUR - gap), usual=usual)
    assert part(analytics.judge(letter, NOW), JOURNEY).mark is (M.BREACH if gap > 600 else M.PASS)
    card = assess(state, {}, NOW)["analytics_outage"]
    assert (card.level is Level.ACT) is (mark is M.BREACH)
