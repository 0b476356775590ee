"""`cockpit trust`, and what else an owner does: what is shown, what is asked, what is kept, and a revert afterwards."""

import json
import os
import shutil
import signal
import stat

import pytest

from cockpit.__main__ import run
from cockpit.cli.commands.sessions import begin
from cockpit.cli.parser import HELD
from cockpit.demo.world.flag_file import first_text
from cockpit.settings.file.wiring import Wiring
from cockpit.settings.trust.records import forget, recorded
from sessions.storage.folders import SESSION
from tests.support.processes.terminal import Terminal
from tests.support.trust.trusting import trusted
from tests.support.watch.watching import FAST, enter

SETTINGS = """
[sources.score]
kind = "command"
topic = "csat"
argv = ["./score", "--last hour"]
[sources.records]
kind = "mongo"
uri = "mongodb://db.example.org:27017"
database = "shop"
topics = ["queue"]
[sources.page]
kind = "scrape"
urls = ["https://shop.example.org/metrics"]
token = { command = ["pass", "show", "shop"] }
headers = { X-Key = "Key ${SHOP_KEY}" }
[flag]
kind = "flagd"
file = "/srv/flags.json"
"""


def told(capsys, *words):
    code = run([str(word) for word in words])
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    return code, said.out.splitlines(), said.err.strip()


@pytest.fixture
def place(tmp_path, home, monkeypatch):
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    (here / "cockpit.toml").write_text(SETTINGS, "utf-8")
    return here


LISTED = [
    "  runs   ./score '--last hour'",
    "  runs   pass show shop   for a secret",
    "  asks   db.example.org:27017",
    "  asks   shop.example.org",
    "  reads  $SHOP_KEY",
    "  moves  the flag in /srv/flags.json",
]


@pytest.mark.parametrize("words", [["trust", "cockpit.toml"], ["new", "one"]], ids=" ".join)
def test_the_owner_sees_what_would_run_be_asked_and_be_read(place, capsys, words):
    code, out, err = told(capsys, *words)
    assert (code, err) == (0, "")
    assert out[: len(LISTED) + 2] == ["cockpit.toml", *LISTED, f"trusted {place / 'cockpit.toml'}"]
    assert told(capsys, "trust", "cockpit.toml") == (0, ["cockpit.toml: is trusted already"], "")


def test_of_a_changed_file_the_difference_is_shown_cleaned(place, capsys):
    told(capsys, "trust", "cockpit.toml")
    evil = SETTINGS.replace("./score", "./\u202escore") + "# \u200b" + "x" * 3000 + "\n"
    (place / "cockpit.toml").write_text(evil, "utf-8")
    code, out, _ = told(capsys, "trust", "cockpit.toml")
    assert code == 0
    assert out[1:3] == ["--- cockpit.toml, as you trusted it", "+++ cockpit.toml, as it is now"]
    assert '-argv = ["./score", "--last hour"]' in out
    assert '+argv = ["./<U+202E>score", "--last hour"]' in out
    assert f"+# <U+200B>{'x' * 3000}" in out
    assert recorded(place / "cockpit.toml").text == evil


@pytest.mark.parametrize("known", [False, True], ids=["first", "again"])
def test_the_end_of_a_long_command_is_shown(place, capsys, known):
    if known:
        trusted(place / "cockpit.toml")
    hidden = '"\u3164", ' * 60 + '"rm -rf ~"'
    (place / "cockpit.toml").write_text(SETTINGS.replace('"--last hour"', hidden), "utf-8")
    _, out, _ = told(capsys, "trust", "cockpit.toml")
    rows = [line for line in out if "rm -rf ~" in line]
    assert rows
    assert {row.count("<U+3164>") for row in rows} == {60}


def test_a_long_difference_is_cut_and_says_so(place, capsys):
    path = trusted(place / "cockpit.toml", "".join(f"# {number}\n" for number in range(20_000)))
    path.write_text("".join(f"# new {number}\n" for number in range(20_000)), "utf-8")
    code, out, _ = told(capsys, "trust", "cockpit.toml")
    assert (code, "… and more: over 400 lines differ" in out, len(out) < 420) == (0, True, True)


def test_settings_with_a_mistake_are_not_trusted(place, capsys):
    (place / "cockpit.toml").write_text("[sources.x]\nkind = 'scrape'\nurl = 'http://x'\n", "utf-8")
    code, _, err = told(capsys, "trust", "cockpit.toml")
    assert (code, "cockpit.toml:3: sources.x.url: unknown key" in err) == (2, True)
    assert recorded(place / "cockpit.toml") is None


def test_what_is_trusted_is_listed_and_taken_back(place, capsys):
    told(capsys, "new", "one")
    _, out, _ = told(capsys, "trust", "--list")
    assert sorted(line.split("  ")[1] for line in out) == sorted(
        [str(place / "cockpit.toml"), str(place.parent / "home" / "one" / SESSION)]
    )
    assert told(capsys, "trust", "--forget", "one")[0] == 0
    assert told(capsys, "trust", "cockpit.toml", "--forget")[0] == 0
    assert told(capsys, "trust", "--list") == (0, [], "")
    code, _, err = told(capsys, "trust", "--forget", "cockpit.toml")
    assert (code, "was not trusted" in err) == (2, True)


@pytest.mark.parametrize("words", [[], ["--list", "x"], ["--forget"], ["--list", "--forget", "x"]], ids=str)
def test_one_thing_is_named(place, capsys, words):
    assert told(capsys, "trust", *words)[::2] == (
        2,
        "cockpit: Name a settings file or a session, or write --list alone. See cockpit trust --help",
    )


def test_a_session_of_an_older_version_is_trusted_once(place, capsys):
    """It was made when nobody recorded anything: one act covers it and the settings that it names."""
    told(capsys, "new", "one")
    for path in (place / "cockpit.toml", place.parent / "home" / "one" / SESSION):
        assert forget(path)
    assert told(capsys, "watch", "one")[0] == 2
    code, out, _ = told(capsys, "trust", "one")
    assert (code, [line for line in out if line.startswith("trusted")]) == (
        0,
        [f"trusted {place.parent / 'home' / 'one' / SESSION}", f"trusted {place / 'cockpit.toml'}"],
    )
    assert told(capsys, "trust", "one") == (0, ["one: is trusted already"], "")
    assert told(capsys, "advance", "one", "--dry-run")[0] != 2


def test_a_starter_is_its_owners_alone_and_trusted(place, capsys):
    (place / "cockpit.toml").unlink()
    before = os.umask(0)
    try:
        code, out, _ = told(capsys, "new", "one")
    finally:
        os.umask(before)
    assert (code, "wrote cockpit.toml: name your sources there" in out) == (0, True)
    assert stat.S_IMODE((place / "cockpit.toml").stat().st_mode) == 0o600
    assert told(capsys, "doctor")[0] == 20


def test_no_starter_is_left_where_others_could_edit_it(place, capsys):
    (place / "cockpit.toml").unlink()
    place.chmod(0o1777)
    code, _, err = told(capsys, "new", "one")
    assert (code, "others may write in its folder" in err, list(place.iterdir())) == (0, True, [])


@pytest.mark.parametrize(
    ("answer", "code"), [(b"y\n", 0), (b"yes\n", 0), (b"\n", HELD), (b"n\n", HELD), (b"\x04", HELD)]
)
def test_on_a_terminal_the_owner_is_asked(place, answer, code):
    terminal = Terminal("trust", "cockpit.toml", program=("-m", "cockpit"))
    terminal.until(b"[y/N] ")
    os.write(terminal.master, answer)
    while terminal.pump(0.5):
        pass
    assert os.waitstatus_to_exitcode(os.waitpid(terminal.pid, 0)[1]) == code
    os.close(terminal.master)
    os.close(terminal.slave)
    assert (recorded(place / "cockpit.toml") is not None) is (code == 0)


class Flown:
    """A session at 25 % over a flagd file of trusted settings."""

    def __init__(self, tmp_path):
        self.flags, self.settings, self.folder = tmp_path / "flags.json", tmp_path / "cockpit.toml", tmp_path / "s"
        document = json.loads(first_text(FAST))
        document["flags"][FAST.flag]["targeting"]["fractional"][-2:] = [["on", 25], ["off", 75]]
        self.flags.write_text(json.dumps(document), "utf-8")
        self.text = f'[flag]\nkind = "flagd"\nfile = "{self.flags}"\n'
        trusted(self.settings, self.text)
        self.folder.mkdir()
        begin(self.folder, "flight", FAST, Wiring(settings=str(self.settings)))
        for percent in (10, 25):
            enter(self.folder, FAST, percent)

    @property
    def weight(self):
        document = json.loads(self.flags.read_text("utf-8"))
        return document["flags"][FAST.flag]["targeting"]["fractional"][-2][1]


@pytest.fixture
def flown(tmp_path):
    return Flown(tmp_path)


EVIL = '[flag]\nkind = "command"\nread = ["touch", "canary"]\nwrite = ["touch", "canary", "{percent}"]\n'
EDITS = {
    "another flag": lambda flown: flown.settings.write_text(EVIL, "utf-8"),
    "a mistake": lambda flown: flown.settings.write_text("[flag", "utf-8"),
    "no UTF-8": lambda flown: flown.settings.write_bytes(b"\xff\xff"),
    "gone": lambda flown: flown.settings.unlink(),
    "a folder": lambda flown: (flown.settings.unlink(), flown.settings.mkdir()),
    "written by others": lambda flown: flown.settings.chmod(0o666),
    "huge": lambda flown: flown.settings.write_bytes(b"#" * (2**20 + 1)),
}


@pytest.mark.parametrize("edit", EDITS)
def test_a_revert_goes_by_what_was_trusted_last_and_says_so(flown, capsys, monkeypatch, edit, tmp_path):
    monkeypatch.chdir(tmp_path)
    EDITS[edit](flown)
    code, _, err = told(capsys, "revert", flown.folder, "--reason", "3 a.m.")
    assert (code, flown.weight) == (0, 10)
    assert [line for line in err.splitlines() if "; going by what you trusted on 20" in line] == [err]
    assert not (tmp_path / "canary").exists()


def test_a_revert_goes_by_the_spare_copy_where_the_state_folder_is_gone(flown, capsys, state_folder):
    shutil.rmtree(state_folder)
    code, _, err = told(capsys, "revert", flown.folder)
    assert (code, flown.weight, err) == (0, 10, "")


def test_a_revert_by_settings_that_nobody_ever_trusted_is_refused_in_one_line(flown, capsys):
    forget(flown.settings)
    code, out, err = told(capsys, "revert", flown.folder)
    assert (code, out, flown.weight) == (2, [], 25)
    assert err.startswith("cockpit: NOT reverted, set flag concierge to 10 % by hand, or name settings by --config: ")
    assert err.endswith(f"cockpit trust {flown.settings}")
    assert "\n" not in err


def test_a_recorded_flag_is_reverted_whatever_became_of_the_settings(flown, capsys):
    trusted(flown.settings, 'service = "shop"\n')
    flown.settings.write_text(EVIL, "utf-8")
    code, out, err = told(capsys, "revert", flown.folder)
    assert (code, "10 %" in " ".join(out), "going by what you trusted on" in err) == (0, True, True)


def test_a_watch_that_runs_uses_what_was_trusted(tmp_path, home):
    """Settings that are edited while it runs change nothing until they are trusted and the session is opened again."""
    ran, evil = tmp_path / "ran", tmp_path / "evil"
    text = '[sources.score]\nkind = "command"\ntopic = "csat"\nevery = "1s"\nargv = ["/bin/sh", "-c", "echo >> FILE"]\n'
    settings = trusted(tmp_path / "cockpit.toml", text.replace("FILE", str(ran)))
    folder = home / "one"
    folder.mkdir(parents=True)
    begin(folder, "flight", FAST, Wiring(settings=str(settings)))
    terminal = Terminal("watch", "one", program=("-m", "cockpit"))
    terminal.until(b"watching ", 60)
    _grown(terminal, ran, 1)
    settings.write_text(text.replace("FILE", str(evil)), "utf-8")
    _grown(terminal, ran, len(ran.read_bytes()) + 2)
    os.kill(terminal.pid, signal.SIGTERM)
    while terminal.pump(1):
        pass
    assert os.waitstatus_to_exitcode(os.waitpid(terminal.pid, 0)[1]) == 128 + signal.SIGTERM
    os.close(terminal.master)
    os.close(terminal.slave)
    assert not evil.exists()


def _grown(terminal, file, size):
    """Wait until a program has run so often."""
    for _ in range(600):
        if file.exists() and len(file.read_bytes()) >= size:
            return
        terminal.pump(0.1)
    raise AssertionError(f"no run within a minute: {terminal.out[-500:]!r}")
