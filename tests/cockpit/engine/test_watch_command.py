"""`cockpit watch` as a program: its lines, its end, and who watches when there are two."""

import signal
from contextlib import ExitStack

import pytest

from sessions.storage.folders import SESSION
from sessions.storage.journal import load
from sessions.values.entries import Draft
from tests.support.processes.program import Program
from tests.support.watch.watching import FAST, kinds, made, put


@pytest.fixture
def folder(tmp_path):
    return made(tmp_path / "session", FAST)


@pytest.fixture
def start(folder):
    with ExitStack() as running:
        yield lambda: running.enter_context(Program("watch", str(folder)))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_row_32_a_signal_ends_it_in_order(folder, start, number):
    watch = start()
    watch.said("watch.started")
    assert watch.lines[0] == f"watching {folder}"
    code, errors = watch.end(number)
    assert (code, errors) == (128 + number, "")
    last = load(folder / SESSION).entries[-1]
    assert (last.kind, last.said("reason")) == ("watch.stopped", number.name)
    assert "watch.stopped" in watch.lines[-1]


def test_every_entry_is_a_line_whoever_wrote_it(folder, start):
    watch = start()
    watch.said("CSAT never answered")  # until then the log is written to
    put(folder, 0, Draft("note.written", "cli", "tea \x1b[31mred"))
    watch.said("note.written       tea ^[[31mred")


def test_rows_10_and_11_a_second_one_stands_by_and_takes_over_when_the_first_is_killed(folder, start):
    first = start()
    first.said("watch.started")
    second = start()
    second.said(f"watched by process {first.process.pid}")
    assert second.lines[0].endswith(": standing by")
    first.end(signal.SIGKILL)
    second.said(f"watching {folder}")
    second.said("the watch was gone")
    assert second.end(signal.SIGTERM)[0] == 128 + signal.SIGTERM
    assert kinds(folder).count("watch.started") == 2


def test_a_damaged_session_is_one_line(folder, start):
    path = folder / SESSION
    path.write_bytes(path.read_bytes().replace(b'by = "owner"', b'by = "nobody"', 1))
    watch = start()
    watch.process.wait(60)
    code, errors = watch.end()
    assert code == 2
    assert errors.count("\n") == 1
    assert "it cannot be watched" in errors
