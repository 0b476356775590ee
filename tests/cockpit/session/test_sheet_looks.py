"""What is looked up for a sheet: all sources at once, each within its time, what fails is told and hides nothing.

What it compares with is asked of the session's own history, alike in every process that opens a sheet.
"""

import asyncio
import contextlib
import sys
from datetime import timedelta

import pytest
from msgspec import Struct
from msgspec.structs import replace

from cockpit.__main__ import run
from cockpit.engine import lookups as engine
from cockpit.engine.lookups import Lookups, looks_by
from cockpit.engine.opening import opened
from cockpit.engine.watch import Means, Watch
from cockpit.runtime.clock import Clock
from cockpit.session.replayed import NO_LOOKS, NO_PAST, Course, Replayed
from cockpit.session.sheet_looks import names_of
from cockpit.session.viewer import Viewer
from cockpit.settings.models.settings import Settings
from cockpit.settings.models.sheets import Changes, Dashboard
from cockpit.settings.schema.secrets import SecretError
from cockpit.sources.interface.shows import MOST
from cockpit.sources.interface.source import SourceError
from sessions.history.history import History
from sessions.plan.loader import bundled
from sessions.storage.folders import HISTORY, SESSION
from sessions.values import readings as r
from sessions.values.sheets import Exhibit, Row
from tests.support.build import PLAN, T0
from tests.support.watch.watching import FakeFlag, enter, made, session_in

SHEET = "latency_spike.inspect"
NAMES = names_of(PLAN, SHEET)
SECONDS = 60


class Still(Clock):
    def now(self):
        return T0


class Shown:
    """A source that shows what its `work` returns, and is an opening of itself; it counts both."""

    def __init__(self, name, names, work, deadline=5.0, why=""):
        self.name, self.names, self.shows, self.work = name, names, names, work
        self.deadline, self.why = deadline, why
        self.opened, self.closed = 0, False

    async def open(self):
        self.opened += 1
        await asyncio.sleep(0)
        return self

    async def show(self, name, now):
        answer = self.work(name, now)
        return await answer if asyncio.iscoroutine(answer) else answer

    async def aclose(self):
        self.closed = True


def telling(source, *rows):
    return lambda name, now: [Exhibit(source, now, name, "Told", rows or (Row("a", "1"),))]


def raising(error):
    def work(_name, _now):
        raise error

    return work


async def looked(*openings, names=("x",), scrub=str):
    lookups = Lookups(openings, Still(), scrub)
    try:
        return await lookups.look_up(names)
    finally:
        await lookups.aclose()


async def test_every_source_that_can_is_asked_and_the_others_are_not():
    one, two = Shown("one", ("x", "y"), telling("one")), Shown("two", ("x",), telling("two"))
    other = Shown("other", ("z",), telling("other"))
    found = await looked(one, two, other, names=("x", "y", "x"))
    assert [(item.source, item.name) for item in found] == [("one", "x"), ("two", "x"), ("one", "y")]
    assert all(item.at == T0 for item in found)
    assert (one.opened, two.opened, other.opened) == (1, 1, 0)
    assert (one.closed, two.closed, other.closed) == (True, True, False)


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (SourceError("no server"), "no server"),
        (SecretError("$M is not set"), "$M is not set"),
        (ZeroDivisionError("by\x1b[2J"), "ZeroDivisionError: by^[[2J"),
        (TimeoutError(), "no answer in time"),
    ],
)
async def test_a_failure_is_told_and_hides_no_other(error, why):
    found = await looked(Shown("bad", ("x",), raising(error)), Shown("good", ("x",), telling("good")))
    assert [(item.source, item.name, item.trouble) for item in found] == [("bad", "x", why), ("good", "x", "")]
    assert found[0].rows == ()


async def test_one_that_hangs_is_given_up_and_the_others_are_there(monkeypatch):
    monkeypatch.setattr(engine, "GRACE", 0.01)
    hangs = Shown("hangs", ("x",), lambda *_: asyncio.sleep(3600), deadline=0.05)
    found = await looked(hangs, Shown("good", ("x",), telling("good")))
    assert [(item.source, item.trouble) for item in found] == [("hangs", "no answer in time"), ("good", "")]
    assert hangs.closed


async def test_one_that_cannot_be_opened_is_tried_again_the_next_time():
    shown = Shown("db", ("x",), telling("db"))
    works, shown.open = shown.open, None

    async def refuses():
        raise SourceError("no usable MongoDB address")

    shown.open = refuses
    lookups = Lookups([shown], Still())
    assert (await lookups.look_up(["x"]))[0].trouble == "no usable MongoDB address"
    shown.open = works
    assert (await lookups.look_up(["x"]))[0].trouble == ""
    await lookups.aclose()


async def test_what_nobody_shows_says_what_to_add():
    found = await looked(names=("slow_operations", "recent_changes", "unheard_of"))
    assert [item.trouble for item in found] == [
        "no source in cockpit.toml shows this: a mongo source",
        "no source in cockpit.toml shows this: [changes] with a command or url",
        "no source in cockpit.toml shows this: nothing known",
    ]
    assert [item.title for item in found][:2] == ["Slow operations", "Recent changes"]


async def test_one_that_says_beforehand_that_it_cannot_is_not_opened():
    scrape = Shown("scrape", ("x",), telling("scrape"), why="keeps no past")
    (found,) = await looked(scrape)
    assert (found.trouble, scrape.opened) == ("keeps no past", 0)
    (able,) = await looked(scrape, Shown("log", ("x",), telling("log")))
    assert able.source == "log"


async def test_whatever_a_source_tells_is_masked_cleaned_and_ends():
    hostile = "[@click=app.quit]\x1b[2J hunter2 " + "x" * 9000
    many = [Row(hostile, hostile, hostile)] * 500
    work = lambda name, now: [Exhibit("s", now, name, hostile, tuple(many), hostile)]  # noqa: E731
    (found,) = await looked(Shown("s", ("x",), work), scrub=lambda text: text.replace("hunter2", "***"))
    assert len(found.rows) == MOST
    texts = [found.title, found.trouble, *(text for row in found.rows for text in (row.what, row.value, row.bound))]
    assert all("\x1b" not in text and "hunter2" not in text and "***" in text and len(text) <= 400 for text in texts)


async def test_an_empty_answer_is_no_silence():
    (found,) = await looked(Shown("s", ("x",), lambda *_: []))
    assert found.trouble == "it told nothing"


def told(future):
    return {item.name: item for item in future.result(SECONDS)}


def test_the_watch_looks_up_beside_its_work_and_answers_all_at_its_end(tmp_path):
    session = session_in(made(tmp_path))
    shown = Shown("db", ("slow_operations", "by_instance"), telling("db"))
    hangs = Shown("ci", ("recent_changes",), lambda *_: asyncio.sleep(3600), deadline=3600)
    watch = Watch(session, Means(lambda _watched: [], FakeFlag()), Clock(), lookups=Lookups([shown], Clock()))
    assert watch.look_up(SHEET).result(0) == ()
    watch.start()
    found = told(watch.look_up(SHEET))
    assert tuple(found) == NAMES or set(found) == set(NAMES)
    assert found["recent_changes"].trouble.startswith("no source in cockpit.toml shows this")
    assert watch.look_up("no.such").result(SECONDS) == ()
    watch._lookups._openings = [shown, hangs]
    waiting = watch.look_up(SHEET)
    watch.stop("over")
    assert waiting.result(SECONDS) == ()
    assert watch.look_up(SHEET).result(SECONDS) == ()
    assert shown.closed
    session.close()


def printed(text):
    return Settings(
        changes=Changes(command=(sys.executable, "-c", f"print({text!r})")),
        dashboards=(Dashboard(title="Latency", url="http://h"),),
    )


def now_line():
    return f"{Clock().now() - timedelta(seconds=9):%Y-%m-%dT%H:%M:%S}Z capsules 4.17"


def test_a_session_that_is_opened_looks_up_by_its_settings(tmp_path):
    with opened(made(tmp_path), Clock(), None, {}, printed(now_line())) as door:
        door.start()
        found = told(door.look_up(SHEET))
        assert [row.value for row in found["recent_changes"].rows] == ["capsules 4.17"]
        assert found["slow_operations"].trouble == "no source in cockpit.toml shows this: a mongo source"
        pages = told(door.look_up("p3.dashboards"))["dashboards"]
        assert [(row.what, row.value) for row in pages.rows] == [("Latency", "http://h")]


def test_a_viewer_looks_up_too_and_says_so_where_it_has_no_settings(tmp_path):
    viewer = Viewer(made(tmp_path), "opened read-only", Clock(), None, looks_by(printed(now_line()), {}))
    for _ in range(2):
        assert [row.value for row in told(viewer.look_up(SHEET))["recent_changes"].rows] == ["capsules 4.17"]
    bare = Viewer(tmp_path, "opened read-only", Clock(), None)
    assert {item.trouble for item in told(bare.look_up(SHEET)).values()} == {
        "without settings nothing can be looked up"
    }


def test_a_damaged_session_is_looked_up_for_too(tmp_path):
    path = made(tmp_path, percent=10) / SESSION
    path.write_bytes(path.read_bytes().replace(b'by = "watch"', b'by = "nobody"', 1))
    with opened(tmp_path, Clock(), None, {}, printed(now_line())) as door:
        assert isinstance(door, Viewer)
        assert told(door.look_up(SHEET))["recent_changes"].rows


class Moment(Struct):
    judgement: object


def test_a_replay_looks_nothing_up_and_says_so(tmp_path):
    judgement = Viewer(made(tmp_path), "", Clock(), None).latest()
    door = Replayed(Course(lambda: iter([Moment(judgement)])), 60)
    found = told(door.look_up(SHEET))
    assert set(found) == set(NAMES)
    assert all((item.trouble, item.rows) == (NO_LOOKS, ()) for item in found.values())
    assert door.look_up("no.such").result(0) == ()


RETEST = "p3.retest"
"""A sheet that compares with what was before its phase."""


@pytest.fixture
def retested(tmp_path):
    """A session that entered 50 % a minute ago; two minutes before that something was measured."""
    now = Clock().now()
    entered = now - timedelta(minutes=1)
    path = made(tmp_path / "s", bundled())
    enter(path, bundled(), 50, entered)
    with contextlib.closing(History(path / HISTORY)) as held:
        for at, count in ((entered - timedelta(minutes=2), 7), (now, 9)):
            held.add([r.Returns("mongo", at, (("requested", count),), count, 0), r.Csat("mongo", at, 30, count)])
    return path


def viewed(folder):
    return contextlib.nullcontext(Viewer(folder, "opened read-only", Clock(), None))


@contextlib.contextmanager
def watched(folder):
    session = session_in(folder)
    yield Watch(session, Means(lambda _watched: [], FakeFlag()), Clock())
    session.close()


@pytest.mark.parametrize("door", [viewed, watched])
def test_a_door_answers_by_the_history(retested, door):
    with door(retested) as one:
        found = one.past(RETEST).result(SECONDS)
        assert (found.phase.returns.open, found.phase.csat.low) == (7, 7)
        assert one.past("p3.decision").result(SECONDS) is None
        assert one.past("no.such").result(SECONDS) is None


def test_the_command_line_prints_both_and_changes_nothing(retested, capsys):
    before = (retested / HISTORY).read_bytes()
    assert run(["task", "look", RETEST, str(retested)]) == 0
    out = capsys.readouterr().out
    assert "9 · before 7" in out
    assert "9, 30 % · before 7, 23 %" in out
    assert "measured 2m00s before 50 % was entered" in out
    assert (retested / HISTORY).read_bytes() == before


def test_a_replay_refuses_what_compares_and_nothing_else(retested):
    judgement = Viewer(retested, "", Clock(), None).latest()
    door = Replayed(Course(lambda: iter([Moment(judgement)])), 60)
    with pytest.raises(LookupError, match=NO_PAST):
        door.past(RETEST).result(SECONDS)
    assert door.past("p3.decision").result(SECONDS) is None
    before = replace(judgement, state=replace(judgement.state, entered_at=None))
    assert Replayed(Course(lambda: iter([Moment(before)])), 60).past(RETEST).result(SECONDS).phase is None
