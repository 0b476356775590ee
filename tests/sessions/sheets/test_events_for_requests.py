"""Events for each request, now and in the pre-flight: only what was counted over the same time is compared."""

import contextlib
from datetime import UTC, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from sessions.gate.evaluate import judge
from sessions.history.history import History
from sessions.plan.loader import scaled
from sessions.plan.model import Expected
from sessions.sheets.pace import SPANS, seed
from sessions.sheets.past import Before, Pace
from sessions.sheets.sheet import sheet_of
from sessions.state.model import State
from sessions.values import readings as r
from sessions.values.presence import VOUCHED
from sessions.values.sheets import Count, Exhibit
from sessions.values.verdicts import Mark
from tests.support.build import PLAN, T0, after, window

JOURNEY = PLAN.journeys[0]
(ENDPOINT,) = JOURNEY.endpoints
LENGTH = PLAN.windows.length
ENTERED = after(4 * 3600)
"""Phase 1 begins four hours after the session."""
STATE = State(
    PLAN, started_at=T0, entered_at=ENTERED, visits=((0, T0), (10, ENTERED)), phase=10, whole=True, watching=True
)


def beats(rate, since=T0, until=ENTERED, back=360.0, every=60.0):
    """Looks at the events as the watch takes them: each over `back` s, `rate` events a minute."""
    looks = int((until - since).total_seconds() / every)
    ends = [after(every * number, since) for number in range(1, looks + 1)]
    return [r.Beat("mongo", at, JOURNEY.id, after(-back, at), at, round(rate * back / 60)) for at in ends]


def windows(rate, since=T0, until=ENTERED, **facts):
    count = int((until - since).total_seconds() / LENGTH)
    return [
        window(ENDPOINT, after(LENGTH * number, since), requests=rate * LENGTH / 60, **facts) for number in range(count)
    ]


@pytest.fixture
def seeded(tmp_path):
    """Return a function that tells the seed by a history of these readings."""
    with contextlib.closing(History(tmp_path / "history.sqlite")) as held:

        def told(*kept, state=STATE):
            held.add([one for some in kept for one in some])
            return seed(judge(state, state.entered_at, UTC), held).seed.get(JOURNEY.id)

        yield told


def test_the_seed_is_the_pace_of_the_pre_flight(seeded):
    pace = seeded(beats(5), windows(10))
    assert pace.events / pace.requests == pytest.approx(0.5)
    assert 3.5 * 3600 <= pace.span <= 4 * 3600
    assert pace.requests == pytest.approx(pace.span / 6)


def test_what_comes_with_the_first_shopper_is_no_seed(seeded):
    later = ENTERED + timedelta(hours=1)
    more = [*beats(50, ENTERED, later), *windows(600, ENTERED, later)]
    state = replace(STATE, visits=((0, T0), (10, after(-150, ENTERED)), (0, ENTERED), (10, after(60, ENTERED))))
    pace = seeded(beats(5), windows(10), more, state=state)
    assert pace.events / pace.requests == pytest.approx(0.5)


def test_only_the_last_hours_of_a_long_pre_flight_are_read(seeded):
    long_ago = T0 - timedelta(hours=20)
    pace = seeded(beats(5), windows(10), beats(50, long_ago, after(-7200)), windows(10, long_ago, after(-7200)))
    assert pace.events / pace.requests == pytest.approx(0.5)


@pytest.mark.parametrize(
    "kept",
    [
        (),
        (beats(5),),
        (windows(10),),
        (beats(5), windows(10, covered=0.8)),
        (beats(5, since=after(-7200), until=T0), windows(10)),
        ([replace(one, since=one.at) for one in beats(5)], windows(10)),
    ],
    ids=["nothing", "no requests", "no events", "half seen", "never together", "events of no span"],
)
def test_what_was_not_seen_together_is_no_seed(seeded, kept):
    assert seeded(*kept) is None


def test_a_count_over_no_time_adds_nothing(seeded):
    at = after(-1, ENTERED)
    alone = r.Beat("json", at, JOURNEY.id, at, at, 10_000)
    pace = seeded(beats(5), windows(10), [alone])
    assert pace.events / pace.requests == pytest.approx(0.5)


def test_where_requests_are_not_known_the_events_do_not_count_either(seeded):
    known = [one for one in windows(10) if not after(3600) <= one.start < after(2 * 3600)]
    pace = seeded(beats(5), known)
    assert pace.events / pace.requests == pytest.approx(0.5)
    assert pace.span < 3.2 * 3600


@given(
    events=st.integers(0, 60),
    requests=st.integers(1, 60),
    hours=st.floats(0.2, 5),
    back=st.floats(120, 1200),
    every=st.floats(15, 300),
)
def test_law_an_even_flow_has_its_own_ratio_however_it_was_looked_at(events, requests, hours, back, every):
    until = after(hours * 3600)
    looks = [replace(one, count=events) for one in beats(0, T0, until, back, every)]

    class Held:
        def series(self, kind, _subject, since, start):
            rows = looks if kind == "beat" else windows(requests * 60 / back, T0, until)
            return [one for one in rows if since <= one.at <= start]

    state = replace(STATE, visits=((0, T0), (10, until)))
    pace = seed(judge(state, until, UTC), Held()).seed.get(JOURNEY.id)
    if pace is not None:  # of the oldest look a tenth of the requests may be unknown
        assert 0.999 * events / requests <= pace.events / pace.requests <= 1.001 * events / requests / VOUCHED
        assert pace.span <= hours * 3600 + back


def test_before_the_first_phase_there_is_no_seed_yet():
    state = replace(STATE, phase=0, entered_at=T0, visits=((0, T0),))
    before = seed(judge(state, after(60), UTC), None)
    assert before == Before()
    rows = told(state, before=before)
    assert rows["Events per request"].value == "no seed baseline before the first phase is entered"


NOW = after(6 * 3600)


def counted(*numbers, plan=PLAN, at=NOW):
    spans = [span / plan.speed for span in SPANS]
    counts = tuple(Count(JOURNEY.id, span, number) for span, number in zip(spans, numbers, strict=True))
    return (Exhibit("mongo", at, "journey_events", "Events", (), "", counts),)


def told(state, *exhibits, before=None, at=NOW):
    rows = sheet_of(judge(state, at, UTC), "p1.analytics", exhibits, UTC, before).rows
    return {row.what: row for row in rows if row.what.startswith("Events per request")}


def seen(rows, state=STATE):
    return replace(state, seen=replace(state.seen, windows={ENDPOINT: tuple(rows)}))


LATELY = windows(10, after(-7200, NOW), NOW)
SEED = Before(None, {JOURNEY.id: Pace(1200, 1250.0, 7500.0)}, True)
TEN = f"Events per request: {JOURNEY.id}, last 10 min"
SIXTY = f"Events per request: {JOURNEY.id}, last 60 min"


def test_events_stand_for_each_request_beside_the_seed():
    rows = told(seen(LATELY), *counted(96, 590), before=SEED)
    bound = "seed 0.96: 1,200 events, 1,250 requests in 2h05m"
    assert (rows[TEN].value, rows[TEN].bound, rows[TEN].mark) == ("0.96: 96 events, 100 requests", bound, None)
    assert (rows[SIXTY].value, rows[SIXTY].bound) == ("0.98: 590 events, 600 requests", bound)
    assert rows[TEN].at == NOW


@pytest.mark.parametrize(("events", "fewer"), [(96, False), (70, False), (30, True), (0, True), (300, False)])
def test_only_fewer_than_chance_explains_is_worth_a_look(events, fewer):
    row = told(seen(LATELY), *counted(events, 600), before=SEED)[TEN]
    assert row.mark is (Mark.THIN if fewer else None)
    assert row.value.endswith(", fewer than chance explains") is fewer


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ((), "96 events, requests known for 0s of it"),
        (windows(10, after(-7200, NOW), after(-300, NOW)), "96 events, requests known for 5m00s of it"),
        (windows(10, after(-7200, NOW), NOW, covered=0.5), "96 events, requests known for 5m00s of it"),
    ],
)
def test_without_all_of_the_requests_there_is_no_ratio(rows, said):
    row = told(seen(rows), *counted(96, 600), before=SEED)[TEN]
    assert (row.value, row.mark) == (said, Mark.BLIND)


def test_without_a_request_there_is_no_ratio():
    row = told(seen(windows(0, after(-7200, NOW), NOW)), *counted(0, 0), before=SEED)[TEN]
    assert (row.value, row.mark) == ("0 events, 0 requests", None)


def test_events_that_nobody_counted_are_not_none():
    for exhibits in ((), (Exhibit("mongo", NOW, "journey_events", "Events", (), "no server"),)):
        row = told(seen(LATELY), *exhibits, before=SEED)[TEN]
        assert (row.value, row.mark) == ("events not counted", Mark.BLIND)


def test_requests_are_those_of_the_time_in_which_the_events_were_counted():
    ago = after(-1800, NOW)
    rows = [one for one in LATELY if one.end <= ago] + windows(1000, ago, NOW)
    row = told(seen(rows), *counted(96, 600, at=ago), before=SEED)[TEN]
    assert (row.value, row.at) == ("0.96: 96 events, 100 requests", ago)


@pytest.mark.parametrize("speed", [1, 7, 13, 72, 240, 999])
def test_spans_are_those_of_the_plan(speed):
    plan = scaled(PLAN, speed)
    length = plan.windows.length
    rows = [
        window(ENDPOINT, after(-length * back, NOW), end=after(-length * (back - 1), NOW), requests=50.0)
        for back in range(24, 0, -1)
    ]
    state = replace(seen(rows), plan=plan)
    found = sheet_of(judge(state, NOW, UTC), "p1.analytics", counted(96, 590, plan=plan), UTC, SEED).sections[0]
    assert [row.value for row in found.rows[:2]] == ["0.96: 96 events, 100 requests", "0.98: 590 events, 600 requests"]


OTHERS = ", ".join(one.id for one in PLAN.journeys[1:])


@pytest.mark.parametrize(
    ("before", "why"),
    [
        (None, "the seed baseline is not known"),
        (SEED, f"no seed baseline for {OTHERS}: events and requests were not seen together in the pre-flight"),
        (
            Before(None, {one.id: Pace(0, 0.0, 3600.0) for one in PLAN.journeys}, True),
            f"no seed baseline for {JOURNEY.id}, {OTHERS}: no request came in the pre-flight",
        ),
        (Before(None, {one.id: Pace(9, 10.0, 60.0) for one in PLAN.journeys}, True), ""),
    ],
)
def test_a_lacking_seed_says_why(before, why):
    row = told(seen(LATELY), *counted(96, 600), before=before).get("Events per request")
    assert (row.value if row else "") == why


@pytest.mark.parametrize(
    ("expected", "bound"),
    [
        ((), ""),
        (((JOURNEY.id, 12.0),), ""),
        (((ENDPOINT, 24.0),), ""),
        (((JOURNEY.id, 12.0), (ENDPOINT, 24.0)), "0.50 by the plan"),
        (((JOURNEY.id, 12.0), (ENDPOINT, 0.0)), ""),
    ],
)
def test_without_a_seed_the_plan_speaks_where_it_names_both(expected, bound):
    plan = replace(PLAN, expected=tuple(Expected(*one) for one in expected))
    state = replace(seen(LATELY), plan=plan)
    assert told(state, *counted(96, 600), before=Before(flown=True))[TEN].bound == bound
    assert told(state, *counted(96, 600), before=SEED)[TEN].bound.startswith("seed 0.96: ")


def test_of_several_endpoints_all_must_be_known():
    other = "POST /returns"
    plan = replace(PLAN, journeys=(replace(JOURNEY, endpoints=(ENDPOINT, other)),))
    state = replace(seen(LATELY), plan=plan)
    assert told(state, *counted(96, 600), before=SEED)[TEN].mark is Mark.BLIND
    both = {ENDPOINT: tuple(LATELY), other: tuple(replace(one, endpoint=other) for one in LATELY)}
    whole = replace(state, seen=replace(state.seen, windows=both))
    assert told(whole, *counted(96, 600), before=SEED)[TEN].value.startswith("0.48: 96 events, 200 requests")


def test_the_look_at_an_outage_says_for_how_long_requests_are_known():
    rows = sheet_of(judge(seen(LATELY[:-1]), NOW, UTC), "analytics_outage.confirm", (), UTC).rows
    found = {row.what: row for row in rows}
    ten = found[f"Requests answered well: {JOURNEY.id}, last 10 min"]
    assert (ten.value, ten.mark) == ("50, known for 5m00s of it", Mark.BLIND)
    sixty = found[f"Requests answered well: {JOURNEY.id}, last 60 min"]
    assert (sixty.value, sixty.mark) == ("550", None)
