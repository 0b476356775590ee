"""Prepared messages as files: whole or not at all, for the owner's eyes, one file each, and written down."""

import errno
import stat

import pytest

from cockpit.runtime.clock import Clock
from cockpit.session.export import draft_name, export
from sessions.actions.decision import REPORT
from sessions.values.requests import Act
from tests.support.build import after
from tests.support.sessions.files import FailingDisk
from tests.support.watch.watching import asked, made, session_in, watched, written

STEP = "error_rate.tell"


@pytest.fixture
def flown(tmp_path):
    """Yield a function that opens the session in the phase of 10 %, on a disk of one's choice; closed at the end."""
    made(tmp_path, percent=10)
    held = []

    def opened(files=None):
        held.append(session_in(tmp_path, files=files))
        return held[-1]

    yield opened
    for session in held:
        session.close()


async def test_a_message_is_a_file_of_the_owner_and_an_entry_that_names_it(flown):
    session = flown()
    answer = await export(session, STEP, "owner", Clock())
    (path,) = (session.folder / "exports").iterdir()
    assert answer.ok
    assert answer.text == f"Error rate: Tell stakeholders written: exports/{path.name}"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text("utf-8").startswith("# CL7 concierge · Error rate · 10 %\n")
    entry = session.state.entries[-1]
    assert (entry.kind, entry.by, entry.said("risk"), entry.said("task")) == (
        "draft.written",
        "owner",
        "error_rate",
        STEP,
    )
    assert entry.listed("files") == (path.name,)
    assert session.state.ticked[STEP] == entry.at


def test_the_key_of_a_draft_step_writes_it_through_the_watch(tmp_path):
    with watched(made(tmp_path, percent=10)) as door:
        answer = asked(door, Act.STEP, subject="analytics_outage.escalate")
        assert answer.ok, answer.text
        assert "analytics_outage.escalate" in door.latest().state.ticked
    (entry,) = written(tmp_path, "draft.written")
    assert (tmp_path / "exports" / entry.listed("files")[0]).is_file()


async def test_no_message_takes_the_place_of_an_older_one(flown):
    session = flown()
    for _ in range(2):
        assert (await export(session, STEP, "owner", Clock())).ok
    assert len(list((session.folder / "exports").iterdir())) == 2


async def test_the_report_is_exported_by_its_own_name(flown):
    session = flown()
    assert (await export(session, REPORT, "owner", Clock())).ok
    assert session.state.entries[-1].kind == "report.exported"


async def test_the_key_keeps_a_report_that_a_person_edited_and_says_so(flown):
    session = flown()
    assert (await export(session, REPORT, "owner", Clock())).ok
    (path,) = (session.folder / "exports").iterdir()
    path.write_text("with an Ask of mine", "utf-8")
    answer = await export(session, REPORT, "owner", Clock())
    assert answer.text == (
        f"report exported: exports/{path.stem}-2.md; "
        f"{path.name} is kept: it was changed, or another export writes it now"
    )
    assert path.read_text("utf-8") == "with an Ask of mine"
    assert (await export(session, REPORT, "owner", Clock())).ok
    assert len(list(path.parent.iterdir())) == 2


@pytest.mark.parametrize(
    ("step", "stem"),
    [(STEP, "error_rate-tell"), ("csat.../../x", "csat-x"), ("csat.\x1b[2J ü", "csat-2J"), ("a" * 300, "a" * 60)],
)
def test_a_file_is_named_by_its_step_and_moment_and_leads_nowhere_else(step, stem):
    assert draft_name(step, after(1.25)) == f"draft-{stem}-20261123T100001250000Z.md"


async def test_an_unknown_step_is_refused_by_name(flown):
    session = flown()
    assert (await export(session, "csat.nope\x1b", "owner", Clock())).text == "unknown runbook step csat.nope^["
    assert not (session.folder / "exports").exists()


async def test_row_3_a_message_that_cannot_be_noted_says_so(flown):
    disk = FailingDisk()
    session = flown(disk)
    disk.op, disk.at, disk.code, disk.lasting = "lock", 1, errno.EIO, True
    answer = await export(session, STEP, "owner", Clock())
    assert (answer.ok, "NOT saved" in answer.text) == (False, True)
    assert STEP not in session.state.ticked


async def test_a_message_that_cannot_be_written_leaves_no_half_and_no_entry(flown):
    disk = FailingDisk()
    session = flown(disk)
    before = session.state.entries
    disk.op, disk.at, disk.code, disk.lasting = "fsync", 1, errno.ENOSPC, True
    with pytest.raises(OSError, match="No space left"):
        await export(session, STEP, "owner", Clock())
    assert list((session.folder / "exports").iterdir()) == []
    assert session.state.entries == before
