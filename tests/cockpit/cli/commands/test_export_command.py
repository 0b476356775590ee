"""The report by the command: where it is written, what it replaces, and that it is noted."""

import copy

import msgspec
import pytest

from cockpit.__main__ import run
from cockpit.runtime.clock import Clock
from sessions.plan.loader import bundled, plan_from
from sessions.reports.as_json import Report
from sessions.values.entries import Draft
from sessions.values.requests import Act
from tests.support.sessions.preflight import calm_preflight
from tests.support.watch.watching import asked, documents, enter, kinds, made, put, ready, traffic, watched, written


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


def test_what_stands_there_and_is_not_as_it_was_written_is_kept(home, tmp_path, capsys, held):
    folder = calm_preflight(home / "one", held)
    precious = tmp_path / "precious"
    precious.write_text("mine", "utf-8")
    exports = folder / "exports"
    exports.mkdir(exist_ok=True)
    (exports / "report-flight.md").symlink_to(precious)
    assert run(["export", "one"]) == 0
    told = capsys.readouterr()
    assert told.out == f"{exports / 'report-flight-2.md'}\n"
    assert told.err == "cockpit: report-flight.md is kept: it was changed, or another export writes it now\n"
    assert (exports / "report-flight.md").is_symlink()
    assert precious.read_text("utf-8") == "mine"


def test_what_a_person_edited_is_never_overwritten(home, capsys, held):
    folder = calm_preflight(home / "one", held)
    first, second = (folder / "exports" / f"report-flight{more}.md" for more in ("", "-2"))
    assert run(["export", "one"]) == 0
    edited = first.read_text("utf-8") + "- an Ask of mine\n"
    first.write_text(edited, "utf-8")
    for _ in range(2):  # the second one is ours again and is replaced
        assert run(["export", "one"]) == 0
        assert capsys.readouterr().out.endswith(f"{second}\n")
    assert first.read_text("utf-8") == edited
    second.write_text("mine too", "utf-8")
    assert run(["export", "one"]) == 0
    assert sorted(path.name for path in first.parent.iterdir()) == [
        "report-flight-2.md",
        "report-flight-3.md",
        "report-flight.md",
    ]
    assert second.read_text("utf-8") == "mine too"
    last = written(folder, "report.exported")[-1]
    assert last.listed("files") == ("report-flight-3.md",)
    assert (
        last.text == "report exported: report-flight-3.md; "
        "report-flight.md is kept: it was changed, or another export writes it now"
    )


def test_a_second_report_of_a_day_tells_what_came_after_the_first(home, capsys, held):
    folder = calm_preflight(home / "one", held)
    assert run(["export", "one"]) == 0
    assert run(["note", "after the first", "one"]) == 0
    capsys.readouterr()
    assert run(["export", "one", "--since", "last"]) == 0
    (path,) = [path for path in (folder / "exports").iterdir() if "-since-" in path.name]
    text = path.read_text("utf-8")
    assert "since the report of" in text.splitlines()[0]
    log = text.split("## Ops log", 1)[1]
    assert "after the first" in log
    assert "session.started" not in log


def test_a_period_that_is_none_is_one_line(home, capsys, held):
    calm_preflight(home / "one", held)
    assert run(["export", "one", "--since", "noon"]) == 2
    assert "--since noon: is not a report: write last" in capsys.readouterr().err
    assert run(["export", "one", "--since", "last", "--day", "2026-11-23"]) == 2
    assert "--since and --day: say one of them" in capsys.readouterr().err


def test_json_is_a_file_of_its_own_in_the_published_shape(home, capsys, held):
    folder = calm_preflight(home / "one", held)
    assert run(["export", "one", "--format", "md,json"]) == 0
    exports = folder / "exports"
    assert capsys.readouterr().out == f"{exports / 'report-flight.md'}\n{exports / 'report-flight.json'}\n"
    told = msgspec.json.decode((exports / "report-flight.json").read_bytes(), type=Report)
    assert (told.session, told.version) == ("flight", 1)
    (entry,) = written(folder, "report.exported")
    assert entry.listed("files") == ("report-flight.md", "report-flight.json")
    assert len(entry.listed("sha256")) == 2


@pytest.mark.parametrize(("said", "told"), [("pdf", "pdf: is not a format"), ("md,", "is not a format")])
def test_a_format_that_is_none_is_one_line(home, capsys, held, said, told):
    calm_preflight(home / "one", held)
    assert run(["export", "one", "--format", said]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert told in line


def test_the_report_of_today_ticks_the_task_that_it_is_and_no_other_report_does(home, capsys):
    plan = _reporting()
    folder = made(home / "one", plan)
    enter(folder, plan, 100)
    put(folder, 100, Draft("week.started", "owner", "week", {}))
    assert run(["export", "one"]) == 0
    assert run(["export", "one", "--day", "2026-01-01"]) == 2
    assert written(folder, "task.ticked") == []
    for _ in range(2):
        assert run(["export", "one", "--day", f"{Clock().now().astimezone():%Y-%m-%d}"]) == 0
    (tick,) = written(folder, "task.ticked")
    assert (tick.said("task"), tick.by) == ("d1.evening", "cli")


def _reporting():
    """A plan whose task that is the report is due from midnight on."""
    table = copy.deepcopy(dict(bundled().table))
    table["week"]["tasks"] = [{"id": "evening", "text": "report", "due": "0s", "does": "report"}]
    return plan_from(table)


@pytest.mark.parametrize("target", ["there", "new"])
def test_a_link_that_the_owner_names_is_followed_and_the_export_noted(home, tmp_path, capsys, held, target):
    folder = calm_preflight(home / "one", held)
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / target)
    assert run(["export", "one", "--out", str(tmp_path / "link")]) == 0
    path = tmp_path / target / "report-flight.md"
    assert (capsys.readouterr().out, path.exists()) == (f"{path}\n", True)
    assert len(written(folder, "report.exported")) == 1
