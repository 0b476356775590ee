"""Another's folder, by every command there is: nothing of it runs, nothing is sent, no variable is read."""

import argparse
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import cockpit.cli.commands.open
import cockpit.cli.commands.replay
import cockpit.cli.outside.served
from cockpit.__main__ import run
from cockpit.cli.main import asked
from cockpit.cli.parser import HELD
from cockpit.session.viewer import Viewer
from cockpit.settings.file.wiring import Wiring
from sessions.storage.folders import SESSION
from tests.support.peers.served import need_serve
from tests.support.trust.strangers import Stranger
from tests.support.trust.trusting import trusted

ACTS = [
    ["note", "x"],
    ["observe"],
    ["decide", "go", "--reason", "x"],
    ["feedback", "good", "desk", "x"],
    ["pause"],
    ["resume"],
    ["conclude"],
    ["advance"],
    ["advance", "--dry-run"],
    ["advance", "--to", "25", "--reason", "x"],
    ["freeze", "capsules"],
    ["thaw", "capsules"],
    ["incident", "open", "P1", "x"],
    ["incident", "resolve", "i1"],
    ["waive", "latency", "--reason", "x"],
    ["defuse", "--reason", "x"],
    ["extend"],
    ["step", "support_queue.sla"],
    ["acknowledge"],
    ["task", "tick", "p1.monitor"],
    ["task", "tick", "p1.monitor", "--look"],
    ["task", "untick", "p1.monitor"],
    ["task", "run", "p1.wf7"],
    ["task", "look", "p1.monitor"],
    ["revert"],
    ["revert", "--dry-run"],
    ["watch"],
    ["watch", "--metrics", "127.0.0.1:0"],
    ["adopt"],
    ["adopt", "--dry-run"],
    ["doctor"],
    ["doctor", "--json"],
    ["doctor", "--notify"],
    ["keys"],
]
"""What would run or send something: refused in one line."""
LOOKS = [
    ["status"],
    ["status", "--json"],
    ["check"],
    ["export"],
    ["export", "--retrospective"],
    ["replay"],
    ["replay", "--screen"],
    ["task", "list"],
]
"""What only reads the session: goes on."""
OTHERS = {"sessions", "plan", "schema", "completion", "demo", "init", "new", "trust", "open", "serve"}
"""What opens no session, and what has a test of its own."""


@pytest.fixture
def stranger(tmp_path, monkeypatch):
    found = Stranger(tmp_path / "theirs", monkeypatch)
    yield found
    found.close()


@pytest.fixture
def screen(monkeypatch):
    """Take what would be painted."""
    doors = []

    def show(door, *rest, **_made):
        doors.append((door, rest))
        door.stop("shown")
        return 0

    for module in (cockpit.cli.commands.open, cockpit.cli.commands.replay):
        monkeypatch.setattr(module, "need_terminal", lambda: None)
    monkeypatch.setattr(cockpit.cli.commands.open, "show", show)
    monkeypatch.setattr(cockpit.cli.outside.served, "show", show)
    monkeypatch.setattr("cockpit.tui.replay.ReplayScreen.run", lambda _self: 0)
    return doors


def by_wiring(stranger):
    """A session names the settings beside it."""
    return [str(stranger.session())]


def by_itself(stranger):
    """A session says it all by itself."""
    return [str(stranger.session(stranger.itself()))]


def by_config(stranger):
    """The owner names another's settings file for a session of which nothing is to be trusted."""
    return [str(stranger.session(Wiring())), "--config", str(stranger.settings)]


def copied(stranger):
    """A session was trusted where it stood, and its folder was copied."""
    before = stranger.session()
    trusted(stranger.settings)
    assert run(["trust", str(before)]) == 0
    other = before.with_name("copied")
    shutil.copytree(before, other)
    return [str(other)]


def changed(stranger):
    """The settings were trusted, and somebody edited them."""
    folder = stranger.session()
    text = stranger.settings.read_text("utf-8")
    trusted(stranger.settings, 'service = "mine"\n')
    assert run(["trust", str(folder)]) == 0
    stranger.settings.write_text(text, "utf-8")
    return [str(folder)]


def rewired(stranger):
    """The session was trusted, and somebody edited where its numbers come from."""
    mine = trusted(stranger.folder / "mine.toml", 'service = "mine"\n')
    folder = stranger.session(Wiring(settings=str(mine)))
    assert run(["trust", str(folder)]) == 0
    (folder / SESSION).unlink()
    trusted(stranger.settings)  # trusted, and not for this session
    return [str(stranger.session())]


PLACES = [by_wiring, by_itself, by_config, copied, changed, rewired]


def names():
    """Return every command that the parser knows, by its first word."""
    found = set()

    def refuse(self, args=None, namespace=None):
        for action in self._actions:
            if isinstance(action, argparse._SubParsersAction):
                found.update(action.choices)
        raise SystemExit(0)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(argparse.ArgumentParser, "parse_known_args", refuse)
        with pytest.raises(SystemExit):
            asked([])
    return found


def test_the_table_has_every_command():
    assert names() == {words[0] for words in (*ACTS, *LOOKS)} | OTHERS


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.__name__)
@pytest.mark.parametrize("words", ACTS, ids=" ".join)
def test_what_would_run_or_send_is_refused_in_one_line(stranger, capsys, place, words):
    where = place(stranger)
    stranger.heard()
    capsys.readouterr()
    code = run([*words, *where])
    said = capsys.readouterr()
    if words == ["revert"] and place in {changed, rewired}:  # goes by what was trusted last
        assert (code, "going by what you trusted on" in said.err) == (0, True)
    else:
        assert (code, said.out) == (2, "")
        assert re.fullmatch(r"cockpit: [^\n]*: cockpit trust \S+( shows the difference)?\n", said.err), said.err
    assert stranger.heard() == []


@pytest.mark.parametrize("place", [by_wiring, by_itself, copied, changed, rewired], ids=lambda place: place.__name__)
@pytest.mark.parametrize("words", LOOKS, ids=" ".join)
def test_what_only_reads_the_session_goes_on(stranger, capsys, screen, place, words):
    where = place(stranger)
    stranger.heard()
    capsys.readouterr()
    code = run([*words, *where])
    said = capsys.readouterr()
    assert code != 2, said.err
    assert ("cockpit trust" in said.err) is (words == ["task", "list"])
    assert stranger.heard() == []


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.__name__)
@pytest.mark.parametrize("more", [[], ["--read-only"]], ids=str)
def test_open_opens_read_only_and_says_so(stranger, capsys, screen, place, more):
    where = place(stranger)
    stranger.heard()
    capsys.readouterr()
    assert run(["open", *where, *more]) == 0
    ((door, (_clock, _folder, *settings)),) = screen
    assert isinstance(door, Viewer)
    assert settings == []
    assert "cockpit trust" in door.viewer
    assert re.fullmatch(r"cockpit: [^\n]*cockpit trust [^\n]*; opened read-only\n", capsys.readouterr().err)
    assert door._looks is None
    assert stranger.heard() == []


@pytest.mark.parametrize("place", [by_wiring, by_itself, copied, changed, rewired], ids=lambda place: place.__name__)
def test_serve_serves_the_deck_read_only_and_says_so(stranger, capsys, screen, monkeypatch, place):
    """The command itself opens nothing; the deck behind a tab is looked at alone, without settings."""
    need_serve()
    from cockpit.serve import server

    asked = []

    async def serve(what, *_rest):
        asked.append(what)

    where = place(stranger)
    monkeypatch.setattr(server, "serve", serve)
    stranger.heard()
    capsys.readouterr()
    assert run(["serve", *where]) == 0
    *_, folder = shlex.split(asked[0].command)
    assert cockpit.cli.outside.served.main(Path(folder)) == 0
    ((door, (_clock, _folder, *settings)),) = screen
    assert isinstance(door, Viewer)
    assert settings == []
    assert door._looks is None
    assert re.fullmatch(r"read-only: [^\n]*cockpit trust [^\n]*", door.viewer)
    assert capsys.readouterr().err == ""
    assert stranger.heard() == []


def test_a_served_deck_of_a_stranger_paints_that_it_is_read_only(stranger):
    """The very process behind a tab, with what a tab sends: it shows the session, and nothing is run, asked or read."""
    folder = stranger.session()
    stranger.heard()
    environ = {**stranger.environ, "TEXTUAL_COLOR_SYSTEM": "truecolor", "COLUMNS": "160", "ROWS": "48"}
    command = [sys.executable, "-m", "cockpit.cli.outside.served", str(folder)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, env=environ, **pipes) as deck:
        painted = b""
        while b"calm" not in painted or b"read-only" not in painted.lower():
            more = deck.stdout.read1(65536)
            assert more, painted[-2000:]
            painted += more
        deck.stdin.close()
        while deck.stdout.read1(65536):
            pass
        assert deck.wait(60) in (0, 129)  # nobody is there any more
    assert stranger.heard() == []


def test_once_its_owner_trusts_it_the_same_folder_does_it_all(stranger, capsys):
    """What the table proves is worth nothing where these settings would do nothing anyway."""
    folder = str(stranger.session())
    assert run(["trust", folder]) == 0
    said = capsys.readouterr().out
    for line in ("runs   /usr/bin/touch", f"asks   {stranger.url[7:]}", "reads  $STRANGERS_CANARY"):
        assert line in said
    assert stranger.heard() == []
    run(["doctor", folder])
    heard = stranger.heard()
    assert {"canary-source", "canary-secret", "canary-flag-read", "STRANGERS_CANARY", "a connection"} <= set(heard)


def test_settings_found_on_the_way_up_are_not_taken_unasked(stranger, capsys, monkeypatch):
    deep = stranger.folder / "work" / "deep"
    deep.mkdir(parents=True)
    monkeypatch.chdir(deep)
    for words in (["doctor"], ["doctor", "--notify"]):
        assert run(words) == 2
        assert "is not trusted yet" in capsys.readouterr().err
    assert stranger.heard() == []


def test_a_session_asks_for_no_variable_that_its_owners_settings_do_not_name(stranger, capsys, tmp_path):
    folder = str(stranger.session(Wiring(mongo="STRANGERS_CANARY", database="theirs")))
    assert run(["trust", folder]) == 2
    assert "wiring.mongo names $STRANGERS_CANARY, and no settings that you trust do" in capsys.readouterr().err
    assert run(["doctor", folder]) == 2
    assert stranger.heard() == []
    trusted(tmp_path / "mine.toml", '[sources.r]\nkind = "mongo"\nuri = "${STRANGERS_CANARY}"\ndatabase = "d"\n')
    assert run(["trust", folder]) == 0


def test_who_says_no_on_a_terminal_has_trusted_nothing(stranger, capsys, monkeypatch):
    monkeypatch.setattr("cockpit.cli.trust.command._agreed", lambda: False)
    assert run(["trust", str(stranger.settings)]) == HELD
    assert "not trusted" in capsys.readouterr().err
    assert run(["doctor", "--config", str(stranger.settings)]) == 2
    assert stranger.heard() == []
