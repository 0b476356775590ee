"""A flight to be reported: entries of a bad day, and a history that goes with them."""

import math
import re

from sessions.gate.evaluate import judge
from sessions.history.history import History
from sessions.reports.html.curves import curves
from sessions.reports.html.document import as_html
from sessions.reports.periods import of_flight
from sessions.values import readings as r
from tests.support.build import PLAN, after, window
from tests.support.sessions.flight import in_phase

LASTED = 5 * 3600
LENGTH = int(PLAN.windows.length)
SPIKE = (7200, 9000)


def entries(text="latency POST /capsules 893 ms"):
    """A pause and a fuse that cleared by themselves, an advance, a revert."""
    pen = in_phase(10, at=60)
    figures = {"subject": "POST /capsules", "value": 893.0, "bound": 500.0, "unit": "ms"}
    pen.write(7300, "rollout.paused", text, cause="Latency spike", risk="latency_spike", evidence=())
    pen.write(7300, "fuse.lit", text, risk="latency_spike", deadline=after(8200), evidence=())
    pen.write(7300, "risk.turned", text, risk="latency_spike", level="act", was="calm", **figures)
    pen.write(8100, "fuse.defused", "clean window", risk="latency_spike", evidence=())
    pen.write(8110, "risk.turned", "calm", risk="latency_spike", level="calm", was="act")
    pen.write(9000, "rollout.resumed", "resumed", by="owner", evidence=())
    pen.write(9100, "note.written", text, by="owner")
    pen.write(10_000, "phase.entered", "25 % entered", phase=25, previous=10, evidence=())
    pen.write(14_000, "phase.entered", "reverted to 10 %", phase=10, previous=25, evidence=())
    return pen


def readings():
    """Windows with one spike, tickets over their bound once, collections that grow."""
    for number, endpoint in enumerate(PLAN.endpoints):
        for start in range(0, LASTED - LENGTH, LENGTH):
            hot = endpoint == "POST /capsules" and SPIKE[0] <= start < SPIKE[0] + 2 * LENGTH
            p95 = 893.0 if hot else 240.0 + 30 * math.sin(start / 900 + number)
            yield window(endpoint, after(start), p95_ms=p95, errors=float(start % 1500 == 0))
    for at in range(0, LASTED, 120):
        yield r.Tickets("mongo", after(at), 23 if 6000 <= at < 6600 else 8, None, (), 0)
        for item in PLAN.collections:
            yield r.Size("mongo", after(at), item.name, 100 + at // (30 if item.name == "capsules" else 600), 0)


def report(folder, pen=None, rows=None, at=LASTED, tz=None):
    """Return the HTML of a flight whose history is made of `rows`."""
    pen = pen or entries()
    history = History(folder / "history.sqlite")
    history.add(list(readings() if rows is None else rows))
    judgement = judge(pen.state, after(at), tz)
    period = of_flight(judgement)
    try:
        return as_html(judgement, period, tz, None, curves(history.thinned, judgement.state, period))
    finally:
        history.close()


def words(report: str) -> list[str]:
    """Return the words of the page of a report, without its marks and without the proof behind it."""
    page = report.partition("\n## Proof\n")[0]
    page = re.sub(r"^#+ ", "", page, flags=re.MULTILINE).replace("**", "")
    return re.sub(r"\\([!-/:-@[-`{-~])", r"\1", page).split()
