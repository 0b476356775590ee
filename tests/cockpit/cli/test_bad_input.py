"""Bad input: one line on stderr that says what, where and what to do; exit 2, no traceback, nothing lost."""

import errno
import os
import pty
import re
import socket
import struct
import subprocess
import sys
import termios
from fcntl import ioctl
from pathlib import Path

import pytest

from cockpit.__main__ import run
from cockpit.settings.promises.plan_file import bundled_text
from sessions.storage.disk import FileOps
from sessions.storage.folders import SESSION
from tests.support.watch.watching import kinds, made

ROOT = Path(__file__).parents[3]


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("COCKPIT_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("COCKPIT_MONGO_URI", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home"


def refused(capsys, *words):
    """Run a command that must be refused; return what it says, in one clean line."""
    code = run([str(word) for word in words])
    said = capsys.readouterr()
    assert (code, said.out) == (2, "")
    assert re.fullmatch(r"cockpit: [^\n\x1b]{5,600}\n", said.err), said.err
    return said.err.removeprefix("cockpit: ").rstrip("\n")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["status", "nope"], "nope: no such session: `cockpit sessions` lists those there are"),
        (["check", "nope"], "nope: no such session: `cockpit sessions` lists those there are"),
        (["export", "nope"], "nope: no such session: `cockpit sessions` lists those there are"),
        (["open", "nope"], "nope: no such session: `cockpit sessions` lists those there are"),
        (["status", "onne"], 'onne: no such session: did you mean "one"?'),
        (["status", "\x1b[2Jx"], "^[[2Jx: no such session: `cockpit sessions` lists those there are"),
        (["status", "a\nb"], "no such session"),
        (["chekc"], "No such command 'chekc'. Did you mean 'check'? See cockpit --help"),
        (["plan", "shwo"], "No such command 'shwo'. Did you mean 'show'? See cockpit plan --help"),
        (["--bogus"], "No such option: --bogus. See cockpit --help"),
        (["status", "--jsn"], "--json"),
        (["status", "one", "two"], "Got unexpected extra argument"),
        (["new"], "Missing argument"),
        (["new", "a/b"], "'a/b' is not a name for a session: use letters, digits, spaces and . + - _"),
        (["new", ".."], "'..' is not a name for a session"),
        (["new", ""], "'' is not a name for a session"),
        (["new", "x" * 200], "is not a name for a session"),
        (["new", "one"], "one: exists already: open it, or choose another name"),
        (["new", "two", "--speed", "nan"], "--speed"),
        (["new", "two", "--speed", "0"], "--speed"),
        (["new", "two", "--metrics", "localhost:9100"], "is not an http address: write http://host:port/metrics"),
        (["new", "two", "--metrics", "http://[bad"], "is not an http address: write http://host:port/metrics"),
        (["new", "two", "--metrics", "http://x:99999/"], "is not an http address: write http://host:port/metrics"),
        (["new", "two", "--config", "none.toml"], "--config none.toml: does not exist: name a settings file"),
        (["open", "one", "--config"], "expected one argument"),
        (["--config", "x.toml", "sessions"], "Write --config after the command."),
        (["export", "one", "--day", "tomorrow"], "--day tomorrow: is not a day: write YYYY-MM-DD"),
        (["export", "one", "--day", "2999-01-01"], "--day 2999-01-01: is not yet: write a day from "),
        (["export", "one", "--day", "1999-01-01"], "--day 1999-01-01: is before the session: write a day from "),
        (["task", "look", "nope", "one"], "nope: is not a current task or step: see cockpit task list"),
        (["task", "look", "", "one"], "no name: is not a current task or step: see cockpit task list"),
        (["decide", "go", "one"], "Missing argument --reason. See cockpit decide --help"),
        (["note"], "Missing argument TEXT. See cockpit note --help"),
        (["completion", "tcsh"], "SHELL 'tcsh': write one of bash, zsh, fish. See cockpit completion --help"),
        (["schema", "plans"], "FILE 'plans': write one of settings, plan. See cockpit schema --help"),
        (["export", "one", "--day", "2026-13-01"], "--day 2026-13-01: is not a day: write YYYY-MM-DD"),
        (["demo", "--headless", "--until", "11%"], "--until 11%: is not a phase: write 10%, 25%, 50%, 100% or all"),
        (["demo", "--headless", "--until", "x" * 99], "is not a phase: write 10%, 25%, 50%, 100% or all"),
        (["demo", "--headless", "--scenario", "calmm"], 'unknown scenario "calmm", did you mean "calm"?'),
        (["demo", "--headless", "--speed", "0"], "--speed"),
        (["demo", "--headless", "--seed", "x"], "--seed"),
        (["demo", "--headless", "--port", "65536"], "--port"),
    ],
)
def test_what_is_not_understood_is_one_line(home, capsys, words, told):
    made(home / "one")
    assert told in refused(capsys, *words)
    assert sorted(path.name for path in home.iterdir()) == ["one"]
    assert kinds(home / "one") == ["session.started"]


def test_a_password_in_an_address_is_refused_and_not_repeated(home, capsys):
    said = refused(capsys, "new", "two", "--metrics", "http://owner:hunter2@shop:9100/metrics")
    assert "shop: holds a user or a password" in said
    assert "hunter2" not in said


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"a = = 1", "is not TOML: Invalid value (at line 1, column 5)"),
        (b'title = "caf\xe9"', "is not UTF-8 (byte 12): save it as UTF-8"),
        (b"a = " + b"[" * 3000, "is not TOML: nested too deep"),
        (b"a = [\n" + b"1" * 3999 + b",\n" + b"]\nb = " + b"\n" + b"1" * 9, "is not TOML"),
        (b"a." * 20_000 + b"b = 1", ":1: is longer than 4,000 characters: break the line"),
        (b"#\n" * 2**20, "is larger than 1 MB: name a plan file"),
        (None, "No such file or directory: name a plan file"),
        ("folder", "is a folder: name a plan file"),
    ],
    ids=["no-toml", "no-utf8", "deep", "no-value", "long-line", "huge", "missing", "folder"],
)
@pytest.mark.parametrize("words", [["plan", "check"], ["plan", "show"], ["new", "two", "--plan"]], ids=" ".join)
def test_row_20_21_a_plan_that_cannot_be_read_is_one_line(home, capsys, words, content, told):
    path = home.parent / "mine.toml"
    if content == "folder":
        path.mkdir()
    elif content is not None:
        path.write_bytes(content)
    said = refused(capsys, *words, path)
    assert said.startswith(str(path))
    assert told in said
    assert not home.exists()


def test_row_87_every_typo_of_a_plan_is_told_at_once_with_its_line(home, tmp_path, capsys):
    path = tmp_path / "mine.toml"
    text = bundled_text()
    for old, new in (
        ("p95_ms = 500", "p95_mss = 500"),
        ("tolerance = 25", 'tolerance = "wide"'),
        ("percent = 25", "percent = 250"),
        ('settle = "30s"', 'settle = "soon"'),
        ("spike_errors = 5", "spike_errors = -5"),
    ):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path.write_text(text, "utf-8")

    def line(start):
        return next(number for number, row in enumerate(text.splitlines(), 1) if row.startswith(start))

    assert run(["plan", "check", str(path)]) == 2
    said = capsys.readouterr()
    rows = said.err.splitlines()
    for told in (
        f'{path}:{line("p95_mss")}: criteria.latency.p95_mss: unknown key, did you mean "p95_ms"?',
        f"{path}:{line('tolerance')}: criteria.growth.tolerance: is 'wide', write a number",
        f"{path}:{line('percent = 250')}: phases[1].percent: is 250, write a number from 0.01 to 100",
        f"""{path}:{line("settle")}: windows.settle: is 'soon', write a duration like "30s", "5m" or "2h\"""",
        f"{path}:{line('spike_errors')}: criteria.errors.spike_errors: is -5, write a number from 1 to 1,000,000,000",
    ):
        assert f"cockpit: {told}" in rows, (told, rows)
    assert all(re.match(rf"cockpit: {re.escape(str(path))}:\d+: ", row) for row in rows)
    assert (said.out, len(rows)) == ("", len(set(rows)))


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("garbage", "session.toml"),
        ("empty", "session.toml"),
        ("bytes", "session.toml"),
        ("fifo", "is a named pipe: open a session.toml that the cockpit wrote"),
        ("folder", "session.toml"),
        ("link", "is a symbolic link: open the file it points to"),
    ],
)
@pytest.mark.parametrize("command", ["status", "check", "export"])
def test_row_20_22_what_is_no_session_file_is_one_line(home, capsys, command, kind, told):
    folder = home / "one"
    folder.mkdir(parents=True)
    path = folder / SESSION
    match kind:
        case "fifo":
            os.mkfifo(path)
        case "folder":
            path.mkdir()
        case "link":
            path.symlink_to(made(home.parent / "other") / SESSION)
        case _:
            path.write_bytes({"garbage": b"hello = there", "empty": b"", "bytes": b"\xff\xfe\x00"}[kind])
    said = refused(capsys, command, "one")
    assert str(path) in said
    assert told in said
    assert not (folder / "exports").exists()


def child(*words, before="", user=None, **environment):
    """Run the program in a process of its own, without a terminal; `before` is code that runs first."""
    code = f"import sys\n{before}\nsys.argv[0] = 'cockpit'\nfrom cockpit.__main__ import main\nmain()"
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, words)],
        cwd=ROOT,
        env={**os.environ, **environment},
        user=user,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def one_line(answer):
    assert answer.returncode == 2, answer
    assert answer.stdout == ""
    assert re.fullmatch(r"cockpit: [^\n]+\n", answer.stderr), answer.stderr
    return answer.stderr


def test_row_35_a_pipe_is_no_terminal(home):
    made(home / "one")
    said = one_line(child("open", "one"))
    assert "stdout is not a terminal: use cockpit status, cockpit check, or cockpit demo --headless" in said
    assert kinds(home / "one") == ["session.started"]


@pytest.mark.parametrize(
    ("command", "size", "term", "told"),
    [
        (["open", "one"], (5, 20), "xterm", "the terminal is 20x5, the cockpit needs 40x12 at least: enlarge it"),
        (["open", "one", "--read-only"], (11, 200), "xterm", "the terminal is 200x11, the cockpit needs 40x12"),
        (["open", "one"], (24, 80), "dumb", "this terminal (TERM=dumb) cannot show the screen"),
        ([], (0, 0), "xterm", "the terminal is 0x0"),
        (["open", "one"], (24, 80), "xterm", "stderr is not a terminal, and the screen is drawn there"),
    ],
)
def test_row_35_a_terminal_that_cannot_be_painted_on_is_one_line(home, command, size, term, told):
    made(home / "one")
    ours, theirs = pty.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
    with subprocess.Popen(
        [sys.executable, "-m", "cockpit", *command],
        cwd=ROOT,
        env={**os.environ, "TERM": term},
        stdin=theirs,
        stdout=theirs,
        stderr=subprocess.PIPE,
    ) as started:
        os.close(theirs)
        said = started.communicate(timeout=60)[1].decode()
    painted = b""
    try:
        while more := os.read(ours, 1000):
            painted += more
    except OSError:  # the end of a pty whose other side is gone
        pass
    finally:
        os.close(ours)
    assert (started.returncode, painted) == (2, b"")
    assert re.fullmatch(r"cockpit: [^\n]+\n", said)
    assert told in said


def test_row_8_a_home_that_cannot_be_written_is_one_line(home, tmp_path):
    if os.geteuid() == 0:
        said = one_line(child("new", "two", COCKPIT_HOME="/proc/cockpit"))
        assert "/proc/cockpit/two: cannot be made (No such file or directory): choose another place" in said
        return
    home.mkdir(mode=0o500)
    assert "cannot be made (Permission denied): choose another place" in one_line(child("new", "two"))


def test_row_8_a_home_below_a_file_is_one_line(home, capsys, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("COCKPIT_HOME", str(tmp_path / "file"))
    assert "cannot be made (File exists): choose another place" in refused(capsys, "new", "two")
    assert run(["sessions"]) == 0


@pytest.mark.parametrize("call", ["write", "link"])
def test_a_session_that_the_disk_does_not_take_leaves_its_name_free(home, capsys, monkeypatch, call):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "there")

    with monkeypatch.context() as patched:
        patched.setattr(FileOps, call, full)
        assert "No space left on device" in refused(capsys, "new", "two", "--metrics", "http://127.0.0.1:9/metrics")
    assert not (home / "two").exists()
    assert run(["new", "two", "--metrics", "http://127.0.0.1:9/metrics"]) == 0


def test_a_demo_over_a_session_that_is_there_is_refused(home, capsys):
    made(home / "one")
    said = refused(capsys, "demo", "--headless", "--out", home / "one")
    assert "holds a session already: choose another --out" in said


def test_a_port_that_is_taken_is_one_line(home, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = one_line(child("demo", "--headless", "--port", port, "--out", tmp_path / "out"))
    assert f"port {port} is taken: choose another one, or 0 for a free one" in said
    assert not (tmp_path / "out" / SESSION).exists()


@pytest.mark.parametrize("missing", ["aiohttp", "secantus"])
def test_a_demo_without_its_extra_says_what_to_install(home, tmp_path, missing):
    answer = child("demo", "--headless", "--out", tmp_path / "out", before=f"sys.modules[{missing!r}] = None")
    assert "the demo needs its extra: pip install 'cockpit[demo]'" in one_line(answer)
    assert not (tmp_path / "out").exists()


def test_a_database_address_that_is_none_is_one_line_without_its_password(home, tmp_path):
    answer = child("demo", "--headless", "--out", tmp_path / "out", COCKPIT_MONGO_URI="mongodb://owner:hunter2@[bad")
    assert "hunter2" not in answer.stdout + answer.stderr
    one_line(answer)
