"""A session file cut at a block's end looks whole to itself: the history knows better."""

import random
import shutil
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from sessions.file_format.anchor import Anchor, shortened
from sessions.file_format.blocks import OPENING
from sessions.file_format.document import read
from sessions.history.history import History
from sessions.storage.journal import Journal, JournalError, create, load
from tests.support.build import T0, after
from tests.support.sessions.files import SMALL_PLAN, flown, names, note, resealed


def anchor_at(opened, seq):
    return Anchor(opened.identity, seq, opened.entries[seq - 1].crc)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "session.toml"


@pytest.fixture
def whole(path):
    return flown(path, 8)


def ends(data):
    """Where each block ends, the header's end first."""
    starts = [at for at in range(len(data)) if data.startswith(OPENING, at)]
    return [*starts, len(data)]


def test_row_11_cut_at_every_block_end_it_is_noticed(whole):
    anchor = anchor_at(read(whole), 8)
    for kept, end in enumerate(ends(whole)[:-1]):
        found = shortened(read(whole[:end]), anchor)
        assert (len(found.entries), found.damage.seq) == (kept, kept + 1)
        gone = f"entries {kept + 1} to 8 are missing" if kept < 7 else "entry 8 is missing"
        assert found.damage.what == f"{gone}: the file was cut short after {f'entry {kept}' if kept else 'its header'}"
        assert found.damage.line == whole[:end].count(b"\n") + 1
    assert shortened(read(whole), anchor) == read(whole)


@pytest.mark.slow
def test_row_11_cut_at_every_byte_it_is_noticed(whole):
    anchor = anchor_at(read(whole), 8)
    for end in range(ends(whole)[0], len(whole)):
        assert shortened(read(whole[:end]), anchor).damage, end


def test_an_anchor_that_is_behind_leaves_a_torn_end_torn(whole):
    """Killed between the entry and its anchor."""
    anchor = anchor_at(read(whole), 7)
    for end in range(ends(whole)[7], len(whole)):
        found = shortened(read(whole[:end]), anchor)
        assert (found.damage, len(found.entries), found.torn) == (None, 7, whole[ends(whole)[7] : end])


@given(st.integers(1, 8), st.integers(0, 8))
def test_a_file_is_damaged_when_it_ends_before_its_anchor_and_else_not(tmp_path_factory, anchored, kept):
    path = tmp_path_factory.getbasetemp() / "eight.toml"
    data = path.read_bytes() if path.exists() else flown(path, 8)
    cut = data[: ends(data)[kept]]
    assert (shortened(read(cut), anchor_at(read(data), anchored)).damage is not None) is (kept < anchored)


def test_an_entry_that_is_not_the_one_that_was_written_is_noticed(whole):
    """Somebody with a script can compute every checksum anew, or go on from an older copy."""
    anchor = anchor_at(read(whole), 8)
    other = read(resealed(whole, b"note 0", b"note X"))
    assert other.damage is None
    found = shortened(other, anchor)
    assert (found.damage.seq, found.damage.what) == (
        8,
        "entry 8 is not the one that was written: the file is another copy",
    )


def test_what_proves_nothing_is_no_damage(whole):
    opened, good = read(whole), anchor_at(read(whole), 8)
    cut = read(whole[: ends(whole)[3]])
    for anchor in (None, replace(good, session="another"), replace(good, seq=0), replace(good, seq=-3)):
        assert shortened(cut, anchor) == cut
    assert shortened(opened, good).damage is None
    damaged = read(whole.replace(b"note 0", b"note X"))
    assert shortened(damaged, good) == damaged


def test_the_writer_refuses_a_file_that_is_cut_and_touches_nothing(path, whole):
    anchor = anchor_at(read(whole), 8)
    for end in (ends(whole)[5], ends(whole)[5] + 20, len(whole) - 1):
        path.write_bytes(whole[:end])
        journal = Journal(path, anchor=anchor)
        opened = journal.open(after(99))
        assert opened.damage
        assert journal.final
        assert "missing: the file was cut short after entry" in journal.fault
        assert journal.fault.endswith(": open it read-only, or restore a copy")
        with pytest.raises(JournalError):
            journal.append([note(1)], phase=10, now=T0)
        journal.close()
        assert path.read_bytes() == whole[:end]
        assert names(path.parent) == ["session.toml"]


def test_the_anchor_comes_back_and_one_that_comes_late_puts_nothing_back(history_path, history):
    assert history.anchored() is None
    history.anchor("flight", 7, "0000abcd")
    history.anchor("flight", 6, "00000006")
    assert history.anchored() == Anchor("flight", 7, "0000abcd")
    history.anchor("other", 1, "00000001")
    with closing(History.open_readonly(history_path)) as again:
        assert again.anchored() == Anchor("other", 1, "00000001")


def test_two_sessions_of_one_name_are_two(tmp_path):
    for number in (1, 2):
        (tmp_path / str(number)).mkdir()
        create(tmp_path / str(number) / "session.toml", "flight", SMALL_PLAN, after(number))
    one, two = (load(tmp_path / str(number) / "session.toml") for number in (1, 2))
    assert one.identity != two.identity


@pytest.mark.parametrize("seed", range(4))
def test_flown_with_its_history_and_killed_anywhere_only_a_cut_is_damage(tmp_path, seed):
    """Killed between the file and its anchor, the anchor is behind; copied without its history, nothing is known."""
    chance, path = random.Random(seed), tmp_path / "session.toml"
    create(path, "flight", SMALL_PLAN, T0)
    for second in range(40):
        with closing(History(tmp_path / "history.sqlite")) as history:
            journal = Journal(path, anchor=history.anchored())
            assert journal.open(after(second)).damage is None
            (entry,) = journal.append([note(second)], phase=10, now=after(second))
            journal.close()
            if chance.random() < 0.5:
                history.anchor(load(path).identity, entry.seq, entry.crc)
    with closing(History.open_readonly(tmp_path / "history.sqlite")) as history:
        anchor = history.anchored()
    assert shortened(load(path), anchor).damage is None
    cut = path.read_bytes()[: ends(path.read_bytes())[anchor.seq - 1]]
    assert shortened(read(cut), anchor).damage
    (tmp_path / "copy").mkdir()
    shutil.copy(path, tmp_path / "copy")
    with closing(History.open_readonly(tmp_path / "copy" / "history.sqlite")) as none:
        assert shortened(load(tmp_path / "copy" / "session.toml"), none.anchored()).damage is None
