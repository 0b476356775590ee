"""The Watch and those around it: whoever asks, reads, paints or answers slowly holds nothing up, its end neither."""

import asyncio
import threading
import time

import cockpit.engine.watch
import cockpit.engine.watch_loop
from cockpit.engine.watch import Means, Watch
from sessions.storage.folders import SESSION
from sessions.storage.journal import load
from sessions.values import readings as r
from sessions.values.requests import Act, Request
from tests.support.watch.watching import (
    MONGO,
    FakeFlag,
    Scripted,
    ShiftedClock,
    asked,
    fresh,
    kinds,
    made,
    session_in,
    traffic,
    until,
    watched,
    written,
)


def test_asking_before_the_start_and_after_the_end_is_answered_at_once(tmp_path):
    async def none():
        return ()

    session = session_in(made(tmp_path))
    watch = Watch(session, Means(lambda _watched: [none], FakeFlag()), ShiftedClock())
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
        answers = [future.result(60) for future in (stuck, *crowd)]
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
        if not go_on.wait(60):
            overdue.set()

    with watched(made(tmp_path), traffic()) as door:
        door.on_change(hold)
        assert busy.wait(60)
        assert door.latest().state.watching
        pending = door.ask(Request(Act.NOTE, text="while busy"))
        assert not pending.done()
        go_on.set()
        assert pending.result(60).ok
    assert not overdue.is_set()


def test_a_poll_that_reads_slowly_delays_no_other(tmp_path):
    slow = Scripted("mongo", MONGO, lambda _now: asyncio.sleep(3600), deadline=30)
    quick = traffic()
    with watched(made(tmp_path), slow, quick) as door:
        until(door, lambda _: quick.looks >= 4)
        assert slow.looks == 1


def test_a_stop_returns_although_a_source_will_not_let_go(tmp_path, monkeypatch):
    for module in (cockpit.engine.watch, cockpit.engine.watch_loop):
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
    thread.join(60)
    assert not thread.is_alive()
    assert load(tmp_path / SESSION).entries[-1].kind == "watch.stopped"
    assert door.latest().state.seen.csat is None


def test_a_stop_returns_although_a_source_will_not_close(tmp_path, monkeypatch):
    for module in (cockpit.engine.watch, cockpit.engine.watch_loop):
        monkeypatch.setattr(module, "PATIENCE", 0.2)
    source = traffic()
    source.aclose = lambda: asyncio.sleep(3600)
    with watched(made(tmp_path), source) as door:
        until(door, fresh(r.Topic.TRAFFIC))
        begun = time.monotonic()
        door.stop("now")
        assert time.monotonic() - begun < 5
    assert kinds(tmp_path)[-1] == "watch.stopped"
