"""The Watch at work: it starts, stops, sees, goes blind, finds gaps and comes back as it was."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta

import pytest

import cockpit.watch
import cockpit.watching
from cockpit.watch import Means, Watch
from sessions import readings as r
from sessions.folder import SESSION
from sessions.journal import load
from sessions.requests import Act, Request
from sessions.verdicts import Level, Mark
from tests.cockpit.watching import (
    FAST,
    MONGO,
    FakeFlag,
    Scripted,
    ShiftedClock,
    asked,
    documents,
    failing,
    hanging,
    kinds,
    made,
    ready,
    session_in,
    short_fuse,
    ticking,
    traffic,
    until,
    watched,
    written,
)

CHILD = """
import sys
from pathlib import Path
from tests.cockpit.watching import documents, traffic, watched, until
with watched(Path(sys.argv[1]), traffic(), documents()) as door:
    until(door, lambda judgement: judgement.state.baseline)
    print("watching", flush=True)
    sys.stdin.read()
"""


def fresh(topic):
    return lambda judgement: topic in judgement.state.seen.health and judgement.state.seen.health[topic].good_at


def test_it_says_that_it_watches_and_that_it_stopped(tmp_path):
    with watched(made(tmp_path), reason="screen left") as door:
        assert door.latest().state.watching
    said = kinds(tmp_path)
    assert (said[:2], said[-1]) == (["session.started", "watch.started"], "watch.stopped")
    assert set(said[2:-1]) <= {"flag.confirmed"}
    stopped = written(tmp_path, "watch.stopped")[0]
    assert (stopped.said("reason"), stopped.text) == (
        "screen left",
        "watch stopped (screen left), the flag stays at 0 %",
    )
    assert written(tmp_path, "watch.started")[0].counted("pid") == os.getpid()
    assert not door.latest().state.watching


def test_its_thread_is_gone_and_its_sources_are_closed_when_stop_returns(tmp_path):
    source = traffic()
    with watched(made(tmp_path), source) as door:
        until(door, fresh(r.Topic.TRAFFIC))
    assert source.closed
    assert "watch" not in [thread.name for thread in threading.enumerate()]


def test_stop_twice_and_before_the_start_is_harmless(tmp_path):
    async def none():
        return ()

    session = session_in(made(tmp_path))
    watch = Watch(session, Means(lambda _watched: [none()], FakeFlag()), ShiftedClock())
    watch.stop("never started")
    watch.start()
    watch.stop("once")
    watch.stop("twice")
    session.close()
    assert [entry.said("reason") for entry in written(tmp_path, "watch.stopped")] == ["once"]


def test_everything_calm_opens_the_gate_to_the_first_phase(tmp_path):
    flag = FakeFlag()
    with watched(made(tmp_path), traffic(), documents(), flag=flag) as door:
        assert ready(door).gate.percent == 10
        answer = asked(door, Act.ADVANCE, percent=10)
        assert (answer.ok, flag.percent, door.latest().state.phase) == (True, 10, 10)
    entered = written(tmp_path, "phase.entered")[0]
    assert all(line.startswith("pass ") for line in entered.listed("evidence"))
    said = kinds(tmp_path)
    assert said[said.index("flag.intended") :][:3] == ["flag.intended", "flag.confirmed", "phase.entered"]


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (lambda: failing("mongo", MONGO, RuntimeError("\x1b[2Jboom")), "^[[2Jboom"),
        (lambda: failing("mongo", MONGO, KeyError()), "KeyError"),
        (lambda: failing("mongo", MONGO, ConnectionRefusedError(111, "refused")), "[Errno 111] refused"),
        (lambda: hanging("mongo", MONGO), "no answer in 0.2 s"),
        (lambda: failing("mongo", MONGO, TimeoutError()), "no answer in 1 s"),
    ],
)
def test_rows_37_41_42_a_source_that_fails_is_blind_with_its_reason_and_harms_no_other(tmp_path, source, reason):
    with watched(made(tmp_path), source(), traffic()) as door:
        seen = until(
            door, lambda judgement: fresh(r.Topic.TRAFFIC)(judgement) and r.Topic.CSAT in judgement.state.seen.health
        )
        assert {seen.state.seen.health[topic].reason for topic in MONGO} == {reason}
        sources = next(row for row in seen.gate.conditions if row.name == "sources")
        assert (sources.mark, seen.gate.open) == (Mark.BLIND, False)
        assert "csat" in sources.text
        assert "traffic" not in sources.text


def test_a_source_that_dies_in_a_phase_turns_its_criteria_blind_and_reverts_nothing(tmp_path):
    alive = {"yes": True}
    calm = documents()

    def work(now):
        if not alive["yes"]:
            raise ConnectionError("gone")
        return calm.work(now)

    flag = FakeFlag(10)
    with watched(made(tmp_path, percent=10), traffic(), Scripted("mongo", MONGO, work), flag=flag) as door:
        until(door, lambda judgement: judgement.verdicts["analytics"].mark is Mark.PASS)
        alive["yes"] = False
        until(door, lambda judgement: judgement.state.verdicts.get("analytics") is Mark.BLIND)
        until(door, lambda judgement: judgement.risks["csat"].level is Level.BLIND)
        assert not door.latest().gate.open
        alive["yes"] = True
        until(door, lambda judgement: judgement.state.verdicts.get("analytics") is Mark.PASS)
        assert door.latest().state.holes[-1].cause in ("analytics", "growth", "incidents")
    assert flag.written == []
    turned = [
        entry.said("verdict")
        for entry in written(tmp_path, "verdict.turned")
        if entry.facts["criterion"] == "analytics"
    ]
    assert turned == ["pass", "blind", "pass"]


def test_sources_that_cannot_be_opened_leave_a_watch_that_says_so(tmp_path):
    session = session_in(made(tmp_path))

    async def opened():
        raise RuntimeError("driver broken")

    watch = Watch(session, Means(lambda _watched: [opened()], FakeFlag()), ShiftedClock())
    watch.start()
    seen = until(watch, lambda judgement: judgement.state.journal_fault)
    assert seen.state.journal_fault == "sources cannot be opened: driver broken"
    until(watch, fresh(r.Topic.FLAG))
    watch.stop("over")
    session.close()


def test_protection_runs_while_the_sources_are_still_being_opened(tmp_path):
    session = session_in(made(tmp_path))
    watch = Watch(session, Means(lambda _watched: [asyncio.sleep(3600)], FakeFlag()), ShiftedClock())
    watch.start()
    until(watch, fresh(r.Topic.FLAG))
    ticking(watch)
    watch.stop("over")
    session.close()
    assert kinds(tmp_path)[-1] == "watch.stopped"


def gaps(judgement):
    return [entry for entry in judgement.state.entries if entry.kind == "gap.found"]


def jumps(judgement):
    return [entry for entry in gaps(judgement) if "moved" in entry.facts]


@pytest.mark.parametrize("jump", [7200, -7200])
def test_rows_25_and_26_a_clock_that_jumps_moves_no_deadline_and_costs_no_soak(tmp_path, jump):
    """Row 26: what was measured by the other time is forgotten, and all is seen afresh."""
    clock, plan = ShiftedClock(), short_fuse("60m")
    made(tmp_path, plan, percent=25, ago=5)
    with watched(tmp_path, traffic(plan, lambda: 2400.0), documents(plan), flag=FakeFlag(25), clock=clock) as door:
        before = until(door, lambda judgement: judgement.state.fuses).state
        clock.wall = jump
        after_it = until(door, jumps).state
        fuse, was = after_it.fuses["latency_spike"], before.fuses["latency_spike"]
        assert abs((fuse.deadline - was.deadline).total_seconds() - jump) < 2
        assert abs((after_it.entered_at - before.entered_at).total_seconds() - jump) < 2
        assert all((hole.until - hole.since).total_seconds() < 10 for hole in after_it.holes)
        until(door, lambda judgement: all(fresh(topic)(judgement) for topic in (r.Topic.TRAFFIC, r.Topic.FLAG)))
        until(door, lambda judgement: judgement.state.seen.health[r.Topic.TRAFFIC].good_at > jumps(judgement)[0].at)
    told = written(tmp_path, "gap.found")[-1]
    assert told.text == f"the clock moved {'on' if jump > 0 else 'back'} by 2h00m: deadlines keep their distance"
    assert abs(told.counted("moved") - jump) < 2


def test_row_28_29_a_machine_that_slept_is_a_gap(tmp_path):
    clock = ShiftedClock()
    with watched(made(tmp_path), clock=clock) as door:
        ticking(door)
        clock.wall = clock.boot_shift = 3600
        until(door, lambda judgement: judgement.state.holes)
    slept = written(tmp_path, "gap.found")[0]
    assert slept.said("cause") == "asleep or stopped"
    assert slept.text.startswith("not watching for 1h00m: asleep")


def test_row_30_a_clean_stop_and_a_later_start_leave_a_gap(tmp_path):
    with watched(made(tmp_path)):
        pass
    clock = ShiftedClock()
    clock.wall = 1800
    with watched(tmp_path, clock=clock) as door:
        assert door.latest().state.watching
    gap = written(tmp_path, "gap.found")[0]
    assert gap.said("cause") == "nobody watched"
    assert 1795 < (gap.dated("until") - gap.dated("since")).total_seconds() < 1810


def test_the_first_start_of_a_session_finds_no_gap(tmp_path):
    with watched(made(tmp_path)):
        pass
    assert "gap.found" not in kinds(tmp_path)


def killed(folder):
    """Let a child watch the session, and kill it."""
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout.readline() == b"watching\n"
        os.kill(child.pid, signal.SIGKILL)
        child.wait(10)


def test_row_11_30_after_a_kill_the_next_start_finds_the_gap_and_the_same_state(tmp_path):
    killed(made(tmp_path))
    before = session_in(tmp_path)
    before.close()
    known = before.state
    assert (known.watching, known.seen.flag.percent, len(known.seen.sizes)) == (True, 0, 3)
    with watched(tmp_path) as door:
        gap = written(tmp_path, "gap.found")[0]
        state = door.latest().state
        assert gap.said("cause") == "the watch was gone"
        assert (state.baseline, state.baseline_at) == (known.baseline, known.baseline_at)
        assert (state.phase, state.entered_at, state.flag) == (known.phase, known.entered_at, known.flag)
        assert state.verdicts == known.verdicts
        assert state.seen.windows == known.seen.windows
    said = kinds(tmp_path)
    found = said.index("gap.found")
    assert (said[found : found + 2], said[-1]) == (["gap.found", "watch.started"], "watch.stopped")


def test_replaying_the_file_gives_the_live_state(tmp_path):
    with watched(made(tmp_path, percent=10), traffic(), documents(), flag=FakeFlag(10)) as door:
        for act, facts in (
            (Act.NOTE, {"text": "hello"}),
            (Act.PAUSE, {}),
            (Act.RESUME, {}),
            (Act.FREEZE, {"subject": "capsules"}),
            (Act.OPEN_INCIDENT, {"subject": "P1", "text": "checkout slow"}),
            (Act.WAIVE, {"subject": "growth", "reason": "known import"}),
            (Act.TICK, {"subject": "p1.wf7"}),
        ):
            assert asked(door, act, **facts).ok, act
        until(door, lambda judgement: judgement.verdicts["analytics"].mark is Mark.PASS)
    live = door.latest().state
    again = session_in(tmp_path)
    again.close()
    for name in live.__dataclass_fields__:
        if name != "seen":
            assert getattr(again.state, name) == getattr(live, name), name
    assert again.state.seen.windows == live.seen.windows
    assert again.state.seen.tickets == live.seen.tickets


def test_asking_before_the_start_and_after_the_end_is_answered_at_once(tmp_path):
    async def none():
        return ()

    session = session_in(made(tmp_path))
    watch = Watch(session, Means(lambda _watched: [none()], FakeFlag()), ShiftedClock())
    early = watch.ask(Request(Act.NOTE, text="too early"))
    assert early.result(0).text == "nobody watches: nothing was done"
    watch.start()
    assert asked(watch, Act.NOTE, text="in time").ok
    watch.stop("over")
    late = watch.ask(Request(Act.NOTE, text="too late"))
    assert (late.result(0).ok, late.result(0).text) == (False, "nobody watches: nothing was done")
    session.close()
    assert [entry.text for entry in written(tmp_path, "note.written")] == ["in time"]


def test_whatever_is_asked_while_it_ends_is_answered(tmp_path):
    flag = FakeFlag(10, on_write=lambda _percent: asyncio.sleep(3600))
    with watched(made(tmp_path, percent=10), flag=flag) as door:
        stuck = door.ask(Request(Act.REVERT))
        until(door, lambda _: flag.written)
        stopper = threading.Thread(target=door.stop, args=("over",))
        stopper.start()
        crowd = [door.ask(Request(Act.NOTE, text=f"note {number}")) for number in range(40)]
        answers = [future.result(5) for future in (stuck, *crowd)]
        stopper.join()
    assert not answers[0].ok
    saved = {entry.text for entry in written(tmp_path, "note.written")}
    assert {f"note {number}" for number, answer in enumerate(answers[1:]) if answer.ok} == saved


def test_row_34_a_screen_that_raises_takes_nothing_with_it(tmp_path):
    source = traffic()
    with watched(made(tmp_path), source) as door:
        door.on_change(lambda: 1 / 0)
        looks = source.looks
        until(door, lambda _: source.looks > looks + 2)
        assert asked(door, Act.NOTE, text="still here").ok
        assert door.latest().state.journal_fault == ""


def test_row_34_the_word_is_passed_on_the_watch_s_own_thread(tmp_path):
    where = set()
    with watched(made(tmp_path), traffic()) as door:
        door.on_change(lambda: where.add(threading.current_thread().name))
        until(door, fresh(r.Topic.TRAFFIC))
        until(door, lambda _: where)
    assert where == {"watch"}


def test_row_34_a_reader_and_an_asker_never_wait_for_a_busy_watch(tmp_path):
    busy, go_on, overdue = threading.Event(), threading.Event(), threading.Event()

    def hold():
        busy.set()
        if not go_on.wait(8):
            overdue.set()

    with watched(made(tmp_path), traffic()) as door:
        door.on_change(hold)
        assert busy.wait(8)
        assert door.latest().state.watching
        pending = door.ask(Request(Act.NOTE, text="while busy"))
        assert not pending.done()
        go_on.set()
        assert pending.result(8).ok
    assert not overdue.is_set()


def test_a_poll_that_reads_slowly_delays_no_other(tmp_path):
    slow = Scripted("mongo", MONGO, lambda _now: asyncio.sleep(3600), deadline=30)
    quick = traffic()
    with watched(made(tmp_path), slow, quick) as door:
        until(door, lambda _: quick.looks >= 4)
        assert slow.looks == 1


def test_a_stop_returns_although_a_source_will_not_let_go(tmp_path, monkeypatch):
    for module in (cockpit.watch, cockpit.watching):
        monkeypatch.setattr(module, "PATIENCE", 0.2)
    release = threading.Event()

    async def stubborn():
        while not release.is_set():
            try:
                await asyncio.sleep(0.05)
            except asyncio.CancelledError:
                continue
        return [r.Csat("mongo", ShiftedClock().now(), 40, 2)]

    source = Scripted("mongo", MONGO, lambda _now: stubborn(), deadline=0.1)
    with watched(made(tmp_path), source, traffic()) as door:
        until(door, lambda judgement: fresh(r.Topic.TRAFFIC)(judgement) and source.looks)
        begun = time.monotonic()
        door.stop("now")
        assert time.monotonic() - begun < 5
    thread = door._thread
    release.set()
    thread.join(5)
    assert not thread.is_alive()
    assert load(tmp_path / SESSION).entries[-1].kind == "watch.stopped"
    assert door.latest().state.seen.csat is None


def test_a_stop_returns_although_a_source_will_not_close(tmp_path, monkeypatch):
    for module in (cockpit.watch, cockpit.watching):
        monkeypatch.setattr(module, "PATIENCE", 0.2)
    source = traffic()
    source.aclose = lambda: asyncio.sleep(3600)
    with watched(made(tmp_path), source) as door:
        until(door, fresh(r.Topic.TRAFFIC))
        begun = time.monotonic()
        door.stop("now")
        assert time.monotonic() - begun < 5
    assert kinds(tmp_path)[-1] == "watch.stopped"


def test_a_defect_in_judging_holds_the_gate_and_is_told(tmp_path, monkeypatch):
    broken = threading.Event()
    real = cockpit.watching.duties

    def duties(judgement):
        if broken.is_set():
            raise ZeroDivisionError("\x1b]0;x")
        return real(judgement)

    monkeypatch.setattr(cockpit.watching, "duties", duties)
    with watched(made(tmp_path), traffic(), documents()) as door:
        ready(door)
        broken.set()
        refusal = asked(door, Act.NOTE, text="poke")
        assert refusal.ok
        deadline = time.monotonic() + 5
        while asked(door, Act.ADVANCE).ok is not False and time.monotonic() < deadline:
            pass
        answer = asked(door, Act.ADVANCE)
        assert "judging failed: ZeroDivisionError: ^[]0;x" in answer.text
        broken.clear()
        until(door, lambda judgement: judgement.gate.open)


def test_a_risk_that_acts_freezes_its_flows_once(tmp_path):
    copies = {"count": 0}
    flag = FakeFlag(10)
    source = documents(duplicates=lambda: copies["count"])
    with watched(made(tmp_path, percent=10), traffic(), source, flag=flag) as door:
        until(door, lambda judgement: judgement.risks["duplication"].level is Level.CALM)
        copies["count"] = 2
        until(door, lambda judgement: set(judgement.state.frozen) == {"capsules", "returns"})
        until(door, lambda _: len(flag.switches) == 2)
    assert flag.switches == {"capsules-flow": True, "returns-flow": True}
    assert [entry.said("flow") for entry in written(tmp_path, "flow.frozen")] == ["capsules", "returns"]
    assert [entry.said("level") for entry in written(tmp_path, "risk.turned")] == ["act"]


def test_an_uneventful_while_adds_no_entry(tmp_path):
    with watched(made(tmp_path), traffic(), documents()) as door:
        ready(door)
        seq, at = door.latest().state.seq, door.latest().at
        until(door, lambda judgement: judgement.at > at + timedelta(seconds=1.5))
    since = load(tmp_path / SESSION).entries[seq:-1]
    assert all((entry.said("was"), entry.said("verdict")) == ("warming", "pass") for entry in since)
    assert len(since) <= 2


def test_the_plan_is_as_fast_as_these_tests_believe():
    assert (FAST.cadence.tick, FAST.cadence.traffic, FAST.windows.length) == (0.25, 0.25, 1.25)
