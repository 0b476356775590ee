"""The starter file and the reference page: written from the models, so both can be read back whole."""

import tomllib
from pathlib import Path

import pytest

from cockpit.settings.file.reference import reference
from cockpit.settings.file.starter import starter, write_starter
from cockpit.settings.keymap.names import DEFAULTS
from cockpit.settings.models.settings import KINDS, THEMES, Settings
from cockpit.tui.keys import ALL
from tests.support.trust.trusting import load
from themes import THEMES as KNOWN

ROOT = Path(__file__).parents[4]


def paragraphs():
    return [part for part in starter().split("\n\n") if "\n# " in part]


def uncommented(text, marks=("# ",)):
    lines = text.splitlines()
    return "\n".join(next((line[len(mark) :] for mark in marks if line.startswith(mark)), line) for line in lines)


def test_the_starter_as_it_is_gives_the_defaults(tmp_path):
    path = write_starter(tmp_path / "cockpit.toml")
    assert load(path) == Settings()


def test_the_starter_is_valid_with_every_line_uncommented():
    assert set(tomllib.loads(uncommented(starter()))["sources"]) >= {"prometheus", "scrape", "records", "wf7"}


@pytest.mark.parametrize("paragraph", paragraphs(), ids=lambda text: text.partition("\n# ")[2].partition("\n")[0][:30])
def test_each_paragraph_loads_by_itself(tmp_path, paragraph):
    path = tmp_path / "cockpit.toml"
    path.write_text(uncommented(paragraph), "utf-8")
    assert isinstance(load(path), Settings)
    assert tomllib.loads(path.read_text("utf-8"))


@pytest.mark.parametrize("paragraph", paragraphs(), ids=lambda text: text.partition("\n# ")[2].partition("\n")[0][:30])
def test_seldom_keys_are_toml_as_well(paragraph):
    known = [line for line in paragraph.splitlines() if line.startswith("## ") and " = " in line and "(" not in line]
    for line in known:
        assert len(tomllib.loads(line.removeprefix("## "))) == 1


def test_every_kind_of_source_has_a_paragraph():
    kinds = {line.split('"')[1] for line in starter().splitlines() if line.startswith("# kind = ")}
    assert kinds >= set(KINDS)


def test_a_starter_never_overwrites_and_needs_no_folder(tmp_path):
    path = tmp_path / "cockpit.toml"
    path.write_text("service = 'mine'", "utf-8")
    assert write_starter(path) is None
    assert path.read_text("utf-8") == "service = 'mine'"
    (tmp_path / "link.toml").symlink_to(tmp_path / "elsewhere")
    assert write_starter(tmp_path / "link.toml") is None
    assert not (tmp_path / "elsewhere").exists()
    assert write_starter(tmp_path / "none" / "cockpit.toml") is None


def test_the_reference_page_is_what_the_models_say():
    page = (ROOT / "docs" / "settings.md").read_text("utf-8")
    assert page == reference(), "run: python -m cockpit.settings.file.reference > docs/settings.md"


def test_the_names_known_without_a_screen_are_those_of_the_screen():
    assert ("auto", *(theme.name for theme in KNOWN)) == THEMES
    keys = {binding.id: binding.key for binding in ALL if binding.id != "app.copy"}
    assert dict(DEFAULTS) == keys
