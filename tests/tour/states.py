"""The states that the tour shows: each a flight folded from entries and readings, judged for real."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from msgspec.structs import replace

from sessions.gate.wording import spoken
from sessions.history.history import History
from sessions.plan.loader import bundled
from sessions.safety.fuses import lit
from sessions.values import readings as r
from tests.support.screen.flags import met
from tests.support.screen.grown_flight import NOW, Flight, ago, entered, flag, mongo, started, traffic

PLAN = bundled()


class Kept(Flight):
    """A flight whose readings can also be written into a history, for the screens that look back."""

    def __init__(self) -> None:
        super().__init__()
        self.readings: list[r.Reading] = []
        self.without: tuple[type[r.Reading], ...] = ()
        """Kinds of readings that do not come in this flight for now."""

    def saw(self, *readings: r.Reading) -> "Kept":
        come = [one for one in readings if not isinstance(one, self.without)]
        self.readings += come
        super().saw(*come)
        return self

    def keep(self, folder: Path) -> None:
        """Write what was read into the history of a folder."""
        history = History(folder / "history.sqlite")
        history.add(tuple(self.readings))
        history.close()


def begun(flight: Kept | None = None) -> Kept:
    flight = flight or Kept()
    entered(started(flight))
    return flight


def calm(flight: Kept | None = None) -> Kept:
    flight = begun(flight)
    met(flag(mongo(traffic(flight))))
    return flight


def fuse(flight: Kept | None = None) -> Kept:
    """All six risks act, a fuse burns, two incidents are open: the fullest that the deck can be."""
    flight = begun(flight)
    traffic(flight, p95={"POST /capsules": 1812.0, "GET /concierge": 640.0}, errors={"POST /returns": 60.0})
    flight.without = (r.Beat,)
    mongo(flight, tickets=123, duplicates=112, shortlists=1400, low=30)
    flight.without, late = (), ago(minutes=14)
    flight.saw(*(r.Beat("mongo", NOW, item.id, ago(hours=3), late, 300) for item in PLAN.journeys))
    met(flag(flight), 812, 333)
    burn(flight)
    for severity in ("P0", "P2"):
        facts = {"incident": f"i{severity}", "severity": severity}
        flight.wrote(ago(minutes=2), "incident.opened", "checkout hangs for logged-in shoppers", by="owner", **facts)
    return flight


def burn(flight: Kept) -> None:
    """Pause and light the fuse of the latency spike, where the plan has that risk."""
    judgement, risk = flight.judged(), PLAN.risk("latency_spike")
    said = judgement.risks.get(risk.id)
    if said is None:
        return
    words = f"paused: {risk.title} {spoken(said)}"
    flight.wrote(ago(minutes=3), "rollout.paused", words, cause=risk.id, evidence=())
    deadline = NOW + timedelta(minutes=11, seconds=42)
    flight.wrote(
        ago(minutes=3), "fuse.lit", lit(judgement, risk, said).text, risk=risk.id, deadline=deadline, evidence=()
    )


def blind(flight: Kept | None = None) -> Kept:
    """Nothing has answered for ten minutes."""
    flight = begun(flight)
    then = ago(minutes=10)
    flag(mongo(traffic(flight, ends=then), at=then), at=then)
    for source, topics in (("scrape", [r.Topic.TRAFFIC]), ("mongo", list(r.Topic)), ("flagd", [r.Topic.FLAG])):
        flight.saw(*(r.Pulse(source, NOW, topic, False, "connection refused", 1.0) for topic in topics))
    return flight


def paused(flight: Kept | None = None) -> Kept:
    flight = calm(flight)
    flight.wrote(ago(minutes=9), "rollout.paused", "paused: by hand", by="owner", cause="by hand", evidence=())
    return flight


def frozen(flight: Kept | None = None) -> Kept:
    flight = calm(flight)
    for flow in PLAN.flows:
        facts = {"flow": flow.id, "cause": "duplication"}
        flight.wrote(ago(minutes=40), "flow.frozen", f"{flow.title} frozen: duplication", by="owner", **facts)
    return flight


def week(flight: Kept | None = None) -> Kept:
    """The third day at 100 %, the first two with their tasks done."""
    flight = flight or Kept()
    started(flight)
    facts = {"phase": 100, "previous": 50, "evidence": ()}
    flight.wrote(ago(days=3), "phase.entered", "100 % entered", by="owner", **facts)
    flight.wrote(ago(days=3), "flag.confirmed", "flag confirmed at 100 %", intent="c", percent=100)
    flight.wrote(ago(days=2), "week.started", "7-day plan started", by="owner", phase=100)
    for chore in flight.judged().week:
        if chore.due_at < ago(hours=4):
            facts = {"task": chore.id, "done": True}
            flight.wrote(chore.due_at, "task.ticked", f"{chore.text} ✔", by="owner", **facts)
    flight.state = replace(flight.state, reached_at=None)
    met(flag(mongo(traffic(flight))))
    return flight


STATES: dict[str, Callable[..., Kept]] = {
    "calm": calm,
    "fuse": fuse,
    "blind": blind,
    "paused": paused,
    "frozen": frozen,
    "week": week,
}
