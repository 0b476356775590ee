"""What a program that begins does not wait for, and that it is put right once it goes on."""

import gc
import json
import subprocess
import sys
import weakref
from pathlib import Path

import pytest

import cockpit.__main__
from cockpit.runtime import lean

ROOT = Path(__file__).parents[3]


def told(code):
    """Run code in a fresh interpreter and return what it says as JSON."""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def usual():
    """Leave the collector as it was."""
    before = gc.get_threshold()
    yield before
    gc.set_threshold(*before)
    gc.unfreeze()


def test_structs_are_loaded_by_typing_alone_and_what_else_wants_the_other_finds_it():
    code = """
import json, sys
from cockpit.runtime.lean import load_structs
load_structs()
import msgspec, typing
class Known(msgspec.Struct):
    text: typing.Annotated[str, msgspec.Meta(max_length=3)]
    more: "typing.Optional[int]" = None
class Table(typing.TypedDict):
    one: typing.Required[int]
    two: typing.NotRequired[int]
found = [msgspec.convert({"text": "abc", "more": 2}, Known).more, msgspec.convert({"one": 1}, Table)]
try:
    msgspec.convert({"text": "abcd"}, Known)
except msgspec.ValidationError as error:
    found.append(str(error))
before = [name for name in ("typing_extensions", "inspect") if name in sys.modules]
import typing_extensions
print(json.dumps([before, found, typing_extensions is sys.modules["typing_extensions"]]))
"""
    assert told(code) == [[], [2, {"one": 1}, "Expected `str` of length <= 3 - at `$.text`"], True]


def test_a_program_that_begins_collects_rarely_and_one_that_goes_on_as_usual(usual):
    lean.collect_rarely()
    assert gc.get_threshold()[0] > 10 * usual[0]
    lean.collect_as_usual()
    assert gc.get_threshold() == usual
    assert gc.get_freeze_count() > 0


class Circle:
    """Garbage that only the collector finds."""

    def __init__(self):
        self.own = self


def test_what_was_made_only_to_begin_is_let_go_and_the_rest_is_kept_apart_again(usual):
    lean.collect_rarely()
    kept, gone = Circle(), weakref.ref(Circle())
    lean.collect_as_usual()
    assert gone() is not None, "it was set apart with the rest"
    lean.let_go()
    assert (gone(), kept.own) == (None, kept)
    assert gc.get_freeze_count() > 1000


def test_where_nothing_was_set_apart_nothing_is_looked_for(usual, monkeypatch):
    monkeypatch.setattr(gc, "collect", lambda: pytest.fail("it was looked for"))
    lean.let_go()


def test_where_nobody_asked_for_less_nothing_is_changed(usual):
    lean.collect_as_usual()
    assert (gc.get_threshold(), gc.get_freeze_count()) == (usual, 0)


def test_a_process_that_ends_collects_no_more_and_does_what_is_registered_for_its_end():
    code = """
import atexit, gc, json, weakref
from cockpit.runtime.lean import leave
class Kept: pass
kept = Kept()
kept.own = kept
atexit.register(lambda: print(json.dumps([*told, gc.isenabled(), gc.get_freeze_count() > 0])))
told = []
weakref.finalize(kept, told.append, "let go")
del kept
leave(0)
"""
    assert told(code) == ["let go", False, True]


def test_a_thread_that_still_runs_is_waited_for():
    code = """
import threading
from cockpit.runtime.lean import leave
gate = threading.Event()
threading.Thread(target=lambda: (gate.wait(60), print('"done"'))).start()
gate.set()
leave(0)
"""
    assert told(code) == "done"


def test_where_nothing_can_be_registered_what_was_written_is_out_and_nothing_is_taken_apart():
    code = """
import sys
from cockpit.runtime.lean import leave
class Loud:
    def __del__(self): print("taken apart")
loud = Loud()
assert not {"atexit", "threading"} & set(sys.modules)
sys.stdout.write("said")
sys.stderr.write("complained")
leave(30)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stdout, done.stderr) == (30, "said", "complained")


@pytest.mark.parametrize("words", [["--version"], ["nonsense"]])
def test_the_command_ends_that_way_with_its_own_code(monkeypatch, words):
    ended = []
    monkeypatch.setattr(cockpit.__main__, "leave", lambda code: (ended.append(code), sys.exit(code)))
    monkeypatch.setattr(cockpit.__main__, "collect_rarely", lambda: None)
    monkeypatch.setattr("sys.argv", ["cockpit", *words])
    with pytest.raises(SystemExit) as exit_:
        cockpit.__main__.main()
    wanted = {"--version": 0, "nonsense": 2}[words[0]]
    assert (exit_.value.code, ended) == (wanted, [wanted])
