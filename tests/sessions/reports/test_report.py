from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from sessions.gate.evaluate import judge
from sessions.reports.report import report
from sessions.text.markdown import plain, table
from sessions.values import readings as r
from tests.support.build import T0, after
from tests.support.sessions.flight import all_is_well, begun, in_phase, ticked

BERLIN = ZoneInfo("Europe/Berlin")
DAY = date(2026, 11, 23)
HOSTILE = "a | b <script>x</script> [l](javascript:1) `c` *d*\x1b[2J\u202e"


def told(pen, at=7300.0, day=DAY, tz=BERLIN):
    return report(judge(pen.state, after(at), tz), day, tz)


def section(text, title):
    return text.split(f"## {title}\n\n", 1)[1].split("\n\n## ", 1)[0].strip()


def flown():
    """A day with everything in it."""
    pen = in_phase(10, at=60)
    pen.write(100, "verdict.turned", "latency blind", criterion="latency", verdict="blind", was="pass", since=after(70))
    pen.write(
        2680, "verdict.turned", "latency 240 ms", criterion="latency", verdict="pass", was="blind", since=after(9)
    )
    pen.write(3000, "task.ticked", "Live monitoring ✔", by="owner", task="p1.monitor", done=True)
    pen.write(3100, "waiver.given", "analytics waived", by="owner", subject="analytics", reason="vendor", evidence=())
    pen.write(3200, "incident.opened", "checkout down", by="owner", incident="i1", severity="P1")
    pen.write(3300, "risk.turned", "Support queue 23 > 20", risk="support_queue", level="act", was="calm")
    pen.write(3400, "flow.frozen", "Capsules frozen", flow="capsules", cause="duplicates")
    pen.write(3500, "rollout.paused", "paused: lunch", by="owner", cause="lunch", evidence=())
    pen.write(3600, "note.written", HOSTILE, by="owner")
    pen.write(3700, "note.written", "steady", by="owner", observation=True, evidence=("pass latency 240 ms",))
    pen.write(3800, "flag.refused", "flag refused: 409", intent="i2", percent=25, reason="409")
    return pen


def test_a_calm_report_is_whole():
    pen = in_phase(10)
    pen.state = ticked(all_is_well(pen.state, after(7300)))
    text = told(pen)
    assert text.startswith(
        "# CL7 concierge · Monday, 23 November 2026\n\n**Phase 1 · 10 % · running.** Gate to 25 %: open.\n"
    )
    assert "Flag: 10 % confirmed." in text
    assert "told 23 November 2026 13:01:40 +01:00" in text
    assert "| Phase 1 | 10 % | 11:00:00 | now | 2h01m of 2h00m | 100 % |" in text
    words = "p95 240 ms ≤ 500 ms (worst GET /concierge, 3 of 3 windows)"
    assert f"| latency | pass | {words} | 240 ms | 500 ms | GET /concierge | – |" in text
    assert section(text, "Time not watched") == "Unknown 0s (0.0 %) of 2h01m."
    assert section(text, "Asks") == "None."


def test_the_first_heads_are_what_stakeholders_read():
    heads = [line for line in told(flown()).splitlines() if line.startswith("## ")]
    assert heads[:6] == ["## Decisions", "## Wins", "## Risks", "## Asks", "## Overrides", "## Proof"]


def test_wins_name_their_entries():
    assert section(told(flown()), "Wins").splitlines() == [
        "- 10 % reached through an open gate (#6)",
        "- Done: Live monitoring (#9)",
    ]


def test_risks_leave_nothing_bad_out():
    assert section(told(flown()), "Risks").splitlines() == [
        "- Since 11:53 P1 incident checkout down: still open after 1 h 08 min (#11)",
        "- Since 11:55 support queue (23 > 20): still open after 1 h 07 min (#12)",
        "- Since 11:56 Capsules frozen (duplicates): still open after 1 h 05 min (#13)",
        "- Since 11:58 paused: lunch: still open after 1 h 03 min (#14)",
        "- 12:03 flag refused: 409 (#17)",
        "- 11:01-11:44 no data for latency: over after 43 min (#7-#8)",
    ]


def test_asks_are_what_is_open():
    text = section(told(flown()), "Asks")
    for words in (
        "Resolve P1 checkout down (#11)",
        "Decide on the pause: lunch",
        "Decide when flow Capsules may thaw",
        "Agree with what was overruled: ",
        "Bring back the sources of ",
        "See what holds the gate to 25 %: ",
    ):
        assert words in text


def test_what_came_twice_is_told_once_with_both_numbers():
    pen = in_phase(10)
    for at in (100, 300):
        pen.write(at, "verdict.turned", "growth +41 %", criterion="growth", verdict="breach", was="pass", since=T0)
        pen.write(at + 9, "verdict.turned", "growth +3 %", criterion="growth", verdict="pass", was="breach", since=T0)
    assert section(told(pen), "Risks") == (
        "- 11:01-11:05 growth (+41 %): 2 times, 18 s in all, cleared by itself after 3 min (#7-#10)"
    )


def test_unknown_time_is_listed_with_its_share():
    text = section(told(flown(), at=6000.0), "Time not watched")
    assert text.startswith("Unknown 43m30s (44 %) of 1h40m.")
    assert "| 11:01:10 | 11:44:40 | 43m30s |" in text


def test_a_revert_and_an_override_are_no_wins():
    pen = in_phase(10)
    pen.write(
        10, "phase.entered", "25 % entered · override", phase=25, previous=10, evidence=(), override=True, reason="boss"
    )
    pen.write(20, "phase.entered", "reverted to 10 %", phase=10, previous=25, evidence=())
    text = told(pen)
    assert "override" not in section(text, "Wins")
    assert section(text, "Decisions").splitlines()[1:] == [
        "- 11:00 25 % entered against the gate: boss (#7)",
        "- 11:00 reverted to 10 % (#8)",
    ]
    assert section(text, "Overrides") == "- 11:00 25 % entered against the gate: boss (#7)"
    assert "(boss) (#7)" in section(text, "Asks")


def test_missed_tasks_are_told():
    pen = in_phase(25)
    pen.write(10, "task.ticked", "x", task="p2.flows", done=True)
    text = section(told(pen), "Tasks")
    assert "- **missed** · Pre-flight: Support team knows of the ticket influx" in text
    assert "- done · Phase 2: Capsule and stylist flows (11:00:10)" in text
    assert "- open · Phase 2: Stakeholder update" in text


def test_a_phase_reverted_from_misses_nothing_yet():
    pen = in_phase(25)
    pen.write(20, "phase.entered", "back", phase=10, previous=25, evidence=())
    assert "Phase 2" not in section(told(pen), "Tasks")


def test_overdue_and_missed_tasks_are_told_and_asked_for():
    pen = in_phase(100)
    pen.write(100, "week.started", by="owner")
    text = told(pen, at=86400.0 + 4 * 3600, day=DAY + timedelta(days=1))
    assert "**overdue** · Day 2: Review dashboards" in section(text, "Tasks")
    assert "**missed** · 3 tasks of the days before" in section(text, "Tasks")
    assert "Catch up on overdue tasks: day 2" in section(text, "Asks")
    before = told(pen, at=86400.0, day=DAY)
    assert "**missed** · Day 1: Review dashboards" in section(before, "Tasks")
    assert "Catch up on missed tasks: day 1" in section(before, "Asks")
    assert "of the days before" not in before
    for task in ("d1.morning", "d2.morning"):
        pen.write(86400.0 + 300, "task.ticked", "ticked", task=task, done=True)
    text = told(pen, at=86400.0 + 4 * 3600, day=None)
    assert "done late · Day 1: Review dashboards" in section(text, "Tasks")
    assert "done · Day 2: Review dashboards" in section(text, "Tasks")
    assert "7-day plan" in text.split("\n\n")[1]


def test_only_that_local_day_is_told():
    pen = flown()
    pen.write(13 * 3600, "note.written", "after midnight", by="owner")
    today, tomorrow = told(pen, at=14 * 3600), told(pen, at=14 * 3600, day=DAY + timedelta(days=1))
    assert "after midnight" not in section(today, "Ops log")
    assert "after midnight" in section(tomorrow, "Ops log")
    assert "checkout down" not in section(tomorrow, "Ops log")
    assert "after midnight" in section(told(pen, at=14 * 3600, day=None), "Ops log")


def test_a_burning_fuse_an_unseen_and_an_acting_risk_are_told():
    pen = in_phase(10)
    pen.write(7200, "fuse.lit", "812 ms", risk="latency_spike", deadline=after(8100), evidence=())
    pen.write(7200, "risk.turned", "CSAT blind", risk="csat", level="blind", was="calm")
    pen.write(7250, "risk.turned", "CSAT 5.0 %", risk="csat", level="calm", was="blind")
    pen.write(7260, "fuse.defused", "fuse defused: false alarm", by="owner", risk="support_queue", evidence=())
    pen.write(7270, "task.ticked", "Live monitoring unticked", task="p1.monitor", done=False)
    pen.state = all_is_well(pen.state, after(7300))
    pen.see(r.Tickets("mongo", after(7301), 23, None, (), 0))
    text = told(pen, at=7302.0)
    assert "a fuse burns" in text.split("\n\n")[1]
    assert "- Support: Support queue acts (23 tickets > 20): Check the open stylistTickets" in section(text, "Asks")
    assert section(text, "Risks").splitlines() == [
        "- Since 13:00 812 ms: fuse lit, still open after 2 min, no revert (#7)",
        "- 13:00 no data for CSAT: over after 50 s (#8-#9)",
    ]
    assert section(text, "Wins") == "- 10 % reached through an open gate (#6)"
    assert section(text, "Overrides") == "- 13:01 fuse put out: fuse defused: false alarm (#10)"


def test_the_whole_flight_has_every_entry():
    pen = flown()
    rows = section(told(pen, day=None), "Ops log").splitlines()[2:]
    assert [row.split(" | ")[0] for row in rows] == [f"| {entry.seq}" for entry in pen.state.entries]


def test_a_session_that_just_began_can_be_told():
    text = told(begun(), at=0.0)
    assert "| Pre-flight | 0 % | 11:00:00 | now | – | – |" in text
    assert "None recorded." in section(text, "Wins")


def test_a_day_before_the_flight_is_empty():
    assert section(told(flown(), day=DAY - timedelta(days=3)), "Ops log") == "No entries."


def test_row_3_a_broken_journal_is_told():
    pen = flown()
    pen.state = replace(pen.state, journal_fault="journal full")
    assert "Mend the journal: journal full" in section(told(pen), "Asks")


def test_row_83_foreign_text_forms_nothing():
    text = told(flown())
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "<script" not in text.replace("\\<", "")
    assert "\\[l\\](javascript:1)" in text
    for line in text.splitlines():
        if line.startswith("|") and "^[" in line:
            assert line.replace("\\|", "").count("|") == 6


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("# head", "\\# head"),
        ("#41 is no head", "#41 is no head"),
        ("> quote", "\\> quote"),
        ("- item", "\\- item"),
        ("-40 %", "-40 %"),
        ("1. item", "1\\. item"),
        ("10 % entered", "10 % entered"),
        ("0.3 % < 1.0 %", "0.3 % < 1.0 %"),
        ("a | b", "a \\| b"),
        ("<b>", "\\<b>"),
        ("</b><!-- x", "\\</b>\\<!-- x"),
        ("`x`", "\\`x\\`"),
        ("a\\|b", "a\\\\\\|b"),
        ("two\nlines", "two lines"),
        ("===", "\\==="),
        ("", ""),
    ],
)
def test_plain_text_stays_plain(text, shown):
    assert plain(text) == shown


@given(st.text(max_size=60))
def test_plain_text_is_one_cell_and_no_html(text):
    shown = plain(text)
    row = table(("A",), [(shown,)], "").splitlines()
    assert len(row) == 3
    bare = shown.replace("\\\\", "")
    assert bare.count("|") == bare.count("\\|")
    assert bare.count("`") == bare.count("\\`")
    assert bare.count("[") == bare.count("\\[")
