import math

from hypothesis import given
from hypothesis import strategies as st

from widgets.base.sparks import spark
from widgets.base.styled import BAD, length, plain

VALUE = st.one_of(st.none(), st.floats(allow_nan=True, allow_infinity=True))


@given(st.lists(VALUE, max_size=60), st.integers(0, 40), st.one_of(st.none(), st.floats(0.1, 1e6)))
def test_spark_takes_its_width_and_leaves_gaps_empty(values, width, bound):
    line = spark(values, width, bound=bound)
    assert length(line) == width
    kept = values[-width:] if width else []
    drawn = plain([line])[width - len(kept) :]
    assert [char == " " for char in drawn] == [value is None or not math.isfinite(value) for value in kept]


def test_a_value_over_the_bound_is_marked():
    line = spark([100.0, 600.0], 2, bound=500.0)
    assert [bit for bit in line if bit[0].strip()] == [("▁", "$trend"), ("█", BAD)]


def test_zero_stays_at_the_foot():
    assert plain([spark([0.0, 0.0], 2)]) == "▁▁"
