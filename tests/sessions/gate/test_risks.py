import math

import pytest
from msgspec.structs import replace

from sessions.criteria import analytics, latency
from sessions.criteria import errors as errors_of
from sessions.gate.risks import assess
from sessions.values import readings as r
from sessions.values.verdicts import Level, Mark, Part, Verdict
from tests.support.build import PLAN, after, minute, pulse, window
from tests.support.sessions.acting import seeing
from tests.support.sessions.flight import all_is_well, in_phase

NOW = after(7300)
HOT = "POST /capsules"


@pytest.fixture
def calm():
    return all_is_well(in_phase(10).state, NOW)


def told(state, risk, now=NOW, verdicts=None):
    return assess(state, verdicts or {}, now)[risk]


def closed(**facts):
    """The newest closed window of the hot endpoint: it ended 100 s ago."""
    return window(HOT, after(6900), at=after(7202), **facts)


def running(**facts):
    return window(HOT, after(7200), at=NOW, **facts)


def test_all_six_are_calm_in_the_plans_order(calm):
    said = assess(calm, {}, NOW)
    assert list(said) == [risk.id for risk in PLAN.risks]
    assert {card.level for card in said.values()} == {Level.CALM}


@pytest.mark.parametrize("risk", [risk.id for risk in PLAN.risks])
def test_nothing_seen_is_blind_and_never_calm(risk):
    assert told(in_phase(10).state, risk).level is Level.BLIND


@pytest.mark.parametrize("risk", [risk.id for risk in PLAN.risks])
def test_row_51_what_is_stale_is_blind(calm, risk):
    late = after(7300 + 181)
    assert told(calm, risk, late).level is Level.BLIND


@pytest.mark.parametrize("risk", [risk.id for risk in PLAN.risks])
def test_row_52_what_is_from_the_future_is_blind(calm, risk):
    assert told(calm, risk, after(7300 - 60)).level is Level.BLIND


@pytest.mark.parametrize(
    ("p95", "requests", "level"),
    [
        (500.0, 20, Level.CALM),
        (500.1, 20, Level.ACT),
        (812.0, 20, Level.ACT),
        (812.0, 19, Level.ACT),
        (812.0, 0, Level.CALM),
        (math.nan, 20, Level.CALM),
        (math.inf, 20, Level.CALM),
        (None, 20, Level.CALM),
        (-1.0, 20, Level.CALM),
        (0.0, 20, Level.CALM),
    ],
)
def test_a_closed_window_over_the_bound_acts(calm, p95, requests, level):
    said = told(seeing(calm, closed(p95_ms=p95, requests=requests)), "latency_spike")
    assert said.level is level
    if level is Level.ACT:
        assert (said.subject, said.value, said.bound, said.unit) == (HOT, p95, 500, "ms")


def test_the_worst_endpoint_is_named(calm):
    state = seeing(calm, closed(p95_ms=600.0), window("POST /csat", after(6900), at=after(7201), p95_ms=900.0))
    assert told(state, "latency_spike").text == "900 ms > 500 ms"
    assert told(state, "latency_spike").subject == "POST /csat"


@pytest.mark.parametrize(
    ("p95", "requests", "level"), [(500.0, 20, Level.CALM), (501.0, 20, Level.WATCH), (501.0, 19, Level.CALM)]
)
def test_the_running_window_is_watched_by_the_letter(calm, p95, requests, level):
    state = seeing(calm, running(p95_ms=p95, requests=requests, over=0.1))
    assert told(state, "latency_spike").level is level


@pytest.mark.parametrize(("requests", "level"), [(20, Level.ACT), (19, Level.CALM)])
def test_the_running_window_acts_on_proof_from_the_least_requests_on(calm, requests, level):
    assert told(seeing(calm, running(p95_ms=501.0, requests=requests, over=1.0)), "latency_spike").level is level


@pytest.mark.parametrize(
    ("p95", "requests", "level"),
    [(1000.0, 20, Level.CALM), (1000.1, 20, Level.ACT), (5000.0, 19, Level.CALM), (math.nan, 20, Level.CALM)],
)
def test_the_last_minute_acts_over_twice_the_bound(calm, p95, requests, level):
    said = told(seeing(calm, minute(HOT, NOW, p95_ms=p95, requests=requests)), "latency_spike")
    assert said.level is level


def test_what_began_before_the_phase_does_not_count():
    state = all_is_well(in_phase(10, at=7270).state, NOW)
    state = seeing(state, closed(p95_ms=900.0), running(p95_ms=900.0), minute(HOT, NOW, p95_ms=3000.0))
    assert told(state, "latency_spike").level is Level.CALM


def test_a_window_that_has_not_settled_is_not_judged(calm):
    """Only the running and the closed window are told apart by their words: what is proved acts at once."""
    late = window(HOT, after(7200), at=after(7501), p95_ms=900.0, over=None)
    state = seeing(calm, late, pulse(r.Topic.TRAFFIC, after(7510)))
    assert told(state, "latency_spike", after(7529)).level is Level.WATCH
    young = seeing(state, window(HOT, after(7500), at=after(7520), p95_ms=240.0, requests=3.0))
    assert told(young, "latency_spike", after(7529)).level is Level.WATCH


def test_what_a_running_window_proved_stands_until_its_source_has_answered_since(calm):
    """Between the moment in which a window is due and the answer that closes it nothing is calm."""
    proof = window(HOT, after(7200), at=after(7480), p95_ms=900.0, over=1.0)
    state = seeing(calm, proof, pulse(r.Topic.TRAFFIC, after(7480)))
    assert told(state, "latency_spike", after(7529)).level is Level.ACT
    assert told(state, "latency_spike", after(7531)).level is Level.ACT
    closed_now = seeing(state, window(HOT, after(7200), at=after(7532)), pulse(r.Topic.TRAFFIC, after(7532)))
    assert told(closed_now, "latency_spike", after(7533)).level is Level.CALM


def test_a_p95_above_the_highest_bucket_counts_as_over(calm):
    assert told(seeing(calm, closed(p95_ms=5000.0, p95_capped=True)), "latency_spike").level is Level.ACT
    assert told(seeing(calm, closed(p95_ms=400.0, p95_capped=True)), "latency_spike").value == 240


def test_row_50_a_vanished_endpoint_blinds_the_card_but_never_hides_an_act(calm):
    dark = {"latency": Verdict("latency", Mark.SILENT, parts=(Part(HOT, Mark.SILENT, text="vanished 12:00:10"),))}
    said = told(calm, "latency_spike", verdicts=dark)
    assert (said.level, said.subject, said.text) == (Level.BLIND, HOT, "vanished 12:00:10")
    assert told(seeing(calm, closed(p95_ms=900.0)), "latency_spike", verdicts=dark).level is Level.ACT


def test_without_requests_the_card_says_thin(calm):
    quiet = replace(calm, seen=replace(calm.seen, windows={}, minutes={}))
    assert told(quiet, "latency_spike").text == told(quiet, "error_rate").text == "thin: too few requests"


def few(calm, *slow, requests=5.0, errors=None, idle=False):
    """As many windows of five requests of the hot endpoint, the newest first, with so many slow or failed ones."""
    state = replace(calm, seen=replace(calm.seen, windows={}, minutes={})) if idle else calm
    for back in range(len(slow)):
        for name in PLAN.endpoints if idle else (HOT,):
            count = slow[back] if name == HOT else 0
            facts = (
                {"errors": float(count)} if errors else {"over": count / requests, "p95_ms": 900.0 if count else 240.0}
            )
            start = 6900 - 300 * back
            state = seeing(state, window(name, after(start), at=after(start + 302), requests=requests, **facts))
    return state


@pytest.mark.parametrize(
    ("slow", "level", "text"),
    [
        ((1, 0, 0, 0, 0, 0), Level.CALM, "within the bound, pooled over 20 min"),
        ((0, 0, 0, 0, 0), Level.CALM, "thin: too few requests"),
        ((1, 1, 0, 0, 0, 0), Level.WATCH, "900 ms > 500 ms: may be chance (2 of 20 requests)"),
        ((0, 0, 0, 0, 1, 1), Level.CALM, "thin: too few requests"),
        ((5, 0, 0, 0, 0, 0), Level.ACT, "900 ms > 500 ms"),
    ],
)
def test_the_card_says_of_few_requests_what_the_criterion_does(calm, slow, level, text):
    state = few(calm, *slow, idle=True)
    verdicts = {"latency": latency.judge(state, NOW), "errors": errors_of.judge(state, NOW)}
    said = told(state, "latency_spike", verdicts=verdicts)
    assert (said.level, said.text) == (level, text)
    assert (said.level is Level.CALM) is (verdicts["latency"].parts[2].marks[-1] is not Mark.BREACH)


def test_few_requests_that_fail_together_are_watched(calm):
    state = few(calm, 0, 1, 0, 0, 0, 0, errors=True, idle=True)
    said = told(state, "error_rate", verdicts={"errors": errors_of.judge(state, NOW)})
    assert (said.level, said.subject, said.text) == (
        Level.WATCH,
        HOT,
        "5.0 % ≥ 1.0 %: may be chance (1 of 20 requests)",
    )


@pytest.mark.parametrize(
    ("errors", "requests", "level"),
    [
        (0, 100, Level.CALM),
        (0.99, 100, Level.CALM),
        (1, 100, Level.WATCH),
        (1.99, 100, Level.WATCH),
        (2, 100, Level.WATCH),
        (7, 100, Level.WATCH),
        (8, 100, Level.ACT),
        (1, 19, Level.CALM),
        (math.nan, 100, Level.CALM),
        (5, math.nan, Level.CALM),
        (0, 0, Level.CALM),
    ],
)
@pytest.mark.parametrize("grain", ["window", "minute"])
def test_errors_watch_from_1_and_act_from_2_percent(calm, grain, errors, requests, level):
    facts = {"errors": errors, "requests": requests}
    state = seeing(calm, closed(**facts) if grain == "window" else minute(HOT, NOW, **facts))
    said = told(state, "error_rate")
    assert said.level is level
    if level is not Level.CALM:
        assert (said.subject, said.unit) == (HOT, "%")


def test_errors_that_are_too_few_per_endpoint_act_together(calm):
    state = calm
    for endpoint in PLAN.endpoints:
        state = seeing(state, window(endpoint, after(6900), at=after(7201), requests=10, errors=2))
    said = told(state, "error_rate")
    assert (said.level, said.subject, said.value) == (Level.ACT, "all", 20)


@pytest.mark.parametrize(
    ("errors", "requests", "level"),
    [(19, 19, Level.ACT), (5, 5, Level.ACT), (3, 3, Level.ACT), (2, 2, Level.CALM), (4, 19, Level.CALM)],
)
def test_few_requests_that_fail_act_where_they_prove_it(calm, errors, requests, level):
    assert told(seeing(calm, closed(errors=errors, requests=requests)), "error_rate").level is level


@pytest.mark.parametrize(
    ("over", "requests", "level", "text"),
    [
        (0.05, 20, Level.CALM, "240 ms ≤ 500 ms"),
        (0.10, 20, Level.WATCH, "600 ms > 500 ms: may be chance (2 of 20 requests)"),
        (0.35, 20, Level.WATCH, "600 ms > 500 ms: may be chance (7 of 20 requests)"),
        (0.40, 20, Level.ACT, "600 ms > 500 ms"),
        (0.08, 100, Level.WATCH, "600 ms > 500 ms: may be chance (8 of 100 requests)"),
        (0.17, 100, Level.ACT, "600 ms > 500 ms"),
        (0.06, 1000, Level.WATCH, "600 ms > 500 ms: may be chance (60 of 1000 requests)"),
        (0.085, 1000, Level.ACT, "600 ms > 500 ms"),
        (None, 1000, Level.WATCH, "600 ms > 500 ms"),
    ],
)
def test_a_slow_window_acts_where_it_is_no_chance(calm, over, requests, level, text):
    p95 = 240.0 if over == 0.05 else 600.0
    said = told(seeing(calm, closed(p95_ms=p95, requests=requests, over=over)), "latency_spike")
    assert (said.level, said.text) == (level, text)


@pytest.mark.parametrize(
    ("failed", "level"),
    [((3, 2, 3, 2), Level.ACT), ((3, 0, 3, 2), Level.WATCH), ((0, 3, 3, 3), Level.CALM), ((3,), Level.WATCH)],
)
def test_errors_that_go_on_add_up_to_proof(calm, failed, level):
    """One in twelve fails: no window proves it, a few in a row do; what is over is not held against the newest."""
    rows = [window(HOT, after(6900 - 300 * back), requests=29.0, errors=count) for back, count in enumerate(failed)]
    assert told(seeing(calm, *rows), "error_rate").level is level


def test_errors_that_are_past_are_not_held_against_a_window_that_has_few(calm):
    rows = [window(HOT, after(6900 - 300 * back), requests=1000.0, errors=300.0 if back else 1.0) for back in range(3)]
    assert told(seeing(calm, *rows), "error_rate").level is Level.CALM


@pytest.mark.parametrize(("counts", "level"), [(3, Level.ACT), (2, Level.WATCH)])
def test_a_source_that_cannot_count_the_slow_ones_acts_by_windows_in_a_row(calm, counts, level):
    rows = [window(HOT, after(6900 - 300 * back), p95_ms=900.0, over=None) for back in range(counts)]
    assert told(seeing(calm, *rows), "latency_spike").level is level


@pytest.mark.parametrize(
    ("bucket", "level"), [((250.0, 1000.0), Level.WATCH), ((500.0, 1000.0), Level.ACT), (None, Level.ACT)]
)
def test_where_the_buckets_cannot_tell_nothing_acts(calm, bucket, level):
    rows = [window(HOT, after(6900 - 300 * back), p95_ms=962.0, over=None, bucket_ms=bucket) for back in range(3)]
    said = told(seeing(calm, *rows), "latency_spike")
    assert said.level is level
    words = "962 ms > 500 ms" + (": the buckets cannot tell" if level is Level.WATCH else "")
    assert said.text == words


@pytest.mark.parametrize(
    ("slow", "level"),
    [
        ((1.0, 0.0, 0.0), Level.ACT),
        ((0.6, 0.0, 0.0), Level.CALM),
        ((0.6, 0.6, 0.6), Level.ACT),
        ((0.2, 0.2, 0.2), Level.CALM),
    ],
)
def test_few_requests_a_window_prove_it_together(calm, slow, level):
    """Four requests a window are judged with those of the windows before, up to the plan's least number."""
    rows = [
        window(HOT, after(6900 - 300 * back), requests=5.0, p95_ms=900.0 if over else 240.0, over=over)
        for back, over in enumerate(slow)
    ]
    assert told(seeing(calm, *rows), "latency_spike").level is level


def without_events_for(gap, state):
    beat = r.Beat("mongo", NOW, "capsule_created", after(3000), after(7300 - gap), 40)
    return replace(state, seen=replace(state.seen, beats={**state.seen.beats, "capsule_created": beat}))


@pytest.mark.parametrize(
    ("gap", "level"),
    [(449.9, Level.CALM), (450, Level.WATCH), (600, Level.WATCH), (600.1, Level.ACT), (-60, Level.CALM)],
)
def test_a_gap_with_traffic_acts_over_ten_minutes(calm, gap, level):
    assert told(without_events_for(gap, calm), "analytics_outage").level is level


def outage(calm, requests=40.0):
    """Twenty minutes of requests without an event."""
    state = without_events_for(1200, calm)
    for start in (6300, 6600, 6900):
        state = seeing(state, window(HOT, after(start), at=after(start + 301), requests=requests))
    return state


@pytest.mark.parametrize(("requests", "level"), [(40.0, Level.ACT), (0.0, Level.CALM)])
def test_a_gap_is_an_outage_only_with_traffic(calm, requests, level):
    state = outage(calm, requests)
    verdict = analytics.judge(state, NOW)
    assert told(state, "analytics_outage", verdicts={"analytics": verdict}).level is level


def test_a_gap_while_traffic_is_unknown_is_blind(calm):
    dark = {"analytics": Verdict("analytics", Mark.SILENT, parts=(Part("capsule_created", Mark.SILENT),))}
    assert told(outage(calm), "analytics_outage", verdicts=dark).level is Level.BLIND


def test_a_waived_gap_is_a_known_gap():
    pen = in_phase(10)
    pen.write(7000, "waiver.given", subject="analytics", reason="vendor outage", evidence=())
    said = told(outage(all_is_well(pen.state, NOW)), "analytics_outage")
    assert (said.level, said.text) == (Level.WATCH, "known gap 20m00s > 10m00s")


@pytest.mark.parametrize(
    ("collection", "duplicates", "level"),
    [
        ("capsules", 0, Level.CALM),
        ("capsules", 1, Level.ACT),
        ("returns", 1, Level.ACT),
        ("shortlists", 1, Level.CALM),
    ],
)
def test_any_duplicate_capsule_or_return_acts(calm, collection, duplicates, level):
    state = seeing(calm, r.Size("mongo", NOW, collection, 130, duplicates))
    assert told(state, "duplication").level is level


@pytest.mark.parametrize(
    ("count", "level", "text"),
    [
        (0, Level.CALM, "0 tickets ≤ 20"),
        (14, Level.CALM, "14 tickets ≤ 20"),
        (15, Level.WATCH, "15 tickets ≤ 20"),
        (20, Level.WATCH, "20 tickets ≤ 20"),
        (21, Level.ACT, "21 tickets > 20"),
    ],
)
def test_the_queue_acts_over_twenty(calm, count, level, text):
    said = told(seeing(calm, r.Tickets("mongo", NOW, count, None, (), 0)), "support_queue")
    assert (said.level, said.text) == (level, text)


@pytest.mark.parametrize(("count", "level"), [(0, Level.BLIND), (15, Level.BLIND), (20, Level.BLIND), (21, Level.ACT)])
def test_a_queue_that_may_be_longer_acts_by_what_is_seen_and_is_never_calm(calm, count, level):
    doubt = "30 tickets of status Waiting are not counted"
    said = told(seeing(calm, r.Tickets("mongo", NOW, count, None, (), 0, (), doubt)), "support_queue")
    assert said.level is level


@pytest.mark.parametrize(
    ("low", "answers", "level", "text"),
    [
        (0, 0, Level.CALM, "thin: 0 answers < 10 needed"),
        (9, 9, Level.CALM, "thin: 9 answers < 10 needed"),
        (2, 10, Level.CALM, "20 % low scores ≤ 30 %"),
        (21, 100, Level.WATCH, "21 % low scores ≤ 30 %"),
        (3, 10, Level.WATCH, "30 % low scores ≤ 30 %"),
        (31, 100, Level.ACT, "31 % low scores > 30 %"),
    ],
)
def test_csat_acts_over_its_share_with_enough_answers(calm, low, answers, level, text):
    said = told(seeing(calm, r.Csat("mongo", NOW, answers, low)), "csat")
    assert (said.level, said.text) == (level, text)
