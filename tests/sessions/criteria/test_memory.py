import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from sessions.criteria import errors, latency
from sessions.criteria.windows import NAMES, Memory
from sessions.state.reducer import observe_all
from sessions.values.readings import Topic
from sessions.values.verdicts import Mark
from tests.support.build import PLAN, after, minute, window
from tests.support.sessions.scenes import CAPSULES, LENGTH, NOW, answered, entered, flown

ONE, SAME = (1, 2), tuple([1, 2])  # noqa: C409 - equal, and not the same
OTHER = (3,)


def worked(memory, *questions):
    """Return how often each question had to be worked out."""
    done = []
    for name, *values in questions:
        before = len(done)
        answer = memory.recall(name, tuple(values), lambda: done.append(1) or (name, values))  # noqa: B023
        assert answer == (name, values)
        yield len(done) - before


def test_the_very_same_values_are_worked_out_once():
    assert list(worked(Memory(), ("a", ONE, OTHER), ("a", ONE, OTHER))) == [1, 0]


def test_other_values_and_names_are_worked_out_anew():
    questions = ("a", ONE), ("a", SAME), ("a", ONE, OTHER), ("a", ONE), ("b", ONE), ("a", ONE)
    assert ONE == SAME
    assert list(worked(Memory(), *questions)) == [1, 1, 1, 1, 1, 0]


def test_a_memory_is_bounded():
    many = [(str(number), ONE) for number in range(NAMES + 1)]
    assert list(worked(Memory(), *many, many[-1], many[0])) == [1] * (NAMES + 1) + [0, 1]


def test_other_bounds_judge_the_same_windows_anew():
    state = flown(capsules={2: {"p95_ms": 300.0, "requests": 1000.0, "errors": 6.0}})
    strict = replace(PLAN, latency=replace(PLAN.latency, p95_ms=299.0), errors=replace(PLAN.errors, share=0.5))
    for judge in (latency.judge, errors.judge):
        marks = [judge(replace(state, plan=plan), NOW).mark for plan in (PLAN, strict, PLAN)]
        assert marks == [Mark.PASS, Mark.BREACH, Mark.PASS]


WINDOWS = st.builds(
    lambda index, p95, bad, requests: window(
        CAPSULES, after(index * LENGTH), p95_ms=p95, errors=bad, requests=requests, at=after((index + 1) * LENGTH)
    ),
    st.integers(0, 5),
    st.sampled_from([None, 240.0, 700.0]),
    st.sampled_from([0.0, 30.0]),
    st.sampled_from([0.0, 120.0]),
)
MINUTES = st.builds(
    lambda end, bad: minute(CAPSULES, after(end), errors=bad), st.integers(60, 1800), st.sampled_from([0.0, 7.0])
)
CALM = [window(name, after(index * LENGTH)) for name in PLAN.endpoints for index in range(6)]


@pytest.mark.slow
@given(st.lists(st.lists(WINDOWS | MINUTES, max_size=3), min_size=2, max_size=4), st.lists(st.booleans(), min_size=3))
def test_a_judgement_owes_nothing_to_the_ones_before_it(polls, gone):
    now = after(4 * LENGTH)
    calm = [row for index, row in enumerate(CALM) if index >= len(gone) or gone[index]]
    states = [answered(observe_all(entered(), calm), Topic.TRAFFIC, now)]
    for rows in polls:
        states.append(observe_all(states[-1], rows))
    moments = [(state, after(LENGTH * place / 2, now)) for place, state in enumerate(states)]
    for judge in (latency.judge, errors.judge):
        forwards = [judge(*moment) for moment in moments]
        assert [judge(*moment) for moment in reversed(moments)] == forwards[::-1]
