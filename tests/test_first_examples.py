"""Each page begins with what it is for and one example, and the example works when it is pasted."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from cockpit.cli.main import asked

ROOT = Path(__file__).parents[1]
PAGES = [*sorted((ROOT / "docs").glob("*.md")), ROOT / "docs" / "recipes" / "README.md"]
LASTING = {"demo", "open", "watch", "serve"}
"""Commands that go on until they are told to end: their words are read and no more."""
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


def pasted(place, text):
    home = {name: str(place / name.lower()) for name in ("COCKPIT_HOME", "COCKPIT_STATE", "XDG_CONFIG_HOME")}
    return subprocess.run(
        ["/bin/sh", "-c", text],
        cwd=place,
        env={**home, "PATH": f"{place}/bin:/usr/bin:/bin", "LANG": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


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
        assert tomllib.loads(text)
        return
    lines = [line.removeprefix("$ ") for line in text.splitlines()]
    commands = [line for line in lines if line.startswith("cockpit ") and not line.startswith("cockpit: ")]
    assert commands
    for command in commands:
        words = command.split()[1:]
        if words[0] in LASTING:
            asked(words)
            continue
        done = pasted(place, command)
        assert done.returncode != 2, done.stderr
        assert "Traceback" not in done.stdout + done.stderr
