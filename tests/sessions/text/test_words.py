import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.text.words import alike, compared, listed, uncounted


@pytest.mark.parametrize("word", ["critical", "Critical", "CRITICAL", " critical ", "critical\t"])
def test_a_word_is_one_in_whatever_case_and_blanks(word):
    assert listed(word, compared(("Critical",)))
    assert not listed(f"{word}-ish", compared(("Critical",)))


@pytest.mark.parametrize("other", [None, 1, True, ["critical"], {"critical": 1}])
def test_what_is_no_text_is_no_word(other):
    assert not listed(other, compared(("critical", "1", "true", "none")))


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ({}, ""),
        ({"Critical-ish": 1}, "1 alert of severity Critical-ish is not counted"),
        ({"": 1}, "1 alert without a severity is not counted"),
        ({"High": 1, "Sev-2": 2}, "3 alerts of severity Sev-2, High are not counted"),
        ({"High": 1, "": 1}, "2 alerts of severity High or without a severity are not counted"),
        ({"a\x1b[2Jb": 1}, "1 alert of severity a^[[2Jb is not counted"),
        ({str(n): 1 for n in range(9)}, "9 alerts of severity 0, 1, 2, 3, 5 more are not counted"),
    ],
)
def test_what_nobody_listed_is_told_and_counted(counts, told):
    assert uncounted(counts, "alert", "severity") == told


@given(st.dictionaries(st.text(max_size=300), st.integers(1, 10**6), max_size=300))
def test_it_is_one_short_printable_line(counts):
    told = uncounted(counts, "alert", "severity")
    assert len(told) < 200
    assert "\n" not in told
    assert bool(told) is bool(counts)


@given(st.text())
def test_a_word_compared_stays_itself(word):
    assert alike(f"  {alike(word)} ") == alike(alike(word))
