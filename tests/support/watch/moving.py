"""Acts that move the flag: an advance against the gate, what was moved, a disk that fails from now on."""

import errno

from sessions.values.requests import Act, Request
from tests.support.watch.watching import kinds


def against_the_gate(door):
    state = door.latest().state
    return Request(Act.ADVANCE, percent=state.plan.after(state.phase).percent, override=True, reason="drill")


def overruled(door):
    return door.ask(against_the_gate(door)).result(60)


def moves(folder):
    return [kind for kind in kinds(folder) if kind.startswith(("flag.", "phase."))]


def broken_disk(door, disk, code=errno.ENOSPC):
    disk.op, disk.at, disk.code, disk.lasting = "write", disk.calls.get("write", 0) + 1, code, True
