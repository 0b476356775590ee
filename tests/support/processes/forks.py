"""Processes that write, race and are killed, for the crash tests: a program of its own, so that it may fork.

`forks.py kill FOLDER ROUNDS SEED` · `forks.py race FOLDER ROUNDS RACERS` · `forks.py together FOLDER WRITERS ENTRIES`.
Prints one JSON line.
"""

import json
import os
import random
import signal
import sys
import time
import traceback
from datetime import UTC, datetime
from pathlib import Path

from sessions.storage.journal import Journal, LockedError, create, load
from sessions.storage.locks import watch_lock
from tests.support.sessions.files import SMALL_PLAN, decided, note, turned

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
MAKE = (note, turned, decided)


def forked(work) -> int:
    """Run `work` in a child of its own; return its pid."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        work()
        code = 0
    except Exception:  # noqa: BLE001 - the parent sees the exit code
        traceback.print_exc()
    finally:
        os._exit(code)


def wait_all(pids) -> list[int]:
    return [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids]


def write_on(path: Path, out: int, seed: int) -> None:
    """Append for ever, and say after each append what was acknowledged."""
    rng = random.Random(seed)
    journal = Journal(path)
    journal.open(NOW)
    while True:
        drafts = [MAKE[rng.randrange(3)](rng.randrange(10**6)) for _ in range(rng.randrange(1, 4))]
        entries = journal.append(drafts, phase=10, now=NOW)
        os.write(out, "".join(f"{entry.seq} {entry.crc}\n" for entry in entries).encode())


def killed_once(path: Path, rng: random.Random) -> set[str]:
    """Let a child write, kill it after its first acknowledgement and a random while; return what it acknowledged."""
    end, out = os.pipe()
    seed = rng.randrange(10**9)
    pid = forked(lambda: write_on(path, out, seed))
    os.close(out)
    heard = os.read(end, 65_536)
    time.sleep(rng.random() * 0.004)  # not to wait for anything: the moment of the kill is the random input
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    while more := os.read(end, 65_536):
        heard += more
    os.close(end)
    return set(heard.decode().splitlines())


def kill(folder: Path, rounds: int, seed: int) -> dict[str, object]:
    rng = random.Random(seed)
    path, ledger, torn, lost, damaged = Path(), set[str](), 0, 0, 0
    for number in range(rounds):
        if number % 5 == 0:
            path, ledger = folder / f"{number}.toml", set()
            create(path, "flight", SMALL_PLAN, NOW)
        ledger |= killed_once(path, rng)
        found = load(path)
        torn += bool(found.torn)
        damaged += found.damage is not None
        lost += len(ledger - {f"{entry.seq} {entry.crc}" for entry in found.entries})
    return {"rounds": rounds, "torn": torn, "lost": lost, "damaged": damaged}


def race(folder: Path, rounds: int, racers: int) -> dict[str, object]:
    """Start `racers` at one moment, again and again; count how many won each race."""
    won, named, said = [], 0, b""
    for _ in range(rounds):
        start, leave, answer = os.pipe(), os.pipe(), os.pipe()
        pids = [
            forked(lambda start=start, leave=leave, answer=answer: race_once(folder, start, leave, answer))
            for _ in range(racers)
        ]
        for end in (start[0], leave[0], answer[1], start[1]):
            os.close(end)
        said = b""
        while len(said) < racers:
            said += os.read(answer[0], racers)
        late = watch_lock(folder, NOW)
        named += not late.mine and late.pid in pids
        os.close(leave[1])
        os.close(answer[0])
        wait_all(pids)
        won.append(said.count(b"W"))
    return {"won": won, "named": named, "said": len(said)}


def race_once(folder: Path, start, leave, answer) -> None:
    """Wait for the start, try to watch, say how it went, stay until all are told to leave."""
    for end in (start[1], leave[1], answer[0]):
        os.close(end)
    os.read(start[0], 1)
    lock = watch_lock(folder, NOW)
    os.write(answer[1], b"W" if lock.mine else b"v")
    os.read(leave[0], 1)


def together(folder: Path, writers: int, entries: int) -> dict[str, object]:
    """Let several processes append to one session at once."""
    path = folder / "session.toml"
    create(path, "flight", SMALL_PLAN, NOW)

    def run(who: int) -> None:
        journal = Journal(path)
        journal.open(NOW)
        for number in range(entries):
            _appended(journal, note(number, f"{who}:{number}"))

    codes = wait_all([forked(lambda who=who: run(who)) for who in range(writers)])
    found = load(path)
    return {
        "codes": codes,
        "texts": [entry.text for entry in found.entries],
        "damage": str(found.damage),
        "torn": len(found.torn),
    }


def _appended(journal: Journal, draft) -> None:
    """Append as a person's act does: while others write it is tried again."""
    until = time.monotonic() + 60
    while True:
        try:
            journal.append([draft], phase=10, now=NOW)
        except LockedError:
            if time.monotonic() > until:
                raise
        else:
            return


if __name__ == "__main__":
    what, where, one, two = sys.argv[1:]
    print(json.dumps({"kill": kill, "race": race, "together": together}[what](Path(where), int(one), int(two))))  # noqa: T201
