"""A past for a real Prometheus: samples 15 s apart, an endpoint of its own for each thing that can happen to it."""

import math
import time

STEP, LENGTH = 15, 300
START = int(time.time() // 7200 - 3) * 7200 + 3600
"""Where the window begins that is asked about, in epoch seconds; samples reach from BEFORE to AFTER around it."""

BEFORE, AFTER = -900, 600
BUCKETS = (0.1, 0.25, 0.5, 1.0, 2.5)


class History:
    """Samples by series, written as OpenMetrics."""

    def __init__(self):
        self.samples = {}

    def put(self, name, labels, at, value):
        self.samples.setdefault((name, labels), []).append((at, value))

    def up(self, instance, *, since=BEFORE, until=AFTER, down=(0, 0), job="shop"):
        for at in range(since, until + 1, STEP):
            self.put("up", f'instance="{instance}",job="{job}"', at, 0 if down[0] < at <= down[1] else 1)

    def count(self, endpoint, total, *, since=BEFORE, until=AFTER, status=200, instance="a", job="shop"):
        """`total` gives the counter's value at each time."""
        labels = f'endpoint="/{endpoint}",instance="{instance}",job="{job}",method="GET",status="{status}"'
        for at in range(since, until + 1, STEP):
            self.put("http_requests_total", labels, at, total(at))

    def life(self, job, process, total):
        """An instance of a job of its own: its start, None where it tells none, and what it counted at each time."""
        self.up(job, job=job)
        self.count("life", total, instance=job, job=job)
        for at in range(BEFORE, AFTER + 1, STEP):
            if (start := process(at)) is not None:
                self.put("process_start_time_seconds", f'instance="{job}",job="{job}"', at, START + start)

    def time(self, endpoint, totals, *, since=BEFORE, until=AFTER, instance="a"):
        """`totals` gives the cumulative counts of all buckets at each time; one that is None has no line."""
        for at in range(since, until + 1, STEP):
            for bound, value in zip((*BUCKETS, math.inf), totals(at), strict=True):
                if value is None:
                    continue
                le = "+Inf" if bound == math.inf else f"{bound}"
                labels = f'endpoint="/{endpoint}",instance="{instance}",job="shop",le="{le}",method="GET"'
                self.put("http_request_duration_seconds_bucket", labels, at, value)

    def text(self):
        lines = []
        for name in sorted({name for name, _ in self.samples}):
            lines.append(f"# TYPE {name} gauge")
            for (other, labels), row in self.samples.items():
                lines += [f"{name}{{{labels}}} {value} {START + at}" for at, value in row if other == name]
        return "\n".join([*lines, "# EOF", ""])


def grew(per_scrape, start=1000):
    return lambda at: start + per_scrape * (at - BEFORE) // STEP


def shaped(*shares, per_scrape=20):
    return lambda at: [round(1000 * share + per_scrape * share * (at - BEFORE) / STEP, 3) for share in shares]


def restarted(at):
    """Seven a scrape; the process ended after 120 s and began again at zero."""
    return 1000 + 7 * (at - BEFORE) // STEP if at <= 120 else 7 * (at - 120) // STEP


def odd(at):
    return (at // STEP) % 2


def late(at):
    """Twenty a scrape; the line of 250 ms is there from 150 s on, with all its past."""
    shares = (0.2, 0.5 if at >= 150 else None, 0.9, 0.97, 1, 1)
    return [None if share is None else round(share * grew(20)(at), 3) for share in shares]


def again(*moments):
    """Seven a scrape, since the newest of some moments at which it began again."""
    return lambda at: 7 * (at - max([BEFORE - 900, *(moment for moment in moments if moment <= at)])) // STEP


def lives(told):
    """Write instances that are one process, restart, or are several."""
    told.life("twins", lambda _: None, lambda at: 4000 + 1000 * odd(at))
    told.life("hidden", lambda _: None, lambda at: 400_000 + 100_000 * odd(at) + at)
    told.life("forked", lambda at: -9000 + 0.25 * odd(at), grew(7))
    told.life("clocked", lambda at: -9000 + odd(at), lambda at: 4000 + 1000 * odd(at))
    told.life("rounded", lambda at: -9000 + odd(at), grew(7))
    told.life("once", lambda _: None, again(0))
    told.life("deployed", lambda at: max(moment for moment in (-9000, 0, 120) if moment <= at), again(0, 120))
    told.life("crashing", lambda at: -9000 if at < 0 else at - at % 60, again(*range(0, AFTER, 60)))


def spoken():
    """Write every case."""
    told = History()
    for instance in "ab":
        told.up(instance)
        told.count("steady", grew(7), instance=instance)
        told.time("steady", shaped(0.2, 0.5, 0.9, 0.97, 1, 1), instance=instance)
    told.up("exporter", job="node", down=(BEFORE, AFTER))
    told.count("newborn", grew(7))
    told.count("newborn", lambda _: 5, since=150, status=500)
    told.count("endpoint-born", lambda at: 30 + (at - 30) // STEP, since=30)
    told.time("endpoint-born", lambda _: [0, 0, 10, 30, 30, 30], since=30)
    told.count("burst", grew(7))
    told.count("burst", lambda at: 0 if at <= 0 else 50, status=503)
    told.count("restart", restarted)
    told.time("restart", lambda at: [round(share * restarted(at), 3) for share in (0.2, 0.5, 0.9, 0.97, 1, 1)])
    told.count("gone", grew(7), until=150)
    told.count("long-gone", grew(7), until=-60)
    told.count("moved", grew(7), until=150, instance="a")
    told.count("moved", lambda at: 7 * (at - 150) // STEP, since=165, instance="b")
    told.count("capped", grew(7))
    told.time("capped", shaped(0.2, 0.5, 0.6, 0.7, 0.8, 1))
    told.count("quiet", lambda _: 1000)
    told.time("quiet", lambda _: [1, 2, 3, 4, 5, 5])
    told.up("young", since=150)
    told.put("process_start_time_seconds", 'instance="young",job="shop"', 150, START + 140)
    told.count("young", lambda _: 5, since=150, instance="young", status=500)
    told.up("old", since=150)
    told.put("process_start_time_seconds", 'instance="old",job="shop"', 150, START - 90000)
    told.count("old", lambda at: 100_000 + at, since=150, instance="old")
    told.up("back", down=(BEFORE - 1, 150))
    told.count("back", lambda at: 50_000 + at, since=165, instance="back")
    told.count("unlabelled", grew(7), status="")
    told.count("refused", grew(7), status=404)
    told.count("late", grew(20))
    told.time("late", late)
    told.count("torn", grew(20))
    told.time("torn", lambda at: [grew(30, 0)(at) if bound == 0.5 else grew(20)(at) for bound in (*BUCKETS, math.inf)])
    lives(told)
    return told
