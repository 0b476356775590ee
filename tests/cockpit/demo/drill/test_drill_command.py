"""A drill by its command, without a screen: requests as a script, a world that only notes; what is printed and kept."""

import contextlib

import pytest

from cockpit.__main__ import run
from cockpit.cli.commands import demo, sessions
from cockpit.demo.drill.scenario import drawn
from cockpit.demo.launch import Address
from cockpit.demo.world.faults import NAME
from sessions.gate.evaluate import judge
from sessions.plan.loader import bundled
from sessions.storage.journal import load
from sessions.storage.replay import rebuilt
from sessions.values.entries import Draft
from tests.support.build import after
from tests.support.watch.watching import enter, put

SEED = next(seed for seed in range(99) if drawn(seed) == "ticket-flood")


class FixedClock:
    at = after(0)

    def now(self):
        return self.at


@pytest.fixture
def drilled(tmp_path, monkeypatch):
    """Return what flies a drill: `script` is told the session's folder and the world's, instead of a screen."""
    monkeypatch.setattr(demo, "Clock", FixedClock)
    monkeypatch.setattr(demo, "clock_of", lambda _folder: FixedClock())
    monkeypatch.setattr(sessions, "Clock", FixedClock)
    monkeypatch.setattr(demo, "need_terminal", lambda: None)
    world = tmp_path / "world"
    world.mkdir()
    found = {}

    class Imagined(contextlib.nullcontext):
        def __init__(self, _plan, scenario, seed, **_facts):
            found.update(scenario=scenario, seed=seed)
            flags = world / "flags.json"
            super().__init__(Address("http://127.0.0.1:9/metrics", "mongodb://127.0.0.1:9", "shop", flags, world))

        def keep_time(self, _path):
            pass

    monkeypatch.setattr(demo, "World", Imagined)

    def fly(script, *words):
        def screen(folder, environ, ends):
            return script(folder, world, ends) or 0

        monkeypatch.setattr(demo, "watch_on_screen", screen)
        return run(["demo", "--drill", "--speed", "1", *words])

    return fly, found


def flood(folder, world, _ends):
    """Fly a flood of tickets: it begins at minute 30, is told at 32, noticed at 33, acted on at 36, calm at 50."""
    lines = [f'{{"at": "{after(60 * minute).isoformat()}", "kind": "queue", "on": {on}}}\n'
             for minute, on in ((30, "true"), (34, "false"))]  # fmt: skip
    (world / NAME).write_text("".join(lines), "utf-8")
    enter(folder, bundled(), 10, after(60))
    queue = {"risk": "support_queue", "was": "calm"}
    done = {"task": "support_queue.sla", "done": True, "risk": "support_queue"}
    silenced = {"alarms": ("risk.support_queue",), "until": after(3600)}
    for minute, draft in (
        (32, Draft("risk.turned", "watch", "Support queue 23 > 20", {**queue, "level": "act"})),
        (33, Draft("alarm.acknowledged", "owner", "acknowledged", silenced)),
        (36, Draft("task.ticked", "owner", "SLA message on", done)),
        (50, Draft("risk.turned", "watch", "Support queue calm", {**queue, "level": "calm"})),
    ):
        put(folder, 10, draft, at=after(60 * minute))
    FixedClock.at = after(3600)


@pytest.fixture(autouse=True)
def _begin():
    FixedClock.at = after(0)


def test_it_scores_what_was_flown_and_keeps_it_beside_the_session(drilled, tmp_path, capsys):
    (fly, world), out = drilled, tmp_path / "out"
    assert fly(flood, "--seed", str(SEED), "--out", str(out)) == 0
    printed = capsys.readouterr().out
    assert world == {"scenario": "ticket-flood", "seed": SEED}
    began = after(1800).astimezone().strftime("%H:%M:%S")
    assert f"| a flood of tickets | {began} | 3.0 min | 3.0 min | 6.0 min | 20.0 min |" in printed
    assert "a flood of tickets: Cap escalations not done" in printed
    assert "SLA message is still on" in printed
    assert "no report was written" in printed
    assert (out / "drill.md").read_text("utf-8") in printed


def test_nothing_names_the_scenario_before_the_end(drilled, tmp_path, capsys):
    texts = []

    def look(folder, _world, _ends):
        texts.extend([str(folder), capsys.readouterr().out])
        texts.extend(path.read_text("utf-8") for path in folder.rglob("*") if path.is_file())

    assert drilled[0](look, "--seed", str(SEED), "--out", str(tmp_path / "out")) == 0
    assert len(texts) > 3
    assert not [text for text in texts if "ticket-flood" in text or "ticket_flood" in text]
    assert "# Drill: ticket-flood" in capsys.readouterr().out


def test_without_a_seed_one_is_drawn_and_told(drilled, tmp_path, capsys):
    fly, world = drilled
    assert fly(lambda *_: 0, "--out", str(tmp_path / "out")) == 0
    said = capsys.readouterr().out
    assert f"--drill --seed {world['seed']}`" in said
    assert world["scenario"] == drawn(world["seed"])
    assert "The fault never began" in said


def test_the_screen_is_told_when_it_is_over(drilled, tmp_path):
    told = []

    def script(folder, world, ends):
        flood(folder, world, ends)
        for minute in (20, 169, 170):
            now = after(60 * minute)
            flown = rebuilt(load(folder / "session.toml"))
            told.append(ends(judge(flown, now)))

    assert drilled[0](script, "--seed", str(SEED), "--out", str(tmp_path / "out")) == 0
    assert told == ["", "", "all is resolved"]


@pytest.mark.parametrize("words", [("--headless",), ("--scenario", "calm"), ("--until", "25%")])
def test_it_is_flown_by_hand_and_told_nothing(words, capsys):
    assert run(["demo", "--drill", *words]) == 2
    said = capsys.readouterr().err
    assert (
        said == "cockpit: --drill: you fly it yourself, and its scenario is secret: "
        "leave out --headless, --until, --scenario\n"
    )


def test_it_needs_a_terminal(capsys):
    assert run(["demo", "--drill"]) == 2
    assert "stdout is not a terminal" in capsys.readouterr().err
