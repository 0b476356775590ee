"""What a history knows by itself: bounded, the newest of each slot, the oldest written first."""

from hypothesis import given
from hypothesis import strategies as st

from sessions.history.memory import Memory
from sessions.history.queries import FORGET_AFTER


def row(subject="a", slot="1", at="1", kind="csat"):
    return (kind, subject, slot, at, f"{kind} {subject} {slot} {at}")


def test_rows_wait_in_their_order_and_of_one_slot_the_newest_measurement():
    rows = Memory(9)
    assert not rows
    rows.take([row(slot="1"), row(slot="2"), row(slot="1", at="5"), row(slot="2", at="0")])
    assert rows
    assert [one[2:4] for one in rows.rows()] == [("1", "5"), ("2", "1")]
    assert rows.written(rows.rows()) == 0
    assert (bool(rows), list(rows.rows())) == (False, [])


def test_so_many_wait_and_the_rest_is_counted():
    rows = Memory(each=3, most=5)
    rows.take(row(slot=str(number)) for number in range(8))
    assert [one[2] for one in rows.rows()] == ["3", "4", "5", "6", "7"]
    assert rows.written(rows.rows(2)) == 0
    assert [one[2] for one in rows.rows()] == ["5", "6", "7"]
    assert rows.written(rows.rows()) == 3
    rows.take([row(slot="9")])
    assert rows.written(rows.rows()) == 0


def test_so_many_of_each_are_known_and_written_again():
    rows = Memory(each=2)
    rows.take([row("a", str(number), str(number)) for number in range(4)] + [row("b", "7", "7")])
    rows.sign("alive", "REPLACE", ("now",))
    rows.written(rows.rows())
    rows.again()
    assert [one[:3] for one in rows.rows()] == [("csat", "a", "2"), ("csat", "a", "3"), ("csat", "b", "7")]
    assert rows.statements() == [("REPLACE", ("now",))]
    rows.take([row("a", "4", "4")])
    rows.again()
    assert [one[2] for one in rows.rows()] == ["2", "3", "4", "7"]


def test_so_many_subjects_are_known():
    rows = Memory(each=2)
    rows.take([row(str(number)) for number in range(700)])
    rows.written(rows.rows())
    rows.again()
    assert len(rows.rows()) == 500


def test_a_sign_takes_the_place_of_the_one_before():
    rows = Memory(9)
    rows.sign("alive", "REPLACE", ("old",))
    rows.sign("alive", "REPLACE", ("new",))
    assert rows.statements() == [("REPLACE", ("new",))]
    assert (rows.signed("alive", waiting=True), rows.signed("looked")) == (("new",), None)
    rows.written(rows.rows())
    assert (rows.statements(), rows.signed("alive", waiting=True), rows.signed("alive")) == ([], None, ("new",))


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 40)) | st.integers(0, 40), max_size=40))
def test_what_is_forgotten_is_forgotten_on_the_disk_before_anything_is_written(steps):
    """A number forgets what is dated later; a pair is measured: its slot and its moment."""
    rows, told = Memory(99), {}
    for step in steps:
        if isinstance(step, int):
            rows.forget_after(f"{step:03}")
            told = {slot: at for slot, at in told.items() if at <= step}
        else:
            slot, at = step
            rows.take([row(slot=f"{slot:03}", at=f"{at:03}")])
            told[slot] = max(at, told.get(slot, 0))
    assert {(int(one[2]), int(one[3])) for one in rows.rows()} == set(told.items())
    forgets = [step for step in steps if isinstance(step, int)]
    assert rows.statements() == ([(FORGET_AFTER, (f"{min(forgets):03}",))] if forgets else [])
    assert {(one[1]) for one in rows.found(all_known=True)} == {
        f"csat a {slot:03} {at:03}" for slot, at in told.items()
    }
