"""A pre-flight in which all is well: somebody watches, all is ticked, and measured a moment ago."""

from cockpit.runtime.clock import Clock
from sessions.history.history import History
from sessions.storage.folders import HISTORY
from sessions.storage.locks import watch_lock
from sessions.values.entries import Draft
from sessions.values.flag_value import FlagValue
from sessions.values.readings import Topic
from tests.support.build import pulse
from tests.support.watch.watching import documents, made, put, traffic

ASSUMED = ("assume.latency", "assume.growth", "assume.support")


def calm_preflight(folder, held):
    """Make such a session; the right to watch it goes into `held`."""
    now = Clock().now()
    held.append(watch_lock(made(folder), now))
    put(folder, 0, Draft("watch.started", "watch", "watch started", {"pid": 1, "host": "box"}))
    tasks = [Draft("task.ticked", "owner", "t", {"task": task, "done": True}) for task in ASSUMED]
    names = ("capsules", "shortlists", "returns")
    base = Draft("baseline.captured", "watch", "b", {"collections": names, "counts": (100.0, 100.0, 100.0)})
    put(folder, 0, *tasks, base)
    measured(folder, now)
    return folder


def measured(folder, now, **told):
    history = History(folder / HISTORY)
    history.add([*traffic().work(now), *documents(**told).work(now)])
    history.add([FlagValue("session", now, 0), pulse(Topic.FLAG, now)])
    history.close()
