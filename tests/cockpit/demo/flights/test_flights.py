"""The demo flown for real by the autopilot: what each scenario must leave in the session file."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from cockpit.demo.world.scenarios import SCENARIOS
from sessions.storage.journal import load
from sessions.values.entries import Entry
from tests.support.watch.demo_page import promised

SPEED = "240"
PATIENCE_S = 240
LONG_S = 600
"""A flight takes a tenth of it where the machine has a core to spare; on a busy one its clock goes slower."""


def fly(
    out: Path,
    scenario: str,
    until: str,
    enough=None,
    *,
    speed: str = SPEED,
    traffic: str = "scrape",
    patience: float = PATIENCE_S,
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
    guard = threading.Timer(patience, child.kill)
    guard.start()
    lines: list[str] = []
    try:
        for line in child.stdout:
            lines.append(line)
            if enough is not None and enough(lines):
                child.send_signal(signal.SIGTERM)
                break
        child.stdout.read()
        code = child.wait(60)
    finally:
        guard.cancel()
        child.kill()
        child.wait()
        child.stdout.close()
    return code, load(out / "session.toml").entries


def kinds(entries: tuple[Entry, ...], *wanted: str) -> list[Entry]:
    return [entry for entry in entries if entry.kind in wanted]


def proved(entries: tuple[Entry, ...]) -> None:
    """Every condition passed, after the whole soak."""
    first, second = kinds(entries, "phase.entered")
    evidence = second.listed("evidence")
    assert len(evidence) == 13
    assert all(" pass " in f" {line} " for line in evidence), evidence
    assert "override" not in second.facts
    assert (second.at - first.at).total_seconds() >= 7200 / float(SPEED)


def reverted(entries: tuple[Entry, ...]) -> None:
    """The fuse that burns down is what reverts: nothing comes between; a busy machine may have had spikes before."""
    story = kinds(entries, "fuse.lit", "fuse.defused", "fuse.blown", "phase.entered")
    blown = next(at for at, entry in enumerate(story) if entry.kind == "fuse.blown")
    assert [entry.kind for entry in story[blown - 1 : blown + 2]] == ["fuse.lit", "fuse.blown", "phase.entered"]
    assert [entry.phase for entry in story[blown - 1 : blown + 2]] == [25, 25, 10]


def measured(entries: tuple[Entry, ...]) -> None:
    act = next(entry for entry in kinds(entries, "risk.turned") if entry.said("level") == "act")
    assert act.counted("value") > 20


def unharmed(entries: tuple[Entry, ...]) -> None:
    """Row 43: the owner sees the code; the gate holds; missing data is no proof of harm."""
    blind = [entry for entry in kinds(entries, "verdict.turned") if entry.said("verdict") == "blind"]
    assert {entry.said("criterion") for entry in blind if "503" in entry.text} == {"latency", "errors"}
    assert [entry.phase for entry in kinds(entries, "phase.entered")] == [10]
    assert not kinds(entries, "fuse.lit", "fuse.blown", "rollout.paused")


def held(entries: tuple[Entry, ...]) -> None:
    """No step was taken against the gate, and the last one with proof of every condition."""
    assert not [entry for entry in entries if entry.facts.get("override")]
    evidence = kinds(entries, "phase.entered")[-1].listed("evidence")
    assert all(line.startswith("pass ") for line in evidence), evidence


ALSO: dict[str, Callable[[tuple[Entry, ...]], None]] = {
    "calm": proved,
    "latency-spike": reverted,
    "ticket-flood": measured,
    "source-down": unharmed,
    "incident": held,
    "flag-drift": held,
    "bad-day": held,
}


@pytest.mark.flight
@pytest.mark.timeout(LONG_S + 40)
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_flight_leaves_the_entries_that_its_page_promises(tmp_path: Path, scenario: str) -> None:
    promise = promised(scenario)
    file = tmp_path / "flight" / "session.toml"

    def told(_lines: list[str]) -> bool:
        return not promise.reached and not promise.missing(load(file).entries)

    code, entries = fly(file.parent, scenario, promise.goal, told, patience=LONG_S)
    assert not promise.missing(entries), "\n".join(f"{entry.kind} {entry.text}" for entry in entries)
    ALSO.get(scenario, lambda _entries: None)(entries)
    if promise.reached:
        assert code == 0
        assert "## Wins" in (file.parent / "exports" / "report-flight.md").read_text("utf-8")


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
        assert child.wait(60) == 128 + signal.SIGTERM
    assert load(tmp_path / "ended" / "session.toml").entries[-1].kind == "watch.stopped"
