"""Where a key stands: headers, arrays, inline tables, quoted and dotted keys, and texts that are no TOML."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.plan.toml_positions import line_of

TEXT = """\
id = "x"
"quoted" = 1

[windows]
length = "5m"

[[phases]]
percent = 10
[[phases.activities]]
id = "a"
[[phases.activities]]
id = "b"

[[phases]]
percent = 25
  [[phases.activities]]
  id = "c"

[criteria.latency]  # with a comment
p95_ms = 500
[ criteria . errors ]
share.of = 1
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("id", 1),
        ("quoted", 2),
        ("windows", 4),
        ("windows.length", 5),
        ("windows.missing", 4),
        ("phases", 7),
        ("phases[0]", 7),
        ("phases[0].percent", 8),
        ("phases[0].activities[1].id", 12),
        ("phases[1]", 14),
        ("phases[1].percent", 15),
        ("phases[1].activities[0].id", 17),
        ("criteria.latency.p95_ms", 20),
        ("criteria.errors.share", 22),
        ("nothing.at.all", 1),
        ("nothing", 1),
    ],
)
def test_a_path_has_a_line(path, line):
    assert line_of(TEXT, path) == line


@given(st.text(max_size=200), st.from_regex(r"[a-z]{1,4}(\[\d\])?(\.[a-z]{1,4}){0,3}", fullmatch=True))
def test_any_text_has_a_line(text, path):
    assert 1 <= line_of(text, path) <= max(1, len(text.splitlines()))


OWNERS = """\
service = "shop"
endpoints = [
  "GET /x",
  "POST /y",  # a comment with [brackets] and "quotes"
]

[sources.prom]
kind = "prometheus"
metrics = { requests = "r", unit = "s" }
queries.p95 = '''
max(
  x)
'''
queries.errors = "e"

[[sources.probe.requests]]
endpoint = "GET /x"
[[sources.probe.requests]]
endpoint = "POST /y"
body = { a = [1, { b = 2 }], c = "}" }

[sources."two words"]
steps = [
  { name = "look", path = "/x" },
  { name = "hold", path = "/y",
    status = [200, 201] },
]
[activities."p1.wf7"]
journey = "wf7"
[keymap]
"log.note" = "f2"
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("service", 1),
        ("endpoints", 2),
        ("endpoints[0]", 3),
        ("endpoints[1]", 4),
        ("endpoints[9]", 2),
        ("sources.prom", 7),
        ("sources.prom.metrics.unit", 9),
        ("sources.prom.queries.p95", 10),
        ("sources.prom.queries.errors", 14),
        ("sources.prom.queries.requests", 10),
        ("sources.probe.requests", 16),
        ("sources.probe.requests[1]", 18),
        ("sources.probe.requests[1].endpoint", 19),
        ("sources.probe.requests[1].body.a[1].b", 20),
        ("sources.probe.requests[1].body.c", 20),
        ("sources.probe.url", 16),
        ("sources.two words.steps[1].name", 25),
        ("sources.two words.steps[1].status", 26),
        ("sources.two words.steps[0].path", 24),
        ("activities.p1.wf7", 28),
        ("activities.p1.wf7.journey", 29),
        ("keymap.log.note", 31),
        ("keymap.log.nope", 30),
    ],
)
def test_what_an_owner_writes_has_a_line(path, line):
    assert line_of(OWNERS, path) == line


def test_a_thousand_brackets_and_a_long_text_are_no_trouble():
    assert line_of("a = " + "[" * 1000 + "]" * 1000 + "\nb = 1", "b") == 2
    assert line_of("a = 1\n" * 100_000 + "b = 1", "b") == 100_001
