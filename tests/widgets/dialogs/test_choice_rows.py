"""A row of a list of choices: nothing is cut that there is room for, and its words before its note."""

from hypothesis import given
from hypothesis import strategies as st

from widgets.base.styled import wide
from widgets.dialogs.choices import Choice, row_line

WORDS = st.text("abc de", max_size=60).map(str.strip)


def written(row, width):
    return "".join(text for text, _ in row_line(row, 0, here=False, width=width))


@given(WORDS, WORDS, st.sampled_from([None, True]), st.integers(20, 120))
def test_what_fits_is_whole_and_no_line_is_wider_than_the_list(text, note, ticked, width):
    row = Choice("x", text, note, ticked=ticked)
    said = written(row, width)
    assert wide(said) <= width
    taken = 4 + (2 if ticked is not None else 0)
    if taken + wide(text) + (wide(note) + 1 if note else 0) <= width:
        assert text in said
        assert note in said


def test_a_short_word_leaves_its_room_to_a_long_note():
    said = written(Choice("go", "go", "to the next phase, by the plan's letter"), 60)
    assert "by the plan's letter" in said
