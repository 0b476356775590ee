"""The flag writer for a program: real ones, that answer, refuse, hang and die."""

import asyncio
import sys
import uuid

import psutil
import pytest

from cockpit.flags.command import CommandFlag
from cockpit.flags.interface.writer import ConflictError, FlagError
from cockpit.flags.opening import open_writer
from cockpit.flags.wanted import wanted_by
from cockpit.runtime.errors import AnswerError
from cockpit.settings.models.flag_services import Command
from cockpit.settings.schema.secrets import Secrets
from sessions.state.reducer import State
from tests.cockpit.runtime.test_process import until
from tests.support.build import PLAN, T0

PROGRAM = """
import json, pathlib, sys
verb, *words = sys.argv[2:]
path = pathlib.Path(sys.argv[1])
held = json.loads(path.read_text())
if verb == "set":
    held["percent"], held["v"] = int(words[0]), held["v"] + 1
    held["said"] = words
elif verb == "switch":
    held[words[0]] = words[1] == "true"
elif verb == "is":
    print(json.dumps(held[words[0]]))
path.write_text(json.dumps(held))
if verb == "get":
    print(json.dumps(held))
"""


@pytest.fixture
def path(tmp_path):
    (tmp_path / "flag.py").write_text(PROGRAM, "utf-8")
    (tmp_path / "held.json").write_text('{"percent": 10, "v": 1, "sla-message": true}', "utf-8")
    return tmp_path


def program(path, *words):
    return (sys.executable, "-I", str(path / "flag.py"), str(path / "held.json"), *words)


def spec_of(path, **more):
    write = program(path, "set", "{percent}", "{off}", "{comment}")
    facts = {"read": program(path, "get"), "write": write, "version": "v", **more}
    return Command(
        switch_read=program(path, "is", "{name}"), switch_write=program(path, "switch", "{name}", "{on}"), **facts
    )


def script(text):
    return ("sh", "-c", text, "sh", "{percent}")


async def test_it_reads_moves_and_switches(path):
    flag = CommandFlag(spec_of(path), 20, ("sla-message",))
    value = await flag.read(T0)
    assert (value.source, value.percent, value.version, value.switches) == ("command", 10, "1", ("sla-message",))
    await flag.write(25, expected="1", comment="so; rm -rf $HOME `x`")
    assert (await flag.read(T0)).percent == 25
    assert '"said": ["25", "75", "so; rm -rf $HOME `x`"]' in (path / "held.json").read_text("utf-8")
    await flag.switch("sla-message", on=False)
    assert (await flag.read(T0)).switches == ()
    assert await flag.rehearse(("sla-message",)) == {}
    assert await flag.verify(25, T0) == ""
    await flag.aclose()


async def test_row_72_a_version_that_changed_is_not_written(path):
    flag = CommandFlag(spec_of(path), 20)
    before = (path / "held.json").read_text("utf-8")
    with pytest.raises(ConflictError, match="version 1"):
        await flag.write(25, expected="7")
    assert (path / "held.json").read_text("utf-8") == before


@pytest.mark.parametrize(
    ("printed", "percent"), [("25", 25), ("25.0\n", 25), ('"25"', 25), ('{"percent": 25, "x": 1}', 25), ("0", 0)]
)
async def test_a_number_or_json_is_understood(printed, percent):
    flag = CommandFlag(Command(read=("printf", "%s", printed), write=script("")), 20)
    assert (await flag.read(T0)).percent == percent


@pytest.mark.parametrize("printed", ["", "25 %", "null", "true", "[25]", '{"percent": null}', "250", "NaN", "<html>"])
async def test_what_is_no_percentage_is_refused(printed):
    flag = CommandFlag(Command(read=("printf", "%s", printed), write=script("")), 20)
    with pytest.raises(FlagError):
        await flag.read(T0)
    assert "" in await flag.rehearse(())


@pytest.mark.parametrize("percent", [-1, 101, True, 12.345, None])
async def test_a_percentage_out_of_range_is_not_run(percent, tmp_path):
    flag = CommandFlag(Command(read=("printf", "1"), write=script(f"touch {tmp_path}/ran")), 20)
    with pytest.raises(FlagError, match="is no percentage"):
        await flag.write(percent)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("write", "reason"),
    [
        (
            script("echo no >&2; echo 'not \033[2J allowed: hunter2' >&2; exit 3"),
            r"^exit 3: not \^\[\[2J allowed: \*\*\*$",
        ),
        (script("exit 1"), "^exit 1$"),
        (("/nonexistent/flagctl", "{percent}"), "No such file"),
    ],
)
async def test_row_75_a_program_that_says_no_refuses(write, reason):
    flag = CommandFlag(
        Command(read=("printf", "10"), write=write), 20, scrub=lambda text: text.replace("hunter2", "***")
    )
    with pytest.raises(FlagError, match=reason):
        await flag.write(25)


@pytest.mark.parametrize(
    ("text", "reason"), [("kill -9 $$", "ended by signal 9"), ("yes", "printed over 1,000,000 bytes")]
)
async def test_row_70_a_program_that_is_ended_leaves_it_unknown(text, reason):
    flag = CommandFlag(Command(read=("printf", "10"), write=script(text)), 20)
    with pytest.raises(AnswerError, match=reason):
        await flag.write(25)


async def test_row_70_a_program_that_hangs_is_ended_with_its_group_and_leaves_it_unknown():
    ours = f"600.{uuid.uuid4().int}"
    flag = CommandFlag(Command(read=("printf", "10"), write=script(f"sleep {ours} & sleep {ours}")), 0.3)
    with pytest.raises(AnswerError, match=r"no end in 0\.3 s"):
        await flag.write(25)
    await until(lambda: not any(ours in (each.info["cmdline"] or ()) for each in psutil.process_iter(["cmdline"])))


async def test_a_switch_that_cannot_be_set_or_told(path):
    bare = CommandFlag(Command(read=("printf", "10"), write=script("")), 20, ("sla-message",))
    assert (await bare.read(T0)).switches is None
    assert "no switch_write" in (await bare.rehearse(("sla-message",)))["sla-message"]
    with pytest.raises(FlagError, match="no switch_write"):
        await bare.switch("sla-message", on=True)
    gone = CommandFlag(spec_of(path), 20, ("sla-message", "gone"))
    assert (await gone.read(T0)).switches is None


def test_by_hand_it_is_the_command_as_a_shell_takes_it():
    flag = CommandFlag(Command(read=("x",), write=("flagctl", "--why", "my flag", "{percent}")), 20)
    assert list(flag.by_hand(25)) == ["flagctl --why 'my flag' 25"]


async def test_a_complaint_waits_until_all_secrets_are_known_and_the_move_does_not(tmp_path):
    """Another command may still run that prints what this one tells."""
    known, ran = asyncio.Event(), tmp_path / "ran"
    secrets = Secrets({})

    async def ready():
        assert ran.exists()
        await known.wait()

    def learn():
        secrets.keep("hunter2-canary")
        known.set()

    write = script(f"touch {ran}; echo token hunter2-canary is bad >&2; exit 3")
    flag = CommandFlag(Command(read=("printf", "1"), write=write), 20, (), secrets.scrub, ready)
    asyncio.get_running_loop().call_soon(learn)
    with pytest.raises(FlagError) as caught:
        await flag.write(25)
    assert str(caught.value) == "exit 3: token *** is bad"


async def test_where_a_secret_stays_unknown_a_complaint_is_told_without_its_words():
    flag = CommandFlag(
        Command(read=("printf", "1"), write=script("echo hunter2-canary >&2; exit 3")), 1, (), str, asyncio.Event().wait
    )
    with pytest.raises(FlagError) as caught:
        await flag.write(25)
    assert str(caught.value) == "exit 3"


def test_the_writer_that_is_opened_waits_for_them():
    secrets = Secrets({})
    writer = open_writer(Command(read=("x",), write=("x", "{percent}")), wanted_by(lambda: State(PLAN)), secrets)
    assert isinstance(writer, CommandFlag)
    assert writer._ready == secrets.ready


async def test_what_a_program_prints_in_the_place_of_an_answer_is_masked():
    secrets = Secrets({})
    secrets.keep("hunter2-canary")
    said = ("printf", "%s", "token hunter2-canary")
    flag = CommandFlag(Command(read=("printf", "1"), write=script(""), switch_read=said), 20, ("a",), secrets.scrub)
    with pytest.raises(FlagError, match="neither true nor false") as caught:
        await flag._is_on("a")
    assert "canary" not in str(caught.value)
    text = ("printf", "%s", '{"percent": 1, "version": ["hunter2-canary"]}')
    flag = CommandFlag(Command(read=text, version="version", write=script("")), 20, (), secrets.scrub)
    with pytest.raises(FlagError, match="is no version") as caught:
        await flag.read(T0)
    assert "canary" not in str(caught.value)
