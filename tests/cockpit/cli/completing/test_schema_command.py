import json

import pytest

from cockpit.__main__ import run
from cockpit.settings.file.schema_beside import DIRECTIVE, SETTINGS, kept


@pytest.mark.parametrize(("words", "title"), [([], "cockpit.toml"), (["settings"], "cockpit.toml"), (["plan"], "plan")])
def test_a_schema_is_printed(capsys, words, title):
    assert run(["schema", *words]) == 0
    assert title in json.loads(capsys.readouterr().out)["title"]


def test_another_word_is_one_line(capsys):
    assert run(["schema", "sesion"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_new_session_lays_the_schema_beside_its_starter(tmp_path, monkeypatch):
    monkeypatch.setenv("COCKPIT_HOME", str(tmp_path / "home"))
    (tmp_path / "here").mkdir(mode=0o700)
    monkeypatch.chdir(tmp_path / "here")
    assert run(["new", "first"]) == 0
    named = (tmp_path / "here" / "cockpit.toml").read_text("utf-8").partition("\n")[0]
    assert named == DIRECTIVE
    assert (tmp_path / "here" / named.removeprefix("#:schema ")).read_text("utf-8") == kept(SETTINGS)


def test_a_schema_that_stands_there_is_left_alone(tmp_path, monkeypatch):
    monkeypatch.setenv("COCKPIT_HOME", str(tmp_path / "home"))
    (tmp_path / "here").mkdir(mode=0o700)
    monkeypatch.chdir(tmp_path / "here")
    (tmp_path / "here" / SETTINGS).write_text("mine", "utf-8")
    assert run(["new", "first"]) == 0
    assert (tmp_path / "here" / SETTINGS).read_text("utf-8") == "mine"
