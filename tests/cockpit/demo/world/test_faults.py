"""The world's own notes of what is wrong: each turn once, whatever else goes on; read back as they were."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.demo.drill.scenario import DRILLS, faults_of
from cockpit.demo.world.faults import KINDS, NAME, Fault, FaultLog, wrong
from cockpit.demo.world.flag_file import Course, Flags, follow
from cockpit.demo.world.scenarios import CALM, SCENARIOS, Effects
from tests.support.build import after

SICK = {
    "latency": Effects(busy=frozenset({"GET /concierge"})),
    "errors": Effects(failing=frozenset({"POST /returns"})),
    "analytics": Effects(mute=frozenset({"return_started"})),
    "duplicates": Effects(duplicates=3),
    "queue": Effects(tickets=6.0),
    "csat": Effects(upset=3.0),
    "incident": Effects(critical=True),
    "source": Effects(deaf=True),
    "flag": Effects(strange=0),
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_effect_is_a_fault_of_its_kind(kind):
    assert wrong(SICK[kind]) == {kind}
    assert wrong(CALM) == set()


def test_every_effect_is_of_some_kind():
    assert {name for names in KINDS.values() for name in names} == set(Effects.__struct_fields__)


def test_a_turn_is_noted_once_with_its_time(tmp_path):
    log = FaultLog(tmp_path / NAME)
    for second, effects in enumerate([CALM, SICK["queue"], SICK["queue"], CALM, CALM, SICK["flag"]]):
        log.note(effects, after(second))
    assert faults_of(tmp_path) == (Fault("queue", after(1), after(3)), Fault("flag", after(5)))


def test_what_is_not_there_or_half_written_tells_nothing_yet(tmp_path):
    assert faults_of(tmp_path) == ()
    (tmp_path / NAME).write_text('{"at": "2026', "utf-8")
    assert faults_of(tmp_path) == ()


@given(st.lists(st.sampled_from([CALM, *SICK.values()]), max_size=20))
def test_faults_are_the_stretches_in_which_something_was_wrong(tmp_path_factory, course):
    folder = tmp_path_factory.mktemp("world")
    log = FaultLog(folder / NAME)
    for second, effects in enumerate(course):
        log.note(effects, after(second))
    for second, effects in enumerate(course):
        on = {one.kind for one in faults_of(folder) if one.since <= after(second) < (one.until or after(99))}
        assert on == wrong(effects)


@pytest.mark.parametrize("name", DRILLS)
def test_a_drill_has_one_kind_of_fault(name):
    course, kinds = Course(), set()
    for minute in range(24 * 60):
        percent = 10 if minute < 180 else 25
        course = follow(course, Flags(percent), minute * 60.0)
        kinds |= wrong(SCENARIOS[name](course, minute * 60.0, 1.0))
    assert len(kinds) == 1
