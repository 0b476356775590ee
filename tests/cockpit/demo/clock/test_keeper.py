"""The clock that the world keeps: all who read it agree, it never goes back and makes no step."""

import itertools
import random
import time
import zlib
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.demo.clock import keeper as kept
from cockpit.demo.clock.governor import SLOWEST
from cockpit.demo.clock.keeper import AHEAD, Keeper, following
from cockpit.runtime.clock import DEMO_CLOCK, Clock, clock_of
from cockpit.runtime.pace import paced_loop
from cockpit.runtime.pace.course import GRACE, SIZE, Course, heard, line_of, told
from cockpit.runtime.pace.paced_clock import PacedClock

STEP = 0.01


class Seconds:
    """The machine's clock, moved by hand."""

    def __init__(self):
        self.at = 1000.0

    def __call__(self, *_):
        return self.at


@pytest.fixture
def seconds(monkeypatch):
    seconds = Seconds()
    monkeypatch.setattr(kept, "machine_seconds", seconds)
    monkeypatch.setattr(time, "clock_gettime", seconds)
    monkeypatch.setattr(time, "monotonic", seconds)
    monkeypatch.setattr(paced_loop, "machine_seconds", seconds)
    return seconds


@pytest.fixture
def file(tmp_path):
    path = tmp_path / DEMO_CLOCK
    path.touch()
    return path


ticks = st.lists(st.tuples(st.floats(0.05, 3), st.floats(SLOWEST, 1)), min_size=1, max_size=60)


@given(ticks)
def test_it_is_monotone_and_continuous_and_early_readers_agree_with_late_ones(ticks):
    at, knots, seen = 1000.0, (), []
    for pause, pace in ticks:
        knots = following(knots, at, pace)
        seen.append((at, Course("", 0.0, knots)))
        at += pause
    last = Course(
        "", 0.0, tuple(sorted({knot for _, course in seen for knot in course.knots}, key=lambda knot: knot.at))
    )
    moments = [1000 + STEP * place for place in range(int((at - 1000) / STEP))]
    times = [moment - last.lag(moment) for moment in moments]
    steps = [after - before for before, after in itertools.pairwise(times)]
    assert all(-1e-9 <= step <= STEP + 1e-9 for step in steps)
    for (since, course), (until, _) in itertools.pairwise(seen):
        for moment in (moment for moment in moments if since <= moment <= until):
            assert course.lag(moment) == pytest.approx(last.lag(moment), abs=1e-9)


def test_the_watch_and_the_screen_and_the_world_read_the_same(seconds, file):
    world, watch, screen = Keeper(72.0), PacedClock(file), PacedClock(file)
    world.keep(file)
    luck = random.Random(3)
    before = world.boot()
    for _ in range(400):
        seconds.at += luck.uniform(0.01, 0.2)
        world.beat(seconds.at, luck.choice((0.0, 0.0, 0.4)))
        read = {world.boot(), watch.boot()} | ({screen.boot()} if luck.random() < 0.5 else set())
        assert max(read) - min(read) < 1e-9
        assert before <= world.boot() <= seconds.at
        before = world.boot()
    assert seconds.at - world.boot() > 1


def test_a_busy_machine_slows_it_down_and_a_calm_one_lets_it_go_again(seconds, file):
    world, watch = Keeper(1000.0), PacedClock(file)
    world.keep(file)

    def go(span, late):
        begun, until = watch.boot(), seconds.at + span
        while seconds.at < until:
            seconds.at += 0.1
            world.beat(seconds.at, late)
        return (watch.boot() - begun) / span

    assert go(5, 0.0) == pytest.approx(1, abs=0.03)
    assert watch.slowed() == 0
    assert go(20, 1.0) < 0.3
    assert 0 < watch.slowed() < 300
    go(7, 0.0)
    assert go(5, 0.0) == pytest.approx(1, abs=0.03)
    assert watch.slowed() == 0


def test_a_world_that_stands_still_stops_time_and_one_that_is_gone_lets_it_go(seconds, file):
    world, watch = Keeper(72.0), PacedClock(file)
    world.keep(file)
    begun = watch.boot()
    seconds.at += 5
    assert watch.boot() - begun == pytest.approx(AHEAD)
    seconds.at += GRACE
    stood = watch.boot()
    seconds.at += 3
    assert watch.boot() - stood == pytest.approx(3)
    assert watch.slowed() == 0


def test_a_flight_that_is_over_stays_as_far_behind(seconds, file):
    world = Keeper(72.0)
    world.keep(file)
    for _ in range(100):
        seconds.at += 0.1
        world.beat(seconds.at, 1.0)
    world.end()
    world.beat(seconds.at + 0.1, 1.0)
    seconds.at += AHEAD
    behind = seconds.at - world.boot()
    seconds.at += 500
    later = PacedClock(file)
    assert seconds.at - later.boot() == pytest.approx(behind)
    assert behind > 1
    assert later.slowed() == 0


def test_what_was_lost_before_another_boot_stays_lost(seconds, file, monkeypatch):
    world = Keeper(72.0)
    world.keep(file)
    seconds.at += 3
    world.beat(seconds.at, 0.0)
    world.end()
    seconds.at += 1
    lost = seconds.at - world.boot()
    monkeypatch.setattr(Clock, "machine", lambda _: "another boot")
    seconds.at = 5.0
    assert 5.0 - PacedClock(file).boot() == pytest.approx(lost)


def test_a_session_of_no_demo_goes_by_the_machine(tmp_path):
    assert type(clock_of(tmp_path)) is Clock


def test_a_demo_s_session_goes_by_its_file(file):
    assert isinstance(clock_of(file.parent), PacedClock)


@pytest.mark.parametrize("line", [b"", b"# 00000000", line_of(["a"]), line_of(["a", 0, False, []]), b"x" * SIZE])
def test_a_line_that_is_none_is_not_read(line):
    assert heard(line) is None


def proved(text: bytes) -> bytes:
    return (text + b" # %08x" % zlib.crc32(text)).ljust(SIZE - 1) + b"\n"


@pytest.mark.parametrize(
    "text",
    [
        b"[oops",
        b'["\xff"]',
        b"[" * 990,
        b"{}",
        b'["", 0.0, true, [[0.0, 1e300]]]',
        b'["", 0.0, true, [[0.0, NaN]]]',
        b'["", 0.0, true, [[0.0, Infinity]]]',
        b'["", NaN, true, [[0.0, 1.0]]]',
        b'["", -1.0, true, [[0.0, 1.0]]]',
        b'["", 0.0, true, [[0.0, -1e9]]]',
        b'["", 0.0, true, [[9.0, 1.0], [8.0, 1.0]]]',
        b'["", 0.0, true, [[8.0, 2.0], [9.0, 1.0]]]',
    ],
)
def test_a_line_that_no_world_wrote_is_not_read_whatever_its_checksum_says(file, text):
    assert heard(proved(text)) is None
    file.write_bytes(proved(text).ljust(2 * SIZE))
    assert abs(clock_of(file.parent).now() - Clock().now()) < timedelta(minutes=1)


def test_a_torn_line_is_not_read():
    line = told(Course("boot", 12.0, following((), 10.0, 0.5)))
    assert heard(line) is not None
    assert heard(line.replace(b"12.0", b"13.0")) is None
