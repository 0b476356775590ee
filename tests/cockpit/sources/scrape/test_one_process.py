"""Who answers at an address: restarts and deploys are measured, pages of several processes are not."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.settings.models.traffic import Metrics
from cockpit.sources.scrape.exposition import Exposition
from cockpit.sources.scrape.one_process import TWO, Heard, OneProcess, began_otherwise

POLL, PATIENCE = 15.0, 600.0
NOW = 1_795_400_000.0
ENDPOINT = 'method="GET",endpoint="/x"'


class Process:
    """Counts `pace` requests a second from `start` on, of which `failing` fail; without a start it tells none."""

    def __init__(
        self, start: float, pace: float = 10.0, history: int = 0, failing: float = 0.0, *, tells: str = "start"
    ):
        self.start, self.pace, self.history, self.failing, self.tells = start, pace, history, failing, tells

    def page(self, at: float):
        total = self.history + int((at - self.start) * self.pace)
        lines = [
            f'http_requests_total{{{ENDPOINT},status="200"}} {total - int(total * self.failing)}',
            f'http_requests_total{{{ENDPOINT},status="500"}} {int(total * self.failing)}',
        ]
        if self.tells == "start":
            lines.append(f"process_start_time_seconds {self.start}")
        if self.tells == "created":
            lines.append(f'http_requests_created{{{ENDPOINT},status="200"}} {self.start + 1}')
        return Exposition(["GET /x"], Metrics()).read("\n".join([*lines, ""]))


def heard(script, patience=PATIENCE):
    """Return what is heard of (seconds, process) pairs."""
    ears = OneProcess(patience)
    return [ears.hear(NOW + second, process.page(NOW + second)) for second, process in script]


def turns(*processes, polls=12):
    return [(number * POLL, processes[number % len(processes)]) for number in range(polls)]


OLD, YOUNG, THIRD = (Process(NOW - age, history=history) for age, history in ((9e4, 0), (8e4, 5000), (500, 77)))


def silent(process, **facts):
    """Return the same process that says nothing of its start."""
    return Process(process.start, process.pace, process.history, process.failing, tells="", **facts)


@pytest.mark.parametrize(
    ("script", "by"),
    [
        (turns(OLD, YOUNG), 3),
        (turns(YOUNG, OLD), 3),
        (turns(OLD, YOUNG, THIRD), 4),
        (turns(*[Process(NOW - 9e4 + n / 50, history=n) for n in range(8)]), 10),
        (turns(silent(OLD), silent(YOUNG)), 4),
        (turns(silent(YOUNG), silent(OLD)), 4),
        (turns(silent(OLD), silent(OLD), silent(YOUNG), silent(THIRD)), 12),
        (turns(Process(1000, history=5), Process(1001, history=900)), 4),
        (turns(Process(NOW - 99, tells="created"), Process(NOW - 99.002, history=5, tells="created")), 4),
        (turns(Process(NOW - 99, pace=10, tells="created"), Process(NOW - 99.01, pace=10, tells="created")), 3),
        (turns(Process(NOW - 900), Process(NOW - 900, history=4000)), 4),
        ([(0, OLD), (15, OLD), (3600, YOUNG), (3615, YOUNG), (7200, OLD)], 5),
    ],
)
def test_several_processes_are_told(script, by):
    """The last row: an hour each; no fall comes near another, but a start that goes back is proof."""
    told = [one.why for one in heard(script)]
    assert TWO in told[:by]
    assert told[-1] == TWO


def restarted(at, start, **facts):
    return [(at + n * POLL, Process(NOW + start, **facts)) for n in range(4)]


@pytest.mark.parametrize("tells", ["start", "created", ""])
def test_a_restart_is_one(tells):
    before = [(n * POLL, Process(NOW - 9e4, tells=tells)) for n in range(4)]
    told = heard([*before, *restarted(60, 55, tells=tells)])
    assert [one.why for one in told] == [""] * 8
    assert [one.restarted for one in told] == [False] * 4 + [tells == "start"] + [False] * 3
    assert not any(one.unsure for one in told)


@pytest.mark.parametrize("tells", ["start", "created"])
def test_two_restarts_within_minutes_are_a_deploy_and_three_are_told(tells):
    script = [(n * POLL, Process(NOW - 9e4, tells=tells)) for n in range(4)]
    script += restarted(60, 55, tells=tells) + restarted(120, 115, tells=tells)
    assert {one.why for one in heard(script)} == {""}
    script += restarted(180, 175, tells=tells)
    assert heard(script)[-1].why == "restarted 3 times in 2m00s"


def test_a_deploy_behind_one_address_is_measured_again_once_it_is_steady():
    mixed = turns(OLD, Process(NOW - 30), polls=8)
    steady = [(120 + n * POLL, Process(NOW - 30)) for n in range(60)]
    told = heard([*mixed, *steady])
    assert told[7].why == TWO
    blind = [at for (at, _), one in zip([*mixed, *steady], told, strict=True) if one.why]
    assert 120 <= blind[-1] <= 120 + PATIENCE
    assert told[-1] == Heard()


def test_two_unexplained_falls_hold_for_a_while_and_not_for_ever():
    script = [(0, silent(OLD)), (15, silent(THIRD)), (30, Process(NOW + 20, tells=""))]
    script += [(45 + n * POLL, Process(NOW + 20, tells="")) for n in range(60)]
    told = [one.why for one in heard(script)]
    assert (told[1], told[2], told[-1]) == ("", TWO, "")


def test_a_doubt_that_comes_back_lasts_longer():
    script, second = [], 0.0
    for _ in range(3):
        script += [(second + n * POLL, (silent(OLD), silent(YOUNG))[n % 2]) for n in range(8)]
        script += [(second + 120 + n * POLL, silent(YOUNG)) for n in range(90)]
        second = script[-1][0] + POLL
    told = [one.why for one in heard(script)]
    spells = [told[begin : begin + 98].count(TWO) for begin in (0, 98, 196)]
    assert spells[0] < spells[1] < spells[2] <= 98


def test_what_was_measured_before_is_taken_back():
    """From one patience before the first sign on; where a start goes back, from before the other was first heard."""
    told = heard(turns(silent(OLD), silent(YOUNG)))
    first = next(one for one in told if one.why)
    assert first.since <= NOW + POLL - PATIENCE
    hours = heard([(0, OLD), (3600, OLD), (3615, YOUNG), (7200, YOUNG), (7215, OLD)])
    assert hours[-1].since == NOW + 3615 - PATIENCE


def test_a_page_of_another_life_counts_nothing():
    """A switch to a process that ran before: what it counted is no growth, and no fall need tell it."""
    down = heard([(0, YOUNG), (15, THIRD)])
    up = heard([(0, Process(NOW - 900)), (15, Process(NOW - 800, history=9000))])
    assert (down[1], up[1]) == (Heard(unsure=True), Heard(unsure=True))


def test_a_boot_time_that_rounds_otherwise_is_the_same_process():
    wobbling = [(n * POLL, Process(NOW - 9e4 - n % 2, history=-10 * (n % 2))) for n in range(40)]
    assert {one.why for one in heard(wobbling)} == {""}
    assert not any(one.unsure or one.restarted for one in heard(wobbling))


def test_many_instances_on_one_page_may_each_restart():
    """An aggregating page in a rolling deploy: each series falls once."""

    def page(done):
        lines = [
            f'http_requests_total{{{ENDPOINT},status="200",pod="{pod}"}} {7 if pod < done else 5000}'
            for pod in range(9)
        ]
        lines += [f'process_start_time_seconds{{pod="{pod}"}} {NOW - 99 * pod}' for pod in range(9)]
        return Exposition(["GET /x"], Metrics()).read("\n".join([*lines, ""]))

    ears = OneProcess(PATIENCE)
    assert {ears.hear(NOW + POLL * number, page(number)).why for number in range(10)} == {""}


def test_a_clock_set_back_forgets():
    ears = OneProcess(PATIENCE)
    for second, process in ((0, OLD), (15, YOUNG), (30, OLD)):
        ears.hear(NOW + second, process.page(NOW + second))
    assert ears.hear(NOW - 7200, OLD.page(NOW)).why == ""


def test_two_looks_that_tell_other_starts():
    assert began_otherwise(OLD.page(NOW), YOUNG.page(NOW))
    assert not began_otherwise(OLD.page(NOW), OLD.page(NOW + 1))
    assert not began_otherwise(OLD.page(NOW), Process(OLD.start + 1).page(NOW))


@given(st.integers(2, 6), st.integers(), st.sampled_from(["start", "created", ""]))
def test_whoever_balances_at_random_is_found_out(count, seed, tells):
    """Within sixty looks, whatever the number of processes, their age and their traffic."""
    rng = random.Random(seed)
    some = [
        Process(NOW - rng.uniform(100, 1e6), rng.uniform(0, 20), rng.randrange(1000), tells=tells) for _ in range(count)
    ]
    chosen = [*some, *(rng.choice(some) for _ in range(60))]
    assert any(one.why == TWO for one in heard([(n * POLL, each) for n, each in enumerate(chosen)]))


@given(
    st.lists(st.tuples(st.integers(0, 400), st.floats(0, 20)), max_size=30),
    st.sampled_from(["start", "created", ""]),
    st.booleans(),
)
def test_one_process_is_never_two(steps, tells, restarts):
    """However it is asked and however busy it is, also with one restart."""
    ears, at, start, total = OneProcess(PATIENCE), NOW, NOW - 9e4, 1000.0
    for number, (wait, pace) in enumerate(steps):
        at, total = at + wait + 1, total + pace * (wait + 1)
        if restarts and number == len(steps) // 2:
            start, total = at - 0.5, pace * 0.5
        page = Process(start, 0.0, int(total), tells=tells).page(at)
        found = ears.hear(at, page)
        assert found.why == "" or (not tells and restarts)


def test_a_fixed_seed_of_flaky_balancing_never_measures_two():
    """Nine looks of ten at the one, without any start: by the tenth switch it is known."""
    rng = random.Random(7)
    script = [(n * POLL, silent(OLD if rng.random() < 0.9 else YOUNG)) for n in range(200)]
    told = [one.why for one in heard(script)]
    switches = [n for n in range(1, 200) if script[n][1].start != script[n - 1][1].start]
    assert told[switches[3]] == TWO
    assert math.isinf(Heard().since)
