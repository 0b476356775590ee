"""Several processes over one session: one watches, the others follow, act and take over; one journal, one flag."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from sessions.storage.folders import SESSION
from sessions.storage.journal import load
from sessions.storage.locks import watcher
from sessions.values.requests import Act, Request
from sessions.values.verdicts import Mark
from tests.support.processes.crew_child import opened
from tests.support.watch.watching import asked, kinds, made, ready, until, written

KILLS = int(os.environ.get("COCKPIT_KILLS", "25"))
SOON = 60.0
"""Seconds within which another process must have taken over."""


@pytest.fixture
def flag(tmp_path):
    path = tmp_path / "flag"
    path.write_text("0\n", "utf-8")
    return path


@pytest.fixture
def folder(tmp_path):
    return made(tmp_path / "session")


def values(flag):
    """Return what the flag held, one after the other."""
    return [int(line.split()[0]) for line in flag.read_text("utf-8").splitlines()]


@contextmanager
def crew(folder, flag, count):
    """Give `count` started doors over one session; the first watches."""
    with ExitStack() as stack:
        doors = []
        for _ in range(count):
            door = opened(folder, flag)
            stack.callback(door._session.close)
            stack.callback(door.stop, "test over")
            door.start()
            doors.append(door)
        yield doors


class Child:
    """A process of the session, killed by its own pid."""

    def __init__(self, folder, flag, *words):
        command = [sys.executable, "-m", "tests.support.processes.crew_child", str(folder), str(flag), *words]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path.cwd())
        self.lines, self.news = [], threading.Condition()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            with self.news:
                self.lines.append(line.decode().strip())
                self.news.notify_all()

    def said(self, word, patience=60.0):
        with self.news:
            return self.news.wait_for(lambda: any(line.startswith(word) for line in self.lines), patience)

    def signal(self, number):
        self.process.send_signal(number)

    def end(self):
        self.process.kill()
        self.process.wait()
        self.reader.join()
        self.process.stdin.close()
        self.process.stdout.close()


@contextmanager
def children(folder, flag, count, *words):
    crewed = [Child(folder, flag, *words) for _ in range(count)]
    try:
        yield crewed
    finally:
        for child in crewed:
            child.end()


def test_one_watches_the_others_follow_and_see_the_same(folder, flag):
    with crew(folder, flag, 3) as (first, second, third):
        ready(first)
        assert [bool(door.follows) for door in (first, second, third)] == [False, True, True]
        for door in (second, third):
            seen = until(door, lambda judgement: judgement.gate.open)
            assert {verdict.mark for verdict in seen.verdicts.values()} >= {Mark.PASS}
            assert seen.state.seen.tickets[-1].open == 3
    assert kinds(folder).count("watch.started") == 1


def test_an_act_of_any_of_them_is_seen_by_all(folder, flag):
    with crew(folder, flag, 3) as doors:
        ready(doors[0])
        until(doors[2], lambda judgement: judgement.gate.open)
        assert asked(doors[2], Act.ADVANCE, percent=10).ok
        for door in doors:
            assert until(door, lambda judgement: judgement.state.phase == 10)
        assert asked(doors[1], Act.REVERT).ok
        for door in doors:
            until(door, lambda judgement: judgement.state.phase == 0)
    assert values(flag) == [0, 10, 0]


@pytest.mark.parametrize(
    ("request_", "refusal"),
    [
        (Request(Act.PAUSE), "already paused: by hand"),
        (Request(Act.TICK, subject="assume.growth"), "ticked already"),
        (Request(Act.FREEZE, subject="returns"), "Returns is frozen already"),
    ],
)
def test_what_was_decided_on_an_old_state_is_refused_under_the_lock(folder, flag, request_, refusal):
    with crew(folder, flag, 4) as doors:
        answers = [future.result(60) for future in [door.ask(request_) for door in doors]]
    assert sorted(answer.ok for answer in answers) == [False, False, False, True]
    assert {answer.text for answer in answers if not answer.ok} == {refusal}


def test_two_advances_at_once_are_one(folder, flag):
    with crew(folder, flag, 3) as doors:
        ready(doors[0])
        for door in doors:
            until(door, lambda judgement: judgement.gate.open)
        futures = [door.ask(Request(Act.ADVANCE, percent=10)) for door in doors]
        answers = [future.result(60) for future in futures]
    assert sorted(answer.ok for answer in answers) == [False, False, True]
    assert values(flag) == [0, 10]
    assert kinds(folder).count("phase.entered") == 1


def test_three_reverts_at_once_are_one(folder, flag):
    flag.write_text("0\n25\n", "utf-8")
    made(folder.parent / "at25", percent=25)
    with crew(folder.parent / "at25", flag, 3) as doors:
        answers = [future.result(60) for future in [door.ask(Request(Act.REVERT, percent=10)) for door in doors]]
    assert sorted(answer.ok for answer in answers) == [False, False, True]
    assert values(flag)[2:] == [10]


def test_notes_from_three_terminals_never_tear_or_overtake_each_other(folder, flag):
    with crew(folder, flag, 3) as doors:
        futures = [door.ask(Request(Act.NOTE, text=f"{who}-{n}")) for n in range(40) for who, door in enumerate(doors)]
        assert all(future.result(60).ok for future in futures)
    found = load(folder / SESSION)
    notes = [entry.text for entry in found.entries if entry.kind == "note.written"]
    assert (sorted(notes), found.damage, found.torn) == (
        sorted(f"{w}-{n}" for w in range(3) for n in range(40)),
        None,
        b"",
    )
    for who in range(3):
        assert [text for text in notes if text.startswith(f"{who}-")] == [f"{who}-{n}" for n in range(40)]


def test_when_the_watch_ends_in_order_another_takes_over(folder, flag):
    with crew(folder, flag, 2) as (first, second):
        until(second, lambda judgement: judgement.state.watching)
        first.stop("screen left")
        until(second, lambda judgement: kinds(folder).count("watch.started") == 2, SOON)
        assert second.follows == ""
        assert asked(second, Act.NOTE, text="mine now").ok
    assert written(folder, "gap.found")[0].said("cause") == "nobody watched"


def test_row_29_a_revert_needs_no_watch_that_answers(folder, flag):
    flag.write_text("0\n25\n", "utf-8")
    at25 = made(folder.parent / "at25", percent=25)
    with children(at25, flag, 1) as (child,):
        assert child.said("watching")
        child.signal(signal.SIGSTOP)
        with crew(at25, flag, 1) as (door,):
            assert door.follows
            assert asked(door, Act.REVERT).ok
            assert door.latest().state.phase == 10
        child.signal(signal.SIGCONT)
    assert values(flag)[-1] == 10


def test_rows_11_and_71_whoever_watches_is_killed_at_random_moments(folder, flag):
    """Another takes over each time; nothing acknowledged is lost, and no move of the flag is done twice."""
    dice, notes, waited = random.Random(7), set[str](), list[float]()
    crewed = [Child(folder, flag, "steer") for _ in range(3)]
    try:
        assert all(child.said("up") for child in crewed)
        for _ in range(KILLS):
            time.sleep(dice.uniform(0.0, 0.5))  # the random moment itself, not a wait for something
            who = watcher(folder)
            victim = next((child for child in crewed if who and child.process.pid == who.pid), None)
            if victim is None:
                continue
            begun = time.monotonic()
            victim.end()
            notes |= {line.split()[1] for line in victim.lines if line.startswith("noted")}
            crewed.remove(victim)
            heirs = {child.process.pid for child in crewed}
            while (heir := watcher(folder)) is None or heir.pid not in heirs:
                assert time.monotonic() - begun < SOON, "nobody took over"
                time.sleep(0.01)
            waited.append(time.monotonic() - begun)
            crewed.append(Child(folder, flag, "steer"))
    finally:
        for child in crewed:
            child.end()
            notes |= {line.split()[1] for line in child.lines if line.startswith("noted")}
    found = load(folder / SESSION)
    said = [entry.text for entry in found.entries if entry.kind == "note.written"]
    assert found.damage is None
    assert len(waited) >= KILLS // 2
    assert notes <= set(said)
    assert len(said) == len(set(said))
    assert_no_move_twice(found.entries, [line.split() for line in flag.read_text("utf-8").splitlines()[1:]])


def assert_no_move_twice(entries, writes):
    """The flag's own record has no intent twice, and every move that was confirmed."""
    intended = {entry.said("intent"): entry.counted("percent") for entry in entries if entry.kind == "flag.intended"}
    assert len({intent for _, intent in writes}) == len(writes)
    assert all(intended[intent.rstrip(":")] == int(percent) for percent, intent in writes)
    done = [entry.said("intent") for entry in entries if entry.kind == "flag.confirmed" and entry.said("intent")]
    assert set(done) <= {intent.rstrip(":") for _, intent in writes}
    assert len(done) == len(set(done))
    assert sum(entry.kind == "phase.entered" for entry in entries) <= len(done)
