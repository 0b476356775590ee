"""`cockpit keys` names every id that a keymap may use, and the keys of an owner who chose others."""

from cockpit.__main__ import run
from cockpit.settings.keymap.names import EVERY
from cockpit.settings.keymap.own import MOVES, OWN
from cockpit.tui.keys import ALL, step_bindings
from tests.support.build import PLAN
from tests.support.trust.trusting import trusted


def listed(capsys, *args):
    assert run(["keys", *args]) == 0
    return [line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines()]


def test_every_key_is_listed_with_its_id(capsys):
    rows = listed(capsys)
    assert len(rows) == len(ALL) + len(MOVES) + len(OWN) + len(step_bindings(PLAN))
    for row, binding in zip(rows, ALL, strict=False):
        assert row[0] == (binding.key_display or binding.key)
        assert row[1].split(maxsplit=1) == [binding.id, binding.description]
    text = "\n".join(" ".join(row) for row in rows)
    assert all(f" {name} " in text for name in EVERY)


def test_the_keys_of_a_settings_file_are_those_that_its_owner_chose(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("COCKPIT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "cockpit.toml"
    path.write_text('keymap = { pause = ["space", "p"] }\n', "utf-8")
    trusted(path)
    text = "\n".join(" ".join(" ".join(row).split()) for row in listed(capsys, "--config", str(path)))
    assert "space p rollout.pause Pause" in text
    assert "P report.preview Preview" in text
    assert "A in the plan Known gap, go on with care" in text


def test_a_settings_file_with_a_bad_keymap_is_told_in_one_line(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("COCKPIT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "cockpit.toml"
    path.write_text('keymap = { pause = ["space", "n"] }\n', "utf-8")
    trusted(path)
    assert run(["keys", "--config", str(path)]) == 2
    told = capsys.readouterr().err
    assert '"n" is the only key of log.note, give that one another: "log.note" = "f2"' in told
