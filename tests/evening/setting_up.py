"""What an owner edits: what makes a plan of `cockpit init` a rehearsal of minutes."""

import re

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
