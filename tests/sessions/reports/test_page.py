"""The page before the proof: short on any day, and every figure of it that of the entries behind it."""

import re
from datetime import UTC, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from sessions.gate.evaluate import judge
from sessions.gate.soak import uncounted_times, unwatched_times
from sessions.handover.peaks import Peaks
from sessions.reports.drafts import is_clean_step
from sessions.reports.effects import Rank
from sessions.reports.page import MOST_WORDS, drafted, percent
from sessions.reports.periods import of_day, of_flight, since_last
from sessions.reports.report import report
from sessions.values import readings as r
from tests.support.build import PLAN, T0, after, window
from tests.support.sessions.any_log import LOGS, written
from tests.support.sessions.flight import all_is_well, in_phase

DAY = T0.date()
SWITCHES = [f"{risk.id}.{step.id}" for risk in PLAN.risks for step in risk.steps if step.effect == "switch"]
LONG = "because the vendor said that it will be mended at some time after lunch or on another day " * 5


def page_of(pen, at, day=DAY, high=None):
    return report(judge(pen.state, after(at), UTC), day, UTC, high).split("\n## Proof\n", 1)[0]


def section(text, title):
    return text.split(f"## {title}\n\n", 1)[1].split("\n\n## ", 1)[0].strip()


def bad_day():
    """A day with every kind of trouble, in long words."""
    pen = in_phase(25, at=60)
    for number in range(12):
        at = 600 + number * 1500
        pen.write(at, "risk.turned", f"CSAT {LONG}", risk="csat", level="act", was="calm", value=40.0 + number,
                  bound=30.0, unit="%")  # fmt: skip
        pen.write(at + 60, "risk.turned", "CSAT 1 %", risk="csat", level="calm", was="act")
        pen.write(at + 90, "incident.opened", LONG, by="owner", incident=f"i{number}", severity="P1")
        pen.write(at + 95, "waiver.given", LONG, by="owner", subject="errors", reason=LONG, evidence=())
        pen.write(at + 96, "task.opened", LONG, by="owner", task=f"csat.followup.{number}", risk="csat")
        pen.write(at + 97, "phase.entered", LONG, by="owner", phase=25, previous=10, override=True, reason=LONG,
                  evidence=())  # fmt: skip
        pen.write(at + 99, "flag.refused", LONG, intent="i", percent=50, reason=LONG)
        pen.write(at + 100, "note.written", LONG, by="owner")
    pen.state = replace(pen.state, journal_fault=LONG, faults={"history": LONG})
    return pen


def test_a_bad_day_is_one_page_and_nothing_of_it_is_lost():
    pen = bad_day()
    high = Peaks(window("GET /concierge", after(900), p95_ms=893.0), None, r.Tickets("m", after(9), 31, None, (), 0))
    text = page_of(pen, 20_000, high=high)
    assert len(text.split()) < MOST_WORDS
    assert "more, in the proof" in section(text, "Risks")
    proof = report(judge(pen.state, after(20_000), UTC), DAY, UTC).split("\n## Proof\n", 1)[1]
    assert section(proof, "Episodes").count("low CSAT scores up to") == 12
    assert " ".join(LONG.split()) in proof


def test_the_peaks_of_the_day_stand_with_their_bounds():
    pen = in_phase(10)
    high = Peaks(window("GET /concierge", after(900), p95_ms=893.0), None, r.Tickets("m", after(9), 31, None, (), 0))
    text = page_of(pen, 7300, high=high)
    assert "Peaks: p95 893 ms > 500 ms · GET /concierge · 10:15; tickets 31 > 20 open · 10:00." in text


def test_what_was_decided_stands_first():
    pen = in_phase(10)
    entry = pen.write(300, "decision.made", "stay at 10 % overnight: latency was unstable", by="owner")
    first = section(page_of(pen, 7300), "Decisions").splitlines()[0]
    assert first == f"- Stay at 10 % overnight: latency was unstable (10:05) (#{entry.seq})"


@pytest.mark.parametrize(
    ("facts", "wins"),
    [
        ({"evidence": ("pass latency 438 ms ≤ 500 ms",)}, True),
        ({"evidence": (), "override": True, "reason": "boss"}, False),
        ({"evidence": ("pass latency 438 ms", "pass errors waived: known")}, False),
        ({"evidence": (), "cause": "the move was confirmed, its entry was lost"}, False),
    ],
    ids=["open", "overruled", "waived", "lost"],
)
@pytest.mark.parametrize("kind", ["phase.entered", "week.started"])
def test_only_a_gate_that_was_open_makes_a_win(kind, facts, wins):
    pen = in_phase(10)
    entry = pen.write(100, kind, "step", by="owner", phase=25, previous=10, **facts)
    assert is_clean_step(entry) is wins
    assert (f"#{entry.seq})" in section(page_of(pen, 7300), "Wins")) is wins


def test_a_step_that_was_taken_back_is_no_win():
    pen = in_phase(10)
    pen.write(100, "phase.entered", "25 %", phase=25, previous=10, evidence=())
    pen.write(200, "phase.entered", "reverted to 10 %", phase=10, previous=25, evidence=())
    assert section(page_of(pen, 7300), "Wins") == "- 10 % reached through an open gate (#6)"


@pytest.mark.parametrize("step", SWITCHES)
def test_a_measure_that_is_on_is_asked_about_and_no_win(step):
    pen = in_phase(10)
    risk, _, name = step.partition(".")
    found = next(one for one in pen.state.plan.risk(risk).steps if one.id == name)
    facts = {"task": step, "risk": risk, "by": "owner"}
    entry = pen.write(100, "task.ticked", f"{found.text} on", done=True, **facts)
    text = page_of(pen, 7300)
    assert found.text not in section(text, "Wins")
    (asked,) = [line for line in section(text, "Asks").splitlines() if f"{found.text}: on since 10:01" in line]
    assert asked.endswith(f"say when it ends (#{entry.seq})")
    pen.write(200, "task.ticked", f"{found.text} off", done=False, **facts)
    assert "on since" not in page_of(pen, 7300)


@pytest.mark.parametrize(("share", "words"), [(0, "0 %"), (99.99, "99.9 %"), (100.0, "100 %"), (0.01, "0.1 %")])
def test_a_share_is_never_rounded_to_a_whole_that_it_is_not(share, words):
    assert percent(share) == words


def test_a_second_report_of_a_day_begins_where_the_first_one_ended():
    pen = in_phase(10)
    pen.state = all_is_well(pen.state, after(600))
    assert since_last(judge(pen.state, after(600), UTC), UTC).name == "flight"
    pen.write(300, "note.written", "before", by="owner")
    pen.write(400, "report.exported", "report exported", by="owner", files=("a.md",))
    later = pen.write(500, "note.written", "after", by="owner")
    period = since_last(judge(pen.state, after(600), UTC), UTC)
    assert (period.since, period.until, period.entries) == (after(400), after(600), (later,))
    assert period.title == "since the report of 23 November 2026 10:06"


@given(LOGS, st.sampled_from(["day", "flight"]))
def test_every_figure_of_the_page_is_that_of_the_log(events, what):
    pen, last = written(events)
    now = after(last + 60)
    judgement = judge(pen.state, now, UTC)
    period = of_day(judgement, DAY, UTC) if what == "day" else of_flight(judgement)
    draft = drafted(judgement, period, UTC)
    assert T0 <= period.since <= period.until <= now
    share = draft.share
    assert 0 <= share.well <= share.whole == period.seconds
    assert 0 <= share.unseen <= share.whole
    lost = [*unwatched_times(judgement.state, now), *uncounted_times(judgement.state, now)]
    lost += [stretch for one in draft.episodes if one.rank > Rank.WATCH for stretch in one.times]
    step = timedelta(seconds=15)
    moments = [period.since + step * number for number in range(int(period.seconds / 15))]
    well = sum(not any(start <= moment < end for start, end in lost) for moment in moments)
    assert abs(well * 15 - share.well) <= 15 * (len(lost) * 2 + 1)
    text = page_of(pen, last + 60, DAY if what == "day" else None)
    assert len(text.split()) < MOST_WORDS
    known = {entry.seq for entry in pen.state.entries}
    assert {int(number) for number in re.findall(r"#(\d+)", text)} <= known
    told = [row for row in draft.sections["Risks"] if not row.text.startswith("Watched")]
    numbers = [number for row in told for number in row.sources]
    assert len(numbers) == len(set(numbers))
    assert len(told) == sum(one.rank > Rank.WATCH and one.about != "revert" for one in draft.episodes)


def test_feedback_is_counted_a_win_until_any_of_it_is_bad():
    pen = in_phase(25, at=60)
    pen.write(100, "feedback.noted", "support, good: they like it", source="support", tone="good")
    pen.write(101, "feedback.noted", "shop, mixed: too many looks", source="shop", tone="mixed")
    told = sections(pen.state)
    assert "Feedback: 1 good, 1 mixed, 0 bad; shop, mixed: too many looks" in told["Wins"]
    pen.write(102, "feedback.noted", "app store, bad: it is slow", source="app store", tone="bad")
    pen.write(103, "feedback.noted", "support, good: again", source="support", tone="good")
    told = sections(pen.state)
    assert not any(text.startswith("Feedback") for text in told["Wins"])
    assert "Feedback: 2 good, 1 mixed, 1 bad; app store, bad: it is slow" in told["Risks"]


def sections(state):
    judgement = judge(state, after(200))
    draft = drafted(judgement, of_flight(judgement), UTC)
    return {name: [one.text for one in rows] for name, rows in draft.sections.items()}
