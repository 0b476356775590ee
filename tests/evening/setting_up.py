"""What an owner writes: the plan by hand, and the edits that make a plan of `cockpit init` a rehearsal of minutes."""

import re

PLAN = """\
id = "{id}"
title = "{title}"
flag = "{flag}"
endpoints = {endpoints}

[windows]
length = "8s"
settle = "4s"
count = 2
min_requests = 20
minute = "4s"

[soak]
coverage = 90
hole = "30s"
tail = "8s"

[cadence]
traffic = "1s"
mongo = "1s"
flag = "1s"
tick = "500ms"
traffic_stale = "60s"
mongo_stale = "60s"
flag_stale = "30s"
deadline = "20s"
data_latency = "5m"

[[preflight]]
id = "told"
text = "Support knows of it"

[[phases]]
percent = 5
title = "Some"
soak = "15s"
[[phases.activities]]
id = "some.looked"
text = "Look at a page as a user"

[[phases]]
percent = 50
title = "Half"
soak = "15s"
[[phases.activities]]
id = "half.looked"
text = "Look at a page as a user"

[criteria.latency]
p95_ms = 400
spike_factor = 2

[criteria.errors]
share = 8
spike_errors = 5
spike_share = 20
"""

NOBODY_LOGS = """
[criteria.incidents]
log = false
"""


def plan(name: str, flag: str, endpoints: tuple[str, ...], *more: str) -> str:
    """Return a plan of two phases with short windows: what a rehearsal flies in two minutes."""
    listed = "[" + ", ".join(f'"{one}"' for one in endpoints) + "]"
    return PLAN.format(id=name, title=name.title(), flag=flag, endpoints=listed) + "".join(more)


QUICK = {
    r'^length = "5m"$': 'length = "8s"',
    r'^settle = "30s"$': 'settle = "2s"',
    r"^count = 3$": "count = 2",
    r'^minute = "1m"$': 'minute = "4s"',
    r"^coverage = 95$": "coverage = 90",
    r'^hole = "30m"$': 'hole = "30s"',
    r'^tail = "30m"$': 'tail = "8s"',
    r'^traffic = "15s"$': 'traffic = "1s"',
    r'^flag = "30s"$': 'flag = "1s"',
    r'^tick = "1s"$': 'tick = "500ms"',
    r'^soak = "\d+h"$': 'soak = "15s"',
    r"^percent = 10$": "percent = 5",
    r"^percent = 50$": "percent = 60",
    r"^percent = 25$": "percent = 50",
    r"^share = 1$": "share = 8",
    r"^spike_share = 5$": "spike_share = 20",
    r"^watch = 1$": "watch = 8",
    r"^act = 2$": 'act = 12\nautomatic = ["pause", "fuse"]\nfuse = "12s"\nat_zero = "revert"',
    r'^fuse = "15m"$': 'fuse = "90s"',
}
"""What is edited in the plan that `cockpit init` writes: windows of seconds, other bounds."""


def rehearsal(text: str) -> str:
    """Return the plan with those edits; each must find its line."""
    for line, other in QUICK.items():
        text, found = re.subn(line, other, text, flags=re.MULTILINE)
        assert found, line
    return text
