"""`cockpit status --since`: the same lines as the panel, from the files alone."""

import json
from contextlib import closing
from datetime import UTC, timedelta

import pytest

from cockpit.__main__ import run
from cockpit.runtime.clock import Clock
from sessions.history.history import History
from sessions.history.queries import Look
from sessions.storage.folders import HISTORY, SESSION
from sessions.values.entries import Draft
from tests.support.build import after
from tests.support.watch.watching import made, put


@pytest.fixture
def folder(home):
    """A session that was watched a little, looked at, and written to since."""
    folder = made(home / "one")
    put(folder, 0, Draft("watch.started", "watch", "watch started", {"pid": 1, "host": "box"}))
    with closing(History(folder / HISTORY)) as history:
        history.look(Look(Clock().now() - timedelta(hours=2), 2))
    put(folder, 0, Draft("note.written", "cli", "while you were [/] away \x1b[2J"))
    return folder


def asked(capsys, *words):
    code = run(["status", *words])
    said = capsys.readouterr()
    assert (code, said.err) == (0, "")
    return said.out


def test_since_last_counts_from_the_last_screen_and_writes_nothing(folder, capsys):
    before = {path: path.read_bytes() for path in folder.iterdir() if path.name in (SESSION, HISTORY)}
    head, headline, *lines = asked(capsys, "one", "--since", "last").splitlines()
    assert head.startswith("flight · CL7 concierge · Pre-flight · 0 %")
    assert headline.startswith("since you left, 2h00m (")
    assert any("note: while you were [/] away ^[[2J (cli)" in line for line in lines)
    assert any(line.startswith("  Waits") for line in lines)
    assert {path: path.read_bytes() for path in before} == before


def test_without_a_screen_it_counts_from_the_last_act_and_without_one_from_the_start(home, capsys):
    folder = made(home / "two")
    assert "since the session began, " in asked(capsys, "two", "--since", "last")
    put(folder, 0, Draft("note.written", "cli", "here"))
    assert "no screen was up)" in asked(capsys, "two", "--since", "last")
    assert "since your last act, " in asked(capsys, "two", "--since", "last")
    assert sorted(path.name for path in folder.iterdir() if path.suffix == ".sqlite") == []


@pytest.mark.parametrize("zone", [UTC, None])
def test_a_span_and_a_moment_say_the_same(folder, capsys, zone):
    then = Clock().now().astimezone(zone) - timedelta(hours=1)
    moment = then.replace(tzinfo=None) if zone is None else then
    for when in ("1h", moment.isoformat(timespec="seconds")):
        headline = asked(capsys, "one", "--since", when).splitlines()[1]
        assert ", 1h00m (" in headline
        assert headline.startswith("since ")


def test_json_adds_one_key(folder, capsys):
    plain = json.loads(asked(capsys, "one", "--json"))
    table = json.loads(asked(capsys, "one", "--since", "last", "--json"))
    assert set(table) - set(plain) == {"since"}
    since = table["since"]
    assert set(since) == {"at", "away_s", "headline", "quiet", "sections"}
    assert since["quiet"] is False
    assert 7199 < since["away_s"] < 7300
    rows = [row for part in since["sections"] for row in part["rows"]]
    assert all(set(row) == {"what", "text", "tone"} for row in rows)
    assert "note: while you were [/] away ^[[2J (cli)" in [row["text"] for row in rows]


@pytest.mark.parametrize(
    "when", ["yesterday", "", "2", "2h30", "-1h", "9" * 20 + "d", "0001-01-01", "25:00", "\x1b[2J", "nan", "lasts"]
)
def test_what_is_no_moment_is_one_line(folder, capsys, when):
    assert run(["status", "one", f"--since={when}"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert ": is not a time: write last, 2h or 2026-11-25T08:00" in said.err
    assert "\x1b" not in said.err


def test_what_lies_ahead_is_refused(folder, capsys):
    ahead = after(3600, Clock().now()).isoformat()
    assert run(["status", "one", "--since", ahead]) == 2
    assert "is in the future: write last, or a time in the past" in capsys.readouterr().err
