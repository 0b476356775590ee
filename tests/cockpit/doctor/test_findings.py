"""What an examination says: order, words, exit code, plain values; and that one hanging source harms no other."""

import asyncio
import json
import time

import pytest

from cockpit.doctor.findings import FINE, PROBLEM, Examination, Group, as_table, fix_for, lines, tally, told
from cockpit.doctor.run import examine
from cockpit.runtime.finding import Finding, Sight
from cockpit.settings.schema.secrets import Secret, Secrets
from cockpit.sources.interface.source import SourceError
from cockpit.sources.opening import MISSING, Dark
from sessions.values.readings import Topic
from tests.support.build import T0

GOOD = Finding(Sight.GOOD, "reachable", "12 ms")
WEAK = Finding(Sight.WARNING, "clock", "3 s ahead", "set the server's clock")
BAD = Finding(Sight.PROBLEM, "POST /capsules", "no series", "name its metric")


def found(*findings):
    return Examination("cockpit.toml", T0, (Group("metrics", told(findings), ("traffic",), 12.4),))


@pytest.mark.parametrize(
    ("findings", "code", "words"),
    [
        ((GOOD,), FINE, "no problems, no warnings"),
        ((GOOD, WEAK), FINE, "no problems, 1 warning"),
        ((GOOD, WEAK, BAD, BAD), PROBLEM, "2 problems, 1 warning"),
        ((BAD, WEAK, WEAK), PROBLEM, "1 problem, 2 warnings"),
        ((), PROBLEM, "1 problem, no warnings"),
    ],
)
def test_the_sum_and_the_exit_code(findings, code, words):
    assert (found(*findings).code, tally(found(*findings))) == (code, words)


def test_nothing_examined_is_not_fine():
    assert Examination("x", T0, ()).code == PROBLEM
    assert Examination("x", T0, (Group("flag", ()),)).code == PROBLEM


def test_the_worst_stands_first_and_each_fix_below_its_line():
    assert list(lines(found(GOOD, WEAK, BAD))) == [
        "cockpit.toml",
        "",
        "metrics · traffic · 12 ms",
        "  ◆ problem  POST /capsules  no series",
        "                             fix: name its metric",
        "  ▲ warning  clock           3 s ahead",
        "                             fix: set the server's clock",
        "  ● good     reachable       12 ms",
        "",
        "1 problem, 1 warning",
    ]


def test_one_fix_of_several_stands_once_below_the_last():
    rows = [line.strip() for line in lines(found(BAD, BAD, WEAK))]
    assert [rows.count(f"fix: {row.fix}") for row in (BAD, WEAK)] == [1, 1]
    assert rows.index("fix: name its metric") == 5


def test_the_plain_values_are_json_and_say_the_same():
    table = json.loads(json.dumps(as_table(found(GOOD, BAD))))
    assert (table["decision"], table["problems"], table["warnings"]) == ("problem", 1, 0)
    assert table["at"] == T0.isoformat()
    (group,) = table["groups"]
    assert group["findings"][0] == {
        "sight": "problem",
        "what": "POST /capsules",
        "text": "no series",
        "fix": "name its metric",
    }
    assert (group["name"], group["topics"], group["took_ms"]) == ("metrics", ["traffic"], 12.4)


def test_what_others_wrote_is_cleaned():
    (row,) = told([Finding(Sight.GOOD, "a\x1b[31m", "b\u202e\n", "c\x07")])
    assert (row.what, row.text, row.fix) == ("a^[[31m", "b<U+202E> ", "c^G")


@pytest.mark.parametrize(
    ("reason", "fix"),
    [
        ("$COCKPIT_MONGO_URI is not set", "export"),
        ("401, credentials?", "token"),
        ("unknown host", "host's name"),
        ("refused", "running"),
        ("redirected to elsewhere:443", "leads to"),
        ("no answer in 2 s", "timeout"),
        ("something new", "cockpit.toml"),
    ],
)
def test_every_failure_has_a_fix(reason, fix):
    assert fix in fix_for(reason)


class Patient:
    """A source whose examination does as told."""

    interval = 5.0

    def __init__(self, name, work, deadline=0.01, topics=(Topic.TRAFFIC,)):
        self.name, self.work, self.deadline, self.topics = name, work, deadline, topics
        self.closed = False

    async def examine(self, now):
        answer = self.work()
        return await answer if asyncio.iscoroutine(answer) else answer

    async def aclose(self):
        self.closed = True


def raising(error):
    def work():
        raise error

    return work


async def test_row_41_one_that_hangs_is_told_and_the_others_answer():
    hung = Patient("slow", lambda: asyncio.sleep(3600), deadline=0.05)
    sources = [hung, Patient("fast", lambda: [GOOD]), Patient("broken", raising(SourceError("refused")))]
    begun = time.monotonic()
    slow, fast, broken = await examine(sources, lambda: T0, least=0.02)
    assert time.monotonic() - begun < 5
    assert [(row.sight, row.what, row.text) for row in slow.findings] == [
        (Sight.PROBLEM, "traffic", "no answer in 0.15 s")
    ]
    assert fast.findings == (GOOD,)
    assert (broken.findings[0].text, bool(broken.findings[0].fix)) == ("refused", True)
    assert all(source.closed for source in sources)


async def test_all_are_examined_at_once():
    begun, go = [], asyncio.Event()

    async def meet():
        begun.append(1)
        if len(begun) == 3:
            go.set()
        await go.wait()
        return [GOOD]

    groups = await examine([Patient(str(number), meet) for number in range(3)], lambda: T0, least=5)
    assert [group.findings for group in groups] == [(GOOD,)] * 3


@pytest.mark.parametrize("error", [ValueError(), SourceError("x\x1b[2J"), ExceptionGroup("two", [OSError("a")])])
async def test_whatever_is_raised_becomes_one_clean_line(error):
    (group,) = await examine([Patient("odd", raising(error), topics=())], lambda: T0)
    (row,) = group.findings
    assert (row.sight, row.what) == (Sight.PROBLEM, "odd")
    assert row.text
    assert row.text.isprintable()


async def test_a_topic_that_nobody_answers_for_is_a_problem_by_its_name():
    (group,) = await examine([Dark("no source", (Topic.QUEUE, Topic.CSAT), 15.0, MISSING)], lambda: T0)
    assert [(row.sight, row.what, row.text) for row in group.findings] == [
        (Sight.PROBLEM, "queue", MISSING),
        (Sight.PROBLEM, "csat", MISSING),
    ]
    assert all("cockpit new" in row.fix for row in group.findings)


async def test_row_84_a_secret_leaves_in_no_text():
    secrets = Secrets({"TOKEN": "canary-5f1b"})
    secrets.reveal(Secret("${TOKEN}"))
    told_twice = [Finding(Sight.WARNING, "a canary-5f1b", "b canary-5f1b", "c canary-5f1b")]
    sources = [Patient("told", lambda: told_twice), Patient("raised", raising(OSError("no canary-5f1b here")))]
    groups = await examine(sources, lambda: T0, secrets.scrub)
    assert "canary" not in repr(groups)
    assert repr(groups).count("***") == 4


async def test_a_source_that_does_not_close_is_left_behind(monkeypatch):
    monkeypatch.setattr("cockpit.doctor.run._CLOSING", 0.02)
    source = Patient("stuck", lambda: [GOOD])
    source.aclose = lambda: asyncio.sleep(3600)
    assert (await asyncio.wait_for(examine([source], lambda: T0), 5))[0].findings == (GOOD,)
