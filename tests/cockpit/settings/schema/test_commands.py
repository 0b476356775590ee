"""What the commands say of a session: status, and check with its exit codes."""

import json
import math
from datetime import timedelta
from typing import Any

from msgspec.structs import replace

import cockpit.cli.outside.check
from cockpit.__main__ import run
from cockpit.cli.commands.status import as_table
from cockpit.runtime.clock import Clock
from cockpit.session.both_files import look
from sessions.gate.outlook import BLIND, BREACH, HOLD, MAY_ADVANCE, decision
from sessions.storage.folders import HISTORY, SESSION
from sessions.values.entries import Draft
from tests.support.build import after
from tests.support.sessions.flight import all_is_well, in_phase, judged, verdicts
from tests.support.sessions.preflight import ASSUMED, calm_preflight, measured
from tests.support.watch.watching import (
    ShiftedClock,
    documents,
    made,
    put,
    ready,
    traffic,
    watched,
)

TOP = {
    "promises",
    "session",
    "at",
    "phase",
    "decision",
    "concluded",
    "week",
    "gate",
    "verdicts",
    "alarms",
    "faults",
    "risks",
    "soak",
    "measures",
    "sources",
    "incidents",
    "remarks",
    "paused",
    "frozen",
    "fuses",
    "flag",
    "entries",
}


def checked(capsys, *words):
    code = run(["check", *words])
    said = capsys.readouterr()
    assert said.err == ""
    return code, said.out


def test_check_0_may_advance(home, capsys, held):
    calm_preflight(home / "one", held)
    assert checked(capsys, "one") == (0, "may advance\n")


def test_check_10_holds_and_names_every_reason(home, capsys, held):
    put(calm_preflight(home / "one", held), 0, Draft("task.ticked", "owner", "t", {"task": ASSUMED[0], "done": False}))
    code, said = checked(capsys, "one")
    assert (code, said) == (10, "hold: tasks 2 of 3 ticked\n")


def test_check_20_while_the_gate_holds_on_a_risk_that_acts_and_on_a_fuse(home, capsys, held):
    folder = calm_preflight(home / "one", held)
    measured(folder, Clock().now(), tickets=lambda: 21)
    assert checked(capsys, "one") == (0, "may advance\n")
    put(folder, 0, Draft("task.ticked", "owner", "t", {"task": ASSUMED[0], "done": False}))
    assert checked(capsys, "one")[0] == 20
    other = calm_preflight(home / "two", held)
    facts = {"risk": "latency_spike", "deadline": after(600, Clock().now()), "evidence": ()}
    put(other, 0, Draft("fuse.lit", "watch", "spike", facts))
    assert checked(capsys, "two")[0] == 20


def test_check_30_once_the_readings_are_stale(home, capsys, monkeypatch, held):
    calm_preflight(home / "one", held)
    late = ShiftedClock()
    late.wall = 900
    monkeypatch.setattr(cockpit.cli.outside.check, "clock_of", lambda _folder: late)
    code, said = checked(capsys, "one")
    assert code == 30
    assert said.startswith("blind: sources no source answers; flag no answer for 15m")


def test_check_30_on_a_session_whose_watch_was_killed(home, capsys, held):
    calm_preflight(home / "one", held)
    held.pop().release()
    assert checked(capsys, "one") == (30, "blind: running nobody watches\n")


def test_check_30_on_a_session_nobody_watches(home, capsys):
    with watched(made(home / "one"), traffic(), documents()) as door:
        ready(door)
        assert checked(capsys, "one") == (0, "may advance\n")
    code, said = checked(capsys, "one")
    assert (code, said) == (30, "blind: running nobody watches\n")


def test_check_30_on_a_session_nobody_ever_watched(home, capsys):
    made(home / "one")
    assert checked(capsys, "one")[0] == 30


def test_check_30_without_a_history(home, capsys, held):
    (calm_preflight(home / "one", held) / HISTORY).unlink()
    later = checked(capsys, "one")
    assert later[0] != 0


def test_check_2_without_such_a_session(home, capsys):
    assert run(["check", "nope"]) == 2
    assert capsys.readouterr().out == ""


def test_a_breach_is_told_before_blindness_and_blindness_before_hold():
    pen = in_phase(10)
    now = after(7200)
    state = all_is_well(pen.state, now)
    calm = look_at(state, now)
    assert decision(calm) in (HOLD, MAY_ADVANCE)
    marked = judged(state, now, verdicts=verdicts(latency="blind"))
    assert decision(marked) == BLIND
    both = judged(state, now, verdicts=verdicts(latency="blind", errors="breach"))
    assert decision(both) == BREACH


def look_at(state, now):
    from sessions.gate.evaluate import judge

    return judge(state, now)


def test_the_json_of_status_and_check_is_one_stable_shape(home, capsys, held):
    calm_preflight(home / "one", held)
    assert run(["status", "one", "--json"]) == 0
    status = json.loads(capsys.readouterr().out)
    code, said = checked(capsys, "one", "--json")
    check = json.loads(said)
    assert code == 0
    assert set(status) == set(check) == TOP
    assert set(check["gate"]) == {"goal", "open", "earliest", "conditions"}
    assert all(set(row) == {"name", "mark", "text"} for row in check["gate"]["conditions"])
    assert list(check["verdicts"]) == ["latency", "errors", "analytics", "growth", "incidents"]
    assert all(set(row) == {"mark", "subject", "value", "bound", "unit", "text"} for row in check["verdicts"].values())
    assert len(check["risks"]) == 6
    assert all(set(row) == {"level", "text"} for row in check["risks"].values())
    assert "POST /capsules" in [row["subject"] for row in check["remarks"]]
    assert all(set(row) == {"subject", "text", "fix"} for row in check["remarks"])
    assert set(check["soak"]) == {"needed_s", "done_s", "coverage", "busy"}
    assert set(check["flag"]) == {"status", "percent"}
    assert (check["session"], check["decision"], check["gate"]["goal"]) == ("flight", "may advance", "10 %")
    assert (check["paused"], check["frozen"], check["fuses"]) == (None, [], {})


def test_alarms_stand_in_status_acknowledged_or_not(home, capsys, held):
    folder = calm_preflight(home / "one", held)
    facts = {"incident": "i1", "severity": "P1"}
    (opened,) = put(folder, 0, Draft("incident.opened", "cli", "P1 checkout down", facts))
    until = opened.at + timedelta(minutes=30)
    for acknowledged in (False, True):
        if acknowledged:
            put(folder, 0, Draft("alarm.acknowledged", "owner", "heard", {"alarms": ("incident.i1",), "until": until}))
        run(["status", "one", "--json"])
        (alarm,) = json.loads(capsys.readouterr().out)["alarms"]
        assert (alarm["id"], alarm["since"]) == ("incident.i1", opened.at.isoformat())
        assert "checkout down" in alarm["text"]
        assert alarm["acknowledged_until"] == (until.isoformat() if acknowledged else None)
        run(["status", "one"])
        assert any("alarm" in line and "checkout down" in line for line in capsys.readouterr().out.splitlines())


def test_the_json_holds_no_figure_that_json_lacks():
    state = in_phase(10).state
    json.dumps(as_table(judged(state, after(1), verdicts=verdicts())), allow_nan=False)
    odd = {name: replace_value(verdict) for name, verdict in verdicts().items()}
    table: dict[str, Any] = as_table(judged(state, after(1), verdicts=odd))
    assert {row["value"] for row in table["verdicts"].values()} == {None}
    json.dumps(table, allow_nan=False)


def replace_value(verdict):
    return replace(verdict, value=math.nan, bound=math.inf)


def test_status_says_phase_gate_and_every_condition_and_risk(home, capsys, held):
    calm_preflight(home / "one", held)
    assert run(["status", "one"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "flight · CL7 concierge · Pre-flight · 0 % · watched"
    assert lines[1] == "gate to 10 %: open"
    remarks = [line for line in lines if line.startswith("  remark   ")]
    assert len(lines) == 2 + 7 + 6 + len(remarks)
    assert any("POST /capsules" in line and "it will stay thin" in line for line in remarks)
    assert all(line.startswith("  pass ") for line in lines[2:9])


def test_a_paused_session_says_so(home, capsys, held):
    folder = calm_preflight(home / "one", held)
    put(folder, 0, Draft("rollout.paused", "owner", "paused", {"cause": "lunch", "evidence": ()}))
    assert run(["status", "one"]) == 0
    assert capsys.readouterr().out.splitlines()[0].endswith("· paused")
    assert checked(capsys, "one")[0] == 10


def test_row_83_foreign_text_reaches_no_terminal(home, capsys, held):
    folder = calm_preflight(home / "one", held)
    evil = "\x1b]0;owned\x07[/] \x9b2J\u202e"
    put(folder, 0, Draft("rollout.paused", "owner", evil, {"cause": evil, "evidence": ()}))
    for words in (["status", "one"], ["check", "one"], ["status", "one", "--json"]):
        run(words)
        said = capsys.readouterr().out
        assert not set(said) & {"\x1b", "\x07", "\x9b", "\u202e"}, words


def test_looking_leaves_the_session_as_it_was(home, capsys, held):
    folder = calm_preflight(home / "one", held)
    before = (folder / SESSION).read_bytes()
    for words in (["status"], ["check"], ["sessions"]):
        run(words)
    assert (folder / SESSION).read_bytes() == before
    assert look(folder, Clock(), None).gate.open
