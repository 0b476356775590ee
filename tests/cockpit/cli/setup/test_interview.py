"""`cockpit init` in a real terminal: plain lines, each of which enter answers; `?` explains, ctrl+c leaves nothing."""

import pytest

from tests.cockpit.cli.setup.test_init_command import served
from tests.support.processes.terminal import Terminal
from tests.support.sources.exporters import page

PROGRAM = ("-m", "cockpit", "init")


@pytest.fixture
def here(tmp_path, monkeypatch):
    folder = tmp_path / "shop"
    folder.mkdir(mode=0o700)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COCKPIT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COCKPIT_STATE", str(tmp_path / "state"))
    monkeypatch.delenv("COCKPIT_MONGO_URI", raising=False)
    return folder


def asked(terminal, *talk):
    for question, answer in talk:
        terminal.until(question, 60)
        terminal.out = b""
        terminal.send(answer)


def test_a_person_is_asked_and_enter_takes_what_was_found(here):
    with served(metrics=page("fastapi")) as url:
        terminal = Terminal(program=PROGRAM)
        asked(
            terminal,
            (b"What is the service called? [shop]", b"\n"),
            (b"Where are its numbers?", b"?\n"),
            (b"A /metrics page (several with blanks between), or a Prometheus.", b"nonsense\n"),
            (b'  "nonsense" is not an http address: write http://host:port', f"{url}\n".encode()),
            (b"Which variable holds the address of your MongoDB? [none]", b"\n"),
            (b"Which endpoints are judged? [1-3]", b"9\n"),
            (b"9 is none of them: write numbers from 1 to 3", b"1 3\n"),
            (b"Which p95 is the bound, in ms? [500]", b"\n"),
            (b"Where does the flag live? [session]", b"?\n"),
            (b"One of session, flagd, unleash", b"\n"),
            (b"What is the flag called? [shop]", b"new-looks\n"),
            (b"Where is your Alertmanager? [none]", b"\n"),
        )
        assert terminal.wait(60) == 0
    assert b"next: cockpit doctor, then cockpit new shop, then cockpit open shop" in terminal.out
    text = (here / "plan.toml").read_text("utf-8")
    assert 'flag = "new-looks"' in text
    assert '"GET /looks",  #' in text
    assert '#   "POST /capsules"' in text


@pytest.mark.parametrize(("keys", "code"), [(b"\x03", 130), (b"\x04", 2)], ids=["ctrl+c", "end of input"])
def test_who_leaves_leaves_nothing(here, keys, code):
    terminal = Terminal(program=PROGRAM)
    asked(terminal, (b"What is the service called?", b"\n"), (b"Where are its numbers?", keys))
    assert terminal.wait(60) == code
    assert b"Traceback" not in terminal.out
    assert terminal.out.endswith(b"\n")
    assert code != 2 or b"\r\ncockpit: init: the input ended" in terminal.out
    assert not list(here.iterdir())


def test_who_judges_no_endpoint_is_told_so(here):
    with served(metrics=page("fastapi")) as url:
        terminal = Terminal(program=PROGRAM)
        numbers = (b"numbers?", f"{url}\n".encode())
        asked(terminal, (b"called?", b"\n"), numbers, (b"MongoDB?", b"\n"), (b"judged?", b"none\n"))
        assert terminal.wait(60) == 2
    assert b"cockpit: init: no endpoint is left to judge: nothing was written" in terminal.out
    assert not list(here.iterdir())


def test_none_ends_in_a_line(here):
    terminal = Terminal(program=PROGRAM)
    asked(terminal, (b"called?", b"\n"), (b"numbers?", b"none\n"), (b"MongoDB?", b"\n"))
    assert terminal.wait(60) == 20
    assert b"no source counts requests" in terminal.out
    assert not list(here.iterdir())
