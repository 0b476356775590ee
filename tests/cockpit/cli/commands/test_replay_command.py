"""`cockpit replay`: what it prints, and that nothing of it acts or writes."""

import json
from pathlib import Path

import pytest

from cockpit.__main__ import run
from sessions.storage.folders import HISTORY, SESSION
from sessions.storage.locks import watch_lock
from tests.support.build import T0
from tests.support.sessions.kept import flown, keep


@pytest.fixture(scope="module")
def flight(tmp_path_factory):
    return keep(flown(12), tmp_path_factory.mktemp("replayed") / "flight")


def looked_at(*folders: Path) -> dict[str, object]:
    """Everything of these folders that a write would change."""
    found: dict[str, object] = {}
    for top in folders:
        for path in (top, *sorted(top.rglob("*"))):
            status = path.stat()
            found[str(path)] = (
                status.st_mtime_ns,
                status.st_mode,
                status.st_size,
                path.is_file() and path.read_bytes(),
            )
    return found


@pytest.fixture
def homes(tmp_path, monkeypatch):
    for name in ("COCKPIT_HOME", "COCKPIT_STATE"):
        (tmp_path / name).mkdir()
        monkeypatch.setenv(name, str(tmp_path / name))
    return tmp_path / "COCKPIT_HOME", tmp_path / "COCKPIT_STATE"


@pytest.mark.parametrize("words", [(), ("--json",), ("--set", "criteria.latency.p95_ms=400")])
def test_no_byte_and_no_time_of_a_session_or_of_the_state_changes(flight, homes, words, capsys):
    before = looked_at(flight, *homes)
    assert run(["replay", str(flight), *words]) == 0
    assert capsys.readouterr().out
    assert looked_at(flight, *homes) == before


def test_a_folder_that_nobody_may_write_to_is_replayed_as_well(tmp_path, homes, capsys):
    folder = keep(flown(12), tmp_path / "flight")
    for path in (*folder.iterdir(), folder):
        path.chmod(0o500 if path.is_dir() else 0o400)
    before = looked_at(folder)
    try:
        assert run(["replay", str(folder), "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["judged"] > 0
        assert looked_at(folder) == before
    finally:
        folder.chmod(0o700)


def test_beside_a_running_watch_nothing_is_taken_from_it(tmp_path, homes, capsys):
    folder = keep(flown(12), tmp_path / "flight")
    lock = watch_lock(folder, T0)
    assert lock.mine
    from sessions.history.history import History

    history = History(folder / HISTORY)
    history.anchor("", 0, "")
    before = looked_at(folder)
    try:
        assert run(["replay", str(folder), "--json"]) == 0
        assert looked_at(folder) == before
        assert watch_lock(folder, T0).taken
    finally:
        history.close()
        lock.release()
    assert json.loads(capsys.readouterr().out)["judged"] > 0


def test_the_json_has_the_documented_shape(flight, capsys):
    assert run(["replay", str(flight), "--set", "criteria.latency.p95_ms=300", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    page = (Path(__file__).parents[4] / "docs" / "replay.md").read_text("utf-8")
    for key in told:
        assert f"`{key}`" in page
    for gate in told["gates"]:
        assert set(gate) == {"phase", "goal", "since", "until", "left", "anew", "changed", "differs"}
        assert set(gate["anew"]) == {"opened", "held_s"}
    assert told["changes"] == [{"key": "criteria.latency.p95_ms", "was": 500, "value": 300}]
    assert set(told["criteria"]) == {"latency", "errors", "analytics", "growth", "incidents"}
    assert set(told["criteria"]["latency"]["changed"]) == {"pass_s", "breach_s", "unknown_s"}
    assert all(
        {"what", "about", "word", "recorded", "anew", "changed", "differs"} == set(row) for row in told["happened"]
    )
    slower = told["criteria"]["latency"]
    assert slower["changed"]["breach_s"] >= slower["anew"]["breach_s"]


def test_without_changes_the_third_column_is_null(flight, capsys):
    assert run(["replay", str(flight), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert all(row["changed"] is None for row in (*told["gates"], *told["happened"], *told["criteria"].values()))


def test_the_table_marks_what_differs(flight, capsys):
    assert run(["replay", str(flight), "--set", "phases.10.soak=100h"]) == 0
    out = capsys.readouterr().out
    assert "changed: phases.10.soak 15m -> 100h" in out
    assert "as recorded" in out
    assert "with the changes" in out
    starred = [line for line in out.splitlines() if line.startswith("*")]
    assert any("never open" in line and "soak" in line for line in starred)


def test_a_session_whose_history_is_gone_says_so(tmp_path, homes, capsys):
    folder = keep(flown(12), tmp_path / "flight")
    for path in folder.glob(f"{HISTORY}*"):
        path.unlink()
    assert run(["replay", str(folder)]) == 0
    out = capsys.readouterr().out
    assert f"{HISTORY}: is not there" in out
    assert "no reading is kept: nothing can be judged anew" in out
    assert "nothing calls for it" not in out
    assert sorted(path.name for path in folder.iterdir()) == [SESSION]


@pytest.mark.parametrize("junk", [b"", b"no database" * 200])
def test_a_history_that_is_none_is_told_and_left_as_it_is(tmp_path, homes, junk, capsys):
    folder = keep(flown(12), tmp_path / "flight")
    for path in folder.glob(f"{HISTORY}*"):
        path.unlink()
    (folder / HISTORY).write_bytes(junk)
    assert run(["replay", str(folder)]) == 0
    out = capsys.readouterr().out
    assert f"{HISTORY}: cannot be read" in out
    assert "no reading is kept" in out
    assert (folder / HISTORY).read_bytes() == junk
    assert len(list(folder.iterdir())) == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("--set", "criteria.latency.p95=4"),
            'cockpit: --set criteria.latency.p95: unknown key, did you mean "p95_ms"?\n',
        ),
        (("--set", "nonsense"), "cockpit: --set nonsense: is not key=value, write criteria.latency.p95_ms=400\n"),
        (("--set",), "expected one argument"),
        (("--speed", "x"), "--speed: write a number from 0.1 to 5000."),
        (("--speed", "20"), "--speed needs --screen."),
        (("--screen", "--json"), "Choose --json or --screen, not both."),
        (("--screen",), "stdout is not a terminal"),
    ],
)
def test_bad_input_is_one_line_and_exit_2(flight, words, said, capsys):
    assert run(["replay", str(flight), *words]) == 2
    told = capsys.readouterr()
    assert said in told.err
    assert told.err.count("\n") == 1
    assert told.out == ""


def test_a_session_that_is_not_there_is_one_line_and_exit_2(tmp_path, capsys):
    assert run(["replay", str(tmp_path / "none")]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_damaged_session_is_replayed_up_to_the_damage(tmp_path, homes, capsys):
    folder = keep(flown(12), tmp_path / "flight")
    data = (folder / SESSION).read_bytes()
    cut = data.index(b"[[entry]]", len(data) * 2 // 3)
    (folder / SESSION).write_bytes(data[:cut] + b"rubbish\n" + data[cut:])
    assert run(["replay", str(folder)]) == 0
    assert "is ignored" in capsys.readouterr().out
