"""Sentences that go on below themselves, or are cut: no figure loses its unit, no bound its sign."""

import re

import pytest

from widgets.base.styled import valued, wide, worded
from widgets.wording.rows import told_in

SAID = (
    "It starts after Phase 4, 100 %: now the rollout is at 25 %.",
    "Since 14:00 latency POST /capsules 1812 ms > 500 ms: still open after 3 min, no revert",
    "shortlists 1,363 docs high > 29 docs, and 112 users saw it, 37-46 % of 812 users",
)
WIDTHS = range(14, 80)


@pytest.mark.parametrize("text", SAID)
def test_a_figure_stays_beside_its_unit(text):
    for width in WIDTHS:
        lines = told_in(text, width, 20)
        assert " ".join(lines) == text
        assert max(map(wide, lines)) <= width
        assert not [line for line in lines if re.match(r"(%|ms|docs|users|min)\b|%", line)]
        assert not [line for line in lines if re.search(r"[<>≤≥]$", line)]


@pytest.mark.parametrize("text", SAID)
def test_a_sentence_that_is_cut_ends_in_no_bare_figure(text):
    for width in WIDTHS:
        said = worded(text, width)[0].rstrip()
        assert wide(said) <= width
        assert said == text or not re.search(r"(\d|[<>≤≥=]|\d of)…$", said), said


@pytest.mark.parametrize("width", range(24, 70))
def test_a_value_at_the_end_stays_whole_and_the_name_loses_its_middle(width):
    said = valued("POST /api/v2/capsules/{id}/stylist-notes 1812 ms > 500 ms: resolve within 15m00s or revert", width)
    assert wide(said) <= width
    assert said.endswith("1812 ms > 500 ms")
