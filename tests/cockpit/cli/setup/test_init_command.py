"""`cockpit init` with flags: what it writes loads for whoever reads it, what it cannot do is one line and no file."""

import errno
import http.server
import os
import re
import threading
import time
from contextlib import contextmanager
from typing import ClassVar

import pytest

from cockpit.__main__ import run
from cockpit.cli.setup.init import NOTHING
from cockpit.demo.world.flag_file import first_text
from cockpit.runtime.clock import Clock
from cockpit.runtime.errors import BadInputError
from cockpit.session.both_files import loaded, state_of
from cockpit.settings.models.traffic import Metrics
from cockpit.settings.trust.gate import settings_in
from cockpit.setup.files import write_both
from cockpit.setup.found import Endpoint
from cockpit.setup.outcome import Outcome, Place
from sessions.storage.disk import FileOps
from tests.support.build import PLAN
from tests.support.sources.exporters import SEEN, SHAPES, page


class Quiet(http.server.BaseHTTPRequestHandler):
    """Answers each path of `pages`; the first names what is asked without one."""

    pages: ClassVar = {}

    def do_GET(self):
        status, text, kind = self.pages.get(self.path, (404, "", "text/plain"))
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@contextmanager
def served(**pages):
    """Pages on loopback: their text by name, plain text unless it looks like another."""
    texts = {
        f"/{name}": (200, text, "text/html" if text.startswith("<") else "text/plain") for name, text in pages.items()
    }
    handler = type("Served", (Quiet,), {"pages": texts})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty folder to stand in, with no settings above and no session anywhere."""
    monkeypatch.setenv("COCKPIT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    folder = tmp_path / "my shop"
    folder.mkdir(mode=0o700)
    monkeypatch.chdir(folder)
    return folder


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def told(capsys, *words, code=0):
    capsys.readouterr()
    assert run(list(words)) == code
    said = capsys.readouterr()
    return said.out if code in (0, 20, 30) and not said.err else said.err or said.out


@pytest.mark.parametrize("shape", SHAPES)
def test_each_shape_makes_files_that_everybody_loads(here, capsys, shape):
    with served(metrics=page(shape)) as url:
        said = told(capsys, "init", "--metrics", f"{url}/metrics")
        assert "wrote plan.toml: p95 <= 500 ms and errors < 1 %, 3 endpoints; and cockpit.toml, trusted" in said
        assert names(here) == WRITTEN
        assert settings_in(here / "cockpit.toml").service == "my shop"
        assert "plan.toml: my shop: in order" in told(capsys, "plan", "check", "plan.toml")
        assert run(["doctor"]) in (0, 20)
        examined = capsys.readouterr().out
        assert examined.startswith("settings cockpit.toml, plan plan.toml\n")
        assert "3 of 3 of the plan counted and timed" in examined
        made = told(capsys, "new", "flight")
    assert "by the plan of plan.toml: my shop\nwith the settings of cockpit.toml\n" in made
    assert state_of(loaded(here.parent / "home" / "flight")).plan.endpoints == tuple(SEEN)
    assert run(["check", "flight"]) == 30
    assert "promises" not in told(capsys, "status", "flight")


def test_a_plan_may_be_named_for_the_doctor(here, capsys, tmp_path):
    with served(metrics=page("demo")) as url:
        told(capsys, "init", "--metrics", f"{url}/metrics")
        (here / "plan.toml").rename(here / "other.toml")
        assert run(["doctor", "--plan", "other.toml"]) in (0, 20)
        assert "3 of 3 of the plan" in capsys.readouterr().out
        assert run(["doctor"]) == 20
        assert "2 of 6 of the plan" in capsys.readouterr().out
        assert "a session has its own plan" in told(capsys, "doctor", "x", "--plan", "other.toml", code=2).lower()


def test_only_what_is_named_is_judged_and_what_is_not_there_is_a_line(here, capsys):
    with served(metrics=page("demo")) as url:
        options = ["--endpoint", "GET /looks", "--endpoint", "GET /nowhere", "--p95", "300", "--flag-key", "looks"]
        said = told(capsys, "init", "shop", "--metrics", f"{url}/metrics", *options)
    assert "not found: endpoint GET /nowhere: nobody asked for it" in said
    assert "no bucket of the histogram ends at 300 ms" in said
    text = (here / "plan.toml").read_text("utf-8")
    assert 'endpoints = [\n  "GET /looks",' in text
    assert '#   "POST /capsules"' in text
    assert 'flag = "looks"' in text


def test_a_flag_in_a_file_is_read_and_named(here, capsys):
    (here.parent / "flags.json").write_text(first_text(PLAN), "utf-8")
    with served(metrics=page("demo")) as url:
        options = ["--flag-kind", "flagd", "--flag-file", "../flags.json"]
        said = told(capsys, "init", "--metrics", f"{url}/metrics", *options)
    assert f"found: flag {PLAN.flag} of flagd at 0 %" in said
    assert settings_in(here / "cockpit.toml").flag.file == str(here.parent / "flags.json")


def test_a_token_is_named_and_never_written(here, capsys, monkeypatch):
    monkeypatch.setenv("SHOP_TOKEN", "hunter2-canary")
    with served(metrics=page("demo")) as url:
        said = told(capsys, "init", "--metrics", f"{url}/metrics", "--token", "SHOP_TOKEN")
    assert "hunter2" not in said
    assert "hunter2" not in (here / "cockpit.toml").read_text("utf-8")
    assert 'token = "${SHOP_TOKEN}"' in (here / "cockpit.toml").read_text("utf-8")


WRITTEN = ["cockpit.schema.json", "cockpit.toml", "plan.schema.json", "plan.toml"]

WORDS = [
    ([], "init: there is no terminal to ask you: name a source with --metrics, --prometheus or --mongo"),
    (["--metrics", "ftp://x"], '--metrics: "ftp://x" is not an http address'),
    (["--metrics", "http://me:pw@x/metrics"], "--metrics: holds a user or a password"),
    (["--metrics", "http://x/m", "--prometheus", "http://y"], "--metrics and --prometheus: write only one"),
    (["--metrics", "http://x/m", "--mongo", "mongodb://u:pw@h/"], "--mongo: write the name of a variable"),
    (
        ["--yes", "--flag-kind", "command", "--flag-read", "a '", "--flag-write", "b"],
        "--flag-read: has a quote",
    ),
    (["--metrics", "http://x/m", "--flag-kind", "unleash"], "--flag-kind unleash needs --flag-url"),
    (
        ["--metrics", "http://x/m", "--flag-kind", "flags"],
        "--flag-kind 'flags': write one of session, flagd, unleash, launchdarkly, command.",
    ),
    (["--metrics", "http://x/m", "--database", "a/$b"], '--database: "a/$b" is no database'),
    (["--metrics", "http://x/m", "--p95", "0"], "write a number from 1 to 1e+06"),
    (["a\x1b[2J", "--metrics", "http://x/m"], "is not a name: write what the service is called"),
]


@pytest.mark.parametrize(("words", "said"), WORDS, ids=lambda value: str(value)[:30])
def test_a_wrong_word_is_one_line_and_no_file(here, capsys, words, said):
    line = told(capsys, "init", *words, code=2)
    assert said in line
    assert line.count("\n") == 1
    assert "pw" not in line
    assert names(here) == []


PAGES = [
    ("<html><body>up 1</body></html>", "not Prometheus text"),
    ("up 1\n", "no histogram of durations"),
    ('http_request_duration_seconds_bucket{le="1"} 1\n', "has the labels none"),
    ("x" * 9_000_000, "answer over 8 MB"),
]


@pytest.mark.parametrize(("text", "why"), PAGES, ids=lambda value: value[:12])
def test_a_page_that_counts_no_requests_writes_nothing(here, capsys, text, why):
    with served(metrics=text) as url:
        assert run(["init", "--metrics", f"{url}/metrics"]) == NOTHING
    said = capsys.readouterr()
    assert f"not found: 127.0.0.1:{url.rpartition(':')[2]}: " in said.out or why in said.out
    assert why in said.out
    assert said.err == "cockpit: init: no source counts requests, so nothing can be judged: nothing was written\n"
    assert names(here) == []


def test_nobody_there_writes_nothing(here, capsys):
    assert run(["init", "--metrics", "http://127.0.0.1:9/metrics"]) == NOTHING
    assert "not found: 127.0.0.1:9: refused: is it running, and is the address right?" in capsys.readouterr().out
    assert run(["init", "--prometheus", "http://127.0.0.1:9"]) == NOTHING
    assert run(["init", "--mongo", "NO_SUCH_VARIABLE"]) == NOTHING
    assert "$NO_SUCH_VARIABLE is not set" in capsys.readouterr().out
    assert names(here) == []


@pytest.mark.parametrize("name", ["GET /nowhere", ""])
def test_endpoints_of_which_none_is_there_are_bad_input(here, capsys, name):
    with served(metrics=page("demo")) as url:
        assert run(["init", "--metrics", f"{url}/metrics", "--endpoint", name]) == 2
    line = "cockpit: init: no endpoint is left to judge: nothing was written: name one that was asked for\n"
    assert capsys.readouterr().err == line
    assert names(here) == []


def test_a_state_folder_that_takes_nothing_is_named(here, monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("COCKPIT_STATE", str(tmp_path / "file"))
    with pytest.raises(BadInputError, match=re.escape(f"the state folder {tmp_path / 'file'} takes no file (")):
        write_both(here, OUTCOME, Clock().now())
    assert names(here) == []


@pytest.mark.parametrize("name", ["plan.toml", "cockpit.toml"])
@pytest.mark.parametrize("kind", ["file", "link", "folder"])
def test_what_stands_there_is_never_overwritten(here, capsys, name, kind):
    place = here / name
    {
        "file": lambda: place.write_text("mine", "utf-8"),
        "link": lambda: place.symlink_to("nowhere"),
        "folder": place.mkdir,
    }[kind]()
    line = told(capsys, "init", "--metrics", "http://127.0.0.1:9/metrics", code=2)
    assert line == f"cockpit: {name}: exists already: edit it, or move it away and run cockpit init again\n"
    assert names(here) == [name]


def test_a_folder_that_others_may_write_gets_no_file(here, capsys):
    here.chmod(0o777)
    with served(metrics=page("demo")) as url:
        line = told(capsys, "init", "--metrics", f"{url}/metrics", code=2)
    assert "others may write in its folder" in line
    assert line.endswith("so nothing was written\n")
    assert names(here) == []


OUTCOME = Outcome("shop", Place(Metrics(), ("http://127.0.0.1:1/metrics",)), (Endpoint("GET /a", 1),))


class Failing(FileOps):
    """A disk of which one kind of call fails from the nth time on."""

    def __init__(self, call, number, code):
        self.call, self.left, self.code = call, number, code

    def fails(self, call, path):
        if call == self.call:
            self.left -= 1
            if self.left <= 0:
                raise OSError(self.code, os.strerror(self.code), str(path))

    def write(self, fd, data):
        self.fails("write", "f")
        return super().write(fd, data)

    def open(self, path, flags, mode=0o600):
        if flags & os.O_CREAT:
            self.fails("new", path)
        return super().open(path, flags, mode)

    def link(self, source, target):
        self.fails("link", target)
        super().link(source, target)

    def fsync(self, fd):
        self.fails("fsync", "f")
        super().fsync(fd)


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize(
    ("call", "code"),
    [
        ("write", errno.ENOSPC),
        ("new", errno.EROFS),
        ("new", errno.EACCES),
        ("link", errno.EEXIST),
        ("fsync", errno.EIO),
    ],
)
def test_a_disk_that_takes_nothing_leaves_nothing(here, call, code, number):
    with pytest.raises(BadInputError) as error:
        write_both(here, OUTCOME, Clock().now(), Failing(call, number, code))
    assert "\n" not in str(error.value)
    assert "init: " in str(error.value)
    assert names(here) == []
    write_both(here, OUTCOME, Clock().now())
    assert names(here) == WRITTEN


def test_what_was_found_that_makes_no_plan_writes_nothing(here):
    with pytest.raises(BadInputError, match=re.escape("init: what was found makes no plan (")):
        write_both(here, Outcome("shop", Place(Metrics(), ("nonsense",)), (Endpoint("GET /a", 1),)), Clock().now())
    assert names(here) == []


def test_a_hostile_page_is_shown_cleaned_and_takes_no_longer(here, capsys):
    rows = [
        f'http_seconds_bucket{{method="GET",path="/{text}",status="200",le="1"}} 5'
        for text in ("\x1b[2J", "[red]x", "a", "'''")
    ]
    rows += [row.replace("_bucket", "_count").replace(',le="1"', "") for row in rows]
    begun = time.monotonic()
    with served(metrics="\n".join(rows) + "\n" + "{" * 5_000 + "\n") as url:
        said = told(capsys, "init", "--metrics", f"{url}/metrics")
    assert time.monotonic() - begun < 60
    assert "\x1b" not in said
    text = (here / "plan.toml").read_text("utf-8")
    assert '"GET /[red]x"' in text
    assert "\x1b" not in text
