"""The command-line twins of the keys: the same entries by the same rules, and how each ends."""

import json

import pytest

from cockpit.__main__ import run
from cockpit.cli.commands.sessions import begin
from cockpit.demo.world.flag_file import first_text
from cockpit.settings.file.wiring import Wiring
from sessions.storage.folders import SESSION
from sessions.storage.journal import load
from sessions.storage.locks import watch_lock
from sessions.values.entries import Draft
from tests.support.build import after
from tests.support.watch.watching import FAST, Clock, enter, kinds, put, written


@pytest.fixture
def flown(tmp_path):
    """Return what makes a session at a percentage whose flag lives in a flagd file, and that file."""

    def made(percent=10):
        flags = tmp_path / "flags.json"
        flags.write_text(first_text(FAST).replace('["on", 0]', f'["on", {percent}]'), "utf-8")
        document = json.loads(flags.read_text("utf-8"))
        share = document["flags"][FAST.flag]["targeting"]["fractional"]
        share[-2][1], share[-1][1] = percent, 100 - percent
        flags.write_text(json.dumps(document), "utf-8")
        folder = tmp_path / "s"
        folder.mkdir()
        begin(folder, "flight", FAST, Wiring(flag_file=str(flags)))
        if percent:
            enter(folder, FAST, percent)
        return folder, flags

    return made


def weight(flags):
    return json.loads(flags.read_text("utf-8"))["flags"][FAST.flag]["targeting"]["fractional"][-2][1]


def told(capsys, *words):
    code = run([str(word) for word in words])
    out = capsys.readouterr()
    return code, out.out.strip(), out.err.strip()


def newest(folder):
    return load(folder / SESSION).entries[-1]


@pytest.mark.parametrize(
    ("words", "kind", "said"),
    [
        (("note", "tea time"), "note.written", "tea time"),
        (("observe", "--text", "all quiet"), "note.written", "all quiet"),
        (("pause", "--reason", "lunch"), "rollout.paused", "paused: lunch"),
        (("freeze", "returns"), "flow.frozen", "Returns frozen: by hand"),
        (("incident", "open", "p1", "checkout is down"), "incident.opened", "checkout is down"),
        (("task", "tick", "p1.monitor"), "task.ticked", "Live monitoring ✔ (nothing looked at)"),
        (("waive", "growth", "--reason", "known import"), "waiver.given", "growth waived: known import"),
        (("decide", "hold", "--reason", "slow twice"), "decision.made", "hold: slow twice"),
        (("feedback", "good", "support", "they like it"), "feedback.noted", "support, good: they like it"),
        (("step", "csat.cause"), "task.ticked", "CSAT: Investigate the cause ✔ (nothing looked at)"),
    ],
)
def test_each_command_writes_what_its_key_writes(flown, capsys, words, kind, said):
    folder, _ = flown()
    code, _, err = told(capsys, *words, folder)
    (entry,) = [row for row in load(folder / SESSION).entries if row.kind == kind and row.by == "cli"]
    assert (code, entry.text, err) == (0, said, "")


def test_what_needs_its_counterpart(flown, capsys):
    folder, _ = flown()
    assert told(capsys, "resume", folder) == (10, "", "cockpit: not paused")
    run(["pause", str(folder)])
    assert told(capsys, "resume", folder)[:2] == (0, "paused\nresumed")
    run(["freeze", "capsules", str(folder)])
    assert told(capsys, "thaw", "capsules", folder)[0] == 0
    run(["incident", "open", "P2", "slow", str(folder)])
    assert told(capsys, "incident", "resolve", "i1", folder)[0] == 0
    run(["task", "tick", "p1.wf7", str(folder)])
    assert told(capsys, "task", "untick", "p1.wf7", folder)[0] == 0
    assert [kind for kind in kinds(folder) if kind in ("rollout.resumed", "flow.thawed", "incident.resolved")] == [
        "rollout.resumed",
        "flow.thawed",
        "incident.resolved",
    ]


def test_a_revert_moves_the_flag_and_needs_no_watch(flown, capsys):
    folder, flags = flown(25)
    code, out, err = told(capsys, "revert", folder, "--reason", "checkout is slow")
    assert (code, err, weight(flags)) == (0, "", 10)
    assert out == "reverted from 25 % to 10 %: checkout is slow"
    assert newest(folder).kind == "phase.entered"


def test_an_advance_against_the_gate_is_held_and_says_all_that_holds(flown, capsys):
    folder, flags = flown(10)
    code, out, err = told(capsys, "advance", folder)
    assert (code, out, weight(flags)) == (10, "", 10)
    assert err.startswith("cockpit: hold: latency ")
    assert "running nobody watches" in err


def test_an_advance_that_overrules_names_phase_and_reason(flown, capsys):
    folder, flags = flown(10)
    assert told(capsys, "advance", folder, "--reason", "drill")[0] == 10
    assert told(capsys, "advance", folder, "--to", "50", "--reason", "drill")[2] == (
        "cockpit: the next step is 25 %, not 50 %"
    )
    assert told(capsys, "advance", folder, "--to", "25%", "--reason", "drill")[0] == 0
    assert weight(flags) == 25
    assert written(folder, "phase.entered")[-1].facts["override"] is True


@pytest.mark.parametrize(("words", "weights"), [(("advance",), (25, 75)), (("revert",), (0, 100))])
def test_a_dry_run_prints_the_request_and_does_nothing(flown, capsys, words, weights):
    folder, flags = flown(10)
    before = (folder / SESSION).read_bytes(), flags.read_bytes()
    code, out, err = told(capsys, *words, folder, "--dry-run")
    assert (code, err) == (0, "")
    assert f'["on", {weights[0]}], ["off", {weights[1]}]' in out
    assert ((folder / SESSION).read_bytes(), flags.read_bytes()) == before


def test_row_74_a_revert_that_fails_while_somebody_watches_is_left_to_the_watch(flown, capsys):
    folder, flags = flown(25)
    flags.write_text("{", "utf-8")
    lock = watch_lock(folder, Clock().now())
    try:
        code, out, err = told(capsys, "revert", folder)
    finally:
        lock.release()
    assert (code, out) == (20, "")
    assert "REVERT NOT DONE: flag move to 10 % refused: flags.json" in err
    assert "it asks again every 1 s" in err.splitlines()[-1]


def test_row_74_without_a_watch_the_command_asks_again_until_it_is_done(flown, capsys, monkeypatch):
    folder, flags = flown(25)
    good = flags.read_bytes()
    flags.write_text("{", "utf-8")
    tries = []

    async def mended(_seconds):
        tries.append(1)
        if len(tries) == 3:
            flags.write_bytes(good)

    monkeypatch.setattr("cockpit.cli.commands.act.asyncio.sleep", mended)
    code, out, err = told(capsys, "revert", folder)
    assert (code, weight(flags), len(tries)) == (0, 10, 3)
    assert out == "reverted from 25 % to 10 %: by hand (asked for before)"
    assert err.count("REVERT NOT DONE") == 1
    assert kinds(folder).count("flag.intended") == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("freeze", "capsule"), 'freeze capsule: is not known here: did you mean "capsules"?'),
        (("waive", "latncy", "--reason", "x"), 'waive latncy: is not known here: did you mean "latency"?'),
        (("task", "tick", "p9"), "tick p9: is not known here: known: p1.monitor, p1.wf7, p1.analytics"),
        (("incident", "resolve", "i7"), "resolve incident i7: is not known here: known: none"),
        (
            ("advance", "--to", "soon"),
            "argument --to: write the percentage of a phase, such as 25 or 0.5. See cockpit advance --help",
        ),
        (("waive", "latency"), "Missing argument --reason. See cockpit waive --help"),
    ],
)
def test_bad_words_are_one_line_and_exit_2(flown, capsys, words, said):
    folder, _ = flown()
    assert told(capsys, *words, folder) == (2, "", f"cockpit: {said}")
    assert newest(folder).kind == "phase.entered"


def test_a_damaged_session_takes_no_act(flown, capsys):
    folder, _ = flown()
    path = folder / SESSION
    path.write_bytes(path.read_bytes().replace(b'by = "owner"', b'by = "nobody"', 1))
    code, out, err = told(capsys, "pause", folder)
    assert (code, out) == (2, "")
    assert "open it read-only, or restore a copy" in err


def test_an_alarm_is_acknowledged(flown, capsys):
    folder, _ = flown()
    assert told(capsys, "acknowledge", folder)[0] == 10
    facts = {"criterion": "latency", "verdict": "breach", "was": "pass", "since": after(0, Clock().now())}
    put(folder, 10, Draft("verdict.turned", "watch", "latency 812 ms > 500 ms", facts))
    assert told(capsys, "acknowledge", folder)[0] == 0
    assert written(folder, "alarm.acknowledged")[0].by == "cli"
