import json

import pytest

from cockpit.demo.launch import DemoError, World
from cockpit.demo.world.flag_file import (
    Course,
    FlagFile,
    Flags,
    OtherHand,
    fell,
    first_text,
    flags_from,
    follow,
    rested,
    struck,
)
from cockpit.demo.world.scenarios import CALM, SCENARIOS, Effects
from tests.support.build import PLAN

MIN = 60.0


def flown(*legs, frozen=()):
    """Build a course from (minute, percent) and frozen (minute, minute or None) of the capsules flow."""
    steps = [(at, "percent", percent) for at, percent in legs]
    steps += [(began, "on", True) for began, _ in frozen] + [(end, "on", False) for _, end in frozen if end is not None]
    course, percent, on = Course(), 0, False
    for at, what, value in sorted(steps):
        percent, on = (value, on) if what == "percent" else (percent, value)
        course = follow(course, Flags(percent, frozenset({"capsules-flow"}) if on else frozenset()), at * MIN)
    return course


def effects(name, minute, course, speed=1.0):
    return SCENARIOS[name](course, minute * MIN, speed)


def test_a_course_remembers_every_leg_and_changes_only_when_the_flag_does():
    course = flown((5, 10), (60, 25))
    assert [(leg.percent, leg.began / MIN) for leg in course.legs] == [(0, 0), (10, 5), (25, 60)]
    assert course.legs[1].ended == 60 * MIN
    assert follow(course, Flags(25), 99 * MIN) is course


def test_a_leg_that_was_left_early_never_strikes():
    course = flown((0, 10), (30, 0), (40, 10))
    assert struck(course, 10, 45 * MIN, 500 * MIN) is None
    assert struck(flown((0, 10)), 10, 45 * MIN, 44.9 * MIN) is None
    assert struck(flown((0, 10)), 10, 45 * MIN, 45 * MIN) == 45 * MIN


def test_fell_and_rested_count_from_the_given_moment_only():
    course = flown((0, 25), (10, 10), (20, 25), frozen=[(1, 5), (30, None)])
    assert fell(course, 5 * MIN)
    assert not fell(course, 15 * MIN)
    assert not rested(course, "capsules-flow", 10 * MIN, 0.0, 39 * MIN)
    assert rested(course, "capsules-flow", 10 * MIN, 0.0, 40 * MIN)
    assert not rested(course, "capsules-flow", 10 * MIN, 35 * MIN, 44 * MIN)


@pytest.mark.parametrize("minute", [0, 30, 46, 100, 10_000])
def test_calm_stays_calm(minute):
    assert effects("calm", minute, flown((0, 10), (20, 25))) == CALM


@pytest.mark.parametrize(
    ("minute", "legs", "slow"),
    [
        (200, [(0, 10)], False),
        (139.9, [(0, 10), (100, 25)], False),
        (140, [(0, 10), (100, 25)], True),
        (300, [(0, 10), (100, 25)], True),
        (301, [(0, 10), (100, 25), (300, 10)], False),
        (900, [(0, 10), (100, 25), (300, 10), (400, 25)], False),
        (900, [(0, 10), (100, 25), (300, 50)], True),
    ],
)
def test_the_latency_spike_strikes_once_at_25_and_heals_when_the_flag_goes_down(minute, legs, slow):
    assert (effects("latency-spike", minute, flown(*legs)).slow == {"POST /capsules"}) is slow


@pytest.mark.parametrize(
    ("minute", "frozen", "twins"),
    [
        (44, [], 0),
        (45, [], 3),
        (300, [], 3),
        (57, [(48, None)], 3),
        (58, [(48, None)], 0),
        (300, [(48, 59)], 0),
        (300, [(48, 52)], 3),
        (50, [(10, 30)], 3),
    ],
)
def test_duplicates_stay_until_the_flow_was_frozen_for_ten_minutes(minute, frozen, twins):
    assert effects("duplicates", minute, flown((0, 10), frozen=frozen)).duplicates == twins


@pytest.mark.parametrize(("minute", "flood"), [(29, False), (30, True), (33.9, True), (34, False), (500, False)])
def test_the_ticket_flood_lasts_four_minutes(minute, flood):
    assert (effects("ticket-flood", minute, flown((0, 10))).tickets > 0) is flood


@pytest.mark.parametrize(
    ("minute", "legs", "fails"),
    [
        (500, [(0, 10)], False),
        (114.9, [(0, 10), (100, 25)], False),
        (115, [(0, 10), (100, 25)], True),
        (174.9, [(0, 10), (100, 25)], True),
        (175, [(0, 10), (100, 25)], False),
        (120, [(0, 10), (100, 25), (110, 10)], False),
    ],
)
def test_the_error_burst_strikes_returns_at_25_for_an_hour(minute, legs, fails):
    assert (effects("error-burst", minute, flown(*legs)).failing == {"POST /returns"}) is fails


@pytest.mark.parametrize(
    ("minute", "speed", "lost"),
    [(29.9, 1, False), (30, 1, True), (49.9, 1, True), (50, 1, False), (54.9, 300, True), (55, 300, False)],
)
def test_the_events_of_one_journey_are_lost_for_20_minutes_and_at_least_five_real_seconds(minute, speed, lost):
    assert (effects("analytics-outage", minute, flown((0, 10)), speed).mute == {"return_started"}) is lost


@pytest.mark.parametrize(("minute", "low"), [(19.9, False), (20, True), (29.9, True), (30, False), (600, False)])
def test_low_scores_come_for_ten_minutes(minute, low):
    assert (effects("csat-drop", minute, flown((0, 10))).upset > 0) is low


@pytest.mark.parametrize(
    ("minute", "speed", "goes_on"),
    [(29.9, 1, False), (30, 1, True), (49.9, 1, True), (50, 1, False), (53.9, 360, True), (54, 360, False)],
)
def test_incident_and_drift_last_for_20_minutes_and_at_least_four_real_seconds(minute, speed, goes_on):
    course = flown((0, 10))
    assert effects("incident", minute, course, speed).critical is goes_on
    drifted = follow(course, Flags(30), 30.1 * MIN) if minute > 30 else course
    assert (effects("flag-drift", minute, drifted, speed).strange == 30) is goes_on


@pytest.mark.parametrize(
    ("minute", "wrong"),
    [
        (5, CALM),
        (10, Effects(tickets=6.0)),
        (14, CALM),
        (30, Effects(deaf=True)),
        (33, CALM),
        (50, Effects(busy=frozenset({"GET /concierge"}))),
        (58, CALM),
        (94, CALM),
        (95, Effects(duplicates=3)),
        (300, Effects(duplicates=3)),
    ],
)
def test_a_bad_day_brings_one_thing_after_the_other(minute, wrong):
    assert effects("bad-day", minute, flown((0, 10))) == wrong


@pytest.mark.parametrize(("minute", "down"), [(29, False), (30, True), (119.9, True), (120, False), (900, False)])
def test_the_monitor_stands_still_for_90_minutes(minute, down):
    assert effects("monitor-down", minute, flown((0, 10))).unwalked is down


def test_a_bad_day_goes_on_at_25():
    course = flown((0, 10), (150, 25), frozen=[(96, 107)])
    assert effects("bad-day", 209, course) == CALM
    assert effects("bad-day", 210, course) == Effects(tickets=6.0)
    assert effects("bad-day", 900, course) == CALM


@pytest.mark.parametrize(
    ("minute", "speed", "deaf"),
    [(39, 1, False), (40, 1, True), (47.9, 1, True), (48, 1, False), (63.9, 240, True), (64, 240, False)],
)
def test_the_source_is_down_for_8_minutes_and_at_least_six_real_seconds(minute, speed, deaf):
    assert effects("source-down", minute, flown((0, 10)), speed).deaf is deaf


def test_an_unknown_scenario_names_the_nearest_and_all():
    with pytest.raises(DemoError) as told:
        World(PLAN, "latency-spik", 1)
    assert str(told.value).startswith('unknown scenario "latency-spik", did you mean "latency-spike"?')
    assert all(name in str(told.value) for name in SCENARIOS)


def test_the_first_flag_file_exposes_nobody_and_knows_every_switch():
    flags = json.loads(first_text(PLAN))["flags"]
    assert flags_from(first_text(PLAN), PLAN.flag) == Flags(0, frozenset({"holiday-banner"}))
    wanted = {"capsules-flow", "returns-flow", "stub-fallback", "sla-message", "cap-escalations"}
    assert wanted <= flags.keys()
    assert flags[PLAN.flag]["targeting"]["fractional"][1:] == [["on", 0], ["off", 100]]


def edited(change):
    document = json.loads(first_text(PLAN))
    change(document["flags"])
    return json.dumps(document)


def weigh(flags, on, off):
    flags["concierge"]["targeting"]["fractional"][1:] = [["on", on], ["off", off]]


def nest(flags):
    weigh(flags, 25, 75)
    flags["concierge"]["targeting"] = {"if": [{"var": "staff"}, "on", flags["concierge"]["targeting"]]}


def disable(flags):
    weigh(flags, 25, 75)
    flags["concierge"]["state"] = "DISABLED"


@pytest.mark.parametrize(
    ("change", "percent"),
    [
        (lambda flags: weigh(flags, 25, 75), 25),
        (lambda flags: weigh(flags, 1, 3), 25),
        (lambda flags: weigh(flags, 100, 0), 100),
        (lambda flags: weigh(flags, 0, 0), 0),
        (nest, 25),
        (disable, 0),
    ],
)
def test_the_share_is_the_weight_of_on(change, percent):
    assert flags_from(edited(change), PLAN.flag).percent == percent


def test_the_flag_file_keeps_its_last_word_while_it_is_broken_or_gone(tmp_path):
    path = tmp_path / "flags.json"
    file = FlagFile(path, PLAN.flag)
    assert file.read() == Flags()
    path.write_text(edited(lambda flags: flags["capsules-flow"].update(defaultVariant="on")))
    frozen = Flags(0, frozenset({"capsules-flow", "holiday-banner"}))
    assert file.read() == frozen
    for broken in ("{", "[]", '{"flags": []}', '{"flags": {"concierge": {"state": "ENABLED", "variants": 7}}}x'):
        path.write_text(broken)
        assert file.read() == frozen
    path.unlink()
    assert file.read() == frozen


def percent_in(path):
    return flags_from(path.read_text(), PLAN.flag).percent


@pytest.mark.parametrize("change", [lambda flags: weigh(flags, 10, 90), nest])
def test_another_hand_changes_the_share_and_nothing_else_and_sets_it_back(tmp_path, change):
    path = tmp_path / "flags.json"
    before = edited(change)
    path.write_text(before)
    found, hand = flags_from(before, PLAN.flag).percent, OtherHand(path, PLAN.flag)
    hand.turn(None)
    assert path.read_text() == before
    for _ in range(2):
        hand.turn(30)
        assert percent_in(path) == 30
    hand.turn(None)
    assert json.loads(path.read_text()) == json.loads(edited(lambda flags: (change(flags), weigh_as(flags, found))))
    assert [file.name for file in tmp_path.iterdir()] == ["flags.json"]


def weigh_as(flags, percent):
    for targeting in (flags["concierge"]["targeting"], *flags["concierge"]["targeting"].get("if", ())):
        if isinstance(targeting, dict) and "fractional" in targeting:
            targeting["fractional"][1:] = [["on", percent], ["off", 100 - percent]]


def test_another_hand_takes_back_only_what_is_still_its_own(tmp_path):
    path = tmp_path / "flags.json"
    path.write_text(edited(lambda flags: weigh(flags, 10, 90)))
    hand = OtherHand(path, PLAN.flag)
    hand.turn(30)
    path.write_text(edited(lambda flags: weigh(flags, 0, 100)))
    hand.turn(30)
    hand.turn(None)
    assert percent_in(path) == 0
    hand.turn(30)
    assert percent_in(path) == 30


@pytest.mark.parametrize("broken", ["{", "[]", '{"flags": {}}', '{"flags": {"concierge": {"state": "ENABLED"}}}'])
def test_another_hand_leaves_a_file_alone_that_it_does_not_understand_and_tries_again(tmp_path, broken):
    path, hand = tmp_path / "flags.json", OtherHand(tmp_path / "flags.json", PLAN.flag)
    hand.turn(30)
    path.write_text(broken)
    hand.turn(30)
    assert path.read_text() == broken
    path.write_text(edited(lambda flags: weigh(flags, 10, 90)))
    hand.turn(30)
    assert percent_in(path) == 30
