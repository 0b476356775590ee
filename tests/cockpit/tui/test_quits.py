"""Leaving at any moment after opening: no crash, nothing left behind on the terminal.

`COCKPIT_QUITS=200` leaves so many times; `COCKPIT_QUITS_OF=DIR` is a session to open, a copy each time, such as
`cockpit demo --headless --speed 1000 --out DIR` leaves; without one it is a made-up one that was watched for a week.
"""

import os
import random
import re
import shutil
import signal
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from sessions.history.history import History
from sessions.storage.folders import HISTORY, SESSION
from tests.support.build import PLAN, after, window
from tests.support.processes.terminal import Terminal, changed
from tests.support.sessions.forged import course, forged

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
SOON = 5.0
"""Seconds after opening within which it is left."""
WAYS = {b"q": 0, signal.SIGTERM: 143, signal.SIGHUP: 129, signal.SIGINT: 130}
_CRASH = re.compile(rb"Fatal Python error|Segmentation fault|Traceback|the screen failed")


@pytest.fixture(scope="module")
def flown(tmp_path_factory) -> Path:
    if given := os.environ.get("COCKPIT_QUITS_OF"):
        return Path(given)
    folder = forged(tmp_path_factory.mktemp("flown") / "one" / SESSION, course()).parent
    with closing(History(folder / HISTORY)) as history:
        history.add([window(one, after(300 * n)) for one in PLAN.endpoints for n in range(2000)])
    return folder


@pytest.mark.parametrize("number", range(int(os.environ.get("COCKPIT_QUITS", "4"))))
def test_a_quit_at_any_moment_after_an_absence_is_no_crash(flown, tmp_path, number, monkeypatch):
    monkeypatch.setenv("PYTHONFAULTHANDLER", "1")
    rng = random.Random(number)
    way, moment = rng.choice([b"q", b"q", b"q", *WAYS]), rng.uniform(0.0, SOON)
    folder = shutil.copytree(flown, tmp_path / "one")
    here = Terminal("open", str(folder), program=("-m", "cockpit"))
    try:
        _left(here, way, moment)
        code = here.wait(60)
        assert _CRASH.search(here.out) is None, here.out[-4000:]
        assert code in (WAYS[way], -(WAYS[way] - 128)), (code, here.out[-4000:])
        assert changed(here.out) == set()
        assert here.flags() == here.before
    finally:
        here.close()


def _left(here: Terminal, way: bytes | signal.Signals, moment: float) -> None:
    """Leave it after so many seconds: before the first paint only a signal is heard."""
    if way == b"q":
        here.until(b"Help", 60)
    end = time.monotonic() + moment
    while (left := end - time.monotonic()) > 0:
        here.pump(left)
    if way == b"q":
        here.send(way)
    else:
        os.kill(here.pid, way)
