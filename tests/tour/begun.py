"""The states of a beginning: nothing has answered yet, all answers and nothing is ticked, all is ticked, 10 % soaks."""

from collections.abc import Callable
from datetime import timedelta

from sessions.values import readings as r
from tests.support.screen.flags import met
from tests.support.screen.grown_flight import NOW, PLAN, RECORDS, flag, mongo, traffic
from tests.tour.states import Kept

JUST = NOW - timedelta(seconds=3)
ANSWERS = (*(topic.value for topic in RECORDS), r.Topic.TRAFFIC.value, r.Topic.FLAG.value)


def asking() -> Kept:
    """The watch has just begun, and no source has had the time to answer."""
    flight = Kept()
    flight.wrote(JUST, "session.started", "session demo started", name="demo", plan="cl7")
    flight.wrote(JUST, "watch.started", "watch started", pid=1, host="here", answers=ANSWERS)
    return flight


def first() -> Kept:
    """Every source answers; the assumptions are not confirmed."""
    flight, begin = Kept(), NOW - timedelta(hours=1)
    flight.wrote(begin, "session.started", "session demo started", name="demo", plan="cl7")
    flight.wrote(begin, "watch.started", "watch started", pid=1, host="here", answers=ANSWERS)
    names = tuple(item.name for item in PLAN.collections)
    facts = {"collections": names, "counts": ("922", "2400", "320")}
    flight.wrote(begin, "baseline.captured", "baseline captured", **facts)
    flag(mongo(traffic(flight), shortlists=0))
    return met(flight, 294, 0)


def opened() -> Kept:
    flight = first()
    for task in PLAN.phases[0].activities:
        flight.wrote(NOW, "task.ticked", f"{task.text} ✔", by="owner", task=task.id, done=True)
    return flight


def soaking() -> Kept:
    """10 % was entered a minute ago: windows and soak run, the tasks are open."""
    flight, at = opened(), NOW - timedelta(minutes=1)
    flight.wrote(at, "phase.entered", "10 % entered", by="owner", phase=10, previous=0, evidence=())
    flight.wrote(at, "flag.confirmed", "flag confirmed at 10 %", intent="a", percent=10)
    flag(mongo(traffic(flight), shortlists=0))
    return flight


BEGUN: dict[str, Callable[[], Kept]] = {"asking": asking, "first": first, "opened": opened, "soaking": soaking}
