from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tests.support.screen.sample import HOSTILE
from widgets.base.styled import content, cut, fit, joined, length, plain, shorten, spread

TEXT = st.one_of(st.text(max_size=60), st.sampled_from(HOSTILE))


@given(TEXT, st.integers(0, 60), st.booleans())
def test_fit_takes_exactly_its_width(text, width, right):
    assert cell_len(fit(text, width, right=right)[0]) == width


@given(TEXT, st.integers(1, 60))
def test_shorten_never_passes_its_width_and_is_clean(text, width):
    short = shorten(text, width)
    assert cell_len(short) <= width
    assert not any(ord(char) < 32 or 127 <= ord(char) < 160 for char in short)


@given(st.lists(TEXT, max_size=5), st.integers(1, 40))
def test_cut_never_passes_its_width(texts, width):
    assert length(cut(tuple((shorten(text, 30), "") for text in texts), width)) <= width


@given(TEXT, TEXT, st.integers(4, 80))
def test_spread_keeps_the_right_end(left, right, width):
    end = shorten(right, 3)
    line = spread(((shorten(left, 100), ""),), ((end, ""),), width)
    assert plain([line]).endswith(end)
    assert length(line) == width


@given(TEXT)
def test_content_is_literal(text):
    made = content([((text, ""),)], 400)
    assert made.plain == shorten(text, 400)
    assert all(span.style == "" for span in made.spans)


def test_joined_puts_the_dot_between_only():
    assert plain([joined(((("a", ""),), (), (("b", ""),)), (" · ", ""))]) == "a · b"
