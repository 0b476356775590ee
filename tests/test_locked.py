"""What is installed is locked, with hashes, and is what the project says; the audit says what it could not check."""

import json
import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support import audited
from tests.support.locked import inputs

ROOT = Path(__file__).parents[1]
FILES = ("demo", "test", "dev", "audit")
LINE = re.compile(
    r"^([A-Za-z0-9._-]+)==(\S+)((?: ;[^\\]*)?) \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", re.MULTILINE
)
SCRIPTS = [
    *(path for path in (ROOT / ".ci").iterdir() if path.name not in {"lock", "real"}),
    *ROOT.glob("*.md"),
    *ROOT.glob("docs/*.md"),
]


def text(name):
    return (ROOT / "requirements" / f"{name}.txt").read_text("utf-8")


def locked(name):
    """Each package with its version; the rest of its line says where it is needed."""
    return {canonicalize_name(found[1]): (found[2], found[3]) for found in LINE.finditer(text(name))}


def constraints():
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    return {canonicalize_name(name): version for name, _, version in (line.partition("==") for line in lines)}


@pytest.mark.parametrize("name", FILES)
def test_the_locks_are_written_of_what_the_project_says_now(name):
    assert text(name).partition("\n")[0].endswith(f" {inputs()}."), "run: .ci/lock"


@pytest.mark.parametrize("name", FILES)
def test_every_line_is_a_package_with_hashes_and_names_no_place(name):
    rest = LINE.sub("", text(name).partition("\n")[2])
    assert rest.strip() == ""
    assert "://" not in text(name)
    assert len(locked(name)) > 20


@pytest.mark.parametrize("name", ["demo", "test", "dev"])
def test_the_versions_are_those_of_the_constraints(name):
    here = {package: version for package, (version, where) in locked(name).items() if "win32" not in where}
    assert here.items() <= constraints().items()


def test_each_holds_what_the_one_before_holds():
    assert locked("demo").items() <= locked("test").items() <= locked("dev").items()
    assert constraints().keys() <= locked("dev").keys()


def needed(requirements, extra, seen):
    """Yield the name of each package that these need on this machine, with all that those need."""
    for requirement in map(Requirement, requirements):
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": extra}):
            continue
        name = canonicalize_name(requirement.name)
        for more in ("", *requirement.extras):
            if (name, more) not in seen:
                seen.add((name, more))
                yield name
                try:
                    inner = metadata.requires(name) or []
                except metadata.PackageNotFoundError:
                    continue  # not installed here, as cockpit itself may be
                yield from needed(inner, more, seen)


@pytest.mark.parametrize("name", ["demo", "test"])
def test_nothing_that_is_needed_here_is_missing(name):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    extras = project["project"]["optional-dependencies"]
    wanted = [*project["project"]["dependencies"], *extras["demo"], *(extras["test"] if name == "test" else [])]
    wanted += [*project["build-system"]["requires"], "editables"]
    found = set(needed(wanted, "", set())) - {"cockpit"}
    assert len(found) > 20
    assert found <= set(locked(name))


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_nothing_is_installed_without_hashes(path):
    lines = [line for line in path.read_text("utf-8").splitlines() if re.search(r"pip[\"']? (install|wheel) ", line)]
    for command in (part for line in lines for part in line.split("&&") if "pip" in part and "install" in part):
        assert "--require-hashes" in command or "--no-deps" in command, command


PLAIN = {"name": "httpx", "version": "0.28.1", "vulns": []}
HOLE = {"id": "PYSEC-1", "fix_versions": ["0.29"], "description": "x"}


@pytest.mark.parametrize(
    ("answer", "complaint", "code", "said"),
    [
        ({"dependencies": [PLAIN]}, "", 0, "1 checked, 0 not, 0 known"),
        ({"dependencies": [{**PLAIN, "vulns": [HOLE]}]}, "", 1, "httpx 0.28.1: PYSEC-1, mended in 0.29"),
        (
            {"dependencies": [{"name": "httpx", "skip_reason": "not found"}]},
            "",
            0,
            "httpx 0.28.1: not checked: not found",
        ),
        ({"dependencies": []}, "", 0, "not checked: the answer says nothing of it"),
        (None, "ConnectionError: Max retries exceeded", 0, "NOT CHECKED, none of them"),
        (None, "Could not resolve host", 0, "NOT CHECKED, none of them"),
        (None, "Traceback: KeyError", 2, "the audit is broken"),
        (None, "", 2, "the audit is broken"),
    ],
)
def test_an_audit_says_what_it_found_and_what_it_could_not_check(  # noqa: PLR0917 (what is given, and what is told)
    tmp_path, capsys, answer, complaint, code, said
):
    (tmp_path / "locked.txt").write_text("httpx==0.28.1 \\\n    --hash=sha256:0\n", "utf-8")
    printed = "" if answer is None else json.dumps(answer)
    program = f"import sys; print({printed!r}); print({complaint!r}, file=sys.stderr); sys.exit(1)"
    assert audited.main([str(tmp_path / "locked.txt"), sys.executable, "-c", program]) == code
    assert said in capsys.readouterr().out
