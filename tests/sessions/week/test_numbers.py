"""The numbers of each cell: the day before, the same hour of the days before, the report; unknown says so."""

import contextlib
from datetime import timedelta

import pytest
from msgspec.structs import replace

from sessions.history.history import History
from sessions.plan.loader import scaled
from sessions.plan.model import WeekTask
from sessions.reports.page import drafted
from sessions.reports.periods import of_day
from sessions.sheets.sheet import sheet_of, wanted
from sessions.state.model import Span
from sessions.values import readings as r
from sessions.values.sheets import Exhibit, Row
from sessions.values.verdicts import Mark
from sessions.week.cell import cell_of, kind_of, past_of, sheet_for
from tests.support.build import PLAN
from tests.support.screen.flown_week import BERLIN, at, chore, history, judged

OF_NOW = ("Support queue", "Capsules", "Returns", "CSAT")


@pytest.fixture
def told(tmp_path):
    """Return a function that tells the rows of a cell at a moment, by their titles."""
    with contextlib.ExitStack() as held:

        def rows(name, now, kept=None, exhibits=(), **facts):
            judgement = judged(now, **facts)
            known = held.enter_context(contextlib.closing(kept or history(tmp_path, now)))
            one = chore(judgement, name)
            sheet = cell_of(judgement, one, past_of(judgement, name, known, BERLIN), exhibits, BERLIN)
            return {section.title: section for section in sheet.sections}

        yield rows


def values(section):
    return {row.what: (row.value, row.bound, row.mark) for row in section.rows}


def test_the_morning_tells_the_whole_day_before_and_how_it_compares(told):
    sheet = told("d3.morning", at(3, 10))
    assert list(sheet) == ["The day before, Tuesday 03 November", "Against the days before", "Mongo counts"]
    day = values(sheet["The day before, Tuesday 03 November"])
    assert day["latency"] == ("323 ms POST /capsules 23:00, well 75.0 % of 1d00h", "≤ 500 ms", Mark.THIN)
    assert day["errors"] == ("1.7 % POST /capsules 00:00, well 100 % of 1d00h", "< 1.0 %", Mark.BREACH)
    assert day["analytics"][0].startswith("longest gap 4m00s capsule_created 00:00, ")
    assert day["growth"] == ("well 0 % of 1d00h", "", Mark.THIN)
    assert day["incidents"] == ("1 opened, well 0 % of 1d00h", "0", Mark.BREACH)
    assert values(told("d2.morning", at(2, 10))["The day before, Monday 02 November"])["latency"][2] is Mark.PASS
    trend = values(sheet["Against the days before"])
    assert trend["latency"][0] == "▲ 323 ms · Mon 223 ms · Sun 123 ms"
    assert trend["errors"][0] == "▲ 1.7 % · Mon 0.8 % · Sun 0.0 %"
    assert trend["incidents"][0] == "▲ 1 · Mon 0 · Sun 0"


def test_the_morning_holds_counts_against_their_band_and_the_growth_of_the_day_against_that_day(told):
    counts = values(told("d3.morning", at(3, 10))["Mongo counts"])
    assert counts["capsules"] == ("2,068", "1,628 to 2,700", Mark.PASS)
    assert counts["capsules that day"] == ("+576", "+412 to +740", Mark.PASS)
    assert list(counts) == [
        f"{name}{more}" for name in ("capsules", "shortlists", "returns") for more in ("", " that day")
    ]


def test_what_nobody_measured_is_unknown_and_never_green(told, tmp_path):
    nothing = told("d3.morning", at(3, 10), kept=History(tmp_path / "none.sqlite"))
    rows = [row for section in nothing.values() for row in section.rows]
    measured = [row for row in rows if row.what not in ("growth", "incidents")]
    assert all("not measured" in row.value or "not counted" in row.value for row in measured)
    assert all(row.mark in (Mark.BLIND, None) for row in measured)
    midday = told("d3.midday", at(3, 13), kept=History(tmp_path / "nothing.sqlite"))
    assert {row.mark for section in midday.values() for row in section.rows} <= {Mark.BLIND, None}


def test_a_day_that_was_hardly_watched_is_not_well(told):
    sheet = told("d3.morning", at(3, 10), holes=(Span(at(2, 0), at(2, 6), "nobody"),))
    day = sheet["The day before, Tuesday 03 November"]
    assert day.trouble == "6h00m of 1d00h not watched"
    told_of = values(day)
    assert told_of["latency"] == ("323 ms POST /capsules 23:00, well 50.0 % of 1d00h", "≤ 500 ms", Mark.THIN)
    assert {mark for _, _, mark in told_of.values()} <= {Mark.THIN, Mark.BREACH}


def test_the_first_morning_looks_at_the_day_before_the_week(told):
    sheet = told("d1.morning", at(1, 10))
    assert "The day before, Sunday 01 November" in sheet
    assert values(sheet["Against the days before"])["latency"][0] == "123 ms"


def test_before_anything_was_flown_there_is_no_day_before(told):
    sheet = told("d1.morning", at(1, 10), started_at=at(1, 7))
    assert sheet["The day before"].trouble == "nothing was flown on the day before"


def test_the_midday_stands_beside_the_same_hour_of_the_days_before(told):
    sheet = told("d3.midday", at(3, 13))
    queue = values(sheet["Support queue"])
    assert queue["open"] == ("14", "≤ 20", Mark.PASS)
    assert queue["oldest"] == ("40m00s", "≤ 2h00m", Mark.PASS)
    assert queue["in the last hour"] == ("+0 open", "", None)
    assert queue["the same hour"][0] == "▲ 14 · Tue 11 · Mon 8 · Sun 5"
    assert values(sheet["Capsules"])["expiring"][:2] == ("23 of 90 held", "within 1d00h")
    assert values(sheet["Capsules"])["the same hour"][0] == "▲ 23 · Tue 22 · Mon 21 · Sun 20"
    returns = values(sheet["Returns"])
    assert returns["in progress"][0] == "18 (12 open, 6 sent)"
    assert returns["stuck"] == ("2", "0 over 1d00h", Mark.THIN)
    csat = values(sheet["CSAT"])
    assert csat["low scores"] == ("30 % of 40 answers", "≤ 30 %", Mark.THIN)
    assert csat["the same hour"][0] == "▲ 30 % · Tue 20 % · Mon 10 % · Sun 0.0 %"


@pytest.mark.parametrize("task", ["d3.midday", "d3.morning"])
def test_what_was_measured_too_long_ago_is_the_last_known_and_never_well(told, task):
    now = at(3, 13) + timedelta(minutes=9)
    sections = [one for one in told(task, now).values() if one.title in (*OF_NOW, "Mongo counts")]
    assert sections
    for one in sections:
        assert "nothing newer was measured" in one.trouble
        assert Mark.PASS not in {row.mark for row in one.rows}


def test_a_task_of_a_day_that_is_over_is_told_as_that_day_ended(told):
    sheet = told("d2.midday", at(3, 13))
    assert values(sheet["Support queue"])["the same hour"][0].startswith("▲ 11 · Mon 8 · Sun 5")
    assert "The day before, Monday 02 November" in told("d2.morning", at(3, 13))


def test_the_evening_counts_what_the_report_says(told):
    now = at(3, 18)
    (report, written) = told("d3.evening", now).values()
    assert report.title == "The report of Wednesday, 04 November 2026"
    draft = drafted(judged(now), of_day(judged(now), now.astimezone(BERLIN).date(), BERLIN), BERLIN)
    assert {what: value for what, (value, _, _) in values(report).items()}["risks"] == str(len(draft.sections["Risks"]))
    assert values(report)["words"][1] == "< 450"
    assert written.rows == (Row("file", "not yet: doing this task writes it", mark=Mark.WARMING),)


def test_what_the_sources_looked_up_stands_below(told):
    found = Exhibit("mongo", at(3, 13), "returns_stuck", "Returns that are stuck", (Row("r1", "2d"),), "page one only")
    section = [*told("d3.midday", at(3, 13), exhibits=(found,)).values()][-1]
    assert (section.title, section.rows, section.trouble) == (found.title, found.rows, found.trouble)


@pytest.mark.parametrize(
    ("sheet", "does", "task", "kind"),
    [
        ("morning", "", "early", "morning"),
        ("", "report", "last", "evening"),
        ("", "retrospective", "look", "retrospective"),
        ("", "", "midday", "midday"),
        ("", "", "tidy", ""),
        ("dashboards", "", "morning", ""),
    ],
)
def test_a_task_is_known_by_its_sheet_else_by_what_it_does_or_is_called(sheet, does, task, kind):
    row = WeekTask(task, "x", 0.0, (1,), sheet, does)
    plan = replace(PLAN, week=replace(PLAN.week, tasks=(row,)))
    judgement = judged(at(1, 13), plan=plan)
    assert kind_of(plan, judgement.week[0]) == kind


@pytest.mark.parametrize("kind", ["queue", "growth", "dashboards", "decision", "retest"])
def test_a_task_of_the_week_with_another_sheet_has_that_one(tmp_path, kind):
    exhibits = [Exhibit("mongo", at(1, 13), name, name, (Row("a", "1"),)) for name in wanted(kind)]
    plan = replace(PLAN, week=replace(PLAN.week, tasks=(WeekTask("mine", "x", 0.0, (1,), kind),)))
    judgement = judged(at(1, 13), plan=plan)
    with contextlib.closing(history(tmp_path, at(1, 13))) as held:
        past = past_of(judgement, "d1.mine", held, BERLIN)
    sheet = sheet_for(judgement, "d1.mine", exhibits, past, BERLIN)
    assert sheet == sheet_of(judgement, "d1.mine", exhibits, BERLIN, past)
    assert sheet.kind == kind
    assert {section.title for section in sheet.sections} >= {one.title for one in exhibits}


def test_on_a_faster_clock_a_day_is_as_long_as_the_plan_says(tmp_path):
    plan = scaled(PLAN, 240)
    began = at(1, 8)
    facts = {"plan": plan, "week_at": began, "started_at": began - timedelta(seconds=360), "visits": ((100, began),)}
    now = began + timedelta(seconds=150)
    judgement = judged(now, **facts)
    with contextlib.closing(History(tmp_path / "h.sqlite")) as held:
        held.add([r.Csat("mongo", now - timedelta(seconds=360 + 1), 10, 5), r.Csat("mongo", now, 10, 1)])
        past = past_of(judgement, "d1.morning", held, BERLIN)
    assert [(day.since, day.until) for day in past.days] == [(began - timedelta(seconds=360), began)]
    assert [one.csat.low for one in past.hours if one.csat] == [5]
    assert past.now.csat.low == 1
