import pytest
from msgspec.structs import replace

from sessions.criteria import incidents
from sessions.state.reducer import Incident, State
from sessions.values.readings import Alerts, Topic, Triage, TriageLine
from sessions.values.verdicts import Mark
from tests.support.build import PLAN, after, pulse
from tests.support.sessions.flight import in_phase
from tests.support.sessions.scenes import answered, entered, part, told

M = Mark
NOW = after(3600)


def flying(*recorded: Incident, lines: tuple[TriageLine, ...] = (), at=NOW) -> State:
    state = told(entered(), Triage("mongo", at, lines, 400), pulse(Topic.TRIAGE, at))
    return State(
        PLAN,
        phase=25,
        entered_at=state.entered_at,
        incidents={incident.id: incident for incident in recorded},
        seen=state.seen,
    )


def incident(severity="P1", opened=60.0, resolved=None, title="Checkout is down", name="i1") -> Incident:
    return Incident(name, severity, title, after(opened), None if resolved is None else after(resolved))


def line(at=60.0, *, open_=True, title="Capsule lost", name="t1") -> TriageLine:
    return TriageLine(name, after(at), title, open_)


def test_nothing_open_and_no_critical_line_passes():
    verdict = incidents.judge(flying(), NOW)
    assert (verdict.mark, verdict.text) == (M.PASS, "none open, no critical line")
    assert {item.mark for item in verdict.parts} == {M.PASS}


@pytest.mark.parametrize(
    ("severity", "opened", "resolved", "mark"),
    [
        ("P0", 60, None, M.BREACH),
        ("P1", 60, None, M.BREACH),
        ("P2", 60, None, M.PASS),
        ("P3", 60, None, M.PASS),
        ("P1", 60, 120, M.BREACH),
        ("P1", 0, 120, M.BREACH),
        ("P1", -1, 120, M.PASS),
        ("P1", -1, -1, M.PASS),
        ("P1", -7200, None, M.BREACH),
        ("P2", -7200, None, M.PASS),
    ],
)
def test_grave_incidents_of_the_phase_or_still_open_breach(severity, opened, resolved, mark):
    assert incidents.judge(flying(incident(severity, opened, resolved)), NOW).mark is mark


@pytest.mark.parametrize("by", [-1800.0, 1800.0, 7200.0])
@pytest.mark.parametrize("topic", [Topic.TRIAGE, Topic.ALERTS])
def test_what_was_grave_before_the_clock_was_moved_still_holds(topic, by):
    pen = in_phase(10, at=30.0)
    pen.write(40, "watch.started", pid=1, host="box", answers=(topic.value,))
    over = line(60, open_=topic is Topic.ALERTS)
    make = Triage if topic is Topic.TRIAGE else Alerts
    pen.see(make("made", after(90), (over,), 1), pulse(topic, after(90)))
    assert incidents.judge(pen.state, after(90)).mark is M.BREACH
    pen.write(120 + by, "gap.found", since=after(120 + by), until=after(120 + by), cause="clock", moved=by)
    now = after(180 + by)
    pen.see(make("made", now, (over,) if topic is Topic.TRIAGE else (), 1), pulse(topic, now))
    assert incidents.judge(pen.state, now).mark is M.BREACH


def test_a_line_from_before_the_phase_is_none_of_it_where_no_clock_was_moved():
    pen = in_phase(10, at=30.0)
    pen.see(Triage("made", after(90), (line(29, open_=False),), 1), pulse(Topic.TRIAGE, after(90)))
    assert incidents.judge(pen.state, after(90)).mark is M.PASS


def test_an_open_incident_is_told_by_severity_and_title():
    verdict = incidents.judge(flying(incident()), NOW)
    assert (verdict.text, verdict.value, verdict.bound) == ("P1 open: Checkout is down", 1.0, 0.0)
    assert verdict.eta is None


def test_a_resolved_one_says_what_is_left_to_do():
    text = incidents.judge(flying(incident(resolved=120)), NOW).text
    assert text.startswith("P1 resolved ")
    assert text.endswith(", waive to go on")
    assert len(text) <= 40


def test_what_is_open_is_told_before_what_is_resolved():
    state = flying(incident(opened=60), incident("P0", 90, 120, name="i2"))
    verdict = incidents.judge(state, NOW)
    assert verdict.text.startswith("P1 open")
    assert verdict.value == 2.0


@pytest.mark.parametrize(
    ("recorded", "done"),
    [
        ((), True),
        ((incident(),), False),
        ((incident(resolved=90),), True),
        ((incident(resolved=90), incident(name="i2")), False),
        ((incident("P2"),), True),
        ((incident(opened=-7200),), False),
    ],
)
def test_resolved_means_every_grave_one(recorded, done):
    assert incidents.resolved(flying(*recorded)) is done


@pytest.mark.parametrize(
    ("at", "open_", "mark"),
    [
        (60, True, M.BREACH),
        (60, False, M.BREACH),
        (0, False, M.BREACH),
        (-1, False, M.PASS),
        (-7200, True, M.BREACH),
        (7200, False, M.BREACH),
    ],
)
def test_critical_lines_of_the_phase_or_still_open_breach(at, open_, mark):
    assert incidents.judge(flying(lines=(line(at, open_=open_),)), NOW).mark is mark


def test_critical_lines_are_counted_and_the_newest_is_named():
    state = flying(lines=(line(60, title="Old"), line(90, title="New", name="t2"), line(-9, open_=False, name="t3")))
    verdict = incidents.judge(state, NOW)
    assert (verdict.text, verdict.value) == ("2 critical lines > 0: New", 2.0)


def test_row_82_foreign_titles_are_cleaned_and_bounded():
    hostile = "\x1b]0;owned\x07[@click=app.quit]x[/]" + "y" * 500
    for state in (flying(lines=(line(title=hostile),)), flying(incident(title=hostile))):
        text = incidents.judge(state, NOW).text
        assert "\x1b" not in text
        assert "\x07" not in text
        assert len(text) <= 430


def test_a_triage_log_never_read_is_silent():
    verdict = incidents.judge(answered(entered(), Topic.TRIAGE, NOW), NOW)
    assert (verdict.mark, verdict.text) == (M.SILENT, "triage log not read")


def test_an_old_triage_log_on_a_fresh_topic_is_silent_since_it_was_read():
    later = after(3600 + PLAN.cadence.mongo_stale + 1)
    verdict = incidents.judge(answered(flying(), Topic.TRIAGE, later), later)
    assert (verdict.mark, verdict.since) == (M.SILENT, NOW)


def test_a_triage_log_from_the_future_is_silent():
    state = answered(flying(at=after(7200)), Topic.TRIAGE, NOW)
    assert incidents.judge(state, NOW).mark is not M.PASS


def test_a_failing_source_is_blind():
    later = after(3600 + PLAN.cadence.mongo_stale + 1)
    verdict = incidents.judge(answered(flying(), Topic.TRIAGE, later, ok=False, reason="login refused"), later)
    assert (verdict.mark, verdict.text, verdict.since) == (M.BLIND, "no answer for 3m01s: login refused", NOW)


def test_what_the_owner_recorded_is_known_even_while_the_log_is_blind():
    later = after(3600 + PLAN.cadence.mongo_stale + 1)
    verdict = incidents.judge(flying(incident()), later)
    assert verdict.mark is M.BREACH
    assert part(verdict, incidents.TRIAGE).mark is M.BLIND


def test_nothing_at_all_is_no_pass():
    assert incidents.judge(State(PLAN), NOW).mark is M.WARMING


def alerting(*alerts: TriageLine, at=NOW, answers=("triage", "alerts"), ok=True) -> State:
    state = flying()
    rows = (Alerts("alertmanager", at, alerts, len(alerts)), pulse(Topic.ALERTS, at, ok=ok, reason="" if ok else "503"))
    return replace(told(state, *rows), answers=answers)


@pytest.mark.parametrize(
    ("alert", "mark"),
    [
        (None, M.PASS),
        (line(name="a1", title="Capsules slow"), M.BREACH),
        (line(-60, name="a1"), M.BREACH),
        (line(60, open_=False, name="a1"), M.BREACH),
        (line(-60, open_=False, name="a1"), M.PASS),
    ],
)
def test_an_alert_holds_like_a_critical_line(alert, mark):
    verdict = incidents.judge(alerting(*([alert] if alert else [])), NOW)
    assert verdict.mark is mark
    assert part(verdict, "alerts").mark is mark


def test_alerts_that_are_asked_for_and_not_heard_prove_nothing():
    silent = replace(flying(), answers=("triage", "alerts"), entered_at=after(-4000))
    assert incidents.judge(silent, NOW).mark is M.BLIND
    assert incidents.judge(alerting(at=after(-400, NOW)), NOW).mark is M.BLIND


def test_alerts_of_a_source_that_is_gone_hold_nothing():
    assert incidents.judge(alerting(line(name="a1"), answers=()), NOW).mark is M.PASS


def test_who_has_alerts_and_no_triage_log_is_judged_by_alerts_alone():
    heard = replace(alerting(answers=("alerts",)), seen=replace(alerting().seen, triage=None))
    assert incidents.judge(heard, NOW).mark is M.PASS
    assert incidents.judge(replace(heard, answers=("csat",)), NOW).mark is not M.PASS
    assert incidents.told_by(replace(heard, answers=())) == (Topic.TRIAGE,)


DOUBT = "1 alert of severity High is not counted"


@pytest.mark.parametrize(
    ("lines", "doubt", "mark", "text"),
    [
        ((), "", M.PASS, "none open, no critical line"),
        ((), DOUBT, M.BLIND, DOUBT),
        ((line(),), DOUBT, M.BREACH, "1 critical {} > 0: Capsule lost"),
        ((line(-60, open_=False),), DOUBT, M.BLIND, DOUBT),
    ],
)
@pytest.mark.parametrize("topic", [Topic.TRIAGE, Topic.ALERTS])
def test_what_may_not_be_all_proves_what_it_shows_and_no_calm(topic, lines, doubt, mark, text):
    log = (Triage if topic is Topic.TRIAGE else Alerts)("log", NOW, lines, 1, doubt)
    state = replace(told(entered(), log, pulse(topic, NOW)), answers=frozenset((topic,)))
    verdict = incidents.judge(state, NOW)
    assert (verdict.mark, verdict.text) == (mark, text.format("line" if topic is Topic.TRIAGE else "alert"))


@pytest.mark.parametrize("late", [0, 3600])
def test_a_source_that_fails_for_a_reason_of_its_own_is_told_by_it_at_once_and_for_as_long(late):
    doubt, now = "the heartbeat Watchdog does not fire: nobody feeds this Alertmanager", after(late, NOW)
    good, bad = pulse(Topic.ALERTS, NOW), pulse(Topic.ALERTS, now, ok=False, reason=doubt)
    state = replace(told(entered(), good, Alerts("am", now, (), 0, doubt), bad), answers=frozenset((Topic.ALERTS,)))
    verdict = incidents.judge(state, now)
    assert (verdict.mark, verdict.text) == (M.BLIND, doubt)
