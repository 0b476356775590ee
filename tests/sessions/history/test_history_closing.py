"""A history that is closed while another thread asks it: the query ends first, whatever it is."""

import threading
from datetime import timedelta
from itertools import product

import pytest

from sessions.history.history import History
from sessions.history.queries import Look, Worth
from sessions.values.sign_of_life import Sign
from tests.support.build import T0, after, window
from tests.support.faults.bases import on_disk
from tests.support.faults.held_base import HeldDisk

WORTH = Worth("window", "json_extract(body, '$.p95_ms')")
ENDLESS = Worth("window", "(WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n)")
SPAN = T0 - timedelta(hours=1), T0 + timedelta(hours=1)
ASKS = {
    "highest": lambda history: history.highest(WORTH, *SPAN),
    "thinned": lambda history: history.thinned(WORTH, "/concierge", *SPAN, 60.0),
    "series": lambda history: history.series("window", "/concierge", *SPAN),
    "newest": lambda history: history.newest("window", *SPAN),
    "between": lambda history: history.between(*SPAN),
    "recent": lambda history: history.recent(),
    "changed": lambda history: history.changed(),
    "last_look": lambda history: history.last_look(),
    "last_beat": lambda history: history.last_beat(),
    "anchored": lambda history: history.anchored(),
}
WRITES = {
    "add": lambda history: history.add([window("/concierge", after(900))]),
    "beat": lambda history: history.beat(Sign(T0, 1.0, "here", 0.0)),
    "look": lambda history: history.look(Look(T0, 1)),
    "anchor": lambda history: history.anchor("one", 1, "00000000"),
    "forget_after": lambda history: history.forget_after(T0 + timedelta(hours=2)),
}


def begun(tmp_path, disk, *, read_only=False):
    history = History(tmp_path / "history.sqlite")
    history.add([window("/concierge", after(n * 300)) for n in range(3)])
    history.close()
    history = History(tmp_path / "history.sqlite", disk, read_only=read_only)
    history.last_look()
    return history


@pytest.mark.parametrize(("ask", "read_only"), [*product(ASKS, (False, True)), *product(WRITES, (False,))], ids=str)
def test_closing_waits_until_the_query_has_left(tmp_path, ask, read_only):
    disk, order = HeldDisk(), list[str]()
    history = begun(tmp_path, disk, read_only=read_only)

    def asks():
        {**ASKS, **WRITES}[ask](history)
        order.append("asked")

    def closes():
        history.close()
        order.append("closed")
        disk.met.set()

    disk.hold.set()
    threads = [threading.Thread(target=asks, daemon=True), threading.Thread(target=closes, daemon=True)]
    threads[0].start()
    assert disk.running.wait(60)
    threads[1].start()
    assert disk.met.wait(60)
    assert order == []
    disk.hold.clear()
    disk.go.set()
    for thread in threads:
        thread.join(60)
    assert sorted(order) == ["asked", "closed"]
    assert history.fault == ""


def test_a_query_that_never_ends_is_interrupted(tmp_path):
    disk, found = HeldDisk(), list[object]()
    history = begun(tmp_path, disk)
    asking = threading.Thread(target=lambda: found.extend(history.highest(ENDLESS, *SPAN)), daemon=True)
    disk.ends = 0
    disk.go.set()
    disk.hold.set()
    asking.start()
    assert disk.running.wait(60)
    disk.hold.clear()
    history.close()
    asking.join(60)
    assert not asking.is_alive()
    assert found == []
    assert history.fault == ""


def test_what_an_interruption_kept_from_the_disk_is_written_by_who_closes(tmp_path):
    disk = HeldDisk()
    history = begun(tmp_path, disk)
    adding = threading.Thread(target=WRITES["add"], args=(history,), daemon=True)
    closing = threading.Thread(target=history.close, daemon=True)
    disk.hold.set()
    adding.start()
    assert disk.running.wait(60)
    closing.start()
    assert disk.met.wait(60)
    disk.hold.clear()
    disk.go.set()
    closing.join(60)
    adding.join(60)
    assert len(on_disk(tmp_path / "history.sqlite")) == 4


@pytest.mark.parametrize("ask", {**ASKS, **WRITES})
def test_what_was_closed_is_not_opened_again(tmp_path, ask):
    disk = HeldDisk()
    history = begun(tmp_path, disk)
    history.close()
    disk.connect = None
    {**ASKS, **WRITES}[ask](history)
    assert history.fault == ""
    assert len(on_disk(tmp_path / "history.sqlite")) == 3
