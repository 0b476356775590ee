"""The whole log: ten thousand entries, of which only the lines in sight are made."""

import time
from datetime import timedelta

from msgspec.structs import replace
from textual.app import App

import themes
from sessions.values.entries import Entry
from tests.support.screen.grown_flight import NOW
from tests.support.screen.sample import HOSTILE, calm, view
from widgets.base.styled import content, plain
from widgets.detail import entry_list
from widgets.detail.entry_list import EntryList
from widgets.dialogs.entry import entry_lines
from widgets.wording.entries import entry_line, word


def many(count: int):
    judgement = calm()
    entries = tuple(
        Entry(number, NOW - timedelta(seconds=count - number), "note.written", "owner", 25, f"note number {number}")
        for number in range(1, count + 1)
    )
    return view(replace(judgement, state=replace(judgement.state, entries=entries)))


class Host(App):
    CSS_PATH = themes.STYLESHEET

    def get_theme_variable_defaults(self):
        return dict(themes.VARIABLE_DEFAULTS)

    def compose(self):
        yield EntryList()


def lines(log: EntryList) -> list[str]:
    return [log.render_line(y).text.rstrip() for y in range(log.scrollable_content_region.height)]


async def test_ten_thousand_entries_make_only_the_lines_in_sight(monkeypatch):
    made = []
    monkeypatch.setattr(
        entry_list, "entry_line", lambda entry, *rest, **how: made.append(entry) or entry_line(entry, *rest, **how)
    )
    app = Host()
    async with app.run_test(size=(100, 30)) as pilot:
        log = app.query_one(EntryList)
        log.show(many(10_000))
        await pilot.pause()
        assert "note number 10000" in lines(log)[0]
        await pilot.press("end")
        await pilot.pause()
        assert "note number 1" in lines(log)[-1]
        assert len({entry.seq for entry in made}) < 200


async def test_the_filter_keeps_entries_that_hold_every_word():
    app = Host()
    async with app.run_test(size=(100, 30)) as pilot:
        log = app.query_one(EntryList)
        log.show(many(10_000))
        started = time.perf_counter()
        log.filter("NOTE 777")
        assert time.perf_counter() - started < 5
        await pilot.pause()
        assert [line.split()[-1] for line in lines(log) if line] == [
            str(number) for number in range(10_000, 0, -1) if "777" in str(number)
        ]
        log.filter("")
        assert "note number 10000" in lines(log)[0]


async def test_a_new_entry_does_not_move_the_cursor_off_its_entry():
    app = Host()
    async with app.run_test(size=(100, 30)) as pilot:
        log = app.query_one(EntryList)
        log.show(many(50))
        await pilot.press("down", "down")
        log.show(many(51))
        assert log._rows[log._at].seq == 48


async def test_a_long_entry_goes_on_below_itself_and_is_one_step_of_the_cursor():
    app, text = Host(), "the index on capsules.lookId is missing since 4f1c2a9 " * 3
    flight = many(3)
    entries = flight.state.entries
    tall = replace(entries[1], text=text)
    endless = replace(entries[0], text=text * 9)
    shown = (endless, tall, *entries[2:])
    judgement = replace(flight.judgement, state=replace(flight.state, entries=shown))
    async with app.run_test(size=(100, 6)) as pilot:
        log = app.query_one(EntryList)
        log.show(replace(flight, judgement=judgement))
        await pilot.pause()
        said = lines(log)
        assert "note number 3" in said[0]
        assert " ".join(" ".join(said[1:4]).split()).endswith(text.strip())
        assert "…" not in "".join(said)
        await pilot.press("down", "down")
        assert log._at == 2
        assert lines(log)[-1].strip().endswith("lines more")
        await pilot.resize_terminal(60, 6)
        await pilot.pause()
        assert lines(log)[-1].strip().endswith("lines more")


def test_every_kind_has_a_word_and_an_unknown_one_says_itself():
    from sessions.values.entries import KINDS

    for kind in KINDS:
        assert word(Entry(1, NOW, kind, "watch", 0, "x"))[0]
    assert word(Entry(1, NOW, "rocket.launched", "watch", 0, "x"))[0] == "rocket"
    assert word(Entry(1, NOW, "verdict.turned", "watch", 0, "x", {"verdict": "breach"})) == ("breach", "$bad")
    assert word(Entry(1, NOW, "verdict.turned", "watch", 0, "x", {"verdict": "[/]"}))[0] == "verdict"


def test_the_whole_entry_shows_every_fact_and_long_texts_whole():
    evidence = ("● latency 438 ms", "◆ growth +41 %")
    long = "word " * 60
    entry = Entry(7, NOW, "phase.entered", "owner", 25, long, {"previous": 10, "evidence": evidence, "since": NOW})
    said = plain(entry_lines(entry, many(1), 60))
    assert said.count("word") == 60
    for text in (*evidence, "previous", "10", "2026-11-23 14:03:22 +0100"):
        assert text in said


def test_hostile_entries_are_plain_in_list_and_dialog():
    for text in HOSTILE:
        entry = Entry(7, NOW, "note.written", text, 25, text, {text: text, "lines": (text, text)})
        for line in (entry_line(entry, None, 80), *entry_lines(entry, many(1), 80)):
            assert all(ord(char) >= 32 for char in content([line], 80).plain)
