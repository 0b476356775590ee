"""Whether the owner looks: when a hand-over is due, what it waits for, and the sign that a screen is up."""

import asyncio
import threading
from contextlib import closing
from datetime import timedelta

import pytest
from msgspec.structs import replace

import cockpit.tui.presence
from cockpit.tui.presence import Presence
from sessions.history.history import History
from sessions.history.queries import Look
from sessions.history.reading_codec import kind_of
from sessions.plan.loader import bundled, scaled
from sessions.storage.folders import HISTORY
from tests.support.faults.held_base import HeldDisk
from tests.support.screen.fake_door import FakeDoor
from tests.support.screen.grown_flight import NOW, TZ, Flight, ago, entered, flag, mongo, started, traffic
from tests.support.screen.sample import calm, calm_flight


def kept(folder, **left):
    """A history with everything of the calm flight in it, and a look from so long ago."""
    with closing(History(folder / HISTORY)) as history:
        seen = calm().state.seen
        history.add([one for row in seen.windows.values() for one in row])
        history.add(seen.tickets)
        if left:
            history.look(Look(ago(**left), calm().state.seq))


def eyes_on(folder, now=NOW, **facts):
    return Presence(folder, lambda: now, TZ, **{"patience": 0.0, **facts})


async def glanced(presence, door, now=NOW):
    told = []
    await presence._glance(door, told.append, now)
    return told


@pytest.mark.parametrize(
    ("left", "due"),
    [
        ({"minutes": 4, "seconds": 59}, False),
        ({"minutes": 59, "seconds": 59}, False),
        ({"hours": 1}, True),
        ({"hours": 9}, True),
    ],
    ids=str,
)
async def test_a_quiet_absence_is_told_after_an_hour(tmp_path, left, due):
    kept(tmp_path, **left)
    assert bool(await glanced(eyes_on(tmp_path), FakeDoor(calm()))) is due


@pytest.mark.parametrize(("seconds", "due"), [(299, False), (300, True), (3000, True)])
async def test_where_something_happened_five_minutes_are_enough(tmp_path, seconds, due):
    kept(tmp_path)
    flight = calm_flight()
    with closing(History(tmp_path / HISTORY)) as history:
        history.look(Look(ago(seconds=seconds), flight.state.seq))
    flight.wrote(ago(seconds=10), "note.written", "from elsewhere", by="cli")
    (absence,) = await glanced(eyes_on(tmp_path), FakeDoor(flight.judged())) or [None]
    assert (absence is not None) is due
    if absence:
        assert absence.since.away == seconds
        assert absence.peaks.tickets.open == 11
        assert kind_of(absence.peaks.p95) == "window"


@pytest.mark.parametrize("speed", [72, 240, 5000])
async def test_who_looks_all_along_was_never_away_however_fast_the_plan_and_late_the_sign(tmp_path, speed):
    flight = flag(mongo(traffic(entered(started(Flight(scaled(bundled(), speed)))))))
    kept(tmp_path)
    with closing(History(tmp_path / HISTORY)) as history:
        history.look(Look(ago(seconds=5), flight.state.seq))
    presence, door = eyes_on(tmp_path), FakeDoor(flight.judged())
    for late in (0, 2, 20):
        flight.wrote(ago(seconds=1), "note.written", "from elsewhere", by="cli")
        door.turn(flight.judged())
        assert await glanced(presence, door, NOW + timedelta(seconds=late)) == []


async def test_a_faster_plan_shortens_both(tmp_path):
    plan = scaled(bundled(), 60)
    flight = flag(mongo(traffic(entered(started(Flight(plan))))))
    kept(tmp_path)
    flight.wrote(ago(seconds=1), "note.written", "from elsewhere", by="cli")
    for seconds, due in ((4, False), (6, True)):
        with closing(History(tmp_path / HISTORY)) as history:
            history.look(Look(ago(seconds=seconds), flight.state.seq - 1))
        assert bool(await glanced(eyes_on(tmp_path), FakeDoor(flight.judged()))) is due


async def test_what_was_never_watched_has_nothing_to_hand_over(tmp_path):
    flight = Flight().wrote(ago(hours=9), "session.started", "started", name="demo", plan="cl7")
    for at, due in ((None, 0), (NOW, 0), (ago(seconds=1), 1)):
        if at is not None:
            flight.wrote(at, "watch.started", "this opening, then one before it", pid=1, host="here")
        assert len(await glanced(eyes_on(tmp_path, signs=False), FakeDoor(flight.judged()))) == due


async def test_a_screen_leaves_a_sign_each_time_and_tells_an_absence_once(tmp_path):
    kept(tmp_path, hours=2)
    door, presence = FakeDoor(calm()), eyes_on(tmp_path)
    assert [len(await glanced(presence, door)) for _ in range(3)] == [1, 0, 0]
    with closing(History.open_readonly(tmp_path / HISTORY)) as history:
        assert history.last_look() == Look(NOW, calm().state.seq)


async def test_row_28_a_machine_that_slept_with_the_screen_up_tells_that_too(tmp_path):
    kept(tmp_path, seconds=2)
    door, presence = FakeDoor(calm()), eyes_on(tmp_path)
    assert await glanced(presence, door) == []
    later = NOW + timedelta(hours=8)
    door.turn(calm_flight().judged(later))
    (absence,) = await glanced(presence, door, later)
    assert absence.since.away == 8 * 3600


async def test_row_25_a_clock_that_was_set_is_no_absence(tmp_path):
    kept(tmp_path, seconds=2)
    later = NOW + timedelta(hours=2)
    facts = {"since": later, "until": later, "cause": "clock", "moved": 7200.0}
    flight = calm_flight().wrote(later, "gap.found", "the clock moved on by 2h", **facts)
    assert await glanced(eyes_on(tmp_path, later), FakeDoor(flight.judged(later)), later) == []


async def test_a_screen_that_only_looks_leaves_no_sign(tmp_path):
    kept(tmp_path, hours=2)
    presence = eyes_on(tmp_path, signs=False)
    assert len(await glanced(presence, FakeDoor(calm(), "read-only"))) == 1
    assert await glanced(presence, FakeDoor(calm(), "read-only")) == []
    with closing(History.open_readonly(tmp_path / HISTORY)) as history:
        assert history.last_look().at == ago(hours=2)


async def test_a_session_without_a_history_is_not_given_one_by_who_only_looks(tmp_path):
    await glanced(eyes_on(tmp_path, signs=False), FakeDoor(calm()))
    assert list(tmp_path.iterdir()) == []


async def test_row_30_what_the_first_round_fills_in_belongs_to_the_absence(tmp_path):
    """The hand-over waits for every source to be asked once, and then takes what they backfilled."""
    kept(tmp_path, hours=2)
    door, told = FakeDoor(calm()), asyncio.Queue()
    presence = eyes_on(tmp_path, patience=60.0)
    watching = asyncio.create_task(presence.watch(door, told.put_nowait))
    with closing(History(tmp_path / HISTORY)) as history:
        row = next(iter(calm().state.seen.windows.values()))
        history.add([replace(row[-3], p95_ms=999.0, backfilled=True)])
    state = calm().state
    health = {topic: replace(one, tried_at=NOW) for topic, one in state.seen.health.items()}
    door.turn(replace(calm(), state=replace(state, seen=replace(state.seen, health=health))))
    absence = await told.get()
    assert absence.peaks.p95.p95_ms == 999.0
    watching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await watching


async def test_a_hand_over_that_fails_ends_no_signs(tmp_path, monkeypatch, caplog):
    def broken(*_):
        raise ZeroDivisionError("no peaks")

    kept(tmp_path, hours=2)
    monkeypatch.setattr(cockpit.tui.presence, "peaks", broken)
    assert await glanced(eyes_on(tmp_path), FakeDoor(calm())) == []
    assert "the hand-over failed" in caplog.text
    with closing(History.open_readonly(tmp_path / HISTORY)) as history:
        assert history.last_look().at == NOW


async def test_a_history_in_use_is_closed_only_after_its_query(tmp_path, monkeypatch):
    """A screen may be left at any moment; closing under a running query is a segmentation fault."""
    kept(tmp_path, hours=2)
    disk, order = HeldDisk(), list[str]()
    look, close = History.last_look, History.close

    def looked(history):
        look(history)
        order.append("looked")

    def closes(history):
        close(history)
        order.append("closed")

    monkeypatch.setattr(cockpit.tui.presence, "History", lambda path: History(path, disk))
    monkeypatch.setattr(History, "last_look", looked)
    monkeypatch.setattr(History, "close", closes)
    disk.hold.set()
    watching = asyncio.create_task(eyes_on(tmp_path).watch(FakeDoor(calm()), lambda _absence: None))
    assert await asyncio.to_thread(disk.running.wait, 60)
    watching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await watching
    ending = [thread for thread in threading.enumerate() if thread.name == "presence ends"]
    assert await asyncio.to_thread(disk.met.wait, 60)
    assert order == []
    disk.hold.clear()
    disk.go.set()
    await asyncio.to_thread(ending[0].join, 60)
    assert sorted(order) == ["closed", "looked"]
