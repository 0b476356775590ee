import pytest
from msgspec.structs import replace

from sessions.gate.judgement import Gate
from sessions.state.reducer import observe
from sessions.values import readings as r
from sessions.values.flag_value import FlagValue
from sessions.values.verdicts import Level, Mark, Verdict
from tests.support.build import after
from tests.support.sessions.flight import CRITERIA, SOAKED, all_is_well, cards, in_phase, ticked, verdicts
from tests.support.sessions.gating import NOW, condition, opened

ORDER = [*CRITERIA, "soak", "tasks", "risks", "fuse", "flag", "journal", "running"]


def ready(percent=10):
    """A phase whose every condition is fulfilled at NOW."""
    return ticked(all_is_well(in_phase(percent).state, NOW))


def written(kind, at=7200.0, **facts):
    pen = in_phase(10)
    pen.write(at, kind, **facts)
    return ticked(all_is_well(pen.state, NOW))


def test_all_conditions_in_order_and_the_gate_opens():
    told = opened(ready())
    assert [item.name for item in told.conditions] == ORDER
    assert told.open
    assert (told.goal, told.percent, told.earliest) == ("25 %", 25, NOW)


@pytest.mark.parametrize(
    ("percent", "goal", "following"),
    [(10, "25 %", 25), (25, "50 %", 50), (50, "100 %", 100), (100, "7-day plan", None)],
)
def test_the_goal_is_the_next_phase_and_then_the_week(percent, goal, following):
    told = opened(ready(percent))
    assert told.open
    assert (told.goal, told.percent) == (goal, following)


def test_in_the_week_the_criteria_are_still_judged():
    state = replace(ready(100), week_at=NOW)
    assert opened(state).goal == "7-day plan"
    assert not opened(state, verdicts(latency=Mark.BREACH)).open


@pytest.mark.parametrize("name", CRITERIA)
@pytest.mark.parametrize("mark", [mark for mark in Mark if mark is not Mark.PASS])
def test_nothing_but_pass_opens(name, mark):
    told = opened(ready(), verdicts(**{name: mark}))
    assert not told.open
    assert [(item.name, item.mark) for item in told.blockers] == [(name, mark)]


@pytest.mark.parametrize("name", CRITERIA)
def test_a_criterion_that_nobody_judged_holds(name):
    said = verdicts()
    del said[name]
    assert [item.name for item in opened(ready(), said).blockers] == [name]


def test_no_conditions_never_open():
    assert not Gate("25 %", 25, ()).open


@pytest.mark.parametrize("mark", [mark for mark in Mark if mark is not Mark.PASS])
def test_the_soak_holds_until_it_passes(mark):
    assert [item.name for item in opened(ready(), soak=replace(SOAKED, mark=mark)).blockers] == ["soak"]


@pytest.mark.parametrize("name", ["latency", "errors", "analytics", "growth"])
def test_a_waiver_overrules_its_criterion_only(name):
    state = written("waiver.given", subject=name, reason="known [gap]", evidence=())
    told = opened(state, verdicts(**{name: Mark.BREACH}))
    assert told.open
    assert next(item.text for item in told.conditions if item.name == name) == "waived: known [gap]"
    other = "growth" if name != "growth" else "errors"
    assert not opened(state, verdicts(**{other: Mark.BREACH})).open


def test_what_passes_by_itself_is_not_called_waived():
    state = written("waiver.given", subject="latency", reason="x", evidence=())
    assert "waived" not in condition("latency", state).text


def incident(*steps):
    """A session whose incident entries happen a second apart."""
    pen = in_phase(10)
    for second, step in enumerate(steps):
        if step == "waive":
            pen.write(second, "waiver.given", subject="incidents", reason="postmortem done", evidence=())
        elif step.startswith("P"):
            pen.write(second, "incident.opened", "down", incident=f"i{second}", severity=step)
        else:
            pen.write(second, "incident.resolved", incident=step)
    return ticked(all_is_well(pen.state, NOW))


@pytest.mark.parametrize(
    ("steps", "opens"),
    [
        (("P1",), False),
        (("P1", "i0"), False),
        (("P1", "waive"), False),
        (("P1", "i0", "waive"), True),
        (("P1", "waive", "i0"), True),
        (("P0", "i0", "waive", "P1", "i3"), False),
        (("P0", "i0", "waive", "P1", "i3", "waive"), True),
        (("P3", "waive"), True),
    ],
)
def test_an_incident_is_resolved_and_waived(steps, opens):
    assert opened(incident(*steps), verdicts(incidents=Mark.BREACH)).open is opens


@pytest.mark.parametrize(("at", "is_open", "opens"), [(0, False, True), (0, True, False), (2, False, False)])
def test_a_waiver_covers_the_critical_lines_that_were_known_and_are_closed(at, is_open, opens):
    state = incident("P3", "waive")
    lines = (r.TriageLine("t1", after(at), "payments down", is_open),)
    state = observe(state, r.Triage("mongo", after(7301), lines, 3))
    assert opened(state, verdicts(incidents=Mark.BREACH)).open is opens


def test_tasks_are_counted():
    state = ready()
    state = replace(state, ticked={task: at for task, at in state.ticked.items() if task != "p1.wf7"})
    assert condition("tasks", state).text == "2 of 3 ticked"


def test_a_follow_up_task_holds_until_it_is_ticked():
    state = written("task.opened", task="csat.followup.1", risk="csat")
    assert [item.name for item in opened(state).blockers] == ["tasks"]
    assert condition("tasks", state).text == "3 of 4 ticked"
    done = replace(state, ticked={**state.ticked, "csat.followup.1": NOW})
    assert condition("tasks", done).text == "4 of 4 ticked"
    assert opened(done).open
    assert not opened(state).open
    assert opened(state).earliest == NOW


@pytest.mark.parametrize(
    ("level", "opens", "text"),
    [
        (Level.CALM, True, "0 of 6 risks act"),
        (Level.WATCH, True, "0 of 6 risks act"),
        (Level.ACT, False, "CSAT 23 > 20"),
        (Level.BLIND, False, "CSAT blind"),
    ],
)
def test_an_acting_or_unseen_risk_holds(level, opens, text):
    told = opened(ready(), risks=cards(csat=level))
    assert told.open is opens
    assert condition("risks", ready(), risks=cards(csat=level)).text == text


def test_a_risk_that_nobody_judged_holds():
    risks = cards()
    del risks["csat"]
    assert not opened(ready(), risks=risks).open


@pytest.mark.parametrize(("deadline", "text"), [(7600, "5m00s left"), (7300, "overdue 0s"), (7200, "overdue 1m40s")])
def test_a_fuse_holds(deadline, text):
    state = written("fuse.lit", risk="latency_spike", deadline=after(deadline), evidence=())
    assert condition("fuse", state).text == f"Latency spike {text}"
    assert [item.name for item in opened(state).blockers] == ["fuse"]
    assert opened(state).earliest is None


@pytest.mark.parametrize(
    ("percent", "text"), [(25, "reads 25 %, not 10 %"), (None, "reads no flag, not 10 %"), (0, "reads 0 %, not 10 %")]
)
def test_row_73_a_flag_that_reads_otherwise_holds(percent, text):
    state = observe(ready(), FlagValue("flagd", after(7301), percent))
    assert condition("flag", state).text == text
    assert not opened(state).open


@pytest.mark.parametrize(
    ("kind", "facts", "mark"),
    [
        ("flag.intended", {"intent": "i", "percent": 10, "previous": 10, "writer": "flagd"}, Mark.WARMING),
        ("flag.unknown", {"intent": "i", "percent": 10, "reason": "timeout"}, Mark.BREACH),
        ("flag.refused", {"intent": "i", "percent": 10, "reason": "409"}, Mark.BREACH),
        ("flag.drifted", {"expected": 10, "seen": 50}, Mark.BREACH),
    ],
)
def test_row_70_a_flag_without_a_confirmed_outcome_holds(kind, facts, mark):
    state = written(kind, **facts)
    assert condition("flag", state).mark is mark
    assert not opened(state).open


def test_a_share_that_is_none_of_all_users_holds():
    state = observe(ready(), FlagValue("launchdarkly", after(7301), 10, narrowed="concierge is narrowed by x\x1b"))
    row = condition("flag", state)
    assert (row.mark, row.text) == (Mark.BREACH, "concierge is narrowed by x^[")


def test_a_flag_not_read_back_lately_is_blind():
    assert condition("flag", ready(), now=after(7300 + 91)).mark is Mark.BLIND
    unread = replace(ready(), seen=replace(ready().seen, flag=None))
    assert condition("flag", unread).mark is Mark.BLIND


def test_row_3_a_broken_journal_refuses_the_advance():
    state = replace(ready(), journal_fault="journal full: entry NOT saved")
    assert [item.name for item in opened(state).blockers] == ["journal"]


def test_the_reason_of_a_broken_journal_comes_before_its_place():
    state = replace(ready(), journal_fault="/a/long/way/down/to/session.toml: entry NOT saved (No space): make room")
    assert condition("journal", state).text == "session.toml: entry NOT saved (No space): make room"


@pytest.mark.parametrize(
    ("kind", "facts", "text"),
    [
        ("rollout.paused", {"cause": "lunch", "evidence": ()}, "paused 1m40s: lunch"),
        ("rollout.paused", {"cause": "latency_spike", "evidence": ()}, "paused 1m40s: Latency spike"),
        ("flow.frozen", {"flow": "capsules", "cause": "duplicates"}, "frozen: Capsules"),
        ("watch.stopped", {"reason": "quit"}, "nobody watches"),
    ],
)
def test_paused_frozen_and_unwatched_hold(kind, facts, text):
    state = written(kind, **facts)
    assert condition("running", state).text == text
    assert [item.name for item in opened(state).blockers] == ["running"]


def test_the_forecast_is_the_latest_of_all():
    said = {**verdicts(), "latency": Verdict("latency", Mark.WARMING, eta=after(9000))}
    soak = replace(SOAKED, mark=Mark.WARMING, eta=after(8000))
    assert opened(ready(), said, soak=soak).earliest == after(9000)
    assert opened(ready(), {**said, "errors": Verdict("errors", Mark.SILENT)}, soak=soak).earliest is None


def test_a_forecast_never_lies_in_the_past():
    said = {**verdicts(), "latency": Verdict("latency", Mark.WARMING, eta=after(10))}
    assert opened(ready(), said).earliest == NOW


@pytest.mark.parametrize(
    ("verdict", "text"),
    [
        (
            Verdict("latency", Mark.PASS, "x", 438.0, 500.0, "ms", "438 ms  3/3 windows"),
            "p95 438 ms ≤ 500 ms (worst x, 3 of 3 windows)",
        ),
        (Verdict("latency", Mark.BREACH, "x", 812.0, 500.0, "ms", "812 ms x"), "p95 812 ms > 500 ms x"),
        (Verdict("latency", Mark.WARMING, "x", 438.0, 500.0, "ms", "1 of 3 windows"), "1 of 3 windows"),
        (
            Verdict("latency", Mark.PASS, "x", 438.0, 500.0, "ms", "438 ms  3/3 windows (pooled over 40 min)"),
            "p95 438 ms ≤ 500 ms (worst x, 3 of 3 windows, pooled over 40 min)",
        ),
        (
            Verdict("latency", Mark.BREACH, "x", 900.0, 500.0, "ms", "3 of 22 over 500 ms, 40 min x"),
            "3 of 22 over 500 ms, 40 min x",
        ),
        (
            Verdict("errors", Mark.PASS, "x", 0.3, 1.0, "%", "0.3 %  3/3 windows"),
            "0.3 % < 1.0 % (worst x, 3 of 3 windows)",
        ),
        (Verdict("errors", Mark.BREACH, "x", 1.0, 1.0, "%", "1.0 % x"), "1.0 % ≥ 1.0 % x"),
        (Verdict("analytics", Mark.PASS, "x", 130.0, 600.0, "s", "gap 2m10s"), "gap 2m10s ≤ 10m00s (worst x)"),
        (
            Verdict("growth", Mark.BREACH, "a", 41.0, 25.0, "%", "a 41 % high, runaway"),
            "a 41 % high > 25 %, runaway (vs expected growth)",
        ),
        (
            Verdict("growth", Mark.BREACH, "a", -40.0, -25.0, "%", "a 40 % low, stall"),
            "a 40 % low > 25 %, stall (vs expected growth)",
        ),
        (Verdict("growth", Mark.PASS, "a", -3.0, -25.0, "%", "a 3 % low"), "a 3 % low ≤ 25 % (vs expected growth)"),
        (Verdict("latency", Mark.PASS, "x", float("nan"), 500.0, "ms", ""), "pass"),
    ],
)
def test_a_condition_says_value_and_bound(verdict, text):
    assert condition(verdict.criterion, ready(), {**verdicts(), verdict.criterion: verdict}).text == text
