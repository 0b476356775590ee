"""Each page begins with what it is for and one example, and the example works when it is pasted."""

import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cockpit.cli.main import asked
from cockpit.runtime.errors import BadInputError
from cockpit.settings.file.load import settings_from
from cockpit.settings.promises.plan_file import bundled_text, plan_of_text
from sessions.plan.strict_table import TableError
from tests.support.processes.program import Program

ROOT = Path(__file__).parents[1]
PAGES = [*sorted((ROOT / "docs").glob("*.md")), ROOT / "docs" / "recipes" / "README.md"]
LASTING = {"demo": "watch.started", "watch": "watch.started", "serve": "http://127.0.0.1"}
"""Commands that go on until they are told to end, and what each says once it runs."""
REFUSED = {"advance": 10, "doctor": 20, "check": 30}
"""Exit codes of commands that find a session without any source."""
ELSEWHERE = {"quick-start.md": ".ci/run", "benchmarks.md": "tests/bench"}
"""Pages whose first example takes minutes, and what runs it."""


def first(path):
    """The words before the first example of a page, its language and its text."""
    found = re.match(r"# .+?\n(.*?)```(\w*)\n(.*?)```", path.read_text("utf-8"), re.DOTALL)
    assert found, "there is no example"
    return found.groups()


@pytest.fixture
def place(tmp_path):
    """A folder with a session called concierge, and a cockpit in the PATH."""
    program = tmp_path / "bin" / "cockpit"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m cockpit "$@"\n', "utf-8")
    program.chmod(0o755)
    assert pasted(tmp_path, "cockpit new concierge").returncode == 0
    return tmp_path


def surroundings(place):
    home = {name: str(place / name.lower()) for name in ("COCKPIT_HOME", "COCKPIT_STATE", "XDG_CONFIG_HOME")}
    return {**home, "PATH": f"{place}/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}


def pasted(place, text):
    return subprocess.run(
        ["/bin/sh", "-c", text],
        cwd=place,
        env=surroundings(place),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def begun(place, words):
    """Start a command that goes on, wait until it says that it runs, and end it in order."""
    with Program(*words, env={**surroundings(place), "PYTHONPATH": str(ROOT)}, cwd=place) as program:
        program.said(LASTING[words[0]])
        return program.end(signal.SIGTERM)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_page_begins_with_what_it_is_for_and_an_example(path):
    before, _, text = first(path)
    assert text.strip()
    assert len(before.strip()) > 40
    assert "##" not in before
    assert "\n|" not in before
    assert len(before.split()) < 120


@pytest.mark.parametrize("path", [one for one in PAGES if one.name not in ELSEWHERE], ids=lambda path: path.name)
def test_the_first_example_works_when_it_is_pasted(path, place):
    _, language, text = first(path)
    if language == "toml":
        settings_from(path, text)
        return
    lines = [line.removeprefix("$ ") for line in text.splitlines()]
    commands = [line for line in lines if line.startswith("cockpit ") and not line.startswith("cockpit: ")]
    assert commands
    for command in commands:
        words = command.split()[1:]
        if words[0] in LASTING and "--headless" not in words:
            assert begun(place, words) == (128 + signal.SIGTERM, "")
            continue
        done = pasted(place, command)
        assert done.returncode == REFUSED.get(words[0], 0), done.stderr
        assert done.stdout + done.stderr
        assert "Traceback" not in done.stdout + done.stderr


def examples():
    for path in sorted((ROOT / "docs").rglob("*.md")):
        found = re.findall(r"```toml\n(.*?)```", path.read_text("utf-8"), re.DOTALL)
        yield from (pytest.param(path.name, text, id=f"{path.name}-{count}") for count, text in enumerate(found))


@pytest.mark.parametrize(("name", "text"), [*examples()])
def test_every_example_in_toml_is_one_that_its_own_reader_takes(name, text):
    """Settings by the reader of settings; on the plan's page a table as part of the plan that is built in."""
    if name == "session-file.md":
        return
    if name != "plan.md":
        settings_from(Path(name), text)
        return
    plan_of_text(Path(name), f"{bundled_text()}\n{text}")


def test_an_example_that_parses_and_says_nothing_the_cockpit_knows_is_refused():
    with pytest.raises(TableError):
        settings_from(Path("sources.md"), '[sources.shop]\nkind = "scrape"\nurl = "https://shop.example.org/metrics"\n')
    with pytest.raises(TableError):
        plan_of_text(Path("plan.md"), f'{bundled_text()}\n[advance]\nfriday = "09:00-16:00"\n')


def commands_of(text):
    """The commands that a page names: lines of its blocks, and code within a line."""
    fenced = re.findall(r"^ *```(\w*)\n(.*?)```", text, re.DOTALL | re.MULTILINE)
    blocks = "\n".join(block for language, block in fenced if language in ("", "sh")).replace("\\\n", " ")
    lines = [part.strip(" $") for line in blocks.splitlines() for part in re.split(r"&&|\|\||  #", line)]
    prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    found = [*(line for line in lines if "cockpit:" not in line), *re.findall(r"`(cockpit [^`\n|]+)`", prose)]
    return [one for one in found if one.startswith("cockpit ") and not re.search(r"…|\.\.\.|\bSHELL\b|--help", one)]


def refused(command):
    """Why the program does not take a command; empty where it does."""
    try:
        asked(shlex.split(command.partition(" > ")[0])[1:])
    except BadInputError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    "path", [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))], ids=lambda path: path.name
)
def test_every_command_of_a_page_is_one_that_there_is(path):
    """In prose a command may leave out what it needs; it never has a name or an option that is not there."""
    said = {command: refused(command) for command in commands_of(path.read_text("utf-8"))}
    wrong = {one: why for one, why in said.items() if why and not re.search(r"Missing argument|expected one", why)}
    assert wrong == {}


def test_a_command_that_is_not_there_is_seen():
    page = "Run `cockpit chekc concierge`:\n```\ncockpit export concierge --fromat html && cockpit check\n```\n"
    wrong, right, unknown = commands_of(page)
    assert refused(wrong).startswith("No such option")
    assert refused(unknown).startswith("No such command")
    assert refused(right) == ""
