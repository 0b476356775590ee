"""The autopilot looks before it ticks: a task of the week by the numbers of its day, and it says that it is a demo."""

import contextlib

from cockpit.demo.looking import looked
from sessions.values.requests import Act, Request
from tests.support.screen.fake_door import FakeDoor
from tests.support.screen.flown_week import at, history, judged


def test_a_task_of_the_week_is_done_by_the_numbers_of_its_day(tmp_path):
    now = at(3, 13)
    with contextlib.closing(history(tmp_path, now)):
        pass
    door = FakeDoor(judged(now))
    door.folder = tmp_path
    wish = looked(door, door.latest(), Request(Act.TICK, "autopilot", "d3.morning"))
    assert any(row.what == "Mongo counts: capsules that day" and row.value == "+576" for row in wish.rows)
    assert wish.looked
    assert wish.text.startswith(f"demo: {len(wish.rows)} rows, look into ")


def test_without_days_before_it_is_done_by_what_is_live(tmp_path):
    def gone(_task):
        raise LookupError("a replay keeps no days before")

    door = FakeDoor(judged(at(3, 13)))
    door.past = gone
    wish = looked(door, door.latest(), Request(Act.TICK, "autopilot", "d3.midday"))
    assert wish.looked
    assert wish.text.startswith("demo: ")


def test_what_is_no_tick_stays_as_it_is():
    door = FakeDoor(judged(at(3, 13)))
    wish = Request(Act.NOTE, "autopilot", text="x")
    assert looked(door, door.latest(), wish) is wish
