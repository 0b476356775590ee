"""A plan that begins under 1 %: refused in one line where the flag cannot hold it, flown to the letter where it can."""

import json

import pytest

from cockpit.__main__ import run
from cockpit.demo.world.flag_file import first_text, flags_from
from cockpit.settings.promises.plan_file import bundled_text
from sessions.plan.loader import bundled
from sessions.storage.glance import glance
from sessions.storage.journal import load
from tests.support.trust.trusting import trusted

FLAG = bundled().flag
PLAN = bundled_text().replace("percent = 10\n", "percent = 0.5\n", 1).replace("percent = 25\n", "percent = 12.25\n", 1)
UNLEASH = '[flag]\nkind = "unleash"\nurl = "http://127.0.0.1:9"\ntoken = "${TOKEN}"\nenvironment = "production"\n'
COMMAND = '[flag]\nkind = "command"\nread = ["printf", "0"]\nwrite = ["true", "{percent}"]\n'
WHY = "takes whole percentages only, and the plan has phases of 0.5 %, 12.25 %"


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder with a plan that begins under 1 %."""
    monkeypatch.setenv("COCKPIT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    here = tmp_path / "here"
    here.mkdir(mode=0o700)
    monkeypatch.chdir(here)
    (here / "plan.toml").write_text(PLAN, "utf-8")
    return here


def said(capsys, *words, code=0):
    capsys.readouterr()
    assert run(list(words)) == code
    return "".join(capsys.readouterr())


@pytest.mark.parametrize(("settings", "kind"), [(UNLEASH, "unleash"), (COMMAND, "command")])
@pytest.mark.parametrize("words", [("new", "flight"), ("doctor",), ("plan", "check", "plan.toml")])
def test_a_step_that_the_flag_cannot_hold_is_refused_in_one_line(place, capsys, words, settings, kind):
    trusted(place / "cockpit.toml", settings)
    told = said(capsys, *words, code=2).strip()
    assert "\n" not in told
    assert f"flag: {kind} {WHY}" in told
    assert not (place.parent / "home" / "flight").exists()


def test_its_owner_may_say_that_a_program_can_hold_it(place, capsys):
    trusted(place / "cockpit.toml", f"{COMMAND}decimals = 2\n")
    assert "phases 0.5 %, 12.25 %, 50 %" in said(capsys, "plan", "check", "plan.toml")
    said(capsys, "new", "flight")


def test_settings_that_are_not_trusted_are_not_read_and_that_is_said(place, capsys):
    (place / "cockpit.toml").write_text(UNLEASH, "utf-8")
    assert "its flag was not checked against the phases" in said(capsys, "plan", "check", "plan.toml")


def test_it_is_flown_by_its_commands_and_taken_back(place, capsys):
    flag = place / "flags.json"
    flag.write_text(first_text(bundled()), "utf-8")
    trusted(place / "cockpit.toml", f'[flag]\nkind = "flagd"\nfile = "{flag}"\n')
    said(capsys, "new", "flight")

    def reads():
        return flags_from(flag.read_text("utf-8"), FLAG).percent

    for step, name in ((0.5, "0.5"), (12.25, "12.25 %")):
        assert f"flag reads {step} %" in said(capsys, "advance", "flight", "--to", name, "--reason", "drill")
        assert reads() == step
        status = json.loads(said(capsys, "status", "flight", "--json"))
        assert (status["phase"], status["flag"]["percent"]) == (step, step)
        assert (glance("flight").phase, glance("flight").before) == (step, 0 if step == 0.5 else 0.5)
    assert "0.5 %" in said(capsys, "revert", "flight")
    assert reads() == 0.5
    entries = load(place.parent / "home" / "flight" / "session.toml").entries
    assert [entry.phase for entry in entries if entry.kind == "phase.entered"] == [0.5, 12.25, 0.5]
    assert "the next step is 12.25 %, not 12.5 %" in said(capsys, "advance", "flight", "--to", "12.5", code=10)
    said(capsys, "export", "flight", "--format", "json")
    assert "0.5 %" in said(capsys, "status", "flight")
