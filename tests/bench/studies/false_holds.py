"""How often the gate holds although the letter of the plan is met, and why: made-up histories, last asked at their end.

The other way round is no matter of counting: the gate is never open where the letter is not met, see the property
tests/sessions/gate/test_never_green.py.
"""

from collections import Counter
from collections.abc import Collection

from tools.row import Row

from tests.support.worlds.retold import Retold, retold

A_ROUND = 400
"""So many histories are flown in each round."""

CAUSES: tuple[tuple[str, Collection[str], Collection[str]], ...] = (
    ("A list was cut, or a heartbeat gone", ("cut_list", "queue_cut", "heartless"), ()),
    ("Two processes, or a restart or two", ("two_processes", "restart"), ()),
    ("The clock was put back", ("clock_moved",), ("analytics silent",)),
    ("The p95 cannot be told", ("coarse_buckets",), ("latency silent", "latency thin")),
    ("A log that is late", ("all_late", "stragglers"), ()),
    ("Events that come late", ("events_late",), ()),
    ("The clock was set", ("clock_moved",), ()),
    ("Dark for a while", ("dark", "flickers", "vanished", "asleep"), ()),
    ("It breached for a while", ("slow", "failures", "burst", "documents", "alert", "critical_line", "incident"), ()),
    ("Nobody came for a while", ("nobody_came", "few_came", "events_lost"), ()),
)
"""Each cause with what goes wrong in such a history, and what then holds where it matters: the first that fits."""


def measure(rounds: int) -> list[Row]:
    """Fly so many rounds of histories, and count what holds their gates at the end."""
    told = [retold(seed) for seed in range(A_ROUND * rounds)]
    met = [one for one in told if one.met]
    causes = Counter(_cause(one) for one in met if one.held)
    rows = [
        Row("Histories", len(told), "", "", f"{sum(one.opened for one in told)} opened their gate at some time"),
        Row("Open, and the letter not met", sum(bool(one.lies) for one in told), "", "0", "looked at all through"),
        Row("The letter met at the end", len(met), "", "", f"the gate held in {sum(causes.values())} of them"),
    ]
    return [*rows, *(Row(cause, count, "held", "", "") for cause, count in causes.most_common())]


def _cause(one: Retold) -> str:
    kinds = {told.split()[0] for told in one.told}
    found = (cause for cause, wrong, held in CAUSES if kinds & {*wrong} and (not held or {*one.held} & {*held}))
    return next(found, "Other")
