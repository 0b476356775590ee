"""The line of keys: nothing is cut, what is kept stays at the end, the least useful are left out."""

from hypothesis import given
from hypothesis import strategies as st

from widgets.base.styled import length, plain
from widgets.frame.key_line import Label, Offers, key_line

WORDS = st.text("abcdefgh", min_size=1, max_size=12)
LABELS = st.lists(st.builds(Label, st.sampled_from(["a", "⏎", "space", "←→"]), WORDS, WORDS), max_size=12)
KEPT = (Label("2", "Detail", "2"), Label("?", "Help", "question_mark"), Label("q", "Quit", "q"))


@given(LABELS, st.integers(30, 200))
def test_what_fits_stands_whole_from_the_most_useful_on(labels, width):
    line, spans = key_line(Offers(tuple(labels), KEPT), width)
    text = plain([line])
    assert length(line) <= width
    assert text.endswith("2 Detail  ? Help  q Quit")
    shown = len(spans) - len(KEPT)
    assert [text[start:end] for start, end, _ in spans] == [
        f"{one.shown} {one.words}" for one in (*labels[:shown], *KEPT)
    ]
    left = 1 + sum(one.width + 2 for one in labels[: shown + 1]) + sum(one.width + 2 for one in KEPT)
    assert shown == len(labels) or left > width - 2


def test_without_anything_kept_the_keys_stand_at_the_left():
    line, _ = key_line(Offers((Label("enter", "send"), Label("esc", "leave"))), 60)
    assert plain([line]) == " enter send  esc leave"


def test_nothing_is_offered_nothing_is_shown():
    assert plain([key_line(Offers(), 60)[0]]).strip() == ""
