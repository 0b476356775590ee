"""Many processes write notes with `cockpit note` at once, on one session: none is refused, none is lost or torn."""

import os
import subprocess
import sys
from pathlib import Path

from sessions.storage.folders import SESSION
from sessions.storage.journal import load
from tests.support.watch.watching import made

CROWD, NOTES = (int(number) for number in os.environ.get("COCKPIT_NOTES", "5x40").split("x"))
"""How many processes, and how many notes in all."""
MINUTE = 60.0
NOTE_ALL = """
import sys
from cockpit.__main__ import run
folder, *notes = sys.argv[1:]
sys.stdout.write("ready\\n")
sys.stdout.flush()
sys.stdin.readline()
for note in notes:
    sys.stdout.write(f"{run(['note', note, folder])} {note}\\n")
"""


def test_row_15_of_many_who_write_at_once_none_is_refused(tmp_path):
    folder, notes = made(tmp_path / "s"), [f"note-{number}" for number in range(NOTES)]
    crowd = [
        subprocess.Popen(
            [sys.executable, "-c", NOTE_ALL, str(folder), *notes[who::CROWD]],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=Path.cwd(),
        )
        for who in range(CROWD)
    ]
    try:
        assert {one.stdout.readline() for one in crowd} == {"ready\n"}
        for one in crowd:
            one.stdin.write("go\n")
            one.stdin.flush()
        told = [one.communicate(timeout=10 * MINUTE) for one in crowd]
    finally:
        for one in crowd:
            one.kill()
            one.wait()
    assert "".join(err for _, err in told) == ""
    lines = [line for out, _ in told for line in out.splitlines() if line != "noted"]
    assert sorted(lines) == sorted(f"0 {note}" for note in notes)
    found = load(folder / SESSION)
    written = [entry.text for entry in found.entries if entry.kind == "note.written"]
    assert (sorted(written), found.damage, found.torn) == (sorted(notes), None, b"")
