"""The hand-over to yourself: tables over one night, each with its one odd thing."""

from datetime import UTC, timedelta

import pytest
from msgspec.structs import replace

from sessions.gate.evaluate import judge
from sessions.handover.absence import since_last
from sessions.handover.handover import Absence, handover, words
from sessions.handover.sections import MOST, Tone
from tests.support.build import PLAN, T0, after
from tests.support.screen.sample import HOSTILE
from tests.support.sessions.flight import in_phase
from tests.support.sessions.nights import CALM, LEFT, NOW, handed, pen_of, rows


def test_a_quiet_night_is_one_line():
    told = handed(pen_of())
    assert told.quiet
    assert list(words(told)) == [
        "since you left, 3h00m (11:00-14:00)",
        "  Quiet  nothing turned; covered 100 %; soak 4h00m of 2h00m",
        "  Waits  gate  to 25 %: open",
    ]


@pytest.mark.parametrize(
    ("kind", "facts", "title", "row"),
    [
        ("phase.entered", {"phase": 25, "previous": 10, "evidence": ()}, "Rollout", ("12:00", "words")),
        ("rollout.paused", {"cause": "latency_spike", "evidence": ()}, "Rollout", ("12:00", "words")),
        ("flag.confirmed", {"intent": "a", "percent": 10}, "Flag", ("12:00", "words")),
        ("flag.drifted", {"expected": 10, "seen": 100}, "Flag", ("12:00", "words")),
        ("flag.intended", {"intent": "a", "percent": 25, "previous": 10, "writer": "f"}, "Flag", ("12:00", "words")),
        ("switch.refused", {"switch": "stub", "on": True, "reason": "401"}, "Switches", ("12:00", "words")),
        ("flow.frozen", {"flow": "capsules", "cause": "duplicates"}, "Switches", ("12:00", "words")),
        ("notice.failed", {"channel": "ntfy", "alarms": (), "reason": "503"}, "Also", ("12:00", "words")),
        ("journal.recovered", {"bytes": 40, "file": "x"}, "Also", ("12:00", "words")),
        ("fuse.blown", {"risk": "latency_spike", "evidence": ()}, "Fuses", ("Latency spike", "blown 12:00")),
    ],
)
def test_one_thing_that_happened_is_told_and_ends_the_quiet(kind, facts, title, row):
    pen = pen_of()
    pen.write(7200, kind, "words", **facts)
    told = handed(pen)
    assert not told.quiet
    assert row in rows(told, title)


@pytest.mark.parametrize(
    ("by", "row"), [("cli", "note: all fine (cli)"), ("autopilot", "note: all fine (autopilot)"), ("owner", None)]
)
def test_what_others_wrote_is_told_with_their_name(by, row):
    pen = pen_of()
    pen.write(7200, "note.written", "all fine", by=by)
    told = handed(pen)
    assert rows(told, "Others") == ([("12:00", row)] if row else [])
    assert told.quiet is (row is None)


def test_a_move_names_who_made_it_unless_it_was_the_watch():
    pen = pen_of()
    pen.write(7200, "phase.entered", "25 % entered", by="autopilot", phase=25, previous=10, evidence=())
    pen.write(7300, "phase.entered", "10 % entered", phase=10, previous=25, evidence=())
    told = handed(pen)
    assert rows(told, "Rollout") == [("12:00", "25 % entered (autopilot)"), ("12:01", "10 % entered")]
    assert [row.tone for row in told.sections[0].rows] == [Tone.PLAIN, Tone.HOLD]


def test_an_intent_is_no_news_once_its_result_is_told():
    pen = pen_of()
    pen.write(7200, "flag.intended", "10 % -> 25 %", intent="i2", percent=25, previous=10, writer="flagd")
    assert [text for _, text in rows(handed(pen), "Flag")] == ["10 % -> 25 %"]
    pen.write(7201, "flag.unknown", "outcome unknown", intent="i2", percent=25, reason="timeout")
    assert [text for _, text in rows(handed(pen), "Flag")] == ["outcome unknown"]


def test_what_comes_again_is_counted_and_of_much_the_newest_stays():
    pen = pen_of()
    for at in range(0, 600, 10):
        pen.write(7200 + at, "flag.refused", "401 from the flag's back end", intent="i", percent=0, reason="401")
    assert rows(handed(pen), "Flag") == [("12:09", "401 from the flag's back end, 60x since 12:00")]
    for number in range(20):
        pen.write(7900 + number, "note.written", f"note {number}", by="cli")
    told = rows(handed(pen), "Others")
    assert len(told) == MOST
    assert told[0] == ("earlier", "15 more, all of them in the ops log")
    assert told[-1][1] == "note: note 19 (cli)"


def burning(left, *, lit=LEFT + 7200 + 1800, blown=False):
    pen = pen_of()
    deadline = after(NOW + left)
    pen.write(lit, "fuse.lit", "POST /capsules 812 ms", risk="latency_spike", deadline=deadline, evidence=())
    if blown:
        pen.write(NOW - 1, "fuse.blown", "not resolved", risk="latency_spike", evidence=())
    return handed(pen)


def test_a_fuse_that_is_overdue_comes_first_and_says_what_was_missed():
    told = burning(-37 * 60, lit=NOW - 52 * 60)
    assert told.sections[0].title == "Overdue"
    (row,) = rows(told, "Overdue")
    assert row[0] == "Latency spike"
    assert row[1].startswith("OVERDUE by 37m00s, lit 13:08; you missed 15m00s of 15m00s · POST /capsules 812 ms")
    assert rows(told, "Fuses") == []


def test_a_fuse_that_burns_says_what_is_left_and_how_much_of_it_was_missed():
    (row,) = rows(burning(360, lit=NOW - 540), "Fuses")
    assert row[1] == ("burns, 6m00s left, until 14:06, lit 13:51; you missed 9m00s of 15m00s · POST /capsules 812 ms")


def test_a_fuse_that_is_blown_is_no_revert_that_was_done():
    (row,) = rows(burning(-60, lit=NOW - 960, blown=True), "Overdue")
    assert "OVERDUE by 1m00s, blown: the revert is not done" in row[1]


def test_fuses_that_are_over_say_how_they_ended():
    pen = pen_of()
    facts = {"risk": "latency_spike", "evidence": ()}
    pen.write(7200, "fuse.lit", "hot", deadline=after(8100), **facts)
    pen.write(7500, "fuse.extended", "more", by="cli", deadline=after(8400), **facts)
    pen.write(7800, "fuse.defused", "cool", reason="one clean window", **facts)
    pen.write(8400, "fuse.lit", "hot", deadline=after(9300), **facts)
    pen.write(9000, "phase.entered", "0 %", phase=0, previous=10, evidence=())
    told = [text for _, text in rows(handed(pen), "Fuses")]
    assert told[0] == "lit 12:00, extended 12:05 (cli), defused 12:10: one clean window"
    assert told[1] == "lit 12:20, ended with its phase 12:30"


def test_a_revert_that_is_not_done_stands_above_everything_but_a_fuse():
    pen = pen_of(25)
    pen.write(7200, "phase.entered", "back", phase=10, previous=25, evidence=())
    pen.write(7201, "flag.intended", "25 -> 10", intent="i9", percent=10, previous=25, writer="flagd")
    facts = {"intent": "i9", "percent": 10, "reason": "503", "by_hand": ("set it to 10 % by hand",)}
    pen.write(7205, "flag.refused", "503 from the back end", **facts)
    told = handed(pen)
    assert told.sections[0].title == "Not done"
    assert rows(told, "Not done") == [
        ("flag", "REVERT NOT DONE, refused since 12:00, wanted 10 % · 503 from the back end"),
        ("by hand", "set it to 10 % by hand"),
    ]


def test_what_waits_names_pause_flows_incidents_tasks_and_every_blocker_that_time_does_not_clear():
    pen = pen_of()
    pen.write(7200, "rollout.paused", "paused", cause="latency_spike", evidence=())
    pen.write(7200, "flow.frozen", "frozen", flow="returns", cause="by hand")
    pen.write(7200, "incident.opened", "db slow", by="cli", incident="i1", severity="P1")
    pen.write(7200, "task.opened", "call the shoppers", task="csat.followup.1", risk="csat")
    pen.write(7300, "task.opened", "done already", task="csat.followup.2", risk="csat")
    pen.write(7400, "task.ticked", "done", by="cli", task="csat.followup.2", done=True)
    told = handed(pen, done=False)
    waits = rows(told, "Waits")
    assert waits[0] == ("gate", "to 25 %: hold, no forecast")
    assert ("paused", "since 12:00: Latency spike") in waits
    assert ("frozen", "Returns since 12:00") in waits
    assert ("incident", "P1 db slow, open since 12:00") in waits
    assert ("follow-up", "call the shoppers") in waits
    assert "done already" not in str(waits)
    count = len(PLAN.phases[1].activities)
    assert next(text for what, text in waits if what == "tasks").startswith(f"{count} of {count} open: ")
    assert [what for what, _ in waits].count("incidents") == 1
    assert "running" not in [what for what, _ in waits]


def test_chores_of_today_are_due_or_overdue_and_those_of_before_one_line():
    pen = pen_of(100)
    pen.write(LEFT - 30, "week.started", "week", by="owner")
    waits = rows(handed(pen, now=86_460.0 + 3 * 3600), "Waits")
    assert [text[:20] for what, text in waits if what == "overdue"] == ["day 2: Review dashbo"]
    assert [text[:20] for what, text in waits if what == "due"] == ["day 2: Check support"]
    assert [text for what, text in waits if what == "missed"] == ["3 tasks missed on earlier days"]


def test_row_26_a_clock_that_was_put_back_is_told_and_adds_no_absence():
    pen = pen_of()
    pen.write(0, "gap.found", "the clock moved back", since=T0, until=T0, cause="clock", moved=-7200.0)
    told = handed(pen, now=1800)
    assert told.since.away == 1800 + 7200 - LEFT
    assert [text for _, text in rows(told, "Also")] == ["the clock moved back"]


def test_the_headline_says_what_it_counts_from():
    pen = in_phase(10)
    judgement = judge(pen.state, after(NOW), UTC)
    lines = words(handover(judgement, Absence(since_last(pen.state, None, after(NOW)), CALM), UTC))
    assert next(lines) == "since the session began, 4h00m (10:00-14:00, no screen was up)"


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_as_what_it_is(text):
    pen = pen_of()
    pen.write(7200, "note.written", text, by=text)
    pen.write(7200, "verdict.turned", text, criterion=text, verdict="breach", was="pass", since=T0)
    pen.write(7200, "risk.turned", text, risk=text, level="act", was=text)
    pen.write(7200, "flag.drifted", text, expected=10, seen=9)
    pen.write(7200, "gap.found", text, since=after(7000), until=after(7200), cause=text)
    pen.write(7200, "incident.opened", text, by="cli", incident=text, severity=text)
    pen.write(7200, "task.opened", text, task=text, risk=text)
    peaks = replace(CALM, p95=replace(CALM.p95, endpoint=text), gap=replace(CALM.gap, journey=text))
    lines = list(words(handed(pen, peaks)))
    assert len(lines) > 10
    assert all(line.isprintable() or "́" in line for line in lines)
    assert all(len(line) < 400 for line in lines)


def test_a_long_night_is_told_at_once_and_stays_short():
    """Row 30: thousands of entries make no long hand-over."""
    pen = pen_of()
    for number in range(1500):
        at = LEFT + 1 + number
        word, was = ("breach", "pass") if number % 2 == 0 else ("pass", "breach")
        facts = {"criterion": "errors", "verdict": word, "was": was, "since": after(at)}
        pen.write(at, "verdict.turned", "errors", **facts)
        pen.write(at, "flag.drifted", f"flag reads {number} %", expected=10, seen=number)
    told = handed(pen)
    assert rows(told, "Turned")[0][1].startswith("breached 750x, last ")
    assert len(list(words(told))) < 30
    assert told.since.away == timedelta(hours=3).total_seconds()
