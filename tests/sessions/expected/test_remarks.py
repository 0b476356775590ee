"""What a plan's own numbers say against it, in words: one line for all phases in which the same is to be expected."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from sessions.expected.chances import Supply, supply
from sessions.expected.promised import promises
from sessions.expected.remarks import amount, rare_events, remarks, roughly, span, thin_requests, unsaid
from sessions.plan.loader import scaled
from sessions.plan.model import Expected
from tests.support.build import PLAN

CAPSULES = [
    (
        "about 0.2 requests a window at 10 % (0.5 at 25 %, 1 at 50 %), 2.4 an hour by the growth of capsules: "
        "it will stay thin even pooled over 1h; probe it, or ask for fewer than 20"
    ),
    (
        "about 2 requests a window at 100 %, 24 an hour by the growth of capsules: "
        "thin at times even pooled over 1h; probe it, or ask for fewer than 20"
    ),
]
WALK = 'walk it every 4m (a journey source with every = "4m"), or set rhythm = true'


def said(plan, subject):
    return [one.said for one in remarks(plan) if one.subject == subject]


def expecting(of, per_hour, plan=PLAN):
    return replace(plan, expected=(Expected(of, per_hour),))


def test_the_default_plan_asks_for_more_than_it_expects():
    assert said(PLAN, "POST /capsules") == CAPSULES
    assert said(PLAN, "POST /shortlists")[1] == (
        "about 3 requests a window at 100 %, 36 an hour by the growth of shortlists: "
        "fewer than 20, judged pooled over about 33m"
    )
    assert said(PLAN, "capsule_created") == [
        (
            "an event about every 25m at 10 % (10m at 25 %, 5m at 50 %, 2m30s at 100 %), "
            f"and no gap may be over 10m: 67 % of its gaps will be; {WALK}"
        )
    ]
    assert unsaid(PLAN).startswith("no rate is known of GET /concierge, POST /stylist/tickets, POST /csat, ticket_")


@pytest.mark.parametrize(
    ("of", "per_hour", "found"),
    [
        ("POST /csat", 4000, []),
        (
            "POST /csat",
            2400,
            ["about 20 requests a window at 10 %, 240 an hour: fewer than 20, judged pooled over about 5m"],
        ),
        ("POST /csat", 0, ["no requests a window at 10 % (0 at 25 %, 0 at 50 %, 0 at 100 %), 0 an hour: it will stay"]),
        ("csat_answered", 277, []),
        ("csat_answered", 240, ["an event about every 2m30s at 10 %, and no gap may be over 10m: 1.8 % of its gaps"]),
        ("csat_answered", 0, [f"no event at 10 %, and no gap may be over 10m; {WALK}"]),
    ],
)
def test_what_is_expected_is_held_against_what_is_asked(of, per_hour, found):
    told = said(expecting(of, per_hour), of)
    assert len(told) == len(found)
    assert all(text.startswith(head) for text, head in zip(told, found, strict=True))


@pytest.mark.parametrize(
    ("per_hour", "busy", "found"),
    [
        (3, 25, ["somebody comes in about 14 % of its windows at 10 %, and 25 % are asked for"]),
        (3, 13.9, []),
        (
            0,
            25,
            ["somebody comes in about 0 % of its windows at 10 % (0 % at 25 %, 0 % at 50 %, 0 % at 100 %), and 25 %"],
        ),
        (0, 0, []),
        (1e6, 100, []),
    ],
)
def test_a_soak_that_nobody_comes_to_is_told(per_hour, busy, found):
    expected = tuple(Expected(name, float(per_hour)) for name in PLAN.endpoints)
    plan = replace(PLAN, expected=expected, soak=replace(PLAN.soak, busy=float(busy)))
    told = said(plan, "soak")
    assert len(told) == len(found)
    assert all(text.startswith(head) for text, head in zip(told, found, strict=True))
    assert said(replace(plan, expected=expected[1:]), "soak") == []


@pytest.mark.parametrize("pool", [0.0, 300.0])
def test_where_nothing_is_pooled_that_is_advised(pool):
    plan = replace(PLAN, windows=replace(PLAN.windows, pool=pool))
    found = thin_requests(plan, "POST /csat", "about 4 requests a window", 48)
    assert str(found) == (
        "POST /csat: about 4 requests a window: it will stay thin; pool, probe, or ask for fewer than 20"
    )


def test_where_no_walk_is_short_enough_none_is_offered():
    found = rare_events(replace(PLAN, gap=60.0), "csat_answered", "no event", 0)
    assert found is not None
    assert found.fix == "set rhythm = true"


def test_a_journey_with_a_rhythm_is_judged_by_its_own():
    rare = replace(PLAN, journeys=tuple(replace(journey, rhythm=True) for journey in PLAN.journeys))
    assert rare_events(PLAN, "csat_answered", "no event", 0) is not None
    assert rare_events(rare, "csat_answered", "no event", 0) is None


@given(st.floats(0, 5000), st.sampled_from((1.0, 60.0)))
def test_a_remark_stands_where_a_phase_has_too_little_and_nowhere_else(per_hour, speed):
    plan = expecting("GET /concierge", per_hour * speed, scaled(PLAN, speed))
    told = "\n".join(said(plan, "GET /concierge"))
    for phase in plan.phases[1:]:
        short = supply(plan, promises(plan)["GET /concierge"].per_hour * phase.percent / 100) is not Supply.ENOUGH
        assert (f"at {phase.percent} %" in told) is short


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "no"),
        (0.001, "under 0.01"),
        (0.01, "about 0.01"),
        (0.204, "about 0.2"),
        (24, "about 24"),
        (99.7, "about 100"),
    ],
)
def test_amounts_are_said_as_finely_as_they_are_known(count, text):
    assert amount(count) == text


@pytest.mark.parametrize(
    ("seconds", "exactly", "about"),
    [
        (0.5, "0.5s", "0.5s"),
        (30, "30s", "30s"),
        (240, "4m", "4m"),
        (250, "4m10s", "4m10s"),
        (1000, "16m40s", "17m"),
        (3600, "1h", "1h"),
        (9000, "2h30m", "2h30m"),
        (86_400, "1d", "1d"),
    ],
)
def test_spans_are_said_as_a_plan_writes_them(seconds, exactly, about):
    assert (span(seconds), roughly(seconds)) == (exactly, about)
