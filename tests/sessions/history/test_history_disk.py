"""A disk that fails at the n-th call of any kind: no call of the history ever raises, and no reading is lost."""

import random
from itertools import count

import pytest

from sessions.history.history import History
from sessions.history.queries import Look, Worth
from sessions.values import readings as r
from sessions.values.sign_of_life import Sign
from tests.support.build import T0, after
from tests.support.faults.bases import BUSY, CORRUPT, ERROR, FULL, IOERR, FailingBase, on_disk

OPS = ("named", "open", "lock", "write", "chmod", "fsync", "link", "unlink", "rename", "permit")
KINDS = {"full": FULL, "busy": BUSY, "corrupt": CORRUPT, "error": ERROR}


def csat(second):
    return r.Csat("mongo", after(second), second, 0)


def fresh(path):
    pass


def garbage(path):
    path.write_bytes(b"garbage" * 200)


def open_to_all(path):
    with_one = History(path)
    with_one.add([csat(-1)])
    with_one.close()
    path.chmod(0o644)


def used(history, path):
    """Everything that a watch does with a history, with the file deleted in the middle."""
    history.last_beat()
    history.recent()
    history.add([csat(0), csat(1)])
    history.beat(Sign(after(2)))
    history.anchor("flight", 1, "00000000")
    history.look(Look(T0, 1))
    path.unlink(missing_ok=True)
    history.add([csat(3), csat(99)])
    history.forget_after(after(50))
    history.add([csat(4)])
    history.changed()
    history.between(T0, after(9))
    history.highest(Worth("csat", "1"), T0, after(9))
    history.last_look()
    history.anchored()


def proved(history, path):
    """Whatever failed, it is over: what was measured is on the disk."""
    history.beat(Sign(after(5)))
    found = history.recent()
    assert [one.answers for one in found if one.answers >= 0] == [0, 1, 3, 4]
    history.close()
    assert {at for _, _, at in on_disk(path)} >= {one.at.isoformat(timespec="microseconds") for one in found}
    again = History.open_readonly(path)
    assert (again.last_beat().at, again.last_look(), again.anchored().seq) == (after(5), Look(T0, 1), 1)
    again.close()


@pytest.mark.slow
@pytest.mark.parametrize("before", [fresh, garbage, open_to_all])
@pytest.mark.parametrize("op", OPS)
def test_row_8_any_call_on_the_disk_may_fail(tmp_path, op, before):
    for at in count(1):
        path = tmp_path / str(at) / "history.sqlite"
        path.parent.mkdir()
        before(path)
        disk = FailingBase(op, at)
        history = History(path, disk)
        used(history, path)
        disk.op = ""
        proved(history, path)
        if not disk.struck:
            break


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("op", ["statement", "connect"])
def test_row_8_any_call_on_the_database_may_fail(tmp_path, op, kind):
    for at in count(1):
        path = tmp_path / str(at) / "history.sqlite"
        path.parent.mkdir()
        disk = FailingBase(op, at, kind)
        history = History(path, disk)
        used(history, path)
        disk.op = ""
        proved(history, path)
        if not disk.struck:
            break


@pytest.mark.parametrize("seed", range(12))
def test_whatever_fails_in_whatever_order_nothing_measured_is_lost(tmp_path, seed):
    chance, path = random.Random(seed), tmp_path / "history.sqlite"
    disk = FailingBase()
    history = History(path, disk)
    for second in range(60):
        disk.op = chance.choice([*OPS, "statement", "connect", "", "", ""])
        disk.at, disk.lasting = disk.calls.get(disk.op, 0) + chance.randint(1, 6), chance.random() < 0.5
        disk.kind = chance.choice([*KINDS.values(), IOERR])
        if chance.random() < 0.1:
            path.unlink(missing_ok=True)
        if chance.random() < 0.1:
            path.write_bytes(b"garbage" * 200)
        history.add([csat(second)])
        history.beat(Sign(after(second)))
        assert {one.answers for one in history.recent()} >= {second}
        assert "\n" not in history.fault
    disk.op = ""
    history.beat(Sign(after(60)))
    history.close()
    assert len(on_disk(path)) == 60
