"""The prepared message: what it tells of each trouble, what it leaves out, and that foreign text stays text."""

from datetime import UTC
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from sessions.actions.runbook import find
from sessions.gate.evaluate import judge
from sessions.reports.stakeholder_message import draft, failed, trouble
from sessions.values import readings as r
from tests.support.build import PLAN, after, minute, window
from tests.support.sessions.acting import due, ready, seeing
from tests.support.sessions.flight import Pen, in_phase

BERLIN = ZoneInfo("Europe/Berlin")
AT = due(25)
ERRORS, TELL = find(PLAN, "error_rate.tell")
GAPS, ESCALATE = find(PLAN, "analytics_outage.escalate")
HOSTILE = "a | b <script>x</script> [l](javascript:1) `c` *d*\n# e\x1b[2J\u202e"


def turned(pen: Pen, at: float, level: str, risk="error_rate", text="Error rate 20 % ≥ 2 % POST /capsules"):
    return pen.write(at, "risk.turned", text, risk=risk, level=level, was="calm")


def erring(percent: int = 25) -> Pen:
    """At the end of the phase, one endpoint fails six requests of thirty a minute, and all was done about it."""
    pen = ready(percent)
    at = due(percent)
    pen.write(at - 120, "rollout.paused", "paused: Latency spike", cause="latency_spike", risk="latency_spike")
    turned(pen, at - 60, "watch", text="Error rate 1.5 %")
    turned(pen, at - 30, "act")
    pen.write(
        at - 20, "task.ticked", "Error rate: Stub fallback on", task="error_rate.stubs", done=True, risk=ERRORS.id
    )
    pen.write(at - 19, "switch.confirmed", "stub-fallback on", switch="stub-fallback", on=True)
    pen.write(at - 18, "switch.confirmed", "sla-message on", switch="sla-message", on=True)
    pen.write(at - 17, "task.ticked", "Mongo growth checks ✔", task="p2.growth", done=True)
    pen.write(at - 16, "rollout.paused", "paused: by hand", by="owner", cause="by hand", evidence=())
    pen.state = seeing(
        pen.state,
        minute("POST /capsules", after(at), errors=6.0),
        window("POST /returns", after(at - 1000), errors=1.0),
    )
    return pen


def told(pen: Pen, risk=ERRORS, step=TELL, at: float = AT, tz=UTC) -> str:
    return draft(judge(pen.state, after(at)), risk, step, tz)


def section(text: str, title: str) -> list[str]:
    return text.split(f"## {title}\n\n", 1)[1].split("\n\n## ", 1)[0].strip().splitlines()


@pytest.mark.parametrize(
    ("errors", "requests", "words"),
    [
        (2.63, 27.98, "3 of 28 requests failed (11 %)"),
        (6.0, 30.0, "6 of 30 requests failed (20 %)"),
        (0.4, 11.7, "less than one of 12 requests failed"),
        (1.4, 0.9, "1 of 1 requests failed (100 %)"),
    ],
)
def test_a_share_is_that_of_the_numbers_that_stand_beside_it(errors, requests, words):
    assert failed(window("POST /capsules", after(0), errors=errors, requests=requests)) == words


@given(st.floats(0.5, 1e6), st.floats(0, 1))
def test_told_numbers_make_the_told_share(requests, share):
    words = failed(window("POST /capsules", after(0), errors=requests * share, requests=requests)).split()
    if words[0] != "less":
        bad, asked, said = float(words[0]), float(words[2]), float(words[5].strip("("))
        assert abs(said - 100 * bad / asked) <= 0.5
        assert abs(asked - max(requests, 1.0)) <= 1


def test_a_window_that_runs_ends_where_it_was_measured():
    pen = erring()
    start = after(AT - 100)
    pen.state = seeing(pen.state, window("GET /concierge", start, at=after(AT - 5), errors=9.0))
    (line,) = [row for row in section(told(pen), "Newest failing endpoints") if "GET /concierge" in row]
    assert line.endswith("so far")
    ends = line.rpartition(" to ")[2].removesuffix(" so far")
    assert ends == f"{after(AT - 5):%H:%M:%S}"


def test_the_head_says_what_where_and_how_bad_it_is():
    lines = told(erring(), tz=BERLIN).splitlines()
    assert lines[0] == "# CL7 concierge · Error rate · 25 %"
    assert lines[2] == "**Error rate: act, 20 % ≥ 2.0 %.**"
    assert lines[3].startswith("Tell stakeholders: written 23 November 2026 15:01:40 +01:00")
    assert lines[3].endswith("Read it before you send it; all times are +01:00.")


def test_it_tells_since_when_with_value_and_bound():
    lines = section(told(erring()), "What happened")
    assert lines == [
        "- 23 Nov 14:00:40 watch: Error rate 1.5 % (#8)",
        "- 23 Nov 14:01:10 act: Error rate 20 % ≥ 2 % POST /capsules (#9)",
        "- now act: 20 % ≥ 2.0 % on POST /capsules (value 20 %, acts at 2.0 %)",
        "- it has lasted 1m00s",
    ]


def test_the_newest_failing_endpoints_come_first_with_their_requests():
    assert section(told(erring()), "Newest failing endpoints") == [
        "- POST /capsules: 6 of 30 requests failed (20 %), 23 Nov 14:00:40 to 14:01:40",
        "- POST /returns: 1 of 120 requests failed (0.8 %), 23 Nov 13:45:00 to 13:50:00",
    ]
    assert section(told(ready(25)), "Newest failing endpoints") == ["No endpoint fails in the newest windows."]


def test_what_was_done_is_of_this_risk_or_of_the_whole_rollout():
    assert section(told(erring()), "What was done") == [
        "- 23 Nov 14:01:20 Error rate: Stub fallback on (#10)",
        "- 23 Nov 14:01:21 stub-fallback on (#11)",
        "- 23 Nov 14:01:24 paused: by hand (#14)",
    ]


def test_protection_written_at_the_moment_of_the_turn_was_done_about_it():
    pen = in_phase(25)
    pen.write(100, "flow.frozen", "Capsules frozen", flow="capsules", cause="Duplication 3 duplicates")
    pen.write(100, "flow.frozen", "Sizes frozen", flow="sizes", cause="by hand")
    turned(pen, 100, "act", "duplication", "Duplication 3 duplicates capsules")
    lines = section(told(pen, PLAN.risk("duplication"), ESCALATE, 200), "What was done")
    assert lines == ["- 23 Nov 10:01:40 Capsules frozen (#7)"]


def test_it_ends_in_what_is_asked_where_the_rollout_stands_and_the_evidence():
    pen = erring()
    text = told(pen)
    assert section(text, "What is asked") == [TELL.ask]
    phase, flag, gate = section(text, "Where the rollout stands")
    assert (phase, flag) == ("- Phase 2 · 25 % of shoppers, paused", "- Flag concierge: 25 % confirmed")
    assert gate.startswith("- Gate to 50 %: held by ")
    assert gate.endswith("running")
    evidence = section(text, "Evidence")
    assert len(evidence) == len(judge(pen.state, after(AT)).gate.conditions)
    assert any(line.startswith("- thin latency Stub fallback hides it") for line in evidence)
    assert section(told(pen, step=replace(TELL, ask="")), "What is asked") == ["Nothing: this is for your information."]


def test_an_outage_tells_the_newest_event_of_every_journey():
    pen = in_phase(25)
    pen.state = seeing(pen.state, r.Beat("mongo", after(AT), "return_started", after(0), after(AT - 700), 4))
    turned(pen, AT - 10, "act", GAPS.id, "Analytics outage gap 11m30s > 10m00s return_started")
    text = told(pen, GAPS, ESCALATE)
    assert "- return_started: newest event 23 Nov 13:50:00, 11m40s ago" in section(text, "Newest events")
    assert len(section(text, "Newest events")) == len(PLAN.journeys)
    assert section(text, "What is asked") == [ESCALATE.ask]


def test_what_nobody_judged_or_saw_is_said_to_be_unknown():
    text = told(in_phase(25), GAPS, ESCALATE, 10_000)
    assert "**Analytics outage: blind, never answered.**" in text
    assert section(text, "What happened")[0].startswith("- now blind: never answered (value –, acts at –)")
    assert section(text, "Newest events")[0] == "- capsule_created: no event seen"
    assert section(text, "What was done") == ["Nothing yet."]


def test_trouble_that_is_over_is_told_with_its_end():
    pen = ready(25)
    turned(pen, 100, "act")
    turned(pen, 200, "calm", text="Error rate 0 %")
    text = told(pen)
    assert "**Error rate: over since 23 Nov 10:03:20, 0.0 % < 1.0 %.**" in text
    assert "it has lasted" not in text


@pytest.mark.parametrize(
    ("levels", "began", "ended"),
    [
        ("", None, None),
        ("a", 1, None),
        ("wab", 1, None),
        ("wac", 1, 3),
        ("aca", 3, None),
        ("acwac", 3, 5),
        ("c", None, 1),
    ],
)
def test_the_newest_trouble_begins_after_the_last_calm(levels, began, ended):
    pen, words = Pen(), {"a": "act", "w": "watch", "b": "blind", "c": "calm"}
    for number, letter in enumerate(levels):
        turned(pen, number, words[letter])
    found = trouble(pen.state.entries, ERRORS)
    assert tuple(entry and entry.seq for entry in found) == (began, ended)
    assert trouble(pen.state.entries, GAPS) == (None, None)


def test_row_82_foreign_text_is_shown_and_forms_no_markdown():
    pen = erring()
    pen.write(AT - 1, "task.ticked", HOSTILE, task="error_rate.tell", done=True, risk=ERRORS.id)
    pen.state = replace(pen.state, name=HOSTILE)
    text = told(pen)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "<script" not in text.replace("\\<", "")
    assert "[l](javascript" not in text
    assert sum(line.startswith("# ") for line in text.splitlines()) == 1


@given(st.text(max_size=80))
def test_a_message_keeps_its_heads_whatever_the_plan_and_the_log_say(text):
    pen = in_phase(25)
    turned(pen, 50, "act", text=text)
    named = replace(TELL, text=text, ask=text)
    lines = told(pen, replace(ERRORS, title=text), named, 100).splitlines()
    assert [line for line in lines if line.startswith("## ")] == [
        "## What happened",
        "## Newest failing endpoints",
        "## What was done",
        "## What is asked",
        "## Where the rollout stands",
        "## Evidence",
    ]
