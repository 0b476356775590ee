"""The alerts of docs/rules: each fires in its own trouble after its own time, none where all is well."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from cockpit.metrics.families import UNKNOWN
from sessions.values.verdicts import Mark
from tests.support.peers.real_programs import program
from tests.support.watch.metrics_page import judged_page

RULES = Path(__file__).parents[3] / "docs" / "rules" / "cockpit.rules.yml"
ALERTS = re.findall(r"^      - alert: (\w+)$", RULES.read_text("utf-8"), re.MULTILINE)
AT = {"job": "cockpit", "instance": "127.0.0.1:9464"}
WELL = {
    "up": "1x300",
    "cockpit_session_info{session='s'}": "1x300",
    "cockpit_judgement_timestamp_seconds": "0+60x300",
    "cockpit_watching": "1x300",
    "cockpit_source_fresh{source='mongo', topic='queue'}": "1x300",
    "cockpit_verdict{criterion='latency', state='pass'}": "1x300",
    "cockpit_verdict{criterion='latency', state='breach'}": "0x300",
    "cockpit_verdict{criterion='latency', state='blind'}": "0x300",
    "cockpit_fuse_burning{risk='csat'}": "0x300",
    "cockpit_flag_confirmed": "1x300",
    "cockpit_gate_open": "0x300",
    "cockpit_paused": "0x300",
    "cockpit_concluded": "0x300",
    "cockpit_incidents_open{severity='P1'}": "0x300",
    "cockpit_week_tasks{state='overdue'}": "0x300",
    "cockpit_fault{part='history'}": "0x300",
}
TROUBLE = {
    "CockpitWatchGone": ({"up": "0x300"}, 3),
    "CockpitWatchStuck": ({"cockpit_judgement_timestamp_seconds": "0x300"}, 4),
    "CockpitNobodyWatches": ({"cockpit_watching": "0x300"}, 3),
    "CockpitSourceBlind": ({"cockpit_source_fresh{source='mongo', topic='queue'}": "0x300"}, 6),
    "CockpitCriterionUnseen": ({"cockpit_verdict{criterion='latency', state='blind'}": "1x300"}, 11),
    "CockpitCriterionBreach": ({"cockpit_verdict{criterion='latency', state='breach'}": "1x300"}, 3),
    "CockpitFuseBurning": ({"cockpit_fuse_burning{risk='csat'}": "1x300"}, 1),
    "CockpitFuseNearlyOver": ({"cockpit_fuse_left_seconds{risk='csat'}": "900-60x300"}, 12),
    "CockpitFlagNotConfirmed": ({"cockpit_flag_confirmed": "0x300"}, 11),
    "CockpitGateOpenUnused": ({"cockpit_gate_open": "1x300"}, 241),
    "CockpitPausedLong": ({"cockpit_paused": "1x300"}, 121),
    "CockpitIncidentOpen": ({"cockpit_incidents_open{severity='P1'}": "2x300"}, 2),
    "CockpitTaskOverdue": ({"cockpit_week_tasks{state='overdue'}": "3x300"}, 31),
    "CockpitFault": ({"cockpit_fault{part='history'}": "1x300"}, 3),
}
"""What is otherwise, and after how many minutes the alert fires."""
ENDED = {"cockpit_concluded": "1x300"}
IN_WEEK = {"cockpit_week_started_timestamp_seconds": "0x300"}
CALM = [
    ({}, ALERTS),
    ({**TROUBLE["CockpitGateOpenUnused"][0], **IN_WEEK}, ["CockpitGateOpenUnused"]),
    *(
        ({**TROUBLE[name][0], **ENDED}, [name])
        for name in ("CockpitGateOpenUnused", "CockpitSourceBlind", "CockpitPausedLong", "CockpitCriterionUnseen")
    ),
]
"""What fires none of the alerts named."""


def series(facts):
    """Name each series with the job and instance of the one watch."""
    for name, values in {**WELL, **facts}.items():
        labels = name.partition("{")[2].rstrip("}").replace("'", '"')
        both = ", ".join(filter(None, (labels, *(f'{key}="{value}"' for key, value in AT.items()))))
        yield {"series": f"{name.partition('{')[0]}{{{both}}}", "values": values}


def proven(tmp_path, tests):
    """Let promtool try the rules."""
    page = {"rule_files": [str(RULES)], "evaluation_interval": "1m", "tests": tests}
    (tmp_path / "tests.json").write_text(json.dumps(page), "utf-8")  # JSON is YAML too
    command = [program("promtool"), "test", "rules", str(tmp_path / "tests.json")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def asking(facts, exprs):
    """One test: how many alerts of a name fire at which minute."""
    tests = [
        {
            "expr": f'count(ALERTS{{alertname="{name}", alertstate="firing"}}) or vector(0)',
            "eval_time": f"{minute}m",
            "exp_samples": [{"labels": "{}", "value": value}],
        }
        for name, minute, value in exprs
    ]
    return {"interval": "1m", "input_series": list(series(facts)), "promql_expr_test": tests}


def test_they_are_rules():
    command = [program("promtool"), "check", "rules", str(RULES)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_each_fires_in_its_trouble_and_not_before_its_time(tmp_path):
    assert list(TROUBLE) == ALERTS
    proven(
        tmp_path,
        [
            asking(facts, [(name, after, 1), (name, max(0, after - 2), 0)])
            for name, (facts, after) in TROUBLE.items()
            if after > 1
        ]
        + [asking(facts, [(name, after, 1)]) for name, (facts, after) in TROUBLE.items() if after == 1],
    )


def test_none_fires_where_all_is_well_or_it_does_not_matter_any_more(tmp_path):
    proven(tmp_path, [asking(facts, [(name, 299, 0) for name in names]) for facts, names in CALM])


def test_two_of_which_one_watches_are_no_trouble(tmp_path):
    other = {"series": 'cockpit_watching{job="cockpit", instance="b"}', "values": "0x10"}
    info = {"series": 'cockpit_session_info{job="cockpit", instance="b", session="s"}', "values": "1x10"}
    test = asking({}, [("CockpitNobodyWatches", 9, 0)])
    proven(tmp_path, [{**test, "input_series": [*test["input_series"], other, info]}])


def test_they_ask_for_nothing_that_is_not_told(tmp_path):
    asked = set(re.findall(r"\bcockpit_\w+", RULES.read_text("utf-8")))
    told = set(re.findall(r"^# TYPE (\w+) ", judged_page(tmp_path), re.MULTILINE))
    assert asked - told == set()
    assert {word for one in re.findall(r'state=~?"([^"]+)"', RULES.read_text("utf-8")) for word in one.split("|")} <= {
        *Mark,
        UNKNOWN,
        "overdue",
    }


@pytest.mark.parametrize("name", ALERTS)
def test_the_page_names_each(name):
    assert f"`{name}`" in (RULES.parents[1] / "metrics.md").read_text("utf-8")
