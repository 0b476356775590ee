"""Words can be read: every text colour stands out from every ground it is written on."""

import re
from pathlib import Path

import pytest
from textual.color import Color

import themes
import widgets

WORDS = ("ink", "strong", "quiet", "lead", "good", "hold", "bad", "blind")
PAIRS = [(word, ground) for word in WORDS for ground in ("ground", "band")]
PAIRS += [(word, "alarm") for word in ("ink", "strong", "lead", "quiet", "blind")] + [("ground", "bad")]


def luminance(colour: str) -> float:
    parts = [part / 255 for part in Color.parse(colour).rgb]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_of_black_and_white_is_21():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("theme", themes.THEMES, ids=lambda theme: theme.name)
@pytest.mark.parametrize(("word", "ground"), PAIRS)
def test_contrast_is_at_least_4_5(theme, word, ground):
    colours = theme.variables
    assert contrast(colours[word], colours[ground]) >= 4.5


def test_every_theme_names_every_colour():
    for theme in themes.THEMES:
        assert set(themes.VARIABLE_DEFAULTS) <= set(theme.variables)


def test_every_style_that_widgets_use_is_named():
    sources = "".join(path.read_text() for path in Path(widgets.__file__).parent.rglob("*.py"))
    used = set(re.findall(r'"(?:bold |underline )*\$(\w+)', sources))
    assert used
    assert used <= set(themes.VARIABLE_DEFAULTS)


def test_colours_live_in_themes_only():
    for package in ("widgets", "cockpit"):
        for path in Path(package).rglob("*.py"):
            assert not re.search(r"#[0-9a-fA-F]{6}\b", path.read_text()), path


def test_the_style_sheet_is_short():
    assert len(themes.STYLESHEET.read_text().splitlines()) <= 150
    assert not re.search(r"#[0-9a-fA-F]{6}\b", themes.STYLESHEET.read_text())
