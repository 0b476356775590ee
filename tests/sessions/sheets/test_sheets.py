"""Every sheet lays out what the state knows: the figures are the state's own, what is not known says so."""

from datetime import UTC, timedelta

import pytest
from hypothesis import given
from msgspec.structs import replace

from sessions.gate.evaluate import judge
from sessions.sheets.course import message, message_parts
from sessions.sheets.sheet import sheet_kind, sheet_of, wanted
from sessions.values.sheets import KINDS, Exhibit, Row
from sessions.values.verdicts import Mark
from tests.support.build import PLAN, after
from tests.support.screen.grown_flight import NOW
from tests.support.screen.sample import breach, burning, calm, calm_flight, unborn
from tests.support.sessions.any_log import LOGS, written

TASKS = {
    **{task.id: task.sheet for phase in PLAN.phases for task in phase.activities},
    **{f"{risk.id}.{step.id}": step.sheet for risk in PLAN.risks for step in risk.steps if step.sheet},
    **{f"d1.{task.id}": task.sheet for task in PLAN.week.tasks if task.sheet},
}


def laid(judgement, task, *exhibits):
    return {row.what: row for row in sheet_of(judgement, task, exhibits, UTC).rows}


def test_every_kind_is_flown_by_the_plan_and_no_other_word_is_one():
    assert set(TASKS.values()) == set(KINDS)
    assert wanted("nothing") == ()
    assert sheet_kind(PLAN, "d7.retrospective") == ""
    assert sheet_of(calm(), "d7.retrospective", (), UTC) is None


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("flight", [calm, breach, burning, unborn])
def test_every_sheet_of_every_flight_has_something_to_look_at(flight, task):
    names = wanted(TASKS[task])
    exhibits = [Exhibit("mongo", NOW, name, name, (Row(f"row of {name}", "7"),)) for name in names]
    sheet = sheet_of(flight(), task, exhibits, UTC)
    assert (sheet.id, sheet.kind) == (task, TASKS[task])
    assert sheet.rows
    assert sheet.title
    for name in names:
        assert any(row.what == f"{name}: row of {name}" for row in sheet.rows)


def test_only_what_a_sheet_asks_for_is_laid_out():
    strange = Exhibit("mongo", NOW, "low_answers", "Low answers", (Row("bad"),))
    assert not any("bad" in name for name in laid(calm(), "p2.growth", strange))


def test_the_figures_are_those_of_the_state():
    judgement = breach()
    state = judgement.state
    growth, queue = laid(judgement, "p2.growth"), laid(judgement, "support_queue.sla")
    for name, sizes in state.seen.sizes.items():
        assert growth[f"{name}: documents"].value == f"{sizes[-1].count:,}"
        assert growth[f"{name}: documents"].at == sizes[-1].at
    assert growth["shortlists: documents"].mark is Mark.BREACH
    opened = queue["Support queue: open"]
    assert (opened.value, opened.bound, opened.mark) == (f"{state.seen.tickets[-1].open}", "≤ 20", Mark.BREACH)
    csat = laid(judgement, "csat.cause")["CSAT: low (1 or 2 of 5)"]
    assert csat.value.startswith(f"{state.seen.csat.low}, ")


def test_soak_and_holes_are_those_of_the_gate():
    judgement = calm()
    rows = laid(judgement, "p1.monitor")
    assert rows["Soak: counted"].mark is judgement.soak.mark
    assert rows["Holes: none"].mark is Mark.PASS
    assert rows["Criteria now: latency"].mark is judgement.verdicts["latency"].mark


def test_the_worst_window_is_the_slowest_of_the_phase():
    judgement = burning()
    rows = laid(judgement, "p1.monitor")
    row = next(row for what, row in rows.items() if what.endswith("p95 POST /capsules"))
    windows, since = judgement.state.seen.windows["POST /capsules"], judgement.state.entered_at
    assert row.value == f"{max(one.p95_ms for one in windows if one.start >= since and one.end <= NOW):.0f} ms"
    assert row.mark is Mark.BREACH


def test_what_is_not_known_says_so_and_is_never_well():
    for task in TASKS:
        rows = sheet_of(unborn(), task, (), UTC).rows
        assert all(row.mark is not Mark.PASS for row in rows if row.value.startswith("not "))


PAST = ("Worst window", "Holes", "Temporary measures", "Episodes", "Follow-up", "All well", "Feedback")
"""Sections that tell of what was, or of our own log."""


@pytest.mark.parametrize("task", TASKS)
def test_what_no_source_answers_for_any_more_is_never_well(task):
    flight = calm_flight()
    sheet = sheet_of(judge(flight.state, NOW + timedelta(hours=1), UTC), task, (), UTC)
    told = [row for row in sheet.rows if not row.what.startswith((*PAST, "Gate to", "Soak", "Sources"))]
    assert [row.what for row in told if row.mark is Mark.PASS] == []


def test_an_event_that_is_late_is_not_well_before_the_next_poll_says_so():
    judgement = calm()
    bound = judgement.state.plan.gap
    late = replace(judgement, at=judgement.at + timedelta(seconds=bound))
    rows = [row for row in sheet_of(late, "p1.analytics", (), UTC).rows if "newest event" in row.what]
    assert rows
    assert all(row.mark is not Mark.PASS for row in rows)


def test_a_message_says_where_we_are_what_was_seen_and_what_comes_next():
    text = message(breach(), UTC)
    assert [title for title, _ in message_parts(breach(), UTC)] == ["Where we are", "What was seen", "What comes next"]
    assert "25 % of shoppers have the feature" in text
    assert "growth: breach" in text
    assert "held by" in text
    assert "may begin now" not in text


@given(LOGS)
def test_law_whatever_the_log_says_a_sheet_can_be_laid_out(rows):
    pen, at = written(rows)
    judgement = judge(pen.state, after(at), UTC)
    for task in TASKS:
        sheet = sheet_of(judgement, task, (), UTC)
        assert sheet is not None
        assert all(row.what for row in sheet.rows)
