"""The flag examined: read once, every move rehearsed in memory, nothing written."""

import json
import os

import pytest

from cockpit.demo.world.flag_file import first_text
from cockpit.flags.flagd.writer import FlagdFile
from cockpit.flags.interface.writer import FlagError
from cockpit.flags.recorded_only import SessionFlag
from cockpit.runtime.finding import Sight
from cockpit.sources.flag import FlagReadBack
from sessions.values.flag_value import FlagValue, Target
from tests.cockpit.doctor.test_doctor import mark
from tests.support.build import PLAN, T0


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "flags.json"
    file.write_text(first_text(PLAN), "utf-8")
    return file


def examined(path, *switches):
    return FlagReadBack(FlagdFile(path, PLAN.flag), PLAN.cadence, switches).examine(T0)


async def test_a_sound_flag_is_told_with_what_is_on_and_not_touched(path):
    before = mark(path)
    (row,) = await examined(path, "capsules-flow", "sla-message")
    assert (row.sight, row.text) == (Sight.GOOD, "0 %, on: holiday-banner")
    assert mark(path) == before
    assert list(path.parent.iterdir()) == [path]


async def test_a_switch_of_the_plan_that_is_missing_is_a_warning(path):
    rows = await examined(path, "capsules-flow", "gone")
    assert [(row.sight, row.what) for row in rows] == [(Sight.GOOD, "flag"), (Sight.WARNING, "switch gone")]
    assert "has no flag gone" in rows[1].text
    assert rows[1].fix


async def test_a_flag_that_cannot_be_moved_is_a_problem(path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *_: False)
    rows = await examined(path)
    assert [(row.sight, row.what) for row in rows] == [(Sight.GOOD, "flag"), (Sight.PROBLEM, "move")]
    assert "cannot be written to" in rows[1].text


@pytest.mark.parametrize("broken", ["", "{}", '{"flags": {}}'])
async def test_a_file_that_is_no_flag_file_is_raised(path, broken):
    path.write_text(broken, "utf-8")
    with pytest.raises(FlagError):
        await examined(path)


async def test_a_switch_with_targeting_is_rehearsed_and_refused(path):
    document = json.loads(path.read_text("utf-8"))
    document["flags"]["capsules-flow"]["targeting"] = {"if": [True, "on", "off"]}
    path.write_text(json.dumps(document), "utf-8")
    rows = await examined(path, "capsules-flow")
    assert "switch it by hand" in rows[1].text


async def test_a_flag_that_is_only_recorded_says_so():
    (row,) = await FlagReadBack(SessionFlag(lambda: (25, ())), PLAN.cadence, ("x",)).examine(T0)
    assert (row.sight, row.text) == (Sight.GOOD, "25 %, only recorded: you move it by hand")


async def test_a_back_end_without_the_flag_is_a_problem():
    (row,) = await FlagReadBack(SessionFlag(lambda: (None, ())), PLAN.cadence).examine(T0)
    assert (row.sight, row.text) == (Sight.PROBLEM, "the flag is not there")


class Told(SessionFlag):
    """A back end that says what a test wants it to."""

    def __init__(self, value, refused=()):
        super().__init__()
        self.value, self.refused = value, dict(refused)

    async def read(self, now):
        return self.value

    async def rehearse(self, _switches):
        return self.refused


async def test_row_77_each_of_several_targets_is_told():
    targets = (Target("one", 25), Target("two", None, "401, credentials?"))
    rows = await FlagReadBack(Told(FlagValue("targets", T0, None, targets=targets)), PLAN.cadence).examine(T0)
    assert [(row.sight, row.what, row.text) for row in rows] == [
        (Sight.PROBLEM, "flag", "the targets differ"),
        (Sight.GOOD, "target one", "25 %"),
        (Sight.PROBLEM, "target two", "401, credentials?"),
    ]
    assert all(row.fix for row in rows if row.sight is not Sight.GOOD)


async def test_what_a_move_would_do_besides_is_a_warning_and_no_refusal():
    flag = Told(FlagValue("unleash", T0, 0), {"environment": "production is off: a move over 0 % switches it on"})
    rows = await FlagReadBack(flag, PLAN.cadence, ("sla-message",)).examine(T0)
    assert [(row.sight, row.what) for row in rows] == [(Sight.GOOD, "flag"), (Sight.WARNING, "environment")]


async def test_a_share_that_is_none_of_all_users_is_a_problem_with_its_reason(path):
    path.write_text(path.read_text("utf-8").replace("$flagd.flagKey", "$flagd.timestamp"), "utf-8")
    rows = await examined(path)
    assert [(row.sight, row.what) for row in rows] == [(Sight.PROBLEM, "flag"), (Sight.PROBLEM, "move")]
    assert all("shares out by the time" in row.text for row in rows)
