"""Whatever byte a writer dies at and whatever bit flips, what is read is what was acknowledged, or it is told."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sessions.file_format.blocks import UnreadableError
from sessions.file_format.checksums import HEADER_END, Place, is_torn, walk
from sessions.file_format.document import read
from sessions.storage.journal import Journal, create, load
from tests.support.build import T0, after
from tests.support.sessions.files import flown

ROOT = Path(__file__).parents[3]


def forks(*words) -> dict:
    run = subprocess.run(
        [sys.executable, str(ROOT / "tests/support/processes/forks.py"), *map(str, words)],
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert (run.returncode, run.stderr) == (0, "")
    return json.loads(run.stdout)


@pytest.fixture(scope="module")
def long_flight(tmp_path_factory):
    """A session of 66 entries, and where each of its blocks ends."""
    data = flown(tmp_path_factory.mktemp("long") / "session.toml", 66)
    header = HEADER_END.search(data).end()
    ends = [header]
    while (end := data.find(b'"\n\n[[entry]]\n', ends[-1])) >= 0:
        ends.append(end + 2)
    return data, [*ends, len(data)]


def whole(ends, cut):
    return sum(end <= cut for end in ends) - 1


@pytest.mark.slow
def test_row_1_every_cut_keeps_every_whole_block(long_flight):
    data, ends = long_flight
    assert len(ends) == 67
    start = Place(ends[0], 0, int(HEADER_END.search(data)[1], 16))
    for cut in range(ends[0], len(data) + 1):
        found = walk(data[:cut], start)
        assert found.end.seq == whole(ends, cut)
        assert is_torn(found.rest) == (cut not in ends)


@pytest.mark.slow
def test_row_1_a_cut_reads_as_the_right_prefix(long_flight):
    data, ends = long_flight
    entries = read(data).entries
    near = {end + step for end in ends for step in (-2, -1, 0, 1, 2)}
    cuts = sorted({*near, *range(ends[0], len(data), 151), *range(ends[-2], len(data))} - {ends[0] - 1, ends[0] - 2})
    for cut in cuts:
        if cut > len(data):
            continue
        found = read(data[:cut])
        assert found.entries == entries[: whole(ends, cut)]
        assert found.damage is None
        assert found.torn == data[ends[whole(ends, cut)] : cut]


def test_row_1_a_cut_header_is_no_session(long_flight):
    data, ends = long_flight
    for cut in range(ends[0]):
        with pytest.raises(UnreadableError):
            read(data[:cut])


@pytest.mark.slow
def test_row_1_every_cut_of_the_last_blocks_opens_and_goes_on(long_flight, tmp_path):
    data, ends = long_flight
    path = tmp_path / "session.toml"
    for cut in range(ends[-2], len(data), 2):
        path.write_bytes(data[:cut])
        journal = Journal(path)
        found = journal.open(T0)
        journal.close()
        good, rest = whole(ends, cut), cut - ends[whole(ends, cut)]
        assert (journal.fault, found.damage) == ("", None)
        assert path.read_bytes().startswith(data[: ends[good]])
        assert [entry.seq for entry in found.entries] == list(range(1, good + 1 + bool(rest)))
        if rest:
            entry = found.entries[-1]
            assert (entry.kind, entry.facts["bytes"]) == ("journal.recovered", rest)
            assert f"1 unfinished entry set aside ({rest} bytes in session.toml.torn-{good + 1}" in entry.text
            assert path.with_name(entry.said("file")).read_bytes() == data[ends[good] : cut]
        assert load(path).entries == found.entries


@pytest.mark.slow
def test_row_18_every_flipped_bit_is_told(tmp_path):
    """Not one reads as a healthy session, and not one is taken for a torn end: nothing acknowledged is cut off."""
    data = flown(tmp_path / "session.toml", 3)
    entries = read(data).entries
    silent = []
    for position in range(len(data)):
        for bit in range(8):
            flipped = bytearray(data)
            flipped[position] ^= 1 << bit
            try:
                found = read(bytes(flipped))
            except UnreadableError:
                continue
            if found.damage is None or found.torn or found.entries != entries[: len(found.entries)]:
                silent.append((position, bit))
    assert silent == []


def test_row_18_a_damaged_session_stays_as_it_is(tmp_path):
    path = tmp_path / "session.toml"
    data = bytearray(flown(path, 6))
    data[-400] ^= 1
    path.write_bytes(data)
    journal = Journal(path)
    found = journal.open(after(100))
    journal.close()
    assert journal.final
    assert f"byte {found.end.offset:,}" in found.damage.what
    assert f":{found.damage.line}: " in journal.fault
    assert path.read_bytes() == bytes(data)
    assert [file.name for file in tmp_path.iterdir()] == ["session.toml"]


@pytest.mark.slow
def test_rows_1_and_11_500_kills_lose_nothing_acknowledged(tmp_path):
    found = forks("kill", tmp_path, 500, 7)
    assert (found["rounds"], found["lost"], found["damaged"]) == (500, 0, 0)


def test_row_10_of_racing_starts_one_watches_and_the_others_know_who(tmp_path):
    found = forks("race", tmp_path, 20, 4)
    assert found["won"] == [1] * 20
    assert (found["named"], found["said"]) == (20, 4)


def test_several_processes_append_to_one_session(tmp_path):
    found = forks("together", tmp_path, 4, 25)
    assert found["codes"] == [0, 0, 0, 0]
    assert sorted(found["texts"]) == sorted(f"{who}:{number}" for who in range(4) for number in range(25))
    assert (found["damage"], found["torn"]) == ("None", 0)


def test_a_killed_creation_leaves_no_half_session(tmp_path):
    """The file appears under its name only when it is whole."""
    path = tmp_path / "session.toml"
    (tmp_path / ".session.toml.1234").write_bytes(b"format = 1\n[sess")
    create(path, "flight", {"id": "x"}, T0)
    assert load(path).damage is None
