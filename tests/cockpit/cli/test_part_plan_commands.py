"""Every command bears a plan that lacks a part: nothing of what is not in it is asked for, and nothing breaks."""

import json

import pytest
import tomli_w

from cockpit.__main__ import run
from sessions.storage.folders import SESSION
from sessions.values.entries import Draft
from tests.support.part_plans import PARTS, PLANS, plan_without, table_without
from tests.support.watch.watching import put

READS = (
    ("status",),
    ("status", "--json"),
    ("status", "--since", "1h"),
    ("check",),
    ("check", "--json"),
    ("task", "list"),
    ("replay",),
    ("replay", "--json"),
    ("export", "--format", "md,html,json"),
    ("export", "--retrospective"),
    ("doctor", "--json"),
    ("note", "it goes on"),
)
CODES = {0, 10, 20, 30}


def said(capsys, *words):
    code = run([*words])
    out, err = capsys.readouterr()
    assert code in CODES, (words, code, err)
    assert "Traceback" not in out + err
    return out


def begun(home, tmp_path, capsys, parts):
    path = tmp_path / "plan.toml"
    path.write_bytes(tomli_w.dumps(table_without(*parts)).encode())
    assert "in order" in said(capsys, "plan", "check", str(path))
    said(capsys, "new", "shop", "--plan", str(path))
    return home / "shop"


def flown(folder, plan):
    """Into the last phase and the week after it, by the letter of the log."""
    put(folder, 0, Draft("watch.started", "watch", "watch started", {"pid": 1, "host": "box"}))
    for before, phase in zip(plan.phases, plan.phases[1:], strict=False):
        facts = {"previous": before.percent, "evidence": ()}
        put(folder, 0, Draft("phase.entered", "owner", f"{phase.percent} % entered", facts, phase.percent))
        confirmed = {"intent": f"i{phase.percent}", "percent": phase.percent}
        put(folder, 0, Draft("flag.confirmed", "watch", "flag confirmed", confirmed, phase.percent))
    put(folder, 0, Draft("week.started", "owner", "7-day plan started", {"evidence": ()}, plan.phases[-1].percent))


@pytest.mark.parametrize("lacking", PLANS)
def test_a_session_of_it_is_read_and_written(home, tmp_path, capsys, monkeypatch, lacking):
    monkeypatch.chdir(tmp_path)
    folder = begun(home, tmp_path, capsys, PLANS[lacking])
    before = json.loads(said(capsys, "status", "shop", "--json"))
    flown(folder, plan_without(*PLANS[lacking]))
    for command, *options in READS:
        words = options if command == "note" else []
        said(capsys, command, *words, *(["shop"] if command != "task" else []), *([] if words else options))
    after = json.loads(said(capsys, "status", "shop", "--json"))
    judged = [name for name, part in (("analytics", "journeys"), ("growth", "collections")) if part in PLANS[lacking]]
    assert not {*judged} & {*before["verdicts"], *after["verdicts"]}
    assert not {*judged} & {row["name"] for row in after["gate"]["conditions"]}
    assert (folder / SESSION).exists()


def test_a_bare_plan_misses_traffic_alone(home, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    begun(home, tmp_path, capsys, tuple(PARTS))
    found = json.loads(said(capsys, "doctor", "shop", "--json"))
    missing = [row["what"] for group in found["groups"] for row in group["findings"] if row["sight"] == "problem"]
    assert missing == ["traffic"]
    conditions = [row["name"] for row in json.loads(said(capsys, "status", "shop", "--json"))["gate"]["conditions"]]
    assert conditions == ["sources", "tasks", "flag", "journal", "running", "incidents"]
