"""Clocks that are moved, in a phase and under a fuse, watched or not: no deadline moves, and no time is made."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from cockpit.engine.gaps import missed, noticed
from cockpit.session.both_files import look
from sessions.criteria.freshness import seen_again
from sessions.gate.evaluate import judge
from sessions.gate.soak import soak
from sessions.state.reducer import apply, replay
from sessions.values.entries import Entry
from sessions.values.sign_of_life import Sign, ran, started
from sessions.values.verdicts import Level, Mark
from tests.support.build import PLAN, T0, after
from tests.support.sessions.acting import seeing
from tests.support.sessions.flight import Pen, all_is_well, in_phase
from tests.support.sessions.rounds import LIT, breach, calm, fly, kinds, spiking
from tests.support.watch.watching import (
    FakeFlag,
    ShiftedClock,
    documents,
    enter,
    made,
    short_fuse,
    traffic,
    until,
    watched,
    written,
)

DAY, HOUR = 86_400.0, 3_600.0
LENGTH = PLAN.risk("latency_spike").fuse


class World:
    """A session under a clock that somebody moves; it knows the true time, and what was truly watched."""

    def __init__(self) -> None:
        self.state, self.true, self.off, self.boot, self.machine = in_phase(10).state, 0.0, 0.0, 1000.0, "a"
        self.alive, self.watched, self.moves = True, 0.0, 0
        self.ends = 0.0
        self.exact = True
        self.sign = self.here()

    @property
    def now(self):
        return after(self.true + self.off)

    def here(self) -> Sign:
        return Sign(self.now, self.boot, self.machine, self.state.shifted)

    def write(self, kind, by="watch", **facts):
        entry = Entry(self.state.seq + 1, self.now, kind, by, self.state.phase, kind, facts)
        self.state = apply(self.state, entry)

    def advance(self, span):
        self.true, self.boot = self.true + span, self.boot + span
        self.look()
        self.watched += span if self.alive else 0.0

    def look(self):
        """As the running watch does it, then its sign of life."""
        if self.alive:
            self.put(noticed(self.sign, self.here(), 1e9))
            self.sign = self.here()

    def put(self, drafts):
        for draft in drafts:
            self.write(draft.kind, draft.by, **draft.facts)

    def set_clock(self, by):
        self.off += by
        self.moves += 1
        self.exact = self.exact and (self.alive or self.machine == self.sign.machine)

    def kill(self, boots):
        self.alive = False
        if boots:
            self.boot, self.machine, self.exact = 5.0, self.machine + "b", False

    def start(self):
        if self.alive:
            return
        self.put(missed(self.state, self.sign, self.here()))
        self.write("watch.started", pid=1, host="box")
        self.alive, self.sign = True, self.here()

    def light(self):
        if self.alive:
            self.look()
            self.write("fuse.lit", risk="latency_spike", deadline=self.now + timedelta(seconds=LENGTH), evidence=())
            self.ends, self.exact = self.true + LENGTH, True

    def note(self):
        self.exact = self.exact and self.alive
        self.look()
        self.write("note.written", "cli")

    def check(self):
        self.look()
        seen = judge(replace(self.state, watching=self.alive), self.now).state
        for fuse in seen.fuses.values():
            left = (fuse.deadline - self.now).total_seconds()
            assert left <= LENGTH
            if self.alive and self.exact:
                assert left == pytest.approx(self.ends - self.true, abs=2.1 * (self.moves + 1))
        done = soak(seen, self.now).done
        assert done <= self.watched + 2.1 * (self.moves + 1)
        assert replay(PLAN, self.state.entries) == replace(self.state, seen=replay(PLAN, ()).seen)


MOVES = st.sampled_from([3.0, 45.0, 600.0, HOUR, 3 * HOUR, DAY, 5 * DAY]).flatmap(lambda by: st.sampled_from([by, -by]))
STEPS = st.one_of(
    st.tuples(st.just("advance"), st.sampled_from([1.0, 10.0, 300.0, 2 * HOUR])),
    st.tuples(st.just("set_clock"), MOVES),
    st.tuples(st.just("kill"), st.booleans()),
    st.tuples(st.sampled_from(["start", "light", "note"])),
)


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.lists(STEPS, max_size=14))
def test_law_no_move_of_a_clock_gives_a_fuse_more_time_or_counts_what_was_not_watched(steps):
    world = World()
    for name, *facts in steps:
        getattr(world, name)(*facts)
        world.check()


@pytest.mark.parametrize("off", [DAY, HOUR, 90.0, -90.0, -HOUR, -DAY])
@pytest.mark.parametrize("boots", [False, True])
def test_row_10_a_fuse_lit_by_a_wrong_clock_keeps_its_distance_when_the_clock_is_right_again(off, boots):
    world = World()
    world.set_clock(off)
    world.advance(10)
    world.light()
    world.advance(20)
    world.kill(boots)
    world.set_clock(-off)
    world.advance(30)
    left = judge(world.state, world.now).state.fuses["latency_spike"].deadline - world.now
    assert left <= timedelta(seconds=LENGTH)
    world.start()
    left = (world.state.fuses["latency_spike"].deadline - world.now).total_seconds()
    assert left <= LENGTH - 20
    if not boots:
        assert left == pytest.approx(LENGTH - 50, abs=0.01)


@pytest.mark.parametrize("back", [HOUR + 1, 2 * HOUR, 3 * HOUR, DAY])
def test_row_10_a_clock_put_back_by_more_than_the_phases_age_counts_no_window_of_the_phase_before(back):
    """The phase is an hour old; three calm hours of the phase before are in the history."""
    pen = in_phase(10)
    kept = [all_is_well(pen.state, after(at)).seen for at in range(0, 4 * 3600, 300)]
    rows = [row for seen in kept for spans in seen.windows.values() for row in spans]
    pen.write(3 * HOUR, "flag.intended", intent="i2", percent=25, previous=10, writer="flagd")
    pen.write(3 * HOUR, "flag.confirmed", intent="i2", percent=25)
    pen.write(3 * HOUR, "phase.entered", phase=25, previous=10, evidence=())
    pen.state = all_is_well(pen.state, after(4 * HOUR))
    assert judge(pen.state, after(4 * HOUR)).verdicts["latency"].mark is Mark.PASS
    now = 4 * HOUR - back
    pen.write(now, "gap.found", since=after(now), until=after(now), cause="clock", moved=-back)
    pen.state = seen_again(pen.state, [row for row in rows if row.at <= after(now)], after(now))
    assert pen.state.seen.windows == {}
    assert judge(pen.state, after(now)).verdicts["latency"].mark is not Mark.PASS
    assert not judge(pen.state, after(now)).gate.open


@pytest.mark.parametrize("back", [HOUR, 2 * HOUR, DAY])
def test_row_10_a_clock_put_back_defuses_no_fuse(back):
    pen = spiking()
    rows = [row for spans in all_is_well(calm().state, after(LIT - 600)).seen.windows.values() for row in spans]
    at = LIT + 60 - back
    pen.write(at, "gap.found", since=after(at), until=after(at), cause="clock", moved=-back)
    pen.state = seen_again(pen.state, rows, after(at))
    assert "fuse.defused" not in kinds(fly(pen, at + 1))
    fuse = pen.state.fuses["latency_spike"]
    assert fuse.deadline == after(LIT + 900 - back)
    pen.state = seeing(all_is_well(pen.state, after(at + 30)), breach(LIT + 60 - back))
    assert pen.state.fuses == {"latency_spike": fuse}


def test_row_10_whoever_writes_first_puts_the_log_right_and_says_nothing_of_it_twice():
    """A command without any watch, after the clock was put back by a day: the phase it enters is new, not a day old."""
    pen = in_phase(25)
    pen.write(0, "gap.found", since=T0, until=T0, cause="clock", moved=DAY)
    pen.write(DAY + 60, "note.written")
    pen.write(120, "phase.entered", by="cli", phase=10, previous=25, evidence=())
    assert pen.state.entered_at == after(120)
    assert started(None, Sign(after(180)), pen.state.reached_at) == 0
    assert pen.state.shifted == pytest.approx(60)


@pytest.mark.parametrize(("late", "shifts"), [(59, False), (60, False), (61, True), (DAY, True)])
def test_an_entry_that_waited_for_a_lock_moves_no_clock(late, shifts):
    pen = in_phase(10, at=2 * DAY)
    pen.write(2 * DAY - late, "note.written")
    assert (pen.state.shifted != 0) is shifts


def test_a_look_by_a_clock_that_was_put_back_believes_nothing_measured():
    pen = calm()
    assert judge(pen.state, after(LIT)).verdicts["latency"].mark is Mark.PASS
    told = judge(pen.state, after(LIT - DAY))
    assert {verdict.mark for verdict in told.verdicts.values()} <= {Mark.BLIND, Mark.WARMING}
    assert Level.CALM not in {risk.level for risk in told.risks.values()}
    assert not told.gate.open


def test_the_longest_a_fuse_can_have_is_its_length_and_what_it_was_extended_by():
    pen = Pen()
    for deadline in (LENGTH, 2 * LENGTH, 900 * DAY):
        pen.write(0, "fuse.lit", risk="latency_spike", deadline=after(deadline), evidence=())
        assert pen.state.fuses["latency_spike"].deadline == after(LENGTH)
    pen.write(60, "fuse.extended", risk="latency_spike", deadline=after(900 * DAY), evidence=())
    assert pen.state.fuses["latency_spike"].deadline == after(LENGTH + LENGTH / 3)
    pen.write(2 * LENGTH, "fuse.extended", risk="latency_spike", deadline=after(900 * DAY), evidence=())
    assert pen.state.fuses["latency_spike"].deadline == after(2 * LENGTH + LENGTH / 3)


def sign(at, boot=0.0, machine="a", shifted=0.0):
    return Sign(after(at), boot, machine, shifted)


@pytest.mark.parametrize(
    ("before", "now", "reached", "jump"),
    [
        (None, sign(0), None, 0),
        (None, sign(0), after(-5), 0),
        (None, sign(0), after(2), 0),
        (None, sign(0), after(2.5), -2.5),
        (sign(0, 10), sign(100, 110), after(0), 0),
        (sign(0, 10), sign(100, 110), after(102.5), -2.5),
        (sign(0, 10), sign(102, 110), after(0), 0),
        (sign(0, 10), sign(102.5, 110), after(0), 2.5),
        (sign(0, 10), sign(97.5, 110), after(0), -2.5),
        (sign(0, 10), sign(DAY, 110), after(0), DAY - 100),
        (sign(0, 10), sign(-DAY, 110), after(0), -DAY - 100),
        (sign(0, 10), sign(-DAY, 110), after(50), -DAY - 100),
        (sign(0, 10), sign(-DAY, 110, shifted=-DAY - 100), after(-DAY), 0),
        (sign(0, 10), sign(DAY, 110, "b"), after(0), 0),
        (sign(0, 10), sign(-DAY, 110, "b"), after(-50), -DAY),
        (sign(0, 10), sign(-DAY, 110, "b"), after(50), -DAY - 50),
        (sign(0, 10, ""), sign(DAY, 110, ""), after(0), 0),
        (sign(0, 110), sign(DAY, 10), after(0), 0),
    ],
)
def test_what_a_start_can_tell_of_a_clock(before, now, reached, jump):
    assert started(before, now, reached) == pytest.approx(jump)


def test_boots_are_compared_only_within_one():
    assert ran(sign(0, 10), sign(0, 15)) == 5
    assert ran(sign(0, 10, ""), sign(0, 15, "")) is None
    assert ran(sign(0, 10), sign(0, 15, "b")) is None


@pytest.mark.parametrize("jump", [-7200.0, -3.0, 0.0, 3.0, 60.0])
def test_a_machine_that_slept_and_woke_with_another_clock_has_a_hole_all_the_same(jump):
    before, now = Sign(after(100), 100.0, "a"), Sign(after(1300 + jump), 1300.0, "a")
    told = noticed(before, now, 1.0)
    assert [draft.facts.get("moved") for draft in told if draft.facts["cause"] == "clock"] == [jump] * bool(jump)
    pen = in_phase(10)
    for draft in told:
        pen.write(1300 + jump, draft.kind, draft.text, **draft.facts)
    assert soak(pen.state, after(1300 + jump)).widest_hole == 1200


class BootedClock(ShiftedClock):
    """A clock of a machine that may have been started anew."""

    boots = "first"

    def machine(self):
        return self.boots


@pytest.mark.parametrize("off", [DAY, -DAY])
@pytest.mark.parametrize("boots", ["first", "second"])
def test_row_10_a_watch_that_starts_after_the_clock_was_put_right_keeps_the_fuse(tmp_path, off, boots):
    clock, plan = BootedClock(), short_fuse("60m")
    clock.wall = off
    length = plan.risk("latency_spike").fuse
    made(tmp_path, plan)
    enter(tmp_path, plan, 25, clock.now())
    sources = traffic(plan, lambda: 2400.0), documents(plan)
    with watched(tmp_path, *sources, flag=FakeFlag(25), clock=clock) as door:
        fuse = until(door, lambda judgement: judgement.state.fuses).state.fuses["latency_spike"]
        ends = (fuse.deadline - clock.now()).total_seconds() + clock.boot()
    clock.wall, clock.boots = 0, boots
    seen = look(tmp_path, clock, None)
    assert (seen.state.fuses["latency_spike"].deadline - seen.at).total_seconds() <= length
    with watched(tmp_path, documents(plan), flag=FakeFlag(25), clock=clock) as door:
        state = until(door, lambda judgement: judgement.state.watching).state
        left = (state.fuses["latency_spike"].deadline - clock.now()).total_seconds()
        assert left <= length
        if boots == "first":  # within one boot the distance is kept to the second, also where the clock was behind
            assert left == pytest.approx(ends - clock.boot(), abs=2)
    told = [entry.counted("moved") for entry in written(tmp_path, "gap.found") if entry.said("cause") == "clock"]
    if boots == "first":
        assert told == [pytest.approx(-off, abs=2)]
    if boots == "first" or off > 0:
        assert (len(told), state.seen.windows) == (1, {})
