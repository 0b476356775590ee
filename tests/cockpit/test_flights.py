"""The demo flown for real by the autopilot: what each scenario must leave in the session file."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from sessions.entries import Entry
from sessions.journal import load

SPEED = "240"
PATIENCE_S = 110


def fly(
    out: Path, scenario: str, until: str, enough=None, *, speed: str = SPEED, traffic: str = "scrape"
) -> tuple[int | None, tuple[Entry, ...]]:
    """Fly until the goal is reached, or until `enough` says so of the lines; return the code and the entries."""
    child = subprocess.Popen(
        [
            *(sys.executable, "-m", "cockpit", "demo", "--headless", "--speed", speed, "--seed", "3"),
            *("--traffic", traffic),
            *("--scenario", scenario, "--until", until, "--out", str(out)),
        ],
        stdout=subprocess.PIPE,
        text=True,
        env={name: value for name, value in os.environ.items() if name != "COCKPIT_MONGO_URI"},
    )
    guard = threading.Timer(PATIENCE_S, child.kill)
    guard.start()
    lines: list[str] = []
    try:
        for line in child.stdout:
            lines.append(line)
            if enough is not None and enough(lines):
                child.send_signal(signal.SIGTERM)
                break
        child.stdout.read()
        code = child.wait(20)
    finally:
        guard.cancel()
        child.kill()
        child.wait()
        child.stdout.close()
    return code, load(out / "session.toml").entries


def kinds(entries: tuple[Entry, ...], *wanted: str) -> list[Entry]:
    return [entry for entry in entries if entry.kind in wanted]


@pytest.mark.flight
def test_calm_reaches_25_with_proof_of_every_condition(tmp_path: Path) -> None:
    begun = time.monotonic()
    code, entries = fly(tmp_path / "calm", "calm", "25%")
    assert code == 0, [entry.text for entry in entries]
    entered = kinds(entries, "phase.entered")
    assert [entry.phase for entry in entered] == [10, 25]
    evidence = entered[1].listed("evidence")
    assert len(evidence) == 13
    assert all(" pass " in f" {line} " for line in evidence), evidence
    assert "override" not in entered[1].facts
    assert (entered[1].at - entered[0].at).total_seconds() >= 7200 / float(SPEED)
    assert time.monotonic() - begun >= 7200 / float(SPEED)
    assert "## Wins" in (tmp_path / "calm" / "exports" / "report-flight.md").read_text("utf-8")


@pytest.mark.flight
def test_latency_spike_pauses_burns_down_reverts_and_recovers(tmp_path: Path) -> None:
    def recovered(lines: list[str]) -> bool:
        text = "".join(lines)
        _, _, after = text.partition("reverted from 25 % to 10 %")
        return "≤ 500 ms · 3/3" in after

    _, entries = fly(tmp_path / "spike", "latency-spike", "50%", recovered)
    story = [entry.kind for entry in kinds(entries, "rollout.paused", "fuse.lit", "fuse.blown", "phase.entered")]
    assert story[:6] == ["phase.entered", "phase.entered", "rollout.paused", "fuse.lit", "fuse.blown", "phase.entered"]
    back = kinds(entries, "phase.entered")[2]
    assert (back.phase, back.counted("previous"), back.by) == (10, 25, "watch")
    marks = [
        entry.said("verdict") for entry in entries if entry.said("criterion") == "latency" and entry.seq > back.seq
    ]
    assert marks[-1] == "pass"


@pytest.mark.flight
def test_duplicates_act_and_freeze_the_flows(tmp_path: Path) -> None:
    _, entries = fly(tmp_path / "twice", "duplicates", "50%", lambda lines: "duplication" in lines[-1].lower())
    acts = [entry for entry in kinds(entries, "risk.turned") if entry.said("level") == "act"]
    assert [entry.said("risk") for entry in acts] == ["duplication"]
    assert {entry.said("flow") for entry in kinds(entries, "flow.frozen")} == {"capsules", "returns"}


@pytest.mark.flight
def test_a_ticket_flood_acts_above_twenty(tmp_path: Path) -> None:
    _, entries = fly(tmp_path / "flood", "ticket-flood", "50%", lambda lines: "> 20" in lines[-1])
    act = next(entry for entry in kinds(entries, "risk.turned") if entry.said("level") == "act")
    assert act.said("risk") == "support_queue"
    assert act.counted("value") > 20


@pytest.mark.flight
def test_a_source_that_goes_down_turns_blind_holds_and_reverts_nothing(tmp_path: Path) -> None:
    """Row 43: the owner sees the code; the gate holds; missing data is no proof of harm."""

    def back(lines: list[str]) -> bool:
        text = "".join(lines)
        _, blind, after = text.partition("503")
        return bool(blind) and "3/3" in after

    _, entries = fly(tmp_path / "down", "source-down", "50%", back)
    blind = [entry for entry in kinds(entries, "verdict.turned") if entry.said("verdict") == "blind"]
    told = {entry.said("criterion"): entry.text for entry in blind}
    assert "503" in told["latency"]
    assert "503" in told["errors"]
    assert [entry.phase for entry in kinds(entries, "phase.entered")] == [10]
    assert not kinds(entries, "fuse.lit", "fuse.blown", "rollout.paused")


@pytest.mark.flight
def test_a_second_signal_does_not_cut_the_end_short(tmp_path: Path) -> None:
    words = ("demo", "--headless", "--speed", SPEED, "--out", str(tmp_path / "ended"))
    with subprocess.Popen([sys.executable, "-m", "cockpit", *words], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        for line in child.stdout:
            if "watch.started" in line:
                break
        for _ in range(3):
            child.send_signal(signal.SIGTERM)
        child.stdout.read()
        assert child.wait(20) == 128 + signal.SIGTERM
    assert load(tmp_path / "ended" / "session.toml").entries[-1].kind == "watch.stopped"
