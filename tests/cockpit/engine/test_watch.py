"""The Watch at work: it starts, stops, sees, goes blind, acts, and writes nothing where nothing happens."""

import asyncio
import os
import threading
import time
from datetime import timedelta

import pytest

import cockpit.engine.watch
import cockpit.engine.watch_loop
from cockpit.engine.watch import Means, Watch
from sessions.safety.automatic import duties
from sessions.storage.folders import SESSION
from sessions.storage.journal import load
from sessions.values import readings as r
from sessions.values.requests import Act
from sessions.values.verdicts import Level, Mark
from tests.support.watch.watching import (
    FAST,
    MONGO,
    FakeFlag,
    Scripted,
    ShiftedClock,
    asked,
    documents,
    failing,
    fresh,
    hanging,
    kinds,
    made,
    ready,
    session_in,
    ticking,
    traffic,
    until,
    watched,
    written,
)


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
    watch = Watch(session, Means(lambda _watched: [none], FakeFlag()), ShiftedClock())
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
        until(door, lambda judgement: not judgement.state.unwatched)
        causes = {hole.cause for hole in door.latest().state.holes} - {"nobody watched"}
        assert {"analytics", "csat"} <= causes <= {"analytics", "growth", "incidents", "queue", "csat"}
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

    watch = Watch(session, Means(lambda _watched: [opened], FakeFlag()), ShiftedClock())
    watch.start()
    seen = until(watch, lambda judgement: judgement.state.faults)
    assert (seen.state.journal_fault, seen.state.faults) == (
        "",
        {"sources": "sources cannot be opened: driver broken"},
    )
    until(watch, fresh(r.Topic.FLAG))
    watch.stop("over")
    session.close()


def test_protection_runs_while_the_sources_are_still_being_opened(tmp_path):
    session = session_in(made(tmp_path))
    watch = Watch(session, Means(lambda _watched: [lambda: asyncio.sleep(3600)], FakeFlag()), ShiftedClock())
    watch.start()
    until(watch, fresh(r.Topic.FLAG))
    ticking(watch)
    watch.stop("over")
    session.close()
    assert kinds(tmp_path)[-1] == "watch.stopped"


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
    for name in live.__struct_fields__:
        if name != "seen":
            assert getattr(again.state, name) == getattr(live, name), name
    assert again.state.seen.windows == live.seen.windows
    assert again.state.seen.tickets == live.seen.tickets


def test_a_defect_in_judging_holds_the_gate_and_is_told(tmp_path, monkeypatch):
    broken = threading.Event()
    real = duties

    def failing(judgement):
        if broken.is_set():
            raise ZeroDivisionError("\x1b]0;x")
        return real(judgement)

    monkeypatch.setattr(cockpit.engine.watch_loop, "duties", failing)
    with watched(made(tmp_path), traffic(), documents()) as door:
        ready(door)
        broken.set()
        refusal = asked(door, Act.NOTE, text="poke")
        assert refusal.ok
        deadline = time.monotonic() + 60
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
