"""The command line as a program: exit codes, streams, words, and a reader that goes away."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from cockpit.__main__ import run
from cockpit.demo.world.scenarios import SCENARIOS
from cockpit.settings.promises.plan_file import bundled_text
from sessions.storage.session_file import load_head
from tests.support.watch.watching import kinds, made

ROOT = Path(__file__).parents[3]
COMMANDS = ("demo", "new", "open", "sessions", "status", "check", "export", "doctor", "keys", "plan", "task")


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("COCKPIT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home"


def program(home, *words, **environment):
    """Run the program itself, without a terminal."""
    return subprocess.run(
        [sys.executable, "-m", "cockpit", *words],
        cwd=ROOT,
        env={**os.environ, "COCKPIT_HOME": str(home), **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_help_names_every_command(home):
    answer = program(home, "--help")
    assert (answer.returncode, answer.stderr) == (0, "")
    assert all(f"\n  {name} " in answer.stdout for name in COMMANDS)
    assert "\x1b" not in answer.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(home, capsys, command):
    assert run([command, "--help"]) == 0
    said = capsys.readouterr()
    assert said.out.strip().startswith("Usage: cockpit " + command)
    assert said.err == ""


def test_version_is_one_line(home):
    answer = program(home, "--version")
    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout.startswith("cockpit ")
    assert answer.stdout.count("\n") == 1


def test_without_a_session_it_says_how_to_start_one(home):
    answer = program(home)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert answer.stderr == (
        "cockpit: no session yet: set one up with `cockpit init`, then `cockpit new NAME`, "
        "or look around with `cockpit demo`\n"
    )


def test_new_makes_a_session_that_only_its_owner_can_read(home, capsys):
    assert run(["new", "first flight"]) == 0
    folder = home / "first flight"
    said = capsys.readouterr().out.splitlines()
    assert (said[0], said[-1]) == (str(folder), "open it with: cockpit open first flight")
    assert kinds(folder) == ["session.started"]
    assert (folder.stat().st_mode & 0o777, (folder / "session.toml").stat().st_mode & 0o777) == (0o700, 0o600)


def wiring(home, name):
    return load_head(home / name / "session.toml").wiring


def test_new_writes_a_starter_where_nothing_says_anything_and_never_overwrites(home, tmp_path, capsys):
    starter = tmp_path / "cockpit.toml"
    assert run(["new", "first"]) == 0
    assert "wrote cockpit.toml: name your sources there" in capsys.readouterr().out
    assert wiring(home, "first")["settings"] == str(starter)
    starter.write_text('service = "mine"', "utf-8")
    assert run(["new", "second"]) == 0
    assert "with the settings of cockpit.toml" in capsys.readouterr().out
    assert starter.read_text("utf-8") == 'service = "mine"'
    assert wiring(home, "second")["settings"] == str(starter)


def test_new_with_options_needs_no_settings_and_writes_none(home, tmp_path, capsys):
    assert run(["new", "first", "--metrics", "http://x/metrics", "--database", "shop"]) == 0
    assert not (tmp_path / "cockpit.toml").exists()
    found = wiring(home, "first")
    assert (found["metrics"], found["database"], found["settings"]) == (["http://x/metrics"], "shop", "")


def test_new_refuses_options_beside_settings_that_say_the_same(home, tmp_path, capsys):
    config = tmp_path / "cockpit.toml"
    config.write_text("", "utf-8")
    assert run(["new", "first", "--metrics", "http://x/metrics", "--database", "shop"]) == 2
    known = f"{config} names the sources already"
    told = f"cockpit: --metrics and --database: {known}: change it there, or leave the option out"
    assert capsys.readouterr().err == f"{told}\n"
    assert not home.exists()


def test_new_keeps_the_promise_of_its_settings(home, tmp_path):
    config = tmp_path / "mine.toml"
    config.write_text('[flag]\nname = "checkout"\n[growth]\nslack = 3\n', "utf-8")
    assert run(["new", "first", "--config", str(config), "--speed", "60"]) == 0
    found = load_head(home / "first" / "session.toml")
    assert (found.plan["flag"], found.plan["criteria"]["growth"]["slack"]) == ("checkout", 3.0)
    assert found.wiring["settings"] == str(config)


def test_sessions_are_listed_newest_first(home, capsys):
    assert run(["sessions"]) == 0
    assert capsys.readouterr().out.startswith("no sessions yet: set one up with cockpit init, then cockpit new NAME")
    for age, name in ((20, "second"), (30, "first"), (10, "third")):
        path = made(home / name) / "session.toml"
        os.utime(path, (1_700_000_000 - age, 1_700_000_000 - age))
    assert run(["sessions"]) == 0
    rows = capsys.readouterr().out.splitlines()
    assert [row.split("  ")[1].strip() for row in rows] == ["third", "second", "first"]
    assert all(str(home / row.split("  ")[1].strip()) in row for row in rows)


def test_a_session_is_found_by_name_by_path_and_by_its_file(home, capsys):
    made(home / "one")
    elsewhere = made(home.parent / "elsewhere" / "two")
    for which in ("one", str(home / "one"), str(elsewhere), str(elsewhere / "session.toml")):
        assert run(["status", which]) == 0
    assert capsys.readouterr().err == ""


def test_row_35_a_terminal_without_our_glyphs_gets_their_codes(home):
    made(home / "one")
    answer = program(home, "status", PYTHONIOENCODING="ascii")
    assert (answer.returncode, answer.stderr) == (0, "")
    assert "\\xb7" in answer.stdout


@pytest.mark.parametrize("words", [["plan", "show"], ["status", "one"]])
def test_a_reader_that_goes_away_ends_it_without_a_word(home, words):
    made(home / "one")
    end, out = os.pipe()
    os.close(end)
    try:
        answer = subprocess.run(
            [sys.executable, "-m", "cockpit", *words],
            cwd=ROOT,
            env={**os.environ, "COCKPIT_HOME": str(home)},
            stdout=out,
            stderr=subprocess.PIPE,
            check=False,
            timeout=60,
        )
    finally:
        os.close(out)
    assert (answer.returncode, answer.stderr) == (1, b"")


@pytest.mark.parametrize(("lacking", "end"), [((), []), (("POST /csat",), ["no error, 1 remark: it can be used "])])
def test_a_plan_that_contradicts_nothing_has_no_remark(tmp_path, capsys, lacking, end):
    table = tomllib.loads(bundled_text())
    names = [*table["endpoints"], *(one["id"] for one in table["criteria"]["analytics"]["journeys"])]
    rows = [f'[[expected]]\nof = "{name}"\nper_hour = 9000\n' for name in names if name not in lacking]
    path = tmp_path / "busy.toml"
    path.write_text(bundled_text() + "\n" + "\n".join(rows), "utf-8")
    assert run(["plan", "check", str(path)]) == 0
    told = capsys.readouterr()
    assert told.err == ""
    assert [line[:35] for line in told.out.splitlines()[2:]] == [line[:35] for line in end]
    assert ("remark: no rate is known of POST /csat: " in told.out) is bool(lacking)


def test_plan_show_prints_a_plan_that_plan_check_takes(home, tmp_path, capsys):
    assert run(["plan", "show"]) == 0
    path = tmp_path / "mine.toml"
    path.write_text(capsys.readouterr().out, "utf-8")
    assert run(["plan", "check", str(path)]) == 0
    first, *remarks, last = capsys.readouterr().out.splitlines()
    assert first == f"{path}: CL7 concierge: in order, phases 10 %, 25 %, 50 %, 100 %"
    assert remarks
    assert all(line.startswith("remark: ") for line in remarks)
    assert last == f"no error, {len(remarks)} remarks: it can be used as it is"
    assert run(["plan", "show", str(path)]) == 0
    assert capsys.readouterr().out == path.read_text("utf-8")
    assert run(["new", "mine", "--plan", str(path), "--speed", "240"]) == 0


def test_the_help_of_the_demo_names_every_scenario(capsys):
    assert run(["demo", "--help"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert all(name in told for name in SCENARIOS)
