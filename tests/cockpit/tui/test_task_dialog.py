"""The tasks dialog by pilot: a task that runs, its live lines, what they end in, and that nothing jumps."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from sessions.gate.evaluate import judge
from sessions.values.readings import Run
from sessions.values.requests import Act, Request
from tests.support.screen.grown_flight import NOW, TZ, ago
from tests.support.screen.pilots import flying
from tests.support.screen.sample import TOUGH, calm, calm_flight, week
from widgets.base.styled import plain
from widgets.base.view import View
from widgets.dialogs.base import Words
from widgets.dialogs.choices import TickList
from widgets.dialogs.tasks import run_lines, task_rows
from widgets.panes.gate import GatePane

TASK = "p2.growth"
TEXT = "Mongo growth checks"


def judged(*runs, runnable=(TASK,), **facts):
    flight = calm_flight().saw(*runs)
    flight.state = replace(flight.state, runnable=runnable, ticked=facts.pop("ticked", {}))
    return flight.judged()


def run(*lines, **facts):
    row = {"source": "wf7", "at": NOW, "begun": ago(seconds=9), **facts}
    return Run(row.pop("source"), row.pop("at"), TASK, "20261123T130313-4f9a1c", row.pop("begun"), lines, **row)


def words(flown):
    return [line.rstrip() for line in flown.app.screen.query_one("#words", Words).render().plain.split("\n")]


def row_of(flown):
    return next(line for line in words(flown) if TEXT in line)


async def test_a_task_that_runs_is_run_live_and_its_lines_stand_still():
    async with flying(judged()) as flown:
        await flown.press("t")
        assert "g run" in row_of(flown)
        assert "Nothing to run here: do this task by hand" in words(flown)
        height = len(words(flown))
        await flown.press("g")
        assert flown.door.asked == []
        assert "Nothing to run here" in flown.text()
        await flown.press("down")
        assert "g runs it and ticks it when it passes" in words(flown)
        await flown.press("g")
        assert flown.door.asked == [Request(Act.RUN, subject=TASK)]
        for lines in ((), ("hold: 200 in 41 ms",), tuple(f"line {number}" for number in range(40))):
            flown.door.turn(judged(run(*lines)))
            flown.app.paint()
            await flown.settle()
            assert row_of(flown).endswith("◐ running")
            assert len(words(flown)) == height
            assert lines[-1:] == tuple(line for line in words(flown) if line in lines[-1:])
        await flown.press("escape")
        assert not isinstance(flown.app.screen, TickList)
        await flown.press("t", "down")
        assert "line 39" in flown.text()
        assert flown.door.asked == [Request(Act.RUN, subject=TASK)]


@pytest.mark.parametrize(
    ("ended", "ticked", "note", "last"),
    [
        (run("a", "2 steps in 0.1 s", done=True, ok=True), {TASK: NOW}, "✔ passed 14:03", "✔ 2 steps in 0.1 s"),
        (
            run("a", "step 2 hold a capsule: 503, wanted 200", done=True),
            {},
            "◆ failed: step 2 hold a capsule: 503,…",
            "◆ step 2 hold a capsule: 503, wanted 200",
        ),
        (run(done=True), {}, "◆ failed: no output", "20261123T130313-4f9a1c  wf7  9s"),
    ],
    ids=["passed", "failed", "mute"],
)
async def test_how_a_run_ended_stands_in_its_row_and_below(ended, ticked, note, last):
    async with flying(judged(ended, ticked=ticked)) as flown:
        await flown.press("t", "down")
        assert row_of(flown).endswith(note)
        assert ("✔ Mongo" in row_of(flown)) is bool(ticked)
        assert [line for line in words(flown) if line][-1] == last


@pytest.mark.parametrize("size", [(160, 48), (80, 24), (60, 20)])
async def test_it_fits_every_terminal(size):
    async with flying(judged(run(*TOUGH, "x" * 300)), size=size) as flown:
        await flown.press("t", "down")
        assert all(len(line) <= size[0] for line in words(flown))
        assert "◐ running" in flown.text()
        assert "xxxx" in flown.text()


async def test_a_dialog_that_is_being_left_takes_no_more_words():
    async with flying(judged(run("a"))) as flown:
        await flown.press("t")
        await flown.app.screen.query("#words").remove()
        flown.app.paint()
        assert flown.app.is_running


async def test_without_anything_to_run_it_is_the_list_it_was():
    async with flying(calm()) as flown:
        await flown.press("t")
        assert "g run" not in flown.text()
        assert len(words(flown)) == 3
        await flown.press("g")
        assert flown.door.asked == []
        assert "Nothing to run here" in flown.text()


def test_a_screen_that_only_looks_says_why_nothing_runs():
    view = View(judged(), NOW, viewer="watched by process 7")
    row = next(row for row in task_rows(view) if row.runs)
    assert row.note == "read-only"
    assert plain(run_lines(view, row, 3)).startswith("watched by process 7: nothing can be run here")


def test_follow_up_tasks_stand_with_the_tasks_of_the_phase_and_of_the_week():
    for judgement, place in ((judged(), -1), (week(), -1)):
        state = replace(judgement.state, opened={"csat.followup.1": "Call back"}, ticked={})
        row = task_rows(View(replace(judgement, state=state), NOW))[place]
        assert (row.id, row.text, row.note, row.ticked) == ("csat.followup.1", "Call back", "follow-up", False)


def test_a_chore_of_the_week_may_run_too():
    judgement = week()
    chore = next(chore for chore in judgement.week if chore.status != "later")
    state = replace(judgement.state, runnable=(chore.id,))
    view = View(replace(judgement, state=state), NOW)
    assert [row.id for row in task_rows(view) if row.runs] == [chore.id]


def in_week(**span):
    """The sample's week, some time after it began."""
    judgement = week()
    now = NOW + timedelta(**span)
    return judge(judgement.state, now, TZ), now


async def test_of_the_week_today_comes_first_and_what_was_missed_is_one_line_that_opens():
    judgement, now = in_week(days=2, hours=1)
    async with flying(judgement, now=now) as flown:
        await flown.press("t")
        listed = words(flown)
        assert [line[6:22].strip() for line in listed[:3]] == [
            "Day 3 Review das",
            "Day 3 Check supp",
            "Day 3 Compile th",
        ]
        assert [line.split()[-1] for line in listed[:2]] == ["overdue", "13:00"]
        assert listed[0].startswith("▶ 1 ☐ Day 3 Review dashboards")
        assert "due 13:00" in listed[1]
        assert "later 18:00" in listed[2]
        assert "Full WF7 rerun" in listed[3]
        assert "6 tasks missed on earlier days" in listed[5]
        assert len(listed) == 6
        await flown.press("6")
        assert flown.door.asked == []
        assert [line.split()[-1] for line in words(flown)[6:]] == ["missed"] * 6
        await flown.press("7")
        assert flown.door.asked == [Request(Act.TICK, subject="d2.evening")]
        await flown.press("6", "4")
        assert len(words(flown)) == 6
        assert flown.door.asked[1:] == [Request(Act.TICK, subject="p4.wf7")]


@pytest.mark.parametrize(
    ("span", "lines"),
    [
        (
            {"days": 2, "hours": 1},
            [
                "▲ overdue 10:00 Review dashboards",
                "☐ due     13:00 Check support",
                "· later   18:00 Compile the",
                "✗ 6 tasks missed on earlier days",
            ],
        ),
        ({"hours": 1}, ["☐ due     13:03 Review dashboards", "☐ due     13:03 Check", "· later   18:00 Compile"]),
        ({"days": 9}, ["✗ 22 tasks missed on earlier days"]),
    ],
)
def test_the_gate_pane_names_the_tasks_of_today_first(span, lines):
    judgement, now = in_week(**span)
    shown = GatePane().picture(View(judgement, now, TZ), 44, 25)
    rows = [row for row in plain(shown.lines).split("\n")[1:] if not row.startswith("   ")]  # what goes on below itself
    assert [row[: len(line)] for row, line in zip(rows, lines, strict=False)] == lines
    assert rows[len(lines)] == ""
