"""The gate: what is judged is what is used, and every place that loads settings comes through it."""

import os
import re
from pathlib import Path

import pytest

from cockpit.runtime.errors import BadInputError
from cockpit.settings.schema import toml_file
from cockpit.settings.trust.gate import settings_in
from cockpit.settings.trust.own_text import UntrustedError
from tests.support.trust.trusting import trusted

ROOT = Path(__file__).parents[4]
LOADS = re.compile(r"\b(settings_from|without_file|flag_from)\(")
MAY_LOAD = {
    "cockpit/settings/file/load.py",
    "cockpit/settings/file/wiring.py",
    "cockpit/settings/file/flag_only.py",
    "cockpit/settings/trust/gate.py",
    "cockpit/settings/trust/act.py",
    "cockpit/settings/trust/last_trusted.py",
    "cockpit/setup/files.py",  # its own text, before it is written
}


def test_nothing_else_makes_settings_of_a_text():
    found = {path for path in (ROOT / "cockpit").rglob("*.py") if LOADS.search(path.read_text("utf-8"))}
    assert {path.relative_to(ROOT).as_posix() for path in found} == MAY_LOAD


def refused(path, kind=UntrustedError):
    with pytest.raises(kind) as error:
        settings_in(path)
    assert type(error.value) is kind
    return str(error.value)


def test_what_nobody_has_trusted_names_the_command(tmp_path, monkeypatch):
    path = tmp_path / "my cockpit.toml"
    path.write_text('service = "shop"', "utf-8")
    assert refused(path) == f"{path}: is not trusted yet: read it, then: cockpit trust '{path}'"
    monkeypatch.chdir(tmp_path)
    assert refused(path) == "my cockpit.toml: is not trusted yet: read it, then: cockpit trust 'my cockpit.toml'"
    assert settings_in(trusted(path)).service == "shop"


CHANGES = {
    "edited": lambda path: path.write_text('service = "them"', "utf-8"),
    "one byte more": lambda path: path.write_bytes(path.read_bytes() + b"\n"),
    "emptied": lambda path: path.write_bytes(b""),
    "swapped for another file": lambda path: (
        path.with_name("new").write_text('service = "them"', "utf-8"),
        path.with_name("new").replace(path),
    ),
    "swapped for a link": lambda path: (
        path.rename(path.with_name("old.toml")),
        path.symlink_to(path.with_name("old.toml")),
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_was_changed_is_not_taken(tmp_path, change):
    path = trusted(tmp_path / "cockpit.toml", 'service = "mine"')
    CHANGES[change](path)
    said = refused(path)
    assert "is not trusted yet" in said if "link" in change else "changed since you trusted it (" in said
    assert "cockpit trust " in said


UNREADABLE = {
    "is larger than 1 MB": lambda path: path.write_bytes(b"#" * (2**20 + 1)),
    "is not UTF-8 (byte 9)": lambda path: path.write_bytes(b'service="\xff"'),
    "No such file or directory": lambda path: path.unlink(),
    "is a folder": lambda path: (path.unlink(), path.mkdir()),
    "is a named pipe": lambda path: (path.unlink(), os.mkfifo(path)),
}


@pytest.mark.parametrize("what", UNREADABLE)
def test_what_cannot_be_read_is_one_line(tmp_path, what):
    path = trusted(tmp_path / "cockpit.toml", 'service = "mine"')
    UNREADABLE[what](path)
    assert what in refused(path, BadInputError)


def test_what_is_judged_is_what_is_used(tmp_path, monkeypatch):
    """Somebody writes the file at the very moment: it is read once, and that is what counts."""
    path = trusted(tmp_path / "cockpit.toml", 'service = "mine"')
    reads, real = [], toml_file._bytes

    def read(where):
        reads.append(where)
        data = real(where)
        path.write_text('service = "them"', "utf-8")
        return data

    monkeypatch.setattr(toml_file, "_bytes", read)
    assert settings_in(path).service == "mine"
    assert len(reads) == 1
    assert "changed since" in refused(path)
