"""Sessions that cockpits before this one wrote: each opens, folds to what it was, and is added to; none is changed.

They stand for the promise in docs/session-file.md. A new version adds files; none is ever edited or taken away.
"""

import json
import shutil
from pathlib import Path

import pytest

from sessions.file_format.document import read
from sessions.gate.evaluate import judge
from sessions.reports.report import report
from sessions.state.reducer import apply
from sessions.storage.journal import Journal
from sessions.storage.replay import ignored, rebuilt
from tests.support.build import after
from tests.support.sessions.files import note, resealed

GOLDEN = Path(__file__).with_name("golden")
FILES = sorted(GOLDEN.glob("*.toml"))
TOLD = json.loads((GOLDEN / "told.json").read_text("utf-8"))


def told(path):
    """Return what a session is known to say."""
    opened = read(path.read_bytes())
    state = rebuilt(opened)
    return {
        "written_by": opened.written_by,
        "phase": state.phase,
        "entries": state.seq,
        "flag": [state.flag.status, state.flag.percent],
        "visits": [[percent, at.isoformat()] for percent, at in state.visits],
        "paused": state.paused.cause if state.paused else "",
        "fuses": {risk: fuse.deadline.isoformat() for risk, fuse in state.fuses.items()},
        "holes": len(state.holes),
        "ticked": sorted(state.ticked),
        "waivers": sorted(state.waivers),
        "incidents": sorted(state.incidents),
        "alarms": sorted(state.raised),
        "baseline": dict(state.baseline),
    }


def test_every_stored_session_is_told():
    assert [path.name for path in FILES] == sorted(TOLD)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_row_13_a_stored_session_folds_to_what_it_was(path):
    opened = read(path.read_bytes())
    assert (opened.damage, opened.torn, opened.notes, opened.strange) == (None, b"", (), ())
    assert told(path) == TOLD[path.name]
    state = rebuilt(opened)
    assert not ignored(state)
    assert report(judge(state, after(60, state.last_at)), None, None)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_row_13_a_stored_session_is_added_to_and_its_bytes_stay(path, tmp_path):
    copy = Path(shutil.copy(path, tmp_path / "session.toml"))
    journal = Journal(copy)
    opened = journal.open(after(0))
    state = rebuilt(opened)
    (entry,) = journal.append([note(1)], phase=state.phase, now=after(60, state.last_at))
    journal.close()
    assert copy.read_bytes().startswith(path.read_bytes())
    assert rebuilt(read(copy.read_bytes())) == apply(state, entry)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        (b"[session]\n", b'[session]\ntag = "x"\n', "session.tag"),
        (b"[wiring]\n", b'[wiring]\nmoon = "full"\n', "wiring.moon"),
        (b"\n[header]\n", b'\n[moon]\nphase = "full"\n\n[header]\n', "moon"),
        (b"[plan]\n", b"[plan]\nmoon = 1\n", "plan.moon"),
        (b"[plan.soak]\n", b"[plan.soak]\nmoon = 1\n", "plan.soak.moon"),
        (b"[[plan.phases]]\n", b"[[plan.phases]]\nmoon = [1]\n", "plan.phases[0].moon"),
        (b"[[plan.risks]]\n", b"[[plan.risks]]\nmoon = { a = 1 }\n", "plan.risks[0].moon"),
    ],
    ids=lambda text: text if isinstance(text, str) else "",
)
def test_row_13_a_key_of_tomorrow_is_kept_told_once_and_ignored(path, tmp_path, old, new, key):
    newer = tmp_path / "session.toml"
    newer.write_bytes(resealed(path.read_bytes(), old, new))
    assert newer.read_bytes() != path.read_bytes()
    state = rebuilt(read(newer.read_bytes()))
    assert ignored(state) == f"not known to this cockpit and ignored: {key}"
    assert told(newer) == TOLD[path.name]
    journal = Journal(newer)
    before = newer.read_bytes()
    journal.open(after(0))
    journal.append([note(1)], phase=state.phase, now=after(60, state.last_at))
    journal.close()
    assert newer.read_bytes().startswith(before)
