"""The report by the command: where it is written, what it replaces, and that it is noted."""

from cockpit.__main__ import run
from cockpit.runtime.clock import Clock
from sessions.values.requests import Act
from tests.support.sessions.preflight import calm_preflight
from tests.support.watch.watching import asked, documents, kinds, made, ready, traffic, watched, written


def test_export_writes_the_report_and_notes_it(home, capsys, held):
    folder = calm_preflight(home / "one", held)
    assert run(["export", "one"]) == 0
    path = folder / "exports" / "report-flight.md"
    assert capsys.readouterr().out == f"{path}\n"
    text = path.read_text("utf-8")
    assert all(f"## {name}" in text for name in ("Wins", "Risks", "Asks"))
    assert path.stat().st_mode & 0o777 == 0o600
    assert written(folder, "report.exported")[0].listed("files") == ("report-flight.md",)


def test_export_of_a_day_elsewhere_replaces_an_older_one_whole(home, tmp_path, capsys, held):
    calm_preflight(home / "one", held)
    day = f"{Clock().now().astimezone():%Y-%m-%d}"
    out = tmp_path / "reports"
    for _ in range(2):
        assert run(["export", "one", "--day", day, "--out", str(out)]) == 0
    assert [path.name for path in out.iterdir()] == [f"report-{day}.md"]
    assert capsys.readouterr().out == f"{out / f'report-{day}.md'}\n" * 2


def test_export_while_somebody_watches_is_taken_in_by_the_watch(home, capsys):
    with watched(made(home / "one"), traffic(), documents()) as door:
        ready(door)
        assert run(["export", "one"]) == 0
        assert asked(door, Act.NOTE, text="after the export").ok
        assert "report.exported" in [entry.kind for entry in door.latest().state.entries]
    said = kinds(home / "one")
    assert said.index("report.exported") < said.index("note.written")


def test_row_24_an_export_that_fails_leaves_the_older_one_and_says_why(home, tmp_path, capsys, held):
    folder = calm_preflight(home / "one", held)
    assert run(["export", "one"]) == 0
    before = (folder / "exports" / "report-flight.md").read_bytes()
    target = tmp_path / "file"
    target.touch()
    assert run(["export", "one", "--out", str(target)]) == 2
    assert f"{target}: cannot be written (File exists): choose another --out" in capsys.readouterr().err
    assert (folder / "exports" / "report-flight.md").read_bytes() == before
    assert kinds(folder).count("report.exported") == 1


def test_a_report_over_a_link_replaces_the_link_and_not_what_it_points_to(home, tmp_path, capsys, held):
    folder = calm_preflight(home / "one", held)
    precious = tmp_path / "precious"
    precious.write_text("mine", "utf-8")
    (folder / "exports").mkdir(exist_ok=True)
    (folder / "exports" / "report-flight.md").symlink_to(precious)
    assert run(["export", "one"]) == 0
    assert precious.read_text("utf-8") == "mine"
