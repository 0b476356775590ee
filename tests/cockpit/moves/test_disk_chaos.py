"""Random schedules in which the flag, every file and every process may fail at any moment, in virtual time.

Never done and not done; never raised by a revert; never lost after an acknowledgement; never a log that says other
than the flag.
"""

import os
import random
import re

import pytest

from cockpit.cli.commands import act as acting
from cockpit.cli.revert import flag_first as reverting
from cockpit.cli.revert import log_after as afterwards
from sessions.state.pending import revert_owed
from sessions.storage.folders import SESSION
from sessions.storage.journal import Journal, create, load
from sessions.storage.late_entries import NAME, _entry_marks, _marks
from sessions.storage.spool import Spool
from sessions.values.requests import Act
from tests.support.build import T0
from tests.support.faults.chaos_flag import SMALL as PLAN
from tests.support.faults.chaos_flight import Record, fly
from tests.support.faults.virtual import run_virtual

SEEDS, BATCH = int(os.environ.get("COCKPIT_SEEDS", "60")), 10
FIRST = int(os.environ.get("COCKPIT_FIRST_SEED", "0"))
MOVES = (Act.ADVANCE, Act.REVERT)


def recorded(monkeypatch, record):
    """Write down all that is acknowledged as kept or as saved."""
    keep, transact = Spool.keep, Journal.transact

    def kept(self, items):
        lost = keep(self, items)
        record.kept += [] if lost else items
        return lost

    def saved(self, decide, now):
        entries = transact(self, decide, now)
        record.entries += entries
        return entries

    monkeypatch.setattr(Spool, "keep", kept)
    monkeypatch.setattr(Journal, "transact", saved)


def flown(folder, seed, state_folder):
    """Fly one schedule; return what was acknowledged, the log, the flag, and the last state."""
    folder.mkdir()
    random.seed(seed)  # who waits for a lock waits by chance
    create(folder / SESSION, "chaos", PLAN.table, T0)
    record = Record()
    with pytest.MonkeyPatch.context() as patch:
        recorded(patch, record)

        def main(clock):
            for module in (acting, afterwards, reverting):
                patch.setattr(module, "clock_of", lambda _folder: clock)
            return fly(folder, seed, clock, state_folder, record)

        percent, state = run_virtual(main)
    return record, load(folder / SESSION), percent, state


def never_done_but_not_done(record, entries):
    for said in record.said:
        told = re.findall(r"(?:to|reads) (\d+) %|(\d+) % entered", said.text)
        if said.act in MOVES:
            assert int(next(filter(None, told[0]))) in said.held, said
        if said.act is Act.RESUME or said.word not in said.text:
            continue
        there = [entry for entry in entries if said.word in entry.text and entry.kind != "flag.intended"]
        lost = "cannot be written to" in said.text or "NOT saved anywhere" in said.text
        counted = [
            entry for entry in there if "was" not in entry.facts
        ]  # what was found twice is noted, and counts once
        assert len(counted) <= 1, (said, there)
        assert there or (lost and said.process.dead), (said, there)


def never_raised(record):
    for write in record.writes:
        if "entered" in write.comment:
            continue
        assert write.read is None or write.percent <= write.held, write
        assert write.percent <= PLAN.before(max(write.top, 10)).percent, write


def never_lost(record, entries):
    lines = {(entry.seq, entry.crc) for entry in entries}
    assert not [entry for entry in record.entries if (entry.seq, entry.crc) not in lines]
    assert not record.unkept
    names = [entry.said(NAME) for entry in entries]
    marks = [_marks(entry) for entry in entries if not entry.said(NAME)]
    for item in record.kept:
        assert names.count(item.id) + marks.count(_entry_marks(item)) == 1, item


def never_against_the_flag(entries, percent, state):
    assert not state.journal_fault
    assert not revert_owed(state)
    assert not state.flag.open
    if state.flag.status == "confirmed":
        assert state.flag.percent == percent
        assert state.phase == PLAN.flown_at(percent)
        return
    newest = next(entry for entry in reversed(entries) if entry.kind == "flag.drifted")
    flaps = newest.facts.get("flaps") is True  # it is drifted wherever it is until it has stood for ten minutes
    assert state.flag.status == "drifted"
    assert f"{percent} %" in newest.listed("between") if flaps else newest.facts["seen"] == percent


@pytest.mark.parametrize("batch", range(SEEDS // BATCH))
def test_rows_3_to_13_and_70_to_75_whatever_fails_what_is_said_is_so(tmp_path, state_folder, batch):
    for seed in range(FIRST + batch * BATCH, FIRST + (batch + 1) * BATCH):
        record, found, percent, state = flown(tmp_path / str(seed), seed, state_folder)
        try:
            assert not found.damage
            never_done_but_not_done(record, found.entries)
            never_raised(record)
            never_lost(record, found.entries)
            never_against_the_flag(found.entries, percent, state)
        except AssertionError as error:
            log = "\n".join(f"{entry.seq} {entry.at:%H:%M:%S.%f} {entry.kind} {entry.text}" for entry in found.entries)
            raise AssertionError(f"seed {seed}: {error}\n{log}") from error
