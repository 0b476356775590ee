"""The page of a retrospective: a whole made-up flight by its sections, and the words of false alarms."""

from datetime import UTC

import pytest
from msgspec.structs import replace

from sessions.gate.evaluate import judge
from sessions.handover.sections import Wording
from sessions.replay.course import as_recorded
from sessions.replay.record import recorded
from sessions.reports.episodes import episodes
from sessions.retrospective.false_alarms import false_alarms
from sessions.retrospective.page import Anew, retrospective
from tests.support.build import PLAN, after
from tests.support.sessions.flight import in_phase

NOW = after(8 * 3600)
SAY = Wording(NOW, UTC)
SPIKE = "latency_spike"


def flown():
    """A flight with a pause, a step, a waiver, a measure that is on, a decision, and lines that nobody wants to see."""
    pen = in_phase(25)
    pen.write(600, "verdict.turned", criterion="latency", verdict="pass", was="warming", since=after(600))
    pen.write(6000, "rollout.paused", "paused: Latency spike", cause=SPIKE, risk=SPIKE, evidence=())
    pen.write(6000, "fuse.lit", "812 ms > 500 ms", risk=SPIKE, deadline=after(6900), evidence=())
    acting = {"value": 812.0, "bound": 500.0, "unit": "ms", "subject": "POST /capsules"}
    pen.write(6000, "risk.turned", "Latency spike 812 ms", risk=SPIKE, level="act", was="calm", **acting)
    step = {"task": "error_rate.stubs", "done": True, "risk": "error_rate"}
    pen.write(6120, "task.ticked", "Stub fallback on", by="owner", **step)
    waived = {"subject": "growth", "reason": "<b>import</b>", "evidence": ()}
    pen.write(6300, "waiver.given", "growth waived: <b>import</b>", by="owner", **waived)
    pen.write(6600, "fuse.defused", "one clean window", risk=SPIKE, reason="one clean window", evidence=())
    pen.write(6600, "risk.turned", "Latency spike calm", risk=SPIKE, level="calm", was="act")
    pen.write(6700, "decision.made", "hold until tomorrow", by="owner", decision="hold", reason="one spike")
    pen.write(6800, "note.written", "a note of no weight", by="owner")
    return pen.state


@pytest.fixture
def page():
    state = flown()
    log = as_recorded(PLAN, recorded(PLAN, state.entries, (), NOW))
    return retrospective(judge(state, NOW, UTC), Anew(log, limits=("no reading is kept",)), UTC)


def section(page, title):
    (found,) = [part for part in page.split("\n## ") if part.startswith(f"{title}\n")]
    return found


def test_it_has_its_sections_in_order_and_the_last_two_are_the_owners(page):
    titles = [line.removeprefix("## ") for line in page.splitlines() if line.startswith("## ")]
    assert titles == [
        "Timeline",
        "Episodes",
        "Overrides",
        "What held the gate",
        "Perhaps false alarms",
        "Temporary measures",
        "The plan's bounds at 80 % and 120 %",
        "Keep",
        "Change",
    ]
    for title in ("Keep", "Change"):
        assert section(page, title).splitlines()[2] == (
            "_Yours to write: this file is never overwritten once you have changed it._"
        )


def test_the_timeline_has_a_line_for_each_step_and_not_for_every_entry(page):
    lines = section(page, "Timeline").splitlines()[2:]
    assert [line.partition(" (#")[0] for line in lines if line.startswith("-")] == [
        "- 10:00 · 0 % · session started",
        "- 10:00 · 25 % · 25 % entered",
        "- 11:40 · 25 % · paused: Latency spike",
        "- 11:40 · 25 % · fuse lit: 812 ms > 500 ms",
        r"- 11:45 · 25 % · growth waived: \<b>import\</b>",
        "- 11:50 · 25 % · one clean window",
        "- 11:51 · 25 % · decision: hold until tomorrow",
    ]


def test_the_other_sections_tell_what_they_are_for(page):
    assert "| 0 s | 0 s, watch | 10 min |" in section(page, "Episodes")
    assert r"| 11:45 | growth waived | \<b>import\</b> | growth did not turn again, its phase goes on |" in page
    assert "| Stub fallback | 11:42 | **still on** | 6 h 18 min | errors, latency |" in page
    assert "(its fuse went out by itself)" in section(page, "Perhaps false alarms")
    assert "By the log alone" in section(page, "What held the gate")
    assert "| Criterion | No pass in all |" in section(page, "What held the gate")
    assert "Not judged: no reading is kept." in page
    assert "<b>" not in page.replace(r"\<b>", "")


def watched(level, text):
    pen = in_phase(25)
    pen.write(6000, "risk.turned", text, risk=SPIKE, level=level, was="calm")
    pen.write(6600, "risk.turned", "Latency spike calm", risk=SPIKE, level="calm", was=level)
    return pen


def alarms(state):
    return list(false_alarms(PLAN, episodes(PLAN, state.entries, NOW), SAY))


@pytest.mark.parametrize(
    ("level", "text", "said"),
    [
        ("watch", "Latency spike 512 ms, 2 of 20: may be chance", "Latency spike was watched 1 time"),
        ("act", "Latency spike 512 ms, 2 of 20: may be chance", "may be chance, and nothing was done"),
        ("act", "Latency spike 812 ms", ""),
        ("watch", "Latency spike 812 ms", ""),
    ],
)
def test_what_may_be_chance_and_cleared_with_nothing_done_may_be_a_false_alarm(level, text, said):
    found = alarms(watched(level, text).state)
    assert [said in line for line in found] == ([True] if said else [])


def test_what_was_acted_on_is_no_false_alarm_and_what_is_open_is_not_known_yet():
    pen = watched("act", "Latency spike: may be chance")
    acted = in_phase(25)
    for entry in pen.state.entries[-2:]:
        acted.write(entry.seq * 600, entry.kind, entry.text, **entry.facts)
        acted.write(entry.seq * 600, "task.ticked", by="owner", task="latency_spike.inspect", done=True, risk=SPIKE)
    assert alarms(acted.state) == []
    assert alarms(replace(pen.state, entries=pen.state.entries[:-1])) == []
