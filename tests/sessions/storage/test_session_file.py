"""Reading a session file: what is proved, what is damaged, and a stranger is one clear line."""

import os
import socket
import stat

import pytest

from sessions.storage.journal import Journal, JournalError, create, load
from sessions.values.entries import Entry
from tests.support.build import PLAN, T0, after
from tests.support.sessions.files import SMALL_PLAN, FailingDisk, flown, names, note, opened, resealed, words


@pytest.fixture
def path(tmp_path):
    return tmp_path / "session.toml"


def test_a_new_session_holds_its_plan_and_no_entry(path):
    create(path, "flight", PLAN.table, T0, {"database": "shop"}, written_by="cockpit 0.1.0")
    found = load(path)
    assert (found.written_by, found.strange) == ("cockpit 0.1.0", ())
    assert (found.name, found.created, found.plan, found.entries) == ("flight", T0, PLAN.table, ())
    assert found.wiring == {"database": "shop"}
    assert (found.torn, found.damage, found.notes) == (b"", None, ())
    assert names(path.parent) == ["session.toml"]


def test_row_14_a_newer_format_is_shown_and_not_written(path):
    data = flown(path).replace(b"format = 1", b"format = 3", 1)
    path.write_bytes(data)
    journal, found = opened(path)
    assert found.damage.what == "was written by format 3, this cockpit knows 1"
    assert (len(found.unproved), found.entries, found.name) == (6, (), "flight")
    with pytest.raises(JournalError, match="format 3"):
        journal.append([note(7)], phase=10, now=T0)
    journal.close()
    assert path.read_bytes() == data


def test_row_16_unknown_kinds_and_keys_are_kept(path):
    data = resealed(flown(path), b'kind = "note.written"\n', b'kind = "moon.rose"\nmoon = "full"\n')
    path.write_bytes(data)
    found = load(path)
    assert (found.damage, found.entries[0].kind, found.entries[0].facts["moon"]) == (None, "moon.rose", "full")
    journal, _ = opened(path)
    journal.append([note(7)], phase=10, now=T0)
    journal.close()
    assert path.read_bytes().startswith(data)


def test_row_17_an_entry_edited_by_hand_is_shown_and_ends_the_proof(path):
    data = flown(path).replace(b"shortlists +4 %", b"shortlists +1 %")
    path.write_bytes(data)
    journal, found = opened(path)
    line = data[: data.index(b"seq = 5")].count(b"\n")
    assert (found.damage.seq, found.damage.line) == (5, line)
    assert found.damage.what.startswith("entry 5 was edited by hand or damaged")
    assert words(found.entries)[-1] == (4, "note 3")
    assert words(found.unproved) == [(5, "shortlists +1 % (bound +25 %)"), (6, "entered 5 %")]
    assert journal.fault.startswith(f"{path}:{line}: entry 5 was edited by hand or damaged")
    journal.close()
    assert path.read_bytes() == data


def test_row_17_a_header_edited_by_hand(path):
    data = flown(path).replace(b"Small plan", b"Large plan")
    path.write_bytes(data)
    _, found = opened(path)
    assert (found.damage.line, found.damage.seq, found.damage.what) == (
        1,
        0,
        "the header was edited by hand or damaged",
    )
    assert (len(found.entries), found.plan["title"]) == (6, "Large plan")


def test_row_19_a_removed_entry_is_named_by_its_neighbours(path):
    data = flown(path)
    third, fourth = data.index(b"\n[[entry]]\nseq = 3"), data.index(b"\n[[entry]]\nseq = 4")
    path.write_bytes(data[:third] + data[fourth:])
    assert load(path).damage.what.startswith("entry 4 follows entry 2")
    assert len(load(path).entries) == 2


def test_row_19_a_number_that_comes_twice_is_damage_although_the_checksums_hold(path):
    path.write_bytes(resealed(flown(path), b"seq = 4\n", b"seq = 3\n"))
    found = load(path)
    assert (found.damage.what, found.damage.seq) == ("entry 3 follows entry 3", 3)
    assert path.read_bytes().splitlines()[found.damage.line - 1 :][:2] == [b"[[entry]]", b"seq = 3"]
    assert (len(found.entries), len(found.unproved)) == (3, 3)


def test_row_19_time_that_runs_backwards_is_told_and_harms_nothing(path):
    flown(path)
    journal, _ = opened(path)
    journal.append([note(7)], phase=10, now=after(-3_600))
    journal.close()
    found = load(path)
    assert (found.damage, found.notes) == (None, ("entry 7 is dated before entry 6",))
    assert [entry.seq for entry in found.entries] == [1, 2, 3, 4, 5, 6, 7]


STRANGERS = {
    "empty": (b"", "is empty: delete its folder"),
    "mark": (b"\xef\xbb\xbfformat = 1\n", "begins with a byte order mark: save it as plain UTF-8"),
    "UTF-16": ("format = 1\n".encode("utf-16"), "begins with a byte order mark"),
    "windows": (b"format = 1\r\n\r\n[session]\r\n", "has Windows line ends: save it with plain line ends"),
    "nul": (b"format = 1\n\0\0\0", "holds NUL bytes"),
    "latin": (b'format = 1\nname = "caf\xe9"\n', r"is not UTF-8 \(byte 22\)"),
    "prose": (b"Dear reader,\n", r"is not TOML \("),
    "json": (b'{"format": 1}\n', r"is not TOML \("),
    "sqlite": (b"SQLite format 3\0", "holds NUL bytes"),
    "other TOML": (b'[project]\nname = "x"\n', "is no session file"),
    "no format": (b'[session]\nname = "x"\n', "is no session file"),
    "odd format": (b'format = "1"\n[session]\n', "is no session file"),
    "format 0": (b"format = 0\n[session]\n", "is no session file"),
    "no plan": (b"format = 1\n[session]\ncreated = 2026-11-23T00:00:00Z\n", "header without plan or date"),
    "no date": (b"format = 1\n[session]\n[plan]\n", "header without plan or date"),
    "not closed": (b"format = 1\n[session]\ncreated = 2026-11-23T00:00:00Z\n[plan]\n", "has no closed header"),
    "nan": (b"format = nan\n", "is no finite number"),
    "nested": (b"a = " + b"[" * 1_000, "is not TOML"),
    "digits": (b"format = 1" + b"0" * 5_000, "line 1 is too long"),
    "dotted": (b"format = 1\n" + b".".join([b"a"] * 100_000) + b" = 1", "line 2 is too long"),
    "escapes": (b"\x1b]0;pwned\x07 = 1\n", r"is not TOML \("),
}


@pytest.mark.parametrize("name", STRANGERS)
def test_rows_20_and_21_a_stranger_is_one_line_and_untouched(path, name):
    data, line = STRANGERS[name]
    path.write_bytes(data)
    for reach in (load, lambda path: Journal(path).open(T0)):
        with pytest.raises(JournalError, match=line) as caught:
            reach(path)
        text = str(caught.value)
        assert text.startswith(f"{path}: ")
        assert text.isprintable()
    assert path.read_bytes() == data
    assert names(path.parent) == ["session.toml"]


def test_row_20_a_folder_a_pipe_a_socket_and_nothing_at_all(path):
    with pytest.raises(JournalError, match="does not exist: check the name"):
        load(path)
    path.mkdir()
    with pytest.raises(JournalError, match="is a folder"):
        load(path)
    with pytest.raises(JournalError, match="is a directory"):
        Journal(path).open(T0)
    path.rmdir()
    os.mkfifo(path)
    for reach in (load, lambda path: Journal(path).open(T0)):
        with pytest.raises(JournalError, match="is a named pipe"):
            reach(path)
    path.unlink()


def test_row_20_a_socket(path, monkeypatch):
    monkeypatch.chdir(path.parent)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("session.toml")
        with pytest.raises(JournalError, match=r"session\.toml: "):
            load(path)


def test_row_20_a_tail_of_nul_bytes_is_a_lost_write(path):
    before = flown(path)
    path.write_bytes(before + bytes(700))
    journal, found = opened(path)
    journal.close()
    assert (found.entries[-1].kind, found.entries[-1].facts["bytes"]) == ("journal.recovered", 700)
    assert path.read_bytes().startswith(before)


def test_row_21_a_huge_file_is_not_even_read(path):
    with path.open("wb") as file:
        file.truncate(64 * 2**20 + 1)
    disk = FailingDisk("read", 1)
    with pytest.raises(JournalError, match="is larger than 64 MB"):
        load(path, disk)
    assert not disk.struck


def test_row_22_a_link_is_refused_and_its_target_untouched(path):
    target = path.with_name("elsewhere.toml")
    before = flown(target)
    path.symlink_to(target)
    for reach in (load, lambda path: Journal(path).open(T0)):
        with pytest.raises(JournalError, match="is a symbolic link: open the file it points to"):
            reach(path)
    with pytest.raises(JournalError, match="exists already"):
        create(path, "flight", SMALL_PLAN, T0)
    assert target.read_bytes() == before


@pytest.fixture(params=[0o000, 0o022, 0o277])
def umask(request):
    old = os.umask(request.param)
    yield
    os.umask(old)


def test_row_23_files_are_for_their_owner_alone_under_any_umask(path, umask):
    before = flown(path)
    path.write_bytes(before + b"\n[[entry]]\nse")
    journal, found = opened(path)
    journal.close()
    aside = path.with_name(found.entries[-1].said("file"))
    assert aside.read_bytes() == b"\n[[entry]]\nse"
    assert [stat.S_IMODE(file.stat().st_mode) for file in (path, aside)] == [0o600, 0o600]


def test_row_23_a_file_others_may_write_is_told(path):
    flown(path)
    path.chmod(0o666)
    assert load(path).notes == ("others may write the session file: chmod 600 it",)


def test_creating_never_overwrites_and_leaves_nothing_behind(path):
    before = flown(path)
    with pytest.raises(JournalError, match="exists already: open it, or choose another name"):
        create(path, "other", SMALL_PLAN, T0)
    assert path.read_bytes() == before
    assert names(path.parent) == ["session.toml"]


def test_creating_where_there_is_no_folder(tmp_path):
    with pytest.raises(JournalError, match="cannot be created"):
        create(tmp_path / "none" / "session.toml", "x", SMALL_PLAN, T0)


def test_a_plan_that_could_not_be_read_again_is_not_written(path):
    with pytest.raises(JournalError, match="its plan would be no good"):
        create(path, "x", {"bound": float("nan")}, T0)
    assert names(path.parent) == []


def test_texts_from_the_file_are_cleaned(path):
    path.write_bytes(resealed(flown(path), b'text = "note 0"', b'text = "\\u001b]52;c;x\\u0007\\u202e"'))
    (entry, *_rest) = load(path).entries
    assert entry.text == "^[]52;c;x^G<U+202E>"
    assert isinstance(entry, Entry)
